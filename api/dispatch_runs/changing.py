"""Changes of the plan in force by hand: a job taken out, put in or moved, priced and judged before anything is written."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from api.dispatch_runs.committing import Roads
from api.dispatch_runs.documents import revised
from api.dispatch_runs.errors import CannotMove, DayUnderWay, MoveBreaks, NoSuchJob, NoSuchRegion
from api.dispatch_runs.in_force import Version, check_version, put_in_force
from api.dispatch_runs.revising import Part, Ways, part_of, repriced, rows_of
from api.dispatch_runs.still import fingerprints
from db import booking, day_rows, labels, plan_store, runs
from db.booking import JobState
from db.plan_store import Head, PlanRow, RouteRow
from dispatch.batch import Clock
from dispatch.types import Contractor, Job
from routing import moves
from routing.moves import Move


@dataclass(frozen=True, slots=True)
class Wish:
    """What a dispatcher asks for.

    Parameters
    ----------
    base_version : of the plan that the dispatcher looked at; None: whichever is in force
    contractor_id : who is to serve the job; None: nobody
    position : among the contractor's other stops, from 0; None: wherever it is cheapest
    """

    region: str
    on_date: date
    base_version: int | None
    job_id: UUID
    contractor_id: UUID | None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Priced:
    """What a change means.

    Parameters
    ----------
    added_points : what the plan costs more than before, by component and in all; negative when it gets cheaper
    breaks : what the judge holds against it; nothing that has any is ever written
    version, plan_id : in force after it; before it when it was only priced
    routes : the changed routes
    """

    added_points: int
    components: Mapping[str, int]
    breaks: Sequence[Mapping[str, str]]
    version: int
    plan_id: UUID | None
    routes: Sequence[RouteRow]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A change worked out, and what it was worked out from; ``breaks`` is what the judge holds against it."""

    part: Part
    move: Move
    breaks: list[dict[str, str]]
    routes: Sequence[RouteRow]
    seen: Mapping[str, str]
    ids: Collection[UUID]
    clock: Clock


async def price(tx: AsyncConnection, roads: Roads, wish: Wish) -> Priced:
    """What a change would mean, without making it; raises as ``change`` does, but shows what the change breaks."""
    at, plan = await _current(tx, wish)
    return _priced(await _drawn(tx, roads(wish.region), wish, plan), at)


async def change(tx: AsyncConnection, roads: Roads, wish: Wish, *, actor: str) -> Priced:
    """Make a change, if the judge accepts it.

    Raises
    ------
    NoSuchRegion, NoSuchJob : there is no such thing
    PlanChanged : another version is in force than the dispatcher looked at
    CannotMove : the job is not to be had, or the contractor does not work that day
    MoveBreaks : a limit would be broken
    DayUnderWay : a stop of these routes has begun or is done
    DoubleBooking : the contractor is booked by a plan of another day
    """
    at, plan = await _current(tx, wish)
    looked_at = at.version
    # Everything is worked out before anything is locked: nobody waits for an engine while holding rows.
    drawn = await _drawn(tx, roads(wish.region), wish, plan)
    if drawn.breaks:
        raise MoveBreaks(drawn.breaks, drawn.move.added_points)
    scope = set(drawn.ids)
    people = {row.contractor_id for row in drawn.routes}
    states = await booking.lock_jobs(tx, scope)
    await booking.lock_contractors(tx, people)
    at = await plan_store.lock_head(tx, wish.region, wish.on_date)
    await check_version(tx, at, looked_at)
    _check_job(states.get(wish.job_id), wish)
    begun = scope & set(await booking.under_way(tx, wish.region, wish.on_date))
    if begun:
        raise DayUnderWay([str(job_id) for job_id in sorted(begun)])
    if await _seen(tx, wish, drawn) != drawn.seen:
        raise CannotMove("A job or a contractor of these routes was changed at this moment; try again.")
    version = Version(
        "change",
        drawn.routes,
        _document(wish, plan, drawn),
        kept_from=None if plan is None else plan.id,
        scope=scope,
    )
    now, _ = await put_in_force(tx, at, version, actor=actor)
    return _priced(drawn, now)


async def _current(tx: AsyncConnection, wish: Wish) -> tuple[Head, PlanRow | None]:
    at = await plan_store.head(tx, wish.region, wish.on_date)
    if wish.base_version is not None:
        await check_version(tx, at, wish.base_version)
    return at, await plan_store.in_force(tx, at)


async def _drawn(tx: AsyncConnection, ways: Ways, wish: Wish, plan: PlanRow | None) -> _Drawn:
    zone = await runs.timezone(tx, wish.region)
    if zone is None:
        raise NoSuchRegion(wish.region)
    _check_job((await booking.states(tx, [wish.job_id])).get(wish.job_id), wish)
    clock = Clock(wish.on_date, ZoneInfo(zone))
    routes = () if plan is None else plan.routes
    server = next((r.contractor_id for r in routes if any(s.job_id == wish.job_id for s in r.stops)), None)
    if server is None and wish.contractor_id is None:
        raise CannotMove("Nobody serves the job on this day; name the contractor who should.")
    touched = [route for route in routes if route.contractor_id in (server, wish.contractor_id)]
    people = await _people(tx, wish, server)
    ids = {wish.job_id, *(stop.job_id for route in touched for stop in route.stops)}
    jobs = await _jobs(tx, wish, ids, clock)
    part = await part_of(ways, jobs, people, touched, clock)
    move = await asyncio.to_thread(_moved, part, wish)
    said = f"placed by hand; {move.added_points:+,} points"
    why: dict[str, Sequence[Any]] = {str(s.job_id): s.reasons for route in touched for s in route.stops}
    why[str(wish.job_id)] = [{"code": "by_hand", "message": said}]
    rows = await rows_of(part, move.plan, ways, why)
    breaks = await labels.readable(tx, wish.region, _breaks(move))
    return _Drawn(part, move, breaks, rows, fingerprints((*jobs, *people)), ids, clock)


async def _jobs(tx: AsyncConnection, wish: Wish, ids: Collection[UUID], clock: Clock) -> Sequence[Job]:
    """Of these jobs those that are still to be served on this day; a job cancelled since falls out of its route."""
    states = await booking.states(tx, ids)
    alive = [
        job_id
        for job_id, state in states.items()
        if state.status in ("posted", "assigned") and state.on_date in (None, wish.on_date)
    ]
    return (await day_rows.jobs_by_id(tx, alive, wish.on_date, clock.tz)).things


async def _people(tx: AsyncConnection, wish: Wish, server: UUID | None) -> Sequence[Contractor]:
    """Whoever gives the job away, working or not, and whoever takes it, who must be working."""
    found: dict[str, Contractor] = {}
    if server is not None and server != wish.contractor_id:
        left = await day_rows.contractors_on(tx, wish.region, wish.on_date, [server], even_if_off=True)
        found |= {person.id: person for person in left.things}
    if wish.contractor_id is not None:
        taking = await day_rows.contractors_on(tx, wish.region, wish.on_date, [wish.contractor_id])
        if not taking.things:
            who = await labels.readable(tx, wish.region, str(wish.contractor_id))
            raise CannotMove(
                f"Contractor {who} does not work in region {wish.region!r} on {wish.on_date}; name somebody who does."
            )
        found |= {person.id: person for person in taking.things}
    return [found[name] for name in sorted(found)]


async def _seen(tx: AsyncConnection, wish: Wish, drawn: _Drawn) -> Mapping[str, str]:
    """Fingerprints as things are now, under the locks."""
    jobs = await _jobs(tx, wish, drawn.ids, drawn.clock)
    server = next((UUID(name) for name in drawn.part.people if UUID(name) != wish.contractor_id), None)
    return fingerprints((*jobs, *await _people(tx, wish, server)))


def _moved(part: Part, wish: Wish) -> Move:
    name = str(wish.job_id)
    if name not in part.jobs:
        raise CannotMove("The job's window closes before it opens; mend the job first.")
    if wish.contractor_id is None:
        return moves.remove(part.problem, part.plan, name)
    return moves.move(part.problem, part.plan, name, str(wish.contractor_id), wish.position)


def _check_job(state: JobState | None, wish: Wish) -> None:
    if state is None or state.region != wish.region:
        raise NoSuchJob(wish.job_id, wish.region)
    if state.status not in ("posted", "assigned"):
        raise CannotMove(f"The job is {state.status.replace('_', ' ')}; only posted and assigned jobs can be placed.")
    if state.on_date is not None and state.on_date != wish.on_date:
        raise CannotMove(f"The job is booked on {state.on_date}; take it out there first.")
    if state.wanted_on is not None and state.wanted_on != wish.on_date:
        raise CannotMove(f"The job is wanted on {state.wanted_on}, not on {wish.on_date}.")


def _document(wish: Wish, plan: PlanRow | None, drawn: _Drawn) -> dict[str, Any]:
    before: Mapping[str, Any]
    if plan is None:
        before = {"date": wish.on_date.isoformat(), "timezone": drawn.clock.tz.key, "objective": {"total": 0}}
    else:
        before = plan.document
    changed = {row.contractor_id for row in drawn.routes}
    routes = [*(r for r in (plan.routes if plan else ()) if r.contractor_id not in changed), *drawn.routes]
    name = str(wish.job_id)
    unassigned = [left for left in before.get("unassigned", []) if left["job_id"] != name]
    if wish.contractor_id is None:
        why = {"code": "by_hand", "message": "taken out of the plan by hand", "remedy": None}
        unassigned.append({"job_id": name, "reasons": [why]})
    objective = repriced(before.get("objective"), drawn.part.plan.objective, drawn.move.plan.objective)
    return revised(before, routes, unassigned, objective)


def _breaks(move: Move) -> list[dict[str, str]]:
    return [{"code": it.kind, "subject_id": it.subject, "message": it.message} for it in move.breaks]


def _priced(drawn: _Drawn, at: Head) -> Priced:
    old, new = asdict(drawn.part.plan.objective), asdict(drawn.move.plan.objective)
    return Priced(
        added_points=drawn.move.added_points,
        components={name: new[name] - old[name] for name in new if new[name] != old[name]},
        breaks=drawn.breaks,
        version=at.version,
        plan_id=at.plan_id,
        routes=drawn.routes,
    )
