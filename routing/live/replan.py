"""A day planned again after something happened, at a price for each promise that moves."""

from dataclasses import replace

from routing.arrays import arrays_of
from routing.live.promises import with_promises
from routing.plans import orders_of, plan_of
from routing.solver import solve
from routing.types import Plan, Problem

POINTS_EACH = 1800
"""What it costs to send another person, or to come at another time, than was told: half an hour of driving.

Source: at this price 0.4 to 2.7 % of promises moved after a cancellation on generated days, without it over half."""


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
    problem : the day as it is now: without what was cancelled or who is ill, with what has come up
    plan : of the day as it was; stops and people that are gone are looked past, and whose who is gone are left to others
    points_each : for another person and for another time; 0 plans freely from the same start
    limit_s, iterations, seed : as ``routing.solver.solve`` takes them

    Returns
    -------
    Plan of ``problem``, priced without the promises; never dearer, promises counted, than going on as before

    Raises
    ------
    ValueError : a price below 0
    SolveFailed : what is left of the plan cannot be driven any more: a stop or a shift has become shorter
    """
    start = what_is_left(problem, plan)
    priced = with_promises(problem, start, points_each)
    found = solve(priced, limit_s=limit_s, iterations=iterations, seed=seed, start=start)
    free = plan_of(arrays_of(problem), orders_of(problem, found))
    return replace(free, search=found.search)


def what_is_left(problem: Problem, plan: Plan) -> Plan:
    """The orders of a plan without the stops and the people that a problem no longer has.

    Raises
    ------
    SolveFailed : they cannot be driven
    """
    at = {stop.id: number for number, stop in enumerate(problem.stops)}
    order_of = {route.vehicle_id: [at[v.stop_id] for v in route.visits if v.stop_id in at] for route in plan.routes}
    return plan_of(arrays_of(problem), [order_of.get(vehicle.id, []) for vehicle in problem.vehicles])
