"""Fleets that are alike: short chains from nothing, merged where they disagree, then polished.

A chain saturates and is wrong in other places than the next one, so several short ones that meet are better than a long
one. On people's days it is the other way round: there ``routing.improve.engine`` anneals one long chain.

Source: shares, temperatures and numbers were measured on Solomon's and Gehring & Homberger's instances.
"""

import time
from collections.abc import Callable
from functools import partial
from operator import itemgetter

import numpy as np

from routing.budget import Budget
from routing.improve.lanes import Lanes
from routing.improve.lean import columns as at
from routing.improve.lean.contract import Rows, contracted
from routing.improve.lean.cooling import annealed, median_fifth
from routing.improve.lean.ground import Ground
from routing.improve.lean.manner import FLEET, MIXED, Manner
from routing.improve.lean.search import Lean

HOT, FREEZING, COLD = 0.8, 0.2, 0.03
"""Temperatures in units of the median distance to the fifth nearest stop: a plan takes shape between 0.5 and 0.3, below
the second it only settles."""

MERGE_HOT = 0.6
"""Where a merged plan starts: what both parents agree on is glued, the rest may still move."""

SLOWLY = 0.85
"""Share of a chain between the first two temperatures; the rest is a quench.

On fifteen instances of 200 customers of Gehring & Homberger's with short horizons or scattered customers, 5 s and four seeds
that figures are not taken of, 0.30 % over the best known instead of 0.36 with 0.93 (paired, ± 0.03); 0.75 no better."""

POLISH_HOT = 0.12
"""Where the polish starts. On eight hard instances with two seeds, from the same merged plans 0.633 % over the best known:
0.563 from here straight to the last temperature, 0.579 from 0.2, 0.611 from 0.3, 0.611 held at 0.2 before a quench."""

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

SEEDS = 1000
"""Between the seeds of a lane and the next: far enough apart that no two tasks have the same."""

type Plan = tuple[int, Rows]
"""Points, and stops by vehicle."""


def is_fleet(ground: Ground) -> bool:
    """Whether vehicles are alike enough for this: hardly any kinds, one matrix, every stop for everybody, no details."""
    vehicles, n = ground.vehicle, ground.cost.shape[1]
    kinds = len(set(vehicles[:, at.KIND].tolist()))
    alike = len(ground.may) == 1 and bool(ground.may.all()) and len(ground.service) == len(ground.surcharge) == 1
    rests = bool(vehicles[:, [at.HAS_BREAK, at.N_FROZEN]].any())
    plain = len(ground.cost) == len(ground.drive) == n and not len(ground.promise) and not len(ground.spans)
    return alike and plain and not rests and 2 * kinds <= len(vehicles)


def must_serve(ground: Ground) -> bool:
    """Whether no detour is worth leaving a stop out: insertion may run out of vehicles that the search finds room in."""
    n_stops = len(ground.stop)
    return int(ground.worth[ground.stop[:, at.FETCHED] < 0].min()) > DETOUR * int(ground.cost[:n_stops, :n_stops].max())


def fleet_search(
    ground: Ground,
    orders: Rows,
    seed: int,
    budget: Budget,
    found: Callable[[int, Rows], object],
    n_lanes: int | None = None,
    manner: Manner | None = None,
    n_chains: int | None = None,
) -> None:
    """Search with all of a budget; ``found`` hears the objective and orders of better plans after each part.

    Without a number of chains, there are as many as the budget is good for.
    """
    small, kept = trimmed(ground, orders)
    manner = manner or (MIXED if _several_kinds(ground) else FLEET)

    def beyond(points: int, rows: Rows) -> None:
        """Tell of a plan with a row for each vehicle."""
        row_of = dict(zip(kept, rows, strict=True))
        found(points, [row_of.get(v, []) for v in range(len(ground.vehicle))])

    fleet = _Fleet(small, [orders[v] for v in kept], seed, Lanes(budget, n_lanes), beyond, manner)
    n_chains = n_chains or fleet.n_chains()
    if n_chains == 1:
        fleet.long_chains()
    else:
        fleet.merges(fleet.chains(n_chains))
        fleet.polish()


def trimmed(ground: Ground, orders: Rows) -> tuple[Ground, list[int]]:
    """Of each kind of vehicle no more than a plan uses and ``SPARE``, and which: nobody looks at others for each stop."""
    spare: dict[int, int] = {}
    kept = []
    for v, kind in enumerate(ground.vehicle[:, at.KIND].tolist()):
        spare[kind] = spare.get(kind, 0) + (not orders[v])
        if orders[v] or spare[kind] <= SPARE:
            kept.append(v)
    n = len(kept)
    small = ground._replace(
        vehicle=ground.vehicle[kept],
        able=np.arange(n, dtype=np.int32),
        able_from=np.array([0, n], dtype=np.int32),
        may=np.ascontiguousarray(ground.may[:, kept]),
    )
    return small, kept


class _Fleet:
    """The search of one fleet: its best plan, and what it spends."""

    def __init__(
        self,
        ground: Ground,
        orders: Rows,
        seed: int,
        lanes: Lanes,
        found: Callable[[int, Rows], object],
        manner: Manner,
    ) -> None:
        self.ground, self.seed, self.lanes, self.found = ground, seed, lanes, found
        self.unit, self.manner = median_fifth(ground), _manner(ground, orders, manner)
        self.usual = manner
        self.best: Plan = (Lean(ground, orders, seed).best, orders)

    def n_chains(self) -> int:
        """By how many iterations a stop there will be: a few of them tell, where a clock bounds the search.

        Of several depots one is better: on three instances, 20 s, a run each, 2.3, 2.4 and 3.6 % over the best known, and
        2.6, 3.1 and 4.5 % with short chains. Seeds differ by as much.
        """
        if _several_kinds(self.ground):
            return 1
        budget, n_iterations = self.lanes.budget, self.lanes.budget.solutions
        if n_iterations is None:
            trial, began = Lean(self.ground, self.best[1], self.seed, self.manner), time.monotonic()
            trial.run(TRIAL, self.unit * HOT, self.unit * HOT, 0.0, 1.0)
            budget.look(TRIAL)
            left_s = (budget.until or began) - time.monotonic()
            n_iterations = int(self.lanes.n * TRIAL / max(1e-6, time.monotonic() - began) * left_s)
        each = n_iterations / max(1, len(self.ground.stop))
        return MANY_CHAINS if each >= FOR_MANY else FEW_CHAINS if each >= FOR_FEW else 1

    def long_chains(self) -> None:
        """One chain a lane with all of the time, from the best plan."""
        self._from_best((HOT, FREEZING, COLD), SLOWLY)

    def chains(self, n: int) -> list[Plan]:
        """Short chains, each from nothing."""

        def chain(k: int) -> tuple[Plan, int]:
            lean = Lean.from_chance(self.ground, self.seed * MANY_CHAINS + k, self.manner)
            part = self.lanes.part(CHAINS / self.lanes.rounds(n))
            return _annealed(lean, part, self.unit, (HOT, FREEZING, COLD), SLOWLY)

        return self._keep(self.lanes.run([partial(chain, k) for k in range(n)]))

    def merges(self, plans: list[Plan]) -> None:
        """Merge plans two by two until one is left."""
        levels = [len(plans) >> k for k in range(1, len(plans).bit_length())]
        share, seed = MERGES / sum(map(self.lanes.rounds, levels)), self.seed * SEEDS

        def merge(one: Plan, other: Plan, seed: int) -> tuple[Plan, int]:
            return _merged(self.ground, one, other, seed, self.lanes.part(share), self.unit, self.usual)

        for n in levels:
            if self.lanes.budget.exhausted():
                return
            pairs = list(zip(plans[::2], plans[1::2], strict=True)) * self.lanes.copies(n)
            merged = self._keep(self.lanes.run([partial(merge, *pair, seed + k) for k, pair in enumerate(pairs, 1)]))
            plans, seed = [min(merged[k::n], key=itemgetter(0)) for k in range(n)], seed + len(pairs)

    def polish(self) -> None:
        """The best plan once more, cold, with what is left."""
        self._from_best((POLISH_HOT, POLISH_HOT, COLD), 0.0)

    def _from_best(self, temperatures: tuple[float, float, float], slowly: float) -> None:
        orders = self.best[1]

        def anneal(k: int) -> tuple[Plan, int]:
            lean = Lean(self.ground, orders, self.seed + SEEDS * k, self.manner)
            return _annealed(lean, self.lanes.rest(), self.unit, temperatures, slowly)

        self._keep(self.lanes.run([partial(anneal, k) for k in range(self.lanes.copies(1))]))

    def _keep(self, done: list[tuple[Plan, int]]) -> list[Plan]:
        """Pay for what was done, and tell of what is better."""
        for plan, spent in done:
            self.lanes.budget.spent += spent
            if plan[0] < self.best[0]:
                self.best = plan
                self.found(*plan)
        return [plan for plan, _ in done]


def _merged(
    ground: Ground, one: Plan, other: Plan, seed: int, part: Budget, unit: float, usual: Manner
) -> tuple[Plan, int]:
    """The better of two plans, annealed where they disagree; never worse."""
    better = min(one, other, key=itemgetter(0))
    small = contracted(ground, one[1], other[1])
    rows = small.orders(better[1])
    lean = Lean(small.ground, rows, seed, _manner(small.ground, rows, usual))
    (points, merged), spent = _annealed(lean, part, unit, (MERGE_HOT, FREEZING, COLD), SLOWLY)
    points += small.inner_points
    return ((points, small.expanded(merged)) if points < better[0] else better), spent


def _annealed(
    lean: Lean, part: Budget, unit: float, temperatures: tuple[float, float, float], slowly: float
) -> tuple[Plan, int]:
    """The best of a part, and its iterations."""
    return annealed(lean, part, unit, temperatures, slowly), part.spent


def _several_kinds(ground: Ground) -> bool:
    """Whether vehicles begin at several depots, or differ otherwise."""
    return len(set(ground.vehicle[:, at.KIND].tolist())) > 1


def _manner(ground: Ground, orders: Rows, usual: Manner) -> Manner:
    """Longer strings where routes are long."""
    n_routes = sum(bool(order) for order in orders)
    long = len(ground.stop) > LONG_ROUTE * max(1, n_routes)
    return usual._replace(longest=20.0, removed=16.0) if long else usual
