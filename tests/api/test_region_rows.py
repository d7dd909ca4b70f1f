"""The table of regions follows the registry of road data from the start of a server on, whatever the database does."""

import asyncio
import shutil
from contextlib import contextmanager

import pytest
from map_server import serving
from servers import KEY
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.settings import Settings
from db.engine import connect, snapshot

PATIENCE_S = 30


@pytest.fixture
def home(tmp_path, coquimbo):
    """A home of the test's own, whose region may go."""
    shutil.copytree(coquimbo.folder.parents[1], tmp_path / "regions" / "coquimbo", symlinks=True)
    return tmp_path


@pytest.fixture
def app_settings(database_url, redis_url, home):
    return Settings(database_url=database_url, redis_url=redis_url, home=home, key=KEY, environment="test")


@contextmanager
def as_administrator(servers):
    """Say something to the servers that the application may not say."""
    engine = create_engine(servers.admin_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield lambda statement: connection.execute(text(statement))
    engine.dispose()


async def rows(url):
    """Region -> version, None of one that is gone."""
    engine = connect(url, pool_size=1)
    async with snapshot(engine) as tx:
        found = {
            row.name: None if row.gone_at else row.version for row in await tx.execute(text("select * from regions"))
        }
    await engine.dispose()
    return found


async def until(condition):
    """Ask until it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():
            pass


async def has_rows(url, expected):
    return await rows(url) == expected


async def ready(client):
    return (await client.get("/ready")).json()


async def is_ready(client):
    return (await ready(client))["status"] == "ready"


async def test_a_region_of_the_registry_has_its_row_once_the_server_has_started(client, database_url, coquimbo):
    assert await rows(database_url) == {"coquimbo": coquimbo.version}
    seen = await ready(client)
    assert (seen["status"], seen["regions"], seen["regions_in_database"]) == ("ready", ["coquimbo"], True)


async def test_a_region_whose_folder_goes_is_marked_and_loses_the_mark_when_it_returns(
    client, database_url, home, coquimbo
):
    (home / "regions" / "coquimbo").rename(home / "elsewhere")
    await until(lambda: has_rows(database_url, {"coquimbo": None}))
    (home / "elsewhere").rename(home / "regions" / "coquimbo")
    await until(lambda: has_rows(database_url, {"coquimbo": coquimbo.version}))
    assert (await ready(client))["regions_in_database"]


async def test_a_region_whose_folder_went_while_no_server_ran_is_marked_when_one_starts(app_settings, database_url):
    async with serving(app_settings):
        pass
    shutil.rmtree(app_settings.home / "regions" / "coquimbo")
    async with serving(app_settings) as client:
        assert await rows(database_url) == {"coquimbo": None}
        assert (await ready(client))["status"] == "ready"


async def test_a_server_starts_without_its_database_and_regions_get_their_rows_once_it_is_there(
    app_settings, database_url, servers, coquimbo
):
    name = database_url.partition("?")[0].rpartition("/")[2]
    with as_administrator(servers) as say:
        say(f"alter database {name} rename to {name}_away")
        async with serving(app_settings) as client:
            assert (await client.get("/health")).status_code == 200
            away = await client.get("/ready")
            say(f"alter database {name}_away rename to {name}")
            assert (away.status_code, away.json()["status"]) == (503, "unavailable")
            assert not away.json()["regions_in_database"]
            await until(lambda: is_ready(client))
    assert await rows(database_url) == {"coquimbo": coquimbo.version}


async def test_a_database_that_takes_no_regions_is_told_of_and_tried_again(app_settings, database_url, servers):
    name = database_url.partition("?")[0].rpartition("/")[2]
    with as_administrator(servers) as say:
        say(f"alter database {name} set default_transaction_read_only = on")
        async with serving(app_settings) as client:
            seen = await ready(client)
            assert (seen["status"], seen["database"], seen["regions_in_database"]) == ("degraded", True, False)
            say(f"alter database {name} reset default_transaction_read_only")
            say(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
            await until(lambda: is_ready(client))
    assert list(await rows(database_url)) == ["coquimbo"]
