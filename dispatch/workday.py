"""What is left of somebody's day: several shifts become one with pauses, and time off is cut away. Pure arithmetic."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.types import BreakRule, Contractor, Shift

type Span = tuple[datetime, datetime | None]
"""Time off: aware instants, half open; without an end it lasts for good."""


def joined(parts: Sequence[Contractor]) -> Contractor:
    """One person's shifts of a day as a single one; between two shifts lies a pause of exactly that length.

    Parameters
    ----------
    parts : the same person with each shift, in any order, at least one; shifts that overlap are taken together
    """
    ordered = sorted(parts, key=lambda part: part.shift.starts_at)
    whole, pauses = ordered[0], [*ordered[0].breaks]
    for part in ordered[1:]:
        gap_s = round((part.shift.starts_at - whole.shift.ends_at).total_seconds())
        if gap_s > 0:
            pauses.append(BreakRule(whole.shift.ends_at, whole.shift.ends_at, gap_s))
        pauses += part.breaks
        shift = Shift(whole.shift.starts_at, max(whole.shift.ends_at, part.shift.ends_at))
        whole = replace(whole, shift=shift)
    return replace(whole, breaks=tuple(sorted(pauses, key=lambda pause: pause.earliest_at)))


def without_time_off(person: Contractor, off: Sequence[Span]) -> Contractor | None:
    """The longest part of the shift that no time off touches; None when there is none.

    Breaks that do not fit into that part fall away: whoever has half the day off has rested.
    """
    free: list[tuple[datetime, datetime]] = [(person.shift.starts_at, person.shift.ends_at)]
    for begins_at, ends_at in off:
        free = [piece for part in free for piece in _around(part, begins_at, ends_at)]
    if not free:
        return None
    starts_at, ends_at = max(free, key=lambda part: part[1] - part[0])
    if (starts_at, ends_at) == (person.shift.starts_at, person.shift.ends_at):
        return person
    kept = [_fitted(pause, starts_at, ends_at) for pause in person.breaks]
    breaks = tuple(pause for pause in kept if pause is not None)
    return replace(person, shift=Shift(starts_at, ends_at), breaks=breaks)


def _around(
    part: tuple[datetime, datetime], begins_at: datetime, ends_at: datetime | None
) -> list[tuple[datetime, datetime]]:
    before = (part[0], min(part[1], begins_at))
    pieces = [before] if ends_at is None else [before, (max(part[0], ends_at), part[1])]
    return [piece for piece in pieces if piece[0] < piece[1]]


def _fitted(pause: BreakRule, starts_at: datetime, ends_at: datetime) -> BreakRule | None:
    """The break within a shorter shift, None when it does not fit."""
    earliest_at = max(pause.earliest_at, starts_at)
    latest_at = min(pause.latest_at, ends_at - timedelta(seconds=pause.duration_s))
    return replace(pause, earliest_at=earliest_at, latest_at=latest_at) if earliest_at <= latest_at else None
