"""The whole problem stated to OR-Tools: what it is allowed to do, and what each choice costs.

Callbacks never run Python: every transit is a matrix or a vector that OR-Tools holds itself. A dimension or constraint
is stated only when the problem needs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.constraint_solver import pywrapcp

from routing.model.layout import Layout, layout_of
from routing.model.limits import state_limits
from routing.model.prices import state_prices
from routing.model.promises import state_promises
from routing.model.ties import state_ties
from routing.model.time import Clock, Given, state_time
from routing.types import Problem, Skills, Stop, Vehicle


@dataclass(frozen=True, slots=True)
class Model:
    """OR-Tools' own objects, and how a problem lies in them."""

    routing: pywrapcp.RoutingModel
    manager: pywrapcp.RoutingIndexManager
    layout: Layout
    clock: Clock

    def orders(self, assignment: pywrapcp.Assignment | None = None) -> list[list[int]]:
        """By vehicle, the stops served; of an assignment, or of the solution being looked at right now."""
        routing = self.routing
        orders = []
        for vehicle in range(len(self.layout.vehicles)):
            order, index = [], routing.Start(vehicle)
            while True:
                step = routing.NextVar(index)
                index = assignment.Value(step) if assignment else step.Value()
                if routing.IsEnd(index):
                    break
                order.append(int(index))
            orders.append(order)
        return orders

    def assignment(self, orders: Sequence[Sequence[int]]) -> pywrapcp.Assignment | None:
        """A plan as OR-Tools holds it, None when the model does not accept it; closes the model.

        ``orders`` are stops by vehicle, frozen ones included.
        """
        return self.routing.ReadAssignmentFromRoutes([list(order) for order in orders], True)


def build(problem: Problem) -> Model:
    """State a problem.

    OR-Tools' objective is the sum of all components of ``Objective``, in points. Time and memory grow with
    (stops + 2 × vehicles)² per distinct price of legs and stops, and per distinct matrix.
    """
    return build_part(layout_of(problem))


def build_part(layout: Layout, given: Given | None = None) -> Model:
    """State what is laid out, or what is left of it when actions and breaks are ``given``."""
    n_vehicles = len(layout.vehicles)
    starts = [layout.start(vehicle) for vehicle in range(n_vehicles)]
    manager = pywrapcp.RoutingIndexManager(layout.n_nodes, n_vehicles, starts, list(layout.ends()))
    routing = pywrapcp.RoutingModel(manager)
    state_prices(routing, layout)
    _state_choices(routing, layout, given)
    clock = state_time(routing, layout, given)
    state_limits(routing, layout)
    state_promises(routing, layout, clock)
    state_ties(routing, layout, clock)
    return Model(routing, manager, layout, clock)


def _state_choices(routing: pywrapcp.RoutingModel, layout: Layout, given: Given | None) -> None:
    """Who may come, and the price of nobody coming; what is frozen has been chosen, and given routes leave nothing out."""
    everyone = list(range(len(layout.vehicles)))
    allowed_for: dict[tuple[Skills, frozenset[str], frozenset[str]], list[int]] = {}
    for node, stop in enumerate(layout.stops):
        if node in layout.frozen_by:
            continue
        if given is None or node >= given.n_served:
            routing.AddDisjunction([node], stop.unserved_cost)
        wishes = (stop.skills, stop.required_vehicles, stop.excluded_vehicles)
        allowed = allowed_for.get(wishes)
        if allowed is None:
            allowed = [vehicle for vehicle in everyone if _may_serve(stop, layout.vehicles[vehicle])]
            allowed_for[wishes] = allowed
        if len(allowed) < len(everyone):
            # SetAllowedVehiclesForIndex raises from Python in OR-Tools 9.15.
            routing.VehicleVar(node).SetValues([-1, *allowed])
    for vehicle in everyone:
        before = layout.start(vehicle)
        for node in layout.frozen(vehicle):
            routing.NextVar(before).SetValue(node)
            routing.VehicleVar(node).SetValue(vehicle)
            before = node


def _may_serve(stop: Stop, vehicle: Vehicle) -> bool:
    """Whether skills and named wishes let this vehicle come; says nothing of time."""
    return (
        stop.skills.met_by(vehicle.skills)
        and (not stop.required_vehicles or vehicle.id in stop.required_vehicles)
        and vehicle.id not in stop.excluded_vehicles
    )
