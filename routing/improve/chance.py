"""A generator of its own, so that the same seed draws the same numbers everywhere.

Source: xorshift64*, Vigna (2016), ACM Transactions on Mathematical Software 42(4).
"""

import numpy as np

from routing.improve.compiled import compiled


@compiled
def drawn(random: np.ndarray) -> float:
    """A number in [0, 1)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@compiled
def below(random: np.ndarray, n: int) -> int:
    """A whole number in 0..n - 1."""
    return int(drawn(random) * n)
