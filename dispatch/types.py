"""People, jobs and the plan of a day, as the trade speaks of them: names, clock times, street addresses."""

from dataclasses import dataclass, field
from datetime import date, datetime

from geo.area import Area, contains
from geo.point import Point
from routing.types import DEFAULT_COST_PER_HOUR, Objective, Search

DEFAULT_PRIORITY = 50

JOB_REMEDIES = frozenset({"priority", "window", "required", "excluded"})
"""Kinds of remedy that change a cell of jobs.csv; the others are typed into contractors.csv."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From leaving home to being back; aware instants, half open."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class BreakRule:
    """A break begins within [earliest_at, latest_at] and lasts duration_s."""

    earliest_at: datetime
    latest_at: datetime
    duration_s: int


@dataclass(frozen=True, slots=True)
class Window:
    """When service may begin, both ends included; None is open."""

    opens_at: datetime | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contractor:
    """Somebody who can be sent, on one day.

    ``max_travel_s`` is driving a day; costs are points; ``end`` None means back home; ``area`` None means anywhere.
    """

    id: str
    name: str
    trades: frozenset[str]
    home: Point
    shift: Shift
    end: Point | None = None
    skills: frozenset[str] = frozenset()
    breaks: tuple[BreakRule, ...] = ()
    max_jobs: int | None = None
    max_travel_s: int | None = None
    cost_per_hour: int = DEFAULT_COST_PER_HOUR
    cost_per_km: int = 0
    cost_fixed: int = 0
    area: Area | None = None

    def serves(self, point: Point) -> bool:
        """Whether a place lies where they go."""
        return self.area is None or contains(self.area, point)


@dataclass(frozen=True, slots=True)
class Job:
    """Work at a place.

    ``unserved_cost`` is always resolved: given in the file (``priced``), or following from the priority.
    """

    id: str
    trade: str
    point: Point
    duration_s: int
    unserved_cost: int
    address: str = ""
    window: Window | None = None
    priority: int = DEFAULT_PRIORITY
    skills: frozenset[str] = frozenset()
    preferred_contractor: str | None = None
    required_contractor: str | None = None
    excluded_contractors: frozenset[str] = frozenset()
    priced: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be used.

    ``line`` counts from 1: the line of a CSV file, heading included, the row of a workbook, the number of a feature.
    ``column`` is the heading's name, or ``geometry``.
    """

    file: str
    line: int
    column: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """The smallest change of one kind that gets a job served, confirmed by the judge.

    ``subject_id``, ``field`` and ``to`` are what a person would type into jobs.csv or contractors.csv; for a new
    contractor ``field`` is None and ``to`` a whole row (heading -> text).
    """

    kind: str
    subject_id: str
    field: str | None
    from_: str | None
    to: str | dict[str, str]
    message: str
    extra_points: int
    verified: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why; a stable code and a sentence. Only reasons for unassigned jobs carry remedies."""

    code: str
    message: str
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """One visit; ``travel_s`` and ``distance_m`` are the leg that leads to it."""

    job: Job
    arrives_at: datetime
    service_starts_at: datetime
    departs_at: datetime
    travel_s: int
    distance_m: int
    wait_s: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """One contractor's day; ``geometry`` is a polyline of precision 6; ``breaks`` are (starts_at, ends_at)."""

    contractor: Contractor
    starts_at: datetime
    ends_at: datetime
    travel_s: int
    service_s: int
    wait_s: int
    distance_m: int
    geometry: str
    breaks: tuple[tuple[datetime, datetime], ...]
    stops: tuple[PlannedStop, ...]


@dataclass(frozen=True, slots=True)
class UnassignedJob:
    """A job nobody serves; ``reasons[0]`` is the cause with the cheapest remedy."""

    job: Job
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The plan of one day, with everything plan.json says. Times are aware, in the plan's ``timezone``."""

    on: date
    timezone: str
    seed: int
    limit_s: float | None
    budget_iterations: int | None
    travel_time_source: str
    search: Search
    phases: dict[str, float]
    objective: Objective
    bound: int | None
    routes: tuple[PlannedRoute, ...]
    unassigned: tuple[UnassignedJob, ...]
    n_contractors: int
    rejected_rows: tuple[RejectedRow, ...] = ()
    warnings: tuple[str, ...] = ()
