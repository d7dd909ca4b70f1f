"""A day on which somebody has begun is planned on: what has begun stays, and nobody is sent in the past."""

from datetime import UTC, datetime, timedelta

import pytest
from small_day import TUESDAY, job, outcomes, person

from api.dispatch_runs import service
from api.dispatch_runs.errors import DayUnderWay
from db.engine import transaction

TEN = datetime(2026, 11, 24, 13, tzinfo=UTC)
"""10:00 in Santiago; everybody works from 8 to 16."""


async def begun(small_day, n_done=1):
    """Have the first job of everybody done, up to ``n_done``, and the next one begun; what was booked for all."""
    before = {}
    for who in {row.contractor_id for row in await small_day.routes()}:
        mine = [row for row in await small_day.routes() if row.contractor_id == who]
        for number, row in enumerate(mine[: n_done + 1]):
            status = "done" if number < n_done else "started"
            ours = {"id": row.job_id, "status": status}
            await small_day.execute("update assignments set status = :status where job_id = :id", **ours)
            await small_day.execute("update jobs set status = 'in_progress' where id = :id", id=row.job_id)
            before[row.job_id] = row
    return before


async def proposed(small_day, run_id):
    async with transaction(small_day.database) as tx:
        return await service.proposed(tx, run_id)


def stays(row, before):
    was = before[row.job_id]
    return (row.contractor_id, row.position, row.service_starts_at) == (
        was.contractor_id,
        was.position,
        was.service_starts_at,
    )


async def test_what_has_begun_stays_as_it_is_and_the_rest_is_planned_from_now_on(small_day):
    await small_day.commit(await small_day.ready())
    before = await begun(small_day)
    await small_day.job("new", 13)
    run_id = await small_day.planned(now=TEN)
    preview = (await small_day.run(run_id)).difference
    assert [it["job_id"] for it in preview["added"]] == [str(job("new"))]
    assert not {it["job_id"] for it in (*preview["moved"], *preview["retimed"], *preview["removed"])} & set(
        map(str, before)
    )
    done = await small_day.commit(run_id)
    assert done.version == 2
    routes = await small_day.routes()
    assert len(routes) == 13
    assert all(stays(row, before) for row in routes if row.job_id in before)
    assert all(row.service_starts_at >= TEN for row in routes if row.job_id not in before)
    kept = await small_day.execute("select job_id from assignments where status in ('started', 'done')")
    assert sorted(row.job_id for row in kept) == sorted(before)
    planned = await small_day.execute("select job_id from assignments where status = 'planned'")
    assert len(planned) == 13 - len(before)
    assert outcomes(done).keys() <= {"assigned", "moved", "retimed", "unchanged"}


async def test_the_reason_of_what_has_begun_is_that_it_has(small_day):
    await small_day.commit(await small_day.ready())
    before = await begun(small_day)
    document = await proposed(small_day, await small_day.planned(now=TEN))
    said = {
        stop["job_id"]: [why["code"] for why in stop["reasons"]]
        for route in document["routes"]
        for stop in route["stops"]
    }
    assert {name for name, codes in said.items() if codes == ["begun"]} == set(map(str, before))
    assert "history" not in document


async def test_undoing_puts_the_rest_of_the_day_back_and_leaves_what_has_begun(small_day):
    await small_day.commit(await small_day.ready())
    before = await begun(small_day)
    as_it_was = await small_day.routes()
    await small_day.job("new", 13)
    run_id = await small_day.planned(now=TEN)
    await small_day.commit(run_id)
    await small_day.undo(run_id)
    assert await small_day.routes() == as_it_was
    statuses = await small_day.execute("select job_id, status from assignments where status in ('started', 'done')")
    assert {row.job_id for row in statuses} == set(before)


async def test_who_begins_between_preview_and_commit_is_not_overwritten(small_day):
    await small_day.commit(await small_day.ready())
    await begun(small_day, n_done=0)
    run_id = await small_day.planned(now=TEN)
    waiting = next(
        row.job_id for row in await small_day.execute("select job_id from assignments where status = 'planned'")
    )
    await small_day.execute("update assignments set status = 'started' where job_id = :id", id=waiting)
    with pytest.raises(DayUnderWay) as refused:
        await small_day.commit(run_id)
    assert refused.value.details["job_ids"] == [str(waiting)]
    assert await small_day.version() == 1


async def test_who_falls_ill_after_the_preview_keeps_what_has_begun_and_loses_the_rest(small_day):
    await small_day.commit(await small_day.ready())
    before = await begun(small_day)
    run_id = await small_day.planned(now=TEN)
    document = await proposed(small_day, run_id)
    route = max(document["routes"], key=lambda it: len(it["stops"]))
    who = next(name for name in ("p0", "p1", "p2", "p3") if str(person(name)) == route["contractor_id"])
    await small_day.execute("update contractors set active = false where external_id = :who", who=who)
    done = await small_day.commit(run_id)
    left = {it["job_id"] for it in done.outcome if it["outcome"] == "left_out"}
    lost = {stop["job_id"] for stop in route["stops"]} - set(map(str, before))
    assert left == lost
    mine = [row for row in await small_day.routes() if row.contractor_id == person(who)]
    assert {row.job_id for row in mine} == {it for it in before if before[it].contractor_id == person(who)}
    assert all(stays(row, before) for row in mine)


async def test_who_is_not_at_work_any_more_is_planned_with_what_they_have_begun(small_day):
    await small_day.commit(await small_day.ready())
    before = await begun(small_day)
    await small_day.execute("update contractors set active = false where external_id = 'p0'")
    await small_day.commit(await small_day.planned(now=TEN))
    mine = {row.job_id for row in await small_day.routes() if row.contractor_id == person("p0")}
    assert mine == {name for name, row in before.items() if row.contractor_id == person("p0")}


async def test_when_the_day_is_over_nothing_more_is_planned(small_day):
    await small_day.commit(await small_day.ready())
    before = await begun(small_day, n_done=0)
    document = await proposed(small_day, await small_day.planned(now=TEN + timedelta(hours=12)))
    served = {stop["job_id"] for route in document["routes"] for stop in route["stops"]}
    assert served == set(map(str, before))
    assert len(document["unassigned"]) == 12 - len(before)
    assert TUESDAY.isoformat() == document["date"]
