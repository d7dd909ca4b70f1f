"""Fleets that are alike: short chains from nothing, merged where they disagree, then polished.

A chain saturates and is wrong in other places than the next one, so several short ones that meet are better than a long
one. On people's days it is the other way round: there ``routing.improve.engine`` anneals one long chain.

Source: shares, temperatures and numbers were measured on Solomon's and Gehring & Homberger's instances.
"""

import time
from collections.abc import Callable

import numpy as np

from routing.budget import Budget
from routing.improve.lean import columns as at
from routing.improve.lean.contract import Rows, contracted
from routing.improve.lean.ground import Ground
from routing.improve.lean.manner import FLEET, Manner
from routing.improve.lean.search import Lean

HOT, FREEZING, COLD = 0.8, 0.2, 0.03
"""Temperatures in units of the median distance to the fifth nearest stop: a plan takes shape between 0.5 and 0.3, below
the second it only settles."""

MERGE_HOT = 0.6
"""Where a merged plan starts: what both parents agree on is glued, the rest may still move."""

SLOWLY = 0.93
"""Share of a chain between the first two temperatures; the rest is a quench."""

CHAINS, MERGES = 0.68, 0.18
"""Shares of the budget for all chains and all merges; what is left is for the polish."""

FEW_CHAINS, MANY_CHAINS = 4, 8
FOR_FEW, FOR_MANY = 1_500, 16_000
"""Iterations a stop from which on so many chains are better than one, and more than few."""

LONG_ROUTE = 18
"""Stops a route from which on longer strings are taken out."""

DETOUR = 10
"""Longest legs between stops that one stop may be worth before all are meant to be served."""

SPARE = 4
"""Vehicles beyond those of the first plan."""

TRIAL = 2000
"""Iterations that tell how quick this machine is."""

N_LOOKS = 12
"""Looks at the clock in each part."""


def is_fleet(ground: Ground) -> bool:
    """Whether vehicles are alike enough for this: hardly any kinds, every stop for everybody, nothing frozen, no breaks."""
    vehicles = ground.vehicle
    kinds = len(set(vehicles[:, at.KIND].tolist()))
    alike = len(ground.may) == 1 and bool(ground.may.all()) and len(ground.service) == len(ground.surcharge) == 1
    rests = bool(vehicles[:, [at.HAS_BREAK, at.N_FROZEN]].any())
    return alike and not rests and not len(ground.promise) and 2 * kinds <= len(vehicles)


def must_serve(ground: Ground) -> bool:
    """Whether no detour is worth leaving a stop out: insertion may run out of vehicles that the search finds room in."""
    n_stops = len(ground.stop)
    return int(ground.worth.min()) > DETOUR * int(ground.cost[:n_stops, :n_stops].max())


def fleet_search(ground: Ground, orders: Rows, seed: int, budget: Budget, found: Callable[[int, Rows], object]) -> None:
    """Search with all of a budget; ``found`` hears the objective and orders of better plans after each part."""
    n_vehicles, ground = len(ground.vehicle), trimmed(ground, orders)
    orders = (
        sorted(orders, key=len, reverse=True)[: len(ground.vehicle)] if len(ground.vehicle) < n_vehicles else orders
    )
    unit, first = _unit(ground), Lean(ground, orders, seed, _manner(ground, orders))
    best_points, best = first.best, orders

    def keep(points: int, rows: Rows) -> None:
        nonlocal best_points, best
        if points < best_points:
            best_points, best = points, rows
            found(points, [*rows, *[[] for _ in range(n_vehicles - len(rows))]])

    n_chains = _n_chains(first, unit, budget)
    if n_chains == 1:
        _anneal(first, budget.part(1.0), budget, unit, (HOT, FREEZING, COLD))
        keep(first.best, first.orders())
        return
    plans = []
    for k in range(n_chains):
        chain = Lean.from_chance(ground, seed * MANY_CHAINS + k, first.manner)
        _anneal(chain, _share(budget, CHAINS / n_chains), budget, unit, (HOT, FREEZING, COLD))
        plans.append((chain.best, chain.orders()))
        keep(*plans[-1])
    n_merges, seed_of = n_chains - 1, seed * 1000
    while len(plans) > 1 and not budget.exhausted():
        pairs, plans = plans, []
        for one, other in zip(pairs[::2], pairs[1::2], strict=True):
            seed_of += 1
            plans.append(_merged(ground, one, other, seed_of, _share(budget, MERGES / n_merges), budget, unit))
            keep(*plans[-1])
    polish = Lean(ground, best, seed, first.manner)
    _anneal(polish, budget.part(1.0), budget, unit, (FREEZING, FREEZING, COLD))
    keep(polish.best, polish.orders())


def trimmed(ground: Ground, orders: Rows) -> Ground:
    """Vehicles of one kind, no more of them than a plan uses and ``SPARE``: nobody looks at the others for each stop."""
    n = sum(bool(order) for order in orders) + SPARE
    if n >= len(ground.vehicle) or len(set(ground.vehicle[:, at.KIND].tolist())) > 1:
        return ground
    return ground._replace(
        vehicle=ground.vehicle[:n].copy(),
        able=np.arange(n, dtype=np.int32),
        able_from=np.array([0, n], dtype=np.int32),
        may=np.ascontiguousarray(ground.may[:, :n]),
    )


def _merged(
    ground: Ground,
    one: tuple[int, Rows],
    other: tuple[int, Rows],
    seed: int,
    part: Budget,
    budget: Budget,
    unit: float,
) -> tuple[int, Rows]:
    """The better of two plans, annealed where they disagree; never worse."""
    better = min(one, other, key=lambda plan: plan[0])
    small = contracted(ground, one[1], other[1])
    rows = small.orders(better[1])
    merged = Lean(small.ground, rows, seed, _manner(small.ground, rows))
    _anneal(merged, part, budget, unit, (MERGE_HOT, FREEZING, COLD))
    points = merged.best + small.inner_points
    return (points, small.expanded(merged.orders())) if points < better[0] else better


def _anneal(lean: Lean, part: Budget, budget: Budget, unit: float, temperatures: tuple[float, float, float]) -> None:
    """Spend a part: slowly from the first temperature to the second, then quench to the third."""
    hot, freezing, cold = (unit * temperature for temperature in temperatures)
    chunk = 200
    while not part.exhausted():
        share = part.progress()
        if part.solutions is not None:
            chunk = min(max(100, part.solutions // N_LOOKS), part.solutions - part.spent)
        began = time.monotonic()
        until = min(1.0, share + (chunk / part.solutions if part.solutions else 1 / N_LOOKS))
        if share < SLOWLY:
            lean.run(chunk, hot, freezing, share / SLOWLY, min(1.0 - 1e-9, until / SLOWLY))
        else:
            lean.run(
                chunk, freezing, cold, (share - SLOWLY) / (1 - SLOWLY), min(1.0 - 1e-9, (until - SLOWLY) / (1 - SLOWLY))
            )
        part.spent += chunk
        if part.solutions is None and part.until is not None:
            rate = chunk / max(1e-6, time.monotonic() - began)
            span_s = (part.until - part.began) / N_LOOKS / 2
            chunk = max(1, min(4 * chunk, int(rate * min(span_s, max(0.002, part.until - time.monotonic())))))
    budget.pay(part)


def _share(budget: Budget, share: float) -> Budget:
    """A share of the whole budget, no more than what is left."""
    left = 1.0 - budget.progress()
    return budget.part(min(1.0, share / left) if left > 0 else 1.0)


def _n_chains(first: Lean, unit: float, budget: Budget) -> int:
    """By how many iterations a stop there will be: a few of them tell, where a clock bounds the search."""
    n_iterations = budget.solutions
    if n_iterations is None:
        began = time.monotonic()
        first.run(TRIAL, unit * HOT, unit * HOT, 0.0, 1.0)
        budget.spent += TRIAL
        left_s = (budget.until or began) - time.monotonic()
        n_iterations = int(TRIAL / max(1e-6, time.monotonic() - began) * left_s)
    each = n_iterations / max(1, len(first.ground.stop))
    return MANY_CHAINS if each >= FOR_MANY else FEW_CHAINS if each >= FOR_FEW else 1


def _manner(ground: Ground, orders: Rows) -> Manner:
    """Longer strings where routes are long."""
    n_routes = sum(bool(order) for order in orders)
    long = len(ground.stop) > LONG_ROUTE * max(1, n_routes)
    return FLEET._replace(longest=20.0, removed=16.0) if long else FLEET


def _unit(ground: Ground) -> float:
    """Median over stops of the points to the fifth nearest one."""
    n = len(ground.stop)
    fifth = np.sort(ground.cost[:n, :n], axis=1)[:, min(5, n - 1)]
    return max(1.0, float(np.median(fifth)))
