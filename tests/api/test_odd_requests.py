"""Requests that no form would send: each is refused in words, none is a fault of ours, none tells where files lie."""

import json
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.errors import Problem
from routing.errors import UnreadableFile

RUN = {"date": "2026-11-24", "region": "coquimbo"}
DEEP = 10_000
"""Far beyond what Python's own JSON reader follows."""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * DEEP + b"]" * DEEP, "invalid_json"),
        (b'{"date":' + b'{"x":' * DEEP + b"1" + b"}" * DEEP + b"}", "invalid_json"),
        (b'{"seed": ' + b"9" * 5_000 + b"}", "invalid_json"),
        (b"\xff\xfe{}", "invalid_json"),
        (b"{", "invalid_json"),
        (json.dumps(RUN | {"seed": 10**400}).encode(), "invalid"),
        (json.dumps(RUN | {"seed": 2**31}).encode(), "invalid"),
        (json.dumps(RUN | {"budget_iterations": 10**12}).encode(), "invalid"),
        (json.dumps(RUN | {"seed": "1"}).encode(), "invalid"),
        (json.dumps(RUN | {"seed": True}).encode(), "invalid"),
        (json.dumps(RUN | {"limit_s": float("inf")}).encode(), "invalid"),
        (json.dumps(RUN | {"region": "coq\x00uimbo"}).encode(), "invalid"),
        (json.dumps(RUN | {"region": "\ud800"}).encode(), "invalid"),
        (json.dumps(RUN | {"\ud800": 1}).encode(), "invalid"),
        (json.dumps(RUN | {"date": 0}).encode(), "invalid"),
        (json.dumps(RUN | {"date": "0"}).encode(), "invalid"),
        (json.dumps(RUN | {"date": "0001-01-01"}).encode(), "invalid"),
        (json.dumps(RUN | {"date": "9999-12-31"}).encode(), "invalid"),
        (json.dumps(RUN | {"date": "2026-11-24T00:00:00Z"}).encode(), "invalid"),
        (b"", "invalid"),
        (b"null", "invalid"),
        (b'"\\ud800"', "invalid"),
    ],
    ids=lambda value: value[:40].decode("latin-1") if isinstance(value, bytes) else value,
)
async def test_a_body_that_cannot_be_meant_is_refused_in_words(client, body, code):
    answer = await client.post("/dispatch/runs", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_half_a_surrogate_pair_is_told_as_it_came():
    answer = Problem(422, "invalid", "no region '\ud800'; caf\u00e9 \\").response(None)
    assert json.loads(answer.body)["detail"] == "no region '\ud800'; caf\u00e9 \\"


async def test_of_a_thousand_wrong_values_the_first_hundred_are_named(client):
    answer = await client.post("/tracking/positions", json={"positions": [{}] * 1_000})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 100)


@pytest.mark.parametrize(
    "query",
    [
        "region=%00",
        "region=%ff%fe",
        "region=%ED%A0%80",
        "region=a%",
        "region=",
        "date=0",
        "date=1e3",
        "limit=99999999999999999999",
        "limit=1&limit=x",
        "cursor=00000000",
    ],
)
async def test_an_address_that_cannot_be_meant_is_refused_in_words(client, query):
    answer = await client.get(f"/dispatch/runs?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("key", ["", " ", "with space", "x" * 256, "caf\u00e9", "\x7f"])
async def test_an_idempotency_key_that_cannot_be_stored_is_refused(client, key):
    headers = [(b"Idempotency-Key", key.encode())]
    answer = await client.post("/dispatch/runs", json=RUN, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable")


@pytest.mark.parametrize("credential", [b"Bearer \xff\xfe", b"Bearer ", b"\xff", b"Basic x", b"Bearer \xc3\xa9"])
async def test_a_key_of_odd_bytes_is_no_key(anybody, credential):
    answer = await anybody.get("/dispatch/runs", headers=[(b"Authorization", credential)])
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "PUT", "DELETE", "TRACE"])
async def test_an_address_says_every_method_that_it_takes(client, method):
    answer = await client.request(method, "/dispatch/runs")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


async def test_where_a_file_lies_is_not_told(app_settings):
    app = create_app(app_settings)

    @app.get("/damaged")
    async def damaged() -> None:
        raise UnreadableFile(Path("somewhere/private/region.json"), 3, "not JSON")

    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trades.test") as anybody,
    ):
        answer = await anybody.get("/damaged")
    assert (answer.status_code, answer.json()["code"]) == (503, "region_damaged")
    assert "somebody" not in answer.text
