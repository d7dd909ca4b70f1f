"""One person's day as the programme sees it: legs, gaps between starts of service, and what time rules out.

A node is 0 for the start, 1 to n for the stops and n + 1 for the end. ``position`` 1 is the first stop of the day.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.improve.compiled import compiled

MOST_STOPS = 60
"""Stops that a set of bits holds with room to spare."""

HORIZON_S = 1 << 50
"""End of time where nobody looks at the clock."""

FAR = 1 << 52
"""Seconds or points of a leg that may not be driven: beyond the horizon; sixty of them still fit 64 bits."""


MOST_POINTS = 1 << 48
"""Of a leg: 61 of them still fit 64 bits where a bound counts in parts of a point."""


class Day(NamedTuple):
    """A day of n stops; all arrays are int64.

    Parameters
    ----------
    cost : (n + 2, n + 2), points of a leg, ``FAR`` where there is none or time rules it out
    gap_s : (n + 2, n + 2), from a start of service to the next at least: service and travel; 0 without a clock
    opens_s, closes_s : (n + 2,), when service may begin; of the end, when the person may be back
    least_s : (n + 2, n + 2), the shortest gap by way of other stops
    before : (n + 2,), set of the stops that come earlier in every order; stop i is bit i - 1
    earliest_s, latest_s : (n + 1, n + 1), [position, stop], starts of service that leave a way there and home
    """

    cost: NDArray[np.int64]
    gap_s: NDArray[np.int64]
    opens_s: NDArray[np.int64]
    closes_s: NDArray[np.int64]
    least_s: NDArray[np.int64]
    before: NDArray[np.int64]
    earliest_s: NDArray[np.int64]
    latest_s: NDArray[np.int64]


def day_of(
    cost: NDArray[np.int64],
    gap_s: NDArray[np.int64] | None = None,
    opens_s: NDArray[np.int64] | None = None,
    closes_s: NDArray[np.int64] | None = None,
) -> Day:
    """A day, with everything that its times rule out taken away.

    Parameters
    ----------
    cost : int array (n + 2, n + 2) by node, points; ``FAR`` is no leg
    gap_s : int array (n + 2, n + 2), service at the row and travel to the column; None: nobody looks at the clock
    opens_s, closes_s : int arrays (n + 2,), by node; with ``gap_s``

    Raises
    ------
    ValueError : more stops than ``MOST_STOPS``, arrays that do not belong together, or points above ``MOST_POINTS``
    """
    size = len(cost)
    if size < 2 or size > MOST_STOPS + 2 or cost.shape != (size, size):
        raise ValueError(f"cost has shape {cost.shape}; give a square of start, 0 to {MOST_STOPS} stops and end")
    legs = np.array(cost, np.int64)
    none = legs >= FAR
    if (legs[~none] > MOST_POINTS).any() or legs.min() < 0:
        raise ValueError(f"cost holds {legs[~none].max()} and {legs.min()}; legs cost 0 to {MOST_POINTS} points")
    np.fill_diagonal(none, val=True)
    none[:, 0] = none[-1] = True
    none[0, -1] = size > 2  # somebody who has stops does not go home at once
    legs[none] = FAR
    if gap_s is None or opens_s is None or closes_s is None:
        gaps_s = np.zeros((size, size), np.int64)
        opens_s, closes_s = np.zeros(size, np.int64), np.full(size, HORIZON_S)
    else:
        gaps_s = np.array(gap_s, np.int64)
    if gaps_s.shape != legs.shape or len(opens_s) != size or len(closes_s) != size:
        raise ValueError(f"cost, gap_s, opens_s and closes_s speak of {size}, {len(gaps_s)}, {len(opens_s)} nodes")
    gaps_s[none] = FAR
    day = Day(
        legs,
        gaps_s,
        np.array(opens_s, np.int64),
        np.array(closes_s, np.int64),
        gaps_s.copy(),
        np.zeros(size, np.int64),
        np.full((size - 1, size - 1), FAR),
        np.full((size - 1, size - 1), -FAR),
    )
    tighten(day)
    return day


@compiled
def tighten(day: Day) -> None:
    """Draw in windows, order pairs that time orders, and take away legs and positions that no order can have.

    Source: preprocessing of Desrochers, Desrosiers & Solomon (1992), Operations Research 40(2), 342-354.
    """
    _shortest(day)
    _draw_in(day)
    _order_pairs(day)
    _bar_legs(day)
    _positions(day)


@compiled
def _shortest(day: Day) -> None:
    least_s = day.least_s
    size = len(least_s)
    for by in range(1, size - 1):
        for i in range(size):
            if least_s[i, by] < FAR:
                for j in range(size):
                    least_s[i, j] = min(least_s[i, j], least_s[i, by] + least_s[by, j])


@compiled
def _draw_in(day: Day) -> None:
    end = len(day.cost) - 1
    for i in range(1, end):
        day.opens_s[i] = max(day.opens_s[i], day.opens_s[0] + day.least_s[0, i])
        day.closes_s[i] = min(day.closes_s[i], day.closes_s[end] - day.least_s[i, end])


@compiled
def _order_pairs(day: Day) -> None:
    end = len(day.cost) - 1
    for i in range(1, end):
        for j in range(1, end):
            if i != j and day.opens_s[j] + day.least_s[j, i] > day.closes_s[i]:
                day.before[j] |= 1 << (i - 1)
    for by in range(1, end):
        for j in range(1, end):
            if day.before[j] >> (by - 1) & 1:
                day.before[j] |= day.before[by]


@compiled
def _bar_legs(day: Day) -> None:
    end = len(day.cost) - 1
    for i in range(end):
        for j in range(1, end):
            late = day.opens_s[i] + day.gap_s[i, j] > day.closes_s[j]
            skips = day.before[j] != 0 if i == 0 else _skips(day, i, j)
            if late or skips:
                day.cost[i, j] = day.gap_s[i, j] = FAR
    for i in range(1, end):
        for j in range(1, end):
            if day.before[j] >> (i - 1) & 1:
                day.cost[i, end] = day.gap_s[i, end] = FAR


@compiled
def _skips(day: Day, i: int, j: int) -> bool:
    """Whether j comes before i, or a stop between the two."""
    skips = day.before[i] >> (j - 1) & 1 != 0
    for k in range(1, len(day.cost) - 1):
        skips = skips or (day.before[k] >> (i - 1) & 1 != 0 and day.before[j] >> (k - 1) & 1 != 0)
    return bool(skips)


@compiled
def _positions(day: Day) -> None:
    """Earliest and latest starts by position, as far as the stop, start and end alone tell; ``walks`` draws them in."""
    end = len(day.cost) - 1
    n = end - 1
    for j in range(1, end):
        n_before, n_after = _n_before(day, j), _n_after(day, j)
        for position in range(1 + n_before, n - n_after + 1):
            day.earliest_s[position, j], day.latest_s[position, j] = day.opens_s[j], day.closes_s[j]
        day.earliest_s[1, j] = max(day.earliest_s[1, j], day.opens_s[0] + day.gap_s[0, j])
        day.latest_s[n, j] = min(day.latest_s[n, j], day.closes_s[end] - day.gap_s[j, end])


@compiled
def _n_before(day: Day, j: int) -> int:
    count = 0
    for i in range(len(day.cost) - 2):
        count += day.before[j] >> i & 1
    return count


@compiled
def _n_after(day: Day, i: int) -> int:
    count = 0
    for j in range(1, len(day.cost) - 1):
        count += day.before[j] >> (i - 1) & 1
    return count
