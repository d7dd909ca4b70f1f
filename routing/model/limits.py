"""How much a route may hold: stops, driving, distance, and what is in the van."""

import numpy as np
from ortools.constraint_solver import pywrapcp

from routing.model.layout import Layout, classes
from routing.types import UNREACHABLE, Vehicle


def state_limits(routing: pywrapcp.RoutingModel, layout: Layout) -> None:
    """State every limit that some vehicle has."""
    vehicles = layout.vehicles
    if any(vehicle.max_stops is not None for vehicle in vehicles):
        visit = routing.RegisterUnaryTransitVector([1] * layout.n_stops + [0] * (layout.n_nodes - layout.n_stops))
        most = [layout.n_stops if vehicle.max_stops is None else vehicle.max_stops for vehicle in vehicles]
        routing.AddDimensionWithVehicleCapacity(visit, 0, most, True, "stops")
    _state_route_sum(routing, layout, "duration_s", [vehicle.max_travel_s for vehicle in vehicles])
    _state_route_sum(routing, layout, "distance_m", [vehicle.max_distance_m for vehicle in vehicles])
    n_amounts = max((len(vehicle.capacity) for vehicle in vehicles), default=0)
    for number in range(n_amounts):
        _state_load(routing, layout, number)


def _state_route_sum(routing: pywrapcp.RoutingModel, layout: Layout, part: str, limits: list[int | None]) -> None:
    """Limit the sum over a route of one part of the vehicle's matrix."""
    if all(limit is None for limit in limits):
        return
    evaluators = [0] * len(limits)
    for alike in classes([vehicle.matrix for vehicle in layout.vehicles]).values():
        values = getattr(layout.problem.matrix_of(layout.vehicles[alike[0]]), part)
        matrix = layout.register(routing, layout.by_leg(values))
        for vehicle in alike:
            evaluators[vehicle] = matrix
    boundless = UNREACHABLE * layout.n_nodes
    most = [boundless if limit is None else min(limit, boundless) for limit in limits]
    routing.AddDimensionWithVehicleTransitAndCapacity(evaluators, 0, most, True, part)


def _state_load(routing: pywrapcp.RoutingModel, layout: Layout, number: int) -> None:
    """Limit one amount in the van, at the start and after each visit.

    With nothing to collect, or nothing to deliver, the load grows along the route or falls along it, and its greatest
    value is a sum. With both, the start holds all that the route delivers: a second dimension adds that up.
    """
    delivers, collects = (_amounts(layout, kind, number) for kind in ("delivers", "collects"))
    change = collects.copy()
    for link in layout.deliveries:
        change[layout.position[link.delivery]] -= collects[layout.position[link.pickup]]
    if not delivers.any() and not collects.any():
        return
    total = int(delivers.sum() + collects.sum())
    most = [_capacity(vehicle, number, total) for vehicle in layout.vehicles]
    others = [0] * (layout.n_nodes - layout.n_stops)
    if not delivers.any() or not collects.any():
        evaluator = routing.RegisterUnaryTransitVector([*(delivers + change).tolist(), *others])
        routing.AddDimensionWithVehicleCapacity(evaluator, 0, most, True, f"load {number}")
        return
    left = routing.RegisterUnaryTransitVector([*delivers.tolist(), *others])
    routing.AddDimensionWithVehicleCapacity(left, 0, most, True, f"delivered {number}")
    evaluator = routing.RegisterUnaryTransitVector([*(change - delivers).tolist(), *others])
    routing.AddDimensionWithVehicleCapacity(evaluator, 0, most, False, f"load {number}")
    load, delivered = (routing.GetDimensionOrDie(f"{kind} {number}") for kind in ("load", "delivered"))
    for vehicle in range(len(layout.vehicles)):
        at_start = load.CumulVar(routing.Start(vehicle))
        routing.solver().Add(at_start == delivered.CumulVar(routing.End(vehicle)))


def _amounts(layout: Layout, kind: str, number: int) -> np.ndarray:
    """One amount of every stop: int array (n_stops,)."""
    amounts = [getattr(stop, kind) for stop in layout.stops]
    return np.array([amount[number] if amount else 0 for amount in amounts], dtype=np.int64)


def _capacity(vehicle: Vehicle, number: int, total: int) -> int:
    """What fits in, or everything that there is where nothing limits it."""
    return min(vehicle.capacity[number], total) if vehicle.capacity else total
