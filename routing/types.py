"""The problem and the plan: what every solver, judge and file of this package speaks about.

All values are integers. Times are seconds after the problem's ``t0_at``, distances metres, prices points
(one point is one second of driving at the default cost). Everything is frozen; a problem is checked at
construction and never repaired afterwards.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime

import numpy as np

from routing.errors import Fault, InvalidProblem

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
    """

    duration_s: np.ndarray
    distance_m: np.ndarray
    source: str = "given"

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
    """A pause that begins within [earliest_s, latest_s] and lasts duration_s, without travel or service."""

    earliest_s: int
    latest_s: int
    duration_s: int


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


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A person with a van and a shift.

    Parameters
    ----------
    id : unique among the vehicles
    start_place, end_place : rows of the matrix
    shift_starts_s, shift_ends_s : from leaving home to being back
    breaks : all taken by everyone who has a stop; in order of ``earliest_s``
    max_stops, max_travel_s : None means no limit
    cost_per_hour, cost_per_km, cost_fixed : points; the fixed part only when used
    """

    id: str
    start_place: int
    end_place: int
    shift_starts_s: int
    shift_ends_s: int
    breaks: tuple[Break, ...] = ()
    skills: frozenset[str] = frozenset()
    max_stops: int | None = None
    max_travel_s: int | None = None
    cost_per_hour: int = DEFAULT_COST_PER_HOUR
    cost_per_km: int = 0
    cost_fixed: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Stops, vehicles and the travel between them.

    Raises
    ------
    InvalidProblem : every fault at once, each with a stable code and the field it is in
    """

    t0_at: datetime
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    matrix: Matrix

    def __post_init__(self) -> None:
        """Refuse a problem that contradicts itself."""
        faults = [*_time_faults(self), *_matrix_faults(self.matrix), *_stop_faults(self), *_vehicle_faults(self)]
        if faults:
            raise InvalidProblem(faults)


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
    """Routes of the vehicles that have a stop, and the stops nobody serves."""

    routes: tuple[Route, ...]
    unassigned: tuple[str, ...]
    objective: Objective
    search: Search = field(default=NO_SEARCH, compare=False)


def _time_faults(problem: Problem) -> list[Fault]:
    if problem.t0_at.tzinfo is None:
        return [Fault("naive_time", "t0_at", str(problem.t0_at), "give an instant with its offset from UTC")]
    return []


def _matrix_faults(matrix: Matrix) -> list[Fault]:
    faults = []
    shape = matrix.duration_s.shape
    if len(shape) != 2 or shape[0] != shape[1] or matrix.distance_m.shape != shape:
        return [Fault("matrix_shape", "matrix", f"{shape} and {matrix.distance_m.shape}", "both must be (n, n)")]
    for name, values in (("duration_s", matrix.duration_s), ("distance_m", matrix.distance_m)):
        if not np.issubdtype(values.dtype, np.integer):
            faults.append(Fault("matrix_type", f"matrix.{name}", str(values.dtype), "round it to integers first"))
        elif values.size and (values.min() < 0 or values.max() > UNREACHABLE):
            faults.append(Fault("matrix_range", f"matrix.{name}", str(values.min()), f"must lie in 0..{UNREACHABLE}"))
    if not faults and ((matrix.duration_s == UNREACHABLE) != (matrix.distance_m == UNREACHABLE)).any():
        faults.append(Fault("matrix_holes", "matrix", "a pair with one of the two", "no road means neither"))
    return faults


def _stop_faults(problem: Problem) -> list[Fault]:
    faults = _repeated([stop.id for stop in problem.stops], "stops")
    n_places = problem.matrix.n_places
    for i, stop in enumerate(problem.stops):
        at = f"stops[{i}]"
        if not 0 <= stop.place < n_places:
            faults.append(Fault("place_unknown", f"{at}.place", stop.place, f"the matrix has {n_places} places"))
        for name in ("service_s", "unserved_cost", "preference_cost"):
            if getattr(stop, name) < 0:
                faults.append(Fault("negative", f"{at}.{name}", getattr(stop, name), "must be 0 or more"))
        for w, window in enumerate(stop.windows):
            if window.closes_s < window.opens_s:
                faults.append(
                    Fault(
                        "window_reversed",
                        f"{at}.windows[{w}]",
                        (window.opens_s, window.closes_s),
                        "closes before it opens",
                    )
                )
            if w and window.opens_s <= stop.windows[w - 1].closes_s:
                faults.append(
                    Fault(
                        "windows_overlap",
                        f"{at}.windows[{w}]",
                        window.opens_s,
                        "list windows in order, apart from each other",
                    )
                )
    return faults


def _vehicle_faults(problem: Problem) -> list[Fault]:
    faults = _repeated([vehicle.id for vehicle in problem.vehicles], "vehicles")
    n_places = problem.matrix.n_places
    for i, vehicle in enumerate(problem.vehicles):
        at = f"vehicles[{i}]"
        for name in ("start_place", "end_place"):
            if not 0 <= getattr(vehicle, name) < n_places:
                faults.append(
                    Fault("place_unknown", f"{at}.{name}", getattr(vehicle, name), f"the matrix has {n_places} places")
                )
        if vehicle.shift_ends_s <= vehicle.shift_starts_s:
            faults.append(
                Fault("shift_reversed", f"{at}.shift_ends_s", vehicle.shift_ends_s, "must come after the shift starts")
            )
        for name in ("max_stops", "max_travel_s", "cost_per_hour", "cost_per_km", "cost_fixed"):
            value = getattr(vehicle, name)
            if value is not None and value < 0:
                faults.append(Fault("negative", f"{at}.{name}", value, "must be 0 or more"))
        faults += _break_faults(vehicle, at)
    return faults


def _break_faults(vehicle: Vehicle, at: str) -> list[Fault]:
    faults = []
    free_s = vehicle.shift_starts_s
    for b, pause in enumerate(vehicle.breaks):
        where = f"{at}.breaks[{b}]"
        if pause.duration_s <= 0 or pause.latest_s < pause.earliest_s:
            faults.append(
                Fault(
                    "break_reversed",
                    where,
                    (pause.earliest_s, pause.latest_s, pause.duration_s),
                    "needs a length and a latest start after its earliest",
                )
            )
            continue
        if b and pause.earliest_s < vehicle.breaks[b - 1].earliest_s:
            faults.append(Fault("breaks_unordered", where, pause.earliest_s, "list breaks by their earliest start"))
        starts_s = max(free_s, pause.earliest_s)
        if starts_s > pause.latest_s or starts_s + pause.duration_s > vehicle.shift_ends_s:
            faults.append(
                Fault(
                    "break_outside_shift",
                    where,
                    (pause.earliest_s, pause.latest_s),
                    "no such break fits into the shift",
                )
            )
        free_s = starts_s + pause.duration_s
    return faults


def _repeated(ids: list[str], path: str) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for i, name in enumerate(ids):
        if name in seen:
            faults.append(Fault("id_repeated", f"{path}[{i}].id", name, "ids must be unique"))
        seen.add(name)
    return faults
