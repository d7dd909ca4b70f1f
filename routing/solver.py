"""solve(): a plan for any problem, never worse than insertion and never worse than the plan it starts from.

The path is always the same and is told in ``Plan.search``: insertion, ruin and recreate, relocation. Ruin and recreate is
compiled; what the compiled search does not state (``improve.field.unsupported``) is left to one in Python, slower by a
factor of hundreds, and to OR-Tools after it. The whole solve can be given to OR-Tools by ``engine="ortools"``: small
problems whole, of large ones a few neighbouring routes at a time, because whole models do not scale.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.metadata import version

import numpy as np

from routing.arrays import Arrays, arrays_of
from routing.bound import lower_bound
from routing.budget import Budget
from routing.errors import SolveFailed
from routing.improve.engine import compiled_search, warm
from routing.improve.field import unsupported
from routing.insertion import dearest_first, first_orders, settle
from routing.orders import Orders
from routing.plans import orders_of, plan_of
from routing.recreate import ruin_and_recreate
from routing.search import FEWEST_SERVED, Found, guided_local_search, iterated_local_search
from routing.types import Improvement, Plan, Problem, Search

WHOLE_MODEL_STOPS = 300
"""Up to here one OR-Tools model finds more than parts in turn."""

FEW_STOPS = 12
"""Up to here ruin and recreate in Python finds the best plan, and OR-Tools nothing better."""

GROUP_VEHICLES, GROUP_SOLUTIONS = 5, 60
"""A part: a route and its nearest others, and how many solutions OR-Tools looks at before the next part."""

RECREATE_SHARE = 0.7
"""Share of the budget for ruin and recreate where it comes first; the rest is for OR-Tools."""

POLISH_SHARE = 0.1
"""Last share of the budget: guided local search from the best plan, where one model holds it; relocation in any case."""

SETTLING_S = 0.2
"""What relocation may take beyond the limit: from insertion's plan it needs 0.13 s at 200 stops, 1.7 s at 1,000."""

REPORT_EVERY_S = 0.2

ENGINES = ("trades", "ortools")


@dataclass(frozen=True, slots=True)
class Progress:
    """A search under way: the best so far, whose orders by vehicle are kept in case nothing more is heard of it."""

    elapsed_s: float
    total: int
    engine: str
    orders: list[list[int]]


@dataclass(slots=True)
class _Best:
    """The best orders so far and how they came about."""

    arrays: Arrays
    orders: list[list[int]]
    total: int
    began: float
    on_progress: Callable[[Progress], None] | None
    history: list[Improvement] = field(default_factory=list)
    told_at: float = 0.0

    def offer(self, orders: list[list[int]] | None, engine: str) -> bool:
        """Keep orders if they are better and can be driven."""
        if orders is None:
            return False
        candidate = Orders(self.arrays, orders)
        if not candidate.drivable():
            if self.arrays.timed:
                # Parts of a problem know nothing of ties that lead out of them.
                return False
            raise SolveFailed(f"{engine} returned a plan that cannot be driven; please report this problem")
        total = candidate.points()
        if total >= self.total:
            return False
        self.orders, self.total = orders, total
        self.note(engine)
        return True

    def settle(self, until: float | None) -> None:
        """Move single stops to where they are cheapest, for a moment even when no time is left."""
        last = None if until is None else max(until, time.monotonic() + SETTLING_S)
        settled = Orders(self.arrays, self.orders)
        settle(settled, lambda: last is not None and time.monotonic() > last)
        self.offer(settled.orders, "relocation")

    def note(self, engine: str) -> None:
        """Write an improvement into the history, unless it was heard of, and tell whoever listens."""
        self.hear(self.total, engine)
        if self.on_progress is not None:
            self.told_at = time.monotonic()
            self.on_progress(Progress(self.told_at - self.began, self.total, engine, self.orders))

    def hear(self, total: int, engine: str) -> None:
        """Write what a search under way has found into the history."""
        if not self.history or total < self.history[-1].total:
            self.history.append(Improvement(round(time.monotonic() - self.began, 3), total, engine))

    def listen(self, engine: str, paste: Callable[[list[list[int]]], list[list[int]]]) -> Found:
        """What a search under way tells: each total into the history, its orders kept a few times a second."""

        def found(total: int, read: Callable[[], list[list[int]]]) -> None:
            if total < self.total and time.monotonic() - self.told_at >= REPORT_EVERY_S:
                self.offer(paste(read()), engine)
            elif total < self.total and not self.arrays.timed:
                self.hear(total, engine)

        return found


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
    compiled = engine == "trades" and not unsupported(arrays)
    if compiled:
        warm()
    began = time.monotonic()
    budget = Budget(None if limit_s is None else began + limit_s, iterations, cancel)
    best = _first(arrays, start, began, on_progress)
    if problem.stops and problem.vehicles and not budget.exhausted():
        if compiled:
            _compiled(best, budget.part(1.0), budget, seed)
        else:
            _search(best, budget, seed, engine)
    best.settle(budget.until)
    search = Search(
        name="trades",
        version=f"insertion + ruin and recreate + OR-Tools {version('ortools')}",
        stopped_by="cancel" if budget.cancelled() else "iterations" if limit_s is None else "time",
        iterations=budget.spent,
        iteration_unit="plan",
        found_by=best.history[-1].engine,
        history=tuple(best.history),
    )
    return replace(plan_of(arrays, best.orders), search=search, bound=lower_bound(arrays))


def _checked_limits(limit_s: float | None, iterations: int | None) -> float | None:
    if limit_s is not None and iterations is not None:
        raise ValueError("give limit_s or iterations, not both")
    if (limit_s or 0) < 0 or (iterations or 0) < 0:
        raise ValueError(f"limit_s {limit_s!r} and iterations {iterations!r} must be 0 or more")
    return 10.0 if limit_s is None and iterations is None else limit_s


def _first(arrays: Arrays, start: Plan | None, began: float, on_progress: Callable[[Progress], None] | None) -> _Best:
    """Insertion, from the given plan and from nothing; the better of the two."""
    orders = first_orders(arrays)
    best = _Best(arrays, orders.orders, orders.points(), began, on_progress)
    best.note("insertion")
    if start is not None:
        given = orders_of(arrays.problem, start)
        if not Orders(arrays, given).drivable():
            raise SolveFailed("the plan to start from breaks a limit of the problem; the judge says which")
        best.offer(given, "start")
        best.offer(first_orders(arrays, given).orders, "start + insertion")
    return best


def _search(best: _Best, budget: Budget, seed: int, engine: str) -> None:
    n_stops = len(best.arrays.stops)
    if engine == "trades" or n_stops <= FEW_STOPS:
        few = n_stops <= FEW_STOPS
        _recreate(best, budget.part(1.0 if few else RECREATE_SHARE), budget, seed)
        if not few:
            _polish(best, budget)
        return
    if n_stops <= WHOLE_MODEL_STOPS:
        _search_whole(best, budget, seed)
    else:
        _search_parts(best, budget, seed)
    _polish(best, budget)


def _compiled(best: _Best, part: Budget, budget: Budget, seed: int) -> None:
    """The compiled search from the best plan."""

    def found(_: int, orders: list[list[int]]) -> None:
        best.offer(orders, "compiled ruin and recreate")

    compiled_search(best.arrays, best.orders, seed, part, found)
    budget.pay(part)


def _recreate(best: _Best, part: Budget, budget: Budget, seed: int) -> None:
    """Ruin and recreate from the best plan."""
    engine = "ruin and recreate"

    def found(_: int, orders: list[list[int]]) -> None:
        best.offer(orders, engine)

    ruin_and_recreate(Orders(best.arrays, best.orders), seed, part, found)
    budget.pay(part)


def _search_whole(best: _Best, budget: Budget, seed: int) -> None:
    """Iterated local search on everything, in an order of nodes drawn from the seed."""
    n_served = sum(len(order) for order in best.orders)
    if n_served < FEWEST_SERVED:
        return
    part = budget.part(1 - POLISH_SHARE)
    rng = np.random.default_rng(seed)
    stops = rng.permutation(len(best.arrays.stops))
    vehicles = rng.permutation(len(best.arrays.vehicles))
    shuffled = _cut(best.arrays.problem, stops, vehicles)
    engine = "OR-Tools iterated local search"

    def paste(orders: list[list[int]]) -> list[list[int]]:
        return _pasted(orders, [[] for _ in best.orders], stops, vehicles)

    found = iterated_local_search(shuffled, n_served, part, best.listen(engine, paste))
    budget.pay(part)
    if found is not None:
        best.offer(paste(found), engine)


def _search_parts(best: _Best, budget: Budget, seed: int) -> None:
    """Iterated local search on a route and its neighbours, again and again.

    Source: POPMUSIC, Taillard & Voß (2002), "Partial optimization metaheuristic under special intensification
    conditions".
    """
    rng = np.random.default_rng(seed)
    search = budget.part(1 - POLISH_SHARE)
    engine = "OR-Tools on neighbouring routes"
    apart_s = _apart_s(best.arrays)
    while not search.exhausted():
        for middle in rng.permutation(len(apart_s)):
            if search.exhausted():
                break
            group = np.argsort(apart_s[middle] + apart_s[:, middle], kind="stable")[:GROUP_VEHICLES]
            part = search.part(1.0)
            part.solutions = GROUP_SOLUTIONS if part.solutions is None else min(GROUP_SOLUTIONS, part.solutions)
            _search_group(best, np.sort(group), part, rng, engine)
            search.pay(part)
    budget.pay(search)


def _search_group(best: _Best, vehicles: np.ndarray, part: Budget, rng: np.random.Generator, engine: str) -> None:
    """Give a few routes and the unserved stops they may take to OR-Tools."""
    mine = [stop for vehicle in vehicles for stop in best.orders[vehicle]]
    if len(mine) < FEWEST_SERVED:
        part.spent += 1
        return
    unserved = Orders(best.arrays, best.orders).unserved()
    loose = dearest_first(best.arrays, [stop for stop in unserved if best.arrays.eligible[stop, vehicles].any()])
    # A part stays small however many wait.
    stops = rng.permutation(np.array([*mine, *loose[: len(mine)]], dtype=int))
    found = iterated_local_search(_cut(best.arrays.problem, stops, vehicles), len(mine), part)
    part.spent = max(1, part.spent)
    if found is not None:
        best.offer(_pasted(found, best.orders, stops, vehicles), engine)


def _polish(best: _Best, budget: Budget) -> None:
    """Guided local search from the best plan, unless one model would be too large."""
    if budget.exhausted() or len(best.arrays.stops) > WHOLE_MODEL_STOPS:
        return
    part = budget.part(1.0)
    engine = "OR-Tools guided local search"
    listen = best.listen(engine, lambda orders: orders)
    best.offer(guided_local_search(best.arrays.problem, best.orders, part, listen), engine)
    budget.pay(part)


def _apart_s(arrays: Arrays) -> np.ndarray:
    """Driving time between where routes begin; where one begins anywhere, between where they end, else none."""
    nowhere = arrays.problem.matrix.n_places
    homes = np.array([a if a != nowhere else b for a, b in zip(arrays.starts, arrays.ends, strict=True)], dtype=int)
    return arrays.grounds[0].duration_s[np.ix_(homes, homes)]


def _cut(problem: Problem, stops: np.ndarray, vehicles: np.ndarray) -> Problem:
    """The problem of some stops and vehicles, in that order, with the ties that lie within."""
    chosen = tuple(problem.stops[stop] for stop in stops)
    inside = {stop.id for stop in chosen}
    return replace(
        problem,
        stops=chosen,
        vehicles=tuple(problem.vehicles[vehicle] for vehicle in vehicles),
        deliveries=tuple(d for d in problem.deliveries if {d.pickup, d.delivery} <= inside),
        successions=tuple(s for s in problem.successions if {s.first, s.then} <= inside),
        crews=tuple(crew for crew in problem.crews if set(crew.stops) <= inside),
    )


def _pasted(
    found: list[list[int]], orders: list[list[int]], stops: np.ndarray, vehicles: np.ndarray
) -> list[list[int]]:
    """Orders of a part, written back into the orders of the whole."""
    whole = list(orders)
    for vehicle, order in zip(vehicles, found, strict=True):
        whole[int(vehicle)] = [int(stops[stop]) for stop in order]
    return whole
