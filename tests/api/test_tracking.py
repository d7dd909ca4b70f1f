from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from neighbours import Neighbour, settle
from redis.asyncio import Redis
from sqlalchemy import text

from db import engine as db_engine
from db.tracks import Tracks
from db.types import new_id
from geo.point import Point

PATH = "/tracking/positions"
SQUARE = Point(-71.2520, -29.9027)
ALWAYS = tuple((day, 0, 1440) for day in range(7))


@pytest_asyncio.fixture
async def ana(app_settings, coquimbo):
    """Somebody who always works, at home 5 km away."""
    one = Neighbour("Ana", Point(SQUARE.lon, SQUARE.lat - 0.045), shifts=ALWAYS)
    engine = db_engine.connect(app_settings.database_url)
    async with db_engine.transaction(engine) as tx:
        await settle(tx, [one])
    await engine.dispose()
    return one


def seen(who, *, ago_s=0, point=SQUARE, **more):
    at = datetime.now(UTC) - timedelta(seconds=ago_s)
    return {"contractor_id": str(who), "lat": point.lat, "lng": point.lon, "at": at.isoformat()} | more


async def send(client, *positions):
    return await client.post(PATH, json={"positions": list(positions)})


async def track(app):
    async with db_engine.snapshot(app.state.database) as tx:
        rows = await tx.execute(
            text("select contractor_id, ST_Y(location::geometry), accuracy_m from positions order by at")
        )
        return [tuple(row) for row in rows]


async def nearby(client):
    answer = await client.get("/maps/contractors/nearby", params={"lat": SQUARE.lat, "lng": SQUARE.lon})
    return answer.json()


async def heard(app, who):
    """Wait until the server's own index knows of somebody."""
    live = app.state.live
    async with live.news:
        await live.news.wait_for(lambda: live.last(who))


async def test_a_position_wins_over_home_and_the_order_starts_from_there(app, client, ana):
    assert [row["origin_source"] for row in (await nearby(client))["results"]] == ["home"]
    answer = await send(client, seen(ana.id, accuracy_m=12.5))
    assert (answer.status_code, answer.json()) == (200, {"received": 1, "added": 1, "live": True})
    await heard(app, ana.id)
    found = await nearby(client)
    assert found["live_positions"] is True
    assert [(row["origin_source"], row["distance_m"], row["drive_s"]) for row in found["results"]] == [("live", 0, 0)]
    assert [reason["code"] for reason in found["results"][0]["reasons"]] == ["rank", "from_live"]
    assert await track(app) == [(ana.id, SQUARE.lat, 12.5)]


async def test_a_stale_position_is_track_and_nothing_else(app, client, ana):
    assert (await send(client, seen(ana.id, ago_s=601))).json() == {"received": 1, "added": 1, "live": True}
    other = seen(ana.id, ago_s=599, point=Point(SQUARE.lon + 0.001, SQUARE.lat))
    await send(client, other)
    await heard(app, ana.id)
    assert app.state.live.last(ana.id).point.lon == pytest.approx(SQUARE.lon + 0.001)
    assert len(await track(app)) == 2


async def test_the_same_batch_twice_adds_nothing(app, client, ana):
    batch = [seen(ana.id, ago_s=n) for n in range(1000)]
    assert (await send(client, *batch)).json()["added"] == 1000
    assert (await send(client, *batch)).json()["added"] == 0
    assert len(await track(app)) == 1000


async def test_a_repeated_key_gets_the_first_answer(app, client, ana):
    sent, key = {"positions": [seen(ana.id)]}, {"Idempotency-Key": "track-1"}
    first, second = [await client.post(PATH, json=sent, headers=key) for _ in range(2)]
    assert first.json() == second.json() == {"received": 1, "added": 1, "live": True}
    assert (second.headers["Idempotency-Replayed"], len(await track(app))) == ("true", 1)


async def test_one_unknown_contractor_refuses_the_batch_and_is_named(app, client, ana):
    nobody = new_id()
    answer = await send(client, seen(ana.id), seen(nobody))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_contractors")
    assert answer.json()["contractor_ids"] == [str(nobody)]
    assert await track(app) == []


async def test_a_time_ahead_of_the_server_s_is_refused(app, client, ana):
    answer = await send(client, seen(ana.id), seen(ana.id, ago_s=-90))
    assert (answer.status_code, answer.json()["code"], answer.json()["position"]) == (422, "from_the_future", 1)
    assert (await send(client, seen(ana.id, ago_s=-5))).status_code == 200  # clocks differ by seconds
    assert len(await track(app)) == 1


async def test_without_redis_the_track_is_kept_and_the_answer_says_that_nothing_is_live(app, client, ana, tmp_path):
    away = Redis.from_url(f"unix://{tmp_path}/none.sock")
    app.state.tracks = Tracks(app.state.database, away)
    assert (await send(client, seen(ana.id))).json() == {"received": 1, "added": 1, "live": False}
    assert len(await track(app)) == 1
    await away.aclose()


async def test_nobody_sends_positions_without_the_key(anybody, app, ana):
    assert (await send(anybody, seen(ana.id))).status_code == 401
    assert await track(app) == []


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"lat": 91}, "/positions/0/lat"),
        ({"lng": -181}, "/positions/0/lng"),
        ({"lat": None}, "/positions/0/lat"),
        ({"contractor_id": "x"}, "/positions/0/contractor_id"),
        ({"at": "2026-11-23T10:00:00"}, "/positions/0/at"),
        ({"at": "1999-12-31T23:59:59Z"}, "/positions/0/at"),
        ({"accuracy_m": -1}, "/positions/0/accuracy_m"),
        ({"speed": 3}, "/positions/0/speed"),
    ],
)
async def test_a_bad_position_is_pointed_at(client, wrong, pointer):
    answer = await send(client, seen(new_id()) | wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("n_positions", [0, 1001])
async def test_a_batch_holds_one_to_a_thousand(client, n_positions):
    answer = await send(client, *[seen(new_id())] * n_positions)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/positions")
