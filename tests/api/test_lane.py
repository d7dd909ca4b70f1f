"""Heavy work takes turns, a few wait, and who would wait too long hears so."""

import asyncio

import pytest

from api.lane import Busy, Lane


async def one_waits(lane):
    """Until a task that has just been made stands in the queue."""
    async with asyncio.timeout(5):
        while not lane.waiting:  # noqa: ASYNC110 - the lane has no event for it
            await asyncio.sleep(0)


async def test_so_many_work_at_once_and_the_next_begins_when_one_ends():
    lane, under_way, most = Lane("tests", n_at_once=2), 0, 0

    async def work():
        nonlocal under_way, most
        async with lane.turn():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(work() for _ in range(10)))
    assert (most, lane.waiting) == (2, 0)


async def test_whoever_finds_the_queue_full_is_turned_away_at_once():
    lane = Lane("tests", n_waiting=1)
    async with lane.turn():
        waits = asyncio.create_task(lane.turn().__aenter__())
        await one_waits(lane)
        with pytest.raises(Busy) as busy:
            async with lane.turn():
                pass
        assert busy.value.details == {"waiting": 1}
    await waits


async def test_whoever_waits_longer_than_is_patient_leaves_the_queue():
    lane = Lane("tests", patience_s=0.0)
    async with lane.turn():
        with pytest.raises(Busy):
            async with lane.turn():
                pass
    assert lane.waiting == 0
    async with lane.turn():
        pass


async def test_work_that_fails_or_is_cancelled_gives_its_turn_back():
    lane = Lane("tests")
    with pytest.raises(ZeroDivisionError):
        async with lane.turn():
            raise ZeroDivisionError
    async with lane.turn():
        waits = asyncio.create_task(lane.turn().__aenter__())
        await one_waits(lane)
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
    async with asyncio.timeout(1), lane.turn():
        assert lane.waiting == 0
