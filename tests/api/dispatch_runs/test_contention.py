"""Two hundred dispatchers on one day: nobody is booked twice, no change is lost, and every loser is told why."""

import asyncio
import random
from collections import Counter

from sqlalchemy import text

from api.dispatch_runs.errors import CannotMove, PlanChanged, WrongState

PEOPLE = ("p0", "p1", "p2", "p3")


async def test_of_two_hundred_commits_and_changes_each_version_has_one_winner_and_each_loser_a_reason(small_day):
    day = small_day
    runs = [await day.ready() for _ in range(100)]
    chance = random.Random(1)
    wishes = [(f"j{chance.randrange(12)}", chance.choice((*PEOPLE, None))) for _ in range(100)]

    async def commit(run_id):
        try:
            return (await day.commit(run_id)).version
        except PlanChanged as refused:
            return refused

    async def change(name, to):
        """Looks again when somebody was faster, at most three times."""
        base = 0
        for _ in range(3):
            try:
                return (await day.change(name, to, base)).version
            except PlanChanged as refused:
                base, last = refused.version, refused
            except CannotMove as refused:
                return refused
        return last

    tasks = [commit(run_id) for run_id in runs] + [change(name, to) for name, to in wishes]
    chance.shuffle(tasks)
    answers = await asyncio.gather(*tasks)
    won = sorted(answer for answer in answers if isinstance(answer, int))
    assert won == list(range(1, await day.version() + 1))
    assert len(won) >= 2
    told = Counter(type(answer).__name__ for answer in answers if not isinstance(answer, int))
    assert told.total() == 200 - len(won)
    assert set(told) <= {"PlanChanged", "CannotMove"}
    assert all(answer.details["difference"] for answer in answers if isinstance(answer, PlanChanged))
    assert [row.version for row in await day.execute("select version from plans order by version")] == won
    await day.check_bookings()


async def test_of_fifty_commits_of_the_same_run_one_counts(small_day):
    day = small_day
    run_id = await day.ready()
    answers = await asyncio.gather(*(day.commit(run_id) for _ in range(50)), return_exceptions=True)
    assert Counter(type(answer) for answer in answers)[WrongState] == 49
    assert [row.version for row in await day.execute("select version from plans")] == [1]
    await day.check_bookings()
    undone = await asyncio.gather(*(day.undo(run_id) for _ in range(50)), return_exceptions=True)
    assert Counter(type(answer) for answer in undone)[WrongState] == 49
    assert (await day.version(), await day.bookings()) == (2, [])


async def test_a_commit_waits_for_a_cancellation_under_way_and_leaves_the_job_out(small_day):
    day = small_day
    run_id = await day.ready()
    async with day.database.begin() as cancelling:
        await cancelling.execute(text("update jobs set status = 'cancelled' where external_id = 'j7'"))
        committing = asyncio.create_task(day.commit(run_id))
        await _waits(day)
    done = await committing
    assert [it["outcome"] for it in done.outcome].count("left_out") == 1
    await day.check_bookings()


async def _waits(day):
    """Until somebody waits for a lock."""
    waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    while not await day.execute(waiting):  # each look is a round trip, which lets the other task go on
        pass
