"""People of a town in the database, for tests about who is near."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, text

from db.contractors import contractors, offerings, on_call, refresh_offerings, shifts, time_off
from db.jobs import jobs
from db.plans import assignments, plan_days, plans, routes
from db.trades import trades
from db.types import new_id
from dispatch.availability import StopInForce
from geo.point import Point

WORKDAYS = tuple((day, 480, 1020) for day in range(5))


@dataclass(frozen=True)
class Neighbour:
    """Somebody; ``shifts`` are (weekday, starts_min, ends_min)."""

    name: str
    home: Point
    trades: tuple[str, ...] = ("plumber",)
    reach_m: int = 40_000
    area: str | None = None
    shifts: tuple[tuple[int, int, int], ...] = WORKDAYS
    stops: tuple[StopInForce, ...] = ()
    breaks: tuple[tuple[datetime, datetime], ...] = ()
    time_off: tuple[tuple[datetime, datetime | None], ...] = ()
    on_call: tuple[tuple[datetime, datetime], ...] = ()
    active: bool = True
    rating: float | None = None
    id: UUID = field(default_factory=new_id)


def wkt(point):
    return f"POINT({point.lon!r} {point.lat!r})"


def period(start, end):
    return f"[{start.isoformat()},{end.isoformat() if end else ''})"


async def settle(tx, people, *, region="coquimbo", timezone="UTC"):
    """Let people live in a region, which is made if it is not there."""
    await tx.execute(
        text(
            "insert into regions (name, version, algorithm, timezone, outline, statistics) values (:name, '1', 'mld', :tz,"
            " 'MULTIPOLYGON(((-72 -31,-70 -31,-70 -29,-72 -29,-72 -31)))', '{}') on conflict do nothing"
        ),
        {"name": region, "tz": timezone},
    )
    ids = dict((await tx.execute(select(trades.c.name, trades.c.id))).all())
    await _insert(tx, contractors, [_contractor(one, region, timezone) for one in people])
    await _insert(
        tx,
        offerings,
        [
            {
                "contractor_id": one.id,
                "trade_id": ids[trade],
                "home": wkt(one.home),
                "reach_m": one.reach_m,
                "has_area": one.area is not None,
                "week_min": [],
                "timezone": timezone,
            }
            for one in people
            for trade in one.trades
        ],
    )
    await _insert(
        tx,
        shifts,
        [
            {"contractor_id": one.id, "weekday": day, "starts_min": starts, "ends_min": ends}
            for one in people
            for day, starts, ends in one.shifts
        ],
    )
    await refresh_offerings(tx, [one.id for one in people])
    for table, spans in ((time_off, "time_off"), (on_call, "on_call")):
        for one in people:
            for start, end in getattr(one, spans):
                await tx.execute(
                    text(
                        f"insert into {table.name} (id, contractor_id, period) values (:id, :who, cast(:p as tstzrange))"
                    ),
                    {"id": new_id(), "who": one.id, "p": period(start, end)},
                )
    for one in people:
        await _book(tx, one, region, ids["plumber"])


async def _book(tx, one, region, trade_id):
    for stop in one.stops:
        job = {
            "id": new_id(),
            "region": region,
            "trade_id": trade_id,
            "location": wkt(stop.location),
            "duration_s": 3600,
        }
        await tx.execute(insert(jobs), job)
        moments = ("leaves_at", "arrives_at", "service_starts_at", "service_ends_at", "departs_at")
        await tx.execute(
            insert(assignments),
            {
                "id": new_id(),
                "job_id": job["id"],
                "contractor_id": one.id,
                "region": region,
                "on_date": stop.leaves_at.date(),
                "location": wkt(stop.location),
            }
            | {moment: getattr(stop, moment) for moment in moments},
        )
    if one.breaks:
        on = one.breaks[0][0].date()
        plan = {"id": new_id(), "region": region, "on_date": on, "version": 1, "origin": "run", "document": {}}
        await tx.execute(insert(plans), plan)
        await tx.execute(insert(plan_days), {"region": region, "on_date": on, "plan_id": plan["id"], "version": 1})
        await tx.execute(
            insert(routes),
            {
                "plan_id": plan["id"],
                "contractor_id": one.id,
                "starts_at": one.breaks[0][0],
                "ends_at": one.breaks[-1][1],
                "geometry": "",
                "breaks": [{"starts_at": a.isoformat(), "ends_at": b.isoformat()} for a, b in one.breaks],
            }
            | dict.fromkeys(("travel_s", "service_s", "wait_s", "distance_m"), 0),
        )


async def _insert(tx, table, rows):
    if rows:
        await tx.execute(insert(table), rows)


def _contractor(one, region, timezone):
    return {
        "id": one.id,
        "region": region,
        "external_id": str(one.id),
        "name": one.name,
        "home": wkt(one.home),
        "service_area": one.area,
        "reach_m": one.reach_m,
        "timezone": timezone,
        "cost_per_hour": 3600,
        "rating": one.rating,
        "active": one.active,
    }
