from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.availability import (
    Fix,
    Schedule,
    StopInForce,
    available_from,
    week_minutes,
)
from geo.point import Point

HOME, STOP, SEEN = Point(-71.25, -29.90), Point(-71.30, -29.95), Point(-71.20, -29.85)
SANTIAGO, BERLIN = ZoneInfo("America/Santiago"), ZoneInfo("Europe/Berlin")
WORKDAYS = week_minutes((day, 8 * 60, 17 * 60) for day in range(5))
DAY = timedelta(days=1)


def utc(day, hour, minute=0):
    """An instant of November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def stop(leaves, arrives, starts, ends, departs):
    return StopInForce(STOP, *(utc(23, *at) for at in (leaves, arrives, starts, ends, departs)))


def schedule(**facts):
    """Monday to Friday from 8 to 17 o'clock in UTC."""
    return Schedule(**{"home": HOME, "tz": ZoneInfo("UTC"), "week_min": WORKDAYS} | facts)


def free(facts, at, *, now=None):
    found = available_from(facts, at, at + DAY, now=now or at)
    return None if found is None else (found.available_from, found.origin_source)


def test_somebody_in_a_shift_is_free_at_once_and_at_home():
    assert free(schedule(), utc(23, 10)) == (utc(23, 10), "home")


def test_before_a_shift_somebody_is_free_when_it_begins():
    assert free(schedule(), utc(23, 6)) == (utc(23, 8), "home")


def test_a_shift_ends_before_its_last_instant():
    assert free(schedule(), utc(23, 17)) == (utc(24, 8), "home")


def test_nobody_is_free_who_works_only_after_the_day_asked_about():
    assert free(schedule(), utc(28, 10)) is None  # a Saturday, and on Sunday at 10 the shift is 22 hours away


def test_on_a_leg_somebody_is_free_after_the_stop_it_leads_to():
    facts = schedule(stops=(stop((9, 30), (10, 0), (10, 0), (11, 0), (11, 0)),))
    assert free(facts, utc(23, 9, 45)) == (utc(23, 11), "stop")


def test_a_leg_that_has_not_begun_keeps_nobody():
    facts = schedule(stops=(stop((9, 30), (10, 0), (10, 0), (11, 0), (11, 0)),))
    assert free(facts, utc(23, 9, 30)) == (utc(23, 9, 30), "home")


def test_in_service_somebody_is_free_when_it_ends_though_the_next_leg_would_follow():
    facts = schedule(
        stops=(
            stop((9, 30), (10, 0), (10, 0), (11, 0), (11, 0)),
            StopInForce(HOME, utc(23, 11), utc(23, 12), utc(23, 12), utc(23, 13), utc(23, 13)),
        )
    )
    assert available_from(facts, utc(23, 10, 30), utc(24, 10), now=utc(23, 10, 30)).origin == STOP
    assert free(facts, utc(23, 10, 30)) == (utc(23, 11), "stop")


def test_waiting_for_a_window_somebody_is_free_at_the_stop():
    facts = schedule(stops=(stop((9, 0), (9, 30), (10, 0), (11, 0), (11, 0)),))
    assert free(facts, utc(23, 9, 40)) == (utc(23, 9, 40), "stop")
    assert free(facts, utc(23, 9, 20)) == (utc(23, 9, 30), "stop")


def test_a_break_is_waited_for_and_taken_where_the_stop_is():
    facts = schedule(
        stops=(stop((9, 30), (10, 0), (10, 0), (12, 0), (12, 30)),), breaks=((utc(23, 12), utc(23, 12, 30)),)
    )
    assert free(facts, utc(23, 11)) == (utc(23, 12, 30), "stop")


def test_time_off_moves_the_first_moment_to_the_next_shift():
    facts = schedule(time_off=((utc(22, 0), utc(23, 20)),))
    assert free(facts, utc(23, 10)) == (utc(24, 8), "home")


def test_time_off_without_an_end_in_sight_means_never():
    assert free(schedule(time_off=((utc(22, 0), utc(29, 0)),)), utc(23, 10)) is None


def test_who_is_on_call_may_be_sent_at_night():
    assert free(schedule(on_call=((utc(23, 22), utc(24, 2)),)), utc(23, 23)) == (utc(23, 23), "home")


def test_a_night_shift_runs_over_midnight_and_over_the_end_of_the_week():
    nights = schedule(week_min=week_minutes((day, 22 * 60, 6 * 60) for day in range(7)))
    assert free(nights, utc(23, 3)) == (utc(23, 3), "home")  # Sunday's
    assert free(nights, utc(24, 5, 59)) == (utc(24, 5, 59), "home")
    assert free(nights, utc(24, 6)) == (utc(24, 22), "home")


@pytest.mark.parametrize(
    ("on", "begins_at"),
    [
        (datetime(2026, 10, 24, 0, tzinfo=UTC), datetime(2026, 10, 24, 6, tzinfo=UTC)),  # summer: UTC + 2
        (datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),  # clocks went back at 03:00
        (datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),  # clocks went forward
    ],
)
def test_a_shift_begins_when_clocks_show_its_start_also_on_days_when_they_change(on, begins_at):
    berlin = schedule(tz=BERLIN, week_min=week_minutes((day, 480, 1020) for day in range(7)))
    assert free(berlin, on) == (begins_at, "home")


def test_a_fresh_position_is_where_somebody_sets_out_from():
    facts = schedule(live=Fix(SEEN, utc(23, 9, 50)))
    assert available_from(facts, utc(23, 10), utc(24, 10), now=utc(23, 10)).origin == SEEN


@pytest.mark.parametrize(
    ("seen", "at", "now"),
    [
        ((9, 49), (10, 0), (10, 0)),  # seen 11 minutes ago
        ((9, 59), (10, 16), (10, 0)),  # asked about a time 16 minutes ahead
        ((6, 59), (7, 10), (7, 0)),  # not at work for another hour
    ],
)
def test_a_position_that_says_nothing_about_the_time_asked_for_is_passed_over(seen, at, now):
    facts = schedule(live=Fix(SEEN, utc(23, *seen)))
    assert free(facts, utc(23, *at), now=utc(23, *now))[1] == "home"


def test_the_end_of_a_stop_an_hour_away_is_known_better_than_where_somebody_is_now():
    facts = schedule(stops=(stop((9, 30), (10, 0), (10, 0), (11, 0), (11, 0)),), live=Fix(SEEN, utc(23, 9, 45)))
    assert free(facts, utc(23, 9, 46)) == (utc(23, 11), "stop")


@pytest.mark.parametrize(("at", "on_duty"), [((10, 0), True), ((7, 0), False), ((16, 45), False), ((18, 0), False)])
def test_on_duty_means_free_again_before_the_shift_that_is_under_way_ends(at, on_duty):
    facts = schedule(stops=(stop((16, 0), (16, 30), (16, 30), (17, 30), (17, 30)),))
    found = available_from(facts, utc(23, *at), utc(24, *at), now=utc(23, *at))
    assert found.on_duty is on_duty


def test_weekly_shifts_become_minutes_of_the_week_merged_and_wrapped():
    assert week_minutes([(0, 480, 720), (0, 720, 1020)]) == [(480, 1020)]
    assert week_minutes([(6, 22 * 60, 6 * 60)]) == [(0, 360), (9960, 10080)]
    assert week_minutes([(6, 1500, 1800)]) == [(60, 360)]  # written as after the midnight of the next day


@pytest.mark.parametrize("shift", [(7, 480, 1020), (0, -1, 60), (0, 480, 2000)])
def test_a_shift_that_no_week_holds_is_refused(shift):
    with pytest.raises(ValueError, match="at most 24 hours"):
        week_minutes([shift])
