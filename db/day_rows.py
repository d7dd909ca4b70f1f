"""The people and jobs of a day as the core speaks of them: ids are those of the rows, clock times have become instants.

In these ``Contractor`` and ``Job`` values an id is the text of the row's UUID, also where a job names people.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatch.hours import Unfit
from dispatch.roster import Hours, Period, on_day
from dispatch.standing import job_on
from dispatch.standing_types import StandingContractor, StandingJob, StandingShift
from dispatch.types import Contractor, Job, RejectedRow
from geo.area import from_wkb as area_of
from geo.point import Point

PEOPLE, JOBS = "contractors", "jobs"
"""What rejected rows are said to be rows of."""


@dataclass(frozen=True, slots=True)
class Placed[Thing]:
    """People or jobs of a day, sorted by id; rows that cannot be used; warnings about others."""

    things: tuple[Thing, ...]
    rejected: tuple[RejectedRow, ...] = ()
    warnings: tuple[str, ...] = ()


async def contractors_on(
    tx: AsyncConnection,
    region: str,
    on_date: date,
    only: Sequence[UUID] | None = None,
    *,
    even_if_off: bool = False,
) -> Placed[Contractor]:
    """Active people of a region who work on a day; see ``dispatch.roster.on_day`` for what their hours come to.

    Parameters
    ----------
    only : of these people alone
    even_if_off : also those who are not active, and as if nobody had time off
    """
    values = {"region": region, "only": _ids(only), "all": even_if_off}
    people = (await tx.execute(_PEOPLE, values)).all()
    found = [row.id for row in people]
    trades, shifts = defaultdict[UUID, set[str]](set), defaultdict[UUID, list[StandingShift]](list)
    off, on_call = defaultdict[UUID, list[Period]](list), defaultdict[UUID, list[Period]](list)
    for row in await tx.execute(_TRADES, {"ids": found}):
        trades[row.contractor_id].add(row.name)
    for row in await tx.execute(_SHIFTS, {"ids": found, "weekday": on_date.weekday()}):
        hours = row.starts_min, row.ends_min, row.break_earliest_min, row.break_latest_min, row.break_s
        shifts[row.contractor_id].append(StandingShift(*hours))
    for row in await tx.execute(_TIME_OFF, {"ids": [] if even_if_off else found, "on_date": on_date}):
        off[row.contractor_id].append((row.begins_at, row.ends_at))
    for row in await tx.execute(_ON_CALL, {"ids": found, "on_date": on_date}):
        on_call[row.contractor_id].append((row.begins_at, row.ends_at))
    placed: list[Contractor] = []
    warnings: list[str] = []
    for row in people:
        hours_of = Hours(tuple(shifts[row.id]), tuple(off[row.id]), tuple(on_call[row.id]))
        standing = _standing(row, frozenset(trades[row.id]))
        person, said = on_day(standing, hours_of, on_date, ZoneInfo(row.timezone))
        warnings += said
        if person is not None:
            placed.append(person)
    return Placed(tuple(sorted(placed, key=lambda person: person.id)), (), tuple(warnings))


async def jobs_wanted(
    tx: AsyncConnection, region: str, on_date: date, tz: ZoneInfo, also: Sequence[UUID] = ()
) -> Placed[Job]:
    """Jobs that a plan of a day may serve: posted for it or for any day, and those booked on it that have not begun.

    Parameters
    ----------
    also : jobs of the plan in force, which may be booked
    """
    found = await tx.execute(_WANTED, {"region": region, "on_date": on_date, "also": list(also)})
    return await jobs_by_id(tx, list(found.scalars()), on_date, tz)


async def jobs_by_id(tx: AsyncConnection, ids: Sequence[UUID], on_date: date, tz: ZoneInfo) -> Placed[Job]:
    """These jobs on a day, whatever has become of them."""
    return _placed_jobs((await tx.execute(_BY_ID, {"ids": list(ids)})).all(), on_date, tz)


def _ids(only: Sequence[UUID] | None) -> list[UUID] | None:
    return None if only is None else list(only)


def _standing(row: Row[Any], trades: frozenset[str]) -> StandingContractor:
    return StandingContractor(
        id=str(row.id),
        name=row.name,
        trades=trades,
        home=Point(row.lon, row.lat),
        shift=StandingShift(0, 0),  # the hours of the day are given apart
        end=None if row.end_lon is None else Point(row.end_lon, row.end_lat),
        skills=frozenset(row.skills),
        max_jobs=row.max_jobs,
        max_travel_s=row.max_travel_s,
        cost_per_hour=row.cost_per_hour,
        cost_per_km=row.cost_per_km,
        cost_fixed=row.cost_fixed,
        area=None if row.service_area is None else area_of(row.service_area),
    )


def _placed_jobs(rows: Sequence[Row[Any]], on: date, tz: ZoneInfo) -> Placed[Job]:
    placed, rejected = [], []
    warnings: list[str] = []
    for row in rows:
        standing = StandingJob(
            id=str(row.id),
            trade=row.trade,
            point=Point(row.lon, row.lat),
            duration_s=row.duration_s,
            address=row.address,
            window_start_min=row.window_start_min,
            window_end_min=row.window_end_min,
            priority=row.priority,
            unserved_cost=row.unserved_cost,
            skills=frozenset(row.skills),
            preferred_contractor=row.preferred,
            required_contractor=row.required,
            excluded_contractors=frozenset(row.excluded),
        )
        try:
            job, said = job_on(standing, on, tz)
        except Unfit as unfit:
            rejected.append(RejectedRow(JOBS, 0, unfit.column, str(row.id), str(unfit)))
        else:
            placed.append(job)
            warnings += said
    return Placed(tuple(sorted(placed, key=lambda job: job.id)), tuple(rejected), tuple(warnings))


_PEOPLE = text("""
select c.id, c.name, c.timezone, c.skills, c.max_jobs, c.max_travel_s, c.cost_per_hour, c.cost_per_km, c.cost_fixed,
       st_x(c.home::geometry) as lon, st_y(c.home::geometry) as lat,
       st_x(c.day_end::geometry) as end_lon, st_y(c.day_end::geometry) as end_lat,
       st_asbinary(c.service_area) as service_area
from contractors c
where c.region = :region and (c.active or :all)
  and (cast(:only as uuid[]) is null or c.id = any(:only))
order by c.id
""")

_TRADES = text("""
select o.contractor_id, t.name from offerings o join trades t on t.id = o.trade_id where o.contractor_id = any(:ids)
""")

_SHIFTS = text("""
select contractor_id, starts_min, ends_min, break_earliest_min, break_latest_min, break_s
from shifts where contractor_id = any(:ids) and weekday = :weekday
order by contractor_id, starts_min
""")

# Two days around cover every time zone and shifts past midnight; periods are cut to them, so that none is endless.
_TIME_OFF = text("""
select contractor_id, lower(period * span) as begins_at, upper(period * span) as ends_at
from time_off, (select tstzrange(cast(:on_date as date) - 2, cast(:on_date as date) + 5) as span) around
where contractor_id = any(:ids) and period && span
order by contractor_id, period
""")

_ON_CALL = text("""
select contractor_id, lower(period * span) as begins_at, upper(period * span) as ends_at
from on_call, (select tstzrange(cast(:on_date as date) - 2, cast(:on_date as date) + 5) as span) around
where contractor_id = any(:ids) and period && span
order by contractor_id, period
""")

# The posted ones come from ix_jobs_posted, the others by their keys.
_WANTED = text("""
select p.id from jobs p
where p.region = :region and p.status = 'posted' and (p.wanted_on is null or p.wanted_on = :on_date)
union
select b.id from jobs b where b.id = any(:also) and b.region = :region and b.status = 'assigned'
""")

_BY_ID = text("""
select j.id, t.name as trade, st_x(j.location::geometry) as lon, st_y(j.location::geometry) as lat, j.duration_s,
       j.address, j.window_start_min, j.window_end_min, j.priority, j.unserved_cost, j.skills,
       coalesce(cast(preferred.id as text), j.preferred_contractor) as preferred,
       coalesce(cast(required.id as text), j.required_contractor) as required,
       array(select coalesce(cast(e.id as text), named)
             from unnest(j.excluded_contractors) as named
             left join contractors e on e.region = j.region and e.external_id = named) as excluded
from jobs j
join trades t on t.id = j.trade_id
left join contractors preferred on preferred.region = j.region and preferred.external_id = j.preferred_contractor
left join contractors required on required.region = j.region and required.external_id = j.required_contractor
where j.id = any(:ids)
order by j.id
""")
