"""The compiled search as ``routing.solver`` drives it: chunks of iterations between looks at the clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Protocol

import numpy as np

from routing.arrays import Arrays, arrays_of
from routing.budget import Budget
from routing.improve.compiled import note_warm
from routing.improve.general import General
from routing.improve.lanes import Lanes
from routing.improve.lean.chains import fleet_search, is_fleet, must_serve
from routing.improve.lean.contract import can_glue
from routing.improve.lean.cooling import median_fifth
from routing.improve.lean.couriers import courier_search
from routing.improve.lean.districts import Districts, n_districts
from routing.improve.lean.fewer import counts_vehicles, served, with_fewer
from routing.improve.lean.ground import Ground, ground_of, unstated
from routing.improve.lean.manner import DAYS, FLEET, PAIRS, SERVING, Manner
from routing.improve.lean.search import Lean
from routing.insertion import first_orders, settle
from routing.orders import Orders
from routing.types import Matrix, Problem, Stop, Vehicle

HOT, WARM, COLD = 1.3, 0.35, 0.05
"""Temperature at the start, at the start from a good plan, and at the end, as shares of the median leg."""

FIRST_CHUNK, N_CHUNKS = 100, 60
"""Iterations before the first look at the clock, and in how many looks a budget is spent."""

TELL_EVERY_S = 0.4
"""How often better plans are told of."""

ENOUGH, MOST_ANNEALINGS = 7500, 10
"""Iterations a stop after which one annealing gains little: what is left goes to further ones.

On three days of 1,000 jobs, 30 s, one annealing of 6,500 iterations a stop was 2.0 % better than four; on four days of 200
jobs, 5 s and two seeds, one, two and four came to the same."""

LANE_SEEDS = 1000
"""Between the seeds of chains that run side by side."""

FEWER = 0.1
"""Share of a budget for fewer vehicles where they count most."""


class Kernel(Protocol):
    """A compiled search under way."""

    @property
    def best(self) -> int:
        """Points of the best plan."""
        ...

    def orders(self) -> list[list[int]]:
        """Stops of the best plan, by vehicle."""
        ...

    def run(self, n_iterations: int, hot: float, cold: float, from_share: float, to_share: float) -> None:
        """Iterate; the temperature falls from hot to cold points, shares counting from 0 to 1 in each annealing."""
        ...


class Compiled:
    """The compiled search of one problem: the fastest kernel that states it, laid out once."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self._ground = None if unstated(arrays) else ground_of(arrays)

    def first_plan(self, start: list[list[int]] | None = None) -> list[list[int]]:
        """Orders by insertion; a start is kept and filled up."""
        if self._ground is None:
            return first_orders(self.arrays, start).orders
        return Lean.from_nothing(self._ground, start or [list(frozen) for frozen in self.arrays.frozen]).orders()

    def settled(self, orders: list[list[int]], enough: Callable[[], bool]) -> list[list[int]]:
        """Orders with single stops where they are cheapest; only the fast kernel is so quick that it needs no end."""
        if self._ground is None:
            moved = Orders(self.arrays, orders)
            settle(moved, enough)
            return moved.orders
        lean = Lean(self._ground, orders, 1)
        lean.settle()
        return lean.orders()

    def search(
        self,
        orders: list[list[int]],
        seed: int,
        budget: Budget,
        found: Callable[[int, list[list[int]]], object],
        *,
        good: bool = False,
    ) -> None:
        """Search from given orders on; ``found`` hears the objective and orders of better plans a few times a second.

        Orders that somebody gave are taken for ``good``: they are not melted down first.
        One iteration is one ruin.
        """
        n_left = len(self.arrays.stops) - sum(map(len, orders))
        if self._ground is not None and is_fleet(self._ground) and (n_left == 0 or must_serve(self._ground)):
            _search_fleet(self._ground, orders, seed, budget, found)
            return
        lanes, leg, hot = Lanes(budget), median_leg(self.arrays), WARM if good else HOT
        if self._ground is not None and (n := n_districts(self._ground)) > 1:
            districts = Districts(self._ground, orders, seed, n, lanes, _manner_for(self._ground))
            anneal(districts, leg, len(self.arrays.stops), budget, found, hot)
            return

        def chain(k: int) -> int:
            """One long chain a lane; the better plan is told of."""
            rest, kernel = lanes.rest(), self.kernel(orders, seed + LANE_SEEDS * k)
            anneal(kernel, leg, len(self.arrays.stops), rest, lanes.alone(found), hot)
            return rest.spent

        budget.spent += sum(lanes.run([partial(chain, k) for k in range(lanes.copies(1))]))

    def kernel(self, orders: list[list[int]], seed: int) -> Kernel:
        """The kernel with given orders."""
        if self._ground is None:
            return General(self.arrays, orders, seed)
        return Lean(self._ground, orders, seed, _manner_for(self._ground))


def _manner_for(ground: Ground) -> Manner:
    """How to go about people's days."""
    return SERVING if must_serve(ground) else DAYS


def _search_fleet(
    ground: Ground,
    orders: list[list[int]],
    seed: int,
    budget: Budget,
    found: Callable[[int, list[list[int]]], object],
) -> None:
    """Few vehicles first where that is what counts; then chains, merged where stops may be glued."""
    n_vehicles, glues, unit = len(ground.vehicle), can_glue(ground), median_fifth(ground)

    def tell(points: int, rows: list[list[int]]) -> None:
        found(points, [*rows, *[[] for _ in range(n_vehicles - len(rows))]])

    if counts_vehicles(ground):
        part = budget.part(FEWER)
        ground, orders = with_fewer(ground, orders, seed, FLEET if glues else PAIRS, unit, part)
        budget.pay(part)
        tell(Lean(ground, orders, seed).best, orders)
    if glues:
        fleet_search(ground, orders, seed, budget, tell)
    else:
        courier_search(ground, orders, seed, budget, tell)


def anneal(
    kernel: Kernel,
    leg: float,
    n_stops: int,
    budget: Budget,
    found: Callable[[int, list[list[int]]], object],
    hot: float = HOT,
) -> None:
    """Spend a budget on a kernel, in chunks between looks at the clock; temperatures are shares of ``leg`` points."""
    told, told_at = kernel.best, time.monotonic()
    chunk, annealings = FIRST_CHUNK, 1
    if budget.solutions is not None:
        annealings = annealings_for(budget.solutions, n_stops)
    while not budget.exhausted():
        if budget.solutions is not None:
            chunk = min(max(FIRST_CHUNK, budget.solutions // N_CHUNKS), budget.solutions - budget.spent)
        began, share = time.monotonic(), budget.progress()
        next_share = min(1.0, share + (chunk / budget.solutions if budget.solutions else 1 / N_CHUNKS))
        kernel.run(chunk, hot * leg, COLD * leg, annealings * share, annealings * next_share)
        budget.look(chunk)
        if budget.solutions is None and budget.until is not None:
            rate = chunk / max(1e-6, time.monotonic() - began)
            if budget.spent < 20 * FIRST_CHUNK:
                annealings = annealings_for(round(rate * (budget.until - budget.began)), n_stops)
            span_s = (budget.until - budget.began) / N_CHUNKS
            chunk = max(1, min(4 * chunk, int(rate * min(span_s, max(0.002, budget.until - time.monotonic())))))
        # Who is told looks at every route, in Python.
        if kernel.best < told and (time.monotonic() > told_at + TELL_EVERY_S or budget.exhausted()):
            told, told_at = kernel.best, time.monotonic()
            found(told, kernel.orders())


def annealings_for(n_iterations: int, n_stops: int) -> int:
    """How often a budget lets the temperature fall."""
    return max(1, min(MOST_ANNEALINGS, n_iterations // (ENOUGH * max(1, n_stops))))


@cache
def warm() -> None:
    """Load the compiled code, or compile it: half a second in a new process, three minutes where it has never run.

    To be called before a clock starts; the second call costs nothing.
    """
    nowhere = np.zeros((1, 1), dtype=np.int64)
    driver = Vehicle("a", 0, 0, 0, 3600)
    stop = Stop("s", 0, 60)
    arrays = arrays_of(Problem(datetime(2000, 1, 1, tzinfo=UTC), (stop,), (driver,), Matrix(nowhere, nowhere)))
    for kernel in (General(arrays, [[0]], 1), Compiled(arrays).kernel([[0]], 1)):
        kernel.run(2, 1.0, 1.0, 0.0, 1.0)
    Compiled(arrays).settled(Compiled(arrays).first_plan(), lambda: True)
    served(ground_of(arrays), [[]], 1, FLEET, 1.0, Budget(None, 1), np.zeros(1, dtype=np.int64))
    note_warm()


def median_leg(arrays: Arrays) -> float:
    """Points of the median leg between stops, at the price of the first vehicle."""
    places = arrays.place[:: max(1, len(arrays.place) // 500)]
    legs = arrays.points[0][np.ix_(places, places)]
    return max(1.0, float(np.median(legs[legs > 0])) if (legs > 0).any() else 1.0)
