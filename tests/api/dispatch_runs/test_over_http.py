"""Runs, commits, changes and schedules as a client sees them."""

from uuid import uuid4

import pytest
from small_day import TOWN, TUESDAY, job, person, straight_engine

from api.dispatch_runs.handlers import plan_run

DAY = TUESDAY.isoformat()


async def test_a_day_is_asked_for_looked_at_committed_read_and_undone(small_day, server):
    asked = await server.post("/dispatch/runs", json={"date": DAY, "region": TOWN, "budget_iterations": 20})
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    run_id = asked.json()["run_id"]
    queued = await small_day.execute("select queue_name, task_name from procrastinate_jobs order by id desc limit 1")
    assert queued == [("planning", "planner.plan")]
    early = await server.post(f"/dispatch/runs/{run_id}/commit")
    assert (early.status_code, early.json()["code"], early.json()["state"]) == (409, "wrong_state", "queued")

    await plan_run(small_day.database, straight_engine, run_id)
    seen = (await server.get(f"/dispatch/runs/{run_id}")).json()
    assert (seen["state"], seen["progress"], len(seen["preview"]["added"])) == ("ready", 100, 12)
    plan = (await server.get(f"/dispatch/runs/{run_id}/plan")).json()
    assert sum(len(route["stops"]) for route in plan["routes"]) == 12
    assert "seen" not in plan

    done = await server.post(f"/dispatch/runs/{run_id}/commit")
    assert (done.status_code, done.json()["version"]) == (200, 1)
    route = plan["routes"][0]
    day = await server.get(f"/schedule/{route['contractor_id']}/{DAY}")
    assert [stop["job_id"] for stop in day.json()["stops"]] == [stop["job_id"] for stop in route["stops"]]
    assert (day.json()["version"], day.json()["geometry"]) == (1, route["geometry"])
    assert day.json()["starts_at"] == route["starts_at"]
    assert day.json()["stops"][0]["reasons"] == route["stops"][0]["reasons"]

    undone = await server.post(f"/dispatch/runs/{run_id}/undo")
    assert (undone.status_code, undone.json()["version"], undone.json()["plan_id"]) == (200, 2, None)
    again = await server.post(f"/dispatch/runs/{run_id}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


async def test_a_schedule_is_sent_again_only_after_it_has_changed(small_day, server):
    await small_day.commit(await small_day.ready())
    who = (await small_day.bookings())[0].contractor_id
    first = await server.get(f"/schedule/{who}/{DAY}")
    tag = {"If-None-Match": first.headers["ETag"]}
    same = await server.get(f"/schedule/{who}/{DAY}", headers=tag)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    await small_day.change("j0", None, 1)
    other = await server.get(f"/schedule/{who}/{DAY}", headers=tag)
    assert (other.status_code, other.json()["version"]) == (200, 2)
    assert other.headers["ETag"] != first.headers["ETag"]


async def test_a_day_without_a_plan_is_empty_and_nobodys_day_is_not_there(server):
    empty = await server.get(f"/schedule/{person('p0')}/2027-01-05")
    assert (empty.status_code, empty.json()["stops"], empty.json()["version"]) == (200, [], 0)
    unknown = await server.get(f"/schedule/{uuid4()}/{DAY}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_contractor")


async def test_the_second_of_two_commits_gets_409_with_the_difference(small_day, server):
    first, second = await small_day.ready(), await small_day.ready()
    await server.post(f"/dispatch/runs/{first}/commit")
    refused = await server.post(f"/dispatch/runs/{second}/commit")
    body = refused.json()
    assert (refused.status_code, body["code"], body["version"]) == (409, "plan_changed", 1)
    assert len(body["difference"]["added"]) == 12
    assert body["preview"]["n_unchanged"] == 12


async def test_a_repeated_request_with_the_same_key_starts_one_run(small_day, server):
    asked = {"date": DAY, "region": TOWN}
    key = {"Idempotency-Key": str(uuid4())}
    first, second = [await server.post("/dispatch/runs", json=asked, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert len(await small_day.execute("select id from dispatch_runs")) == 1


async def test_runs_are_listed_newest_first_a_page_at_a_time(small_day, server):
    runs = [str(await small_day.ready()) for _ in range(5)]
    page = (await server.get("/dispatch/runs", params={"limit": 3, "region": TOWN})).json()
    rest = (await server.get("/dispatch/runs", params={"limit": 3, "cursor": page["next_cursor"]})).json()
    assert [it["run_id"] for it in (*page["runs"], *rest["runs"])] == runs[::-1]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"date": DAY, "region": "nowhere"}, 404, "unknown_region"),
        ({"date": DAY, "region": TOWN, "limit_s": 5, "budget_iterations": 5}, 422, "invalid"),
        ({"date": DAY, "region": TOWN, "limit_s": 1e9}, 422, "invalid"),
        ({"date": "24.11.2026", "region": TOWN}, 422, "invalid"),
        ({"date": DAY, "region": TOWN, "colour": "red"}, 422, "invalid"),
    ],
)
async def test_a_run_that_cannot_be_is_refused_by_name(server, body, status, code):
    refused = await server.post("/dispatch/runs", json=body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_nothing_is_done_or_shown_without_the_key(small_day, server):
    run_id = await small_day.ready()
    paths = [("POST", "/dispatch/runs"), ("GET", "/dispatch/runs"), ("POST", "/dispatch/changes")]
    paths += [("POST", f"/dispatch/runs/{run_id}/{verb}") for verb in ("commit", "cancel", "undo")]
    paths += [("GET", f"/dispatch/runs/{run_id}"), ("GET", f"/schedule/{person('p0')}/{DAY}")]
    del server.headers["Authorization"]
    assert [(await server.request(*path)).status_code for path in paths] == [401] * len(paths)
    assert await small_day.version() == 0


async def test_a_change_is_priced_and_made_on_real_roads(small_day, server):
    await small_day.execute("update contractors set region = 'coquimbo'")
    await small_day.execute("update jobs set region = 'coquimbo'")
    asked = {"region": "coquimbo", "date": DAY, "base_version": 0, "job_id": str(job("j7"))}
    wish = {**asked, "contractor_id": str(person("p0"))}
    priced = await server.post("/dispatch/changes", json={**wish, "dry_run": True})
    assert (priced.status_code, priced.json()["changed"], priced.json()["version"]) == (200, False, 0)
    made = await server.post("/dispatch/changes", json=wish)
    assert (made.status_code, made.json()["version"]) == (200, 1)
    assert made.json()["added_points"] == priced.json()["added_points"] < 0
    late = await server.post("/dispatch/changes", json=wish)
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "plan_changed", 1)
    # Who only asks for the price may ask about whichever plan is in force; who changes it has to say what was seen.
    del wish["base_version"]
    now = await server.post("/dispatch/changes", json={**wish, "contractor_id": None, "dry_run": True})
    assert (now.status_code, now.json()["changed"], now.json()["version"]) == (200, False, 1)
    blind = await server.post("/dispatch/changes", json=wish)
    assert (blind.status_code, "base_version" in blind.json()["errors"][0]["message"]) == (422, True)
    day = (await server.get(f"/schedule/{person('p0')}/{DAY}")).json()
    assert [stop["job_id"] for stop in day["stops"]] == [str(job("j7"))]
    assert len(day["geometry"]) > 20
