"""A planner takes up a run, tells how far it is, and leaves a preview or a reason; a dead one is replaced."""

import asyncio
import json
import re
from datetime import date

import pytest
from small_day import TUESDAY, job, person, straight_engine

from api.bus import Parts
from api.dispatch_runs import handlers, service
from api.dispatch_runs.handlers import RunHeld, plan_run, take_up_abandoned
from api.errors import status_of
from api.settings import Settings
from db import runs
from db.engine import transaction
from routing.errors import EngineFailed, UnknownRegion
from routing.straight import Straight

PEOPLE = ("p0", "p1", "p2", "p3")


async def test_a_preview_says_what_changes_with_figures_and_reasons(small_day):
    await small_day.commit(await small_day.ready())
    await small_day.change("j4", None, 1)
    await small_day.execute("update jobs set status = 'cancelled' where external_id = 'j4'")
    await small_day.job("new", 13)
    await small_day.job("never", 2, window_start_min=1300, window_end_min=1310)
    await small_day.execute("update assignments set status = 'released' where job_id = :id", id=job("j5"))
    await small_day.execute("update jobs set status = 'cancelled' where external_id = 'j5'")
    run = await small_day.run(await small_day.planned())
    preview = run.difference
    assert (run.state, run.progress, run.base_version, run.failure) == ("ready", 100, 2, None)
    assert [it["job_id"] for it in preview["added"]] == [str(job("new"))]
    assert preview["added"][0]["before"] is None
    assert preview["added"][0]["reasons"][0]["message"]
    assert [it["job_id"] for it in preview["removed"]] == [str(job("j5"))]
    assert [it["job_id"] for it in preview["unassigned"]] == [str(job("never"))]
    figures = preview["figures"]
    assert (figures["n_served"]["before"], figures["n_served"]["after"]) == (11, 11)
    assert figures["unassigned_cost"] == {"before": 21_600, "after": 10_800}
    assert run.best == preview["objective"]["total"]
    assert sum(len(preview[name]) for name in ("moved", "retimed")) + preview["n_unchanged"] == 10


async def test_sentences_and_cells_name_people_and_jobs_as_files_do_and_fields_of_ids_name_rows(small_day):
    await small_day.execute("update contractors set max_jobs = 0 where external_id = 'p1'")
    await small_day.job("bound", 2)
    await small_day.execute("update jobs set required_contractor = 'p1' where external_id = 'bound'")
    await small_day.job("barred", 3)
    await small_day.execute("update jobs set excluded_contractors = '{p0,p2,p3}' where external_id = 'barred'")
    run_id = await small_day.planned()
    async with transaction(small_day.database) as tx:
        document = await service.proposed(tx, run_id)
    preview = (await small_day.run(run_id)).difference
    assert preview["unassigned"] == document["unassigned"]
    remedies = {
        (left["job_id"], why["code"]): why["remedy"] for left in document["unassigned"] for why in left["reasons"]
    }
    required = remedies[str(job("bound")), "required"]
    assert (required["subject_id"], required["from"], required["to"]) == (str(job("bound")), "p1", "")
    excluded = remedies[str(job("barred")), "excluded"]
    assert excluded["subject_id"] == str(job("barred"))
    assert sorted(excluded["from"].split(";")) == ["p0", "p2", "p3"]
    assert len(excluded["to"].split(";")) == 2
    assert remedies[str(job("bound")), "max_jobs"]["subject_id"] == str(person("p1"))
    assert {route["contractor_id"] for route in document["routes"]} <= {str(person(name)) for name in PEOPLE}
    said = [why["message"] for left in document["unassigned"] for why in left["reasons"]]
    said += [why["message"] for route in document["routes"] for stop in route["stops"] for why in stop["reasons"]]
    said += [str(remedy[name]) for remedy in remedies.values() if remedy for name in ("message", "from", "to")]
    assert not [text for text in said if re.search("[0-9a-f]{8}-", text)]


async def test_why_a_run_failed_and_what_it_warns_of_is_said_in_names_of_files(small_day):
    class Unreachable(Straight):
        def table(self, lonlat, sources=None, targets=None):
            raise EngineFailed(f"no road leads to {job('j0')} from {person('p1')}")

    run_id = await small_day.request()
    assert await plan_run(small_day.database, lambda _: Unreachable(), run_id) == "failed"
    assert (await small_day.run(run_id)).failure["message"] == "no road leads to j0 from p1"
    await small_day.execute("update jobs set wanted_on = '2026-09-06', window_start_min = 30 where external_id = 'j0'")
    await small_day.execute("update shifts set weekday = 6")
    clocks_skip_midnight = date(2026, 9, 6)
    warned = (await small_day.run(await small_day.planned(on_date=clocks_skip_midnight))).difference["warnings"]
    assert any("column window_start, id j0: " in warning for warning in warned)
    assert str(job("j0")) not in json.dumps(warned)


async def test_a_run_plans_for_its_day_what_is_posted_for_it_or_for_any_day_and_what_is_booked(small_day):
    await small_day.commit(await small_day.ready())
    await small_day.job("any", 13, wanted_on=None)
    await small_day.job("tomorrow", 14, wanted_on=TUESDAY.replace(day=25))
    await small_day.job("draft", 15)
    await small_day.execute("update jobs set status = 'draft' where external_id = 'draft'")
    run_id = await small_day.planned()
    async with transaction(small_day.database) as tx:
        document = await service.proposed(tx, run_id)
    served = {stop["job_id"] for route in document["routes"] for stop in route["stops"]}
    assert served == {str(job(name)) for name in (*(f"j{n}" for n in range(12)), "any")}


async def test_the_same_day_seed_and_iterations_give_the_same_digest(small_day):
    first, second = await small_day.ready(), await small_day.planned()
    digests = [row.d for row in await small_day.execute("select document ->> 'digest' as d from dispatch_runs")]
    assert first != second
    assert len(digests) == 2
    assert digests[0] == digests[1]


async def test_a_run_that_is_cancelled_while_it_searches_keeps_the_best_plan_so_far(small_day):
    run_id = await small_day.request({"limit_s": 300.0, "budget_iterations": None, "seed": 1})
    planning = asyncio.create_task(plan_run(small_day.database, straight_engine, run_id))
    while (seen := await small_day.run(run_id)).phase != "search" or seen.best is None:
        assert not planning.done()
    async with transaction(small_day.database) as tx:
        assert (await service.cancel(tx, run_id, actor="test")).is_cancel_asked
    assert await planning == "ready"
    run = await small_day.run(run_id)
    assert run.difference["stopped_by"] == "cancel"
    assert run.best <= seen.best
    assert (await small_day.commit(run_id)).version == 1
    await small_day.check_bookings()


async def test_a_run_that_is_cancelled_while_it_waits_is_never_planned(small_day):
    run_id = await small_day.request()
    async with transaction(small_day.database) as tx:
        assert (await service.cancel(tx, run_id, actor="test")).state == "cancelled"
    assert await plan_run(small_day.database, straight_engine, run_id) is None
    assert (await small_day.run(run_id)).state == "cancelled"


@pytest.mark.parametrize(
    ("statement", "said"),
    [("update jobs set status = 'draft'", "No job is wanted"), ("delete from shifts", "Nobody works")],
)
async def test_a_day_with_nothing_to_plan_fails_with_the_reason(small_day, statement, said):
    await small_day.execute(statement)
    run_id = await small_day.request()
    assert await plan_run(small_day.database, straight_engine, run_id) == "failed"
    failure = (await small_day.run(run_id)).failure
    assert failure["code"] == "nothing_to_plan"
    assert said in failure["message"]


async def test_a_region_without_road_data_fails_the_run_with_the_remedy(small_day, tmp_path):
    run_id = await small_day.request()
    assert await plan_run(small_day.database, handlers.roads_under(tmp_path), run_id) == "failed"
    failure = (await small_day.run(run_id)).failure
    assert failure["code"] == status_of(UnknownRegion("smalltown", []))[1]
    assert "./trades ingest region smalltown" in failure["message"]


async def test_an_engine_that_breaks_fails_the_run_and_shows_nothing_of_the_fault(small_day):
    class Broken(Straight):
        def table(self, lonlat, sources=None, targets=None):
            raise AssertionError("secret detail")

    run_id = await small_day.request()
    assert await plan_run(small_day.database, lambda _: Broken(), run_id) == "failed"
    failure = (await small_day.run(run_id)).failure
    assert failure["code"] == "internal"
    assert "secret" not in failure["message"]


async def test_a_run_held_by_a_living_planner_is_left_to_it_and_a_silent_one_loses_it(small_day):
    run_id = await small_day.request()
    async with transaction(small_day.database) as tx:
        assert await runs.claim(tx, run_id, "first") is not None
    with pytest.raises(RunHeld):
        await plan_run(small_day.database, straight_engine, run_id)
    await small_day.execute("update jobs set status = 'draft'")  # a day that is planned in a moment
    assert await plan_run(small_day.database, straight_engine, run_id, stale_after_s=0.0) == "failed"
    assert (await small_day.run(run_id)).attempts == 2
    async with transaction(small_day.database) as tx:
        assert await runs.beat(tx, run_id, "first", phase="search", progress=50, best=1) is None
        assert not await runs.fail(tx, run_id, "first", "late", "too late")
    assert (await small_day.run(run_id)).failure["code"] == "nothing_to_plan"


async def test_a_run_whose_planner_dies_three_times_fails_with_a_reason(small_day):
    run_id = await small_day.request()
    async with transaction(small_day.database) as tx:
        for name in ("first", "second", "third"):
            assert await runs.claim(tx, run_id, name, stale_after_s=-1) is not None
        assert await runs.claim(tx, run_id, "fourth", stale_after_s=-1) is None
    run = await small_day.run(run_id)
    assert (run.state, run.failure["code"]) == ("failed", "planner_died")


async def test_abandoned_runs_are_taken_up_by_whoever_looks(small_day, tmp_path):
    run_id = await small_day.request()
    async with transaction(small_day.database) as tx:
        await runs.claim(tx, run_id, "dead")
    parts = Parts(Settings(home=tmp_path), small_day.database)
    assert await take_up_abandoned(parts) == 0
    assert await take_up_abandoned(parts, stale_after_s=0.0) == 1
    assert (await small_day.run(run_id)).attempts == 2


async def test_a_planner_that_is_told_to_stop_hands_its_run_back(small_day):
    run_id = await small_day.request({"limit_s": 300.0, "budget_iterations": None, "seed": 1})
    planning = asyncio.create_task(plan_run(small_day.database, straight_engine, run_id))
    while (await small_day.run(run_id)).phase != "search":
        assert not planning.done()
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning
    run = await small_day.run(run_id)
    assert (run.state, run.attempts) == ("queued", 0)


async def test_time_off_and_split_shifts_are_kept_to(small_day):
    await small_day.execute(
        "insert into time_off (id, contractor_id, period) values"
        " (gen_random_uuid(), :who, '[2026-11-24 11:00+00, 2026-11-24 16:00+00)')",
        who=person("p0"),
    )
    await small_day.execute("update shifts set ends_min = 600 where contractor_id = :who", who=person("p1"))
    await small_day.execute("insert into shifts values (:who, 1, 780, 960)", who=person("p1"))
    await small_day.execute("delete from shifts where contractor_id in (:a, :b)", a=person("p2"), b=person("p3"))
    await small_day.commit(await small_day.planned())
    for row in await small_day.bookings():
        starts, ends = (at.strftime("%H:%M") for at in (row.leaves_at, row.departs_at))
        if row.contractor_id == person("p0"):  # 13:00 to 16:00 in Chile is 16:00 to 19:00 UTC
            assert "16:00" <= starts < ends <= "19:00"
        else:
            assert ends <= "13:00" or "16:00" <= ends <= "19:00"
            assert not "13:00" < row.service_starts_at.strftime("%H:%M") < "16:00"
    assert len(await small_day.bookings()) >= 10
