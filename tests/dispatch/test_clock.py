"""Clock times and the instants they mean, on ordinary days and on those with a change of clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.clock import BadClock, clock_text, instant, parse_clock, wall_text

CHICAGO = ZoneInfo("America/Chicago")
SANTIAGO = ZoneInfo("America/Santiago")
PLAIN_DAY = date(2026, 11, 24)
CHICAGO_FORWARD, CHICAGO_BACK = date(2026, 3, 8), date(2026, 11, 1)  # at 02:00, of one hour
SANTIAGO_EVE_OF_FORWARD = date(2026, 9, 5)  # at midnight that follows, to 01:00


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("07:30", 450),
        ("7:30", 450),
        (" 00:00 ", 0),
        ("24:00", 1440),
        ("25:30", 1530),
        ("47:59", 2879),
        ("08:00:00", 480),
    ],
)
def test_a_clock_time_is_minutes_after_midnight(text, minutes):
    assert parse_clock(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["", "7", "0730", "48:00", "12:60", "-1:00", "12:5", "noon", "07:30:15", "\u0660\u0667:\u0663\u0660", "1:2:3"],
)
def test_what_is_no_clock_time_is_refused_with_its_value_and_an_example(text):
    with pytest.raises(BadClock) as bad:
        parse_clock(text)
    assert bad.value.text == text
    assert repr(text) in str(bad.value)
    assert "07:30" in str(bad.value)


def test_an_ordinary_clock_time_means_one_instant_without_a_warning():
    assert instant(PLAIN_DAY, 450, CHICAGO) == (datetime(2026, 11, 24, 13, 30, tzinfo=UTC), None)


def test_minutes_from_1440_on_are_the_clock_of_the_next_day_even_when_the_day_has_23_hours():
    at, warning = instant(CHICAGO_FORWARD, 1440 + 90, CHICAGO)
    assert at.astimezone(CHICAGO).isoformat() == "2026-03-09T01:30:00-05:00"
    assert warning is None


def test_negative_minutes_are_refused():
    with pytest.raises(ValueError, match="minutes -1"):
        instant(PLAIN_DAY, -1, CHICAGO)


@pytest.mark.parametrize("minutes", [120, 121, 150, 179])
def test_a_skipped_clock_time_moves_to_the_next_valid_instant(minutes):
    at, warning = instant(CHICAGO_FORWARD, minutes, CHICAGO)
    assert at == datetime(2026, 3, 8, 8, 0, tzinfo=UTC)  # 03:00 in summer, the first instant after 01:59:59
    assert warning is not None
    assert f"02:{minutes - 120:02d} on 2026-03-08 does not exist in America/Chicago" in warning
    assert "03:00 is used" in warning


def test_the_minutes_around_a_gap_are_not_moved():
    assert instant(CHICAGO_FORWARD, 119, CHICAGO) == (datetime(2026, 3, 8, 7, 59, tzinfo=UTC), None)
    assert instant(CHICAGO_FORWARD, 180, CHICAGO) == (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), None)


def test_a_midnight_that_is_skipped_moves_to_one_in_the_morning():
    at, warning = instant(SANTIAGO_EVE_OF_FORWARD, 1440, SANTIAGO)
    assert at.astimezone(SANTIAGO).isoformat() == "2026-09-06T01:00:00-03:00"
    assert warning is not None


def test_a_whole_skipped_day_moves_to_the_day_after_it():
    at, warning = instant(date(2011, 12, 30), 12 * 60, ZoneInfo("Pacific/Apia"))
    assert at.astimezone(ZoneInfo("Pacific/Apia")).isoformat() == "2011-12-31T00:00:00+14:00"
    assert warning is not None


@pytest.mark.parametrize("minutes", [60, 90, 119])
def test_a_doubled_clock_time_means_its_first_occurrence(minutes):
    at, warning = instant(CHICAGO_BACK, minutes, CHICAGO)
    assert at == datetime(2026, 11, 1, 6, minutes - 60, tzinfo=UTC)  # daylight time still, five hours behind
    assert warning is not None
    assert "comes twice in America/Chicago" in warning


def test_two_o_clock_after_the_doubled_hour_comes_once():
    assert instant(CHICAGO_BACK, 120, CHICAGO) == (datetime(2026, 11, 1, 8, 0, tzinfo=UTC), None)


def test_differences_of_instants_are_elapsed_time_over_a_change_of_clocks():
    evening_before = instant(date(2026, 3, 7), 22 * 60, CHICAGO)[0]
    assert instant(date(2026, 3, 7), 30 * 60, CHICAGO)[0] - evening_before == timedelta(hours=7)


def test_an_instant_of_the_next_day_runs_past_24_on_the_clock_but_not_on_the_wall():
    at = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
    assert clock_text(at, PLAIN_DAY, CHICAGO) == "25:30"
    assert wall_text(at, CHICAGO) == "01:30"


@pytest.mark.parametrize("on", [date(2026, 11, 25), date(2026, 11, 22)])
def test_an_instant_of_neither_that_day_nor_the_next_has_no_clock_time(on):
    with pytest.raises(ValueError, match="neither on"):
        clock_text(datetime(2026, 11, 24, 18, 0, tzinfo=UTC), on, CHICAGO)


def test_naive_datetimes_are_refused():
    naive = datetime(2026, 11, 24, 12, 0)  # noqa: DTZ001 - the fault under test
    with pytest.raises(ValueError, match="no offset"):
        wall_text(naive, CHICAGO)
    with pytest.raises(ValueError, match="no offset"):
        clock_text(naive, PLAIN_DAY, CHICAGO)


@given(
    on=st.sampled_from([PLAIN_DAY, CHICAGO_FORWARD, CHICAGO_BACK, SANTIAGO_EVE_OF_FORWARD]),
    minutes=st.integers(0, 2879),
    tz=st.sampled_from([CHICAGO, SANTIAGO, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_the_clock_text_of_an_instant_means_that_instant(on, minutes, tz):
    at = instant(on, minutes, tz)[0]
    text = clock_text(at, on, tz)
    assert instant(on, parse_clock(text), tz)[0] == at
    assert int(text[:2]) % 24 == int(wall_text(at, tz)[:2])


@given(minutes=st.integers(0, 2878), on=st.dates(date(2026, 1, 1), date(2026, 12, 30)))
def test_a_later_clock_time_is_never_an_earlier_instant_except_into_a_doubled_hour(minutes, on):
    earlier, later = instant(on, minutes, CHICAGO)[0], instant(on, minutes + 1, CHICAGO)[0]
    assert later - earlier in (timedelta(0), timedelta(minutes=1), timedelta(minutes=61))
