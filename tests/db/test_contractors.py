"""People of a file in the database, and back."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import shapely
from psycopg.types.range import TimestamptzRange
from sqlalchemy import text
from standing_rows import TOWN, TZ, person

from db import regions
from db.contractor_intake import store
from db.contractors import DEFAULT_REACH_M, refresh_offerings
from db.day_rows import contractors_on
from db.ids import contractor_id, job_id
from db.staging import Stored
from dispatch.standing import contractor_on
from dispatch.standing_types import StandingShift
from dispatch.types import BreakRule, Shift
from geo.area import reach_m
from geo.distance import distance_m
from geo.point import Point

TUESDAY = date(2026, 11, 24)
A_WEEK = tuple(TUESDAY + timedelta(days=number) for number in range(7))
FULL = person(
    2,
    trades=("plumber", "electrician"),
    end=Point(-71.3, -29.95),
    skills=frozenset({"gas", "heights"}),
    max_jobs=7,
    max_travel_s=7200,
    cost_per_hour=1,
    cost_per_km=2,
    cost_fixed=3,
)


async def stored(tx, *people, timezone=TZ):
    await regions.upsert(tx, [TOWN])
    return await store(tx, "town", people, timezone)


def placed(people, on, timezone=TZ):
    """People of a file on a day, under the ids of their rows and in their order."""
    renamed = [replace(who, id=str(contractor_id("town", who.id))) for who in people]
    found = [contractor_on(who, on, ZoneInfo(timezone))[0] for who in renamed]
    return tuple(sorted(found, key=lambda who: who.id))


async def week(tx):
    """Who works on each day of a week."""
    return [(await contractors_on(tx, "town", on)).things for on in A_WEEK]


def a_week_of(*people):
    """What ``week`` says of people who are as their file says."""
    return [placed(people, on) for on in A_WEEK]


async def away(tx, who, period, *, table="time_off"):
    """Write a period of time off, or of being on call."""
    await tx.execute(
        text(f"insert into {table} (id, contractor_id, period) values (gen_random_uuid(), :who, :period)"),
        {"who": contractor_id("town", who), "period": period},
    )


async def work_nothing(tx, who, weekday):
    """Take a day's shift away."""
    await tx.execute(
        text("delete from shifts where contractor_id = :who and weekday = :weekday"),
        {"who": contractor_id("town", who), "weekday": weekday},
    )


def hours(on, begins, ends):
    """A period of whole hours of UTC on a day."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC)
    return TimestamptzRange(midnight + timedelta(hours=begins), midnight + timedelta(hours=ends))


async def row_versions(tx):
    """Every row of the three tables -> its version: who wrote it, and where it lies."""
    found = {}
    for table, key in (
        ("contractors", "external_id"),
        ("offerings", "contractor_id, trade_id"),
        ("shifts", "contractor_id, weekday"),
    ):
        rows = await tx.execute(text(f"select xmin::text as x, ctid::text as at, row({key})::text as k from {table}"))
        found |= {(table, row.k): (row.x, row.at) for row in rows}
    return found


async def week_of(tx, *shifts):
    """What one person's offering says about the minutes of their week."""
    await stored(tx, person())
    await tx.execute(text("delete from shifts"))
    for weekday, starts_min, ends_min in shifts:
        await tx.execute(
            text("insert into shifts values (:who, :weekday, :starts_min, :ends_min)"),
            {"who": contractor_id("town", "C01"), "weekday": weekday, "starts_min": starts_min, "ends_min": ends_min},
        )
    await refresh_offerings(tx, [contractor_id("town", "C01")])
    week = (await tx.execute(text("select week_min from offerings"))).scalar_one()
    return [(part.lower, part.upper) for part in week]


async def test_people_come_back_as_they_were_stored(tx):
    people = [person(1), FULL]
    assert await stored(tx, *people) == Stored(added=2, changed=0, unchanged=0, kept=(), unnamed=0)
    assert await week(tx) == a_week_of(*people)


async def test_ids_depend_on_region_kind_and_id_alone():
    assert contractor_id("town", "C01") == contractor_id("town", "C01")
    assert len({contractor_id("town", "C01"), contractor_id("city", "C01"), job_id("town", "C01")}) == 3
    assert str(contractor_id("coquimbo", "C01")) == "f2cfc868-4396-51a6-bbe8-79b2b0be9a10"


async def test_the_same_people_again_leave_every_row_version_as_it_is(database):
    people = [person(number) for number in range(20)] + [replace(FULL, id="X")]
    async with database.begin() as tx:
        await stored(tx, *people)
        before = await row_versions(tx)
    async with database.begin() as tx:
        again = await stored(tx, *reversed(people))
        assert again == Stored(added=0, changed=0, unchanged=21, kept=(), unnamed=0)
        assert await row_versions(tx) == before
    assert len(before) == 21 + 22 + 7 * 21


@pytest.mark.parametrize(
    "differs",
    [
        {"name": "Somebody else"},
        {"home": Point(-71.4, -29.9)},
        {"end": None},
        {"end": Point(-71.4, -29.9)},
        {"skills": frozenset()},
        {"max_jobs": None},
        {"max_travel_s": 1},
        {"cost_per_hour": 9},
        {"cost_per_km": 9},
        {"cost_fixed": 9},
        {"area": shapely.box(-71.5, -30, -71, -29.5), "area_said": True},
        {"trades": frozenset({"plumber"})},
        {"trades": frozenset({"plumber", "electrician", "roofer"})},
        {"trades": frozenset({"roofer"})},
        {"shift": StandingShift(480, 1020)},
        {"shift": StandingShift(480, 1080, 720, 780, 1800)},
    ],
)
async def test_whatever_differs_changes_that_person_and_nobody_else(tx, differs):
    await stored(tx, person(1), FULL)
    before = await row_versions(tx)
    changed = replace(FULL, **differs)
    assert await stored(tx, person(1), changed) == Stored(0, 1, 1, (), 0)
    after = await row_versions(tx)
    assert await week(tx) == a_week_of(person(1), changed)
    first = str(contractor_id("town", "C01"))
    others = {key for key in before if first in key[1] or "C01" in key[1]}
    assert len(others) == 1 + 1 + 7
    assert {key: after[key] for key in others} == {key: before[key] for key in others}
    assert await stored(tx, person(1), changed) == Stored(0, 0, 2, (), 0)


async def test_a_change_is_dated_even_if_only_trades_differ(database):
    async with database.begin() as tx:
        await stored(tx, person(1), person(2))
    async with database.begin() as tx:
        await stored(tx, person(1), person(2, trades=("roofer",)))
        changed = text("select external_id from contractors where updated_at > created_at")
        assert (await tx.execute(changed)).scalars().all() == ["C02"]


async def test_people_whom_a_later_file_leaves_out_stay_and_are_counted(tx):
    await stored(tx, person(1), person(2))
    assert await stored(tx, person(3)) == Stored(added=1, changed=0, unchanged=0, kept=(), unnamed=2)


async def test_what_a_file_does_not_say_is_left_as_it_is(tx):
    await stored(tx, person(1))
    await tx.execute(text("update contractors set rating = 4.5, reach_m = 9000, active = false"))
    await stored(tx, person(1, name="Somebody else"))
    row = (
        await tx.execute(text("select rating, c.reach_m, active, o.reach_m as r from contractors c, offerings o"))
    ).one()
    assert (float(row.rating), row.reach_m, row.active, row.r) == (4.5, 9000, False, 9000)


async def test_somebody_known_under_another_id_keeps_it(tx):
    await stored(tx, person(1))
    await tx.execute(text("delete from offerings"))
    await tx.execute(text("delete from shifts"))
    await tx.execute(text("update contractors set id = '00000000-0000-7000-8000-000000000001'"))
    assert (await stored(tx, person(1))).changed == 1
    (known,) = (await contractors_on(tx, "town", TUESDAY)).things
    assert known.id == "00000000-0000-7000-8000-000000000001"


async def test_offerings_repeat_home_reach_area_week_and_time_zone(tx):
    await stored(tx, FULL)
    await tx.execute(
        text(
            "update contractors set service_area = st_multi(st_buffer(home::geometry, 0.1))::geography, reach_m = 12345"
        )
    )
    await stored(tx, replace(FULL, home=Point(-71.4, -29.9), shift=StandingShift(0, 60)), timezone="America/Lima")
    rows = (
        await tx.execute(
            text(
                "select st_x(o.home::geometry) as lon, o.reach_m, o.has_area, o.timezone, o.week_min, t.name"
                " from offerings o join trades t on t.id = trade_id order by t.name"
            )
        )
    ).all()
    assert [row.name for row in rows] == ["electrician", "plumber"]
    moved_m = math.ceil(
        distance_m(FULL.home, Point(-71.4, -29.9))
    )  # whose area stays where it is reaches as much farther
    for row in rows:
        assert (row.lon, row.reach_m, row.has_area, row.timezone) == (-71.4, 12345 + moved_m, True, "America/Lima")
        assert [(part.lower, part.upper) for part in row.week_min] == [(d * 1440, d * 1440 + 60) for d in range(7)]


async def test_a_week_holds_each_shift_and_one_past_its_end_comes_round_to_monday(tx):
    assert await week_of(tx, (0, 480, 1020)) == [(480, 1020)]
    assert await week_of(tx, (0, 1320, 360)) == [(1320, 1800)]
    assert await week_of(tx, (6, 1320, 360)) == [(0, 360), (6 * 1440 + 1320, 10080)]
    assert await week_of(tx, (6, 1500, 1800)) == [(60, 360)]
    assert await week_of(tx, (2, 480, 480)) == [(2 * 1440 + 480, 3 * 1440 + 480)]
    assert await week_of(tx, (0, 480, 720), (0, 720, 900)) == [(480, 900)]
    assert await week_of(tx) == []


async def test_a_region_that_is_not_there_is_named_and_nothing_is_written(tx):
    with pytest.raises(LookupError, match="'town' is not in the database"):
        await store(tx, "town", [person()], TZ)
    assert (await tx.execute(text("select count(*) from contractors"))).scalar_one() == 0


async def test_a_database_that_dies_half_way_is_left_as_it_was(database):
    async with database.begin() as tx:
        await stored(tx, person(1))
    with pytest.raises(Exception, match=r"terminating connection|server closed|connection is lost|consuming input"):
        async with database.begin() as tx:
            await stored(tx, person(1, name="Changed"), *(person(number) for number in range(2, 400)))
            pid = (await tx.execute(text("select pg_backend_pid()"))).scalar_one()
            async with database.connect() as other:
                await other.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
            await tx.execute(text("select 1"))
    async with database.begin() as tx:
        assert await week(tx) == a_week_of(person(1))


async def test_who_is_off_inactive_or_without_a_shift_that_day_does_not_work(tx):
    await stored(tx, *(person(number) for number in range(1, 6)))
    await tx.execute(text("update contractors set active = false where external_id = 'C01'"))
    await work_nothing(tx, "C02", 1)
    await away(tx, "C03", TimestamptzRange(datetime(2026, 11, 1, tzinfo=UTC), None))
    await away(tx, "C04", hours(TUESDAY, -48, 3))
    working = (await contractors_on(tx, "town", TUESDAY)).things
    assert working == placed([person(4), person(5)], TUESDAY)


async def test_whoever_is_off_or_inactive_is_there_all_the_same_when_that_is_not_to_matter(tx):
    await stored(tx, person(1), person(2))
    await tx.execute(text("update contractors set active = false where external_id = 'C01'"))
    await away(tx, "C02", hours(TUESDAY, 0, 24))
    assert (await contractors_on(tx, "town", TUESDAY)).things == ()
    found = await contractors_on(tx, "town", TUESDAY, even_if_off=True)
    assert found.things == placed([person(1), person(2)], TUESDAY)


async def test_only_those_who_are_asked_for_are_found(tx):
    await stored(tx, person(1), person(2), person(3))
    found = await contractors_on(tx, "town", TUESDAY, [contractor_id("town", "C02")])
    assert found.things == placed([person(2)], TUESDAY)
    assert (await contractors_on(tx, "town", TUESDAY, [])).things == ()


async def test_time_off_in_the_middle_of_a_shift_is_a_break_of_its_length(tx):
    await stored(tx, person(1, shift=StandingShift(480, 1020)))
    await away(tx, "C01", hours(TUESDAY, 13, 15))
    (who,) = (await contractors_on(tx, "town", TUESDAY)).things
    ten_o_clock = datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert who.shift == Shift(ten_o_clock - timedelta(hours=2), ten_o_clock + timedelta(hours=7))
    assert who.breaks == (BreakRule(ten_o_clock, ten_o_clock, 2 * 3600),)


async def test_time_off_at_an_end_of_a_shift_makes_it_shorter(tx):
    await stored(tx, person(1, shift=StandingShift(480, 1020)))
    await away(tx, "C01", hours(TUESDAY, 0, 13))
    (who,) = (await contractors_on(tx, "town", TUESDAY)).things
    assert who.shift == Shift(*(datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (13, 20)))
    assert who.breaks == ()


async def test_two_shifts_of_a_day_are_one_with_a_break_between_them(tx):
    await stored(tx, person(1, shift=StandingShift(480, 720)))
    await tx.execute(
        text("insert into shifts (contractor_id, weekday, starts_min, ends_min) values (:who, 1, 840, 1080)"),
        {"who": contractor_id("town", "C01")},
    )
    (who,) = (await contractors_on(tx, "town", TUESDAY)).things
    noon = datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert who.shift == Shift(noon - timedelta(hours=4), noon + timedelta(hours=6))
    assert who.breaks == (BreakRule(noon, noon, 2 * 3600),)


async def test_who_is_on_call_works_on_a_day_without_a_shift(tx):
    await stored(tx, person(1), person(2))
    await tx.execute(text("delete from shifts"))
    await away(tx, "C01", hours(TUESDAY, 9, 15), table="on_call")
    (who,) = (await contractors_on(tx, "town", TUESDAY)).things
    assert who.id == str(contractor_id("town", "C01"))
    assert (who.shift, who.breaks) == (
        Shift(*(datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (9, 15))),
        (),
    )
    assert [len(day) for day in await week(tx)] == [1, 0, 0, 0, 0, 0, 0]


async def test_time_off_while_on_call_is_a_break_and_a_shift_is_not_made_longer_by_being_on_call(tx):
    await stored(tx, person(1), person(2))
    await work_nothing(tx, "C01", 1)
    for who in ("C01", "C02"):
        await away(tx, who, hours(TUESDAY, 9, 23), table="on_call")
    await away(tx, "C01", hours(TUESDAY, 12, 13))
    found = {who.id: who for who in (await contractors_on(tx, "town", TUESDAY)).things}
    on_call = found[str(contractor_id("town", "C01"))]
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert on_call.shift == Shift(noon - timedelta(hours=3), noon + timedelta(hours=11))
    assert on_call.breaks == (BreakRule(noon, noon, 3600),)
    (usual,) = placed([person(2)], TUESDAY)
    assert found[usual.id] == usual


async def test_each_person_keeps_the_clocks_of_their_own_time_zone(tx):
    await stored(tx, person(1), timezone="America/Lima")
    (who,) = (await contractors_on(tx, "town", TUESDAY)).things
    assert who.shift.starts_at == datetime(2026, 11, 24, 13, tzinfo=UTC)


async def test_a_change_of_clocks_that_moves_hours_is_said_with_whom_it_concerns(tx):
    clocks_skip_midnight = date(2026, 9, 6)
    await stored(tx, person(1), person(2, shift=StandingShift(30, 600)))
    found = await contractors_on(tx, "town", clocks_skip_midnight)
    (said,) = found.warnings
    assert f"column shift_start, id {contractor_id('town', 'C02')}: " in said
    assert found.things == placed([person(1), person(2, shift=StandingShift(30, 600))], clocks_skip_midnight)
    assert (await contractors_on(tx, "town", TUESDAY)).warnings == ()


AREA = shapely.MultiPolygon([shapely.box(-71.5, -30, -71, -29.5), shapely.box(-70, -30, -69.9, -29.9)])


async def areas(tx):
    """Whether offerings know of an area, and how far they reach: of everybody, once."""
    found = await tx.execute(text("select distinct has_area, reach_m from offerings"))
    return [tuple(row) for row in found]


async def test_a_service_area_bounds_how_far_somebody_is_looked_for_and_goes_again_with_its_cell(tx):
    bound = replace(FULL, area=AREA, area_said=True)
    await stored(tx, bound)
    assert await areas(tx) == [(True, math.ceil(reach_m(AREA, FULL.home)))]
    assert (await week(tx))[0][0].area == AREA
    assert await stored(tx, FULL) == Stored(0, 0, 1, (), 0)  # a file that says nothing of areas
    assert await stored(tx, bound) == Stored(0, 0, 1, (), 0)
    moved = replace(FULL, home=Point(-71.4, -29.9))
    await stored(tx, moved)
    ((_, reach),) = await areas(tx)
    assert reach_m(AREA, moved.home) <= reach < reach_m(AREA, moved.home) + 2 * distance_m(FULL.home, moved.home)
    assert await stored(tx, replace(FULL, area_said=True)) == Stored(0, 1, 0, (), 0)
    assert await areas(tx) == [(False, DEFAULT_REACH_M)]
    assert await week(tx) == a_week_of(FULL)
