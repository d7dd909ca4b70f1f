"""solve(): a plan for any problem, never worse than insertion and never worse than the plan it starts from.

The path is always the same and is told in ``Plan.search``: insertion, ruin and recreate, on small problems the routes
that it met put together anew, relocation. Ruin and recreate is compiled, in two kernels (``routing.support``). The whole
solve can be given to OR-Tools by ``engine="ortools"``. Whoever found it, a plan is handed out only if OR-Tools, with a
model of its own, accepts it at the same price.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

from routing.arrays import arrays_of
from routing.best import Best, Progress
from routing.bound import lower_bound
from routing.budget import Budget
from routing.by_ortools import search_by_ortools
from routing.errors import SolveFailed
from routing.gate import gate
from routing.improve.engine import Compiled, warm
from routing.orders import Orders
from routing.partition import RESERVED_S, Noting, recombined
from routing.plans import orders_of, plan_of
from routing.types import Plan, Problem, Search

ENGINES = ("trades", "ortools")


def solve(
    problem: Problem,
    *,
    limit_s: float | None = None,
    iterations: int | None = None,
    seed: int = 1,
    start: Plan | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    engine: str = "trades",
) -> Plan:
    """Find good routes.

    Parameters
    ----------
    limit_s : seconds of wall time for the search; 10 when neither limit is given
    iterations : instead of seconds, how many plans to look at; the same plan each time
    seed : where the search starts from
    start : a plan of this problem; the answer is never worse
    on_progress, cancel : told of better plans; asked between plans whether to stop with the best so far, which an
        iterated local search of OR-Tools does not heed before its limit: ``routing.pool.solve_in_child`` does
    engine : "trades", or "ortools" for OR-Tools alone after insertion

    Raises
    ------
    ValueError : both limits, or one that is negative; an unknown engine
    SolveFailed : a start that breaks the problem's limits, or a fault of ours
    """
    limit_s = _checked_limits(limit_s, iterations)
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is none of {', '.join(ENGINES)}")
    arrays = arrays_of(problem)
    warm()
    bound = lower_bound(arrays)
    began = time.monotonic()
    core = Noting(arrays)
    budget = Budget(None if limit_s is None else began + limit_s, iterations, cancel, began=began)
    best = _first(core, start, bound, budget, on_progress)
    if problem.stops and problem.vehicles and not budget.exhausted():
        if engine == "ortools":
            search_by_ortools(best, budget, seed)
        else:
            _compiled(core, best, budget, seed)
    best.settle(budget.until, core.settled)
    search = Search(
        name="trades",
        version=f"insertion + ruin and recreate + OR-Tools {version('ortools')}",
        stopped_by="cancel" if budget.cancelled() else "iterations" if limit_s is None else "time",
        iterations=budget.spent,
        iteration_unit="plan",
        found_by=best.history[-1].engine,
        history=tuple(best.history),
    )
    return passed(problem, replace(plan_of(arrays, best.orders, best.driven), search=search, bound=bound))


def passed(problem: Problem, plan: Plan) -> Plan:
    """The plan, once OR-Tools accepts it at its price.

    Raises
    ------
    SolveFailed : it does not, which is a fault of ours
    """
    verdict = gate(problem, plan)
    if not verdict.accepted:
        raise SolveFailed(
            f"OR-Tools refuses the plan of {', '.join(verdict.refused) or 'everybody'}; please report this problem"
        )
    return plan


def _checked_limits(limit_s: float | None, iterations: int | None) -> float | None:
    if limit_s is not None and iterations is not None:
        raise ValueError("give limit_s or iterations, not both")
    if (limit_s or 0) < 0 or (iterations or 0) < 0:
        raise ValueError(f"limit_s {limit_s!r} and iterations {iterations!r} must be 0 or more")
    return 10.0 if limit_s is None and iterations is None else limit_s


def _first(
    core: Compiled, start: Plan | None, bound: int, budget: Budget, on_progress: Callable[[Progress], None] | None
) -> Best:
    """Insertion, from the given plan and from nothing; the better of the two."""
    arrays, orders = core.arrays, core.first_plan()
    best = Best(arrays, orders, Orders(arrays, orders).points(), bound, budget.began, budget.tally, on_progress)
    best.note("insertion")
    if start is not None:
        given = orders_of(arrays.problem, start)
        if not Orders(arrays, given).drivable():
            raise SolveFailed("the plan to start from breaks a limit of the problem; the judge says which")
        best.offer(given, "start")
        best.offer(core.first_plan(given), "start + insertion")
    return best


def _compiled(core: Noting, best: Best, budget: Budget, seed: int) -> None:
    """The compiled search from the best plan, with all that is left, and on small problems the best choice of its routes."""
    part = budget.part(1.0)
    core.noting = core.pays(budget)
    if core.noting and part.until is not None:
        part.until -= RESERVED_S
    engine = "compiled ruin and recreate"
    good = best.history[-1].engine.startswith("start")
    core.search(best.orders, seed, part, lambda _, orders: best.offer(orders, engine), good=good)
    budget.pay(part)
    if core.routes and not budget.cancelled():
        left_s = None if budget.until is None else max(0.0, budget.until - time.monotonic())
        orders = recombined(core.arrays, core.routes, best.orders, left_s)
        if orders != best.orders:
            best.offer(core.first_plan(orders), "CP-SAT on the routes met")
