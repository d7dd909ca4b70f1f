"""Who works on a day: shifts of the week, time off, on call."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.roster import Hours, on_day
from dispatch.standing import contractor_on
from dispatch.standing_types import StandingContractor, StandingShift
from dispatch.types import BreakRule, Shift
from geo.point import Point

DAY = date(2026, 11, 24)
CLOCKS = ZoneInfo("UTC")
OFFICE = StandingShift(8 * 60, 17 * 60, 12 * 60, 13 * 60, 30 * 60)
ADA = StandingContractor("A", "Ada", frozenset({"plumber"}), Point(1, 2), OFFICE, max_jobs=3)


def at(hour, minute=0, day=24):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def worked(**hours):
    person, said = on_day(ADA, Hours(**hours), DAY, CLOCKS)
    assert said == ()
    return person


def test_somebody_with_one_shift_is_as_their_file_says():
    assert worked(shifts=(OFFICE,)) == contractor_on(ADA, DAY, CLOCKS)[0]


def test_nobody_works_without_a_shift():
    assert worked() is None


def test_time_off_that_covers_the_shift_leaves_nobody():
    assert worked(shifts=(OFFICE,), off=((at(0, day=20), at(0, day=30)),)) is None


def test_time_off_of_another_day_changes_nothing():
    assert worked(shifts=(OFFICE,), off=((at(8, day=25), at(17, day=25)),)) == worked(shifts=(OFFICE,))


@pytest.mark.parametrize(
    ("off", "shift"),
    [
        ((at(6), at(10)), Shift(at(10), at(17))),
        ((at(15), at(20)), Shift(at(8), at(15))),
    ],
)
def test_time_off_at_an_end_cuts_the_shift_and_leaves_the_break(off, shift):
    person = worked(shifts=(OFFICE,), off=(off,))
    assert person.shift == shift
    assert person.breaks == (BreakRule(at(12), at(13), 1800),)


def test_time_off_in_the_middle_is_a_break_beside_the_usual_one():
    person = worked(shifts=(OFFICE,), off=((at(9), at(10)),))
    assert person.shift == Shift(at(8), at(17))
    assert person.breaks == (BreakRule(at(9), at(9), 3600), BreakRule(at(12), at(13), 1800))


def test_a_break_that_would_begin_in_time_off_is_taken_then():
    person = worked(shifts=(OFFICE,), off=((at(11, 30), at(14)),))
    assert person.breaks == (BreakRule(at(11, 30), at(11, 30), 9000),)


def test_a_break_begins_early_enough_to_end_before_time_off():
    person = worked(shifts=(OFFICE,), off=((at(13), at(14)),))
    assert person.breaks == (BreakRule(at(12), at(12, 30), 1800), BreakRule(at(13), at(13), 3600))


def test_periods_of_time_off_that_touch_are_one():
    person = worked(shifts=(OFFICE,), off=((at(8), at(9)), (at(9), at(10))))
    assert person.shift == Shift(at(10), at(17))


def test_two_shifts_are_one_span_with_a_break_between_them():
    person = worked(shifts=(StandingShift(14 * 60, 18 * 60), StandingShift(8 * 60, 12 * 60)))
    assert person.shift == Shift(at(8), at(18))
    assert person.breaks == (BreakRule(at(12), at(12), 7200),)


def test_somebody_on_call_without_a_shift_is_there_within_the_day():
    person = worked(on_call=((at(20, day=23), at(6)),))
    assert person.shift == Shift(at(0), at(6))
    assert (person.breaks, person.max_jobs) == ((), 3)


def test_being_on_call_does_not_make_a_shift_longer():
    assert worked(shifts=(OFFICE,), on_call=((at(17), at(22)),)) == worked(shifts=(OFFICE,))


def test_time_off_counts_while_on_call_too():
    assert worked(on_call=((at(8), at(12)),), off=((at(8), at(12)),)) is None


def test_a_night_shift_ends_on_the_next_day_and_is_cut_there():
    person = worked(shifts=(StandingShift(22 * 60, 6 * 60),), off=((at(4, day=25), at(12, day=25)),))
    assert person.shift == Shift(at(22), at(4, day=25))


def test_a_day_on_which_clocks_change_says_what_they_do():
    said = on_day(ADA, Hours((StandingShift(2 * 60 + 30, 600),)), date(2026, 3, 29), ZoneInfo("Europe/Berlin"))[1]
    assert len(said) == 1
    assert "02:30 on 2026-03-29 does not exist" in said[0]
