"""What the cells of contractors.csv and jobs.csv mean, and which rows are rejected, with what reason."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import shapely

from dispatch.tables import default_unserved_cost, read_contractors, read_jobs
from dispatch.types import BreakRule, Contractor, Job, Shift, Window
from geo.area import to_geojson, to_wkt
from geo.point import Point

ON = date(2026, 11, 24)
TZ = ZoneInfo("America/Chicago")


def at(hours: int, minutes: int = 0) -> datetime:
    """The instant of a clock time of that day, six hours behind UTC."""
    return datetime(2026, 11, 24, 6, 0, tzinfo=UTC) + timedelta(hours=hours, minutes=minutes)


def jobs(tmp_path, *, on=ON, **cells):
    """Read one job whose cells are as usual but for those named."""
    row = {"id": "J1", "trade": "plumber", "lon": "-71.25", "lat": "-29.9", "duration_min": "60"} | cells
    path = tmp_path / "jobs.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", encoding="utf-8")
    return read_jobs(path, on, TZ)


def contractors(tmp_path, *, on=ON, **cells):
    """Read one contractor whose cells are as usual but for those named."""
    usual = {"id": "C1", "name": "Ana", "trades": "plumber", "lon": "-71.25", "lat": "-29.9"}
    row = usual | {"shift_start": "08:00", "shift_end": "17:00"} | cells
    path = tmp_path / "contractors.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((row, row.values()))
    return read_contractors(path, on, TZ)


def test_a_job_with_its_required_cells_alone_takes_the_defaults(tmp_path):
    table = jobs(tmp_path)
    assert table.rows == (Job("J1", "plumber", Point(-71.25, -29.9), 3600, 10_800),)
    assert (table.rejected, table.warnings) == ((), ())


def test_every_cell_of_a_job_is_read(tmp_path):
    table = jobs(
        tmp_path,
        address="Calle Balmaceda",
        window_start="22:00",
        window_end="25:30",
        priority="70",
        unserved_cost="5",
        skills=" gas ;; heights;",
        preferred_contractor="C1",
        required_contractor="C2",
        excluded_contractors="C3;C4",
    )
    assert table.rows == (
        Job(
            "J1",
            "plumber",
            Point(-71.25, -29.9),
            3600,
            5,
            address="Calle Balmaceda",
            window=Window(at(22), at(25, 30)),
            priority=70,
            skills=frozenset({"gas", "heights"}),
            preferred_contractor="C1",
            required_contractor="C2",
            excluded_contractors=frozenset({"C3", "C4"}),
        ),
    )


def test_every_cell_of_a_contractor_is_read(tmp_path):
    table = contractors(
        tmp_path,
        trades="plumber; hvac",
        end_lon="-71.3",
        end_lat="-30",
        skills="gas",
        break_start="12:00",
        break_end="13:30",
        break_min="30",
        max_jobs="8",
        max_travel_min="90",
        cost_per_hour="1800",
        cost_per_km="20",
        cost_fixed="600",
    )
    assert table.rows == (
        Contractor(
            "C1",
            "Ana",
            frozenset({"plumber", "hvac"}),
            Point(-71.25, -29.9),
            Shift(at(8), at(17)),
            end=Point(-71.3, -30.0),
            skills=frozenset({"gas"}),
            breaks=(BreakRule(at(12), at(13, 30), 1800),),
            max_jobs=8,
            max_travel_s=5400,
            cost_per_hour=1800,
            cost_per_km=20,
            cost_fixed=600,
        ),
    )


@pytest.mark.parametrize(("priority", "points"), [(0, 675), (50, 10_800), (75, 43_200), (100, 172_800), (60, 18_804)])
def test_leaving_a_job_out_costs_double_for_every_twelve_and_a_half_of_priority(tmp_path, priority, points):
    assert default_unserved_cost(priority) == points
    assert jobs(tmp_path, priority=str(priority)).rows[0].unserved_cost == points


@pytest.mark.parametrize("priority", [-1, 101])
def test_a_priority_outside_0_to_100_has_no_price(priority):
    with pytest.raises(ValueError, match=f"priority {priority}"):
        default_unserved_cost(priority)


@pytest.mark.parametrize(
    ("cells", "window"),
    [
        ({"window_start": "09:00", "window_end": ""}, Window(at(9), None)),
        ({"window_start": "", "window_end": "12:00"}, Window(None, at(12))),
        ({"window_start": "09:00", "window_end": "09:00"}, Window(at(9), at(9))),
        ({"window_start": "", "window_end": ""}, None),
    ],
)
def test_a_window_may_have_one_side_or_be_one_minute_or_none(tmp_path, cells, window):
    assert jobs(tmp_path, **cells).rows[0].window == window


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"id": " "}, "id", "give every job an id"),
        ({"trade": ""}, "trade", "plumber"),
        ({"lon": "west"}, "lon", "'west' is not a number"),
        ({"lon": "nan"}, "lon", "not a number"),
        ({"lon": ""}, "lon", "lon is empty"),
        ({"lon": '"-71,25"'}, "lon", "a decimal point, not a comma"),
        ({"lat": "1e999"}, "lat", "-90 to 90"),
        ({"lon": "181"}, "lon", "-180 to 180"),
        ({"lon": "-29.9", "lat": "-171.25"}, "lat", "look swapped"),
        ({"duration_min": ""}, "duration_min", "1 to 1440"),
        ({"duration_min": "0"}, "duration_min", "from 1 to 1,440"),
        ({"duration_min": "2400"}, "duration_min", "'2400'"),
        ({"duration_min": "45.5"}, "duration_min", "whole number of minutes"),
        ({"duration_min": "-5"}, "duration_min", "'-5'"),
        ({"duration_min": "9" * 5000}, "duration_min", "from 1 to 1,440"),
        ({"priority": "101"}, "priority", "from 0 to 100"),
        ({"priority": "high"}, "priority", "'high'"),
        ({"unserved_cost": "-1"}, "unserved_cost", "points"),
        ({"unserved_cost": "10000000000"}, "unserved_cost", "1,000,000,000"),
        ({"window_start": "9am"}, "window_start", "07:30"),
        ({"window_start": "14:00", "window_end": "12:00"}, "window_end", "closes before it opens at 14:00"),
        ({"window_start": "22:00", "window_end": "02:00"}, "window_end", "26:00 for the next day"),
    ],
)
def test_a_job_that_cannot_be_read_is_rejected_with_line_column_value_and_remedy(tmp_path, cells, column, says):
    table = jobs(tmp_path, **cells)
    assert table.rows == ()
    (rejected,) = table.rejected
    assert (rejected.file, rejected.line, rejected.column) == ("jobs.csv", 2, column)
    assert rejected.id == ("" if column == "id" else "J1")
    assert says in rejected.reason
    assert len(rejected.reason) < 300


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"trades": ""}, "trades", "at least one trade"),
        ({"trades": " ; "}, "trades", "names no trade"),
        ({"shift_start": ""}, "shift_start", "shift_start is empty"),
        ({"shift_end": "48:00"}, "shift_end", "'48:00'"),
        ({"shift_end": "32:01"}, "shift_end", "at most 24 hours"),
        ({"end_lon": "-71"}, "end_lat", "end_lat is empty"),
        ({"end_lat": "-29"}, "end_lon", "end_lon is empty"),
        ({"break_start": "12:00"}, "break_end", "all three or none"),
        ({"break_min": "30"}, "break_start", "all three or none"),
        ({"break_start": "12:00", "break_end": "13:00", "break_min": "0"}, "break_min", "from 1 to"),
        ({"max_jobs": "0"}, "max_jobs", "from 1 to"),
        ({"max_jobs": "2.5"}, "max_jobs", "whole number"),
        ({"max_travel_min": "-1"}, "max_travel_min", "from 0 to"),
        ({"cost_per_hour": "1.5"}, "cost_per_hour", "points"),
        ({"cost_per_km": "free"}, "cost_per_km", "'free'"),
        ({"cost_fixed": "-2"}, "cost_fixed", "'-2'"),
        ({"service_area": "Springfield"}, "service_area", "no well-known text"),
        ({"service_area": '{"type": "Polygon"'}, "service_area", "is no JSON"),
        ({"service_area": '{"type": "Point", "coordinates": [0, 0]}'}, "service_area", "Polygon"),
        ({"service_area": "POLYGON((0 0, 1 0, 1 1, 0 0))"}, "service_area", "is longitude first?"),
    ],
)
def test_a_contractor_who_cannot_be_read_is_rejected_with_column_value_and_remedy(tmp_path, cells, column, says):
    table = contractors(tmp_path, **cells)
    assert table.rows == ()
    (rejected,) = table.rejected
    assert (rejected.file, rejected.line, rejected.column, rejected.id) == ("contractors.csv", 2, column, "C1")
    assert says in rejected.reason


def test_a_number_that_a_program_wrote_as_a_decimal_is_whole_all_the_same(tmp_path):
    assert jobs(tmp_path, duration_min="60.0").rows[0].duration_s == 3600


def test_the_limits_of_a_duration_are_allowed(tmp_path):
    assert [jobs(tmp_path, duration_min=text).rows[0].duration_s for text in ("1", "1440")] == [60, 86_400]


def test_a_row_with_several_faults_is_rejected_once_for_the_first_column_and_names_all(tmp_path):
    (rejected,) = jobs(tmp_path, priority="high", duration_min="0", lon="x").rejected
    assert rejected.column == "lon"
    assert all(text in rejected.reason for text in ("'high'", "'0'", "'x'"))


@pytest.mark.parametrize(
    ("start", "end", "shift"),
    [
        ("08:00", "17:00", Shift(at(8), at(17))),
        ("22:00", "06:00", Shift(at(22), at(30))),
        ("08:00", "08:00", Shift(at(8), at(32))),
        ("18:00", "25:30", Shift(at(18), at(25, 30))),
        ("24:30", "08:00", Shift(at(24, 30), at(32))),
    ],
)
def test_a_shift_that_ends_at_or_before_its_start_ends_on_the_next_day(tmp_path, start, end, shift):
    assert contractors(tmp_path, shift_start=start, shift_end=end).rows[0].shift == shift


@pytest.mark.parametrize(
    ("shift", "pause", "rule"),
    [
        (("22:00", "06:00"), ("23:30", "01:00", "30"), BreakRule(at(23, 30), at(25), 1800)),
        (("22:00", "06:00"), ("02:00", "03:00", "45"), BreakRule(at(26), at(27), 2700)),
        (("08:00", "17:00"), ("08:00", "09:00", "30"), BreakRule(at(8), at(9), 1800)),
        (("08:00", "17:00"), ("16:30", "23:00", "30"), BreakRule(at(16, 30), at(23), 1800)),
        (("08:00", "17:00"), ("08:00", "08:00", "540"), BreakRule(at(8), at(8), 32_400)),
    ],
)
def test_break_times_are_the_first_such_clock_times_from_the_start_of_the_shift_on(tmp_path, shift, pause, rule):
    columns = ("shift_start", "shift_end", "break_start", "break_end", "break_min")
    table = contractors(tmp_path, **dict(zip(columns, (*shift, *pause), strict=True)))
    assert table.rejected == ()
    assert table.rows[0].breaks == (rule,)


@pytest.mark.parametrize(
    "pause",
    [
        ("16:31", "17:00", "30"),  # from 16:31 on it ends at 17:01
        ("07:00", "09:00", "30"),  # the first 07:00 from 08:00 on is after the shift
        ("18:00", "19:00", "30"),
        ("13:00", "12:00", "30"),
        ("08:00", "09:00", "541"),
    ],
)
def test_a_break_that_the_shift_cannot_hold_rejects_the_row(tmp_path, pause):
    cells = dict(zip(("break_start", "break_end", "break_min"), pause, strict=True))
    table = contractors(tmp_path, **cells)
    assert table.rows == ()
    assert table.rejected[0].column in ("break_start", "break_end")
    assert all(text in table.rejected[0].reason for text in pause)


def test_a_skipped_shift_start_works_and_is_warned_about_with_file_line_column_and_id(tmp_path):
    table = contractors(tmp_path, on=date(2026, 3, 8), shift_start="02:30")
    assert table.rows[0].shift.starts_at == datetime(2026, 3, 8, 8, 0, tzinfo=UTC)
    (warning,) = table.warnings
    assert warning.startswith("contractors.csv line 2, column shift_start, id C1: 02:30 on 2026-03-08 does not exist")


def test_a_night_shift_over_a_change_of_clocks_lasts_what_it_lasts(tmp_path):
    shift = contractors(tmp_path, on=date(2026, 3, 7), shift_start="22:00", shift_end="06:00").rows[0].shift
    assert shift.ends_at - shift.starts_at == timedelta(hours=7)


def test_a_doubled_window_and_break_mean_their_first_occurrence_and_are_warned_about(tmp_path):
    back = date(2026, 11, 1)
    table = jobs(tmp_path, on=back, window_start="01:30", window_end="03:00")
    assert table.rows[0].window == Window(
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)
    )
    assert "column window_start, id J1: 01:30 on 2026-11-01 comes twice" in table.warnings[0]
    pause = {"break_start": "01:30", "break_end": "02:30", "break_min": "30"}
    table = contractors(tmp_path, on=back, shift_start="00:30", **pause)
    assert table.rows[0].breaks[0].earliest_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert "column break_start, id C1" in table.warnings[0]


def test_a_rejected_row_is_not_warned_about_as_well(tmp_path):
    table = contractors(tmp_path, on=date(2026, 3, 8), shift_start="02:30", trades="")
    assert (len(table.rejected), table.warnings) == (1, ())


SQUARE = shapely.box(-71.5, -30, -71, -29.5)


@pytest.mark.parametrize("cell", [to_wkt(SQUARE), json.dumps(to_geojson(SQUARE))])
def test_a_service_area_is_well_known_text_or_the_text_of_a_geometry(tmp_path, cell):
    (person,) = contractors(tmp_path, service_area=cell).rows
    assert person.area.equals(SQUARE)
    assert (person.serves(person.home), person.serves(Point(-70.9, -29.9))) == (True, False)


def test_who_has_no_service_area_goes_anywhere(tmp_path):
    (person,) = contractors(tmp_path, service_area="").rows
    assert (person.area, person.serves(Point(20.0, 60.0))) == (None, True)
