"""What ties stops together: deliveries, successions and crews.

OR-Tools knows deliveries itself. The other ties are constraints on times and activity that its local search meets only
when it completes a neighbour: it keeps to them, but finds little that needs two changes at once.
"""

from ortools.constraint_solver import pywrapcp

from routing.model.layout import Layout
from routing.model.time import Clock, by_vehicle
from routing.types import Crew, Delivery, Succession


def state_ties(routing: pywrapcp.RoutingModel, layout: Layout, clock: Clock) -> None:
    """State every tie of the problem."""
    for delivery in layout.deliveries:
        _state_delivery(routing, layout, delivery)
    for succession in layout.successions:
        _state_succession(routing, layout, clock, succession)
    for crew in layout.crews:
        _state_crew(routing, layout, clock, crew)


def _state_delivery(routing: pywrapcp.RoutingModel, layout: Layout, link: Delivery) -> None:
    """One vehicle and in order, or neither; what was picked up in the past may stay in the van."""
    pickup, delivery = layout.position[link.pickup], layout.position[link.delivery]
    solver, vehicle = routing.solver(), layout.frozen_by.get(pickup)
    if vehicle is None:
        routing.AddPickupAndDelivery(pickup, delivery)
        solver.Add(routing.VehicleVar(pickup) == routing.VehicleVar(delivery))
        return
    order = layout.frozen(vehicle)
    if delivery not in layout.frozen_by:
        solver.Add(solver.MemberCt(routing.VehicleVar(delivery), [-1, vehicle]))
    elif delivery not in order or order.index(delivery) < order.index(pickup):
        solver.Add(solver.FalseConstraint())


def _state_succession(routing: pywrapcp.RoutingModel, layout: Layout, clock: Clock, link: Succession) -> None:
    """``then`` only with ``first``, and the gap between them, unless ``then`` is history."""
    first, then = layout.position[link.first], layout.position[link.then]
    if then in layout.frozen_by:
        return
    solver = routing.solver()
    solver.Add(routing.ActiveVar(then) <= routing.ActiveVar(first))
    busy_s = by_vehicle(routing, first, [int(busy_s[first]) for busy_s in clock.busy_s])
    gap_s = clock.starts.CumulVar(then) - clock.ready.CumulVar(first) - busy_s
    longest_s = clock.horizon_s + max((int(busy_s[first]) for busy_s in clock.busy_s), default=0)
    absent = 1 - routing.ActiveVar(then)
    solver.Add(gap_s + absent * (longest_s + link.least_s) >= link.least_s)
    if link.most_s is not None and link.most_s < clock.horizon_s:
        solver.Add(gap_s - absent * clock.horizon_s <= link.most_s)


def _state_crew(routing: pywrapcp.RoutingModel, layout: Layout, clock: Clock, crew: Crew) -> None:
    """All at one moment by different vehicles, or none."""
    nodes = [layout.position[name] for name in crew.stops]
    if nodes[0] in layout.frozen_by:
        return
    solver, first = routing.solver(), nodes[0]
    for node in nodes[1:]:
        solver.Add(routing.ActiveVar(node) == routing.ActiveVar(first))
        apart_s = clock.starts.CumulVar(node) - clock.starts.CumulVar(first)
        absent = 1 - routing.ActiveVar(first)
        solver.Add(apart_s - absent * clock.horizon_s <= 0)
        solver.Add(apart_s + absent * clock.horizon_s >= 0)
    solver.Add(solver.AllDifferentExcept([routing.VehicleVar(node) for node in nodes], -1))
