"""When somebody can set out next, and from where: shifts, time off, stops under way. Pure arithmetic, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from dispatch.clock import DAY_MIN, instant
from geo.point import Point

WEEK_MIN = 7 * DAY_MIN

LIVE_FOR = timedelta(minutes=10)
"""A position that is older says nothing about where somebody is."""

LIVE_AHEAD = timedelta(minutes=15)
"""Who sets out later than this will not set out from where they are now."""

_SLACK_MIN = 240
"""More than any change of clocks moves a shift, in minutes of the week."""

type Span = tuple[datetime, datetime]
"""Two aware instants, half open."""

type OriginSource = Literal["live", "stop", "home"]


@dataclass(frozen=True, slots=True)
class StopInForce:
    """A visit that is booked; aware instants in the order of the fields."""

    location: Point
    leaves_at: datetime
    arrives_at: datetime
    service_starts_at: datetime
    service_ends_at: datetime
    departs_at: datetime


@dataclass(frozen=True, slots=True)
class Fix:
    """Where somebody was seen, and when."""

    point: Point
    at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is known about somebody's time.

    Parameters
    ----------
    tz : of the shifts
    week_min : shifts as ``week_minutes`` gives them
    stops : booked visits that have not departed, in any order
    breaks, time_off, on_call : spans; a break is one that a plan has placed
    live : the last position, however old
    """

    home: Point
    tz: ZoneInfo
    week_min: Sequence[tuple[int, int]] = ()
    stops: Sequence[StopInForce] = ()
    breaks: Sequence[Span] = ()
    time_off: Sequence[Span] = ()
    on_call: Sequence[Span] = ()
    live: Fix | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """The first moment at which somebody can set out.

    Parameters
    ----------
    available_from : aware
    origin, origin_source : from where
    on_duty : they are at work at the instant that was asked about, and free again before that duty ends
    """

    available_from: datetime
    origin: Point
    origin_source: OriginSource
    on_duty: bool


def week_minutes(shifts: Iterable[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Weekly shifts as minutes of the local week, for a stored multirange and for ``Schedule``.

    Parameters
    ----------
    shifts : (weekday, starts_min, ends_min): Monday is 0, minutes after that day's midnight; an end at or before the
        start is the first such time after it

    Returns
    -------
    [from, to) from Monday 00:00, 0 to 10,080, sorted, apart; what runs past Sunday's midnight begins the week again

    Raises
    ------
    ValueError : a weekday outside 0 to 6, a negative minute, a shift of more than 24 hours
    """
    pieces: list[tuple[int, int]] = []
    for weekday, starts_min, given_min in shifts:
        ends_min = given_min
        while ends_min <= starts_min:
            ends_min += DAY_MIN
        if not 0 <= weekday <= 6 or starts_min < 0 or ends_min - starts_min > DAY_MIN:
            raise ValueError(
                f"shift ({weekday}, {starts_min}, {given_min}): give a weekday from 0 to 6, minutes of 0 or more,"
                " and an end at most 24 hours after the start"
            )
        from_min = (weekday * DAY_MIN + starts_min) % WEEK_MIN
        to_min = from_min + ends_min - starts_min
        pieces.append((from_min, min(to_min, WEEK_MIN)))
        if to_min > WEEK_MIN:
            pieces.append((0, to_min - WEEK_MIN))
    return _merged(pieces)


def available_from(schedule: Schedule, at: datetime, until: datetime, *, now: datetime) -> Availability | None:
    """The first instant from ``at`` on at which somebody is at work and neither driving to a stop nor busy there.

    A leg counts once it has begun: who has served a stop may be sent elsewhere before the next leg. Somebody who
    waits for a stop's window to open counts as free there.

    Parameters
    ----------
    schedule : what is known
    at, until : aware; the first instant lies in [at, until)
    now : aware; a live position counts while it is at most ``LIVE_FOR`` old and only for somebody who sets out
        within ``LIVE_AHEAD`` of now, when also ``at`` is

    Returns
    -------
    None when there is no such instant
    """
    if at < until and _busy_until(schedule, at) is None and _at_work(schedule, at):
        return Availability(at, *_origin(schedule, at, at, now), on_duty=True)  # most people: no later shift matters
    duties = duty_spans(schedule, at, until)
    free_at = at
    while True:
        on_duty_at = _on_duty(duties, free_at)
        if on_duty_at is None or on_duty_at >= until:
            return None
        busy_until = _busy_until(schedule, on_duty_at)
        if busy_until is None:
            break
        free_at = busy_until
    origin, source = _origin(schedule, at, on_duty_at, now)
    duty = next((span for span in duties if span[0] <= at < span[1]), None)
    off = any(start <= at < end for start, end in schedule.time_off)
    return Availability(on_duty_at, origin, source, on_duty=duty is not None and not off and on_duty_at < duty[1])


def duty_spans(schedule: Schedule, at: datetime, until: datetime) -> list[Span]:
    """Shifts and calls that touch [at, until), or ``at`` alone, merged and in order; their ends may lie outside."""
    spans = _merged([*_shift_spans(schedule.week_min, schedule.tz, at, until), *schedule.on_call])
    return [span for span in spans if span[1] > at and (span[0] < until or span[0] == at)]


def _shift_spans(week_min: Sequence[tuple[int, int]], tz: ZoneInfo, at: datetime, until: datetime) -> list[Span]:
    """Shifts that may touch [at, until), in any order."""
    spans: list[Span] = []
    week_on, now_min = _minute_of_week(at, tz)
    first_min = now_min - _SLACK_MIN
    last_min = now_min + int((until - at).total_seconds()) // 60 + 1 + _SLACK_MIN
    for shift_min in range((first_min // WEEK_MIN) * WEEK_MIN, last_min, WEEK_MIN):
        starts_on = week_on + timedelta(minutes=shift_min)
        for from_min, to_min in week_min:
            if shift_min + to_min > first_min and shift_min + from_min < last_min:
                starts_at, _ = instant(starts_on, from_min, tz)
                ends_at, _ = instant(starts_on, to_min, tz)
                spans.append((starts_at, ends_at))
    return spans


def _at_work(schedule: Schedule, at: datetime) -> bool:
    """Whether an instant lies in a shift or a call."""
    if any(start <= at < end for start, end in schedule.on_call):
        return True
    return _in_shift(tuple(schedule.week_min), schedule.tz, at)


@lru_cache(maxsize=1024)
def _in_shift(week_min: tuple[tuple[int, int], ...], tz: ZoneInfo, at: datetime) -> bool:
    """Whether an instant lies in a shift; many of those who are asked about at once work the same hours."""
    return any(start <= at < end for start, end in _shift_spans(week_min, tz, at, at))


def _on_duty(duties: Sequence[Span], at: datetime) -> datetime | None:
    """The first instant from ``at`` on inside a duty."""
    return next((max(start, at) for start, end in duties if end > at), None)


def _busy_until(schedule: Schedule, at: datetime) -> datetime | None:
    """When what somebody does at an instant ends; None when they do nothing."""
    for stop in schedule.stops:
        if stop.leaves_at < at < stop.arrives_at:
            return stop.arrives_at
        if stop.service_starts_at <= at < stop.service_ends_at:
            return stop.service_ends_at
    for start, end in (*schedule.breaks, *schedule.time_off):
        if start <= at < end:
            return end
    return None


def _origin(schedule: Schedule, at: datetime, free_at: datetime, now: datetime) -> tuple[Point, OriginSource]:
    live = schedule.live
    soon = abs(at - now) <= LIVE_AHEAD and free_at - now <= LIVE_AHEAD
    if live is not None and soon and now - live.at <= LIVE_FOR:
        return live.point, "live"
    under_way = [stop for stop in schedule.stops if stop.leaves_at < free_at <= stop.departs_at]
    if under_way:
        return max(under_way, key=lambda stop: stop.leaves_at).location, "stop"
    return schedule.home, "home"


@lru_cache(maxsize=1024)
def _minute_of_week(at: datetime, tz: ZoneInfo) -> tuple[date, int]:
    """The Monday of an instant's local week, and the minutes that clocks show since."""
    local = at.astimezone(tz)
    weekday = local.weekday()
    return local.date() - timedelta(days=weekday), weekday * DAY_MIN + local.hour * 60 + local.minute


def _merged[Value: (int, datetime)](pieces: Iterable[tuple[Value, Value]]) -> list[tuple[Value, Value]]:
    """Overlapping and touching pieces as one, in order; empty ones are left out."""
    merged: list[tuple[Value, Value]] = []
    for start, end in sorted(pieces):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
