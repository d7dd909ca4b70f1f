"""What each leg costs: driving, distance, and everything that depends on who comes to a stop from where."""

import numpy as np
from ortools.constraint_solver import pywrapcp

from routing.model.layout import Layout, classes
from routing.types import UNREACHABLE, Stop, Vehicle

_START, _NOBODY = -1, -2
"""What comes before a stop when no stop does: the beginning of a route, or something outside this part."""


def half_up(amounts: np.ndarray, per: int) -> np.ndarray:
    """Integers divided, each rounded half up."""
    rounded: np.ndarray = (2 * amounts + per) // (2 * per)
    return rounded


def state_prices(routing: pywrapcp.RoutingModel, layout: Layout) -> None:
    """Give every vehicle the price of each leg, and the price of being used.

    Vehicles that pay the same share one matrix.
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
            charged = points
            if choosy:
                surcharge = np.zeros(layout.n_nodes, dtype=np.int64)
                surcharge[choosy] = surcharges[paying[alike[0]]]
                charged = points + surcharge[layout.target]
            matrix = layout.register(routing, charged)
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
    """Price of each leg for a vehicle, with the service that it leads to: int array, by leg."""
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
        points += _service_points(layout, vehicle)
    told = [stop for stop, of in enumerate(layout.stops) if of.promise is not None and of.promise.cost_order]
    return points + _order_points(layout, told) if told else points


def _cap_missing_roads(layout: Layout, duration_s: np.ndarray, points: np.ndarray) -> None:
    """Keep the price of a leg without a road far from overflow, unless the leg is history and counts."""
    missing = duration_s >= UNREACHABLE
    if missing.any():
        missing &= ~layout.history()
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
    at_target_s, setup_at_target_s = (layout.by_node(of_stops)[layout.target] for of_stops in (service_s, setup_s))
    return half_up((at_target_s + setup_at_target_s * layout.from_elsewhere()) * price, 3600)


def _order_points(layout: Layout, told: list[int]) -> np.ndarray:
    """Price of each leg that leads to one of these stops from another node than was promised."""
    price, before = np.zeros(layout.n_nodes, dtype=np.int64), np.full(layout.n_nodes, _NOBODY)
    for stop in told:
        promise = layout.stops[stop].promise
        if promise is not None:
            price[stop] = promise.cost_order
            before[stop] = _START if promise.after is None else layout.position.get(promise.after, _NOBODY)
    starts = (layout.origin >= layout.start(0)) & (layout.origin < layout.end(0))
    from_node = np.where(starts, _START, layout.origin)
    points: np.ndarray = np.where(before[layout.target] == from_node, 0, price[layout.target])
    return points
