"""A planner killed at any moment leaves nothing but its run's row; the plan is committed once or not at all."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest
from small_day import straight_engine

from api.dispatch_runs.errors import WrongState
from api.dispatch_runs.handlers import plan_run

ROOT = Path(__file__).resolve().parents[3]

CHILD = """
import asyncio, sys
from uuid import UUID
from small_day import SmallDay, straight_engine
from api.dispatch_runs.handlers import plan_run
from db.engine import connect

async def main():
    day = SmallDay(connect(sys.argv[1]))
    print("begins", flush=True)
    await plan_run(day.database, straight_engine, UUID(sys.argv[2]))
    await day.commit(UUID(sys.argv[2]))

asyncio.run(main())
"""

PATHS = os.pathsep.join((str(ROOT), str(ROOT / "tests")))


@pytest.mark.parametrize(("within_s", "is_planned"), [(0.8, False), (0.03, True), (0.1, True)])
async def test_a_run_whose_planner_is_killed_is_committed_once_or_not_at_all(
    small_day, shared_database_url, within_s, is_planned
):
    after_s = random.Random(within_s).uniform(0.0, within_s)
    await _kill_and_take_up(small_day, shared_database_url, after_s, is_planned=is_planned)


# Planning takes half a second here, a commit some hundredths, each after connecting; odd ones begin with a plan.
@pytest.mark.slow
@pytest.mark.parametrize("number", range(20))
async def test_at_twenty_random_moments_it_is_the_same(small_day, shared_database_url, number):
    is_planned = number % 2 == 1
    after_s = random.Random(number).uniform(0.0, 0.15 if is_planned else 0.8)
    await _kill_and_take_up(small_day, shared_database_url, after_s, is_planned=is_planned)


async def _kill_and_take_up(small_day, url, after_s, *, is_planned):
    """Kill a planner a moment after it has begun, have another go on, and hold the day against what it may be."""
    run_id = await (small_day.ready() if is_planned else small_day.request())
    await _killed(url, run_id, after_s)
    state = (await small_day.run(run_id)).state
    assert state in ("queued", "running", "ready", "committed")
    n_plans = len(await small_day.execute("select id from plans where run_id = :id", id=run_id))
    assert n_plans == await small_day.version() == (state == "committed")
    await small_day.check_bookings()
    # Whoever comes next brings it to its end.
    await plan_run(small_day.database, straight_engine, run_id, stale_after_s=0.0)
    if state != "committed":
        await small_day.commit(run_id)
    with pytest.raises(WrongState):
        await small_day.commit(run_id)
    assert await small_day.version() == 1
    await small_day.check_bookings()
    await small_day.undo(run_id)
    assert (await small_day.version(), await small_day.bookings()) == (2, [])


async def _killed(url, run_id, after_s):
    """Run a planner in a process of its own and kill it a moment after it has begun."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CHILD,
        url,
        str(run_id),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": PATHS},
        cwd=ROOT,
        start_new_session=True,
    )
    assert await process.stdout.readline() == b"begins\n"
    try:
        async with asyncio.timeout(after_s):
            await process.wait()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
    process._transport.close()
