"""Solve a VROOM request: state it, search, time what was found, and let nothing through that breaks a limit.

Where breaks are stated wider than they are, the routes found may break them and are repaired; a second search with
these breaks stated narrower than they are is the alternative, and the better of the two by VROOM's order is the answer.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from routing.arrays import arrays_of
from routing.errors import Fault, SolveFailed
from routing.plans import plan_of
from routing.pool import solve_in_child
from routing.types import Plan
from routing.vroom.ground import Ground
from routing.vroom.problem import Stated, is_loose, stated, stop_id, vehicle_id
from routing.vroom.repair import Orders, Repair, faults_of, routes_of
from routing.vroom.route import Route
from routing.vroom.types import refused

WIDE_SHARE, SECOND_SHARE, REPAIR_SHARE = 2 / 3, 1 / 4, 1 / 12
"""Of the effort, where breaks are loose: for wide breaks, for narrow ones or for going on, for the repair."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search, and how.

    Parameters
    ----------
    limit_s, iterations : one of the two, as in ``routing.solver.solve``
    search : takes what ``routing.solver.solve`` takes; a child process by default
    """

    limit_s: float | None = 5.0
    iterations: int | None = None
    seed: int = 1
    cancel: Callable[[], bool] | None = None
    search: Callable[..., Plan] = solve_in_child

    def part(self, share: float) -> "Effort":
        """A share of it."""
        limit_s = None if self.limit_s is None else self.limit_s * share
        iterations = None if self.iterations is None else round(self.iterations * share)
        return replace(self, limit_s=limit_s, iterations=iterations)


def solved(ground: Ground, effort: Effort) -> list[Route]:
    """Return good routes of the vehicles that have any tasks, in the order of the vehicles.

    Raises
    ------
    VroomError : code 2 for given steps that break a limit
    SolveFailed, InvalidProblem : a fault of ours
    """
    given = _given(ground)
    loose = any(is_loose(pause) for van in ground.request.vans for pause in van.breaks)
    wide = stated(ground)
    repair = Repair(ground)
    if not loose:
        kept, _ = repair.kept(_search(ground, wide, effort, given))
        return routes_of(ground, max(kept, given, key=repair.worth))
    found = _search(ground, wide, effort.part(WIDE_SHARE), given)
    kept, n_given_up = repair.kept(found)
    second = effort.part(SECOND_SHARE)
    if n_given_up == 0:
        other, _ = repair.kept(_search(ground, wide, second, found))
    else:
        other, _ = repair.kept(_search(ground, stated(ground, narrow=True), second, {}))
    best = max(kept, other, given, key=repair.worth)
    repair.until = None if effort.limit_s is None else time.monotonic() + effort.limit_s * REPAIR_SHARE
    polished = [repair.improved(orders) for orders in ((best,) if n_given_up == 0 else (kept, other))]
    return routes_of(ground, max(best, *polished, key=repair.worth))


def _search(ground: Ground, of: Stated, effort: Effort, given: Orders) -> Orders:
    plan = effort.search(
        of.problem,
        limit_s=effort.limit_s,
        iterations=effort.iterations,
        seed=effort.seed,
        start=_start(of, given),
        cancel=effort.cancel,
    )
    rank_of = {stop_id(task): rank for rank, task in enumerate(ground.request.tasks)}
    van_of = {vehicle_id(rank): rank for rank in of.vans}
    return {van_of[route.vehicle_id]: [rank_of[visit.stop_id] for visit in route.visits] for route in plan.routes}


def _start(of: Stated, given: Orders) -> Plan | None:
    """The given routes as a plan, if they can be driven as the problem states it."""
    if not given:
        return None
    try:
        return plan_of(arrays_of(of.problem), [given.get(van, []) for van in of.vans])
    except SolveFailed:
        return None


def _given(ground: Ground) -> Orders:
    """Routes to start from; only tasks count, and VROOM refuses those that break a limit."""
    orders: Orders = {}
    faults = []
    for van, of in enumerate(ground.request.vans):
        tasks = [step.rank for step in of.steps if step.kind in ("job", "pickup", "delivery")]
        if not tasks:
            continue
        orders[van] = tasks
        wrong = faults_of(ground, van, tasks)
        if wrong:
            remedy = f"the route breaks {', '.join(wrong)}: change it, or leave it out"
            faults.append(Fault("route_infeasible", f"{of.at}.steps", len(tasks), remedy))
    if faults:
        raise refused(faults)
    return orders
