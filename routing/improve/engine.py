"""The compiled search as ``routing.solver`` drives it: chunks of iterations between looks at the clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Protocol

import numpy as np

from routing.arrays import Arrays, arrays_of
from routing.budget import Budget
from routing.improve.compiled import note_warm
from routing.improve.general import General
from routing.improve.lean.ground import unstated
from routing.improve.lean.search import Lean
from routing.types import Matrix, Problem, Stop, Vehicle

HOT, COLD = 1.3, 0.05
"""Temperature at the start and at the end, as shares of the median leg."""

FIRST_CHUNK, N_CHUNKS = 100, 60
"""Iterations before the first look at the clock, and in how many looks a budget is spent."""

ENOUGH, MOST_ANNEALINGS = 1500, 10
"""Iterations a stop after which one annealing gains little: what is left goes to further ones."""


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


def compiled_search(
    arrays: Arrays,
    orders: list[list[int]],
    seed: int,
    budget: Budget,
    found: Callable[[int, list[list[int]]], object],
) -> None:
    """Search from given orders on; ``found`` hears the objective and orders of better plans, chunk by chunk.

    One iteration is one ruin. Raises ``ValueError`` for problems that ``field.unsupported`` names.
    """
    anneal(kernel_for(arrays, orders, seed), median_leg(arrays), len(arrays.stops), budget, found)


def kernel_for(arrays: Arrays, orders: list[list[int]], seed: int) -> Kernel:
    """The fastest kernel that states a problem."""
    return General(arrays, orders, seed) if unstated(arrays) else Lean(arrays, orders, seed)


def anneal(
    kernel: Kernel, leg: float, n_stops: int, budget: Budget, found: Callable[[int, list[list[int]]], object]
) -> None:
    """Spend a budget on a kernel, in chunks between looks at the clock; temperatures are shares of ``leg`` points."""
    told = kernel.best
    chunk, annealings = FIRST_CHUNK, 1
    if budget.solutions is not None:
        annealings = annealings_for(budget.solutions, n_stops)
    while not budget.exhausted():
        if budget.solutions is not None:
            chunk = min(max(FIRST_CHUNK, budget.solutions // N_CHUNKS), budget.solutions - budget.spent)
        began, share = time.monotonic(), budget.progress()
        next_share = min(1.0, share + (chunk / budget.solutions if budget.solutions else 1 / N_CHUNKS))
        kernel.run(chunk, HOT * leg, COLD * leg, annealings * share, annealings * next_share)
        budget.spent += chunk
        if budget.solutions is None and budget.until is not None:
            rate = chunk / max(1e-6, time.monotonic() - began)
            if budget.spent < 20 * FIRST_CHUNK:
                annealings = annealings_for(round(rate * (budget.until - budget.began)), n_stops)
            span_s = (budget.until - budget.began) / N_CHUNKS
            chunk = max(1, min(4 * chunk, int(rate * min(span_s, max(0.002, budget.until - time.monotonic())))))
        if kernel.best < told:
            told = kernel.best
            found(told, kernel.orders())


def annealings_for(n_iterations: int, n_stops: int) -> int:
    """How often a budget lets the temperature fall."""
    return max(1, min(MOST_ANNEALINGS, n_iterations // (ENOUGH * max(1, n_stops))))


@cache
def warm() -> None:
    """Load the compiled code, or compile it: half a second in a new process, about a minute where it has never run.

    To be called before a clock starts; the second call costs nothing.
    """
    nowhere = np.zeros((1, 1), dtype=np.int64)
    driver = Vehicle("a", 0, 0, 0, 3600)
    stop = Stop("s", 0, 60)
    arrays = arrays_of(Problem(datetime(2000, 1, 1, tzinfo=UTC), (stop,), (driver,), Matrix(nowhere, nowhere)))
    for kernel in (General(arrays, [[0]], 1), Lean(arrays, [[0]], 1)):
        kernel.run(2, 1.0, 1.0, 0.0, 1.0)
    note_warm()


def median_leg(arrays: Arrays) -> float:
    """Points of the median leg between stops, at the price of the first vehicle."""
    places = arrays.place[:: max(1, len(arrays.place) // 500)]
    legs = arrays.points[0][np.ix_(places, places)]
    return max(1.0, float(np.median(legs[legs > 0])) if (legs > 0).any() else 1.0)
