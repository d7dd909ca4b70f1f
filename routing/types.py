"""The problem and the plan: what every solver, judge and file of this package speaks about.

All values are integers. Times are seconds after the problem's ``t0_at``, distances metres, prices points
(one point is one second of driving at the default cost). Everything is frozen; a problem is checked at
construction and never repaired afterwards.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime

import numpy as np

from routing.errors import InvalidProblem

UNREACHABLE = 1_000_000_000
"""Duration and distance of a pair without a road between them: larger than any horizon, small enough to add."""

DEFAULT_COST_PER_HOUR = 3600
"""Points an hour of driving: one point a second."""

DEFAULT_UNSERVED_COST = 10_800
"""Points for leaving out a job of ordinary priority: three hours of driving."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Travel between places, from row to column.

    Parameters
    ----------
    duration_s : int64 array (n, n); ``UNREACHABLE`` where no road leads
    distance_m : int64 array (n, n); ``UNREACHABLE`` in the same cells
    source : "osrm", "straight" (an estimate, during outages) or "given"
    cost_points : int64 array (n, n), what a leg costs in place of its time at the vehicle's ``cost_per_hour``
    """

    duration_s: np.ndarray
    distance_m: np.ndarray
    source: str = "given"
    cost_points: np.ndarray | None = None

    @property
    def n_places(self) -> int:
        """How many places the matrix joins."""
        return len(self.duration_s)


@dataclass(frozen=True, slots=True)
class Window:
    """When service may begin, both ends included."""

    opens_s: int
    closes_s: int


@dataclass(frozen=True, slots=True)
class Break:
    """A pause that begins within [earliest_s, latest_s] and lasts duration_s, without travel or service.

    ``also`` are further windows in which it may begin instead, in order, after the first and apart from it.
    """

    earliest_s: int
    latest_s: int
    duration_s: int
    also: tuple[Window, ...] = ()

    @property
    def windows(self) -> tuple[tuple[int, int], ...]:
        """When it may begin, as pairs of first and last moment."""
        return ((self.earliest_s, self.latest_s), *((window.opens_s, window.closes_s) for window in self.also))


@dataclass(frozen=True, slots=True)
class Skills:
    """What a stop asks of whoever serves it."""

    all_of: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()
    none_of: frozenset[str] = frozenset()

    def met_by(self, held: frozenset[str]) -> bool:
        """Whether somebody who holds these skills may come."""
        return self.all_of <= held and (not self.one_of or bool(self.one_of & held)) and not (self.none_of & held)


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """How well a vehicle's person does something, 0 to 100; 0 is what nobody states."""

    skill: str
    level: int


@dataclass(frozen=True, slots=True)
class SkillWish:
    """A stop would like a level: each one that is missing costs ``cost_per_level`` points."""

    skill: str
    level: int
    cost_per_level: int


@dataclass(frozen=True, slots=True)
class ServiceFor:
    """What one vehicle takes at a stop, in place of the stop's own ``service_s`` and ``setup_s``."""

    vehicle: str
    service_s: int
    setup_s: int = 0


@dataclass(frozen=True, slots=True)
class Promise:
    """What somebody was told of a stop, and the points that moving it costs if the stop is served.

    Parameters
    ----------
    vehicle, starts_s : who comes, and when service begins
    after : the stop served just before, None for the first of the day
    tolerance_s : a start no further than this from ``starts_s`` counts as kept
    cost_time, cost_vehicle, cost_order : points when the start, the vehicle, or the stop just before is another
    """

    vehicle: str
    starts_s: int
    after: str | None = None
    tolerance_s: int = 900
    cost_time: int = 0
    cost_vehicle: int = 0
    cost_order: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """A job at a place.

    Parameters
    ----------
    id : unique among the stops
    place : row of the matrix
    service_s : time spent there
    windows : when service may begin, in order and apart from each other; empty means any time
    unserved_cost : points for leaving it out
    required_vehicles : if not empty, only these may come
    preferred_vehicles : anybody else costs ``preference_cost`` points more
    setup_s : spent before the rest of the service, within it, unless the vehicle comes from the same place
    service_for : vehicles that take another time here
    due_s : from this start of service on, each second costs ``late_cost_per_s`` points
    skill_wishes : levels that it would like, each with a price
    delivers : amounts loaded before the route begins and left here, one per dimension of capacity; empty is none
    collects : amounts taken along from here to the end of the route, or to where a ``Delivery`` brings them
    promise : what was told of it
    """

    id: str
    place: int
    service_s: int
    windows: tuple[Window, ...] = ()
    unserved_cost: int = DEFAULT_UNSERVED_COST
    skills: Skills = Skills()
    required_vehicles: frozenset[str] = frozenset()
    excluded_vehicles: frozenset[str] = frozenset()
    preferred_vehicles: frozenset[str] = frozenset()
    preference_cost: int = 0
    setup_s: int = 0
    service_for: tuple[ServiceFor, ...] = ()
    due_s: int | None = None
    late_cost_per_s: int = 0
    skill_wishes: tuple[SkillWish, ...] = ()
    delivers: tuple[int, ...] = ()
    collects: tuple[int, ...] = ()
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """A stop visited, under way or promised for good: its service begins, or has begun, exactly then."""

    stop: str
    starts_s: int


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A person with a van and a shift.

    Parameters
    ----------
    id : unique among the vehicles
    start_place, end_place : rows of the matrix; None: the route begins at its first stop, ends at its last
    shift_starts_s, shift_ends_s : from leaving home to being back
    breaks : all taken by everyone who has a stop, after the frozen ones; in order of ``earliest_s``
    max_stops, max_travel_s, max_distance_m : None means no limit
    max_work_s : from leaving home to being back, breaks on the way included; None means the shift
    cost_per_hour, cost_per_km, cost_fixed : points; the fixed part only when used
    cost_per_service_hour : points an hour of service and set-up
    overtime_from_s : from this moment on, each second until being back costs ``overtime_cost_per_s`` points
    skill_levels : how well; a level says nothing of ``skills``
    capacity : most that it can carry, per dimension; empty means no limit
    frozen : the stops that the route begins with, in this order; the drive to them, their windows, and who may
        serve them are history and are not judged, and they take no set-up
    matrix : 0 for the problem's ``matrix``, k for the k-th of its ``more_matrices``
    """

    id: str
    start_place: int | None
    end_place: int | None
    shift_starts_s: int
    shift_ends_s: int
    breaks: tuple[Break, ...] = ()
    skills: frozenset[str] = frozenset()
    max_stops: int | None = None
    max_travel_s: int | None = None
    cost_per_hour: int = DEFAULT_COST_PER_HOUR
    cost_per_km: int = 0
    cost_fixed: int = 0
    max_distance_m: int | None = None
    max_work_s: int | None = None
    cost_per_service_hour: int = 0
    overtime_from_s: int | None = None
    overtime_cost_per_s: int = 0
    skill_levels: tuple[SkillLevel, ...] = ()
    capacity: tuple[int, ...] = ()
    frozen: tuple[Frozen, ...] = ()
    matrix: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Fetch here, then bring there: one vehicle serves both, in this order, or nobody serves either.

    What ``pickup`` collects leaves the vehicle at ``delivery``. A delivery whose pickup is frozen may be left out.
    """

    pickup: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Succession:
    """One stop after another, by whomever; ``then`` is served only if ``first`` is.

    Parameters
    ----------
    least_s, most_s : from the end of service at ``first`` to the start of service at ``then``; None means any time
    """

    first: str
    then: str
    least_s: int = 0
    most_s: int | None = None


@dataclass(frozen=True, slots=True)
class Crew:
    """Several people at one job: all of these stops begin at the same moment, by different vehicles, or none is served."""

    stops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Stops, vehicles, the travel between them, and what ties stops together.

    Parameters
    ----------
    deliveries, successions, crews : stops that depend on each other
    more_matrices : travel of vehicles whose ``matrix`` is not 0, over the same places
    n_days, balance_cost_per_hour, territories, travel_by_hour : refused until an engine can do it

    Raises
    ------
    InvalidProblem : every fault at once, each with a stable code and the field it is in
    """

    t0_at: datetime
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    matrix: Matrix
    deliveries: tuple[Delivery, ...] = ()
    successions: tuple[Succession, ...] = ()
    crews: tuple[Crew, ...] = ()
    more_matrices: tuple[Matrix, ...] = ()
    n_days: int = 1
    balance_cost_per_hour: int = 0
    territories: tuple[frozenset[str], ...] = ()
    travel_by_hour: tuple[Matrix, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a problem that contradicts itself."""
        from routing.validity import faults_of  # it speaks of these types

        faults = faults_of(self)
        if faults:
            raise InvalidProblem(faults)

    def matrix_of(self, vehicle: Vehicle) -> Matrix:
        """Travel as this vehicle does it."""
        return self.more_matrices[vehicle.matrix - 1] if vehicle.matrix else self.matrix


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop in a route.

    Parameters
    ----------
    travel_s, distance_m : the leg that leads here
    departs_s : driving on, after service and any break or wait at the stop
    wait_s : service start - arrival - breaks between
    """

    stop_id: str
    arrives_s: int
    service_starts_s: int
    departs_s: int
    travel_s: int
    distance_m: int
    wait_s: int


@dataclass(frozen=True, slots=True)
class BreakTaken:
    """A break as it falls in the timetable."""

    starts_s: int
    ends_s: int


@dataclass(frozen=True, slots=True)
class Route:
    """One vehicle's timetable; the last leg home counts in travel_s and distance_m."""

    vehicle_id: str
    starts_s: int
    ends_s: int
    visits: tuple[Visit, ...]
    breaks: tuple[BreakTaken, ...]
    travel_s: int
    distance_m: int
    service_s: int
    wait_s: int


@dataclass(frozen=True, slots=True)
class Objective:
    """What a plan costs, in points, by component."""

    travel: int = 0
    distance: int = 0
    service: int = 0
    fixed: int = 0
    overtime: int = 0
    late: int = 0
    balance: int = 0
    stability: int = 0
    preference: int = 0
    unserved: int = 0

    @property
    def total(self) -> int:
        """The sum that a plan minimises."""
        return sum(getattr(self, component.name) for component in fields(self))


@dataclass(frozen=True, slots=True)
class Improvement:
    """A better plan was found: when, what it costs, and by which engine."""

    elapsed_s: float
    total: int
    engine: str


@dataclass(frozen=True, slots=True)
class Search:
    """How a plan came about."""

    name: str
    version: str
    stopped_by: str
    iterations: int
    iteration_unit: str
    found_by: str
    history: tuple[Improvement, ...] = ()


NO_SEARCH = Search("none", "", "", 0, "", "")
"""Of a plan that nobody searched for: made by hand, or put together from given orders."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes of the vehicles that have a stop, and the stops nobody serves.

    ``bound`` is a number of points that no plan of the problem can cost less than; None when nobody worked one out.
    """

    routes: tuple[Route, ...]
    unassigned: tuple[str, ...]
    objective: Objective
    search: Search = field(default=NO_SEARCH, compare=False)
    bound: int | None = field(default=None, compare=False)
