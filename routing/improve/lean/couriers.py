"""Fleets that bring what they fetch: chains, each from a plan of its own, and the best one polished.

Stops that belong together cannot be glued to others, so these chains do not meet as those of ``chains`` do.

Source: measured on Li & Lim's instances: where few vehicles make plans narrow, one of four short chains finds what one
long chain seldom does.
"""

import time
from collections.abc import Callable

import numpy as np

from routing.budget import Budget
from routing.improve.lean.chains import COLD, FEW_CHAINS, FOR_FEW, FREEZING, SLOWLY, SPARE, TRIAL
from routing.improve.lean.cooling import annealed, median_fifth
from routing.improve.lean.fewer import fleet_of, is_one_kind, served
from routing.improve.lean.ground import Ground
from routing.improve.lean.manner import PAIRS
from routing.improve.lean.search import Lean

type Rows = list[list[int]]

MELTING = 5.0
"""Temperature at the start, in medians to the fifth nearest stop: where few vehicles make a plan narrow, one that starts at
the 0.8 of other fleets stays what it was. On lr209 such chains ended 25 % above those that start here."""

POLISH = 0.1
"""Share of the budget for the best plan, at temperatures at which it only settles."""

START = 0.1
"""Share of a chain for a plan to start from in which all are served."""


def courier_search(
    ground: Ground, orders: Rows, seed: int, budget: Budget, found: Callable[[int, Rows], object]
) -> None:
    """Search with all of a budget; ``found`` hears the objective and orders of better plans after each part."""
    n_vehicles, n_used = len(orders), sum(map(bool, orders))
    if is_one_kind(ground) and n_used + SPARE < n_vehicles:
        ground = fleet_of(ground, n_used + SPARE)
        orders = sorted(orders, key=len, reverse=True)[: n_used + SPARE]
    unit = median_fifth(ground)
    best_points, best = Lean(ground, orders, seed, PAIRS).best, orders

    def cooled(start: Rows, chain_seed: int, part: Budget, hot: float) -> None:
        nonlocal best_points, best
        chain = Lean(ground, start, chain_seed, PAIRS)
        points, rows = annealed(chain, part, unit, (hot, FREEZING, COLD), SLOWLY)
        budget.pay(part)
        if points < best_points:
            best_points, best = points, rows
            found(points, [*rows, *[[] for _ in range(n_vehicles - len(rows))]])

    n_chains = _n_chains(ground, orders, seed, unit, budget)
    if n_chains == 1:
        cooled(orders, seed, budget.part(1.0), MELTING)
        return
    for k in range(n_chains):
        # Of what is left, so that each chain has as much and the polish its share.
        part = budget.part((1.0 - POLISH) / (n_chains - (1.0 - POLISH) * k))
        start = _another(ground, orders, seed * n_chains + k, unit, part) if k else orders
        cooled(start, seed * n_chains + k, part, MELTING)
    cooled(best, seed, budget.part(1.0), FREEZING)


def _another(ground: Ground, orders: Rows, seed: int, unit: float, part: Budget) -> Rows:
    """A plan by chance in which all are served; where none is found, the one that there is."""
    chance = Lean.from_chance(ground, seed, PAIRS).orders()
    own = part.part(START)
    plan = served(ground, chance, seed, PAIRS, unit, own, np.zeros(len(ground.stop), dtype=np.int64))
    part.pay(own)
    return orders if plan is None else plan


def _n_chains(ground: Ground, orders: Rows, seed: int, unit: float, budget: Budget) -> int:
    """By how many iterations a stop there will be: a few of them tell, where a clock bounds the search."""
    n_iterations = budget.solutions
    if n_iterations is None:
        trial, began = Lean(ground, orders, seed, PAIRS), time.monotonic()
        trial.run(TRIAL, unit * MELTING, unit * MELTING, 0.0, 1.0)
        budget.look(TRIAL)
        left_s = (budget.until or began) - time.monotonic()
        n_iterations = int(TRIAL / max(1e-6, time.monotonic() - began) * left_s)
    return FEW_CHAINS if n_iterations >= FOR_FEW * len(ground.stop) else 1
