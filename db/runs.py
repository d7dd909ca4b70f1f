"""Batch runs: asked for, taken up by one planner at a time, ended, and what became of the plan they propose.

Who works on a run is told from its row: ``planner`` holds it as long as ``seen_at`` is fresh. Every statement of a
planner names itself in its condition, so that one which was given up for dead cannot write any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, null, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from db.plans import dispatch_runs
from db.types import new_id

STALE_AFTER_S = 15.0
"""A planner without a sign of life for so long is taken for dead."""

MOST_ATTEMPTS = 3

T = dispatch_runs.c


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run without the plan it proposes; ``read_document`` has that."""

    id: UUID
    region: str
    on_date: date
    state: str
    options: Mapping[str, Any]
    phase: str
    progress: int
    best: int | None
    base_version: int | None
    difference: Mapping[str, Any] | None
    outcome: Sequence[Mapping[str, Any]] | None
    failure: Mapping[str, Any] | None
    is_cancel_asked: bool
    attempts: int
    committed_plan_id: UUID | None
    created_at: datetime
    updated_at: datetime


_SHORT: tuple[Any, ...] = (
    T.id,
    T.region,
    T.on_date,
    T.state,
    T.options,
    T.phase,
    T.progress,
    T.best,
    T.base_version,
    T.difference,
    T.outcome,
    T.failure,
    (T.cancel_asked > 0).label("is_cancel_asked"),
    T.attempts,
    T.committed_plan_id,
    T.created_at,
    T.updated_at,
)


async def add(tx: AsyncConnection, region: str, on_date: date, options: Mapping[str, Any]) -> UUID:
    """Write a run that waits for a planner."""
    run_id = new_id()
    await tx.execute(
        insert(dispatch_runs).values(id=run_id, region=region, on_date=on_date, options=dict(options), outcome=null())
    )
    return run_id


async def read(tx: AsyncConnection, run_id: UUID) -> RunRow | None:
    """A run by id."""
    return _row((await tx.execute(select(*_SHORT).where(T.id == run_id))).one_or_none())


async def lock(tx: AsyncConnection, run_id: UUID) -> RunRow | None:
    """A run, kept from every other writer until the transaction ends. Lock it before jobs."""
    return _row((await tx.execute(select(*_SHORT).where(T.id == run_id).with_for_update())).one_or_none())


async def read_document(tx: AsyncConnection, run_id: UUID) -> Mapping[str, Any] | None:
    """The proposed plan.json; None while there is none."""
    found: Mapping[str, Any] | None = (await tx.execute(select(T.document).where(T.id == run_id))).scalar_one_or_none()
    return found


async def page(
    tx: AsyncConnection,
    *,
    region: str | None = None,
    on_date: date | None = None,
    before: UUID | None = None,
    limit: int = 20,
) -> Sequence[RunRow]:
    """Runs, newest first: their ids sort by time of birth.

    Parameters
    ----------
    before : only runs older than this one
    """
    query: Select[Any] = select(*_SHORT).order_by(T.id.desc()).limit(limit)
    if region is not None:
        query = query.where(T.region == region)
    if on_date is not None:
        query = query.where(T.on_date == on_date)
    if before is not None:
        query = query.where(T.id < before)
    return [RunRow(*row) for row in await tx.execute(query)]


async def claim(
    tx: AsyncConnection, run_id: UUID, planner: str, *, stale_after_s: float = STALE_AFTER_S
) -> RunRow | None:
    """Take up a run that waits, or whose planner is dead; None when it is not to be had.

    A run that has been taken up ``MOST_ATTEMPTS`` times without an end is failed instead.
    """
    free = (T.state == "queued") | ((T.state == "running") & _is_stale(stale_after_s))
    reason = {
        "code": "planner_died",
        "message": f"The planner ended {MOST_ATTEMPTS} times while it worked on this run. Its log says why.",
    }
    await tx.execute(
        update(dispatch_runs)
        .where(T.id == run_id, free, T.attempts >= MOST_ATTEMPTS)
        .values(state="failed", failure=reason, updated_at=func.now())
    )
    taken = await tx.execute(
        update(dispatch_runs)
        .where(T.id == run_id, free)
        .values(
            state="running",
            planner=planner,
            attempts=T.attempts + 1,
            seen_at=func.clock_timestamp(),
            phase="reading",
            progress=0,
            best=None,
            updated_at=func.now(),
        )
        .returning(*_SHORT)
    )
    return _row(taken.one_or_none())


async def beat(
    tx: AsyncConnection, run_id: UUID, planner: str, *, phase: str, progress: int, best: int | None
) -> bool | None:
    """Say that the planner lives and how far it is.

    Returns
    -------
    whether it is asked to stop; None when the run is not this planner's any more
    """
    told = await tx.execute(
        update(dispatch_runs)
        .where(T.id == run_id, T.state == "running", T.planner == planner)
        .values(seen_at=func.clock_timestamp(), phase=phase, progress=progress, best=best, updated_at=func.now())
        .returning(T.cancel_asked > 0)
    )
    asked: bool | None = told.scalar_one_or_none()
    return asked


async def finish(
    tx: AsyncConnection,
    run_id: UUID,
    planner: str,
    *,
    document: Mapping[str, Any],
    difference: Mapping[str, Any],
    base_version: int,
    best: int,
) -> bool:
    """Keep what a run proposes; False when it is not this planner's any more."""
    return await _end(
        tx,
        run_id,
        planner,
        state="ready",
        phase="",
        progress=100,
        document=dict(document),
        difference=dict(difference),
        base_version=base_version,
        best=best,
    )


async def fail(tx: AsyncConnection, run_id: UUID, planner: str, code: str, message: str) -> bool:
    """End a run without a plan; False when it is not this planner's any more."""
    return await _end(tx, run_id, planner, state="failed", failure={"code": code, "message": message})


async def hand_back(tx: AsyncConnection, run_id: UUID, planner: str) -> bool:
    """Let another planner begin at once: this one was told to stop, which counts as no attempt."""
    return await _end(tx, run_id, planner, state="queued", planner=None, phase="", progress=0, attempts=T.attempts - 1)


async def abandoned(tx: AsyncConnection, *, stale_after_s: float = STALE_AFTER_S) -> Sequence[UUID]:
    """Runs whose planner is dead, oldest first."""
    found = await tx.execute(select(T.id).where(T.state == "running", _is_stale(stale_after_s)).order_by(T.id))
    return list(found.scalars())


async def ask_to_cancel(tx: AsyncConnection, run_id: UUID) -> None:
    """Ask the planner for the best plan so far."""
    await set_state(tx, run_id, "running", cancel_asked=1)


async def set_state(tx: AsyncConnection, run_id: UUID, state: str, **values: Any) -> None:
    """Write what has become of a run that this transaction has locked."""
    await tx.execute(update(dispatch_runs).where(T.id == run_id).values(state=state, updated_at=func.now(), **values))


async def timezone(tx: AsyncConnection, region: str) -> str | None:
    """Whose clocks the days of a region follow; None for a region that is not there."""
    found: str | None = (await tx.execute(_TIMEZONE, {"name": region})).scalar_one_or_none()
    return found


async def _end(tx: AsyncConnection, run_id: UUID, held_by: str, **values: Any) -> bool:
    ended = await tx.execute(
        update(dispatch_runs)
        .where(T.id == run_id, T.state == "running", T.planner == held_by)
        .values(updated_at=func.now(), **values)
        .returning(T.id)
    )
    return ended.first() is not None


def _is_stale(stale_after_s: float) -> Any:
    return T.seen_at < func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, stale_after_s)


def _row(row: Any) -> RunRow | None:
    return None if row is None else RunRow(*row)


_TIMEZONE = text("select timezone from regions where name = :name and gone_at is null")
