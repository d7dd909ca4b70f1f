"""People and jobs without a day: on any day they are what the same file read for that day says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.clock import DAY_MIN
from dispatch.hours import Unfit, minutes_text
from dispatch.standing import (
    StandingContractor,
    StandingJob,
    StandingShift,
    contractor_on,
    job_on,
    read_standing_contractors,
    read_standing_jobs,
)
from dispatch.tables import read_contractors, read_jobs
from dispatch.types import BreakRule, Window
from geo.point import Point

CHICAGO = ZoneInfo("America/Chicago")
ORDINARY, FORWARD, BACK = date(2026, 11, 24), date(2026, 3, 8), date(2026, 11, 1)
DAYS = (ORDINARY, FORWARD, FORWARD - timedelta(days=1), BACK, BACK - timedelta(days=1))
HOME = Point(-93.62, 41.58)
PEOPLE = "id,name,trades,lon,lat,shift_start,shift_end,break_start,break_end,break_min,max_jobs,max_travel_min"
JOBS = "id,trade,lon,lat,duration_min,window_start,window_end,priority,unserved_cost"


@pytest.fixture
def people(tmp_path):
    """A file of people from the cells of their hours."""

    def of(*hours):
        rows = [f"C{number},Ana,plumber;hvac,1,2,{cells},8,90" for number, cells in enumerate(hours, 1)]
        path = tmp_path / "contractors.csv"
        path.write_text("\n".join([PEOPLE, *rows]))
        return path

    return of


def person(starts_min, ends_min, *pause):
    shift = StandingShift(starts_min, ends_min, *pause)
    return StandingContractor("C1", "Ana", frozenset({"plumber"}), HOME, shift)


def at(day, hours, minutes=0):
    """The instant of a clock time in Chicago."""
    return datetime(day.year, day.month, day.day, hours, minutes, tzinfo=CHICAGO).astimezone(UTC)


def test_a_file_is_read_without_a_day(people):
    table = read_standing_contractors(people("22:00,06:00,01:00,25:30,30", "8:00,17:00,,,"))
    assert table.rows == (
        StandingContractor(
            "C1",
            "Ana",
            frozenset({"plumber", "hvac"}),
            Point(1.0, 2.0),
            StandingShift(1320, 360, 60, 1530, 1800),
            max_jobs=8,
            max_travel_s=5400,
        ),
        replace(table.rows[0], id="C2", shift=StandingShift(480, 1020)),
    )
    assert (table.rejected, table.warnings, table.lines) == ((), (), {"C1": 2, "C2": 3})


def test_a_job_keeps_whether_it_has_a_price_of_its_own(tmp_path):
    path = tmp_path / "jobs.csv"
    path.write_text(f"{JOBS}\nJ1,plumber,1,2,60,,25:30,75,\nJ2,plumber,1,2,60,09:00,,75,43200\n")
    free, priced = read_standing_jobs(path).rows
    assert (free.window_start_min, free.window_end_min, free.unserved_cost) == (None, 1530, None)
    assert (priced.window_start_min, priced.window_end_min, priced.unserved_cost) == (540, None, 43_200)
    (one, _), (other, _) = (job_on(job, ORDINARY, CHICAGO) for job in (free, priced))
    assert (one.unserved_cost, one.priced, other.unserved_cost, other.priced) == (43_200, False, 43_200, True)
    assert one.window == Window(None, at(date(2026, 11, 25), 1, 30))


@pytest.mark.parametrize(
    ("day", "hours"), [(ORDINARY, 8), (FORWARD - timedelta(days=1), 7), (BACK - timedelta(days=1), 9), (FORWARD, 8)]
)
def test_a_night_shift_lasts_what_the_night_lasts(day, hours):
    someone, warnings = contractor_on(person(1320, 360), day, CHICAGO)
    assert someone.shift.ends_at - someone.shift.starts_at == timedelta(hours=hours)
    assert warnings == ()


def test_a_break_after_midnight_belongs_to_the_night_that_has_begun():
    someone, _ = contractor_on(person(1320, 360, 120, 180, 1800), ORDINARY, CHICAGO)
    next_day = ORDINARY + timedelta(days=1)
    assert someone.breaks == (BreakRule(at(next_day, 2), at(next_day, 3), 1800),)


def test_times_that_clocks_skip_or_show_twice_are_warned_about_with_column_and_id():
    someone, warnings = contractor_on(person(150, 1020), FORWARD, CHICAGO)
    assert someone.shift.starts_at == at(FORWARD, 3)
    (warning,) = warnings
    assert warning.startswith("column shift_start, id C1: 02:30 on 2026-03-08 does not exist in America/Chicago")
    assert warning.endswith("03:00 is used")
    job = StandingJob("J1", "plumber", HOME, 3600, window_start_min=90, window_end_min=180)
    placed, warnings = job_on(job, BACK, CHICAGO)
    assert placed.window == Window(datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC))
    assert [warning.split(":")[0] for warning in warnings] == ["column window_start, id J1"]


def test_a_break_that_only_the_shortened_night_cannot_hold_leaves_nobody_that_night(people):
    path = people("22:00,06:00,22:00,22:00,480")
    (standing,) = read_standing_contractors(path).rows
    assert contractor_on(standing, ORDINARY, CHICAGO)[0] is not None
    night = FORWARD - timedelta(days=1)
    nobody, (why,) = contractor_on(standing, night, CHICAGO)
    (rejected,) = read_contractors(path, night, CHICAGO).rejected
    assert nobody is None
    assert why == f"column break_start, id C1: {rejected.reason}"


def test_hours_that_no_ordinary_day_can_hold_are_rejected_as_in_a_file_for_a_day(people):
    path = people("08:00,32:01,,,", "08:00,17:00,18:00,19:00,30", "08:00,17:00,13:00,12:00,30", "8,17:00,12:00,,")
    table = read_standing_contractors(path)
    assert (table.rows, len(table.rejected)) == ((), 4)
    assert table.rejected == read_contractors(path, ORDINARY, CHICAGO).rejected


@pytest.mark.parametrize("hours", [(480, -1), (480, 1020, 720), (480, 1020, 720, 780), (480, 1020, 720, 780, -5)])
def test_hours_that_mean_nothing_cannot_be_made(hours):
    with pytest.raises(ValueError, match="give"):
        StandingShift(*hours)


def test_a_window_that_closes_before_it_opens_has_no_instants():
    job = StandingJob("J1", "plumber", HOME, 3600, window_start_min=600, window_end_min=540)
    with pytest.raises(Unfit, match="closes before it opens at 10:00"):
        job_on(job, ORDINARY, CHICAGO)


CLOCKS = st.integers(0, 2 * DAY_MIN - 1) | st.integers(0, 240)
"""Often about the hours in which clocks change."""


@given(
    hours=st.tuples(CLOCKS, CLOCKS, st.none() | st.tuples(CLOCKS, CLOCKS, st.integers(1, 600))),
    day=st.sampled_from(DAYS),
)
@example(hours=(135, 165, None), day=FORWARD)
@example(hours=(60, 540, (60, 60, 480)), day=BACK)
@example(hours=(60, 540, (60, 60, 540)), day=BACK)
@example(hours=(1320, 360, (120, 150, 30)), day=FORWARD - timedelta(days=1))
def test_somebody_on_a_day_is_who_the_file_read_for_that_day_says(hours, day, tmp_path_factory):
    starts_min, ends_min, pause = hours
    cells = [minutes_text(starts_min), minutes_text(ends_min)]
    cells += ["", "", ""] if pause is None else [minutes_text(pause[0]), minutes_text(pause[1]), str(pause[2])]
    path = tmp_path_factory.getbasetemp() / "standing_people.csv"
    path.write_text(f"{PEOPLE}\nC1,Ana,plumber,1,2,{','.join(cells)},,\n")
    standing, of_day = read_standing_contractors(path), read_contractors(path, day, CHICAGO)
    if not standing.rows:
        # Nothing that an ordinary day can hold; a day of 25 hours may, and is the only one.
        assert len(standing.rejected) == 1
        assert of_day.rejected or day in (FORWARD, FORWARD - timedelta(days=1), BACK, BACK - timedelta(days=1))
        return
    someone, warnings = contractor_on(standing.rows[0], day, CHICAGO)
    if someone is None:
        (rejected,) = of_day.rejected
        assert warnings == (f"column {rejected.column}, id C1: {rejected.reason}",)
    else:
        assert of_day.rows == (someone,)
        assert of_day.warnings == tuple(f"standing_people.csv line 2, {warning}" for warning in warnings)


@given(opens_min=st.none() | CLOCKS, closes_min=st.none() | CLOCKS, day=st.sampled_from(DAYS))
@example(opens_min=135, closes_min=1530, day=FORWARD)
@example(opens_min=90, closes_min=100, day=BACK)
def test_a_job_on_a_day_is_what_the_file_read_for_that_day_says(opens_min, closes_min, day, tmp_path_factory):
    cells = ("" if minutes is None else minutes_text(minutes) for minutes in (opens_min, closes_min))
    path = tmp_path_factory.getbasetemp() / "standing_jobs.csv"
    path.write_text(f"{JOBS}\nJ1,plumber,1,2,60,{','.join(cells)},,\n")
    standing, of_day = read_standing_jobs(path), read_jobs(path, day, CHICAGO)
    assert standing.rejected == of_day.rejected
    for row in standing.rows:
        job, warnings = job_on(row, day, CHICAGO)
        assert of_day.rows == (job,)
        assert of_day.warnings == tuple(f"standing_jobs.csv line 2, {warning}" for warning in warnings)
