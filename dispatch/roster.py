"""Who works on a day: the shifts of the week, less time off; or on call. Pure, no files, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from dispatch.clock import DAY_MIN, instant
from dispatch.standing import contractor_on, contractor_placed
from dispatch.standing_types import StandingContractor, StandingShift
from dispatch.types import BreakRule, Contractor, Shift

type Period = tuple[datetime, datetime]
"""Aware instants, half open."""

_ALL_DAY = StandingShift(0, DAY_MIN)


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody works around one day.

    Parameters
    ----------
    shifts : those that begin on the day, in minutes of its clock
    off : periods of time off, of any length
    on_call : periods in which the person may be sent although no shift says so
    """

    shifts: tuple[StandingShift, ...] = ()
    off: tuple[Period, ...] = ()
    on_call: tuple[Period, ...] = ()


def on_day(
    person: StandingContractor, hours: Hours, on: date, tz: ZoneInfo
) -> tuple[Contractor | None, tuple[str, ...]]:
    """Somebody on a day, as planning takes people: with one span of hours and breaks in it.

    Parameters
    ----------
    person : whose ``shift`` is not looked at; ``hours`` say when they work
    on, tz : the day on which shifts begin, and whose clocks their times are

    Returns
    -------
    the contractor, None when they do not work that day; and sentences, as ``contractor_on`` has them

    Several shifts become one span, with a break where nobody works between them. Time off cuts an end of the span,
    and is a break where it lies in the middle; a break that would begin in time off is taken then. Somebody without
    a shift on the day is there while on call, from midnight to midnight at most; a shift is not made longer by it.
    """
    placed: list[Contractor] = []
    said: tuple[str, ...] = ()
    for shift in hours.shifts:
        made, sentences = contractor_on(replace(person, shift=shift), on, tz)
        said += sentences
        placed += [made] if made is not None else []
    placed.sort(key=lambda made: made.shift.starts_at)
    spans = [(made.shift.starts_at, made.shift.ends_at) for made in placed]
    breaks = [pause for made in placed for pause in made.breaks]
    if not hours.shifts:
        midnights = instant(on, 0, tz)[0], instant(on, DAY_MIN, tz)[0]
        spans = sorted(part for period in hours.on_call if (part := _common(period, midnights)))
    whole = _joined(spans)
    working = _without(whole, _joined(hours.off))
    if not working:
        return None, said
    if working != whole:
        breaks = [fit for pause in breaks if (fit := _fitting(pause, working)) is not None]
    breaks += [
        BreakRule(ended_at, ended_at, round((begins_at - ended_at).total_seconds()))
        for (_, ended_at), (begins_at, _) in pairwise(working)
    ]
    breaks.sort(key=lambda pause: (pause.earliest_at, pause.latest_at))
    anybody, _ = contractor_placed(replace(person, shift=_ALL_DAY), on, tz)
    return replace(anybody, shift=Shift(working[0][0], working[-1][1]), breaks=tuple(breaks)), said


def _common(period: Period, other: Period) -> Period | None:
    part = max(period[0], other[0]), min(period[1], other[1])
    return part if part[0] < part[1] else None


def _joined(periods: Sequence[Period]) -> list[Period]:
    """In order, those that touch or overlap made one."""
    joined: list[Period] = []
    for starts_at, ends_at in sorted(periods):
        if joined and starts_at <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends_at)
        else:
            joined.append((starts_at, ends_at))
    return joined


def _without(periods: Sequence[Period], taken: Sequence[Period]) -> list[Period]:
    """What is left of periods; both in order and apart."""
    left = list(periods)
    for gone_from, gone_to in taken:
        pieces = [
            ((starts_at, min(ends_at, gone_from)), (max(starts_at, gone_to), ends_at)) for starts_at, ends_at in left
        ]
        left = [piece for pair in pieces for piece in pair if piece[0] < piece[1]]
    return left


def _fitting(pause: BreakRule, working: Sequence[Period]) -> BreakRule | None:
    """The break as far as it begins and ends in one stretch of work; None where it is taken in time off."""
    length = timedelta(seconds=pause.duration_s)
    for starts_at, ends_at in working:
        earliest_at, latest_at = max(pause.earliest_at, starts_at), min(pause.latest_at, ends_at - length)
        if starts_at <= pause.earliest_at < ends_at and earliest_at <= latest_at:
            return replace(pause, earliest_at=earliest_at, latest_at=latest_at)
    return None
