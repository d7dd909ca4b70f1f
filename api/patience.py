"""The queue's statements for a worker that outlives its database: they wait while it is away.

procrastinate's own worker stops renewing its sign of life after one statement that fails, without a word, forgets to
note how a task ended and hears of no new task any more; its tasks would then be taken for a dead worker's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

import structlog
from procrastinate import BaseConnector, exceptions, jobs, manager

from api.errors import database_is_away

PAUSE_S = 0.5
LOG = structlog.get_logger("queue")


class PatientManager(manager.JobManager):
    """What a running worker says to the database, said again until it is heard or the worker is to stop.

    Fetching a task is not among it: when that fails nobody knows whether a task was given out, and only a worker that
    registers anew leaves such a task to be found.

    Parameters
    ----------
    connector : how the database is reached
    stopping : set when the worker is told to stop; nothing waits then
    """

    def __init__(self, connector: BaseConnector, stopping: asyncio.Event) -> None:
        super().__init__(connector)
        self._stopping = stopping
        self.worker_id: int | None = None

    async def register_worker(self) -> int:
        """See ``JobManager``; remembers who this is."""
        self.worker_id = await super().register_worker()
        return self.worker_id

    async def update_heartbeat(self, worker_id: int) -> None:
        """See ``JobManager``."""
        await self._heard(lambda: super(PatientManager, self).update_heartbeat(worker_id))

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:
        """See ``JobManager``."""
        await self._heard(lambda: super(PatientManager, self).finish_job(job, status, delete_job))

    async def retry_job(
        self,
        job: jobs.Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """See ``JobManager``."""
        await self._heard(lambda: super(PatientManager, self).retry_job(job, retry_at, priority, queue, lock))

    async def listen_for_jobs(
        self, *, on_notification: manager.NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """See ``JobManager``; listens again after a break."""
        await self._heard(
            lambda: super(PatientManager, self).listen_for_jobs(on_notification=on_notification, queues=queues)
        )

    async def _heard(self, say: Callable[[], Awaitable[None]]) -> None:
        complained = False
        while True:
            try:
                return await say()
            except (exceptions.ConnectorException, OSError, TimeoutError) as error:
                if not database_is_away(error) or self._stopping.is_set():
                    raise
                if not complained:
                    LOG.warning("the database does not answer; waiting for it", kind=type(error.__cause__).__name__)
                complained = True
            try:
                await asyncio.wait_for(self._stopping.wait(), PAUSE_S)
            except TimeoutError:
                continue
