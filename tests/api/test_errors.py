"""Every error is problem details with a stable code, an id to find it by, and nothing of our insides."""

import inspect
import logging
import tomllib
from pathlib import Path

import httpx
import pytest
import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

import dispatch.places
import routing.errors
import routing.region
from api import errors, telemetry
from api.app import VERSION, create_app


def test_the_api_says_the_project_s_version():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION


async def test_an_address_where_nothing_is_says_so_as_problem_details(client):
    answer = await client.get("/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["status"], said["code"], said["title"]) == (404, "not_found", "Not Found")
    assert said["request_id"] == answer.headers["x-request-id"]


async def test_a_plain_request_id_is_taken_over_and_any_other_is_replaced(client):
    mine = await client.get("/health", headers={"X-Request-ID": "from-my-proxy-1"})
    assert mine.headers["x-request-id"] == "from-my-proxy-1"
    foreign = await client.get("/health", headers={"X-Request-ID": "a b\tc"})
    assert foreign.headers["x-request-id"] != "a b\tc"


@pytest.fixture
def logging_as_before():
    """Afterwards logs go where they went, not to a stream that is closed."""
    handlers = logging.root.handlers[:]
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers


@pytest.mark.usefixtures("logging_as_before")
async def test_an_exception_nobody_expected_is_an_incident_without_its_message(app_settings, capsys):
    telemetry.configure("info", as_json=True)
    app = create_app(app_settings)

    @app.get("/broken")
    async def broken():
        raise LookupError("secret")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://trades.test") as client:
        answer = await client.get("/broken")
    said = answer.json()
    assert (answer.status_code, said["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert said["incident"] in said["detail"]
    assert said["incident"] in "".join(capsys.readouterr())


async def test_a_body_over_the_limit_is_refused_whether_announced_or_not(app_settings):
    app = create_app(app_settings.model_copy(update={"max_body_bytes": 10_000}))

    @app.post("/echo")
    async def echo(body: dict[str, str]) -> dict[str, int]:
        return {"n": len(body)}

    async def dripping():
        for _ in range(20):
            yield b"x" * 1000

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://trades.test") as client:
        for content in (b"x" * 20_000, dripping()):
            answer = await client.post("/echo", content=content)
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert (await client.post("/echo", content=b'{"a": "b"}')).json() == {"n": 1}


async def test_a_json_body_is_read_whatever_its_content_type(app_settings):
    app = create_app(app_settings)

    @app.post("/echo")
    async def echo(body: dict[str, str]) -> dict[str, int]:
        return {"n": len(body)}

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://trades.test") as client:
        for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json"):
            answer = await client.post("/echo", content=b'{"a": "b"}', headers={"Content-Type": kind})
            assert answer.json() == {"n": 1}


class _Lost(Exception):
    sqlstate = "57P01"


class _Broken(Exception):
    sqlstate = "42601"


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError("select", {}, _Lost()), True),
        (PoolTimeoutError(), True),
        (ConnectionRefusedError(), True),
        (DBAPIError("select", {}, _Broken()), False),
        (DBAPIError("select", {}, _Lost(), connection_invalidated=True), True),
    ],
)
def test_a_database_that_is_away_is_told_from_a_statement_that_is_wrong(error, away):
    assert errors.database_is_away(error) is away


def test_every_public_error_of_the_core_has_a_status():
    for module in (routing.errors, routing.region, dispatch.places):
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Exception) and kind.__module__ == module.__name__ and not name.startswith("_"):
                assert errors.status_of(kind.__new__(kind)) is not None, f"{module.__name__}.{name}"
