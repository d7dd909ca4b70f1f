"""One route as the judge reads it: which legs it takes, how long each visit lasts, and what of it is history."""

from dataclasses import dataclass

from routing.types import Matrix, Plan, Problem, Route, Stop, Vehicle


@dataclass(frozen=True, slots=True)
class Reading:
    """A route beside what the problem says of its vehicle and its stops.

    Parameters
    ----------
    stops : the stops visited, in order
    legs : (from, to) rows of the matrix, one per visit and the last one home; None where there is no leg
    drives : seconds and metres of each leg by the vehicle's matrix; nothing at an open start or end
    actions_s : set-up and service of each visit
    frozen : whether a visit is to one of the vehicle's frozen stops
    """

    vehicle: Vehicle
    route: Route
    matrix: Matrix
    stops: tuple[Stop, ...]
    legs: tuple[tuple[int, int] | None, ...]
    drives: tuple[tuple[int, int], ...]
    actions_s: tuple[int, ...]
    frozen: tuple[bool, ...]

    def rested_s(self, from_s: int, to_s: int) -> int:
        """Seconds of the stated breaks that fall between two moments."""
        return sum(max(0, min(to_s, pause.ends_s) - max(from_s, pause.starts_s)) for pause in self.route.breaks)


def readings(problem: Problem, plan: Plan) -> list[Reading]:
    """Every route of a plan that speaks of known stops and a known vehicle, in the plan's order."""
    stops = {stop.id: stop for stop in problem.stops}
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    return [
        _read(problem, vehicles[route.vehicle_id], route, tuple(stops[visit.stop_id] for visit in route.visits))
        for route in plan.routes
        if route.vehicle_id in vehicles and all(visit.stop_id in stops for visit in route.visits)
    ]


def action_s(stop: Stop, vehicle: Vehicle, *, set_up: bool) -> int:
    """What a vehicle takes at a stop, with or without the set-up."""
    for special in stop.service_for:
        if special.vehicle == vehicle.id:
            return special.service_s + (special.setup_s if set_up else 0)
    return stop.service_s + (stop.setup_s if set_up else 0)


def _read(problem: Problem, vehicle: Vehicle, route: Route, stops: tuple[Stop, ...]) -> Reading:
    history = {case.stop for case in vehicle.frozen}
    frozen = tuple(stop.id in history for stop in stops)
    legs: list[tuple[int, int] | None] = []
    actions_s = []
    before = vehicle.start_place
    for stop, is_history in zip(stops, frozen, strict=True):
        legs.append(None if before is None else (before, stop.place))
        actions_s.append(action_s(stop, vehicle, set_up=not is_history and stop.place != before))
        before = stop.place
    if stops:
        home = vehicle.end_place
        legs.append(None if home is None else (stops[-1].place, home))
    matrix = problem.matrix_of(vehicle)
    drives = tuple(
        (0, 0) if leg is None else (int(matrix.duration_s[leg]), int(matrix.distance_m[leg])) for leg in legs
    )
    return Reading(vehicle, route, matrix, stops, tuple(legs), drives, tuple(actions_s), frozen)
