"""The planner: takes up a run, plans the day it is about, and keeps what it proposes in the run's row, nowhere else."""

import asyncio
import math
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from api.bus import Parts, publish
from api.dispatch_runs import past
from api.dispatch_runs.documents import compared, routes_of
from api.dispatch_runs.past import NothingToPlan
from api.dispatch_runs.still import fingerprints
from api.errors import status_of
from api.events import DispatchRunEnded, DispatchRunRequested, Event
from db import booking, day_rows, labels, plan_store, runs
from db import engine as db_engine
from db.day_rows import JOBS, PEOPLE
from db.plan_store import PlanRow
from db.runs import RunRow
from dispatch.batch import Clock
from dispatch.day import Day, usable
from dispatch.planning import Effort, plan_day
from dispatch.present import plan_dict
from dispatch.table_reading import Table
from dispatch.types import Contractor, DayPlan, Job
from dispatch.under_way import History
from routing.dataset import open_engine, region
from routing.engine import TravelTimes
from routing.errors import RoutingError

TELL_EVERY_S = 0.5
"""How often the row is told how far a run is: also the longest that a wish to cancel goes unheard."""

BEGINS_AT = {"reading": 0, "matrix": 5, "search": 15, "judge": 85, "reasons": 87, "geometry": 95}
"""Per cent at which each phase begins; the search fills its part as time passes."""

LOG = structlog.get_logger("planner")

type Opener = Callable[[str], TravelTimes]
"""The road engine of a region by name; closed when the run ends."""


class RunHeld(Exception):
    """Another planner works on the run and lives; trying again later finds it done, or its planner dead."""

    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"run {run_id} is held by another planner")
        self.run_id = run_id


@dataclass(slots=True)
class _Telling:
    """How far a run is: written by the thread that plans, read by the task that tells the row."""

    limit_s: float | None
    phase: str = "reading"
    best: int | None = None
    search_began_s: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)
    lost: bool = False

    def begin(self, phase: str) -> None:
        """Note that a phase has begun."""
        self.search_began_s = time.monotonic()
        self.phase = phase

    def improve(self, total: int) -> None:
        """Note a better plan."""
        self.best = total

    def progress(self) -> int:
        """Per cent; of a search bounded by iterations nobody knows how long it will take, so it nears its end only."""
        begins = BEGINS_AT[self.phase]
        if self.phase != "search":
            return begins
        elapsed_s = time.monotonic() - self.search_began_s
        part = 1 - math.exp(-elapsed_s / 20) if self.limit_s is None else min(1.0, elapsed_s / self.limit_s)
        return begins + int(part * (BEGINS_AT["judge"] - begins))


@dataclass(frozen=True, slots=True)
class _Read:
    """What one snapshot showed; rows as they are, not yet held against the roads."""

    people: Table[Contractor]
    jobs: Table[Job]
    clock: Clock
    version: int
    plan: PlanRow | None
    history: History | None


async def plan(parts: Parts, event: Event) -> None:
    """Handle ``DispatchRunRequested``; raises ``RunHeld`` while another planner lives."""
    assert isinstance(event, DispatchRunRequested)  # noqa: S101  # for the type checker: what it subscribed to
    await plan_run(parts.database, roads_under(parts.settings.home, parts.settings.osrm_url), event.run_id)


async def take_up_abandoned(parts: Parts, *, stale_after_s: float = runs.STALE_AFTER_S) -> int:
    """Plan the runs whose planner is dead; how many there were. A planner does this at its start and now and then."""
    async with db_engine.snapshot(parts.database) as tx:
        found = await runs.abandoned(tx, stale_after_s=stale_after_s)
    for run_id in found:
        try:
            await plan_run(
                parts.database,
                roads_under(parts.settings.home, parts.settings.osrm_url),
                run_id,
                stale_after_s=stale_after_s,
            )
        except RunHeld:
            LOG.info("taken up by another planner", run=str(run_id))
    return len(found)


def roads_under(home: Path, osrm_url: str = "") -> Opener:
    """Open engines of the regions under a home folder, one for each run."""
    return lambda name: open_engine(region(home, name), osrm_url)


async def plan_run(
    database: AsyncEngine,
    open_roads: Opener,
    run_id: UUID,
    *,
    planner: str | None = None,
    stale_after_s: float = runs.STALE_AFTER_S,
    now: datetime | None = None,
) -> str | None:
    """Take up a run and bring it to an end.

    Parameters
    ----------
    open_roads : region's name -> engine
    planner : a name nobody else has
    stale_after_s : a planner silent for so long is dead, and its run is taken up again
    now : aware, for a day under way; by default when the rows are read

    Returns
    -------
    the state it ended in, "ready" or "failed"; None when it had ended already or was taken away meanwhile

    Raises
    ------
    RunHeld : another planner works on it
    DatabaseError : the database is away; the run is taken up again later
    """
    name = planner or f"{os.getpid()}-{uuid4().hex[:8]}"
    async with db_engine.transaction(database) as tx:
        run = await runs.claim(tx, run_id, name, stale_after_s=stale_after_s)
        held = None if run is not None else await runs.read(tx, run_id)
    if run is None:
        if held is not None and held.state == "running":
            raise RunHeld(run_id)
        return None
    LOG.info("planning", run=str(run_id), attempt=run.attempts)
    telling = _Telling(run.options.get("limit_s"))
    try:
        async with _told(database, run, name, telling):
            read = await _read(database, run, now or datetime.now(UTC))
            document, day = await asyncio.to_thread(_planned, run, read, open_roads, telling)
        return await _keep(database, run, name, read, document, day)
    except asyncio.CancelledError:
        telling.cancelled.set()
        await asyncio.shield(_hand_back(database, run_id, name))
        raise
    except (RoutingError, NothingToPlan) as error:
        known = status_of(error)
        return await _failed(database, run, name, known[1] if known else "nothing_to_plan", str(error))
    except (db_engine.DatabaseError, ConnectionError, TimeoutError):
        raise
    except Exception:
        LOG.exception("run failed", run=str(run_id))
        return await _failed(database, run, name, "internal", "A fault of ours; the planner's log has it.")


@asynccontextmanager
async def _told(database: AsyncEngine, run: RunRow, planner: str, telling: _Telling) -> AsyncIterator[None]:
    """Tell the row how far the run is, and the run whether it is to stop, for as long as the block lasts."""
    ended = asyncio.Event()
    task = asyncio.create_task(_tell(database, run.id, planner, telling, ended))
    try:
        yield
    finally:
        ended.set()
        await task


async def _tell(database: AsyncEngine, run_id: UUID, planner: str, telling: _Telling, ended: asyncio.Event) -> None:
    while not ended.is_set():
        try:
            async with db_engine.transaction(database) as tx:
                asked = await runs.beat(
                    tx, run_id, planner, phase=telling.phase, progress=telling.progress(), best=telling.best
                )
        except (db_engine.DatabaseError, OSError) as error:
            # The search goes on: it is worth keeping if the database comes back before the run counts as abandoned.
            LOG.warning("the database does not answer", run=str(run_id), kind=type(error).__name__)
            asked = False
        if asked is None:
            telling.lost = True
        if asked is None or asked:
            telling.cancelled.set()
        try:
            await asyncio.wait_for(ended.wait(), TELL_EVERY_S)
        except TimeoutError:
            continue


async def _read(database: AsyncEngine, run: RunRow, now: datetime) -> _Read:
    """Everything a run is about, in one snapshot."""
    async with db_engine.snapshot(database) as tx:
        tz = ZoneInfo(await runs.timezone(tx, run.region) or "UTC")
        at = await plan_store.head(tx, run.region, run.on_date)
        in_force = await plan_store.in_force(tx, at)
        booked = await booking.live_on(tx, run.region, run.on_date)
        history = await past.history_of(tx, run.region, run.on_date, in_force, now)
        people = await day_rows.contractors_on(tx, run.region, run.on_date)
        jobs = await day_rows.jobs_wanted(tx, run.region, run.on_date, tz, list(booked))
        if history is not None:
            people, jobs = await past.with_history(tx, run.region, run.on_date, tz, people, jobs, history)
    return _Read(
        Table(people.things, people.rejected, people.warnings, {}),
        Table(jobs.things, jobs.rejected, jobs.warnings, {}),
        Clock(run.on_date, tz),
        at.version,
        in_force,
        history,
    )


def _planned(run: RunRow, read: _Read, open_roads: Opener, telling: _Telling) -> tuple[DayPlan, Day]:
    """Plan, in a thread; the engine and the search are child processes of their own."""
    with closing(open_roads(run.region)) as engine:
        day = usable(read.people, read.jobs, read.clock, engine, (Path(PEOPLE), Path(JOBS)))
        day = replace(day, history=read.history)
        _check_usable(day, run.on_date)
        effort = Effort(
            limit_s=run.options.get("limit_s"),
            iterations=run.options.get("budget_iterations"),
            seed=run.options.get("seed", 1),
            on_step=telling.begin,
            on_progress=lambda progress: telling.improve(progress.total),
            cancel=telling.cancelled.is_set,
        )
        return plan_day(day, engine, effort), day


def _check_usable(day: Day, on_date: date) -> None:
    rejected = f" {len(day.rejected)} row(s) could not be used." if day.rejected else ""
    if not day.contractors:
        raise NothingToPlan(f"Nobody works on {on_date}.{rejected} Add contractors with shifts on that weekday.")
    if not day.jobs:
        raise NothingToPlan(f"No job is wanted on {on_date}.{rejected} Post jobs for that day, or for any day.")


async def _keep(
    database: AsyncEngine, run: RunRow, planner: str, read: _Read, planned: DayPlan, day: Day
) -> str | None:
    """Write what the run proposes and tell of it; one transaction.

    People and jobs are rows wherever a field names them, and what files call them wherever a sentence does.
    """
    weights = {job.id: job.unserved_cost for job in day.jobs}
    async with db_engine.transaction(database) as tx:
        document = await labels.readable(tx, run.region, plan_dict(planned))
        preview: dict[str, Any] = compared(read.plan, routes_of(document), document["unassigned"], weights)
        preview |= {
            name: document[name] for name in ("rejected_rows", "warnings", "travel_time_source", "summary", "objective")
        }
        preview["stopped_by"] = document["solver"]["stopped_by"]
        kept = await runs.finish(
            tx,
            run.id,
            planner,
            document={
                **document,
                "weights": weights,
                "seen": fingerprints((*day.jobs, *day.contractors)),
                "history": past.stated(read.history),
            },
            difference=preview,
            base_version=read.version,
            best=planned.objective.total,
        )
        if kept:
            await publish(tx, DispatchRunEnded(run.id, "ready"))
    LOG.info("planned" if kept else "taken away meanwhile", run=str(run.id))
    return "ready" if kept else None


async def _failed(database: AsyncEngine, run: RunRow, planner: str, code: str, message: str) -> str | None:
    async with db_engine.transaction(database) as tx:
        said = await labels.readable(tx, run.region, message)
        kept = await runs.fail(tx, run.id, planner, code, said)
        if kept:
            await publish(tx, DispatchRunEnded(run.id, "failed"))
    return "failed" if kept else None


async def _hand_back(database: AsyncEngine, run_id: UUID, planner: str) -> None:
    async with db_engine.transaction(database) as tx:
        await runs.hand_back(tx, run_id, planner)
