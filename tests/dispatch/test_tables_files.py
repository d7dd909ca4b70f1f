"""Whole files: how they may be saved, what makes one unreadable, ids that repeat, and writing what reads back equal."""

import string
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.tables import (
    CONTRACTOR_COLUMNS,
    JOB_COLUMNS,
    contractor_row,
    default_unserved_cost,
    job_row,
    read_contractors,
    read_jobs,
    write_contractors,
    write_jobs,
)
from dispatch.types import BreakRule, Contractor, Job, Shift, Window
from geo.point import Point
from routing.errors import UnreadableFile

ON = date(2026, 11, 24)
TZ = ZoneInfo("America/Santiago")
HEADING = "id,trade,lon,lat,duration_min,address"


@pytest.fixture
def read(tmp_path):
    """Read jobs from the text or bytes of a file."""

    def of(content: str | bytes):
        path = tmp_path / "jobs.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_jobs(path, ON, TZ)

    return of


def ids(table):
    return [row.id for row in table.rows]


def test_rows_are_sorted_by_id_as_text(read):
    table = read(f"{HEADING}\nJ2,a,1,2,3,\nJ10,a,1,2,3,\nJ1,a,1,2,3,\n")
    assert ids(table) == ["J1", "J10", "J2"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_mark_do_not_matter(read, end, mark):
    table = read(mark + end.join([HEADING, "J1,plumber,-71.2,-29.9,60,Calle Ñuñoa", ""]))
    assert (table.rows[0].address, table.rejected, table.warnings) == ("Calle Ñuñoa", (), ())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_read_from_the_heading(read, delimiter):
    lines = [delimiter.join(HEADING.split(",")), delimiter.join(["J1", "plumber", "1", "2", "60", '"Calle 1, x; y"'])]
    assert read("\n".join(lines)).rows[0].address == "Calle 1, x; y"


def test_a_quoted_list_stands_in_a_file_with_semicolons(read):
    table = read('id;trade;lon;lat;duration_min;skills\nJ1;plumber;1;2;60;"gas;heights"\n')
    assert table.rows[0].skills == {"gas", "heights"}


def test_headings_may_be_in_any_order_and_case_with_blanks_around(read):
    table = read(" Duration_Min ,LAT,lon,Trade,ID\n60,2,1,plumber,J1\n")
    assert table.rows == (Job("J1", "plumber", Point(1.0, 2.0), 3600, 10_800),)


def test_columns_that_mean_nothing_are_ignored_with_one_warning_that_names_them(read):
    table = read(f"{HEADING},Colour,,Rating\nJ1,a,1,2,3,,red,,5\nJ2,a,1,2,3,,red,,5\n")
    assert ids(table) == ["J1", "J2"]
    assert len(table.warnings) == 1
    assert "Colour, (column 8, without a name), Rating" in table.warnings[0]


def test_quoted_cells_may_hold_commas_quotes_and_line_breaks_and_lines_still_count_from_the_top(read):
    table = read(f'{HEADING}\nJ1,a,1,2,3,"Calle ""B"",\nfondo"\n\nJ2,a,1,2,zero,\n')
    assert table.rows[0].address == 'Calle "B",\nfondo'
    assert [(row.id, row.line) for row in table.rejected] == [("J2", 5)]


def test_blank_lines_and_lines_of_empty_cells_are_skipped(read):
    table = read(f"\n{HEADING}\n\n,,,,,\n  \nJ1,a,1,2,3,\n\n")
    assert (ids(table), table.rejected) == (["J1"], ())


def test_rows_too_short_or_too_long_are_rejected_and_the_rest_is_read(read):
    table = read(f"{HEADING}\nJ1,a,1,2\nJ2,a,1,2,3,Calle 1, fondo\nJ3,a,1,2,3,\n")
    assert ids(table) == ["J3"]
    assert [(row.line, row.id, row.column) for row in table.rejected] == [
        (2, "J1", "duration_min"),
        (3, "J2", "address"),
    ]
    assert "4 of 6 cells" in table.rejected[0].reason
    assert "double quotes" in table.rejected[1].reason


def test_bytes_that_are_not_utf_8_reject_their_row_alone(read):
    rows = "J1,a,1,2,3,Ñuble\nJ\xe9,a,1,2,3,\nJ3,a,1,2,3,Calle Per\xfa\n".encode("latin-1").replace(
        b"\xd1", "Ñ".encode()
    )
    table = read(HEADING.encode() + b"\n" + rows)
    assert ids(table) == ["J1"]
    assert [(row.line, row.column, row.id) for row in table.rejected] == [(3, "id", "J\ufffd"), (4, "address", "J3")]
    assert "not UTF-8" in table.rejected[1].reason
    assert "Calle Per\ufffd" in table.rejected[1].reason


def test_a_quote_that_does_not_close_rejects_its_row_and_not_those_after_it(read):
    table = read(f'{HEADING}\nJ1,a,1,2,3,"Calle 1\nJ2,a,1,2,3,\nJ3,a,1,2,3,"Calle 3"\nJ4,a,1,2,3,"x"y\nJ5,a,1,2,3,\n')
    assert ids(table) == ["J2", "J3", "J5"]
    assert [(row.line, row.id) for row in table.rejected] == [(2, "J1"), (5, "J4")]
    assert "close every double quote" in table.rejected[0].reason


def test_all_rows_with_the_same_id_are_rejected_each_naming_the_others(read):
    table = read(f"{HEADING}\nJ1,a,1,2,3,\nJ2,a,1,2,3,\n J1 ,a,1,2,3,\nJ1,a,1,2,zero,\n")
    assert ids(table) == ["J2"]
    assert [(row.line, row.column) for row in table.rejected] == [(2, "id"), (4, "id"), (5, "id")]
    assert "lines 4, 5;" in table.rejected[0].reason
    assert "lines 2, 5;" in table.rejected[1].reason
    assert "lines 2, 4;" in table.rejected[2].reason
    assert "'zero'" in table.rejected[2].reason


def test_an_id_on_every_line_names_a_few_lines_and_counts_the_rest(read):
    table = read(f"{HEADING}\n" + "J1,a,1,2,3,\n" * 1000)
    assert len(table.rejected) == 1000
    assert all("and 994 more" in row.reason for row in table.rejected)


def test_rows_without_an_id_are_not_twins(read):
    table = read(f"{HEADING}\n,a,1,2,3,\n,a,1,2,3,\n")
    assert ["also" in row.reason for row in table.rejected] == [False, False]


def test_a_file_of_headings_alone_holds_nothing(read):
    assert read(HEADING) == read(HEADING + "\n")
    assert (read(HEADING).rows, read(HEADING).rejected) == ((), ())


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", 0, "is empty"),
        (b"\xef\xbb\xbf \n\n", 0, "is empty"),
        (b"PK\x03\x04\x00", 0, "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1", 0, "Excel"),
        ("id,trade".encode("utf-16"), 0, "UTF-16"),
        (b"id,trade\0", 0, "no text file"),
        (b"\nid,trade,lon,lat\nJ1,a,1,2\n", 2, "lacks duration_min; it has: id, trade, lon, lat."),
        (b"id,trade,lon,lat,duration_min,ID\n", 1, "has id twice"),
        (b'id,trade,lon,lat,duration_min,"address\n', 1, "heading cannot be read"),
        (b"J1,plumber,1,2,60\n", 1, "lacks id, trade, lon, lat, duration_min"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(read, content, line, says):
    with pytest.raises(UnreadableFile) as refused:
        read(content)
    assert refused.value.line == line
    assert says in refused.value.reason


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="no such file"):
        read_contractors(tmp_path / "contractors.csv", ON, TZ)
    with pytest.raises(UnreadableFile, match="is a folder"):
        read_contractors(tmp_path, ON, TZ)


def test_thousands_of_rows_keep_their_values(read):
    table = read(HEADING + "\n" + "".join(f"J{i:05d},a,{i / 1000},2,{1 + i % 1440},\n" for i in range(20_000)))
    assert len(table.rows) == 20_000
    assert table.rows[12_345] == Job("J12345", "a", Point(12.345, 2.0), 60 * (1 + 12_345 % 1440), 10_800)


def test_a_row_is_what_a_person_would_type():
    starts_at = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # 22:00 of the 24th in Santiago
    contractor = Contractor(
        "C1",
        "Ana",
        frozenset({"plumber", "hvac"}),
        Point(-71.25, -29.9),
        Shift(starts_at, starts_at + timedelta(hours=8)),
        breaks=(BreakRule(starts_at + timedelta(hours=3), starts_at + timedelta(hours=4), 1800),),
    )
    row = contractor_row(contractor, ON, TZ)
    assert tuple(row) == CONTRACTOR_COLUMNS
    assert {column: text for column, text in row.items() if text} == {
        "id": "C1",
        "name": "Ana",
        "trades": "hvac;plumber",
        "lon": "-71.25",
        "lat": "-29.9",
        "shift_start": "22:00",
        "shift_end": "06:00",
        "break_start": "01:00",
        "break_end": "02:00",
        "break_min": "30",
    }
    window = Window(None, starts_at + timedelta(hours=3, minutes=30))
    job = Job("J1", "plumber", Point(1.0, 2.0), 1800, 0, window=window)
    assert tuple(job_row(job, ON, TZ)) == JOB_COLUMNS
    assert {column: text for column, text in job_row(job, ON, TZ).items() if text} == {
        "id": "J1",
        "trade": "plumber",
        "lon": "1.0",
        "lat": "2.0",
        "duration_min": "30",
        "window_end": "25:30",
        "unserved_cost": "0",
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"duration_s": 90}, "90 s is not a number of whole minutes"),
        ({"address": " x"}, "blank"),
        ({"id": ""}, "id is empty"),
        ({"skills": frozenset({"gas;heights"})}, "separates names"),
        ({"window": Window(datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC), None)}, "whole minute"),
        ({"window": Window(datetime(2026, 11, 28, 12, 0, tzinfo=UTC), None)}, "neither on"),
    ],
)
def test_what_a_cell_cannot_say_is_not_written(change, says):
    usual = {"id": "J1", "trade": "plumber", "point": Point(1.0, 2.0), "duration_s": 60, "unserved_cost": 1}
    with pytest.raises(ValueError, match=says):
        job_row(Job(**usual | change), ON, TZ)


def test_a_second_break_is_not_written():
    starts_at = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    pause = BreakRule(starts_at, starts_at, 600)
    shift = Shift(starts_at, starts_at + timedelta(hours=9))
    contractor = Contractor("C1", "Ana", frozenset({"plumber"}), Point(1.0, 2.0), shift, breaks=(pause, pause))
    with pytest.raises(ValueError, match="2 breaks"):
        contractor_row(contractor, ON, TZ)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r"), max_size=12).map(str.strip)
NAME = st.text(string.ascii_letters + string.digits + " ,\"ñ'", min_size=1, max_size=6).map(str.strip).filter(bool)
NAMES = st.frozensets(NAME, max_size=3)
POINTS = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))
MIDNIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def clock(minutes: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


@st.composite
def jobs(draw):
    opens_min, closes_min = sorted(draw(st.tuples(st.integers(0, 2879), st.integers(0, 2879))))
    window = draw(
        st.sampled_from(
            [
                None,
                Window(clock(opens_min), None),
                Window(None, clock(closes_min)),
                Window(clock(opens_min), clock(closes_min)),
            ]
        )
    )
    priority = draw(st.integers(0, 100))
    return Job(
        id=draw(NAME),
        trade=draw(NAME),
        point=draw(POINTS),
        duration_s=60 * draw(st.integers(1, 1440)),
        unserved_cost=draw(st.just(default_unserved_cost(priority)) | st.integers(0, 10**9)),
        address=draw(TEXT),
        window=window,
        priority=priority,
        skills=draw(NAMES),
        preferred_contractor=draw(st.none() | NAME),
        required_contractor=draw(st.none() | NAME),
        excluded_contractors=draw(NAMES),
    )


def around(point):
    """A degree of area in which a place lies, or nearly."""
    lon, lat = min(max(point.lon, -179), 179), min(max(point.lat, -89), 89)
    return shapely.box(lon - 0.5, lat - 0.5, lon + 0.5, lat + 0.5)


@st.composite
def contractors(draw):
    starts_min = draw(st.integers(0, 1439))
    ends_min = starts_min + draw(st.integers(1, 1440))
    breaks = ()
    if draw(st.booleans()):
        earliest_min = draw(st.integers(starts_min, ends_min - 1))
        latest_min = (
            draw(st.integers(earliest_min, starts_min + 1439)) if earliest_min < starts_min + 1439 else earliest_min
        )
        length_min = draw(st.integers(1, ends_min - earliest_min))
        breaks = (BreakRule(clock(earliest_min), clock(latest_min), 60 * length_min),)
    home = draw(POINTS)
    return Contractor(
        id=draw(NAME),
        name=draw(TEXT),
        trades=draw(st.frozensets(NAME, min_size=1, max_size=3)),
        home=home,
        shift=Shift(clock(starts_min), clock(ends_min)),
        end=draw(st.none() | POINTS),
        skills=draw(NAMES),
        breaks=breaks,
        max_jobs=draw(st.none() | st.integers(1, 50)),
        max_travel_s=draw(st.none() | st.integers(0, 600).map(lambda minutes: 60 * minutes)),
        cost_per_hour=draw(st.integers(0, 9999)),
        cost_per_km=draw(st.integers(0, 999)),
        cost_fixed=draw(st.integers(0, 9999)),
        area=draw(st.none() | st.just(around(home))),
    )


@given(rows=st.lists(jobs(), max_size=4, unique_by=lambda job: job.id))
def test_written_jobs_read_back_equal(rows, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "jobs_again.csv"
    write_jobs(path, rows, TZ, ON)
    table = read_jobs(path, ON, TZ)
    assert (table.rejected, table.warnings) == ((), ())
    assert table.rows == tuple(sorted(rows, key=lambda job: job.id))


@given(rows=st.lists(contractors(), max_size=4, unique_by=lambda contractor: contractor.id))
def test_written_contractors_read_back_equal(rows, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "contractors_again.csv"
    write_contractors(path, rows, TZ, ON)
    table = read_contractors(path, ON, TZ)
    assert (table.rejected, table.warnings) == ((), ())
    assert table.rows == tuple(sorted(rows, key=lambda contractor: contractor.id))


@given(
    content=st.binary(max_size=300)
    | st.text('J1,;"\n\r\t:é', max_size=200).map(lambda text: f"{HEADING}\n{text}".encode())
)
def test_whatever_a_file_holds_it_is_read_or_refused_and_never_crashes(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "anything.csv"
    path.write_bytes(content)
    try:
        table = read_jobs(path, ON, TZ)
    except UnreadableFile:
        return
    assert all(row.reason and row.line > 1 for row in table.rejected)
    assert all(row.id.isprintable() or row.id == row.id.strip() for row in table.rejected)


def test_a_shift_whose_end_no_clock_time_means_is_not_written():
    starts_at = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    shift = Shift(starts_at, starts_at + timedelta(hours=9, seconds=1))
    with pytest.raises(ValueError, match="use a whole minute within a day"):
        contractor_row(Contractor("C1", "Ana", frozenset({"plumber"}), Point(1.0, 2.0), shift), ON, TZ)


def test_a_shift_of_a_whole_day_ends_at_the_clock_time_it_began():
    starts_at = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 08:00 in Santiago
    whole_day = Shift(starts_at, starts_at + timedelta(hours=24))
    assert (
        contractor_row(Contractor("C1", "", frozenset({"a"}), Point(1.0, 2.0), whole_day), ON, TZ)["shift_end"]
        == "08:00"
    )
