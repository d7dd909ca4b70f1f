"""Versions of plans: which is in force on a day, its routes and stops, and writing a new one.

``plan_days`` is the head of a region's day. Every writer of the day locks it first and counts its version up, so that
versions are exactly the changes, one after another.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from db.plans import plan_days, plans
from db.types import new_id


@dataclass(frozen=True, slots=True)
class Head:
    """What is in force on a region's day; version 0 and no plan when nothing was ever planned."""

    region: str
    on_date: date
    plan_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class StopRow:
    """One visit; ``reasons`` as in plan.json."""

    job_id: UUID
    arrives_at: datetime
    service_starts_at: datetime
    departs_at: datetime
    travel_s: int
    distance_m: int
    wait_s: int
    reasons: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One contractor's day; ``breaks`` are (starts_at, ends_at)."""

    contractor_id: UUID
    starts_at: datetime
    ends_at: datetime
    travel_s: int
    service_s: int
    wait_s: int
    distance_m: int
    geometry: str
    breaks: tuple[tuple[datetime, datetime], ...]
    stops: tuple[StopRow, ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A version of a day's plan; ``document`` is plan.json without its routes."""

    id: UUID
    region: str
    on_date: date
    version: int
    run_id: UUID | None
    origin: str
    document: Mapping[str, Any]
    routes: tuple[RouteRow, ...]

    def job_ids(self) -> list[UUID]:
        """Every job that is served."""
        return [stop.job_id for route in self.routes for stop in route.stops]


async def head(tx: AsyncConnection, region: str, on_date: date) -> Head:
    """What is in force, as this transaction sees it."""
    row = (await tx.execute(_head_query(region, on_date))).one_or_none()
    return Head(region, on_date, None, 0) if row is None else Head(region, on_date, row.plan_id, row.version)


async def lock_head(tx: AsyncConnection, region: str, on_date: date) -> Head:
    """What is in force, kept from every other writer until the transaction ends. Lock jobs and contractors before."""
    await tx.execute(insert(plan_days).values(region=region, on_date=on_date).on_conflict_do_nothing())
    row = (await tx.execute(_head_query(region, on_date).with_for_update())).one()
    return Head(region, on_date, row.plan_id, row.version)


async def read(tx: AsyncConnection, plan_id: UUID) -> PlanRow:
    """A version with its routes and stops, in the order of contractors and positions."""
    found = (await tx.execute(select(plans).where(plans.c.id == plan_id))).one()
    visits = defaultdict[UUID, list[StopRow]](list)
    for row in await tx.execute(_STOPS, {"plan_id": plan_id}):
        contractor_id, *values = row
        visits[contractor_id].append(StopRow(*values))
    found_routes = await tx.execute(_ROUTES, {"plan_id": plan_id})
    routes = [_route(row, visits[row.contractor_id]) for row in found_routes]
    return PlanRow(
        found.id,
        found.region,
        found.on_date,
        found.version,
        found.run_id,
        found.origin,
        found.document,
        tuple(routes),
    )


async def in_force(tx: AsyncConnection, at: Head) -> PlanRow | None:
    """The plan that a head points to."""
    return None if at.plan_id is None else await read(tx, at.plan_id)


async def of_version(tx: AsyncConnection, region: str, on_date: date, version: int) -> PlanRow | None:
    """The plan that a version of the day was; None when that version was "no plan"."""
    found = await tx.execute(
        select(plans.c.id).where(plans.c.region == region, plans.c.on_date == on_date, plans.c.version == version)
    )
    plan_id = found.scalar_one_or_none()
    return None if plan_id is None else await read(tx, plan_id)


async def put(
    tx: AsyncConnection,
    at: Head,
    origin: str,
    document: Mapping[str, Any],
    routes: Sequence[RouteRow],
    *,
    run_id: UUID | None = None,
    kept_from: UUID | None = None,
) -> Head:
    """Write the next version and put it in force; the head must be locked.

    Parameters
    ----------
    routes : those that are new; routes without a stop are not kept
    kept_from : a version whose routes of all other contractors are taken over as they are
    """
    plan_id, version = new_id(), at.version + 1
    values = {
        "id": plan_id,
        "region": at.region,
        "on_date": at.on_date,
        "version": version,
        "run_id": run_id,
        "origin": origin,
        "document": dict(document),
    }
    await tx.execute(insert(plans).values(values))
    driven = [route for route in routes if route.stops]
    if kept_from is not None:
        ours = {"new": plan_id, "old": kept_from, "changed": [route.contractor_id for route in routes]}
        await tx.execute(_COPY_ROUTES, ours)
        await tx.execute(_COPY_STOPS, ours)
    if driven:
        await tx.execute(_INSERT_ROUTES, {"rows": _json([_route_values(plan_id, route) for route in driven])})
        await tx.execute(_INSERT_STOPS, {"rows": _json(_stop_values(plan_id, driven))})
    return await _point(tx, Head(at.region, at.on_date, plan_id, version))


async def put_none(tx: AsyncConnection, at: Head) -> Head:
    """Put "no plan" in force as the next version; the head must be locked."""
    return await _point(tx, Head(at.region, at.on_date, None, at.version + 1))


@dataclass(frozen=True, slots=True)
class Person:
    """Whose schedule is asked for."""

    id: UUID
    external_id: str
    name: str
    region: str
    timezone: str


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What somebody on the way to a job needs to know."""

    id: UUID
    number: str
    external_id: str | None
    status: str
    trade: str
    address: str
    lon: float
    lat: float
    duration_s: int


async def person(tx: AsyncConnection, contractor_id: UUID) -> Person | None:
    """A contractor, active or not."""
    row = (await tx.execute(_PERSON, {"id": contractor_id})).one_or_none()
    return None if row is None else Person(*row)


async def route_in_force(tx: AsyncConnection, at: Head, contractor_id: UUID) -> RouteRow | None:
    """One contractor's route of the plan in force."""
    if at.plan_id is None:
        return None
    ours = {"plan_id": at.plan_id, "contractor_id": contractor_id}
    row = (await tx.execute(_ROUTE, ours)).one_or_none()
    if row is None:
        return None
    return _route(row, [StopRow(*stop) for stop in await tx.execute(_ROUTE_STOPS, ours)])


async def facts(tx: AsyncConnection, job_ids: Collection[UUID]) -> Mapping[UUID, JobFacts]:
    """Jobs by id."""
    return {row.id: JobFacts(*row) for row in await tx.execute(_FACTS, {"ids": list(job_ids)})}


async def _point(tx: AsyncConnection, to: Head) -> Head:
    await tx.execute(_POINT, {"region": to.region, "on_date": to.on_date, "plan": to.plan_id, "version": to.version})
    return to


def _head_query(region: str, on_date: date) -> Any:
    return select(plan_days.c.plan_id, plan_days.c.version).where(
        plan_days.c.region == region, plan_days.c.on_date == on_date
    )


def _route(row: Row[Any], stops: Sequence[StopRow]) -> RouteRow:
    instant = datetime.fromisoformat
    return RouteRow(
        contractor_id=row.contractor_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        travel_s=row.travel_s,
        service_s=row.service_s,
        wait_s=row.wait_s,
        distance_m=row.distance_m,
        geometry=row.geometry,
        breaks=tuple((instant(pause["starts_at"]), instant(pause["ends_at"])) for pause in row.breaks),
        stops=tuple(stops),
    )


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def _route_values(plan_id: UUID, route: RouteRow) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "contractor_id": route.contractor_id,
        "starts_at": route.starts_at,
        "ends_at": route.ends_at,
        "travel_s": route.travel_s,
        "service_s": route.service_s,
        "wait_s": route.wait_s,
        "distance_m": route.distance_m,
        "geometry": route.geometry,
        "breaks": [{"starts_at": starts_at, "ends_at": ends_at} for starts_at, ends_at in route.breaks],
    }


def _stop_values(plan_id: UUID, routes: Sequence[RouteRow]) -> list[dict[str, Any]]:
    return [
        {
            "plan_id": plan_id,
            "contractor_id": route.contractor_id,
            "position": position,
            "job_id": stop.job_id,
            "arrives_at": stop.arrives_at,
            "service_starts_at": stop.service_starts_at,
            "departs_at": stop.departs_at,
            "travel_s": stop.travel_s,
            "distance_m": stop.distance_m,
            "wait_s": stop.wait_s,
            "reasons": list(stop.reasons),
        }
        for route in routes
        for position, stop in enumerate(route.stops)
    ]


_ROUTES = text("""
select contractor_id, starts_at, ends_at, travel_s, service_s, wait_s, distance_m, geometry, breaks
from routes where plan_id = :plan_id order by contractor_id
""")

_STOPS = text("""
select contractor_id, job_id, arrives_at, service_starts_at, departs_at, travel_s, distance_m, wait_s, reasons
from stops where plan_id = :plan_id order by contractor_id, position
""")

_ROUTE = text("""
select contractor_id, starts_at, ends_at, travel_s, service_s, wait_s, distance_m, geometry, breaks
from routes where plan_id = :plan_id and contractor_id = :contractor_id
""")

_ROUTE_STOPS = text("""
select job_id, arrives_at, service_starts_at, departs_at, travel_s, distance_m, wait_s, reasons
from stops where plan_id = :plan_id and contractor_id = :contractor_id order by position
""")

# One statement and one value for a thousand stops: the rows travel as JSON and are typed by the table itself.
_INSERT_ROUTES = text("""
insert into routes select * from jsonb_populate_recordset(cast(null as routes), cast(:rows as jsonb))
""")

_INSERT_STOPS = text("""
insert into stops select * from jsonb_populate_recordset(cast(null as stops), cast(:rows as jsonb))
""")

_COPY_ROUTES = text("""
insert into routes (plan_id, contractor_id, starts_at, ends_at, travel_s, service_s, wait_s, distance_m, geometry, breaks)
select :new, contractor_id, starts_at, ends_at, travel_s, service_s, wait_s, distance_m, geometry, breaks
from routes where plan_id = :old and contractor_id <> all(cast(:changed as uuid[]))
""")

_COPY_STOPS = text("""
insert into stops (plan_id, contractor_id, position, job_id, arrives_at, service_starts_at, departs_at,
                   travel_s, distance_m, wait_s, reasons)
select :new, contractor_id, position, job_id, arrives_at, service_starts_at, departs_at,
       travel_s, distance_m, wait_s, reasons
from stops where plan_id = :old and contractor_id <> all(cast(:changed as uuid[]))
""")

_POINT = text("""
update plan_days set plan_id = :plan, version = :version, updated_at = now()
where region = :region and on_date = :on_date
""")

_PERSON = text("select id, external_id, name, region, timezone from contractors where id = :id")

_FACTS = text("""
select j.id, j.number, j.external_id, j.status, t.name, j.address,
       st_x(j.location::geometry), st_y(j.location::geometry), j.duration_s
from jobs j join trades t on t.id = j.trade_id
where j.id = any(:ids)
""")
