"""Of the people near a place, who can be at the door soonest by road: one order, with reasons. Pure, no database."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from uuid import UUID

import numpy as np

from dispatch.availability import Availability, Schedule, available_from
from dispatch.clock import wall_text
from dispatch.types import Reason
from dispatch.wording import distance_text, duration_text, ordinal
from geo.distance import one_to_many_m
from geo.point import Point
from routing.engine import SNAP_LIMIT_M
from routing.straight import DETOUR, SPEED_MPS
from routing.types import UNREACHABLE

WIDEN_BY = 1.5
"""How much farther to look while too few people are found."""

FASTEST_MPS = 140 / 3.6
"""No car of the engine's drives faster: its profile takes roads without a limit for 140 km/h and goes below limits."""

_OVERTAKEN_NAMED = 3
_BOUND = itemgetter(0, 1)


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody who may come, and when and from where.

    Parameters
    ----------
    distance_m : from the origin to the point, in a straight line
    """

    contractor_id: UUID
    schedule: Schedule
    availability: Availability
    distance_m: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is in the answer, by (distance_m, contractor_id), and how far was looked."""

    presences: tuple[Presence, ...]
    searched_radius_m: int
    widened: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who can be there; ``straight_rank`` is from 1, by distance among all in the answer."""

    presence: Presence
    drive_s: int
    at_door_at: datetime
    straight_rank: int

    @property
    def key(self) -> tuple[datetime, int, UUID]:
        """What arrivals are ordered by."""
        return self.at_door_at, self.drive_s, self.presence.contractor_id


def presences(
    people: Sequence[tuple[UUID, Schedule]], point: Point, at: datetime, until: datetime, *, now: datetime
) -> list[Presence]:
    """When and from where each can set out; whoever cannot in [at, until) is left out."""
    free = [(who, schedule, available_from(schedule, at, until, now=now)) for who, schedule in people]
    found = [(who, schedule, availability) for who, schedule, availability in free if availability is not None]
    if not found:
        return []
    origins = np.array([(one.origin.lon, one.origin.lat) for _, _, one in found])
    distance_m = one_to_many_m(point, origins).tolist()
    return [Presence(*one, metres) for one, metres in zip(found, distance_m, strict=True)]


def choose(found: Sequence[Presence], *, radius_m: float, reach_m: float, limit: int, most: int) -> Choice:
    """Who is at work and sets out from within the radius; while they are fewer than ``limit``, from farther away.

    Parameters
    ----------
    found : in any order
    radius_m, reach_m : where to begin looking, and how far the farthest of all goes
    limit, most : how many are wanted, and how many are taken

    Returns
    -------
    the nearest ``most``, with the radius that was enough: ``radius_m`` times a power of ``WIDEN_BY``, at most the reach
    """
    on_duty = sorted(
        (one for one in found if one.availability.on_duty), key=lambda one: (one.distance_m, one.contractor_id)
    )
    searched_m = radius_m
    inside = [one for one in on_duty if one.distance_m <= searched_m]
    while len(inside) < limit and searched_m < reach_m:
        searched_m = min(searched_m * WIDEN_BY, reach_m)
        inside = [one for one in on_duty if one.distance_m <= searched_m]
    return Choice(tuple(inside[:most]), math.ceil(searched_m), widened=searched_m > radius_m)


def complete(choice: Choice, found: Sequence[Presence], *, most: int) -> Choice:
    """The choice together with the nearest of those who can set out later, up to ``most``."""
    chosen = {one.contractor_id for one in choice.presences}
    later = sorted(
        (one for one in found if one.contractor_id not in chosen and one.distance_m <= choice.searched_radius_m),
        key=lambda one: (one.distance_m, one.contractor_id),
    )
    together = [*choice.presences, *later[: most - len(chosen)]]
    together.sort(key=lambda one: (one.distance_m, one.contractor_id))
    return Choice(tuple(together), choice.searched_radius_m, widened=choice.widened)


def worth_timing(presences: Sequence[Presence], drive_s: Mapping[UUID, int], n_wanted: int) -> list[Presence]:
    """Whose drive has to be looked up next, so that the first ``n_wanted`` of the order are certain.

    Nobody is at the door before they can set out and have driven the straight line, less what the engine may move
    both ends to the nearest road, at ``FASTEST_MPS``. Whoever cannot beat the last of the wanted even so needs no
    look-up. Call it again with what was found until it answers with nobody: twice, unless some cannot be reached.

    While nothing is known, an estimate stands for the last of the wanted: it costs less to ask once for some people
    too many than twice.

    Parameters
    ----------
    presences : all in the answer
    drive_s : what is known, ``UNREACHABLE`` included
    n_wanted : how many of the order are asked for, those of earlier pages included
    """
    if len(drive_s) == len(presences):
        return []
    unknown = sorted(
        ((_earliest_at(one), one.contractor_id.int, one) for one in presences if one.contractor_id not in drive_s),
        key=_BOUND,
    )
    if not drive_s:
        estimated = sorted(map(_estimated_at, presences))[:n_wanted]
        return [one for i, (earliest_at, _, one) in enumerate(unknown) if i < n_wanted or earliest_at <= estimated[-1]]
    known = sorted(
        one.availability.available_from + timedelta(seconds=drive_s[one.contractor_id])
        for one in presences
        if drive_s.get(one.contractor_id, UNREACHABLE) < UNREACHABLE
    )
    if len(known) < n_wanted:
        return [one for _, _, one in unknown[: n_wanted - len(known)]]
    return [one for earliest_at, _, one in unknown if earliest_at <= known[n_wanted - 1]]


def arrivals(presences: Sequence[Presence], drive_s: Mapping[UUID, int]) -> list[Arrival]:
    """Everybody whose drive is known and possible, in the one order: at the door, then drive, then id."""
    found = [
        Arrival(one, seconds, one.availability.available_from + timedelta(seconds=seconds), straight_rank)
        for straight_rank, one in enumerate(presences, 1)
        if (seconds := drive_s.get(one.contractor_id, UNREACHABLE)) < UNREACHABLE
    ]
    found.sort(key=lambda arrival: arrival.key)
    return found


def reasons(
    ordered: Sequence[Arrival],
    position: int,
    at: datetime,
    names: Mapping[UUID, str],
    *,
    source: str,
    shown_m: Callable[[float], int],
) -> tuple[Reason, ...]:
    """Why somebody stands where they stand; figures, never causes.

    Parameters
    ----------
    ordered : as ``arrivals`` gives them; those not timed come after all of them
    position : from 0
    source : who gave the drive times, "osrm" or "straight"
    shown_m : a straight distance as this reader may know it
    """
    arrival = ordered[position]
    one, availability = arrival.presence, arrival.presence.availability
    by = "by road" if source != "straight" else "by drive time estimated from the straight line"
    said = [
        Reason(
            "rank",
            f"{ordinal(position + 1)} at the door, after {duration_text(arrival.drive_s)} {by};"
            f" {ordinal(arrival.straight_rank)} by straight line: {distance_text(shown_m(one.distance_m))}",
        )
    ]
    if availability.available_from > at:
        waits_s = math.ceil((availability.available_from - at).total_seconds())
        free_at = wall_text(availability.available_from, one.schedule.tz)
        said.append(Reason("waits", f"can set out at {free_at}, {duration_text(waits_s)} after the time asked for"))
    if availability.origin_source == "stop":
        said.append(Reason("from_stop", "sets out from a stop of the day's route, not from home"))
    elif availability.origin_source == "live":
        said.append(Reason("from_live", "sets out from where they were seen in the last 10 minutes"))
    slower = [other for other in ordered[position + 1 :] if other.straight_rank < arrival.straight_rank]
    if slower:
        slower.sort(key=lambda other: other.straight_rank)
        named = ", ".join(
            f"{names[other.presence.contractor_id]} ({distance_text(shown_m(other.presence.distance_m))} straight,"
            f" {duration_text(other.drive_s)}{_later(other, at)})"
            for other in slower[:_OVERTAKEN_NAMED]
        )
        more = f" and {len(slower) - _OVERTAKEN_NAMED} more" if len(slower) > _OVERTAKEN_NAMED else ""
        said.append(Reason("nearer_but_later", f"nearer by straight line but not sooner here: {named}{more}"))
    return tuple(said)


def _earliest_at(one: Presence) -> datetime:
    least_s = max(0.0, one.distance_m - 2 * SNAP_LIMIT_M) / FASTEST_MPS
    return one.availability.available_from + timedelta(seconds=math.floor(least_s))


def _estimated_at(one: Presence) -> datetime:
    return one.availability.available_from + timedelta(seconds=one.distance_m * DETOUR / SPEED_MPS)


def _later(other: Arrival, at: datetime) -> str:
    availability = other.presence.availability
    if availability.available_from <= at:
        return ""
    return f" from {wall_text(availability.available_from, other.presence.schedule.tz)} on"
