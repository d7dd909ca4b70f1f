"""OR-Tools as its routing guide teaches it: Python callbacks, cheapest arc first, guided local search.

States what most people would: travel, windows, service, shifts, breaks, loads, pairs, who may come, and a price for
leaving a stop out. The tuned way is ``routing.model`` under ``own``.

Source: the vehicle routing guide of OR-Tools (time windows, capacity, pickups and deliveries, penalties).
"""

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.stating import eligible_of, leg_points
from routing.types import UNREACHABLE, Problem

HORIZON_S = 10 * 86_400 * 1000
"""Later than anything in a problem, instances in thousandths included."""


def tutorial_orders(problem: Problem, limit_s: float) -> list[list[int]] | None:
    """Orders of stop positions by vehicle; None when it found no solution in time."""
    model = _Model(problem)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, round(1000 * limit_s)))
    assignment = model.routing.SolveWithParameters(parameters)
    return None if assignment is None else model.orders(assignment)


class _Model:
    """Nodes: the stops, then a start and an end of each vehicle; starts and ends without a place cost nothing."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        n_stops, n_vehicles = len(problem.stops), len(problem.vehicles)
        starts = [n_stops + v for v in range(n_vehicles)]
        ends = [n_stops + n_vehicles + v for v in range(n_vehicles)]
        self.places: list[int | None] = [stop.place for stop in problem.stops]
        self.places += [vehicle.start_place for vehicle in problem.vehicles]
        self.places += [vehicle.end_place for vehicle in problem.vehicles]
        self.manager = pywrapcp.RoutingIndexManager(n_stops + 2 * n_vehicles, n_vehicles, starts, ends)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.eligible = eligible_of(problem)
        for v in range(n_vehicles):
            self.routing.SetArcCostEvaluatorOfVehicle(self._price(v), v)
            self.routing.SetFixedCostOfVehicle(problem.vehicles[v].cost_fixed, v)
        self._state_choices()
        self._state_times()
        self._state_loads()
        self._state_limits()
        self._state_pairs()

    def orders(self, assignment: pywrapcp.Assignment) -> list[list[int]]:
        """By vehicle, the stops served."""
        orders = []
        for v in range(len(self.problem.vehicles)):
            order, index = [], assignment.Value(self.routing.NextVar(self.routing.Start(v)))
            while not self.routing.IsEnd(index):
                order.append(int(self.manager.IndexToNode(index)))
                index = assignment.Value(self.routing.NextVar(index))
            orders.append(order)
        return orders

    def _state_choices(self) -> None:
        for s, stop in enumerate(self.problem.stops):
            index = self.manager.NodeToIndex(s)
            self.routing.AddDisjunction([index], stop.unserved_cost)
            allowed = [v for v in range(len(self.problem.vehicles)) if self.eligible[s, v]]
            if len(allowed) < len(self.problem.vehicles):
                self.routing.VehicleVar(index).SetValues([-1, *allowed])

    def _state_times(self) -> None:
        routing, n_stops = self.routing, len(self.problem.stops)
        transits = [self._time(v) for v in range(len(self.problem.vehicles))]
        routing.AddDimensionWithVehicleTransits(transits, HORIZON_S, HORIZON_S, False, "time")
        time = routing.GetDimensionOrDie("time")
        for s, stop in enumerate(self.problem.stops):
            cumul = time.CumulVar(self.manager.NodeToIndex(s))
            if stop.windows:
                cumul.SetRange(max(0, stop.windows[0].opens_s), stop.windows[-1].closes_s)
            for before, after in zip(stop.windows, stop.windows[1:], strict=False):
                cumul.RemoveInterval(before.closes_s + 1, after.opens_s - 1)
        services = [stop.service_s for stop in self.problem.stops]
        visits = [services[node] if node < n_stops else 0 for node in range(len(self.places))]
        by_index = [visits[self.manager.IndexToNode(index)] for index in range(routing.Size())]
        for v, vehicle in enumerate(self.problem.vehicles):
            for index in (routing.Start(v), routing.End(v)):
                time.CumulVar(index).SetRange(max(0, vehicle.shift_starts_s), vehicle.shift_ends_s)
            if vehicle.max_work_s is not None:
                time.SetSpanUpperBoundForVehicle(vehicle.max_work_s, v)
            pauses = [
                routing.solver().FixedDurationIntervalVar(
                    max(pause.earliest_s, vehicle.shift_starts_s),
                    min(pause.latest_s, vehicle.shift_ends_s - pause.duration_s),
                    pause.duration_s,
                    False,
                    f"break {b} of {v}",
                )
                for b, pause in enumerate(vehicle.breaks)
            ]
            if pauses:
                time.SetBreakIntervalsOfVehicle(pauses, v, by_index)

    def _state_loads(self) -> None:
        for d in range(max([0, *(len(vehicle.capacity) for vehicle in self.problem.vehicles)])):
            fetched = {link.delivery: link.pickup for link in self.problem.deliveries}
            taken = {stop.id: stop.collects[d] if stop.collects else 0 for stop in self.problem.stops}
            amounts = [
                taken[stop.id] - (stop.delivers[d] if stop.delivers else 0) - taken.get(fetched.get(stop.id, ""), 0)
                for stop in self.problem.stops
            ]
            most = [v.capacity[d] if v.capacity else HORIZON_S for v in self.problem.vehicles]
            # What is delivered from the depot is on board at the start: the load may begin anywhere below the most.
            load = self.routing.RegisterUnaryTransitCallback(self._of_node(amounts))
            name = f"load {d}"
            self.routing.AddDimensionWithVehicleCapacity(load, 0, most, False, name)
            if all(not stop.delivers for stop in self.problem.stops):
                for v in range(len(self.problem.vehicles)):
                    self.routing.GetDimensionOrDie(name).CumulVar(self.routing.Start(v)).SetValue(0)

    def _state_limits(self) -> None:
        vehicles = self.problem.vehicles
        if any(vehicle.max_stops is not None for vehicle in vehicles):
            one = self.routing.RegisterUnaryTransitCallback(self._of_node([1] * len(self.problem.stops)))
            allowed = [HORIZON_S if v.max_stops is None else v.max_stops for v in vehicles]
            self.routing.AddDimensionWithVehicleCapacity(one, 0, allowed, True, "stops")
        for name, limit, part in (("travel", "max_travel_s", "duration_s"), ("metres", "max_distance_m", "distance_m")):
            most: list[int | None] = [getattr(vehicle, limit) for vehicle in vehicles]
            if any(value is not None for value in most):
                legs = [self._leg(getattr(self.problem.matrix_of(v), part).tolist()) for v in vehicles]
                transits = [self.routing.RegisterTransitCallback(leg) for leg in legs]
                bounds = [HORIZON_S if value is None else value for value in most]
                self.routing.AddDimensionWithVehicleTransitAndCapacity(transits, 0, bounds, True, name)

    def _state_pairs(self) -> None:
        at = {stop.id: number for number, stop in enumerate(self.problem.stops)}
        solver = self.routing.solver()
        time = self.routing.GetDimensionOrDie("time")
        for link in self.problem.deliveries:
            pickup, delivery = (self.manager.NodeToIndex(at[name]) for name in (link.pickup, link.delivery))
            self.routing.AddPickupAndDelivery(pickup, delivery)
            solver.Add(self.routing.VehicleVar(pickup) == self.routing.VehicleVar(delivery))
            solver.Add(time.CumulVar(pickup) <= time.CumulVar(delivery))

    def _leg(self, values: list[list[int]]):  # type: ignore[no-untyped-def] # noqa: ANN202 - as in the guide
        places, manager = self.places, self.manager

        def callback(from_index: int, to_index: int) -> int:
            a, b = places[manager.IndexToNode(from_index)], places[manager.IndexToNode(to_index)]
            return 0 if a is None or b is None else min(values[a][b], UNREACHABLE)

        return callback

    def _price(self, vehicle: int) -> int:
        driver, leg = self.problem.vehicles[vehicle], self._leg(leg_points(self.problem, vehicle).tolist())
        extra = [
            stop.preference_cost if stop.preferred_vehicles and driver.id not in stop.preferred_vehicles else 0
            for stop in self.problem.stops
        ]
        manager = self.manager

        def callback(from_index: int, to_index: int) -> int:
            node = manager.IndexToNode(to_index)
            return int(leg(from_index, to_index)) + (extra[node] if node < len(extra) else 0)

        return int(self.routing.RegisterTransitCallback(callback))

    def _time(self, vehicle: int) -> int:
        leg = self._leg(self.problem.matrix_of(self.problem.vehicles[vehicle]).duration_s.tolist())
        services = [stop.service_s for stop in self.problem.stops]
        manager = self.manager

        def callback(from_index: int, to_index: int) -> int:
            node = manager.IndexToNode(from_index)
            return int(leg(from_index, to_index)) + (services[node] if node < len(services) else 0)

        return int(self.routing.RegisterTransitCallback(callback))

    def _of_node(self, values: list[int]):  # type: ignore[no-untyped-def] # noqa: ANN202 - as in the guide
        manager = self.manager

        def callback(from_index: int) -> int:
            node = manager.IndexToNode(from_index)
            return values[node] if node < len(values) else 0

        return callback
