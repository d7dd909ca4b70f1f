"""A day planned again after something happened, at a price for each promise that moves."""

from dataclasses import replace

from routing.arrays import arrays_of
from routing.check import cost
from routing.errors import SolveFailed
from routing.live.promises import with_promises
from routing.orders import Orders
from routing.plans import plan_of
from routing.solver import solve
from routing.types import Plan, Problem

POINTS_EACH = 900
"""What it costs to send another person, or to come at another time, than was told: a quarter of an hour of driving.

Source: a cancellation on days of seeds 1 and 2 of suite replan, 200 x 20 and 1,000 x 100. On three of the four this price
and twice as much came to the same, and no promise moved; on the fourth 0.8 % moved at this one and none at the other,
where the day was 0.9 % dearer."""


def replan(
    problem: Problem,
    plan: Plan,
    *,
    points_each: int = POINTS_EACH,
    limit_s: float | None = None,
    iterations: int | None = None,
    seed: int = 1,
) -> Plan:
    """Good routes for a problem as it is now, near to the plan that people were told.

    Parameters
    ----------
    problem : the day as it is now: without what was cancelled or who is ill, with what has come up or takes longer
    plan : what people were told, of the day as it was; stops and people that are gone are looked past
    points_each : for another person and for another time; 0 plans freely from the same start
    limit_s, iterations, seed : as ``routing.solver.solve`` takes them

    Returns
    -------
    Plan of ``problem``, at the price that the problem itself puts on it. People wait at the door where coming earlier would break one, so
    its times need not be the earliest; a problem without promises that is timed anew loses that (``with_promises``)

    Raises
    ------
    ValueError : a price below 0
    SolveFailed : what is left of the plan breaks a tie between stops
    """
    priced = with_promises(problem, plan, points_each)
    found = solve(priced, limit_s=limit_s, iterations=iterations, seed=seed, start=what_is_left(problem, plan))
    return replace(found, objective=cost(problem, found), bound=None)


def what_is_left(problem: Problem, plan: Plan) -> Plan:
    """The orders of a plan as far as a problem still has them: without what is gone, and what no longer fits.

    Each route begins with what is frozen now. Where all of it cannot be driven any more, because somebody is late or a
    visit takes longer, stops that no longer fit behind those before them are left to whoever has room.

    Raises
    ------
    SolveFailed : that parts stops which belong together
    """
    arrays = arrays_of(problem)
    orders = Orders(arrays, _orders(problem, plan))
    if not orders.drivable():
        for vehicle, wanted in enumerate([list(order) for order in orders.orders]):
            if orders.feasible(vehicle):
                continue
            n_frozen = len(arrays.frozen[vehicle])
            orders.replace(vehicle, wanted[:n_frozen])
            for stop in wanted[n_frozen:]:
                before = list(orders.orders[vehicle])
                orders.replace(vehicle, [*before, stop])
                if not orders.feasible(vehicle):
                    orders.replace(vehicle, before)
        if not orders.drivable():
            raise SolveFailed("what is left of the plan parts stops that belong together; plan the day without it")
    return plan_of(arrays, orders.orders)


def _orders(problem: Problem, plan: Plan) -> list[list[int]]:
    """Stops by vehicle as a plan has them, of those that a problem still has, what is frozen first."""
    at = {stop.id: number for number, stop in enumerate(problem.stops)}
    frozen = {case.stop for vehicle in problem.vehicles for case in vehicle.frozen}
    told = {route.vehicle_id: [visit.stop_id for visit in route.visits] for route in plan.routes}
    return [
        [at[case.stop] for case in vehicle.frozen]
        + [at[name] for name in told.get(vehicle.id, ()) if name in at and name not in frozen]
        for vehicle in problem.vehicles
    ]
