"""Who is booked for what: locks on jobs and people, what has become of them, and the change from one booking to another.

Lock jobs first, then contractors, then the day's head (``db.plan_store.lock_head``); each in the order of ids.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.types import new_id


@dataclass(frozen=True, slots=True)
class JobState:
    """What has become of a job, and whoever is booked for it on whatever day."""

    id: UUID
    region: str
    status: str
    wanted_on: date | None
    contractor_id: UUID | None
    on_date: date | None
    assignment_status: str | None


@dataclass(frozen=True, slots=True)
class PersonState:
    """Whether somebody may be sent, and when not."""

    id: UUID
    active: bool
    off: tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class Booking:
    """Somebody is at a job: the leg there begins, arrival, start of service, driving on."""

    job_id: UUID
    contractor_id: UUID
    leaves_at: datetime
    arrives_at: datetime
    service_starts_at: datetime
    departs_at: datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """What a change of bookings did: job -> contractor; ``released`` -> whom it was taken from."""

    assigned: Mapping[UUID, UUID] = field(default_factory=dict)
    moved: Mapping[UUID, tuple[UUID, UUID]] = field(default_factory=dict)
    retimed: Mapping[UUID, UUID] = field(default_factory=dict)
    unchanged: Mapping[UUID, UUID] = field(default_factory=dict)
    released: Mapping[UUID, UUID] = field(default_factory=dict)


async def lock_jobs(tx: AsyncConnection, ids: Collection[UUID]) -> Mapping[UUID, JobState]:
    """Keep every other writer from these jobs until the transaction ends; as they are now, by id."""
    await tx.execute(_LOCK_JOBS, {"ids": list(ids)})
    # A statement of its own: the first one waited, and sees what was true before.
    return {row.id: JobState(*row) for row in await tx.execute(_JOB_STATES, {"ids": list(ids)})}


async def lock_contractors(tx: AsyncConnection, ids: Collection[UUID]) -> Mapping[UUID, PersonState]:
    """Keep every other writer from these people until the transaction ends; as they are now, by id."""
    await tx.execute(_LOCK_CONTRACTORS, {"ids": list(ids)})
    return await people(tx, ids)


async def people(tx: AsyncConnection, ids: Collection[UUID]) -> Mapping[UUID, PersonState]:
    """Whether these people may be sent."""
    rows = await tx.execute(_PERSON_STATES, {"ids": list(ids)})
    return {row.id: PersonState(row.id, row.active, _spans(row.off)) for row in rows}


async def states(tx: AsyncConnection, ids: Collection[UUID]) -> Mapping[UUID, JobState]:
    """What has become of these jobs, without a lock."""
    return {row.id: JobState(*row) for row in await tx.execute(_JOB_STATES, {"ids": list(ids)})}


async def under_way(tx: AsyncConnection, region: str, on_date: date) -> Sequence[UUID]:
    """Jobs of a day that somebody has begun or done, sorted."""
    return list((await tx.execute(_UNDER_WAY, {"region": region, "on_date": on_date})).scalars())


@dataclass(frozen=True, slots=True)
class BegunVisit:
    """A job that somebody has begun or done."""

    job_id: UUID
    contractor_id: UUID
    service_starts_at: datetime


async def begun_on(tx: AsyncConnection, region: str, on_date: date) -> Sequence[BegunVisit]:
    """What has been begun or done on a day, by person in the order of time."""
    rows = await tx.execute(_BEGUN, {"region": region, "on_date": on_date})
    return [BegunVisit(*row) for row in rows]


async def live_on(tx: AsyncConnection, region: str, on_date: date) -> Mapping[UUID, Booking]:
    """Every booking of a day that stands, by job."""
    rows = await tx.execute(_LIVE, {"region": region, "on_date": on_date})
    return {row.job_id: Booking(*row) for row in rows}


async def book(
    tx: AsyncConnection,
    region: str,
    on_date: date,
    wanted: Sequence[Booking],
    scope: Collection[UUID] | None = None,
) -> Booked:
    """Make the bookings of a day what they should be, and the jobs' statuses with them.

    Parameters
    ----------
    wanted : one for each job that is served; jobs, people and the day are locked. Of those that are done nothing
        changes any more; of one that has begun, when it is left
    scope : only bookings of these jobs are compared; the others of the day stay. None: all of the day

    Raises
    ------
    IntegrityError : somebody would be in two places, or a job would have two people; the constraint's name says which
    """
    live = await live_on(tx, region, on_date)
    done = set(await under_way(tx, region, on_date)) - live.keys()
    before = {job: it for job, it in live.items() if scope is None or job in scope}
    after = {it.job_id: it for it in wanted if it.job_id not in done}
    both = before.keys() & after.keys()
    moved = {job for job in both if before[job].contractor_id != after[job].contractor_id}
    retimed = {job for job in both - moved if before[job] != after[job]}
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    day = {"region": region, "on_date": on_date}
    # The index of live jobs is not deferred: what is given up goes first.
    await tx.execute(_RELEASE, {**day, "ids": sorted(gone | moved)})
    await tx.execute(_RETIME, {**day, "rows": _json([after[job] for job in sorted(retimed)])})
    await tx.execute(_INSERT, {**day, "rows": _json([after[job] for job in sorted(new | moved)])})
    await tx.execute(_SET_STATUS, {"ids": sorted(gone), "was": "assigned", "now": "posted"})
    await tx.execute(_SET_STATUS, {"ids": sorted(new), "was": "posted", "now": "assigned"})
    # Asked now and not at commit, so that whoever called can say what went wrong.
    await tx.execute(text("set constraints ex_assignments_contractor_id_period immediate"))
    return Booked(
        assigned={job: after[job].contractor_id for job in sorted(new)},
        moved={job: (before[job].contractor_id, after[job].contractor_id) for job in sorted(moved)},
        retimed={job: after[job].contractor_id for job in sorted(retimed)},
        unchanged={job: after[job].contractor_id for job in sorted(both - moved - retimed)},
        released={job: before[job].contractor_id for job in sorted(gone)},
    )


def _spans(off: Sequence[Mapping[str, Any]]) -> tuple[tuple[datetime, datetime | None], ...]:
    instant = datetime.fromisoformat
    return tuple((instant(it["begins_at"]), None if it["ends_at"] is None else instant(it["ends_at"])) for it in off)


def _json(bookings: Sequence[Booking]) -> str:
    return orjson.dumps([{"id": new_id(), **_values(it)} for it in bookings]).decode()


def _values(it: Booking) -> dict[str, Any]:
    return {
        "job_id": it.job_id,
        "contractor_id": it.contractor_id,
        "leaves_at": it.leaves_at,
        "arrives_at": it.arrives_at,
        "service_starts_at": it.service_starts_at,
        "departs_at": it.departs_at,
    }


# "no key": positions and messages may go on referring to the row while we hold it.
_LOCK_JOBS = text("select id from jobs where id = any(:ids) order by id for no key update")

_LOCK_CONTRACTORS = text("select id from contractors where id = any(:ids) order by id for no key update")

_JOB_STATES = text("""
select j.id, j.region, j.status, j.wanted_on, a.contractor_id, a.on_date, a.status as assignment_status
from jobs j
left join assignments a on a.job_id = j.id and a.status in ('planned', 'started')
where j.id = any(:ids)
""")

_PERSON_STATES = text("""
select c.id, c.active,
       coalesce((select jsonb_agg(jsonb_build_object('begins_at', lower(o.period), 'ends_at', upper(o.period)))
                 from time_off o where o.contractor_id = c.id), '[]') as off
from contractors c where c.id = any(:ids)
""")

_UNDER_WAY = text("""
select job_id from assignments where region = :region and on_date = :on_date and status in ('started', 'done')
order by job_id
""")

_BEGUN = text("""
select job_id, contractor_id, service_starts_at from assignments
where region = :region and on_date = :on_date and status in ('started', 'done')
order by contractor_id, service_starts_at
""")

_LIVE = text("""
select job_id, contractor_id, leaves_at, arrives_at, service_starts_at, departs_at
from assignments where region = :region and on_date = :on_date and status in ('planned', 'started')
""")

_RELEASE = text("""
update assignments set status = 'released', updated_at = now()
where job_id = any(cast(:ids as uuid[])) and region = :region and on_date = :on_date and status = 'planned'
""")

_RETIME = text("""
update assignments a
set leaves_at = n.leaves_at, arrives_at = n.arrives_at, service_starts_at = n.service_starts_at,
    service_ends_at = n.service_starts_at + make_interval(secs => j.duration_s), departs_at = n.departs_at,
    updated_at = now()
from jsonb_to_recordset(cast(:rows as jsonb)) as n (
    job_id uuid, leaves_at timestamptz, arrives_at timestamptz, service_starts_at timestamptz, departs_at timestamptz)
join jobs j on j.id = n.job_id
where a.job_id = n.job_id and a.region = :region and a.on_date = :on_date and a.status in ('planned', 'started')
""")

_INSERT = text("""
insert into assignments (id, job_id, contractor_id, region, on_date, location,
                         leaves_at, arrives_at, service_starts_at, service_ends_at, departs_at)
select n.id, n.job_id, n.contractor_id, :region, :on_date, j.location,
       n.leaves_at, n.arrives_at, n.service_starts_at,
       n.service_starts_at + make_interval(secs => j.duration_s), n.departs_at
from jsonb_to_recordset(cast(:rows as jsonb)) as n (
    id uuid, job_id uuid, contractor_id uuid,
    leaves_at timestamptz, arrives_at timestamptz, service_starts_at timestamptz, departs_at timestamptz)
join jobs j on j.id = n.job_id
""")

_SET_STATUS = text("""
update jobs set status = :now, updated_at = now() where id = any(cast(:ids as uuid[])) and status = :was
""")
