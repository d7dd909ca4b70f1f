"""When the database has no room left every write is refused whole, the refusal names the cause, and all comes back."""

from uuid import uuid4

import pytest
from full_disk import full_disk
from small_day import TOWN, TUESDAY, job, person, straight_engine

from api.dispatch_runs.handlers import plan_run
from db.engine import DatabaseError

ASKED = {"date": TUESDAY.isoformat(), "region": TOWN, "budget_iterations": 20}
CONTENTS = (
    "dispatch_runs",
    "plan_days",
    "plans",
    "routes",
    "stops",
    "assignments",
    "jobs",
    "events",
    "idempotency_keys",
)


@pytest.fixture
def no_room(servers, shared_database_url):
    """Take the room of a table away for as long as a block lasts."""
    return lambda table: full_disk(servers, shared_database_url, table)


async def contents(day):
    """All that a run, a commit or a change writes."""
    return {table: sorted(map(str, await day.execute(f"select t from {table} t"))) for table in CONTENTS}


def assert_refused(answer):
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    said = answer.json()
    assert (said["code"], "disk is full" in said["detail"], "Make room" in said["detail"]) == ("disk_full", True, True)


async def refused_then_done(day, server, no_room, table, path, body=None):
    """Ask without room, with room, and a third time by the same key: nothing happens, it is done, it is not repeated."""
    before, key = await contents(day), {"Idempotency-Key": uuid4().hex}
    with no_room(table):
        assert_refused(await server.post(path, json=body, headers=key))
    assert await contents(day) == before
    done = await server.post(path, json=body, headers=key)
    assert (await server.post(path, json=body, headers=key)).json() == done.json()
    return done


@pytest.mark.parametrize("table", ["dispatch_runs", "events", "procrastinate_jobs", "idempotency_keys"])
async def test_a_run_that_finds_no_room_is_not_asked_for(small_day, server, no_room, table):
    done = await refused_then_done(small_day, server, no_room, table, "/dispatch/runs", ASKED)
    assert done.status_code == 202
    assert len(await small_day.execute("select id from dispatch_runs")) == 1


@pytest.mark.parametrize("table", ["plans", "routes", "stops", "assignments", "plan_days", "events"])
async def test_a_commit_and_an_undo_that_find_no_room_write_nothing(small_day, server, no_room, table):
    run_id = await small_day.ready()
    done = await refused_then_done(small_day, server, no_room, table, f"/dispatch/runs/{run_id}/commit")
    assert (done.status_code, await small_day.version(), len(await small_day.bookings())) == (200, 1, 12)
    await small_day.check_bookings()
    # Whatever else it writes, an undo tells of itself, and the day has a new head.
    table = table if table in ("plan_days", "assignments") else "events"
    undone = await refused_then_done(small_day, server, no_room, table, f"/dispatch/runs/{run_id}/undo")
    assert (undone.status_code, await small_day.version(), await small_day.bookings()) == (200, 2, [])


@pytest.mark.parametrize("table", ["stops", "assignments", "events"])
async def test_a_change_by_hand_that_finds_no_room_changes_nothing(small_day, no_room, table):
    await small_day.commit(await small_day.ready())
    before, moved = await contents(small_day), (await small_day.routes())[0]
    name = next(f"j{number}" for number in range(12) if job(f"j{number}") == moved.job_id)
    to = next(name for name in ("p0", "p1") if person(name) != moved.contractor_id)
    with pytest.raises(DatabaseError, match="No space left"), no_room(table):
        await small_day.change(name, to, 1)
    assert await contents(small_day) == before
    await small_day.change(name, to, 1)
    assert await small_day.version() == 2
    await small_day.check_bookings()


async def test_without_room_days_are_still_read(small_day, server, no_room):
    await small_day.commit(await small_day.ready())
    with no_room("events"):
        seen = await server.get(f"/schedule/{person('p0')}/{ASKED['date']}")
    assert seen.status_code == 200


@pytest.mark.parametrize("table", ["dispatch_runs", "events"])
async def test_a_planner_that_finds_no_room_for_its_plan_leaves_the_run_to_be_planned_again(small_day, no_room, table):
    run_id = await small_day.request()
    with pytest.raises(DatabaseError, match="No space left"), no_room(table):
        await plan_run(small_day.database, straight_engine, run_id)
    assert (await small_day.run(run_id)).state == ("queued" if table == "dispatch_runs" else "running")
    assert await plan_run(small_day.database, straight_engine, run_id, stale_after_s=0.0) == "ready"
    await small_day.commit(run_id)
    await small_day.check_bookings()
