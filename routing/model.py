"""The whole problem stated to OR-Tools: what it is allowed to do, and what each choice costs.

Nodes are the stops in order, then one start and one end per vehicle. Callbacks never run Python: every transit is a
matrix that OR-Tools holds itself.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.constraint_solver import pywrapcp

from routing.arrays import Arrays, breaks_of
from routing.types import UNREACHABLE, Vehicle

TOO_FAR_S = 10_000_000
"""Transit of a pair without a road, in seconds: longer than any shift, far from overflow."""


@dataclass(frozen=True, slots=True)
class Model:
    """OR-Tools' own objects, and how our positions map to theirs."""

    manager: pywrapcp.RoutingIndexManager
    routing: pywrapcp.RoutingModel
    arrays: Arrays

    def orders(self, assignment: pywrapcp.Assignment | None = None) -> list[list[int]]:
        """By vehicle, the stops served; of an assignment, or of the solution being looked at right now."""
        routing, n_stops = self.routing, len(self.arrays.stops)
        orders = []
        for vehicle in range(len(self.arrays.vehicles)):
            order, index = [], routing.Start(vehicle)
            while True:
                step = routing.NextVar(index)
                index = assignment.Value(step) if assignment else step.Value()
                if routing.IsEnd(index):
                    break
                order.append(self.manager.IndexToNode(index))
            orders.append([stop for stop in order if stop < n_stops])
        return orders

    def assignment(self, orders: Sequence[Sequence[int]]) -> pywrapcp.Assignment | None:
        """A plan as OR-Tools holds it, None when the model does not accept it; closes the model."""
        return self.routing.ReadAssignmentFromRoutes([list(order) for order in orders], True)


def build(arrays: Arrays) -> Model:
    """State the problem; time and memory grow with (stops + 2 × vehicles)² per distinct price of an hour and a km."""
    n_stops, n_vehicles = len(arrays.stops), len(arrays.vehicles)
    starts = list(range(n_stops, n_stops + n_vehicles))
    ends = list(range(n_stops + n_vehicles, n_stops + 2 * n_vehicles))
    manager = pywrapcp.RoutingIndexManager(n_stops + 2 * n_vehicles, n_vehicles, starts, ends)
    routing = pywrapcp.RoutingModel(manager)
    places = np.array(
        [*arrays.place, *(v.start_place for v in arrays.vehicles), *(v.end_place for v in arrays.vehicles)], dtype=int
    )
    drive_s = arrays.problem.matrix.duration_s[np.ix_(places, places)]
    drive_s = np.where(drive_s >= UNREACHABLE, TOO_FAR_S, drive_s)
    _state_prices(routing, arrays, places)
    _state_time(routing, arrays, drive_s)
    _state_limits(routing, arrays, drive_s)
    _state_choices(manager, routing, arrays)
    return Model(manager, routing, arrays)


def _state_prices(routing: pywrapcp.RoutingModel, arrays: Arrays, places: np.ndarray) -> None:
    """Legs per price class; a vehicle that some stop prefers gets a matrix of its own without that stop's surcharge."""
    n_stops = len(arrays.stops)
    wished_for = {name for stop in arrays.stops for name in stop.preferred_vehicles if stop.preference_cost}
    registered: dict[tuple[int, str], int] = {}
    for vehicle, driver in enumerate(arrays.vehicles):
        key = (arrays.points_class[vehicle], driver.id if driver.id in wished_for else "")
        if key not in registered:
            points = np.minimum(arrays.points[key[0]], UNREACHABLE)[np.ix_(places, places)].copy()
            surcharges = [arrays.preference_points(stop, vehicle) for stop in range(n_stops)]
            points[:n_stops] += np.array(surcharges, dtype=np.int64)[:, None]
            registered[key] = routing.RegisterTransitMatrix(points.tolist())
        routing.SetArcCostEvaluatorOfVehicle(registered[key], vehicle)
        routing.SetFixedCostOfVehicle(driver.cost_fixed, vehicle)


def _state_time(routing: pywrapcp.RoutingModel, arrays: Arrays, drive_s: np.ndarray) -> None:
    n_stops, n_nodes = len(arrays.stops), len(drive_s)
    service_s = np.zeros(n_nodes, dtype=np.int64)
    service_s[:n_stops] = arrays.service
    earliest_s = min([v.shift_starts_s for v in arrays.vehicles], default=0)
    horizon_s = max([v.shift_ends_s for v in arrays.vehicles], default=0)
    # OR-Tools wants times from 0: the clock starts with the first shift.
    transit = routing.RegisterTransitMatrix((drive_s + service_s[:, None]).tolist())
    routing.AddDimension(transit, horizon_s - earliest_s, horizon_s - earliest_s, False, "time")
    time = routing.GetDimensionOrDie("time")
    for stop in range(n_stops):
        cumul = time.CumulVar(stop)
        windows = [(o - earliest_s, c - earliest_s) for o, c in arrays.windows[stop]]
        windows = [
            (max(0, o), min(horizon_s - earliest_s, c)) for o, c in windows if c >= 0 and o <= horizon_s - earliest_s
        ]
        if not windows:
            routing.VehicleVar(stop).SetValue(-1) if arrays.vehicles else None
            continue
        cumul.SetRange(windows[0][0], windows[-1][1])
        for (_, closes_s), (opens_s, _) in itertools.pairwise(windows):
            cumul.RemoveInterval(closes_s + 1, opens_s - 1)
    service_by_index = [
        int(service_s[stop]) if stop < n_stops else 0 for stop in range(routing.Size() + len(arrays.vehicles))
    ]
    for vehicle, driver in enumerate(arrays.vehicles):
        begins_s, finishes_s = driver.shift_starts_s - earliest_s, driver.shift_ends_s - earliest_s
        for index in (routing.Start(vehicle), routing.End(vehicle)):
            time.CumulVar(index).SetRange(begins_s, finishes_s)
        if driver.breaks:
            time.SetBreakIntervalsOfVehicle(_break_intervals(routing, driver, earliest_s), vehicle, service_by_index)


def _break_intervals(routing: pywrapcp.RoutingModel, driver: Vehicle, earliest_s: int) -> list[pywrapcp.IntervalVar]:
    """Mandatory intervals, drawn in to the shift: optional ones would let a route skip its break."""
    solver = routing.solver()
    return [
        solver.FixedDurationIntervalVar(
            max(pause.earliest_s, driver.shift_starts_s) - earliest_s,
            pause.latest_s - earliest_s,
            pause.duration_s,
            False,
            f"break {number} of {driver.id}",
        )
        for number, pause in enumerate(breaks_of(driver))
    ]


def _state_limits(routing: pywrapcp.RoutingModel, arrays: Arrays, drive_s: np.ndarray) -> None:
    n_stops = len(arrays.stops)
    if any(v.max_stops is not None for v in arrays.vehicles):
        visit = routing.RegisterUnaryTransitVector([1] * n_stops + [0] * (len(drive_s) - n_stops))
        most = [n_stops if v.max_stops is None else v.max_stops for v in arrays.vehicles]
        routing.AddDimensionWithVehicleCapacity(visit, 0, most, True, "stops")
    if any(v.max_travel_s is not None for v in arrays.vehicles):
        drive = routing.RegisterTransitMatrix(drive_s.tolist())
        most = [TOO_FAR_S - 1 if v.max_travel_s is None else v.max_travel_s for v in arrays.vehicles]
        routing.AddDimensionWithVehicleCapacity(drive, 0, most, True, "travel")


def _state_choices(manager: pywrapcp.RoutingIndexManager, routing: pywrapcp.RoutingModel, arrays: Arrays) -> None:
    """Who may come, and the price of nobody coming."""
    for stop, wanted in enumerate(arrays.stops):
        index = manager.NodeToIndex(stop)
        routing.AddDisjunction([index], wanted.unserved_cost)
        if not arrays.eligible[stop].all():
            # SetAllowedVehiclesForIndex raises from Python in OR-Tools 9.15.
            allowed = [int(vehicle) for vehicle in np.flatnonzero(arrays.eligible[stop])]
            routing.VehicleVar(index).SetValues([-1, *allowed])
