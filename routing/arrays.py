"""A problem laid out for computing: positions instead of ids, plain lists for scalar loops, numpy for scans."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.types import Break, Objective, Problem, Stop, Vehicle


def travel_points(duration_s: np.ndarray, cost_per_hour: int) -> np.ndarray:
    """Price of driving times in points, each rounded half up."""
    points: np.ndarray = (2 * duration_s * cost_per_hour + 3600) // 7200
    return points


def distance_points(distance_m: np.ndarray, cost_per_km: int) -> np.ndarray:
    """Price of distances in points, each rounded half up."""
    points: np.ndarray = (2 * distance_m * cost_per_km + 1000) // 2000
    return points


def leg_points(duration_s: np.ndarray, distance_m: np.ndarray, cost_per_hour: int, cost_per_km: int) -> np.ndarray:
    """Price of each leg in points, both components together: int64 array of the shape of the two given."""
    points = travel_points(duration_s, cost_per_hour)
    points += distance_points(distance_m, cost_per_km)
    return points


@dataclass(frozen=True, slots=True)
class Arrays:
    """What insertion, search and explanation look up again and again.

    Parameters
    ----------
    duration : duration_s as nested lists, by place
    points : int64 arrays (n, n), one per distinct pair of cost_per_hour and cost_per_km
    points_class : which of ``points`` a vehicle pays
    place, service : by stop
    windows : by stop, (opens_s, closes_s) pairs; one all-embracing pair when the stop has none
    eligible : bool array (n_stops, n_vehicles), skills and required or excluded vehicles
    """

    problem: Problem
    duration: list[list[int]]
    points: tuple[np.ndarray, ...]
    points_class: tuple[int, ...]
    place: tuple[int, ...]
    service: tuple[int, ...]
    windows: tuple[tuple[tuple[int, int], ...], ...]
    eligible: np.ndarray

    @property
    def stops(self) -> tuple[Stop, ...]:
        """The problem's stops, by position."""
        return self.problem.stops

    @property
    def vehicles(self) -> tuple[Vehicle, ...]:
        """The problem's vehicles, by position."""
        return self.problem.vehicles

    def preference_points(self, stop: int, vehicle: int) -> int:
        """What it costs that this vehicle is not the preferred one."""
        wanted = self.stops[stop]
        if not wanted.preferred_vehicles or self.vehicles[vehicle].id in wanted.preferred_vehicles:
            return 0
        return wanted.preference_cost

    def places(self, vehicle: int, order: Sequence[int]) -> list[int]:
        """Rows of the matrix along a route, start and end included."""
        driver = self.vehicles[vehicle]
        return [driver.start_place, *(self.place[stop] for stop in order), driver.end_place]

    def route_points(self, vehicle: int, order: Sequence[int]) -> int:
        """Everything a route costs: legs, fixed price and preferences; 0 when empty."""
        if not order:
            return 0
        points, places = self.points[self.points_class[vehicle]], self.places(vehicle, order)
        legs = int(points[places[:-1], places[1:]].sum())
        return legs + self.vehicles[vehicle].cost_fixed + sum(self.preference_points(stop, vehicle) for stop in order)

    def route_travel_s(self, vehicle: int, order: Sequence[int]) -> int:
        """Driving time of a route, the way home included."""
        return sum(self.duration[a][b] for a, b in itertools.pairwise(self.places(vehicle, order)))


def route_price(arrays: Arrays, vehicle: int, order: Sequence[int]) -> Objective:
    """What one route costs, by component; its total is ``Arrays.route_points``."""
    driver, matrix, places = arrays.vehicles[vehicle], arrays.problem.matrix, arrays.places(vehicle, order)
    legs = (places[:-1], places[1:])
    return Objective(
        travel=int(travel_points(matrix.duration_s[legs], driver.cost_per_hour).sum()),
        distance=int(distance_points(matrix.distance_m[legs], driver.cost_per_km).sum()),
        fixed=driver.cost_fixed,
        preference=sum(arrays.preference_points(stop, vehicle) for stop in order),
    )


HORIZON_S = 30 * 86_400
"""End of time for a stop without windows: longer than any plan of one day."""


def arrays_of(problem: Problem) -> Arrays:
    """Lay a problem out; O(n²) in places, O(stops × vehicles) in eligibility."""
    prices = sorted({(v.cost_per_hour, v.cost_per_km) for v in problem.vehicles})
    matrix = problem.matrix
    return Arrays(
        problem=problem,
        duration=matrix.duration_s.tolist(),
        points=tuple(leg_points(matrix.duration_s, matrix.distance_m, *price) for price in prices),
        points_class=tuple(prices.index((v.cost_per_hour, v.cost_per_km)) for v in problem.vehicles),
        place=tuple(stop.place for stop in problem.stops),
        service=tuple(stop.service_s for stop in problem.stops),
        windows=tuple(
            tuple((w.opens_s, w.closes_s) for w in stop.windows) or ((-HORIZON_S, HORIZON_S),) for stop in problem.stops
        ),
        eligible=np.array(
            [[may_serve(stop, vehicle) for vehicle in problem.vehicles] for stop in problem.stops], dtype=bool
        ).reshape(len(problem.stops), len(problem.vehicles)),
    )


def may_serve(stop: Stop, vehicle: Vehicle) -> bool:
    """Whether skills and named wishes let this vehicle come; says nothing of time."""
    return (
        stop.skills.met_by(vehicle.skills)
        and (not stop.required_vehicles or vehicle.id in stop.required_vehicles)
        and vehicle.id not in stop.excluded_vehicles
    )


def breaks_of(vehicle: Vehicle) -> tuple[Break, ...]:
    """The vehicle's breaks with their latest start drawn in to what the end of the shift allows."""
    latest_s = vehicle.shift_ends_s
    drawn_in: list[Break] = []
    for pause in reversed(vehicle.breaks):
        latest_s = min(pause.latest_s, latest_s - pause.duration_s)
        drawn_in.append(Break(pause.earliest_s, latest_s, pause.duration_s))
    return tuple(reversed(drawn_in))
