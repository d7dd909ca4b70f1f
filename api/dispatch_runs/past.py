"""What has happened of a day that is planned once more: read from bookings, kept with the run, read back at its commit."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from db import booking, day_rows
from db.day_rows import Placed
from db.plan_store import PlanRow
from dispatch.table_reading import Identified
from dispatch.types import Contractor, Job
from dispatch.under_way import Begun, History


class NothingToPlan(Exception):
    """A day without a usable job, without anybody who works, or whose history fits nobody who does."""


async def history_of(
    tx: AsyncConnection, region: str, on_date: date, in_force: PlanRow | None, now: datetime
) -> History | None:
    """What has begun; None while nobody has begun anything, and the whole day may be planned."""
    visits = defaultdict[str, list[tuple[str, datetime]]](list)
    for it in await booking.begun_on(tx, region, on_date):
        visits[str(it.contractor_id)].append((str(it.job_id), it.service_starts_at))
    if not visits:
        return None
    breaks = {} if in_force is None else {str(route.contractor_id): route.breaks for route in in_force.routes}
    return History(now, {who: Begun(tuple(found), breaks.get(who, ())) for who, found in visits.items()})


async def with_history(
    tx: AsyncConnection,
    region: str,
    on_date: date,
    tz: ZoneInfo,
    people: Placed[Contractor],
    jobs: Placed[Job],
    history: History,
) -> tuple[Placed[Contractor], Placed[Job]]:
    """People and jobs with those that have begun among them, whatever may have become of them since.

    Raises
    ------
    NothingToPlan : somebody has begun work and has no shift on that day, or a job that has begun cannot be read
    """
    begun = await day_rows.jobs_by_id(tx, [UUID(name) for name in sorted(history.job_ids())], on_date, tz)
    at_work = {person.id for person in people.things}
    others = [UUID(who) for who in history.begun if who not in at_work]
    off = await day_rows.contractors_on(tx, region, on_date, others, even_if_off=True)
    # Who is not at work any more gets no more of it.
    enough = [replace(person, max_jobs=len(history.begun[person.id].visits)) for person in off.things]
    people, jobs = _joined(people, replace(off, things=tuple(enough))), _joined(jobs, begun)
    missing = [who for who in history.begun if who not in {person.id for person in people.things}]
    missing += [name for name in history.job_ids() if name not in {job.id for job in jobs.things}]
    if missing:
        raise NothingToPlan(
            f"{', '.join(sorted(missing))}: has begun, and does not fit the day any more; change it by hand."
        )
    return people, jobs


def stated(history: History | None) -> Mapping[str, Any] | None:
    """A history as JSON, to be kept with a run."""
    if history is None:
        return None
    return {
        "now": history.now.isoformat(),
        "begun": {
            who: {
                "visits": [[name, at.isoformat()] for name, at in begun.visits],
                "breaks": [[start.isoformat(), end.isoformat()] for start, end in begun.breaks],
            }
            for who, begun in history.begun.items()
        },
    }


def read_back(document: Mapping[str, Any]) -> History | None:
    """The history that a run was planned with."""
    said, instant = document.get("history"), datetime.fromisoformat
    if said is None:
        return None
    begun = {
        who: Begun(
            tuple((name, instant(at)) for name, at in it["visits"]),
            tuple((instant(start), instant(end)) for start, end in it["breaks"]),
        )
        for who, it in said["begun"].items()
    }
    return History(instant(said["now"]), begun)


def _joined[Thing: Identified](some: Placed[Thing], more: Placed[Thing]) -> Placed[Thing]:
    things = {thing.id: thing for thing in (*some.things, *more.things)}
    return Placed(
        tuple(things[name] for name in sorted(things)),
        (*some.rejected, *more.rejected),
        (*some.warnings, *more.warnings),
    )
