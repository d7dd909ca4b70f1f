"""The compiled search as ``routing.solver`` drives it: chunks of iterations between looks at the clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import numpy as np

from routing.arrays import Arrays, arrays_of
from routing.budget import Budget
from routing.improve import columns as at
from routing.improve.compiled import note_warm
from routing.improve.field import Field, field_of
from routing.improve.loop import prepare, run
from routing.improve.state import best_orders, state_of
from routing.types import Matrix, Problem, Stop, Vehicle

HOT, COLD = 1.3, 0.05
"""Temperature at the start and at the end, as shares of the median leg."""

FIRST_CHUNK, N_CHUNKS = 100, 60
"""Iterations before the first look at the clock, and in how many looks a budget is spent."""

ENOUGH, MOST_ANNEALINGS = 1500, 10
"""Iterations a stop after which one annealing gains little: what is left goes to further ones."""


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
    field = field_of(arrays)
    state = state_of(field, orders, seed)
    prepare(field, state)
    median = median_leg(field)
    told = int(state.numbers[at.BEST])
    chunk, annealings = FIRST_CHUNK, 1
    if budget.solutions is not None:
        annealings = annealings_for(budget.solutions, len(field.stop))
    while not budget.exhausted():
        if budget.solutions is not None:
            chunk = min(max(FIRST_CHUNK, budget.solutions // N_CHUNKS), budget.solutions - budget.spent)
        began, share = time.monotonic(), budget.progress()
        next_share = min(1.0, share + (chunk / budget.solutions if budget.solutions else 1 / N_CHUNKS))
        run(field, state, chunk, HOT * median, COLD * median, annealings * share, annealings * next_share)
        budget.spent += chunk
        if budget.solutions is None and budget.until is not None:
            rate = chunk / max(1e-6, time.monotonic() - began)
            if budget.spent < 20 * FIRST_CHUNK:
                annealings = annealings_for(round(rate * (budget.until - budget.began)), len(field.stop))
            span_s = (budget.until - budget.began) / N_CHUNKS
            chunk = max(1, min(4 * chunk, int(rate * min(span_s, max(0.002, budget.until - time.monotonic())))))
        if state.numbers[at.BEST] < told:
            told = int(state.numbers[at.BEST])
            found(told, best_orders(state))


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
    problem = Problem(datetime(2000, 1, 1, tzinfo=UTC), (stop,), (driver,), Matrix(nowhere, nowhere))
    compiled_search(arrays_of(problem), [[0]], 1, Budget(None, 2), lambda _total, _orders: None)
    note_warm()


def median_leg(field: Field) -> float:
    """Points of the median leg between stops, at the price of the first vehicle."""
    places = field.stop[:: max(1, len(field.stop) // 500), at.PLACE]
    legs = field.points[field.vehicle[0, at.PRICE]][np.ix_(places, places)]
    return max(1.0, float(np.median(legs[legs > 0])) if (legs > 0).any() else 1.0)
