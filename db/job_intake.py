"""Jobs of a file into their table: as a set, in the caller's transaction, touching only what differs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db import regions, trades
from db.ids import job_id
from db.staging import Stored, copy_in, point_text, run_all
from dispatch.standing_types import StandingJob


async def store(
    tx: AsyncConnection,
    region: str,
    wanted: Sequence[StandingJob],
    wanted_on: date | None,
    tell: Callable[[int], None] = lambda _: None,
) -> Stored:
    """Write jobs as they stand in a file.

    Parameters
    ----------
    region : must be in the table of regions; windows are by its clocks
    wanted : ids unique; those known already keep their id, their number and their status
    wanted_on : the day; None for any
    tell : called with the number of rows sent, now and then

    Returns
    -------
    counts; ``kept`` are jobs that somebody has been given, or that are over: a plan rests on what they say, so they
    stay as they are although the file says something else

    Raises
    ------
    LookupError : no such region
    """
    # One file at a time: what two compare with must not change under them.
    if not await regions.lock(tx, region):
        raise LookupError(f"region {region!r} is not in the database; bring the regions into line first")
    trade_ids, _ = await trades.ensure(tx, {job.trade for job in wanted})
    await copy_in(tx, "incoming_jobs", _COLUMNS, _rows(region, wanted, wanted_on, trade_ids), tell)
    await run_all(tx, (_DROP_VERDICTS, _LOCK_KNOWN, _VERDICTS, _INSERT, _UPDATE), {"region": region})
    counts = {row.outcome: row.n for row in await tx.execute(_COUNTS)}
    kept = tuple((await tx.execute(_KEPT)).scalars())
    unnamed = (await tx.execute(_UNNAMED, {"region": region})).scalar_one()
    return Stored(
        added=counts.get("added", 0),
        changed=counts.get("changed", 0),
        unchanged=counts.get("unchanged", 0),
        kept=kept,
        unnamed=unnamed,
    )


_COLUMNS = {
    "id": "uuid",
    "external_id": "text",
    "trade_id": "integer",
    "location": "geography(point, 4326)",
    "address": "text",
    "duration_s": "integer",
    "wanted_on": "date",
    "window_start_min": "integer",
    "window_end_min": "integer",
    "priority": "smallint",
    "unserved_cost": "bigint",
    "skills": "text[]",
    "preferred_contractor": "text",
    "required_contractor": "text",
    "excluded_contractors": "text[]",
}


def _rows(
    region: str, wanted: Iterable[StandingJob], wanted_on: date | None, trade_ids: Mapping[str, int]
) -> Iterable[Sequence[object]]:
    for job in wanted:
        yield (
            job_id(region, job.id),
            job.id,
            trade_ids[job.trade],
            point_text(job.point),
            job.address,
            job.duration_s,
            wanted_on,
            job.window_start_min,
            job.window_end_min,
            job.priority,
            job.unserved_cost,
            sorted(job.skills),
            job.preferred_contractor,
            job.required_contractor,
            sorted(job.excluded_contractors),
        )


_DROP_VERDICTS = text("drop table if exists pg_temp.verdicts")

# In the order in which everybody locks jobs; whether one is still waiting must not change before it is written.
_LOCK_KNOWN = text("""
select id from jobs where region = :region and external_id in (select external_id from incoming_jobs)
order by id for no key update
""")

_VERDICTS = text("""
create temporary table verdicts on commit drop as
select i.external_id, coalesce(j.id, i.id) as job_id,
    case
        when j.id is null then 'added'
        when (j.trade_id, j.location, j.address, j.duration_s, j.wanted_on, j.window_start_min, j.window_end_min,
              j.priority, j.unserved_cost, j.skills, j.preferred_contractor, j.required_contractor,
              j.excluded_contractors)
            is not distinct from (i.trade_id, i.location, i.address, i.duration_s, i.wanted_on, i.window_start_min,
              i.window_end_min, i.priority, i.unserved_cost, i.skills, i.preferred_contractor,
              i.required_contractor, i.excluded_contractors) then 'unchanged'
        when j.status in ('draft', 'posted') then 'changed'
        else 'kept'
    end as outcome
from incoming_jobs i left join jobs j on j.region = :region and j.external_id = i.external_id
""")

# In the order of the file's ids, so that numbers follow them.
_INSERT = text("""
insert into jobs (id, region, external_id, trade_id, location, address, duration_s, wanted_on, window_start_min,
    window_end_min, priority, unserved_cost, skills, preferred_contractor, required_contractor, excluded_contractors)
select id, :region, external_id, trade_id, location, address, duration_s, wanted_on, window_start_min,
    window_end_min, priority, unserved_cost, skills, preferred_contractor, required_contractor, excluded_contractors
from incoming_jobs join verdicts using (external_id) where outcome = 'added' order by external_id
""")

_UPDATE = text("""
update jobs j
set trade_id = i.trade_id, location = i.location, address = i.address, duration_s = i.duration_s,
    wanted_on = i.wanted_on, window_start_min = i.window_start_min, window_end_min = i.window_end_min,
    priority = i.priority, unserved_cost = i.unserved_cost, skills = i.skills,
    preferred_contractor = i.preferred_contractor, required_contractor = i.required_contractor,
    excluded_contractors = i.excluded_contractors, updated_at = now()
from incoming_jobs i join verdicts v using (external_id)
where v.outcome = 'changed' and j.id = v.job_id
""")

_COUNTS = text("select outcome, count(*) as n from verdicts group by outcome")

_KEPT = text("select external_id from verdicts where outcome = 'kept' order by external_id")

_UNNAMED = text("""
select count(*) from jobs j
where j.region = :region and not exists (select 1 from verdicts v where v.job_id = j.id)
""")
