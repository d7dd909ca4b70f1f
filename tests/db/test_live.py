import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from redis.asyncio import Redis

from db import live as db_live
from db.live import LiveFix, LivePositions, remember
from db.types import new_id
from dispatch.availability import Fix
from geo.point import Point

HERE = Point(-71.25, -29.90)
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def east(metres):
    return Point(HERE.lon + metres / 96_400, HERE.lat)


def fix(who, metres, at=NOW, trades=("plumber",)):
    return LiveFix(who, trades, Fix(east(metres), at))


def near(live, trade="plumber", now=NOW):
    return [one.contractor_id for one in live.nearest(HERE, trade, 10, within_m=50_000, now=now)]


def test_who_was_seen_is_found_nearest_first_by_trade_or_of_any():
    live, a, b, c = LivePositions(), *sorted(new_id() for _ in range(3))
    live.take([fix(a, 2_000), fix(b, 1_000, trades=("plumber", "roofer")), fix(c, 500, trades=("roofer",))])
    assert (near(live), near(live, "roofer"), near(live, None), near(live, "solar")) == ([b, a], [c, b], [c, b, a], [])


def test_a_newer_position_moves_somebody_and_an_older_one_does_not():
    live, a = LivePositions(), new_id()
    live.take([fix(a, 2_000), fix(a, 900, NOW - MINUTE)])
    assert live.last(a).point == east(2_000)
    live.take([fix(a, 100, NOW + MINUTE, trades=("roofer",))])
    assert (near(live), near(live, "roofer"), len(live)) == ([], [a], 1)


def test_a_position_is_good_for_ten_minutes_and_then_forgotten():
    live, a, b = LivePositions(), new_id(), new_id()
    live.take([fix(a, 100), fix(b, 200, NOW + 5 * MINUTE)])
    assert near(live, now=NOW + 10 * MINUTE) == [a, b]
    late = NOW + timedelta(minutes=10, microseconds=1)
    assert near(live, now=late) == [b]
    live.take([fix(b, 300, NOW + 6 * MINUTE)])
    live.forget_stale(late)
    assert (len(live), live.last(a), near(live, None, late)) == (1, None, [b])
    live.forget_stale(NOW + 20 * MINUTE)
    assert len(live) == 0


@pytest_asyncio.fixture
async def redis(redis_url):
    async with Redis.from_url(redis_url, socket_timeout=10) as client:
        yield client


@pytest_asyncio.fixture
async def following(redis_url):
    """Processes that follow; each call starts one."""
    tasks, clients = [], []

    async def follow(url=redis_url):
        live, client = LivePositions(), Redis.from_url(url, socket_timeout=10)
        tasks.append(asyncio.create_task(live.follow(client)))
        clients.append(client)
        return live

    yield follow
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    for client in clients:
        await client.aclose()


async def until(live, happened):
    """Wait for what a process has to hear of."""
    async with asyncio.timeout(20), live.news:
        await live.news.wait_for(happened)


async def test_every_process_hears_of_a_position_wherever_it_came_in(redis, following):
    first, second, a = await following(), await following(), new_id()
    for live in (first, second):
        await until(live, lambda live=live: live.available)
    now = datetime.now(UTC)
    await remember(redis, [fix(a, 100, now)])
    for live in (first, second):
        await until(live, lambda live=live: live.last(a))
        assert live.last(a).point == east(100)
        assert abs(live.last(a).at - now) < timedelta(milliseconds=1)


async def test_a_process_that_starts_later_reads_the_last_positions_and_only_fresh_ones(redis, following):
    a, b, now = new_id(), new_id(), datetime.now(UTC)
    await remember(redis, [fix(a, 900, now), fix(b, 100, now - 11 * MINUTE)])
    await remember(redis, [fix(a, 100, now - MINUTE)])  # it was overtaken on its way
    late = await following()
    await until(late, lambda: late.available)
    assert (late.last(a).point, late.last(b)) == (east(900), None)


async def test_what_somebody_else_wrote_into_redis_harms_nobody(redis, following):
    await redis.hset(db_live.LAST_KEY, "x", "no json")
    await redis.hset(db_live.LAST_KEY, "y", '["no id", 1, 2]')
    live, a = await following(), new_id()
    await until(live, lambda: live.available)
    await remember(redis, [fix(a, 100, datetime.now(UTC))])
    await until(live, lambda: live.last(a))


async def test_a_redis_that_is_away_is_said_and_tried_again(redis, following, monkeypatch):
    monkeypatch.setattr(db_live, "RETRY_S", (0.01, 0.02))
    live, a = await following(), new_id()
    await until(live, lambda: live.available)
    for client in await redis.client_list():
        if client["cmd"].startswith("xread"):
            await redis.client_kill_filter(_id=client["id"])
    await until(live, lambda: not live.available)
    await until(live, lambda: live.available)
    await remember(redis, [fix(a, 100, datetime.now(UTC))])
    await until(live, lambda: live.last(a))


async def test_positions_without_redis_are_nobody_s(following, tmp_path, monkeypatch):
    monkeypatch.setattr(db_live, "RETRY_S", (0.01, 0.02))
    live = await following(f"unix://{tmp_path}/none.sock")
    await until(live, lambda: not live.available)
    assert near(live) == []
