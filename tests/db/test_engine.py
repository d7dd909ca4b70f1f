"""Transactions: all or nothing, one view, and what survives a restart of the server."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import trades
from db.accounts import ensure_administrator
from db.engine import driver_url, libpq_url, snapshot, transaction


async def test_a_transaction_that_raises_leaves_nothing(database):
    with pytest.raises(RuntimeError):
        async with transaction(database) as tx:
            await trades.ensure(tx, ["thatcher"])
            raise RuntimeError
    async with snapshot(database) as tx:
        assert "thatcher" not in await trades.names(tx)


async def test_a_snapshot_sees_one_state_and_refuses_to_write(database):
    async with snapshot(database) as view:
        before = await trades.names(view)
        async with transaction(database) as tx:
            await trades.ensure(tx, ["thatcher"])
        assert await trades.names(view) == before
        with pytest.raises(DBAPIError, match="read-only"):
            await view.execute(text("insert into organisations (id, name) values (gen_random_uuid(), 'x')"))


async def test_connections_that_the_server_has_ended_are_replaced_without_an_error(database):
    async with transaction(database) as tx:
        first = (await tx.execute(text("select pg_backend_pid()"))).scalar_one()
    async with transaction(database) as tx:
        await tx.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where pid = :pid and pid <> pg_backend_pid()"),
            {"pid": first},
        )
    async with transaction(database) as tx:
        assert (await tx.execute(text("select 1"))).scalar_one() == 1


async def test_trades_are_made_once_and_said_to_be_new_once(tx):
    ids, new = await trades.ensure(tx, ["plumber", "thatcher"])
    assert new == ("thatcher",)
    again, newer = await trades.ensure(tx, ["plumber", "thatcher"])
    assert (again, newer) == (ids, ())


async def test_an_administrator_is_made_once_whatever_the_case_of_the_address(tx):
    assert await ensure_administrator(tx, "Ada@Example.org") == await ensure_administrator(tx, "ada@example.org ")


def test_addresses_name_the_driver_for_us_and_none_for_libpq():
    assert driver_url("postgres://a/b") == "postgresql+psycopg://a/b"
    assert driver_url("postgresql+psycopg://a/b") == "postgresql+psycopg://a/b"
    assert libpq_url("postgresql+psycopg://a/b") == "postgresql://a/b"
