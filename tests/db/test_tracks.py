import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from neighbours import Neighbour, settle
from redis.asyncio import Redis
from sqlalchemy import text

from db import engine as db_engine
from db import tracks as db_tracks
from db.live import LAST_KEY
from db.positions import PositionRow
from db.tracks import Tracks, UnknownContractors, Written
from db.types import new_id
from geo.point import Point

HERE = Point(-71.25, -29.90)


@pytest.fixture
def row():
    """Positions so many seconds ago."""
    now = datetime.now(UTC)
    return lambda who, ago_s=0, point=HERE: PositionRow(who, now - timedelta(seconds=ago_s), point, None)


@pytest_asyncio.fixture
async def database(database_url):
    engine = db_engine.connect(database_url)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def ana(database):
    one = Neighbour("Ana", HERE)
    async with db_engine.transaction(database) as tx:
        await settle(tx, [one])
    return one.id


@pytest_asyncio.fixture
async def redis(redis_url):
    async with Redis.from_url(redis_url, socket_timeout=10) as client:
        yield client


@pytest.fixture
def tracks(database, redis):
    return Tracks(database, redis)


async def transactions(database):
    """By transaction, how many seconds before the newest position each is that it wrote."""
    async with db_engine.snapshot(database) as tx:
        found = await tx.execute(
            text("select xmin::text, max(at) over () - at from positions order by xmin::text::bigint, at desc")
        )
        by_transaction = {}
        for number, before in found:
            by_transaction.setdefault(number, []).append(round(before.total_seconds()))
        return list(by_transaction.values())


async def test_the_first_is_written_at_once_and_who_comes_in_the_pause_together(row, tracks, database, ana):
    assert await tracks.write([row(ana, 0), row(ana, 1)]) == Written(2, live=True)
    both = await asyncio.gather(tracks.write([row(ana, 2)]), tracks.write([row(ana, 3), row(ana, 4)]))
    assert both == [Written(1, live=True), Written(2, live=True)]
    assert await transactions(database) == [[0, 1], [2, 3, 4]]


async def test_who_sends_somebody_unknown_is_refused_alone(row, tracks, database, ana):
    nobody = new_id()
    await tracks.write([row(ana, 0)])
    refused, written = await asyncio.gather(
        tracks.write([row(ana, 1), row(nobody)]), tracks.write([row(ana, 2)]), return_exceptions=True
    )
    assert isinstance(refused, UnknownContractors)
    assert refused.details == {"contractor_ids": [str(nobody)]}
    assert written == Written(1, live=True)
    assert await transactions(database) == [[0], [2]]


async def test_what_two_send_at_once_is_new_from_one_of_them(row, tracks, ana):
    await tracks.write([row(ana, 0)])
    written = await asyncio.gather(tracks.write([row(ana, 1)]), tracks.write([row(ana, 0), row(ana, 1), row(ana, 1)]))
    assert [one.added for one in written] == [1, 0]


async def test_of_what_is_written_together_the_newest_is_where_somebody_is(row, tracks, redis, ana):
    there = Point(HERE.lon + 0.01, HERE.lat)
    await tracks.write([row(ana, 9)])
    await asyncio.gather(tracks.write([row(ana, 1, there)]), tracks.write([row(ana, 2)]))
    assert f"{there.lon}".encode() in await redis.hget(LAST_KEY, str(ana))


async def test_whoever_hangs_up_takes_nobody_along(row, tracks, database, ana):
    await tracks.write([row(ana, 0)])
    gone, stays = asyncio.create_task(tracks.write([row(ana, 1)])), asyncio.create_task(tracks.write([row(ana, 2)]))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == Written(1, live=True)
    assert await transactions(database) == [[0], [1, 2]]


async def test_every_sender_hears_of_a_database_that_is_away_and_may_come_again(
    row, tracks, database, ana, monkeypatch
):
    await tracks.write([row(ana, 0)])
    monkeypatch.setattr(tracks, "_database", db_engine.connect("postgresql://nobody@127.0.0.1:1/none"))
    heard = await asyncio.gather(tracks.write([row(ana, 1)]), tracks.write([row(ana, 2)]), return_exceptions=True)
    assert all(isinstance(error, db_engine.DatabaseError) for error in heard)
    monkeypatch.setattr(tracks, "_database", database)
    assert (await tracks.write([row(ana, 1)])).added == 1


async def test_one_write_holds_so_many_rows_and_not_more_if_several_sent_them(row, tracks, database, ana, monkeypatch):
    monkeypatch.setattr(db_tracks, "MOST_ROWS", 3)
    await asyncio.gather(*[tracks.write([row(ana, 2 * n), row(ana, 2 * n + 1)]) for n in range(3)])
    assert await transactions(database) == [[0, 1], [2, 3], [4, 5]]


async def test_a_sender_with_a_transaction_is_written_in_it_at_once(row, tracks, database, ana, monkeypatch):
    monkeypatch.setattr(db_tracks, "PAUSE_S_A_ROW", 1000.0)
    monkeypatch.setattr(db_tracks, "LONGEST_PAUSE_S", 1000.0)
    await tracks.write([row(ana, 0)])
    async with asyncio.timeout(20):
        with pytest.raises(UnknownContractors):
            async with db_engine.transaction(database) as tx:
                await tracks.write([row(new_id())], tx)
        async with db_engine.transaction(database) as tx:
            assert (await tracks.write([row(ana, 1)], tx)).added == 1
            await tx.rollback()
    assert await transactions(database) == [[0]]


async def test_closing_writes_what_waits_without_the_pause(row, tracks, ana, monkeypatch):
    monkeypatch.setattr(db_tracks, "PAUSE_S_A_ROW", 1000.0)
    monkeypatch.setattr(db_tracks, "LONGEST_PAUSE_S", 1000.0)
    await tracks.write([row(ana, 0)])
    waits = asyncio.create_task(tracks.write([row(ana, 1)]))
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await tracks.close()
        assert (await waits).added == 1
