"""PostgreSQL with PostGIS and Redis of the tests' own: started by whoever asks first, ended with the run."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import NullPool

from api.app import create_app
from api.settings import Settings
from db import embedded, migrating
from db import engine as db_engine
from db.embedded import Addresses

RUN = "TRADES_TESTS_RUN"
HOMES = "trades-tests-"
TEMPLATE = "trades_template"
KEY = "a-key-of-the-tests-0123456789"


def pytest_configure(config: pytest.Config) -> None:
    """Name this run's servers, for all of its workers; end those of runs that were killed."""
    if hasattr(config, "workerinput"):
        return
    os.environ[RUN] = str(os.getpid())
    for home in Path(tempfile.gettempdir()).glob(f"{HOMES}*"):
        if not Path(f"/proc/{home.name.removeprefix(HOMES)}").exists():
            end_servers(home)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the servers once all workers are done."""
    if not hasattr(session.config, "workerinput"):
        end_servers(servers_home())


def servers_home() -> Path:
    """A folder of this run's own that the servers' account can enter."""
    return Path(tempfile.gettempdir()) / f"{HOMES}{os.environ[RUN]}"


def end_servers(home: Path) -> None:
    """Stop what runs there and leave nothing."""
    if home.exists():
        embedded.remove(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def servers() -> Addresses:
    """The running servers, with a migrated database to copy from."""
    home = servers_home()
    home.mkdir(exist_ok=True)
    home.chmod(0o755)
    with (home / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = embedded.start(home)
        ready = home / "template-ready"
        if not ready.exists():
            # Without autovacuum what the planner knows of a table does not hang on how long the tests have run.
            settings = "alter system set fsync = off", "alter system set autovacuum = off"
            _execute(found.admin_url, *settings, "select pg_reload_conf()")
            embedded.create_database(found, TEMPLATE)
            migrating.upgrade(_in(found.owner_url, TEMPLATE))
            ready.touch()
    return found


@pytest.fixture(scope="session")
def shared_database_url(servers: Addresses) -> Iterator[str]:
    """One migrated database a worker, for tests that leave nothing behind."""
    name = f"shared_{uuid4().hex[:12]}"
    _clone(servers, name)
    yield _in(servers.database_url, name)
    _drop(servers, name)


@pytest.fixture
def database_url(servers: Addresses) -> Iterator[str]:
    """A migrated database of the test's own, as the application's role sees it."""
    name = f"own_{uuid4().hex[:12]}"
    _clone(servers, name)
    yield _in(servers.database_url, name)
    _drop(servers, name)


@pytest.fixture(scope="module")
def module_database_url(servers: Addresses) -> Iterator[str]:
    """A migrated database for the tests of one file that tell one story together."""
    name = f"module_{uuid4().hex[:12]}"
    _clone(servers, name)
    yield _in(servers.database_url, name)
    _drop(servers, name)


@pytest.fixture
def empty_database_url(servers: Addresses) -> Iterator[str]:
    """A database with the extensions and nothing else, as the owner of the schema sees it."""
    name = f"empty_{uuid4().hex[:12]}"
    embedded.create_database(servers, name)
    yield _in(servers.owner_url, name)
    _drop(servers, name)


@pytest_asyncio.fixture
async def tx(shared_database_url: str) -> AsyncIterator[AsyncConnection]:
    """A transaction that is rolled back when the test ends."""
    engine = db_engine.connect(shared_database_url, pool_size=1)
    async with engine.connect() as connection:
        outer = await connection.begin()
        yield connection
        if outer.is_active:
            await outer.rollback()
    await engine.dispose()


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database of the test's own, for tests about commits, locks and several connections."""
    engine = db_engine.connect(database_url, pool_size=8)
    yield engine
    await engine.dispose()


@pytest.fixture
def analyse(servers: Addresses, database_url: str) -> Callable[[], None]:
    """Tell the planner what is in the tables of ``database``; the application's role may not, and is only warned."""
    name = database_url.partition("?")[0].rpartition("/")[2]
    return lambda: _execute(_in(servers.owner_url, name), "vacuum analyze")


@pytest_asyncio.fixture
async def redis_url(servers: Addresses, worker_number: int) -> AsyncIterator[str]:
    """A Redis database of this worker's own, emptied before each test."""
    url = f"{servers.redis_url}?db={worker_number + 1}"
    async with Redis.from_url(url) as client:
        await client.flushdb()
    yield url


@pytest.fixture(scope="session")
def worker_number() -> int:
    """Which of the parallel workers this is, from 0."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture
def app_settings(database_url: str, redis_url: str, sample_home: Path) -> Settings:
    """Settings of a server on a database of the test's own and the sample regions."""
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        home=sample_home,
        key=KEY,
        environment="test",
        engine_retry_s=0.2,
    )


@pytest_asyncio.fixture
async def app(app_settings: Settings) -> AsyncIterator[FastAPI]:
    """A running application."""
    made = create_app(app_settings)
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture
async def anybody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a key."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://trades.test") as client:
        yield client


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the development key."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://trades.test", headers=headers) as client:
        yield client


def _in(url: str, name: str) -> str:
    """The address of another database of the same server and role."""
    before, _, options = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}?{options}"


def _clone(servers: Addresses, name: str) -> None:
    # Without fsync a copy of the files takes 40 ms, a copy by the write-ahead log 250.
    _execute(servers.admin_url, f"create database {name} template {TEMPLATE} owner trades_owner strategy file_copy")


def _drop(servers: Addresses, name: str) -> None:
    _execute(servers.admin_url, f"drop database if exists {name} with (force)")


def _execute(url: str, *statements: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
