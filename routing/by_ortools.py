"""OR-Tools on the best plan so far: on small problems whole, on large ones in parts, because whole models do not scale."""

from dataclasses import replace

import numpy as np

from routing.arrays import Arrays
from routing.best import Best
from routing.budget import Budget
from routing.insertion import dearest_first
from routing.orders import Orders
from routing.search import FEWEST_SERVED, guided_local_search, iterated_local_search
from routing.ties import ties_within
from routing.types import Problem

WHOLE_MODEL_STOPS = 300
"""Up to here one OR-Tools model finds more than parts in turn."""

GROUP_VEHICLES, GROUP_SOLUTIONS = 5, 60
"""A part: a route and its nearest others, and how many solutions OR-Tools looks at before the next part."""

POLISH_SHARE = 0.1
"""Last share of the budget: guided local search from the best plan, where one model holds it."""


def search_by_ortools(best: Best, budget: Budget, seed: int) -> None:
    """Iterated local search, then guided local search from the best plan."""
    if len(best.arrays.stops) <= WHOLE_MODEL_STOPS:
        _search_whole(best, budget, seed)
    else:
        _search_parts(best, budget, seed)
    polish(best, budget)


def _search_whole(best: Best, budget: Budget, seed: int) -> None:
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


def _search_parts(best: Best, budget: Budget, seed: int) -> None:
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


def _search_group(best: Best, vehicles: np.ndarray, part: Budget, rng: np.random.Generator, engine: str) -> None:
    """Give a few routes and the unserved stops they may take to OR-Tools."""
    mine = [stop for vehicle in vehicles for stop in best.orders[vehicle]]
    if len(mine) < FEWEST_SERVED:
        part.look(1)
        return
    unserved = Orders(best.arrays, best.orders).unserved()
    loose = dearest_first(best.arrays, [stop for stop in unserved if best.arrays.eligible[stop, vehicles].any()])
    # A part stays small however many wait.
    stops = rng.permutation(np.array([*mine, *loose[: len(mine)]], dtype=int))
    found = iterated_local_search(_cut(best.arrays.problem, stops, vehicles), len(mine), part)
    part.spent = max(1, part.spent)
    if found is not None:
        best.offer(_pasted(found, best.orders, stops, vehicles), engine)


def polish(best: Best, budget: Budget) -> None:
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
    return replace(
        problem,
        stops=chosen,
        vehicles=tuple(problem.vehicles[vehicle] for vehicle in vehicles),
        **ties_within(problem, {stop.id for stop in chosen}),
    )


def _pasted(
    found: list[list[int]], orders: list[list[int]], stops: np.ndarray, vehicles: np.ndarray
) -> list[list[int]]:
    """Orders of a part, written back into the orders of the whole."""
    whole = list(orders)
    for vehicle, order in zip(vehicles, found, strict=True):
        whole[int(vehicle)] = [int(stops[stop]) for stop in order]
    return whole
