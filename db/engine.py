"""Connections to PostgreSQL: one engine a process, one transaction a use case."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError as DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

__all__ = [
    "DatabaseError",
    "DiskFull",
    "DriverError",
    "answers",
    "connect",
    "driver",
    "driver_url",
    "libpq_url",
    "snapshot",
    "transaction",
]

DriverError = psycopg.Error
"""What goes wrong in statements said on the driver's own connection; SQLAlchemy does not dress these up."""

DiskFull = psycopg.errors.DiskFull
"""What the database says when it has no room to write to; in whatever SQLAlchemy dresses it up."""

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 15_000
"""Longer than any statement of a request should take; batches set their own."""


def connect(
    url: str,
    *,
    pool_size: int = 8,
    overflow: int = 4,
    wait_s: float = 5.0,
    statement_timeout_ms: int = STATEMENT_TIMEOUT_MS,
    application: str = "trades",
) -> AsyncEngine:
    """An engine; nothing is connected until it is first used.

    Parameters
    ----------
    url : ``postgresql+psycopg://…``; ``postgresql://`` and ``postgres://`` are taken for the same
    pool_size, overflow : connections kept, and how many more under load
    wait_s : how long a use case waits for a free one before it fails
    statement_timeout_ms : the server ends longer statements
    application : shown by PostgreSQL beside what it is doing for us
    """
    return create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=wait_s,
        # After a restart of the server the pool holds dead connections: each is tried before it is lent.
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": application,
            "options": f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC -c jit=off",
        },
    )


def driver_url(url: str) -> str:
    """The address with the driver named that we use."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme in ("postgresql", "postgres") else url


def libpq_url(url: str) -> str:
    """The address as libpq and psql take it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One transaction: committed when the block ends, rolled back when it raises."""
    async with engine.begin() as tx:
        yield tx


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One consistent, read-only view for several statements."""
    async with engine.connect() as lent:
        tx = await lent.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with tx.begin():
            yield tx


async def driver(tx: AsyncConnection) -> psycopg.AsyncConnection:
    """Give psycopg's own connection beneath, in the same transaction: for COPY, LISTEN and the queue."""
    raw = await tx.get_raw_connection()
    return cast("psycopg.AsyncConnection", raw.driver_connection)


async def answers(engine: AsyncEngine) -> bool:
    """Whether the database answers a question at all."""
    async with engine.connect() as tx:
        return bool((await tx.execute(text("select true"))).scalar_one())
