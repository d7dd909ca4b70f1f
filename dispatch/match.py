"""Who may do a job, and who is there soonest by road: hard filters first, then drive time, with reasons in numbers."""

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.types import Contractor, Job, Reason
from dispatch.wording import distance_text, duration_text, ordinal
from geo.distance import one_to_many_m
from geo.point import Point
from routing.engine import TravelTimes
from routing.errors import OffRoad
from routing.types import UNREACHABLE

_OVERTAKEN_NAMED = 3
_SIMILAR = 0.6
"""The similarity from which difflib takes two words for spellings of one another; its own default."""


@dataclass(frozen=True, slots=True)
class Match:
    """A contractor who passes every filter and can drive to the point.

    Parameters
    ----------
    drive_s, road_distance_m : from home to the point, by the engine asked
    distance_m : in a straight line
    straight_rank : from 1, among all who pass the filters
    rank : from 1, by drive time among those found
    reasons : why this rank; figures, never causes
    """

    contractor: Contractor
    drive_s: int
    distance_m: int
    road_distance_m: int
    straight_rank: int
    rank: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Drive:
    """A candidate with figures, before ranks by road are known."""

    contractor: Contractor
    drive_s: int
    road_distance_m: int
    distance_m: int
    straight_rank: int


def nearest_by_road(
    engine: TravelTimes,
    contractors: Sequence[Contractor],
    point: Point,
    *,
    trade: str | None = None,
    skills: frozenset[str] = frozenset(),
    limit: int = 10,
    candidates: int = 50,
) -> list[Match]:
    """Contractors in the order in which they would arrive if all left home now.

    Parameters
    ----------
    engine : travel over the region of the point
    trade : must be among the contractor's trades; None asks for none
    skills : must all be held
    limit : how many to return at most
    candidates : how many, nearest by straight line, are timed at once; the next as many are taken only while fewer
        than ``limit`` of them can be reached

    Returns
    -------
    by (drive_s, id); who stands off any road or cannot reach the point is left out

    Raises
    ------
    ValueError : ``limit`` or ``candidates`` below 1
    OffRoad : the point itself is off any road; index 0 stands for it
    EngineFailed : the engine's fault
    """
    if limit < 1 or candidates < 1:
        raise ValueError(f"limit {limit}, candidates {candidates}: both must be 1 or more")
    able = [c for c in contractors if (trade is None or trade in c.trades) and skills <= c.skills and c.serves(point)]
    if not able:
        return []
    homes = np.array([(c.home.lon, c.home.lat) for c in able])
    straight_m = one_to_many_m(point, homes)
    by_straight = sorted(range(len(able)), key=lambda i: (straight_m[i], able[i].id))
    drives: list[_Drive] = []
    for first in range(0, len(able), candidates):
        batch = by_straight[first : first + candidates]
        timed = _drive_times(engine, homes[batch], point)
        drives += [
            _Drive(able[i], drive_s, road_m, round(float(straight_m[i])), first + at + 1)
            for at, (i, (drive_s, road_m)) in enumerate(zip(batch, timed, strict=True))
            if drive_s < UNREACHABLE
        ]
        if len(drives) >= limit:
            break
    drives.sort(key=lambda drive: (drive.drive_s, drive.contractor.id))
    return [
        Match(
            drive.contractor,
            drive.drive_s,
            drive.distance_m,
            drive.road_distance_m,
            drive.straight_rank,
            at + 1,
            _rank_reasons(drives, at, engine.source),
        )
        for at, drive in enumerate(drives[:limit])
    ]


def eligible(contractor: Contractor, job: Job) -> list[Reason]:
    """Each hard filter that keeps a contractor from a job; empty when he may do it. Time and distance are not asked.

    Codes: ``no_trade``, ``no_skill`` (one for each skill missing), ``outside_area``, ``excluded``,
    ``not_required``.
    """
    who = contractor.name or contractor.id
    missed = []
    if job.trade not in contractor.trades:
        missed.append(Reason("no_trade", f"{who} does {_listed(contractor.trades)}, not {job.trade}"))
    missed += [
        Reason("no_skill", f"{who} does not hold the skill {skill}") for skill in sorted(job.skills - contractor.skills)
    ]
    if not contractor.serves(job.point):
        missed.append(Reason("outside_area", f"job {job.id} lies outside {who}'s service area"))
    if contractor.id in job.excluded_contractors:
        missed.append(Reason("excluded", f"job {job.id} excludes {contractor.id}"))
    if job.required_contractor not in (None, contractor.id):
        missed.append(Reason("not_required", f"job {job.id} may only be done by {job.required_contractor}"))
    return missed


def nearest_spelling(trade: str, trades: Collection[str]) -> str | None:
    """The trade that somebody may have meant, whatever its case; None when nothing looks alike.

    Source: Ratcliff and Metzener (1988), Pattern Matching: the Gestalt Approach, Dr. Dobb's Journal 13(7), as in
    ``difflib``; of equally similar trades the last in the alphabet.
    """
    # Reversed, so that of two spellings that differ in case only the first in the alphabet stays.
    as_typed = {known.strip().casefold(): known for known in sorted(trades, reverse=True)}
    alike = difflib.get_close_matches(trade.strip().casefold(), sorted(as_typed), n=1, cutoff=_SIMILAR)
    return as_typed[alike[0]] if alike else None


def _drive_times(engine: TravelTimes, homes: np.ndarray, point: Point) -> list[tuple[int, int]]:
    """Seconds and metres from each home to the point; ``UNREACHABLE`` for a home off any road."""
    drives = [(UNREACHABLE, UNREACHABLE)] * len(homes)
    kept = list(range(len(homes)))
    while kept:
        lonlat = np.vstack((homes[kept], [(point.lon, point.lat)]))
        try:
            table = engine.table(lonlat, sources=range(len(kept)), targets=[len(kept)])
        except OffRoad as off:
            if len(kept) in off.indices:
                distance_m = off.distance_m[off.indices.index(len(kept))]
                raise OffRoad([0], [distance_m], off.limit_m) from off
            kept = [i for at, i in enumerate(kept) if at not in off.indices]
        else:
            for i, drive_s, road_m in zip(kept, table.duration_s[:, 0], table.distance_m[:, 0], strict=True):
                drives[i] = int(drive_s), int(road_m)
            break
    return drives


def _rank_reasons(drives: Sequence[_Drive], at: int, source: str) -> tuple[Reason, ...]:
    """Both ranks with their figures, and who lives nearer but drives longer."""
    drive = drives[at]
    by = "by road" if source != "straight" else "by drive time estimated from the straight line"
    reasons = [
        Reason(
            "rank",
            f"{ordinal(at + 1)} {by}: {duration_text(drive.drive_s)}, {distance_text(drive.road_distance_m)};"
            f" {ordinal(drive.straight_rank)} by straight line: {distance_text(drive.distance_m)}",
        )
    ]
    slower = [other for other in drives[at + 1 :] if other.straight_rank < drive.straight_rank]
    if slower:
        slower.sort(key=lambda other: other.straight_rank)
        named = ", ".join(
            f"{other.contractor.id} ({distance_text(other.distance_m)} straight, {duration_text(other.drive_s)})"
            for other in slower[:_OVERTAKEN_NAMED]
        )
        more = f" and {len(slower) - _OVERTAKEN_NAMED} more" if len(slower) > _OVERTAKEN_NAMED else ""
        reasons.append(Reason("nearer_but_slower", f"nearer by straight line but not sooner here: {named}{more}"))
    return tuple(reasons)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
