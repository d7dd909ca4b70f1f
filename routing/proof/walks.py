"""Walks through a day that may see a stop twice: which ways are open to them, and what they remember."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.improve.compiled import compiled
from routing.proof.day import FAR, HORIZON_S, Day

N_NEAR = 5
"""Stops that a stop remembers at most; eight bound better, but three times as slowly."""


MOST_PARTS = 8
"""Parts of the clock at most: a bound holds for all who begin in a part, as if they began in its first moment."""


class Walks(NamedTuple):
    """Where bounds are worked out; arrays by node or stop from 1, int64 but for the two named.

    Parameters
    ----------
    near : (n + 1, near), stops that a stop remembers, the nearest first; 0 is none
    met : int16 (n + 1, n + 1, 2 ** near), [i, j, set of j's near stops seen]: the set at i, coming before j; -1: i is in it
    ahead : (n + 2, n + 1), [position, stop]: cheapest way from the start to there, without the stop's price
    n_parts : (1,), parts of the clock, of the most that there is room for
    part_s : (n + 1, n + 1), [position, stop]: seconds of a part, the first begins at the earliest start
    ends : (n + 2, n + 1, parts, 2 ** near), [visits left, stop, part, near stops that may be seen]: cheapest way from
        there to the end for somebody who begins in this part or later, with the prices of all its stops
    to : int8 (parts, n + 1, n + 1, n + 1), [part, position, stop, next stop]: the part there for somebody who begins
        here in the first moment of a part; -1 is too late or, in part 0, no way to a better order
    alive : int16 (2, n + 1, parts, 2 ** near + 1), sets worth going on from and, last, their number, of two numbers of visits
    price, best_price : (n + 1,)
    seen, heading : (n + 1,), visits of the cheapest walk; direction of the last step
    """

    near: NDArray[np.int64]
    met: NDArray[np.int16]
    ahead: NDArray[np.int64]
    n_parts: NDArray[np.int64]
    part_s: NDArray[np.int64]
    ends: NDArray[np.int64]
    to: NDArray[np.int8]
    alive: NDArray[np.int16]
    price: NDArray[np.int64]
    best_price: NDArray[np.int64]
    seen: NDArray[np.int64]
    heading: NDArray[np.float64]


def walks_of(day: Day) -> Walks:
    """Nothing worked out yet, and all prices 0."""
    size = len(day.cost) - 1
    n_near = max(1, min(N_NEAR, size - 2))
    n_parts = 1 if day.closes_s[-1] >= HORIZON_S else MOST_PARTS
    walks = Walks(
        np.zeros((size, n_near), np.int64),
        np.zeros((size, size, 1 << n_near), np.int16),
        np.empty((size + 1, size), np.int64),
        np.zeros(1, np.int64),
        np.ones((size, size), np.int64),
        np.empty((size + 1, size, n_parts, 1 << n_near), np.int64),
        np.zeros((n_parts, size, size, size), np.int8),
        np.zeros((2, size, n_parts, (1 << n_near) + 1), np.int16),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.float64),
    )
    _neighbours(day, walks)
    return walks


@compiled
def _neighbours(day: Day, walks: Walks) -> None:
    """Whom a stop remembers: the nearest there and back, of those that can be seen before and after it."""
    near = walks.near
    n, n_near = near.shape[0] - 1, near.shape[1]
    for j in range(1, n + 1):
        for k in range(n_near):
            nearest, least = 0, FAR
            for i in range(1, n + 1):
                apart = day.cost[i, j] + day.cost[j, i]
                new = i != j and apart < least
                for b in range(k):
                    new = new and near[j, b] != i
                if new:
                    nearest, least = i, apart
            near[j, k] = nearest
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            _meet(walks, i, j)


@compiled
def _meet(walks: Walks, i: int, j: int) -> None:
    """What a walk remembers at i for each set that it remembers at j, which comes after: bit by bit."""
    near, met = walks.near, walks.met
    n_near, none = near.shape[1], 0
    for c in range(n_near):
        if near[i, c] == j:
            none |= 1 << c
    met[i, j, 0] = none
    for b in range(n_near):
        other, bit = near[j, b], 0
        for c in range(n_near):
            if other > 0 and near[i, c] == other:
                bit |= 1 << c
        for m in range(1 << b):
            met[i, j, m | 1 << b] = -1 if other == i or met[i, j, m] < 0 else met[i, j, m] | bit


@compiled
def redraw(day: Day, walks: Walks, n_parts: int) -> None:
    """Draw in when a stop can be served at a position, and the legs between, to the ways still open; part the clock."""
    _forward(day, walks)
    _backward(day, walks)
    walks.n_parts[0] = min(n_parts, walks.ends.shape[2])
    for position in range(1, len(walks.price)):
        for j in range(1, len(walks.price)):
            room_s = max(0, day.latest_s[position, j] - day.earliest_s[position, j])
            walks.part_s[position, j] = room_s // walks.n_parts[0] + 1
    for position in range(1, len(walks.price) - 1):
        for i in range(1, len(walks.price)):
            for j in range(1, len(walks.price)):
                if walks.to[0, position, i, j] >= 0:
                    _lead(day, walks, position, i, j)


@compiled
def _forward(day: Day, walks: Walks) -> None:
    n, earliest_s = len(walks.price) - 1, day.earliest_s
    for position in range(2, n + 1):
        for j in range(1, n + 1):
            if earliest_s[position, j] < FAR:
                soonest_s = FAR
                for i in range(1, n + 1):
                    if walks.to[0, position - 1, i, j] >= 0:
                        soonest_s = min(soonest_s, earliest_s[position - 1, i] + day.gap_s[i, j])
                earliest_s[position, j] = max(earliest_s[position, j], soonest_s)


@compiled
def _backward(day: Day, walks: Walks) -> None:
    n, latest_s = len(walks.price) - 1, day.latest_s
    for position in range(n, 0, -1):
        for i in range(1, n + 1):
            if position < n and latest_s[position, i] > -FAR:
                last_s = -FAR
                for j in range(1, n + 1):
                    if walks.to[0, position, i, j] >= 0:
                        last_s = max(last_s, latest_s[position + 1, j] - day.gap_s[i, j])
                latest_s[position, i] = min(latest_s[position, i], last_s)
            if day.earliest_s[position, i] > latest_s[position, i]:
                day.earliest_s[position, i], latest_s[position, i] = FAR, -FAR


@compiled
def _lead(day: Day, walks: Walks, position: int, i: int, j: int) -> None:
    """Where a leg leads from each part of the clock."""
    soonest_s, latest_s = day.earliest_s[position + 1, j], day.latest_s[position + 1, j]
    for part in range(walks.n_parts[0]):
        at_s = day.earliest_s[position, i] + part * walks.part_s[position, i] + day.gap_s[i, j]
        if day.cost[i, j] >= FAR or at_s > latest_s:
            walks.to[part, position, i, j] = -1
        else:
            walks.to[part, position, i, j] = max(0, at_s - soonest_s) // walks.part_s[position + 1, j]
