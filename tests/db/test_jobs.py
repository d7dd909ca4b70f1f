"""Jobs of a file in the database, and back."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from standing_rows import TOWN, TZ, job

from db import regions
from db.day_rows import jobs_by_id, jobs_wanted
from db.ids import contractor_id, job_id
from db.job_intake import store
from db.labels import labels
from db.staging import Stored
from dispatch.standing import job_on
from geo.point import Point

TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
FULL = job(
    2,
    address="Los Carrera",
    window_start_min=480,
    window_end_min=1530,
    priority=90,
    unserved_cost=7,
    skills=frozenset({"gas", "heights"}),
    preferred_contractor="C01",
    required_contractor="C02",
    excluded_contractors=frozenset({"C03", "C04"}),
)


async def stored(tx, *jobs, wanted_on=TUESDAY):
    await regions.upsert(tx, [TOWN])
    return await store(tx, "town", jobs, wanted_on)


def placed(jobs, on=TUESDAY):
    """Jobs of a file on a day, under the ids of their rows and in their order."""
    found = [job_on(replace(one, id=str(job_id("town", one.id))), on, ZoneInfo(TZ))[0] for one in jobs]
    return tuple(sorted(found, key=lambda one: one.id))


async def wanted(tx, on=TUESDAY, also=()):
    """What a plan of a day may serve."""
    return (await jobs_wanted(tx, "town", on, ZoneInfo(TZ), also)).things


async def row_versions(tx):
    """Which row version each job is at: who wrote it, and where it lies."""
    rows = await tx.execute(text("select external_id, xmin::text as x, ctid::text as at from jobs"))
    return {row.external_id: (row.x, row.at) for row in rows}


async def test_jobs_come_back_as_they_were_stored_with_ids_and_numbers(tx):
    assert await stored(tx, job(1), FULL) == Stored(added=2, changed=0, unchanged=0, kept=(), unnamed=0)
    assert await wanted(tx) == placed([job(1), FULL])
    numbers = (await tx.execute(text("select number from jobs order by external_id"))).scalars()
    first, second = (int(number.removeprefix("J")) for number in numbers)
    assert second == first + 1


async def test_the_same_jobs_again_leave_every_row_version_as_it_is(database):
    jobs = [job(number) for number in range(50)] + [replace(FULL, id="X")]
    async with database.begin() as tx:
        await stored(tx, *jobs)
        before = await row_versions(tx)
    async with database.begin() as tx:
        assert await stored(tx, *reversed(jobs)) == Stored(added=0, changed=0, unchanged=51, kept=(), unnamed=0)
        assert await row_versions(tx) == before


@pytest.mark.parametrize(
    "differs",
    [
        {"trade": "roofer"},
        {"point": Point(-71.4, -29.9)},
        {"duration_s": 60},
        {"address": ""},
        {"window_start_min": None},
        {"window_end_min": None},
        {"priority": 0},
        {"unserved_cost": None},
        {"skills": frozenset()},
        {"preferred_contractor": None},
        {"required_contractor": None},
        {"excluded_contractors": frozenset()},
    ],
)
async def test_whatever_differs_changes_that_job_and_no_other(tx, differs):
    await stored(tx, job(1), FULL)
    before = await row_versions(tx)
    changed = replace(FULL, **differs)
    assert await stored(tx, job(1), changed) == Stored(0, 1, 1, (), 0)
    after = await row_versions(tx)
    assert await wanted(tx) == placed([job(1), changed])
    assert after["J001"] == before["J001"]
    assert after["J002"] != before["J002"]
    assert await stored(tx, job(1), changed) == Stored(0, 0, 2, (), 0)


async def test_another_day_moves_a_job_and_no_day_means_any(tx):
    await stored(tx, job(1))
    assert (await stored(tx, job(1), wanted_on=WEDNESDAY)).changed == 1
    assert await wanted(tx) == ()
    await stored(tx, job(1), wanted_on=None)
    assert [await wanted(tx, on) for on in (TUESDAY, WEDNESDAY)] == [
        placed([job(1)], on) for on in (TUESDAY, WEDNESDAY)
    ]


@pytest.mark.parametrize("status", ["assigned", "in_progress", "completed", "cancelled"])
async def test_a_job_that_is_assigned_or_over_is_kept_as_it_is_and_named(tx, status):
    await stored(tx, job(1), job(2))
    await tx.execute(text("update jobs set status = :status where external_id = 'J001'"), {"status": status})
    changed = [replace(one, duration_s=60) for one in (job(1), job(2))]
    assert await stored(tx, *changed) == Stored(added=0, changed=1, unchanged=0, kept=("J001",), unnamed=0)
    both = [job_id("town", "J001"), job_id("town", "J002")]
    assert (await jobs_by_id(tx, both, TUESDAY, ZoneInfo(TZ))).things == placed([job(1), changed[1]])
    assert await wanted(tx) == placed([changed[1]])
    assert (await stored(tx, job(1), changed[1])).unchanged == 2


async def test_jobs_that_a_later_file_leaves_out_stay_and_are_counted(tx):
    await stored(tx, job(1), job(2))
    assert await stored(tx, job(3)) == Stored(added=1, changed=0, unchanged=0, kept=(), unnamed=2)


async def test_a_booked_job_is_wanted_only_where_it_is_named_and_has_not_begun(tx):
    await stored(tx, job(1), job(2), job(3))
    await tx.execute(text("update jobs set status = 'assigned' where external_id = 'J001'"))
    await tx.execute(text("update jobs set status = 'in_progress' where external_id = 'J002'"))
    assert await wanted(tx) == placed([job(3)])
    booked = [job_id("town", "J001"), job_id("town", "J002")]
    assert await wanted(tx, also=booked) == placed([job(1), job(3)])


async def test_whom_a_job_names_goes_by_the_row_once_there_is_one(tx):
    await stored(tx, FULL)
    await tx.execute(
        text(
            "insert into contractors (id, region, external_id, name, home, timezone, cost_per_hour)"
            " select :id, 'town', 'C02', 'Person', location, 'UTC', 1 from jobs"
        ),
        {"id": contractor_id("town", "C02")},
    )
    (one,) = await wanted(tx)
    assert (one.preferred_contractor, one.required_contractor) == ("C01", str(contractor_id("town", "C02")))
    assert one.excluded_contractors == {"C03", "C04"}


async def test_a_change_of_clocks_that_moves_a_window_is_said_with_the_job_it_concerns(tx):
    clocks_skip_midnight = date(2026, 9, 6)
    both = [job(1, window_start_min=30, window_end_min=600), job(2, window_start_min=60, window_end_min=600)]
    await stored(tx, *both, wanted_on=clocks_skip_midnight)
    found = await jobs_wanted(tx, "town", clocks_skip_midnight, ZoneInfo(TZ))
    assert found.things == placed(both, clocks_skip_midnight)
    (said,) = found.warnings
    assert f"column window_start, id {job_id('town', 'J001')}: " in said


async def test_a_job_from_no_file_is_called_by_its_number_unless_a_file_uses_that(tx):
    await stored(tx, job(1))
    made = (
        "insert into jobs (id, region, trade_id, location, duration_s)"
        " select gen_random_uuid(), 'town', trade_id, location, 60 from jobs limit 1 returning id, number"
    )
    row = (await tx.execute(text(made))).one()
    first = str(job_id("town", "J001"))
    assert await labels(tx, "town") == {first: "J001", str(row.id): row.number}
    await tx.execute(text("update jobs set external_id = :taken where external_id = 'J001'"), {"taken": row.number})
    assert await labels(tx, "town") == {first: row.number, str(row.id): str(row.id)}
    assert await labels(tx, "town", [row.id]) == {str(row.id): str(row.id)}


async def test_a_region_that_is_not_there_is_named_and_nothing_is_written(tx):
    with pytest.raises(LookupError, match="'town' is not in the database"):
        await store(tx, "town", [job()], TUESDAY)
    assert (await tx.execute(text("select count(*) from jobs"))).scalar_one() == 0


async def test_posted_jobs_of_a_day_are_found_by_their_index(database, analyse):
    async with database.begin() as tx:
        await stored(tx, *(job(number) for number in range(3000)))
        await stored(tx, *(job(number) for number in range(3000, 3005)), wanted_on=WEDNESDAY)
        await tx.execute(text("update jobs set status = 'completed' where wanted_on = '2026-11-24'"))
    analyse()
    async with database.begin() as tx:
        plan = (
            await tx.execute(
                text(
                    "explain select * from jobs where region = 'town' and status = 'posted'"
                    " and (wanted_on = '2026-11-25' or wanted_on is null)"
                )
            )
        ).scalars()
        assert "ix_jobs_posted" in "\n".join(plan)
