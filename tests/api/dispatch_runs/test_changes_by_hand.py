"""A change by hand is priced, judged, and made on top of exactly the version that was looked at."""

import pytest
import pytest_asyncio
from small_day import job, person

from api.dispatch_runs.errors import CannotMove, MoveBreaks, NoSuchJob, PlanChanged
from routing.errors import InvalidMove


@pytest_asyncio.fixture
async def day(small_day):
    """A day with a plan in force, version 1."""
    await small_day.commit(await small_day.ready())
    return small_day


async def server_of(day, name):
    return next(row.contractor_id for row in await day.bookings() if row.job_id == job(name))


async def test_a_job_taken_out_waits_again_and_the_price_says_what_leaving_it_out_costs(day):
    taken = await day.change("j4", None, 1)
    assert (taken.version, await day.version()) == (2, 2)
    assert taken.components["unserved"] == 10_800
    assert taken.added_points == sum(taken.components.values())
    assert (await day.statuses())["j4"] == "posted"
    await day.check_bookings()


async def test_putting_a_job_back_where_it_was_costs_what_taking_it_out_saved(day):
    server = await server_of(day, "j4")
    who = next(name for name in ("p0", "p1", "p2", "p3") if person(name) == server)
    taken = await day.change("j4", None, 1)
    back = await day.change("j4", who, 2)
    assert back.added_points <= -taken.added_points
    assert await server_of(day, "j4") == server
    await day.check_bookings()


async def test_a_job_is_moved_to_the_position_that_was_asked_for(day):
    first = await day.change("j0", "p3", 1, 0)
    again = await day.change("j1", "p3", 2, 0)
    assert again.version == first.version + 1
    order = [row.job_id for row in await day.routes() if row.contractor_id == person("p3")]
    assert order[:2] == [job("j1"), job("j0")]
    await day.check_bookings()


async def test_a_dry_run_says_the_price_and_changes_nothing(day):
    before = await day.routes(), await day.bookings()
    priced = await day.change("j0", "p3", 1, 0, dry_run=True)
    assert (priced.version, list(priced.breaks)) == (1, [])
    assert (await day.routes(), await day.bookings()) == before
    made = await day.change("j0", "p3", 1, 0)
    assert made.added_points == priced.added_points


async def test_the_documents_price_follows_every_change(day):
    prices = [await day.change("j4", None, 1), await day.change("j4", "p3", 2), await day.change("j0", "p3", 3, 0)]
    documents = [row.document for row in await day.execute("select document from plans order by version")]
    for before, after, price in zip(documents, documents[1:], prices, strict=False):
        assert after["objective"]["total"] - before["objective"]["total"] == price.added_points
    assert documents[-1]["objective"]["travel"] == documents[-1]["summary"]["travel_s"]


async def test_a_change_of_an_older_version_is_told_what_has_happened_since(day):
    await day.change("j4", None, 1)
    with pytest.raises(PlanChanged) as refused:
        await day.change("j5", None, 1)
    assert [it["job_id"] for it in refused.value.details["difference"]["removed"]] == [str(job("j4"))]
    assert (refused.value.version, await day.version()) == (2, 2)


async def test_what_the_judge_refuses_is_priced_by_a_dry_run_and_never_made(day):
    await day.job("late", 3, window_start_min=1200, window_end_min=1230)
    priced = await day.change("late", "p0", 1, dry_run=True)
    assert [it["subject_id"] for it in priced.breaks] == [str(person("p0"))]
    assert not [it["message"] for it in priced.breaks if str(person("p0")) in it["message"]]
    with pytest.raises(MoveBreaks, match=r"The judge refuses this change: .*\bp0\b") as refused:
        await day.change("late", "p0", 1)
    assert refused.value.breaks == priced.breaks
    assert await day.version() == 1


async def test_a_first_job_is_put_into_a_day_that_never_had_a_plan(small_day):
    day = small_day
    made = await day.change("j0", "p0", 0)
    assert made.version == 1
    await day.check_bookings()
    taken = await day.change("j0", None, 1)
    assert (taken.added_points, await day.bookings()) == (-made.added_points, [])


async def test_a_job_cancelled_since_falls_out_of_the_route_that_is_changed(day):
    together = await day.change("j0", "p0", 1)
    together = await day.change("j1", "p0", together.version)
    await day.execute("update jobs set status = 'cancelled' where external_id = 'j1'")
    await day.change("j0", None, together.version)
    assert job("j1") not in {row.job_id for row in await day.bookings()}
    await day.check_bookings()


@pytest.mark.parametrize(
    ("name", "to", "statement", "error", "said"),
    [
        ("j0", "p0", "update jobs set status = 'cancelled' where external_id = 'j0'", CannotMove, "cancelled"),
        ("new", "p0", "update jobs set wanted_on = '2026-11-25' where external_id = 'new'", CannotMove, "2026-11-25"),
        ("new", None, "select 1", CannotMove, "Nobody serves"),
        ("j0", "p9", "select 1", CannotMove, "does not work"),
        ("j0", "p3", "update contractors set active = false where external_id = 'p3'", CannotMove, "p3 does not work"),
        ("nowhere", "p0", "select 1", NoSuchJob, "no job"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused_with_the_reason(day, name, to, statement, error, said):
    await day.job("new", 7)
    await day.execute(statement)
    with pytest.raises(error, match=said):
        await day.change(name, to, 1)
    assert await day.version() == 1


async def test_a_position_that_does_not_exist_is_refused_with_those_that_do(day):
    with pytest.raises(InvalidMove, match=r"must lie in 0\.\."):
        await day.change("j0", "p3", 1, 99)
