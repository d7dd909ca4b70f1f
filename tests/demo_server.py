"""A server on a port of its own, with the demo day in its database and runs in whatever state a test needs."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from small_day import straight_ways
from sqlalchemy import text

from api.app import create_app
from api.dispatch_runs import committing, service
from api.dispatch_runs.handlers import plan_run
from api.settings import Settings
from db import plan_store, runs
from db.engine import transaction
from routing.straight import Straight

REGION, DAY = "coquimbo", date(2026, 11, 24)
QUICK = {"limit_s": None, "budget_iterations": 1, "seed": 1}
PATIENCE_S = 60.0


class DemoServer:
    """The running server, and what an operator and a planner have done behind it."""

    def __init__(self, app: Any, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.app, self.url, self._loop = app, url, loop
        self._proposed: Any = None

    def do[Result](self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run something beside the server, on its loop and its connections."""
        waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return waiting.result(PATIENCE_S)
        except Late:
            waiting.cancel()
            raise

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """What a statement finds."""
        async with transaction(self.app.state.database) as tx:
            return list((await tx.execute(text(statement), values)).all())

    async def queued(self) -> UUID:
        """A run that waits for a planner; there is none here, so it goes on waiting."""
        async with transaction(self.app.state.database) as tx:
            return await service.request(tx, REGION, DAY, QUICK, actor="test")

    async def ready(self) -> UUID:
        """A run that is ready for the version in force; the first is planned, others propose what it proposed."""
        if self._proposed is None:
            run_id = await self.queued()
            assert await plan_run(self.app.state.database, lambda _: Straight(), run_id) == "ready"
            self._proposed = (await self.rows("select * from dispatch_runs where id = :id", id=run_id))[0]
            return run_id
        row = self._proposed
        async with transaction(self.app.state.database) as tx:
            run_id = await runs.add(tx, REGION, DAY, QUICK)
            assert await runs.claim(tx, run_id, "earlier") is not None
            at = await plan_store.lock_head(tx, REGION, DAY)
            assert await runs.finish(
                tx,
                run_id,
                "earlier",
                document=row.document,
                difference=row.difference,
                base_version=at.version,
                best=row.best,
            )
        return run_id

    async def committed(self) -> UUID:
        """A run whose proposal is in force."""
        run_id = await self.ready()
        async with transaction(self.app.state.database) as tx:
            await committing.commit(tx, straight_ways, run_id, actor="test")
        return run_id

    async def version(self) -> int:
        """Of the plan in force."""
        async with transaction(self.app.state.database) as tx:
            return (await plan_store.head(tx, REGION, DAY)).version

    async def served(self) -> dict[UUID, UUID]:
        """Who serves which job by the plan in force."""
        found = await self.rows(
            "select s.job_id, s.contractor_id from plan_days d join stops s on s.plan_id = d.plan_id"
            " where d.region = :region and d.on_date = :day",
            region=REGION,
            day=DAY,
        )
        return {row.job_id: row.contractor_id for row in found}


def ingest_demo_day(settings: Settings) -> None:
    """People and jobs into the database, by the command that a person would use."""
    ours = {"TRADES_HOME": str(settings.home), "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    subprocess.run(
        [sys.executable, "-m", "ingest", "demo-day", "--region", REGION],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[1],
        env=os.environ | ours,
    )


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.answers.set()


@contextmanager
def demo_server(settings: Settings) -> Iterator[DemoServer]:
    """A server in a thread of this process, for as long as the block lasts."""
    ingest_demo_day(settings)
    app = create_app(settings)
    server = _Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none", access_log=False))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=[server.serve()], name="demo server")
    thread.start()
    try:
        assert server.answers.wait(PATIENCE_S)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield DemoServer(app, f"http://127.0.0.1:{port}", loop)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        loop.close()
