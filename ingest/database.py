"""The database that people and jobs go into, whether the platform runs or not."""

import asyncio
import fcntl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from db import embedded, engine, migrating, regions
from routing.region import Region

STATEMENT_TIMEOUT_MS = 600_000
"""Files of a million rows are written in a few statements."""


@contextmanager
def database(home: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Give the address of a database in which the schema is the newest, for the time of the block.

    That is the one the environment names, else the one under ``home``, which is started when it does not run and
    ended afterwards unless the platform has come up meanwhile.

    Raises
    ------
    db.embedded.ServersError : it is not there and cannot be started
    db.engine.DatabaseError : it does not answer, or the schema cannot be brought up to date
    """
    found = embedded.start(home, environ, redis=False)
    try:
        migrating.upgrade(found.owner_url)
        yield found.database_url
    finally:
        if found.started and not _is_up(home):
            embedded.stop(home)


def in_transaction[Answer](url: str, work: Callable[[AsyncConnection], Awaitable[Answer]]) -> Answer:
    """Do all of the work or nothing of it.

    Raises
    ------
    db.engine.DatabaseError : the database failed; nothing was written
    """

    async def run() -> Answer:
        connections = engine.connect(
            url, pool_size=1, statement_timeout_ms=STATEMENT_TIMEOUT_MS, application="trades ingest"
        )
        try:
            async with engine.transaction(connections) as tx:
                return await work(tx)
        finally:
            await connections.dispose()

    return asyncio.run(run())


def tell_of_region(home: Path, environ: Mapping[str, str], region: Region) -> str | None:
    """Write a region into the database if there is one; what went wrong, None when nothing did.

    The registry is the truth, and ``./trades up`` brings the database into line with it: a database that does not
    run yet is no fault, and one that fails never spoils a build.
    """
    configured = any(environ.get(name, "").strip() for name in ("DATABASE_URL", "POSTGRES_HOST"))
    try:
        found = embedded.addresses(home, environ, redis=False)
    except embedded.NotStarted:
        return None
    except embedded.ServersError as fault:
        return str(fault)
    try:
        migrating.upgrade(found.owner_url)
        in_transaction(found.database_url, lambda tx: regions.upsert(tx, [region]))
    except engine.DatabaseError as fault:
        return said(fault) if configured else None
    return None


def said(fault: engine.DatabaseError) -> str:
    """The database's own sentence, without the statement and the values, which may be personal."""
    beneath = getattr(fault, "orig", None) or fault
    sentence = str(beneath).strip().splitlines()[0]
    is_full = isinstance(beneath, engine.DiskFull)
    return f"{sentence}; make room on its disk, then give the same command again" if is_full else sentence


def _is_up(home: Path) -> bool:
    """Whether the platform runs on this home: it holds a lock as long as it does."""
    try:
        with (home / "up.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
