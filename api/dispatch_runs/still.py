"""Whether what a plan proposes can still be: rows may have changed since they were read. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from shapely import MultiPolygon, Polygon

from db.booking import JobState, PersonState
from db.plan_store import RouteRow, StopRow
from dispatch.types import Contractor, Job


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a job cannot be served as proposed."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Now:
    """People and jobs as they are at this moment.

    Parameters
    ----------
    jobs, people : by the text of their ids; whoever does not work that day is missing
    seen : fingerprints of what the run read; nothing is compared for ids that it does not have
    begun : jobs that had begun when the run was planned: whatever changed since, they stay
    """

    states: Mapping[UUID, JobState]
    people_states: Mapping[UUID, PersonState]
    jobs: Mapping[str, Job]
    people: Mapping[str, Contractor]
    seen: Mapping[str, str]
    begun: frozenset[UUID] = frozenset()


def fingerprint(thing: Job | Contractor) -> str:
    """What a plan depends on of a job or a person, in a few letters; names and addresses do not matter."""
    bare = replace(thing, address="", priced=False) if isinstance(thing, Job) else replace(thing, name="")
    values = [_plain(getattr(bare, name)) for name in bare.__slots__]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:12]


def _plain(value: object) -> object:
    """A value whose text says all of it, the same in every process."""
    if isinstance(value, frozenset):
        return sorted(value)
    return value.wkb_hex if isinstance(value, Polygon | MultiPolygon) else value


def fingerprints(things: Iterable[Job | Contractor]) -> dict[str, str]:
    """By id."""
    return {thing.id: fingerprint(thing) for thing in things}


def left_out(routes: Iterable[RouteRow], now: Now, on_date: date) -> dict[UUID, LeftOut]:
    """Jobs of these routes that can no longer be served as proposed, and why."""
    found = {}
    for route in routes:
        person = _person(route, now)
        for stop in route.stops:
            why = _job(stop, now, on_date) or person
            if why is not None and stop.job_id not in now.begun:
                found[stop.job_id] = why
    return found


def _job(stop: StopRow, now: Now, on_date: date) -> LeftOut | None:
    state = now.states.get(stop.job_id)
    if state is None:
        return LeftOut("gone", "the job is not there any more")
    if state.status not in ("posted", "assigned"):
        return LeftOut(state.status, f"the job is {state.status.replace('_', ' ')}")
    if state.on_date is not None and state.on_date != on_date:
        return LeftOut("booked_elsewhere", f"the job is booked on {state.on_date}")
    if state.wanted_on is not None and state.wanted_on != on_date:
        return LeftOut("another_day", f"the job is wanted on {state.wanted_on}")
    job, seen = now.jobs.get(str(stop.job_id)), now.seen.get(str(stop.job_id))
    if job is None:
        return LeftOut("changed", "the job's times contradict each other now")
    if seen is not None and fingerprint(job) != seen:
        return LeftOut("changed", "the job was changed after it was planned")
    return None


def _person(route: RouteRow, now: Now) -> LeftOut | None:
    state = now.people_states.get(route.contractor_id)
    if state is None or not state.active:
        return LeftOut("contractor_inactive", "the contractor cannot be sent any more")
    person, seen = now.people.get(str(route.contractor_id)), now.seen.get(str(route.contractor_id))
    if person is None:
        return LeftOut("contractor_off", "the contractor does not work that day any more")
    if seen is None:
        return LeftOut("contractor_off", "the contractor has time off") if _is_off(route, state) else None
    if fingerprint(person) != seen:
        return LeftOut("contractor_changed", "the contractor's hours, home or skills were changed after the planning")
    return None


def _is_off(route: RouteRow, state: PersonState) -> bool:
    """Whether a stop lies in time off; what lies between two stops may be a pause that was planned around."""
    return any(
        begins_at < stop.departs_at and (ends_at is None or ends_at > stop.arrives_at)
        for begins_at, ends_at in state.off
        for stop in route.stops
    )
