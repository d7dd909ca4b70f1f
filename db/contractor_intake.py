"""Contractors of a file into their tables: as sets, in the caller's transaction, touching only what differs."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db import regions, trades
from db.contractors import DEFAULT_REACH_M, WEEK_OF_CONTRACTOR, refresh_offerings
from db.ids import contractor_id
from db.staging import Stored, area_text, copy_in, point_text, run_all
from dispatch.standing_types import StandingContractor
from geo.area import reach_m

INTEGER_MOST = 2**31 - 1
"""What a limit may be in the database; more seconds of driving than a day has are no limit anyway."""


async def store(
    tx: AsyncConnection,
    region: str,
    people: Sequence[StandingContractor],
    timezone: str,
    tell: Callable[[int], None] = lambda _: None,
) -> Stored:
    """Write people as they stand in a file, every day of the week with the same shift.

    Parameters
    ----------
    region : must be in the table of regions
    people : ids unique; those known already keep their id, rating and whether they are active, and their service area
        and reach when the file says nothing of areas
    timezone : IANA, whose clocks their shifts are
    tell : called with the number of rows sent, now and then

    Returns
    -------
    counts; somebody whose trades or shift alone differ counts as changed

    Raises
    ------
    LookupError : no such region
    """
    # One file at a time: what two compare with must not change under them.
    if not await regions.lock(tx, region):
        raise LookupError(f"region {region!r} is not in the database; bring the regions into line first")
    trade_ids, _ = await trades.ensure(tx, {trade for person in people for trade in person.trades})
    await copy_in(tx, "incoming_contractors", _COLUMNS, _rows(region, people, timezone, trade_ids), tell)
    await run_all(tx, (_DROP_VERDICTS, _VERDICTS, _LOCK_CHANGED, _INSERT, _UPDATE), {"region": region})
    await run_all(tx, (_DELETE_SHIFTS, _INSERT_SHIFTS, _DELETE_OFFERINGS, _INSERT_OFFERINGS), {})
    await refresh_offerings(tx, [row.contractor_id for row in await tx.execute(_CHANGED)])
    counts = {row.outcome: row.n for row in await tx.execute(_COUNTS)}
    unnamed = (await tx.execute(_UNNAMED, {"region": region})).scalar_one()
    return Stored(
        added=counts.get("added", 0),
        changed=counts.get("changed", 0),
        unchanged=counts.get("unchanged", 0),
        kept=(),
        unnamed=unnamed,
    )


_COLUMNS = {
    "id": "uuid",
    "external_id": "text",
    "name": "text",
    "home": "geography(point, 4326)",
    "day_end": "geography(point, 4326)",
    "skills": "text[]",
    "timezone": "text",
    "max_jobs": "integer",
    "max_travel_s": "integer",
    "cost_per_hour": "integer",
    "cost_per_km": "integer",
    "cost_fixed": "integer",
    "service_area": "geography(multipolygon, 4326)",
    "reach_m": "integer",
    "area_said": "boolean",
    "trade_ids": "integer[]",
    "starts_min": "integer",
    "ends_min": "integer",
    "break_earliest_min": "integer",
    "break_latest_min": "integer",
    "break_s": "integer",
}


def _rows(
    region: str, people: Iterable[StandingContractor], timezone: str, trade_ids: Mapping[str, int]
) -> Iterable[Sequence[object]]:
    for person in people:
        hours = person.shift
        yield (
            contractor_id(region, person.id),
            person.id,
            person.name,
            point_text(person.home),
            point_text(person.end),
            sorted(person.skills),
            timezone,
            person.max_jobs,
            None if person.max_travel_s is None else min(person.max_travel_s, INTEGER_MOST),
            person.cost_per_hour,
            person.cost_per_km,
            person.cost_fixed,
            area_text(person.area),
            DEFAULT_REACH_M if person.area is None else max(1, math.ceil(reach_m(person.area, person.home))),
            person.area_said,
            sorted(trade_ids[trade] for trade in person.trades),
            hours.starts_min,
            hours.ends_min,
            hours.break_earliest_min,
            hours.break_latest_min,
            hours.break_s,
        )


_DROP_VERDICTS = text("drop table if exists pg_temp.verdicts")

# Two hash joins would read every offering and shift of all regions; by contractor each is one look into an index.
_VERDICTS = text("""
create temporary table verdicts on commit drop as
select i.external_id, coalesce(c.id, i.id) as contractor_id, s.same as shifts_same,
    case
        when c.id is null then 'added'
        when (c.name, c.home, c.day_end, c.skills, c.timezone, c.max_jobs, c.max_travel_s,
              c.cost_per_hour, c.cost_per_km, c.cost_fixed)
            is distinct from (i.name, i.home, i.day_end, i.skills, i.timezone, i.max_jobs, i.max_travel_s,
              i.cost_per_hour, i.cost_per_km, i.cost_fixed) then 'changed'
        when i.area_said and (st_asbinary(c.service_area), c.reach_m) is distinct from (st_asbinary(i.service_area), i.reach_m)
            then 'changed'
        when not s.same then 'changed'
        when i.trade_ids is distinct from
            (select array_agg(o.trade_id order by o.trade_id) from offerings o where o.contractor_id = c.id)
            then 'changed'
        else 'unchanged'
    end as outcome
from incoming_contractors i
left join contractors c on c.region = :region and c.external_id = i.external_id
-- Seven rows that begin at the same minute are seven days: (contractor, day, minute) is the key.
cross join lateral (
    select count(*) = 7 and coalesce(bool_and(
        (w.starts_min, w.ends_min, w.break_earliest_min, w.break_latest_min, w.break_s)
        is not distinct from (i.starts_min, i.ends_min, i.break_earliest_min, i.break_latest_min, i.break_s)
    ), false) as same
    from shifts w where w.contractor_id = c.id
) s
""")

# In the order in which everybody locks contractors, so that nobody waits in a circle.
_LOCK_CHANGED = text("""
select id from contractors
where id in (select contractor_id from verdicts where outcome = 'changed') order by id for no key update
""")

_INSERT = text("""
insert into contractors (id, region, external_id, name, home, day_end, skills, timezone, max_jobs, max_travel_s,
    cost_per_hour, cost_per_km, cost_fixed, service_area, reach_m)
select id, :region, external_id, name, home, day_end, skills, timezone, max_jobs, max_travel_s,
    cost_per_hour, cost_per_km, cost_fixed, service_area, reach_m
from incoming_contractors join verdicts using (external_id) where outcome = 'added' order by id
""")

_UPDATE = text("""
update contractors c
set name = i.name, home = i.home, day_end = i.day_end, skills = i.skills, timezone = i.timezone,
    max_jobs = i.max_jobs, max_travel_s = i.max_travel_s, cost_per_hour = i.cost_per_hour,
    cost_per_km = i.cost_per_km, cost_fixed = i.cost_fixed, updated_at = now(),
    service_area = case when i.area_said then i.service_area else c.service_area end,
    reach_m = case
        when i.area_said then i.reach_m
        when c.service_area is null then c.reach_m
        -- Who moves by so much has no place of their area farther away than this.
        else least(1000000, c.reach_m + ceil(st_distance(c.home, i.home, false))::integer)
    end
from incoming_contractors i join verdicts v using (external_id)
where v.outcome = 'changed' and c.id = v.contractor_id
""")

_DELETE_SHIFTS = text("""
delete from shifts s using verdicts v
where v.outcome = 'changed' and not v.shifts_same and s.contractor_id = v.contractor_id
""")

_INSERT_SHIFTS = text("""
insert into shifts (contractor_id, weekday, starts_min, ends_min, break_earliest_min, break_latest_min, break_s)
select v.contractor_id, weekday, i.starts_min, i.ends_min, i.break_earliest_min, i.break_latest_min, i.break_s
from incoming_contractors i join verdicts v using (external_id) cross join generate_series(0, 6) as weekday
where v.outcome <> 'unchanged' and not v.shifts_same
order by v.contractor_id
""")

_DELETE_OFFERINGS = text("""
delete from offerings o using verdicts v join incoming_contractors i using (external_id)
where v.outcome = 'changed' and o.contractor_id = v.contractor_id and o.trade_id <> all(i.trade_ids)
""")

# In no order of place: sorted by where they are, rows split the pages of the index at its edge and take three times
# as long (40,000 rows: 1.6 s against 0.5 s).
_INSERT_OFFERINGS = text(f"""
insert into offerings (contractor_id, trade_id, home, reach_m, has_area, week_min, timezone)
select c.id, trade_id, c.home, c.reach_m, c.service_area is not null, w.week_min, c.timezone
from incoming_contractors i join verdicts v using (external_id) join contractors c on c.id = v.contractor_id
cross join lateral (select {WEEK_OF_CONTRACTOR} as week_min) w
cross join unnest(i.trade_ids) as trade_id
where v.outcome <> 'unchanged'
on conflict (contractor_id, trade_id) do nothing
""")  # noqa: S608  # the part put in is a literal of db.contractors

_CHANGED = text("select contractor_id from verdicts where outcome = 'changed'")

_COUNTS = text("select outcome, count(*) as n from verdicts group by outcome")

_UNNAMED = text("""
select count(*) from contractors c
where c.region = :region and not exists (select 1 from verdicts v where v.contractor_id = c.id)
""")
