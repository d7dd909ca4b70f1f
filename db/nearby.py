"""Who is near a place at an instant: the nearest people who may come, each with what is known about their time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import driver
from db.nearby_statement import CANDIDATES, statement
from db.nearest import look_again_m
from dispatch.availability import Fix, Schedule, Span, StopInForce
from geo.point import Point

__all__ = ["CANDIDATES", "MOST_LIVE", "NearbyRow", "Neighbourhood", "Seen", "near"]

MOST_LIVE = 100
"""How many of the people who were seen nearest are asked about."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody's last position, and how far from the place that is."""

    contractor_id: UUID
    fix: Fix
    distance_m: float


@dataclass(frozen=True, slots=True)
class NearbyRow:
    """Somebody who may come: does the trade, goes that far, and serves the area."""

    contractor_id: UUID
    name: str
    trades: tuple[str, ...]
    rating: float | None
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The answer: ``reach_m`` is how far anybody of the trade goes, 0 when there is nobody."""

    rows: tuple[NearbyRow, ...]
    reach_m: int


_STATEMENTS = {
    (of_a_trade, within_a_day, in_box): statement(of_a_trade=of_a_trade, within_a_day=within_a_day, in_box=in_box)
    for of_a_trade in (True, False)
    for within_a_day in (True, False)
    for in_box in (True, False)
}


async def near(
    tx: AsyncConnection | psycopg.AsyncConnection,
    point: Point,
    *,
    trade: str | None,
    radius_m: float,
    at: datetime,
    until: datetime,
    within_a_day: bool = False,
    seen: Sequence[Seen] = (),
) -> Neighbourhood:
    """The nearest ``CANDIDATES`` people who may come to a point, by where they will set out from.

    Parameters
    ----------
    trade : a name in ``trades``; None for any
    radius_m : the least to look around for stops; homes are looked for as far as anybody of the trade goes
    at, until : aware; who is at work at ``at``, or with ``within_a_day`` at some time in [at, until)
    seen : positions of people who will set out from there, at most ``MOST_LIVE``

    Returns
    -------
    rows nearest first
    """
    raw = tx if isinstance(tx, psycopg.AsyncConnection) else await driver(tx)
    values = _values(point, trade, radius_m, at, until, seen)
    async with psycopg.AsyncRawCursor(raw) as cursor:
        asked = _STATEMENTS[trade is not None, within_a_day, False]
        found = await (await cursor.execute(asked, values, prepare=True, binary=True)).fetchall()
        reach_m, walk_ended, last_m = found[0][:3]
        if (metres := look_again_m(point, reach_m, walk_ended, last_m)) is not None:
            asked = _STATEMENTS[trade is not None, within_a_day, True]
            found = await (await cursor.execute(asked, (*values, metres), prepare=True, binary=True)).fetchall()
    fixes = {one.contractor_id: one.fix for one in seen}
    rows = tuple(_row(row, fixes) for row in found if row[3] is not None)
    return Neighbourhood(rows, reach_m)


async def explained(
    tx: AsyncConnection,
    point: Point,
    *,
    trade: str | None,
    radius_m: float,
    at: datetime,
    until: datetime,
    done: bool = False,
    in_box_m: float | None = None,
) -> str:
    """What the planner does with ``near``, as text.

    Parameters
    ----------
    done : it is also done, and each step says how often
    in_box_m : of the statement that sorts homes within so many metres, which is for orders that are not proven
    """
    asked = _STATEMENTS[trade is not None, False, in_box_m is not None]
    values = _values(point, trade, radius_m, at, until, ())
    how = "explain (analyze, timing off)" if done else "explain"
    async with psycopg.AsyncRawCursor(await driver(tx)) as cursor:
        await cursor.execute(f"{how} {asked}", values if in_box_m is None else (*values, in_box_m))
        return "\n".join([row[0] for row in await cursor.fetchall()])


def _values(
    point: Point, trade: str | None, radius_m: float, at: datetime, until: datetime, seen: Sequence[Seen]
) -> tuple[Any, ...]:
    """What $1 to $8 of the statement stand for."""
    given = point.lon, point.lat, at, until, radius_m
    live = [one.contractor_id for one in seen], [one.distance_m for one in seen]
    return (*given, *live) if trade is None else (*given, *live, trade)


def _row(row: Any, fixes: Mapping[UUID, Fix]) -> NearbyRow:
    _, _, _, contractor_id, name, rating, timezone, lon, lat, week_min, trades, stops, breaks, time_off, on_call = row
    schedule = Schedule(
        Point(lon, lat),
        _zone(timezone),
        _week(week_min or ""),
        tuple(_stop(stop) for stop in orjson.loads(stops)) if stops else (),
        tuple((_instant(one["starts_at"]), _instant(one["ends_at"])) for one in orjson.loads(breaks)) if breaks else (),
        _spans(time_off),
        _spans(on_call),
        fixes.get(contractor_id),
    )
    return NearbyRow(contractor_id, name, tuple(sorted(trades)), rating, schedule)


def _stop(stop: Sequence[Any]) -> StopInForce:
    lon, lat, *instants = stop
    return StopInForce(Point(lon, lat), *map(_instant, instants))


def _spans(found: str | None) -> tuple[Span, ...]:
    return tuple((_instant(start), _instant(end)) for start, end in orjson.loads(found)) if found else ()


_instant = datetime.fromisoformat
_zone = lru_cache(maxsize=None)(ZoneInfo)


@lru_cache(maxsize=4096)
def _week(multirange: str) -> tuple[tuple[int, int], ...]:
    """``{[420,960),[1860,2400)}`` as pairs."""
    bounds = multirange.strip("{}[)")
    return tuple((int(a), int(b)) for a, b in (piece.split(",") for piece in bounds.split("),["))) if bounds else ()
