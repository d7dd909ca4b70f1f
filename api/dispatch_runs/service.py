"""Asking for a run, looking at runs, and stopping one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.bus import publish
from api.dispatch_runs.documents import OF_THE_RUN
from api.dispatch_runs.errors import NoSuchRegion, NoSuchRun, WrongState
from api.events import DispatchRunEnded, DispatchRunRequested
from db import runs
from db.runs import RunRow


@dataclass(frozen=True, slots=True)
class Page:
    """Some runs, newest first; ``next_cursor`` None when there are no older ones."""

    runs: Sequence[RunRow]
    next_cursor: UUID | None


async def request(tx: AsyncConnection, region: str, on_date: date, options: Mapping[str, Any], *, actor: str) -> UUID:
    """Have a day planned; the run's id.

    Parameters
    ----------
    options : ``limit_s`` or ``budget_iterations``, the other None; ``seed``

    Raises
    ------
    NoSuchRegion : nothing can be planned there
    """
    if await runs.timezone(tx, region) is None:
        raise NoSuchRegion(region)
    run_id = await runs.add(tx, region, on_date, options)
    await publish(tx, DispatchRunRequested(run_id, region, on_date), actor=actor)
    return run_id


async def read(tx: AsyncConnection, run_id: UUID) -> RunRow:
    """A run; raises ``NoSuchRun``."""
    run = await runs.read(tx, run_id)
    if run is None:
        raise NoSuchRun(run_id)
    return run


async def proposed(tx: AsyncConnection, run_id: UUID) -> Mapping[str, Any]:
    """The plan.json that a run proposes; raises ``NoSuchRun``, ``WrongState`` while there is none."""
    run = await read(tx, run_id)
    document = await runs.read_document(tx, run_id)
    if document is None:
        raise WrongState(run_id, run.state, "it has no plan to show.")
    return {name: value for name, value in document.items() if name not in OF_THE_RUN}


async def page(
    tx: AsyncConnection, *, region: str | None, on_date: date | None, cursor: UUID | None, limit: int
) -> Page:
    """Runs, newest first; the cursor is the last id of the page before."""
    found = await runs.page(tx, region=region, on_date=on_date, before=cursor, limit=limit + 1)
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def cancel(tx: AsyncConnection, run_id: UUID, *, actor: str) -> RunRow:
    """Stop a run: one that waits is dropped, one under way ends with the best plan so far, one that is ready stays so.

    Raises
    ------
    NoSuchRun, WrongState : there is nothing to stop
    """
    run = await runs.lock(tx, run_id)
    if run is None:
        raise NoSuchRun(run_id)
    if run.state == "running":
        await runs.ask_to_cancel(tx, run_id)
    elif run.state == "queued":
        await runs.set_state(tx, run_id, "cancelled")
        await publish(tx, DispatchRunEnded(run_id, "cancelled"), actor=actor)
    elif run.state not in ("ready", "cancelled"):
        raise WrongState(run_id, run.state, "it cannot be cancelled any more.")
    return await read(tx, run_id)
