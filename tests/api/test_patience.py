"""Which errors of the database mean "away", however they are dressed up, and how long the queue waits for it."""

import asyncio

import psycopg
import pytest
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from api import errors, patience
from api.errors import database_is_away
from api.patience import PatientManager
from db.engine import libpq_url

AWAY = [
    psycopg.OperationalError("the connection is lost"),
    psycopg.errors.AdminShutdown("terminating connection"),
    psycopg.errors.QueryCanceled("statement timeout"),
    psycopg.errors.TooManyConnections("sorry, too many clients"),
    psycopg.errors.DiskFull("No space left on device"),
]
OURS = [
    psycopg.errors.ForeignKeyViolation("worker"),
    psycopg.errors.SyntaxError("selekt"),
    psycopg.errors.DataError("x"),
]


def queued(cause):
    """As procrastinate raises it."""
    error = ConnectorException()
    error.__cause__ = cause
    return error


def mapped(cause):
    """As SQLAlchemy raises it."""
    return DBAPIError.instance("select", None, cause, psycopg.Error)


@pytest.mark.parametrize("dressed", [queued, mapped, lambda cause: cause], ids=["queue", "sqlalchemy", "driver"])
@pytest.mark.parametrize("cause", AWAY, ids=lambda cause: type(cause).__name__)
async def test_a_database_that_is_away_is_a_503_however_its_error_is_dressed_up(dressed, cause):
    answer = await errors._known(Request({"type": "http", "path": "/"}), dressed(cause))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    code = "disk_full" if isinstance(cause, psycopg.errors.DiskFull) else "database_unavailable"
    assert f'"{code}"'.encode() in answer.body


@pytest.mark.parametrize("dressed", [queued, mapped, lambda cause: cause], ids=["queue", "sqlalchemy", "driver"])
async def test_a_broken_rule_of_the_database_is_a_conflict(dressed):
    cause = psycopg.errors.ExclusionViolation("double booking")
    answer = await errors._known(Request({"type": "http", "path": "/"}), dressed(cause))
    assert answer.status_code == 409


@pytest.mark.parametrize("cause", AWAY, ids=lambda cause: type(cause).__name__)
def test_the_queue_waits_for_a_database_that_is_away(cause):
    assert database_is_away(queued(cause))


@pytest.mark.parametrize("cause", OURS, ids=lambda cause: type(cause).__name__)
def test_the_queue_does_not_wait_for_what_waiting_cannot_cure(cause):
    assert not database_is_away(queued(cause))


async def test_a_sign_of_life_is_given_once_the_database_is_back(database_url, monkeypatch):
    monkeypatch.setattr(patience, "PAUSE_S", 0.01)
    connector = PsycopgConnector(conninfo=libpq_url(database_url), min_size=1, max_size=1)
    await connector.open_async()
    try:
        manager = PatientManager(connector, asyncio.Event())
        worker = await manager.register_worker()
        n_tried, say = 0, connector.execute_query_async

        async def away_twice(*arguments, **values):
            nonlocal n_tried
            n_tried += 1
            if n_tried <= 2:
                raise queued(AWAY[0])
            await say(*arguments, **values)

        monkeypatch.setattr(connector, "execute_query_async", away_twice)
        await manager.update_heartbeat(worker)
        assert (n_tried, manager.worker_id) == (3, worker)
    finally:
        await connector.close_async()


async def test_a_worker_that_is_to_stop_does_not_wait_for_the_database(monkeypatch):
    connector, stopping = PsycopgConnector(), asyncio.Event()

    async def away(*_, **__):
        stopping.set()
        raise queued(AWAY[0])

    monkeypatch.setattr(connector, "execute_query_async", away)
    with pytest.raises(ConnectorException):
        await PatientManager(connector, stopping).update_heartbeat(1)
