"""A request is one transaction: committed before the answer, rolled back by any error, repeatable by a key."""

import asyncio

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter
from servers import KEY
from sqlalchemy import text

from api.app import create_app
from api.deps import Operator, Tx
from api.errors import Unusable
from api.repeatable import Repeatable
from db.engine import snapshot

ADD = text("insert into organisations (id, name) values (gen_random_uuid(), :name)")


@pytest_asyncio.fixture
async def firms(app_settings):
    """A server with a slice that writes firms, and fails as it is told to."""
    router = APIRouter(route_class=Repeatable)
    answered = []

    @router.post("/firms/{name}", status_code=201)
    async def add(name: str, tx: Tx, _: Operator, *, fail: bool = False) -> dict[str, int]:
        await tx.execute(ADD, {"name": name})
        answered.append(name)
        if fail:
            raise Unusable("told to fail")
        return {"n_answered": len(answered)}

    @router.post("/late")
    async def late(tx: Tx) -> dict[str, str]:
        # Fails at commit and not before: nothing else checks a deferred constraint.
        await tx.execute(
            text("create temporary table twice (n int unique deferrable initially deferred) on commit drop")
        )
        await tx.execute(text("insert into twice values (1), (1)"))
        return {"status": "ok"}

    made = create_app(app_settings)
    made.include_router(router)
    async with made.router.lifespan_context(made):
        transport = httpx.ASGITransport(made, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://trades.test", headers=headers) as client:
            client.database = made.state.database
            yield client


async def names(client):
    async with snapshot(client.database) as tx:
        return set((await tx.execute(text("select name from organisations"))).scalars())


async def test_a_commit_that_fails_is_never_answered_as_done(firms):
    answer = await firms.post("/late")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_what_was_answered_is_committed_already(firms):
    assert (await firms.post("/firms/Pipes")).status_code == 201
    assert await names(firms) == {"Pipes"}


async def test_an_error_rolls_everything_back(firms):
    answer = await firms.post("/firms/Pipes?fail=true")
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable")
    assert await names(firms) == set()


async def test_a_key_sent_twice_does_the_work_once_and_answers_the_same(firms):
    key = {"Idempotency-Key": "0193-first"}
    first = await firms.post("/firms/Pipes", headers=key)
    second = await firms.post("/firms/Pipes", headers=key)
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert await names(firms) == {"Pipes"}


async def test_a_key_sent_ten_times_at_once_does_the_work_once(firms):
    key = {"Idempotency-Key": "0193-at-once"}
    answers = await asyncio.gather(*(firms.post("/firms/Pipes", headers=key) for _ in range(10)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, b'{"n_answered":1}')}


async def test_a_key_sent_with_another_request_is_refused(firms):
    key = {"Idempotency-Key": "0193-reused"}
    await firms.post("/firms/Pipes", headers=key)
    answer = await firms.post("/firms/Wires", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_whose_request_failed_is_free_for_another_try(firms):
    key = {"Idempotency-Key": "0193-again"}
    assert (await firms.post("/firms/Pipes?fail=true", headers=key)).status_code == 422
    assert (await firms.post("/firms/Pipes", headers=key)).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "ä", "x" * 256])
async def test_a_key_that_cannot_be_one_is_named(firms, key):
    answer = await firms.post("/firms/Pipes", headers={"Idempotency-Key": key.encode("utf-8")})
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable")
    assert await names(firms) == set()
