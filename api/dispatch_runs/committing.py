"""Committing what a run proposes, item by item as things stand now, and taking a commit back once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from api.dispatch_runs.documents import compared, revised, routes_of, stored
from api.dispatch_runs.errors import CannotUndo, DayUnderWay, NoSuchRun, WrongState
from api.dispatch_runs.in_force import Version, check_version, outcome, put_in_force
from api.dispatch_runs.past import read_back
from api.dispatch_runs.revising import Part, Ways, part_of, repriced, rows_of, without
from api.dispatch_runs.still import LeftOut, Now, left_out
from db import booking, day_rows, labels, plan_store, runs
from db.plan_store import Head, PlanRow, RouteRow
from db.runs import RunRow
from dispatch.batch import Clock
from dispatch.under_way import History
from routing.check import cost
from routing.types import Objective

MOST_TRIES = 3
"""How often a commit starts again because rows changed while roads were asked for the routes that lost a stop."""

PERSONAL = frozenset({"contractor_inactive", "contractor_off", "contractor_changed"})
"""Codes of those left out for whom the job still waits."""

type Roads = Callable[[str], Ways]
"""The roads of a region, asked only when a route has to be timed anew."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What is in force now, and what became of each job."""

    version: int
    plan_id: UUID | None
    outcome: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Proposal:
    """Routes and figures to put in force, before anybody has looked whether they can still be."""

    routes: tuple[RouteRow, ...]
    document: Mapping[str, Any]
    seen: Mapping[str, str]
    history: History | None

    @property
    def begun(self) -> frozenset[UUID]:
        """Jobs that had begun when the run was planned."""
        return frozenset(map(UUID, self.history.job_ids())) if self.history is not None else frozenset()


@dataclass(frozen=True, slots=True)
class _Holding:
    """What can still be of a proposal, and what cannot; ``checked`` is the part of it that follows from the rows."""

    routes: Sequence[RouteRow]
    document: Mapping[str, Any]
    left: Mapping[UUID, LeftOut]
    checked: Mapping[UUID, LeftOut]


class _RowsChangedError(Exception):
    """Between asking for roads and locking the rows, the rows changed."""


async def commit(tx: AsyncConnection, roads: Roads, run_id: UUID, *, actor: str) -> Committed:
    """Put in force what a run proposes: all that can still be, and a reason for each job that cannot.

    Raises
    ------
    NoSuchRun, WrongState : there is nothing to commit
    PlanChanged : the day has another version than the run was planned for; nothing is written
    DayUnderWay : somebody has begun a job since the planning
    DoubleBooking : somebody is booked by a plan of another day
    """
    run = await _run(tx, run_id)
    _must_be(run, "ready")
    await _check_base(tx, await plan_store.head(tx, run.region, run.on_date), run)
    document = await runs.read_document(tx, run_id)
    assert document is not None  # noqa: S101  # for the type checker: a run that is ready has one
    proposal = _Proposal(routes_of(document), document, document.get("seen", {}), read_back(document))

    async def once(holding: _Holding) -> Committed:
        locked = await runs.lock(tx, run_id)
        _must_be(locked, "ready")
        base = await plan_store.of_version(tx, run.region, run.on_date, run.base_version or 0)
        at = await _lock_day(tx, run, proposal, base)
        await _check_base(tx, at, run)
        await _recheck(tx, run, proposal, holding)
        version = Version("run", holding.routes, holding.document, run_id)
        now, booked = await put_in_force(tx, at, version, actor=actor)
        said = outcome(booked, holding.left)
        await runs.set_state(tx, run_id, "committed", outcome=said, committed_plan_id=now.plan_id)
        return Committed(now.version, now.plan_id, said)

    return await _held(tx, roads, run, proposal, once)


async def undo(tx: AsyncConnection, roads: Roads, run_id: UUID, *, actor: str) -> Committed:
    """Put in force what was before a commit, as long as the commit is the last change of its day.

    Raises
    ------
    NoSuchRun, WrongState : there is no commit to take back, or it was taken back already
    CannotUndo : the day was changed since
    DayUnderWay, DoubleBooking : as ``commit``
    """
    run = await _run(tx, run_id)
    _must_be(run, "committed")
    base = await plan_store.of_version(tx, run.region, run.on_date, run.base_version or 0)
    history = read_back(await runs.read_document(tx, run_id) or {})
    proposal = _Proposal(*(((), {}) if base is None else (base.routes, base.document)), {}, history)

    async def once(holding: _Holding) -> Committed:
        locked = await runs.lock(tx, run_id)
        _must_be(locked, "committed")
        ours = await plan_store.read(tx, run.committed_plan_id) if run.committed_plan_id else None
        at = await _lock_day(tx, run, proposal, ours)
        if at.plan_id != run.committed_plan_id:
            raise CannotUndo(
                f"The plan of {run.on_date} was changed after this commit and is at version {at.version};"
                " only the last change of a day can be undone.",
                version=at.version,
                plan_id=None if at.plan_id is None else str(at.plan_id),
            )
        await _recheck(tx, run, proposal, holding)
        version = Version("undo", holding.routes, None if base is None else holding.document)
        now, booked = await put_in_force(tx, at, version, actor=actor)
        await runs.set_state(tx, run_id, "undone")
        return Committed(now.version, now.plan_id, outcome(booked, holding.left))

    return await _held(tx, roads, run, proposal, once)


async def _held[Done](
    tx: AsyncConnection, roads: Roads, run: RunRow, proposal: _Proposal, once: Callable[[_Holding], Any]
) -> Done:
    """Do something with what still holds; again when rows change while roads are asked."""
    for _ in range(MOST_TRIES):
        # Roads are asked before anything is locked: nobody waits for an engine while holding rows.
        holding = await _holding(tx, roads, run, proposal)
        try:
            async with tx.begin_nested():
                done: Done = await once(holding)
                return done
        except _RowsChangedError:
            continue
    raise WrongState(run.id, run.state, "jobs or people of the day change at every moment; try again in a moment.")


async def _lock_day(tx: AsyncConnection, run: RunRow, proposal: _Proposal, other: PlanRow | None) -> Head:
    """Lock what either version touches, in the order that everybody keeps; then the day."""
    routes = (*proposal.routes, *(other.routes if other is not None else ()))
    await booking.lock_jobs(tx, {stop.job_id for route in routes for stop in route.stops})
    await booking.lock_contractors(tx, {route.contractor_id for route in routes})
    return await plan_store.lock_head(tx, run.region, run.on_date)


async def _recheck(tx: AsyncConnection, run: RunRow, proposal: _Proposal, holding: _Holding) -> None:
    begun = [it for it in await booking.under_way(tx, run.region, run.on_date) if it not in proposal.begun]
    if begun:
        raise DayUnderWay([str(job_id) for job_id in begun])
    if left_out(proposal.routes, await _now(tx, run, proposal), run.on_date) != holding.checked:
        raise _RowsChangedError


async def _check_base(tx: AsyncConnection, at: Head, run: RunRow) -> None:
    if at.version != run.base_version:
        document = await runs.read_document(tx, run.id) or {"routes": (), "unassigned": []}
        now = await plan_store.in_force(tx, at)
        preview = compared(now, routes_of(document), document["unassigned"], document.get("weights", {}))
        await check_version(tx, at, run.base_version or 0, preview=preview)


async def _now(tx: AsyncConnection, run: RunRow, proposal: _Proposal) -> Now:
    job_ids = [stop.job_id for route in proposal.routes for stop in route.stops]
    people_ids = [route.contractor_id for route in proposal.routes]
    tz = ZoneInfo(await runs.timezone(tx, run.region) or "UTC")
    jobs = await day_rows.jobs_by_id(tx, job_ids, run.on_date, tz)
    people = await day_rows.contractors_on(tx, run.region, run.on_date, people_ids)
    return Now(
        states=await booking.states(tx, job_ids),
        people_states=await booking.people(tx, people_ids),
        jobs={job.id: job for job in jobs.things},
        people={person.id: person for person in people.things},
        seen=proposal.seen,
        begun=proposal.begun,
    )


async def _holding(tx: AsyncConnection, roads: Roads, run: RunRow, proposal: _Proposal) -> _Holding:
    now = await _now(tx, run, proposal)
    checked = left_out(proposal.routes, now, run.on_date)
    if not checked:
        return _Holding(proposal.routes, stored(proposal.document), {}, {})
    left = dict(checked)
    touched = [route for route in proposal.routes if any(stop.job_id in left for stop in route.stops)]
    whole = [route for route in proposal.routes if route not in touched]
    ways, tz = roads(run.region), ZoneInfo(await runs.timezone(tx, run.region) or "UTC")
    people = await day_rows.contractors_on(
        tx, run.region, run.on_date, [route.contractor_id for route in touched], even_if_off=True
    )
    jobs = {now.jobs[str(stop.job_id)] for route in touched for stop in route.stops if str(stop.job_id) in now.jobs}
    clock = Clock(run.on_date, tz)
    part = await part_of(
        ways, sorted(jobs, key=lambda job: job.id), people.things, touched, clock, history=proposal.history
    )
    plan, broken = without(part, list(left), touched)
    if broken:
        # Whoever's route does not work without the stop stays at home: nothing is written that the judge refuses.
        said = await labels.readable(tx, run.region, broken[0].message)
        why = LeftOut("route_broken", f"the route does not work without another stop: {said}")
        left = {
            stop.job_id: why for route in touched for stop in route.stops if stop.job_id not in proposal.begun
        } | left
        plan, _ = without(part, list(left), touched)
    reasons = {str(stop.job_id): stop.reasons for route in touched for stop in route.stops}
    routes = [*whole, *(row for row in await rows_of(part, plan, ways, reasons) if row.stops)]
    waiting = [job_id for job_id, why in left.items() if why.code in PERSONAL or why.code == "route_broken"]
    unassigned = [*proposal.document.get("unassigned", []), *(_waits(job_id, left[job_id]) for job_id in waiting)]
    objective = _price(part, proposal, cost(part.problem, plan), left, waiting)
    return _Holding(routes, revised(proposal.document, routes, unassigned, objective), left, checked)


def _price(
    part: Part, proposal: _Proposal, new: Objective, left: Mapping[UUID, LeftOut], waiting: Sequence[UUID]
) -> dict[str, int] | None:
    """The whole plan's price; jobs that nobody wants any more cost nothing."""
    stated = proposal.document.get("objective")
    known = {stop.id: stop.unserved_cost for stop in part.problem.stops}
    if stated is None or any(str(job_id) not in known for job_id in left):
        return None
    price = repriced(stated, part.plan.objective, new)
    unwanted = sum(known[str(job_id)] for job_id in left if job_id not in waiting)
    if price is not None:
        price |= {"total": price["total"] - unwanted, "unserved": price["unserved"] - unwanted}
    return price


def _waits(job_id: UUID, why: LeftOut) -> dict[str, Any]:
    return {"job_id": str(job_id), "reasons": [{"code": why.code, "message": why.message, "remedy": None}]}


async def _run(tx: AsyncConnection, run_id: UUID) -> RunRow:
    run = await runs.read(tx, run_id)
    if run is None:
        raise NoSuchRun(run_id)
    return run


_REMEDIES = {
    "queued": "it has nothing to show yet; wait until it is ready.",
    "running": "it has nothing to show yet; wait until it is ready.",
    "ready": "it was not committed, so that there is nothing to undo.",
    "committed": "it is in force already; a commit counts once.",
    "undone": "its commit was taken back; start a new run.",
    "cancelled": "start a new run.",
    "failed": "its failure says why; start a new run.",
}


def _must_be(run: RunRow | None, state: str) -> None:
    if run is not None and run.state != state:
        raise WrongState(run.id, run.state, _REMEDIES[run.state])
