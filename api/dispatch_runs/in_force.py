"""Putting a version of a day's plan in force: routes and stops, bookings, statuses, events; all of it or nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.bus import SUBSCRIBERS, publish
from api.dispatch_runs.documents import bookings, changed_since
from api.dispatch_runs.errors import DoubleBooking, PlanChanged
from api.events import Event, JobAssigned, JobUnassigned, PlanCommitted
from db import booking, plan_store
from db.booking import Booked
from db.event_batch import add_all
from db.plan_store import Head, RouteRow


@dataclass(frozen=True, slots=True)
class Version:
    """What is to be in force.

    Parameters
    ----------
    routes : those that are new
    document : plan.json without routes; None with no routes means "no plan"
    kept_from : a version whose routes of everybody else are taken over
    scope : only bookings of these jobs change; None: all of the day
    """

    origin: str
    routes: Sequence[RouteRow]
    document: Mapping[str, Any] | None
    run_id: UUID | None = None
    kept_from: UUID | None = None
    scope: Collection[UUID] | None = None


async def put_in_force(tx: AsyncConnection, at: Head, version: Version, *, actor: str) -> tuple[Head, Booked]:
    """Write a version on top of a locked head; jobs and contractors are locked before.

    Raises
    ------
    DoubleBooking : somebody is booked by a plan of another day at the same time
    """
    try:
        booked = await booking.book(tx, at.region, at.on_date, bookings(version.routes), version.scope)
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name not in ("ex_assignments_contractor_id_period", "uq_assignments_live_job"):
            raise
        raise DoubleBooking(name) from error
    if version.document is None:
        now = await plan_store.put_none(tx, at)
    else:
        now = await plan_store.put(
            tx,
            at,
            version.origin,
            version.document,
            version.routes,
            run_id=version.run_id,
            kept_from=version.kept_from,
        )
    await _tell(tx, _events(now, version.origin, booked), actor)
    return now, booked


async def check_version(tx: AsyncConnection, at: Head, base_version: int, **more: Any) -> None:
    """Refuse what was made for another version than the one in force; raises ``PlanChanged`` with what was changed."""
    if at.version != base_version:
        before = await plan_store.of_version(tx, at.region, at.on_date, base_version)
        now = await plan_store.in_force(tx, at)
        raise PlanChanged(base_version, at.version, difference=changed_since(before, now), **more)


def outcome(booked: Booked, left: Mapping[UUID, Any]) -> list[dict[str, Any]]:
    """What became of each job, sorted by id."""
    said: dict[UUID, dict[str, Any]] = {}
    for name in ("assigned", "moved", "retimed", "unchanged", "released"):
        said |= {job: {"job_id": str(job), "outcome": name, "reason": None} for job in getattr(booked, name)}
    for job, why in left.items():
        reason = {"code": why.code, "message": why.message}
        said[job] = {"job_id": str(job), "outcome": "left_out", "reason": reason}
    return [said[job] for job in sorted(said)]


async def _tell(tx: AsyncConnection, events: Sequence[Event], actor: str) -> None:
    """Publish; those that nobody subscribes to have nothing to defer and are written at once."""
    quiet = [event for event in events if not SUBSCRIBERS.get(type(event))]
    await add_all(tx, [(event.wire_name(), event.VERSION, event.payload()) for event in quiet], actor)
    for event in events:
        if SUBSCRIBERS.get(type(event)):
            await publish(tx, event, actor=actor)


def _events(now: Head, origin: str, booked: Booked) -> list[Event]:
    on_date = now.on_date
    gone = {**booked.released, **{job: before for job, (before, _) in booked.moved.items()}}
    come = {**booked.assigned, **{job: after for job, (_, after) in booked.moved.items()}}
    return [
        *(JobUnassigned(job, person, on_date) for job, person in gone.items()),
        *(JobAssigned(job, person, on_date) for job, person in come.items()),
        PlanCommitted(now.region, on_date, now.version, now.plan_id, origin),
    ]
