"""Between orders of stop positions, which searches move about, and plans with times and prices."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from routing.arrays import Arrays
from routing.errors import SolveFailed
from routing.evaluation import Driven, driven_orders
from routing.limits import fits
from routing.timetable import route_of, route_price
from routing.types import Objective, Plan, Problem


def plan_of(arrays: Arrays, orders: Sequence[Sequence[int]], known: Mapping[int, Driven] | None = None) -> Plan:
    """Orders as a plan: a timetable per route, and what it costs; ``known`` as ``driven_orders`` takes it.

    Raises
    ------
    SolveFailed : orders that cannot be driven
    """
    driven = driven_orders(arrays, orders, known)
    if driven is None:
        wrong = [arrays.vehicles[v].id for v, order in enumerate(orders) if not fits(arrays, v, order)]
        raise SolveFailed(f"no timetable keeps every limit; vehicles: {', '.join(wrong) or 'their times'}")
    routes = [route_of(arrays, *driven[vehicle]) for vehicle in sorted(driven)]
    prices = [route_price(arrays, *driven[vehicle]) for vehicle in sorted(driven)]
    served = {stop for order in orders for stop in order}
    left_out = [stop for number, stop in enumerate(arrays.stops) if number not in served]
    prices.append(Objective(unserved=sum(stop.unserved_cost for stop in left_out)))
    objective = Objective(
        **{part.name: sum(getattr(price, part.name) for price in prices) for part in fields(Objective)}
    )
    return Plan(tuple(routes), tuple(sorted(stop.id for stop in left_out)), objective)


def orders_of(problem: Problem, plan: Plan) -> list[list[int]]:
    """A plan as orders of stop positions, by vehicle; raises ``SolveFailed`` on an id the problem does not have."""
    stop_at = {stop.id: number for number, stop in enumerate(problem.stops)}
    vehicle_at = {vehicle.id: number for number, vehicle in enumerate(problem.vehicles)}
    orders: list[list[int]] = [[] for _ in problem.vehicles]
    try:
        for route in plan.routes:
            orders[vehicle_at[route.vehicle_id]] = [stop_at[visit.stop_id] for visit in route.visits]
    except KeyError as unknown:
        raise SolveFailed(f"the plan speaks of {unknown} but the problem does not") from None
    return orders
