"""Rows of a day as the core sees them, versions of its plan, and bookings that the database itself guards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from small_day import TOWN, TUESDAY, SmallDay, job, person
from sqlalchemy.exc import IntegrityError

from db import booking, day_rows, plan_store
from db.booking import Booking
from db.engine import connect, transaction
from db.plan_store import RouteRow, StopRow

SANTIAGO = ZoneInfo("America/Santiago")
NINE = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def day(shared_database_url):
    engine = connect(shared_database_url, pool_size=4)
    made = SmallDay(engine)
    await made.clear()
    yield await made.settle(people=2, jobs=3)
    await made.clear()
    await engine.dispose()


def booked(name, who, minutes):
    starts_at = NINE + timedelta(minutes=minutes)
    return Booking(job(name), person(who), starts_at, starts_at, starts_at, starts_at + timedelta(minutes=30))


def route(who, *names):
    stops = tuple(
        StopRow(job(name), at, at, at + timedelta(minutes=30), 60, 500, 0, [{"code": "cheapest", "message": "near"}])
        for number, name in enumerate(names)
        for at in (NINE + timedelta(minutes=40 * number),)
    )
    rest = (NINE + timedelta(hours=3), NINE + timedelta(hours=4))
    return RouteRow(person(who), NINE, NINE + timedelta(hours=5), 600, 1800, 0, 5000, "abc", (rest,), stops)


async def test_clock_times_become_instants_and_names_of_a_file_become_ids(day):
    await day.job("clock", 2, window_start_min=540, window_end_min=600)
    await day.execute(
        "update jobs set preferred_contractor = 'p0', required_contractor = 'later', excluded_contractors = '{p1,gone}'"
        " where external_id = 'clock'"
    )
    async with transaction(day.database) as tx:
        found = (await day_rows.jobs_by_id(tx, [job("clock")], TUESDAY, SANTIAGO)).things[0]
    assert (found.window.opens_at, found.window.closes_at) == (NINE, NINE + timedelta(hours=1))
    assert (found.preferred_contractor, found.required_contractor) == (str(person("p0")), "later")
    assert found.excluded_contractors == {str(person("p1")), "gone"}


async def test_people_work_on_the_weekdays_of_their_shifts_only(day):
    async with transaction(day.database) as tx:
        tuesday = await day_rows.contractors_on(tx, TOWN, TUESDAY)
        wednesday = await day_rows.contractors_on(tx, TOWN, TUESDAY + timedelta(days=1))
    assert {it.id for it in tuesday.things} == {str(person("p0")), str(person("p1"))}
    assert tuesday.things[0].shift.starts_at == NINE - timedelta(hours=1)
    assert wednesday.things == ()


async def test_a_version_is_read_as_it_was_written_and_the_next_one_takes_over_other_routes(day):
    async with transaction(day.database) as tx:
        at = await plan_store.lock_head(tx, TOWN, TUESDAY)
        one = await plan_store.put(tx, at, "change", {"x": 1}, [route("p0", "j0", "j1"), route("p1", "j2")])
        two = await plan_store.put(tx, one, "change", {"x": 2}, [route("p1")], kept_from=one.plan_id)
    async with transaction(day.database) as tx:
        first, second = await plan_store.read(tx, one.plan_id), await plan_store.read(tx, two.plan_id)
        assert await plan_store.head(tx, TOWN, TUESDAY) == two
        assert (await plan_store.of_version(tx, TOWN, TUESDAY, 1)) == first
        assert await plan_store.of_version(tx, TOWN, TUESDAY, 7) is None
    wanted = {it.contractor_id: it for it in (route("p0", "j0", "j1"), route("p1", "j2"))}
    assert {it.contractor_id: it for it in first.routes} == {
        who: replace(it, stops=tuple(it.stops)) for who, it in wanted.items()
    }
    assert [it.contractor_id for it in second.routes] == [person("p0")]
    assert (second.version, second.document) == (2, {"x": 2})


async def test_a_change_of_bookings_says_what_it_did_and_statuses_follow(day):
    async with transaction(day.database) as tx:
        await booking.book(tx, TOWN, TUESDAY, [booked("j0", "p0", 0), booked("j1", "p0", 30), booked("j2", "p1", 0)])
    async with transaction(day.database) as tx:
        did = await booking.book(tx, TOWN, TUESDAY, [booked("j0", "p0", 5), booked("j1", "p1", 60)])
    assert (did.retimed, did.moved) == ({job("j0"): person("p0")}, {job("j1"): (person("p0"), person("p1"))})
    assert (did.released, did.assigned, did.unchanged) == ({job("j2"): person("p1")}, {}, {})
    assert await day.statuses() == {"j0": "assigned", "j1": "assigned", "j2": "posted"}
    assert [(row.job_id, row.contractor_id) for row in await day.bookings()] == sorted(
        [(job("j0"), person("p0")), (job("j1"), person("p1"))]
    )


async def test_bookings_outside_the_scope_stay(day):
    async with transaction(day.database) as tx:
        await booking.book(tx, TOWN, TUESDAY, [booked("j0", "p0", 0), booked("j1", "p0", 30)])
        did = await booking.book(tx, TOWN, TUESDAY, [], scope=[job("j0")])
    assert did.released == {job("j0"): person("p0")}
    assert [row.job_id for row in await day.bookings()] == [job("j1")]


async def test_two_stops_of_one_person_may_change_places_in_one_change(day):
    async with transaction(day.database) as tx:
        await booking.book(tx, TOWN, TUESDAY, [booked("j0", "p0", 0), booked("j1", "p0", 30)])
    async with transaction(day.database) as tx:
        await booking.book(tx, TOWN, TUESDAY, [booked("j0", "p0", 30), booked("j1", "p0", 0)])
    assert len(await day.bookings()) == 2


async def test_nobody_is_booked_in_two_places_at_once(day):
    with pytest.raises(IntegrityError) as refused:
        async with transaction(day.database) as tx:
            await booking.book(tx, TOWN, TUESDAY, [booked("j0", "p0", 0), booked("j1", "p0", 29)])
    assert refused.value.orig.diag.constraint_name == "ex_assignments_contractor_id_period"
    assert await day.bookings() == []
