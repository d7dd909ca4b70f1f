"""Plans made wrong on purpose, now and then only a little: other orders, other times, other figures."""

from dataclasses import replace

import numpy as np

from routing.check import cost
from routing.opened import plan_regardless
from routing.plans import orders_of
from routing.types import Plan, Problem

SHIFTS_S = (-3600, -600, -1, 1, 600, 3600)


def mutated(problem: Problem, plan: Plan, seed: int) -> Plan:
    """The plan with one to three things changed; sometimes what comes out is as good as the plan was."""
    rng = np.random.default_rng([seed, 3])
    for _ in range(int(rng.integers(1, 4))):
        kind = rng.random()
        if kind < 0.6:
            plan = _reordered(rng, problem, plan)
        elif plan.routes:
            plan = _retimed(rng, problem, plan)
    return plan


def _reordered(rng, problem: Problem, plan: Plan) -> Plan:
    """One free stop elsewhere, in or out."""
    orders = orders_of(problem, plan)
    frozen = {case.stop for vehicle in problem.vehicles for case in vehicle.frozen}
    free = [number for number, stop in enumerate(problem.stops) if stop.id not in frozen]
    if not free:
        return plan
    stop = int(rng.choice(free))
    orders = [[other for other in order if other != stop] for order in orders]
    if rng.random() < 0.85:
        vehicle = int(rng.integers(len(orders)))
        first = len(problem.vehicles[vehicle].frozen)
        orders[vehicle].insert(int(rng.integers(first, len(orders[vehicle]) + 1)), stop)
    return plan_regardless(problem, orders)


def _retimed(rng, problem: Problem, plan: Plan) -> Plan:
    """One time of one route shifted; the objective stated anew, so that only the time may be wrong."""
    routes = list(plan.routes)
    number = int(rng.integers(len(routes)))
    route, shift_s = routes[number], int(rng.choice(SHIFTS_S))
    what = rng.random()
    visits = list(route.visits)
    at = int(rng.integers(len(visits)))
    visit = visits[at]
    if what < 0.4:
        visits[at] = replace(visit, service_starts_s=visit.service_starts_s + shift_s, wait_s=visit.wait_s + shift_s)
    elif what < 0.55:
        visits[at] = replace(visit, departs_s=visit.departs_s + shift_s)
    elif what < 0.7 and route.breaks:
        breaks = list(route.breaks)
        which = int(rng.integers(len(breaks)))
        breaks[which] = replace(
            breaks[which], starts_s=breaks[which].starts_s + shift_s, ends_s=breaks[which].ends_s + shift_s
        )
        route = replace(route, breaks=tuple(breaks))
    elif what < 0.85:
        route = replace(route, starts_s=route.starts_s + shift_s, wait_s=route.wait_s - shift_s)
    else:
        route = replace(route, ends_s=route.ends_s + shift_s, wait_s=route.wait_s + shift_s)
    routes[number] = replace(route, visits=tuple(visits))
    changed = replace(plan, routes=tuple(routes))
    return replace(changed, objective=cost(problem, changed))
