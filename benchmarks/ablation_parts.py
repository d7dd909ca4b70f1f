"""The parts of the compiled search, each of them left out or changed by parameters that the search has anyway.

A part is an engine of suite ablation: the same first plan, budget and last relocation as the whole search, one thing
different. ``all`` leaves nothing out; what ``solve`` adds to it shows in the row of ``trades``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from routing.arrays import Arrays, arrays_of
from routing.budget import Budget
from routing.improve.engine import HOT, WARM, Compiled, Kernel, anneal, median_leg, warm
from routing.improve.lanes import Lanes
from routing.improve.lean import columns as at
from routing.improve.lean.chains import fleet_search, is_fleet, must_serve
from routing.improve.lean.districts import Districts, n_districts
from routing.improve.lean.manner import DAYS, FLEET, Manner
from routing.improve.lean.search import Lean
from routing.types import Problem

WHOLE = "all"
"""Nothing left out: what every part is measured by."""

_ENDLESS_S = 1 << 28


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is different.

    Parameters
    ----------
    says : what is different, for a reader
    manner : fields of ``Manner`` that are replaced
    heat : factor on the temperatures of days
    idle_filter : rows without enough idle time are passed by
    settles : single stops are moved at the end
    n_chains : of a fleet's search; None: as many as the budget is good for
    is_cut : large days are cut into districts
    """

    says: str
    manner: dict[str, Any] = field(default_factory=dict)
    heat: float = 1.0
    idle_filter: bool = True
    settles: bool = True
    n_chains: int | None = None
    is_cut: bool = True


def _orders(*shares: float) -> np.ndarray:
    """Cumulative shares of the orders in which stops are put back."""
    return np.cumsum([*shares, *[0.0] * (len(DAYS.orders) - len(shares))]) / sum(shares)


DAY_PARTS = {
    WHOLE: Part("nothing left out"),
    "order-worth": Part("put back by worth, not by worth per second of service", {"orders": _orders(0, 1)}),
    "order-chance": Part("put back in an order drawn by chance", {"orders": _orders(0, 0, 1)}),
    "order-no-chance": Part("no share put back by chance", {"orders": _orders(0.76, 0.09)}),
    "order-no-noise": Part("no noise on worth per second", {"noise": 0.0}),
    "no-idle-filter": Part("rows without idle time are looked at", idle_filter=False),
    "left-everywhere": Part("stops nobody serves are tried in every row", {"left_everywhere": 1.0}),
    "no-left": Part("stops nobody serves are not tried with others", {"most_left": 0}),
    "no-seeds-left": Part("no ruin around a stop that nobody serves", {"from_left": 0.0}),
    "no-cache": Part("ways into rows are found anew each time", {"forget": 1.0}),
    "heat-x2": Part("twice as hot", heat=2.0),
    "heat-x0.5": Part("half as hot", heat=0.5),
    "removed-4": Part("4 stops taken out, not 9", {"removed": 4.0}),
    "removed-14": Part("14 stops taken out, not 9", {"removed": 14.0}),
    "not-at-time": Part("strings beside the neighbour, never at the time", {"at_time": 0.0}),
    "anybody": Part("ruins also in rows that may not serve the stop", {"only_able": 0.0}),
    "no-whole-rows": Part("no row is emptied", {"whole_row": 0.0}),
    "no-split": Part("strings are never split", {"split": 0.0}),
    "not-generous": Part("no stop may cost more than its worth", {"generous": 0.0}),
    "near-in-time": Part("half of the ruins by neighbours in time", {"near_in_time": 0.5}),
    "one-district": Part("large days are not cut into districts", is_cut=False),
    "no-settling": Part("single stops are not moved at the end", settles=False),
}
"""Of people's days."""

FLEET_PARTS = {
    WHOLE: Part("nothing left out"),
    "one-chain": Part("one long chain, no merges", n_chains=1),
    "order-chance": Part("put back in an order drawn by chance", {"orders": _orders(0, 0, 1)}),
    "by-distance": Part("neighbours by distance alone", {"near_in_time": 0.0}),
    "no-own-tail": Part("no tail becomes a row", {"own_tail": 0.0}),
    "no-swapped-tails": Part("tails do not change places", {"swap_tails": 0.0}),
    "no-stale-skip": Part("rows that were far too dear are looked at", {"stale": 0.0}),
    "no-cache": Part("ways into rows are found anew each time", {"forget": 1.0}),
    "no-split": Part("strings are never split", {"split": 0.0}),
    "removed-8": Part("8 stops taken out, not 12 or 16", {"removed": 8.0}),
}
"""Of fleets that are alike."""

PARTS = FLEET_PARTS | DAY_PARTS


def searched_without(part: str, problem: Problem, budget_s: float, seed: int) -> tuple[list[list[int]], int]:
    """Orders of a search with one part different, and how many plans it looked at.

    Raises
    ------
    ValueError : no such part of the search of such a problem
    """
    arrays = arrays_of(problem)
    warm()
    altered = Altered(arrays, part)
    budget = Budget(time.monotonic() + budget_s, None)
    orders = altered.first_plan()
    best: tuple[float, list[list[int]]] = (float("inf"), orders)

    def found(points: int, rows: list[list[int]]) -> None:
        nonlocal best
        best = min(best, (points, rows), key=lambda one: one[0])

    altered.search(orders, seed, budget, found)
    orders = best[1]
    if altered.part.settles:
        orders = altered.settled(orders, lambda: False)
    return orders, budget.spent


class Altered(Compiled):
    """The compiled search with one part different."""

    def __init__(self, arrays: Arrays, part: str) -> None:
        super().__init__(arrays)
        if self._ground is None:
            raise ValueError("the fast kernel does not state this problem: it has no such parts")
        self._lean_ground = self._ground
        # As ``search`` decides; a first plan tells nothing else.
        self._is_fleet = is_fleet(self._ground) and must_serve(self._ground)
        self.part = (FLEET_PARTS if self._is_fleet else DAY_PARTS)[part]
        if not self.part.idle_filter:
            vehicle = self._ground.vehicle.copy()
            vehicle[:, at.SHIFT_S] = _ENDLESS_S
            self._lean_ground = self._ground = self._ground._replace(vehicle=vehicle)

    def search(
        self,
        orders: list[list[int]],
        seed: int,
        budget: Budget,
        found: Callable[[int, list[list[int]]], object],
        *,
        good: bool = False,
    ) -> None:
        """Search as the whole does, but for the part."""
        if self._is_fleet:
            fleet_search(
                self._lean_ground, orders, seed, budget, found, manner=self._manner(FLEET), n_chains=self.part.n_chains
            )
        else:
            kernel = self.kernel(orders, seed)
            anneal(kernel, median_leg(self.arrays), len(self.arrays.stops), budget, found, WARM if good else HOT)

    def kernel(self, orders: list[list[int]], seed: int) -> Kernel:
        """The kernel of a day on one core, as hot as the part says."""
        ground, manner, n = self._lean_ground, self._manner(DAYS), n_districts(self._lean_ground)
        if self.part.is_cut and n > 1:
            districts = Districts(ground, orders, seed, n, Lanes(Budget(None, None), 1), manner)
            return _Heated(districts, self.part.heat)
        return _Heated(Lean(ground, orders, seed, manner), self.part.heat)

    def _manner(self, usual: Manner) -> Manner:
        return usual._replace(**self.part.manner)


class _Heated:
    """A kernel whose temperatures are so many times what they would be."""

    def __init__(self, kernel: Kernel, heat: float) -> None:
        self._kernel, self._heat = kernel, heat

    @property
    def best(self) -> int:
        return self._kernel.best

    def orders(self) -> list[list[int]]:
        return self._kernel.orders()

    def run(self, n_iterations: int, hot: float, cold: float, from_share: float, to_share: float) -> None:
        self._kernel.run(n_iterations, self._heat * hot, self._heat * cold, from_share, to_share)
