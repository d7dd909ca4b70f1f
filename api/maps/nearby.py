"""Who can be at a door soonest: candidates from the database, drive times from the roads, one order with reasons."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncEngine

from api.maps import nearby_cursor
from api.maps.nearby_cursor import Page
from api.roads import Roads
from db import engine as db_engine
from db import nearby as db_nearby
from db import trades as db_trades
from db.live import LivePositions
from db.nearby import CANDIDATES, MOST_LIVE, NearbyRow
from db.reading import Reading
from dispatch import nearby
from dispatch.availability import LIVE_AHEAD
from dispatch.match import nearest_spelling
from dispatch.nearby import Arrival, Choice, Presence
from geo.point import Point
from routing.errors import EngineFailed, OffRoad
from routing.region import Region
from routing.straight import Straight
from routing.types import UNREACHABLE

HORIZON = timedelta(hours=24)
"""Who can set out within this time counts when too few people are at work."""

LIVE_WITHIN_M = 200_000.0
COARSE_M = 100
"""Without a key distances are rounded up to this, so that they do not tell where somebody is."""


class UnknownTrade(Exception):
    """Nobody can do a trade that is not known; carries what may have been meant and all there are."""

    def __init__(self, trade: str, known: Sequence[str]) -> None:
        meant = nearest_spelling(trade, known)
        hint = f"did you mean {meant!r}?" if meant else f"there are: {', '.join(known)}"
        super().__init__(f"trade {trade!r} is not known; {hint}")
        self.details = {"trade": trade, "did_you_mean": meant, "trades": list(known)}


@dataclass(frozen=True, slots=True)
class Sources:
    """What a question is answered from: the rare statement, the usual ones, drives, and positions."""

    database: AsyncEngine
    reading: Reading
    roads: Roads
    live: LivePositions


@dataclass(frozen=True, slots=True)
class Question:
    """Who can be at ``point``; ``exact`` readers are told distances to the metre."""

    point: Point
    trade: str | None
    radius_m: float
    at: datetime
    limit: int
    cursor: str | None
    exact: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """The set that pages go through, and what is known about its people."""

    choice: Choice
    within_a_day: bool
    rows: Mapping[UUID, NearbyRow]


async def soonest(sources: Sources, asked: Question, *, now: datetime) -> dict[str, Any]:
    """The answer as ``NearbyOut`` describes it.

    Raises
    ------
    UnknownTrade, BadCursor : see there
    OffRoad : the point itself is too far from any road
    """
    key = nearby_cursor.question(asked.point, asked.trade, asked.radius_m)
    page = None if asked.cursor is None else nearby_cursor.read(asked.cursor, key)
    at = asked.at if page is None else page.at
    answer: dict[str, Any] = {
        "covered": False,
        "region": None,
        "at": at,
        "travel_time_source": None,
        "live_positions": sources.live.available,
        "results": [],
        "searched_radius_m": math.ceil(asked.radius_m),
        "widened": False,
        "within_a_day": False,
        "next_cursor": None,
    }
    region = sources.roads.region_at(asked.point)
    if region is None:
        return answer
    found = await _found(sources, asked, at, page, now=now)
    n_before = 0 if page is None else page.n_before
    ordered, n_left, source = await _ordered(
        sources.roads, region, asked.point, found.choice.presences, n_before + asked.limit
    )
    begin = n_before if page is None else sum(arrival.key <= page.after for arrival in ordered)
    end = min(begin + asked.limit, len(ordered))
    shown_m = _exact_m if asked.exact else _coarse_m
    names = {contractor_id: row.name for contractor_id, row in found.rows.items()}
    answer |= {
        "covered": True,
        "region": region.name,
        "travel_time_source": source,
        "searched_radius_m": found.choice.searched_radius_m,
        "widened": found.choice.widened,
        "within_a_day": found.within_a_day,
        "results": [
            _result(found.rows, ordered, position, n_before + 1 + position - begin)
            | {
                "distance_m": shown_m(ordered[position].presence.distance_m),
                "reasons": [
                    {"code": reason.code, "message": reason.message}
                    for reason in nearby.reasons(
                        ordered, position, at, names, source=source or "straight", shown_m=shown_m
                    )
                ],
            }
            for position in range(begin, end)
        ],
    }
    if end > begin and (end < len(ordered) or n_left):
        choice = found.choice
        following = Page(
            at,
            choice.searched_radius_m,
            choice.widened,
            found.within_a_day,
            n_before + end - begin,
            ordered[end - 1].key,
        )
        answer["next_cursor"] = nearby_cursor.written(following, key)
    return answer


async def _found(sources: Sources, asked: Question, at: datetime, page: Page | None, *, now: datetime) -> _Found:
    """Whom the pages go through: chosen by the first page, and by its choice on all that follow."""
    until = at + HORIZON
    seen = (
        sources.live.nearest(asked.point, asked.trade, MOST_LIVE, within_m=LIVE_WITHIN_M, now=now)
        if abs(at - now) <= LIVE_AHEAD
        else []
    )
    radius_m = asked.radius_m if page is None else float(page.searched_radius_m)
    limit = asked.limit if page is None else 0
    rows: dict[UUID, NearbyRow] = {}

    async def present(*, within_a_day: bool) -> tuple[list[Presence], int]:
        around = await sources.reading.ask(
            lambda connection: db_nearby.near(
                connection,
                asked.point,
                trade=asked.trade,
                radius_m=radius_m,
                at=at,
                until=until,
                within_a_day=within_a_day,
                seen=seen,
            )
        )
        # Who was found before stays as they were then: between two questions somebody may have changed.
        new = [row for row in around.rows if row.contractor_id not in rows]
        rows.update((row.contractor_id, row) for row in new)
        people = [(row.contractor_id, row.schedule) for row in new]
        return nearby.presences(people, asked.point, at, until, now=now), around.reach_m

    on_duty, reach_m = await present(within_a_day=False)
    choice = nearby.choose(on_duty, radius_m=radius_m, reach_m=reach_m, limit=limit, most=CANDIDATES)
    within_a_day = page.within_a_day if page is not None else len(choice.presences) < asked.limit
    if within_a_day:
        later, _ = await present(within_a_day=True)
        choice = nearby.complete(choice, [*on_duty, *later], most=CANDIDATES)
        if not rows and asked.trade is not None:
            async with db_engine.snapshot(sources.database) as tx:
                known = await db_trades.names(tx)
            if asked.trade not in known:
                raise UnknownTrade(asked.trade, known)
    if page is not None:
        choice = Choice(choice.presences, page.searched_radius_m, widened=page.widened)
    return _Found(choice, within_a_day, rows)


async def _ordered(
    roads: Roads, region: Region, point: Point, presences: Sequence[Presence], n_wanted: int
) -> tuple[list[Arrival], int, str | None]:
    """The order, certain up to ``n_wanted``; how many were not timed; and who gave the times."""
    drive_s: dict[UUID, int] = {}
    sources: set[str] = set()
    only_straight = False
    while pending := nearby.worth_timing(presences, drive_s, n_wanted):
        timed, source = _straight(point, pending) if only_straight else await _drives(roads, region, point, pending)
        drive_s |= timed
        sources.add(source)
        if len(sources) > 1:
            # The engine went or came between two questions: one answer never mixes two kinds of times.
            drive_s, sources, only_straight = {}, set(), True
    ordered = nearby.arrivals(presences, drive_s)
    return ordered, len(presences) - len(drive_s), next(iter(sources), None)


async def _drives(
    roads: Roads, region: Region, point: Point, presences: Sequence[Presence]
) -> tuple[dict[UUID, int], str]:
    """Seconds from each origin to the point; ``UNREACHABLE`` for an origin off any road of the region."""
    drive_s = {one.contractor_id: UNREACHABLE for one in presences}
    kept = list(presences)
    source = "osrm"
    while kept:
        try:
            table = await roads.table(region, _lonlat(kept, point), range(len(kept)), [len(kept)])
        except OffRoad as off:
            if len(kept) in off.indices:
                at = off.indices.index(len(kept))
                raise OffRoad([0], [off.distance_m[at]], off.limit_m) from off
            kept = [one for i, one in enumerate(kept) if i not in off.indices]
        except EngineFailed:
            return _straight(point, presences)
        else:
            source = table.source
            drive_s |= zip((one.contractor_id for one in kept), table.duration_s[:, 0].tolist(), strict=True)
            break
    return drive_s, source


def _straight(point: Point, presences: Sequence[Presence]) -> tuple[dict[UUID, int], str]:
    """The same by straight lines."""
    table = Straight().table(_lonlat(presences, point), range(len(presences)), [len(presences)])
    times = zip((one.contractor_id for one in presences), table.duration_s[:, 0].tolist(), strict=True)
    return dict(times), table.source


def _lonlat(presences: Sequence[Presence], point: Point) -> np.ndarray:
    origins = [one.availability.origin for one in presences]
    return np.array([*((origin.lon, origin.lat) for origin in origins), (point.lon, point.lat)])


def _result(rows: Mapping[UUID, NearbyRow], ordered: Sequence[Arrival], position: int, rank: int) -> dict[str, Any]:
    arrival = ordered[position]
    availability = arrival.presence.availability
    row = rows[arrival.presence.contractor_id]
    return {
        "contractor_id": row.contractor_id,
        "name": row.name,
        "trades": row.trades,
        "rating": row.rating,
        "distance_m": 0,
        "drive_s": arrival.drive_s,
        "available_from": availability.available_from,
        "at_door_at": arrival.at_door_at,
        "origin_source": availability.origin_source,
        "straight_rank": arrival.straight_rank,
        "rank": rank,
    }


def _exact_m(distance_m: float) -> int:
    return round(distance_m)


def _coarse_m(distance_m: float) -> int:
    return COARSE_M * math.ceil(distance_m / COARSE_M)
