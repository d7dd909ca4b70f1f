"""What each leg costs: driving, distance, and everything that depends on who comes to a stop from where."""

import numpy as np
from ortools.constraint_solver import pywrapcp

from routing.model.layout import Layout, classes
from routing.types import UNREACHABLE, Stop, Vehicle


def half_up(amounts: np.ndarray, per: int) -> np.ndarray:
    """Integers divided, each rounded half up."""
    rounded: np.ndarray = (2 * amounts + per) // (2 * per)
    return rounded


def state_prices(routing: pywrapcp.RoutingModel, layout: Layout) -> None:
    """Give every vehicle the price of each leg, and the price of being used.

    Vehicles that pay the same share one matrix; it takes (stops + 2 × vehicles)² numbers.
    """
    choosy = [node for node, stop in enumerate(layout.stops) if _is_choosy(stop)]
    surcharges = [tuple(stop_points(layout.stops[node], vehicle) for node in choosy) for vehicle in layout.vehicles]
    keys = [
        (driver.matrix, driver.cost_per_hour, driver.cost_per_km, *_service_class(layout, driver))
        for driver in layout.vehicles
    ]
    for paying in classes(keys).values():
        points = leg_points(layout, paying[0])
        for alike in classes([surcharges[vehicle] for vehicle in paying]).values():
            charged = points.copy() if choosy else points
            charged[:, choosy] += np.array(surcharges[paying[alike[0]]], dtype=np.int64)
            matrix = routing.RegisterTransitMatrix(charged.tolist())
            for number in alike:
                routing.SetArcCostEvaluatorOfVehicle(matrix, paying[number])
    for vehicle, driver in enumerate(layout.vehicles):
        # Being back before the shift begins is impossible: overtime from before then is a price of being used.
        before_s = 0 if driver.overtime_from_s is None else max(0, driver.shift_starts_s - driver.overtime_from_s)
        routing.SetFixedCostOfVehicle(driver.cost_fixed + before_s * driver.overtime_cost_per_s, vehicle)


def _is_choosy(stop: Stop) -> bool:
    """Whether it may matter to the price of a stop who comes."""
    return bool(stop.preferred_vehicles or stop.skill_wishes or stop.promise is not None)


def stop_points(stop: Stop, vehicle: Vehicle) -> int:
    """What it costs that this vehicle serves a stop, wherever it comes from: preference, wishes, promised vehicle."""
    points = 0
    if stop.preferred_vehicles and vehicle.id not in stop.preferred_vehicles:
        points += stop.preference_cost
    for wish in stop.skill_wishes:
        held = next((level.level for level in vehicle.skill_levels if level.skill == wish.skill), 0)
        points += wish.cost_per_level * max(0, wish.level - held)
    if stop.promise is not None and stop.promise.vehicle != vehicle.id:
        points += stop.promise.cost_vehicle
    return points


def leg_points(layout: Layout, vehicle: int) -> np.ndarray:
    """Price of each leg for a vehicle, with the service that it leads to: int array (n_nodes, n_nodes)."""
    driver = layout.vehicles[vehicle]
    matrix = layout.problem.matrix_of(driver)
    duration_s = layout.by_leg(matrix.duration_s)
    if matrix.cost_points is not None:
        points = layout.by_leg(matrix.cost_points)
    else:
        points = half_up(duration_s * driver.cost_per_hour, 3600)
    if driver.cost_per_km:
        points += half_up(layout.by_leg(matrix.distance_m) * driver.cost_per_km, 1000)
    _cap_missing_roads(layout, duration_s, points)
    if driver.cost_per_service_hour:
        points[:, : layout.n_stops] += _service_points(layout, vehicle)
    for stop, promised in enumerate(layout.stops):
        if promised.promise is not None and promised.promise.cost_order:
            points[:, stop] += promised.promise.cost_order
            kept = _nodes_before(layout, promised.promise.after)
            points[kept, stop] -= promised.promise.cost_order
    return points


def _cap_missing_roads(layout: Layout, duration_s: np.ndarray, points: np.ndarray) -> None:
    """Keep the price of a leg without a road far from overflow, unless the leg is history and counts."""
    missing = duration_s >= UNREACHABLE
    if missing.any():
        for a, b in layout.frozen_legs():
            missing[a, b] = False
        points[missing] = np.minimum(points[missing], UNREACHABLE)


def _service_class(layout: Layout, vehicle: Vehicle) -> tuple[int, str]:
    """Vehicles of one class pay the same for the service of every stop."""
    if not vehicle.cost_per_service_hour:
        return 0, ""
    return vehicle.cost_per_service_hour, vehicle.id if vehicle.id in layout.special else ""


def _service_points(layout: Layout, vehicle: int) -> np.ndarray:
    """Price of the service at the end of a leg, with set-up when the leg comes from another place."""
    price = layout.vehicles[vehicle].cost_per_service_hour
    service_s, setup_s = layout.times_s(vehicle)
    return half_up((service_s + setup_s * layout.from_elsewhere()) * price, 3600)


def _nodes_before(layout: Layout, after: str | None) -> list[int]:
    """Nodes from which a leg keeps a promised order."""
    if after is None:
        return [layout.start(vehicle) for vehicle in range(len(layout.vehicles))]
    return [layout.position[after]] if after in layout.position else []
