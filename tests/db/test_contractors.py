"""People of a file in the database, and back."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.range import TimestamptzRange
from sqlalchemy import text
from standing_rows import TOWN, TZ, person

from db import regions
from db.contractor_intake import store
from db.contractors import contractors_of, contractors_on, refresh_offerings
from db.ids import contractor_id, job_id
from db.staging import Stored
from dispatch.standing import contractor_on
from dispatch.standing_types import StandingShift
from geo.point import Point

TUESDAY = date(2026, 11, 24)
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
    assert await contractors_of(tx, "town") == [(contractor_id("town", who.id), who) for who in people]


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
    assert [who for _, who in await contractors_of(tx, "town")] == [person(1), changed]
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
    assert [str(row_id) for row_id, _ in await contractors_of(tx, "town")] == ["00000000-0000-7000-8000-000000000001"]


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
    for row in rows:
        assert (row.lon, row.reach_m, row.has_area, row.timezone) == (-71.4, 12345, True, "America/Lima")
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
        assert await contractors_of(tx, "town") == [(contractor_id("town", "C01"), person(1))]


async def test_somebody_on_a_day_is_as_their_file_says(tx):
    await stored(tx, person(1), FULL)
    roster = await contractors_on(tx, "town", TUESDAY)
    expected = tuple(contractor_on(who, TUESDAY, ZoneInfo(TZ))[0] for who in (person(1), FULL))
    assert roster.contractors == expected
    assert roster.ids == {who.id: contractor_id("town", who.id) for who in expected}
    assert roster.warnings == ()


async def test_who_is_off_inactive_or_without_a_shift_that_day_does_not_work(tx):
    await stored(tx, *(person(number) for number in range(1, 6)))
    await tx.execute(text("update contractors set active = false where external_id = 'C01'"))
    await tx.execute(
        text("delete from shifts where contractor_id = :who and weekday = 1"), {"who": contractor_id("town", "C02")}
    )
    off = text("insert into time_off (id, contractor_id, period) values (gen_random_uuid(), :who, :period)")
    always = TimestamptzRange(datetime(2026, 11, 1, tzinfo=UTC), None)
    yesterday = TimestamptzRange(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC))
    await tx.execute(off, {"who": contractor_id("town", "C03"), "period": always})
    await tx.execute(off, {"who": contractor_id("town", "C04"), "period": yesterday})
    assert [who.id for who in (await contractors_on(tx, "town", TUESDAY)).contractors] == ["C04", "C05"]


async def test_who_is_on_call_works_on_a_day_without_a_shift(tx):
    await stored(tx, person(1))
    await tx.execute(text("delete from shifts"))
    tuesday_morning = TimestamptzRange(datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 15, tzinfo=UTC))
    await tx.execute(
        text("insert into on_call (id, contractor_id, period) values (gen_random_uuid(), :who, :period)"),
        {"who": contractor_id("town", "C01"), "period": tuesday_morning},
    )
    (who,) = (await contractors_on(tx, "town", TUESDAY)).contractors
    assert (who.shift.starts_at, who.shift.ends_at) == (tuesday_morning.lower, tuesday_morning.upper)
    assert await contractors_of(tx, "town") == []


async def test_each_person_keeps_the_clocks_of_their_own_time_zone(tx):
    await stored(tx, person(1), timezone="America/Lima")
    (who,) = (await contractors_on(tx, "town", TUESDAY)).contractors
    assert who.shift.starts_at == datetime(2026, 11, 24, 13, tzinfo=UTC)
