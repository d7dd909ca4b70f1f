"""The composition root of workers and planners: processes that take tasks from the queue."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from uuid import uuid4

import procrastinate
import structlog
from sqlalchemy.exc import DBAPIError

from api import bus
from api.dispatch_runs import handlers as planning
from api.settings import Settings
from db import engine as db_engine

STALLED_AFTER_S = 15.0
"""A worker without a sign of life for so long is taken for dead, and its tasks are taken up by others."""

BEAT_EVERY_S = 3.0

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
    app = bus.queue(connector)
    parts = bus.Parts(settings, database)
    bus.tasks(app, parts, handlers())
    try:
        async with app.open_async():
            rescue = asyncio.create_task(_rescue(app, parts, planner=bus.PLANNING in queues))
            worker = asyncio.create_task(
                app.run_worker_async(
                    queues=list(queues),
                    name=f"{'+'.join(queues)}-{os.getpid()}-{uuid4().hex[:6]}",
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=20,
                    update_heartbeat_interval=BEAT_EVERY_S,
                    stalled_worker_timeout=STALLED_AFTER_S,
                )
            )
            if heed_signals:
                _stop_on_signals(worker)
            LOG.info("working", queues=list(queues))
            if ready is not None:
                ready.set()
            try:
                await worker
            except asyncio.CancelledError:
                LOG.info("stopped", queues=list(queues))
            finally:
                rescue.cancel()
    finally:
        await database.dispose()


async def _rescue(app: procrastinate.App, parts: bus.Parts, *, planner: bool) -> None:
    """Hand the tasks of dead workers to the living, and take up the runs of dead planners."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
                LOG.warning("taken up again", task=job.task_name, job=job.id)
                await app.job_manager.retry_job(job)
            if planner:
                await planning.take_up_abandoned(parts)
        except (DBAPIError, OSError, procrastinate.exceptions.ConnectorException) as error:
            LOG.warning("the database does not answer; looking again soon", kind=type(error).__name__)
        await asyncio.sleep(BEAT_EVERY_S)


def _stop_on_signals(worker: "asyncio.Task[None]") -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.cancel)
