"""A commit puts in force what a run proposes, all of it or nothing, and can be taken back once."""

from datetime import datetime

import pytest
from small_day import TUESDAY, job, outcomes, person

from api.dispatch_runs.errors import CannotUndo, DayUnderWay, DoubleBooking, PlanChanged, WrongState

OFF = (
    "insert into time_off (id, contractor_id, period)"
    " select gen_random_uuid(), id, '[2026-11-24, 2026-11-26)' from contractors where external_id = '{who}'"
)


async def test_a_commit_books_every_planned_stop_and_tells_of_it(small_day):
    run_id = await small_day.ready()
    done = await small_day.commit(run_id)
    assert (done.version, outcomes(done)) == (1, {"assigned": 12})
    assert set((await small_day.statuses()).values()) == {"assigned"}
    await small_day.check_bookings()
    names = [row.name for row in await small_day.execute("select name from events order by id")]
    assert names[-13:] == [*["job.assigned"] * 12, "plan.committed"]
    assert (await small_day.run(run_id)).state == "committed"


async def test_a_run_is_committed_once(small_day):
    run_id = await small_day.ready()
    await small_day.commit(run_id)
    with pytest.raises(WrongState, match="a commit counts once") as again:
        await small_day.commit(run_id)
    assert again.value.state == "committed"
    assert await small_day.version() == 1


async def test_of_two_runs_for_the_same_version_the_second_is_told_what_the_first_has_changed(small_day):
    first, second = await small_day.ready(), await small_day.ready()
    await small_day.commit(first)
    before = await small_day.bookings()
    with pytest.raises(PlanChanged) as refused:
        await small_day.commit(second)
    assert (refused.value.base_version, refused.value.version) == (0, 1)
    assert len(refused.value.details["difference"]["added"]) == 12
    assert refused.value.details["preview"]["n_unchanged"] == 12
    assert await small_day.bookings() == before


async def test_undoing_the_first_commit_leaves_the_day_as_it_was(small_day):
    run_id = await small_day.ready()
    statuses = await small_day.statuses()
    await small_day.commit(run_id)
    undone = await small_day.undo(run_id)
    assert (undone.version, undone.plan_id, outcomes(undone)) == (2, None, {"released": 12})
    assert await small_day.bookings() == []
    assert await small_day.statuses() == statuses
    assert (await small_day.run(run_id)).state == "undone"


async def test_undoing_a_later_commit_restores_every_route_booking_and_status(small_day):
    await small_day.commit(await small_day.ready())
    await small_day.change("j3", None, 1)
    await small_day.job("new", 13)
    before = await small_day.routes(), await small_day.bookings(), await small_day.statuses()
    await small_day.execute("update contractors set active = false where external_id = 'p1'")
    later = await small_day.planned()
    await small_day.commit(later)
    assert (await small_day.routes(), await small_day.bookings(), await small_day.statuses()) != before
    await small_day.execute("update contractors set active = true where external_id = 'p1'")
    undone = await small_day.undo(later)
    assert undone.version == 4
    assert (await small_day.routes(), await small_day.bookings(), await small_day.statuses()) == before
    await small_day.check_bookings()


async def test_a_commit_is_undone_once(small_day):
    run_id = await small_day.ready()
    await small_day.commit(run_id)
    await small_day.undo(run_id)
    with pytest.raises(WrongState, match="taken back"):
        await small_day.undo(run_id)


async def test_a_commit_that_is_not_the_last_change_of_its_day_cannot_be_undone(small_day):
    run_id = await small_day.ready()
    await small_day.commit(run_id)
    await small_day.change("j0", None, 1)
    with pytest.raises(CannotUndo) as refused:
        await small_day.undo(run_id)
    assert refused.value.details["version"] == 2
    assert await small_day.version() == 2


async def test_a_job_cancelled_after_the_preview_is_left_out_and_the_others_keep_their_times(small_day):
    run_id = await small_day.ready()
    await small_day.execute("update jobs set status = 'cancelled' where external_id = 'j5'")
    proposed = {
        stop["job_id"]: stop["service_starts_at"]
        for row in await small_day.execute("select document from dispatch_runs")
        for route in row.document["routes"]
        for stop in route["stops"]
    }
    done = await small_day.commit(run_id)
    left = [it for it in done.outcome if it["outcome"] == "left_out"]
    assert [(it["job_id"], it["reason"]["code"]) for it in left] == [(str(job("j5")), "cancelled")]
    assert outcomes(done) == {"assigned": 11, "left_out": 1}
    booked = {str(row.job_id): row.service_starts_at for row in await small_day.bookings()}
    assert len(booked) == 11
    assert all(at == datetime.fromisoformat(proposed[name]) for name, at in booked.items())
    await small_day.check_bookings()
    plan = (await small_day.execute("select document from plans"))[0].document
    assert (plan["summary"]["n_assigned"], plan["objective"]["unserved"]) == (11, 0)
    assert plan["objective"]["travel"] == plan["summary"]["travel_s"]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update contractors set active = false where external_id = '{who}'", "contractor_inactive"),
        (OFF, "contractor_off"),
        (
            "delete from shifts using contractors c where c.id = contractor_id and c.external_id = '{who}'",
            "contractor_off",
        ),
        (
            "update shifts set ends_min = 700 from contractors c where c.id = contractor_id and c.external_id = '{who}'",
            "contractor_changed",
        ),
    ],
)
async def test_the_stops_of_somebody_who_can_no_longer_come_are_left_out(small_day, statement, code):
    run_id = await small_day.ready()
    document = (await small_day.execute("select document from dispatch_runs"))[0].document
    route = document["routes"][0]
    who = next(name for name in ("p0", "p1", "p2", "p3") if str(person(name)) == route["contractor_id"])
    await small_day.execute(statement.format(who=who))
    done = await small_day.commit(run_id)
    left = {it["job_id"]: it["reason"]["code"] for it in done.outcome if it["outcome"] == "left_out"}
    assert left == {stop["job_id"]: code for stop in route["stops"]}
    await small_day.check_bookings()
    plan = (await small_day.execute("select document from plans"))[0].document
    assert {it["job_id"] for it in plan["unassigned"]} == set(left)


async def test_a_job_whose_work_got_longer_after_the_planning_is_left_out(small_day):
    run_id = await small_day.ready()
    await small_day.execute("update jobs set duration_s = 7200 where external_id = 'j2'")
    done = await small_day.commit(run_id)
    left = [(it["job_id"], it["reason"]["code"]) for it in done.outcome if it["outcome"] == "left_out"]
    assert left == [(str(job("j2")), "changed")]


async def test_nothing_is_committed_when_somebody_has_begun_since_the_planning(small_day):
    await small_day.commit(await small_day.ready())
    later = await small_day.ready()
    await small_day.execute("update assignments set status = 'started' where job_id = :id", id=job("j0"))
    with pytest.raises(DayUnderWay) as refused:
        await small_day.commit(later)
    assert refused.value.details["job_ids"] == [str(job("j0"))]
    assert await small_day.version() == 1


async def test_a_booking_of_another_day_at_the_same_time_refuses_the_whole_commit(small_day):
    run_id = await small_day.ready()
    elsewhere = await small_day.job("night", 5, wanted_on=None)
    await small_day.execute(
        "insert into assignments (id, job_id, contractor_id, region, on_date, location, leaves_at, arrives_at,"
        " service_starts_at, service_ends_at, departs_at) select gen_random_uuid(), :job, c.id, c.region, :on_date, c.home,"
        " '2026-11-24 03:00+00', '2026-11-24 03:00+00', '2026-11-24 03:00+00', '2026-11-24 23:00+00', '2026-11-24 23:00+00'"
        " from contractors c where c.id = :who",
        job=elsewhere,
        who=(await _used(small_day))[0],
        on_date=TUESDAY.replace(day=23),
    )
    with pytest.raises(DoubleBooking):
        await small_day.commit(run_id)
    assert len(await small_day.bookings()) == 1
    assert await small_day.execute("select id from plans") == []
    assert (await small_day.run(run_id)).state == "ready"


async def _used(small_day):
    document = (await small_day.execute("select document from dispatch_runs"))[0].document
    return [route["contractor_id"] for route in document["routes"]]
