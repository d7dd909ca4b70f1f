import asyncio

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy.exc import OperationalError

from db import engine as db_engine
from db.reading import Reading


@pytest_asyncio.fixture
async def reading(database_url):
    connections = Reading(database_url, most=1, wait_s=0.05)
    yield connections
    await connections.close()


async def value(connection, sql="select pg_backend_pid()"):
    row = await (await connection.execute(sql)).fetchone()
    return row[0]


async def end(database_url, pid):
    """End a connection's server process, and wait until it is gone."""
    async with await psycopg.AsyncConnection.connect(db_engine.libpq_url(database_url), autocommit=True) as other:
        await other.execute("select pg_terminate_backend(%s, 5000)", [pid])


async def test_a_connection_serves_one_question_after_the_other(reading):
    assert await reading.ask(value) == await reading.ask(value)


async def test_a_connection_that_proves_dead_is_replaced_without_anybody_noticing(reading, database_url):
    before = await reading.ask(value)
    await end(database_url, before)
    assert await reading.ask(value) != before


async def test_nothing_can_be_written_and_a_refused_statement_costs_no_connection(reading):
    before = await reading.ask(value)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await reading.ask(lambda connection: value(connection, "create table t (i int)"))
    assert await reading.ask(value) == before


async def test_a_question_that_is_given_up_leaves_no_half_read_connection_behind(reading):
    before = await reading.ask(value)
    asked = asyncio.Event()

    async def stopped(connection):
        asked.set()
        return await value(connection, "select pg_sleep(60)")

    asking = asyncio.create_task(reading.ask(stopped))
    await asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await reading.ask(value) != before


async def test_who_waits_too_long_for_a_connection_is_told_and_takes_no_turn(reading):
    release = asyncio.Event()
    holding = asyncio.create_task(reading.ask(lambda _: release.wait()))
    await asyncio.wait([holding], timeout=0)
    with pytest.raises(TimeoutError):
        await reading.ask(value)
    release.set()
    await holding
    assert await reading.ask(value)


async def test_a_database_that_is_away_is_an_error_of_the_data_layer(tmp_path):
    away = Reading(f"postgresql+psycopg://nobody@/none?host={tmp_path}", most=1, wait_s=1.0)
    with pytest.raises(OperationalError):
        await away.ask(value)
