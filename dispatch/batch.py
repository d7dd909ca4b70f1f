"""Jobs × contractors → the problem that routing solves: instants become seconds, trades and skills become tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.clock import instant
from dispatch.types import Contractor, Job
from geo.area import contains_each
from geo.point import Point
from routing.engine import SNAP_LIMIT_M, TravelTimes
from routing.types import Break, Matrix, Problem, Skills, Stop, Vehicle, Window

PREFERENCE_COST = 900
"""Points when a job with a preferred contractor goes to somebody else: a quarter of an hour of driving."""

OPEN_END_S = 7 * 86_400
"""A window without an end closes a week later, one without a start opened a week before."""

TRADE, SKILL = "trade:", "skill:"
"""Tags of routing's one set of skills."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds after local midnight of the plan's day, and back."""

    on: date
    tz: ZoneInfo

    @property
    def t0_at(self) -> datetime:
        """Midnight, where the clocks have it; else the first instant of the day."""
        return instant(self.on, 0, self.tz)[0].astimezone(UTC)

    def seconds(self, at: datetime) -> int:
        """Seconds after ``t0_at``; instants carry no fractions."""
        return round((at.astimezone(UTC) - self.t0_at).total_seconds())

    def at(self, seconds: int) -> datetime:
        """The instant, in the plan's time zone."""
        return (self.t0_at + timedelta(seconds=seconds)).astimezone(self.tz)


@dataclass(frozen=True, slots=True)
class Spots:
    """Every place of a day once: jobs, homes and ends, in the order of the problem's matrix."""

    lonlat: np.ndarray
    job_place: tuple[int, ...]
    home_place: tuple[int, ...]
    end_place: tuple[int, ...]


def spots_of(jobs: Sequence[Job], contractors: Sequence[Contractor]) -> Spots:
    """Places in the order of their coordinates: the order of rows does not matter, nor who shares an address."""
    wanted: list[Point] = [
        *(job.point for job in jobs),
        *(person.home for person in contractors),
        *(person.end or person.home for person in contractors),
    ]
    points = sorted(set(wanted))
    at = {point: number for number, point in enumerate(points)}
    places = [at[point] for point in wanted]
    n_jobs, n_people = len(jobs), len(contractors)
    return Spots(
        lonlat=np.array([(point.lon, point.lat) for point in points], dtype=np.float64).reshape(-1, 2),
        job_place=tuple(places[:n_jobs]),
        home_place=tuple(places[n_jobs : n_jobs + n_people]),
        end_place=tuple(places[n_jobs + n_people :]),
    )


def off_road_m(engine: TravelTimes, points: Sequence[Point]) -> dict[Point, float]:
    """Of the points too far from any road to be planned for, how far that is in metres."""
    if not points:
        return {}
    snaps = engine.nearest(np.array([(point.lon, point.lat) for point in points], dtype=np.float64))
    return {
        point: float(distance_m)
        for point, distance_m in zip(points, snaps.distance_m, strict=True)
        if not distance_m <= SNAP_LIMIT_M
    }


def matrix_of(engine: TravelTimes, spots: Spots) -> Matrix:
    """Travel between all places of a day."""
    if not len(spots.lonlat):
        return Matrix(np.zeros((0, 0), np.int64), np.zeros((0, 0), np.int64), engine.source)
    return engine.table(spots.lonlat)


def problem_of(
    jobs: Sequence[Job], contractors: Sequence[Contractor], spots: Spots, matrix: Matrix, clock: Clock
) -> Problem:
    """The day as routing sees it; jobs and contractors keep their order and their ids."""
    return Problem(
        t0_at=clock.t0_at,
        stops=tuple(
            _stop(job, place, clock, elsewhere)
            for job, place, elsewhere in zip(jobs, spots.job_place, _elsewhere(jobs, contractors), strict=True)
        ),
        vehicles=tuple(
            _vehicle(person, home, end, clock)
            for person, home, end in zip(contractors, spots.home_place, spots.end_place, strict=True)
        ),
        matrix=matrix,
    )


def _elsewhere(jobs: Sequence[Job], contractors: Sequence[Contractor]) -> list[frozenset[str]]:
    """Of each job, those whose service area it lies outside of."""
    lonlat = np.array([(job.point.lon, job.point.lat) for job in jobs], dtype=np.float64).reshape(-1, 2)
    outside = {person.id: ~contains_each(person.area, lonlat) for person in contractors if person.area is not None}
    return [frozenset(who for who, far in outside.items() if far[number]) for number in range(len(jobs))]


def _stop(job: Job, place: int, clock: Clock, elsewhere: frozenset[str]) -> Stop:
    windows: tuple[Window, ...] = ()
    if job.window is not None:
        opens_s = -OPEN_END_S if job.window.opens_at is None else clock.seconds(job.window.opens_at)
        closes_s = OPEN_END_S if job.window.closes_at is None else clock.seconds(job.window.closes_at)
        windows = (Window(opens_s, closes_s),)
    return Stop(
        id=job.id,
        place=place,
        service_s=job.duration_s,
        windows=windows,
        unserved_cost=job.unserved_cost,
        skills=Skills(all_of=frozenset({TRADE + job.trade, *(SKILL + skill for skill in job.skills)})),
        required_vehicles=frozenset({job.required_contractor} if job.required_contractor else ()),
        excluded_vehicles=job.excluded_contractors | elsewhere,
        preferred_vehicles=frozenset({job.preferred_contractor} if job.preferred_contractor else ()),
        preference_cost=PREFERENCE_COST if job.preferred_contractor else 0,
    )


def _vehicle(person: Contractor, home: int, end: int, clock: Clock) -> Vehicle:
    return Vehicle(
        id=person.id,
        start_place=home,
        end_place=end,
        shift_starts_s=clock.seconds(person.shift.starts_at),
        shift_ends_s=clock.seconds(person.shift.ends_at),
        breaks=tuple(
            Break(clock.seconds(rule.earliest_at), clock.seconds(rule.latest_at), rule.duration_s)
            for rule in person.breaks
        ),
        skills=frozenset({*(TRADE + trade for trade in person.trades), *(SKILL + skill for skill in person.skills)}),
        max_stops=person.max_jobs,
        max_travel_s=person.max_travel_s,
        cost_per_hour=person.cost_per_hour,
        cost_per_km=person.cost_per_km,
        cost_fixed=person.cost_fixed,
    )
