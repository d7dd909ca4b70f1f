"""The composition root of workers and planners: processes that take tasks from the queue."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from uuid import uuid4

import procrastinate
import structlog

from api import bus
from api.dispatch_runs import handlers as planning
from api.errors import database_is_away
from api.patience import PAUSE_S, PatientManager
from api.settings import Settings
from db import engine as db_engine

STALLED_AFTER_S = 15.0
"""A worker without a sign of life for so long is taken for dead, and its tasks are taken up by others."""

BEAT_EVERY_S = 3.0
POLL_EVERY_S = 2.0
"""How often tasks are looked for although none was announced: the announcement may have been missed."""

STOP_GRACE_S = 2.0
"""How long a task may go on after the worker was told to stop; then its run is handed back, for the next worker."""

LOG = structlog.get_logger("worker")


def handlers() -> Mapping[str, bus.Handler]:
    """Consumer → handler, for every consumer there is."""
    return {"planner.plan": planning.plan}


async def run(
    settings: Settings,
    queues: Sequence[str],
    *,
    concurrency: int,
    ready: asyncio.Event | None = None,
    heed_signals: bool = True,
) -> None:
    """Take tasks until told to stop (SIGTERM, SIGINT, cancel): what is under way is taken up by the next worker.

    Parameters
    ----------
    queues : whose tasks; ``PLANNING`` also takes up runs that a dead planner has left
    concurrency : how many tasks at a time
    ready : set once tasks are taken
    heed_signals : False within a program that has its own idea of signals
    """
    database = db_engine.connect(
        settings.database_url, pool_size=max(2, concurrency + 1), application=f"trades {'+'.join(queues)}"
    )
    connector = procrastinate.PsycopgConnector(
        conninfo=db_engine.libpq_url(settings.database_url), min_size=1, max_size=max(3, concurrency + 2)
    )
    stopping = asyncio.Event()
    manager = PatientManager(connector, stopping)
    app = bus.queue(connector)
    app.job_manager = manager
    parts = bus.Parts(settings, database)
    bus.tasks(app, parts, handlers())
    try:
        async with app.open_async():
            rescue = asyncio.create_task(_rescue(manager, parts, planner=bus.PLANNING in queues))
            working = asyncio.create_task(_work(app, queues, concurrency, ready))
            if heed_signals:
                _stop_on_signals(working, stopping)
            try:
                await working
            except asyncio.CancelledError:
                LOG.info("stopped", queues=list(queues))
            finally:
                stopping.set()
                working.cancel()
                rescue.cancel()
                # Both hand back what they have begun.
                await asyncio.gather(working, rescue, return_exceptions=True)
    finally:
        await database.dispose()


async def _work(app: procrastinate.App, queues: Sequence[str], concurrency: int, ready: asyncio.Event | None) -> None:
    """Take tasks; register as a new worker when the database has been away."""
    while True:
        if ready is not None:
            ready.set()
        LOG.info("working", queues=list(queues))
        try:
            await app.run_worker_async(
                queues=list(queues),
                name=f"{'+'.join(queues)}-{os.getpid()}-{uuid4().hex[:6]}",
                concurrency=concurrency,
                install_signal_handlers=False,
                fetch_job_polling_interval=POLL_EVERY_S,
                shutdown_graceful_timeout=STOP_GRACE_S,
                update_heartbeat_interval=BEAT_EVERY_S,
                stalled_worker_timeout=STALLED_AFTER_S,
            )
        except (procrastinate.exceptions.ConnectorException, OSError) as error:
            if not database_is_away(error):
                raise
            LOG.warning("the database does not answer; looking again soon", kind=type(error.__cause__).__name__)
            await asyncio.sleep(PAUSE_S)


async def _rescue(manager: PatientManager, parts: bus.Parts, *, planner: bool) -> None:
    """Hand the tasks of dead workers to the living, and take up the runs of dead planners."""
    while True:
        try:
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
                if job.worker_id == manager.worker_id:
                    continue  # our own: our sign of life is late, the database was away
                LOG.warning("taken up again", task=job.task_name, job=job.id)
                await manager.retry_job(job)
            if planner:
                await planning.take_up_abandoned(parts)
        except (db_engine.DatabaseError, OSError, procrastinate.exceptions.ConnectorException) as error:
            LOG.warning("the database does not answer; looking again soon", kind=type(error).__name__)
        except Exception:
            LOG.exception("looking for dead workers failed")  # the next look may not; ending it would help nobody
        await asyncio.sleep(BEAT_EVERY_S)


def _stop_on_signals(working: "asyncio.Task[None]", stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        working.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
