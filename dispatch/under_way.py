"""A day that is under way: what has begun stays as it is, and nobody sets out in the past."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from dispatch.batch import Clock
from routing.types import Break, Frozen, Problem, Vehicle

type Spans = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """What somebody has begun or done.

    Parameters
    ----------
    visits : (job, start of service), in the order of those
    breaks : (start, end) of all breaks that the plan in force has for them
    """

    visits: tuple[tuple[str, datetime], ...]
    breaks: Spans = ()


@dataclass(frozen=True, slots=True)
class History:
    """What has happened by ``now``, by contractor; who is not named has begun nothing."""

    now: datetime
    begun: Mapping[str, Begun] = field(default_factory=dict)

    def job_ids(self) -> frozenset[str]:
        """Every job that somebody has begun or done."""
        return frozenset(job_id for one in self.begun.values() for job_id, _ in one.visits)

    def of(self, people: Collection[str]) -> "History":
        """The history of these people alone."""
        return History(self.now, {who: begun for who, begun in self.begun.items() if who in people})


def as_it_stands(problem: Problem, history: History, clock: Clock) -> Problem:
    """The day's problem with what has begun frozen, and with nobody free before now.

    Who is done with what they have begun waits where they are until now: for the search that is a break of its own,
    which ``rests_of`` tells from those that people take. Breaks that have begun stay where they are; those for which
    no time is left are not taken. Who would not be home in time if they waited until now is on the way there.

    Raises
    ------
    InvalidProblem : what has begun contradicts itself, such as two visits at once
    """
    now_s = clock.seconds(history.now)
    stops = {stop.id: stop for stop in problem.stops}
    vehicles = []
    for vehicle in problem.vehicles:
        begun = history.begun.get(vehicle.id)
        if begun is None:
            vehicles.append(_at_home(vehicle, now_s))
            continue
        last = stops[begun.visits[-1][0]]
        home_s = 0 if vehicle.end_place is None else int(problem.matrix.duration_s[last.place, vehicle.end_place])
        free_s = clock.seconds(begun.visits[-1][1]) + last.service_s
        vehicles.append(_under_way(vehicle, begun, clock, now_s=now_s, free_s=free_s, home_s=home_s))
    return replace(problem, vehicles=tuple(vehicles))


def rests_of(breaks: Sequence[tuple[datetime, datetime]], begun: Begun | None, now: datetime) -> Spans:
    """The breaks of a person's day: those that have begun as they were planned, then those of the new plan."""
    if begun is None:
        return tuple(breaks)
    return (*(span for span in begun.breaks if span[0] < now), *(span for span in breaks if span[0] >= now))


def _at_home(vehicle: Vehicle, now_s: int) -> Vehicle:
    """Somebody who has begun nothing leaves home from now on; a break whose time has passed is history."""
    if now_s <= vehicle.shift_starts_s:
        return vehicle
    if now_s >= vehicle.shift_ends_s:
        return replace(vehicle, breaks=(), max_stops=0)
    return replace(vehicle, shift_starts_s=now_s, breaks=_owed(vehicle.breaks, now_s, vehicle.shift_ends_s))


def _under_way(vehicle: Vehicle, begun: Begun, clock: Clock, *, now_s: int, free_s: int, home_s: int) -> Vehicle:
    """Somebody whose last visit ends at ``free_s``, ``home_s`` from where their day ends."""
    frozen = tuple(Frozen(job_id, clock.seconds(starts_at)) for job_id, starts_at in begun.visits)
    leaves_s = vehicle.shift_ends_s - home_s
    if max(now_s, free_s) >= leaves_s:
        ends_s = max(vehicle.shift_ends_s, free_s + home_s)
        return replace(vehicle, frozen=frozen, breaks=(), max_stops=len(frozen), shift_ends_s=ends_s)
    planned = [(clock.seconds(start), clock.seconds(end)) for start, end in begun.breaks]
    # Waiting until now, and breaks that have begun since the last visit, one after the other.
    past: list[Break] = []
    for start_s, end_s in (span for span in planned if free_s <= span[0] < now_s and span[1] <= leaves_s):
        past += [*_waits(free_s, start_s), Break(start_s, start_s, end_s - start_s)]
        free_s = end_s
    past += _waits(free_s, now_s)
    n_begun = sum(start_s < now_s for start_s, _ in planned)
    rest = _owed(vehicle.breaks[n_begun:], max(free_s, now_s), leaves_s)
    return replace(vehicle, frozen=frozen, breaks=(*past, *rest))


def _waits(from_s: int, until_s: int) -> list[Break]:
    return [Break(from_s, from_s, until_s - from_s)] if until_s > from_s else []


def _owed(breaks: Sequence[Break], free_s: int, until_s: int) -> tuple[Break, ...]:
    """Of breaks in their order, those for which there is time between two moments."""
    owed = []
    for pause in breaks:
        starts_s = max(free_s, pause.earliest_s)
        if starts_s <= pause.latest_s and starts_s + pause.duration_s <= until_s:
            owed.append(pause)
            free_s = starts_s + pause.duration_s
    return tuple(owed)
