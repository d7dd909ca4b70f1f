"""Several shifts are one with a pause between; time off leaves the longest part of a shift."""

from datetime import UTC, datetime

from dispatch.types import BreakRule, Contractor, Shift
from dispatch.workday import joined, without_time_off
from geo.point import Point


def clock(hour, minute=0):
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC)


def somebody(starts, ends, *pauses):
    breaks = tuple(BreakRule(clock(*earliest), clock(*latest), minutes * 60) for earliest, latest, minutes in pauses)
    return Contractor("a", "A", frozenset({"x"}), Point(0, 0), Shift(clock(starts), clock(ends)), breaks=breaks)


def test_between_two_shifts_lies_a_pause_of_exactly_that_length():
    whole = joined([somebody(13, 17), somebody(8, 12, ((9, 0), (10, 0), 15))])
    assert whole.shift == Shift(clock(8), clock(17))
    assert whole.breaks[1] == BreakRule(clock(12), clock(12), 3600)
    assert len(whole.breaks) == 2


def test_shifts_that_overlap_are_one_without_a_pause():
    whole = joined([somebody(8, 13), somebody(12, 17)])
    assert (whole.shift, whole.breaks) == (Shift(clock(8), clock(17)), ())


def test_time_off_in_the_morning_leaves_the_afternoon():
    left = without_time_off(somebody(8, 16), [(clock(7), clock(12))])
    assert left.shift == Shift(clock(12), clock(16))


def test_time_off_in_the_middle_leaves_the_longer_part():
    left = without_time_off(somebody(8, 16), [(clock(10), clock(11))])
    assert left.shift == Shift(clock(11), clock(16))


def test_a_day_off_leaves_nobody():
    assert without_time_off(somebody(8, 16), [(clock(8), clock(16))]) is None
    assert without_time_off(somebody(8, 16), [(clock(0), None)]) is None


def test_time_off_on_another_day_changes_nothing():
    person = somebody(8, 16, ((12, 0), (13, 0), 30))
    assert without_time_off(person, [(clock(17), None)]) is person


def test_a_break_that_no_longer_fits_falls_away_and_one_that_does_is_kept_inside():
    morning = ((9, 0), (10, 0), 15)
    noon = ((11, 0), (13, 0), 30)
    left = without_time_off(somebody(8, 16, morning, noon), [(clock(8), clock(12))])
    assert left.breaks == (BreakRule(clock(12), clock(13), 1800),)
    late = without_time_off(somebody(8, 16, ((15, 0), (16, 0), 30)), [(clock(15, 50), None)])
    assert late.breaks == (BreakRule(clock(15), clock(15, 20), 1800),)
