"""How a chain of a fleet cools, and what its temperatures are measured in."""

import time

import numpy as np

from routing.budget import Budget
from routing.improve.lean.ground import Ground
from routing.improve.lean.search import Lean

N_LOOKS = 12
"""Looks at the clock in each part."""


def annealed(
    lean: Lean, part: Budget, unit: float, temperatures: tuple[float, float, float], slowly: float
) -> tuple[int, list[list[int]]]:
    """Spend a part: slowly from the first temperature to the second, then quench to the third; the best points and orders.

    Parameters
    ----------
    unit : points that the temperatures are given in
    slowly : share of the part between the first two temperatures
    """
    hot, freezing, cold = (unit * temperature for temperature in temperatures)
    chunk = 200
    while not part.exhausted():
        share = part.progress()
        if part.solutions is not None:
            chunk = min(max(100, part.solutions // N_LOOKS), part.solutions - part.spent)
        began = time.monotonic()
        until = min(1.0, share + (chunk / part.solutions if part.solutions else 1 / N_LOOKS))
        if share < slowly:
            lean.run(chunk, hot, freezing, share / slowly, min(1.0 - 1e-9, until / slowly))
        else:
            from_share, to_share = (share - slowly) / (1 - slowly), (until - slowly) / (1 - slowly)
            lean.run(chunk, freezing, cold, from_share, min(1.0 - 1e-9, to_share))
        part.look(chunk)
        if part.solutions is None and part.until is not None:
            rate = chunk / max(1e-6, time.monotonic() - began)
            span_s = (part.until - part.began) / N_LOOKS / 2
            chunk = max(1, min(4 * chunk, int(rate * min(span_s, max(0.002, part.until - time.monotonic())))))
    return lean.best, lean.orders()


def median_fifth(ground: Ground) -> float:
    """Median over stops of the points to the fifth nearest one."""
    n = len(ground.stop)
    fifth = np.sort(ground.cost[:n, :n], axis=1)[:, min(5, n - 1)]
    return max(1.0, float(np.median(fifth)))
