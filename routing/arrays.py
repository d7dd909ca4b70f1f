"""A problem laid out for computing: positions instead of ids, plain lists for scalar loops, numpy for scans."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.ties import Ties, ties_of
from routing.types import Matrix, Objective, Problem, Stop, Vehicle

HORIZON_S = 1 << 50
"""End of time for a stop without windows: a problem may count in parts of a second, but never so far."""


def travel_points(duration_s: np.ndarray, cost_per_hour: int) -> np.ndarray:
    """Price of driving times in points, each rounded half up."""
    points: np.ndarray = (2 * duration_s * cost_per_hour + 3600) // 7200
    return points


def distance_points(distance_m: np.ndarray, cost_per_km: int) -> np.ndarray:
    """Price of distances in points, each rounded half up."""
    points: np.ndarray = (2 * distance_m * cost_per_km + 1000) // 2000
    return points


@dataclass(frozen=True, slots=True)
class Ground:
    """Travel over one matrix: int64 arrays (n, n) by place; ``duration`` the same in lists, by row.

    Where a vehicle begins or ends anywhere, a last place stands for that: no way to it, nor from it.
    """

    duration_s: np.ndarray
    distance_m: np.ndarray
    duration: "ListedRows"
    cost_points: np.ndarray | None


class ListedRows(dict[int, list[int]]):
    """A matrix whose rows become lists when they are first looked at: a compiled search looks at none of them."""

    def __init__(self, values: np.ndarray) -> None:
        super().__init__()
        self._values = values

    def __missing__(self, place: int) -> list[int]:
        """Make the row."""
        row: list[int] = self._values[place].tolist()
        self[place] = row
        return row


@dataclass(frozen=True, slots=True)
class Arrays:
    """What insertion, search and explanation look up again and again.

    Parameters
    ----------
    problem : where it comes from
    stops, vehicles : by position
    grounds : by vehicle, the travel as it drives
    points : by vehicle, int64 array (n, n): price of each leg; the same object where the price is the same
    price_class : by vehicle, equal where ``points`` is the same
    starts, ends : by vehicle, places
    place : by stop
    services, setups : by vehicle, seconds by stop
    windows : by stop, (opens_s, closes_s) pairs; one all-embracing pair when the stop has none
    eligible : bool array (n_stops, n_vehicles), skills and required or excluded vehicles
    surcharges : int64 array (n_stops, n_vehicles), points that depend on who comes alone
    frozen : by vehicle, stops its order begins with
    frozen_at : by frozen stop, when its service begins
    ties : what stops have to do with each other
    timed : whether a price, limit or tie depends on when or after what a stop is served
    """

    problem: Problem
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    grounds: tuple[Ground, ...]
    points: tuple[np.ndarray, ...]
    price_class: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    place: tuple[int, ...]
    services: tuple[tuple[int, ...], ...]
    setups: tuple[tuple[int, ...], ...]
    windows: tuple[tuple[tuple[int, int], ...], ...]
    eligible: np.ndarray
    surcharges: np.ndarray
    frozen: tuple[tuple[int, ...], ...]
    frozen_at: dict[int, int]
    ties: Ties
    timed: bool

    def with_case(self, stop: int, wanted: Stop, vehicle: int, driver: Vehicle) -> "Arrays":
        """The same with another wish at one stop and other limits of one vehicle; times, prices and places stay.

        ``problem`` stays what it was: nobody has checked the new one.
        """
        stops, vehicles, windows = list(self.stops), list(self.vehicles), list(self.windows)
        stops[stop], vehicles[vehicle], windows[stop] = wanted, driver, windows_of(wanted)
        eligible = self.eligible
        if may_serve(wanted, driver) != eligible[stop, vehicle]:
            eligible = eligible.copy()
            eligible[stop, vehicle] = not eligible[stop, vehicle]
        return replace(self, stops=tuple(stops), vehicles=tuple(vehicles), windows=tuple(windows), eligible=eligible)

    def part(self, vehicles: Sequence[int], stops: Sequence[int]) -> "Arrays":
        """Some vehicles and stops of days on which nothing is ``timed``, in this order; places and ``problem`` stay."""
        number = {stop: position for position, stop in enumerate(stops)}
        cell = np.ix_(stops, vehicles)
        return replace(
            self,
            stops=tuple(self.stops[stop] for stop in stops),
            vehicles=tuple(self.vehicles[v] for v in vehicles),
            grounds=tuple(self.grounds[v] for v in vehicles),
            points=tuple(self.points[v] for v in vehicles),
            price_class=tuple(self.price_class[v] for v in vehicles),
            starts=tuple(self.starts[v] for v in vehicles),
            ends=tuple(self.ends[v] for v in vehicles),
            place=tuple(self.place[stop] for stop in stops),
            services=tuple(tuple(self.services[v][stop] for stop in stops) for v in vehicles),
            setups=tuple(tuple(self.setups[v][stop] for stop in stops) for v in vehicles),
            windows=tuple(self.windows[stop] for stop in stops),
            eligible=self.eligible[cell],
            surcharges=self.surcharges[cell],
            frozen=tuple(tuple(number[stop] for stop in self.frozen[v]) for v in vehicles),
            frozen_at={number[stop]: at_s for stop, at_s in self.frozen_at.items() if stop in number},
        )

    def at_ease(self) -> "Arrays":
        """The same without breaks, and with one window a stop from its first opening to its last closing."""
        return replace(
            self,
            vehicles=tuple(replace(driver, breaks=()) for driver in self.vehicles),
            windows=tuple(((windows[0][0], windows[-1][1]),) for windows in self.windows),
        )

    def places(self, vehicle: int, order: Sequence[int]) -> list[int]:
        """Rows of the matrix along a route, start and end included."""
        return [self.starts[vehicle], *(self.place[stop] for stop in order), self.ends[vehicle]]

    def actions_s(self, vehicle: int, order: Sequence[int]) -> list[int]:
        """Service at each stop of a route, with the set-up where the vehicle comes from another place."""
        services, setups, n_frozen = self.services[vehicle], self.setups[vehicle], len(self.frozen[vehicle])
        actions, before = [], self.starts[vehicle]
        for position, stop in enumerate(order):
            here = self.place[stop]
            setup_s = setups[stop] if here != before and position >= n_frozen else 0
            actions.append(services[stop] + setup_s)
            before = here
        return actions

    def route_points(self, vehicle: int, order: Sequence[int]) -> int:
        """Everything a route costs that does not depend on when stops are served; 0 when empty."""
        if not order:
            return 0
        points, places, driver = self.points[vehicle], self.places(vehicle, order), self.vehicles[vehicle]
        total = int(points[places[:-1], places[1:]].sum()) + driver.cost_fixed
        total += sum(int(self.surcharges[stop, vehicle]) for stop in order)
        if driver.cost_per_service_hour:
            total += sum(
                service_points(action_s, driver.cost_per_service_hour) for action_s in self.actions_s(vehicle, order)
            )
        return total + self.order_points(order)

    def order_points(self, order: Sequence[int]) -> int:
        """What it costs that stops come after others than was promised."""
        if not self.timed:
            return 0
        total, before = 0, None
        for stop in order:
            promise, name = self.stops[stop].promise, self.stops[stop].id
            if promise is not None and promise.after != before:
                total += promise.cost_order
            before = name
        return total

    def route_travel_s(self, vehicle: int, order: Sequence[int]) -> int:
        """Driving time of a route, the way home included."""
        places = self.places(vehicle, order)
        return int(self.grounds[vehicle].duration_s[places[:-1], places[1:]].sum())


def service_points(action_s: int, cost_per_service_hour: int) -> int:
    """Price of service in points, rounded half up."""
    return (2 * action_s * cost_per_service_hour + 3600) // 7200


def static_price(arrays: Arrays, vehicle: int, order: Sequence[int]) -> Objective:
    """What one route costs apart from times, by component; its total is ``Arrays.route_points``."""
    driver, ground, places = arrays.vehicles[vehicle], arrays.grounds[vehicle], arrays.places(vehicle, order)
    legs = (places[:-1], places[1:])
    if ground.cost_points is None:
        travel = int(travel_points(ground.duration_s[legs], driver.cost_per_hour).sum())
    else:
        travel = int(ground.cost_points[legs].sum())
    moved = sum(_moved_vehicle(arrays.stops[stop], driver) for stop in order)
    return Objective(
        travel=travel,
        distance=int(distance_points(ground.distance_m[legs], driver.cost_per_km).sum()),
        service=sum(
            service_points(action_s, driver.cost_per_service_hour) for action_s in arrays.actions_s(vehicle, order)
        ),
        fixed=driver.cost_fixed,
        preference=sum(preference_points(arrays.stops[stop], driver) for stop in order),
        stability=moved + arrays.order_points(order),
    )


def preference_points(stop: Stop, vehicle: Vehicle) -> int:
    """What it costs that this vehicle is not the preferred one, or not as skilled as the stop would like."""
    named = stop.preferred_vehicles and vehicle.id not in stop.preferred_vehicles
    total = stop.preference_cost if named else 0
    if stop.skill_wishes:
        held = {level.skill: level.level for level in vehicle.skill_levels}
        total += sum(wish.cost_per_level * max(0, wish.level - held.get(wish.skill, 0)) for wish in stop.skill_wishes)
    return total


def _moved_vehicle(stop: Stop, vehicle: Vehicle) -> int:
    promise = stop.promise
    return promise.cost_vehicle if promise is not None and promise.vehicle != vehicle.id else 0


def arrays_of(problem: Problem) -> Arrays:
    """Lay a problem out; O(n²) in places, O(stops × vehicles) in eligibility."""
    vehicles, stops = problem.vehicles, problem.stops
    nowhere = problem.matrix.n_places
    is_open = any(v.start_place is None or v.end_place is None for v in vehicles)
    grounds = [_ground(matrix, is_open) for matrix in (problem.matrix, *problem.more_matrices)]
    prices: dict[tuple[int, int, int], int] = {}
    tables: list[np.ndarray] = []
    for v in vehicles:
        key = (v.matrix, v.cost_per_hour, v.cost_per_km)
        if key not in prices:
            prices[key] = len(tables)
            tables.append(_leg_points(grounds[v.matrix], v))
    price_class = tuple(prices[v.matrix, v.cost_per_hour, v.cost_per_km] for v in vehicles)
    stop_at = {stop.id: number for number, stop in enumerate(stops)}
    services, setups = tuple(s.service_s for s in stops), tuple(s.setup_s for s in stops)
    special = {case.vehicle for stop in stops for case in stop.service_for}
    shape = (len(stops), len(vehicles))
    return Arrays(
        problem=problem,
        stops=stops,
        vehicles=vehicles,
        grounds=tuple(grounds[v.matrix] for v in vehicles),
        points=tuple(tables[number] for number in price_class),
        price_class=price_class,
        starts=tuple(nowhere if v.start_place is None else v.start_place for v in vehicles),
        ends=tuple(nowhere if v.end_place is None else v.end_place for v in vehicles),
        place=tuple(stop.place for stop in stops),
        services=tuple(_own(stops, v, "service_s") if v.id in special else services for v in vehicles),
        setups=tuple(_own(stops, v, "setup_s") if v.id in special else setups for v in vehicles),
        windows=tuple(windows_of(stop) for stop in stops),
        eligible=_eligible(problem).reshape(shape),
        surcharges=_surcharges(problem).reshape(shape),
        frozen=tuple(tuple(stop_at[case.stop] for case in v.frozen) for v in vehicles),
        frozen_at={stop_at[case.stop]: case.starts_s for v in vehicles for case in v.frozen},
        ties=ties_of(problem),
        timed=is_timed(problem),
    )


def windows_of(stop: Stop) -> tuple[tuple[int, int], ...]:
    """When service may begin, as pairs; one all-embracing pair when the stop does not mind."""
    return tuple((w.opens_s, w.closes_s) for w in stop.windows) or ((-HORIZON_S, HORIZON_S),)


def _ground(matrix: Matrix, is_open: bool) -> Ground:
    def widened(values: np.ndarray) -> np.ndarray:
        return np.pad(values, ((0, 1), (0, 1))) if is_open else values

    duration_s = widened(matrix.duration_s)
    cost_points = None if matrix.cost_points is None else widened(matrix.cost_points)
    return Ground(duration_s, widened(matrix.distance_m), ListedRows(duration_s), cost_points)


def _leg_points(ground: Ground, vehicle: Vehicle) -> np.ndarray:
    if ground.cost_points is None:
        points = travel_points(ground.duration_s, vehicle.cost_per_hour)
    else:
        points = ground.cost_points.copy()
    points += distance_points(ground.distance_m, vehicle.cost_per_km)
    return points


def _own(stops: Sequence[Stop], vehicle: Vehicle, field: str) -> tuple[int, ...]:
    """Seconds by stop as this vehicle takes them."""
    return tuple(
        next((getattr(case, field) for case in stop.service_for if case.vehicle == vehicle.id), getattr(stop, field))
        for stop in stops
    )


def _eligible(problem: Problem) -> np.ndarray:
    """Bool array (n_stops, n_vehicles): who may come; stops with the same wishes are looked at once."""
    rows: dict[tuple[object, ...], list[bool]] = {}
    chosen = []
    for stop in problem.stops:
        wishes = (stop.skills, stop.required_vehicles, stop.excluded_vehicles)
        row = rows.get(wishes)
        if row is None:
            row = rows[wishes] = [may_serve(stop, vehicle) for vehicle in problem.vehicles]
        chosen.append(row)
    return np.array(chosen, dtype=bool)


def _surcharges(problem: Problem) -> np.ndarray:
    """Int64 array (n_stops, n_vehicles): preferences, levels that are missing, vehicles other than promised."""
    surcharges = np.zeros((len(problem.stops), len(problem.vehicles)), dtype=np.int64)
    for number, stop in enumerate(problem.stops):
        if stop.preferred_vehicles or stop.skill_wishes or stop.promise is not None:
            surcharges[number] = [
                preference_points(stop, vehicle) + _moved_vehicle(stop, vehicle) for vehicle in problem.vehicles
            ]
    return surcharges


def is_timed(problem: Problem) -> bool:
    """Whether a price, limit or tie depends on when, or after what, a stop is served."""
    return bool(
        problem.deliveries
        or problem.successions
        or problem.crews
        or any(
            s.late_cost_per_s
            or s.setup_s
            or (s.promise is not None and (s.promise.cost_time or s.promise.cost_order))
            or any(case.setup_s for case in s.service_for)
            for s in problem.stops
        )
        or any(v.overtime_cost_per_s or v.capacity or v.max_work_s is not None for v in problem.vehicles)
    )


def may_serve(stop: Stop, vehicle: Vehicle) -> bool:
    """Whether skills and named wishes let this vehicle come; says nothing of time."""
    return (
        stop.skills.met_by(vehicle.skills)
        and (not stop.required_vehicles or vehicle.id in stop.required_vehicles)
        and vehicle.id not in stop.excluded_vehicles
    )


@dataclass(frozen=True, slots=True)
class Pause:
    """A break as timetables need it: when it may begin so that those after it still fit into the shift."""

    windows: tuple[tuple[int, int], ...]
    duration_s: int


def breaks_of(vehicle: Vehicle) -> tuple[Pause, ...]:
    """The vehicle's breaks with their windows drawn in to what the end of the shift allows."""
    ends_s = vehicle.shift_ends_s
    drawn_in: list[Pause] = []
    for pause in reversed(vehicle.breaks):
        last_s = ends_s - pause.duration_s
        windows = tuple((opens_s, min(closes_s, last_s)) for opens_s, closes_s in pause.windows if opens_s <= last_s)
        drawn_in.append(Pause(windows, pause.duration_s))
        ends_s = windows[-1][1]
    return tuple(reversed(drawn_in))
