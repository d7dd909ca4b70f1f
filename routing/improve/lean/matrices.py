"""The matrices of a problem as the fast kernel has them: one below the other, each person's own by the row it begins with."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from routing.arrays import Arrays
from routing.types import UNREACHABLE

FAR_S = 100_000_000
"""A leg without a road: longer than any shift, short enough to add up."""

DEAREST = (1 << 30) - 1
"""Points of a leg that 32 bits hold with room to spare."""


class Stack(NamedTuple):
    """Different matrices over the same n nodes.

    Parameters
    ----------
    values, turned : (matrices x n, n), from row to column, and from column to row; one array where that is the same
    begins : by vehicle, the row its own matrix begins with
    """

    values: np.ndarray
    turned: np.ndarray
    begins: list[int]


def drives_of(arrays: Arrays, places: np.ndarray) -> Stack:
    """Seconds, int32; ``FAR_S`` where there is no road."""
    seconds = {of: _seconds(ground.duration_s) for of, ground in _different(arrays.grounds).items()}
    return _stacked([seconds[id(ground)] for ground in arrays.grounds], places)


def costs_of(arrays: Arrays, places: np.ndarray, drives: Stack) -> Stack:
    """Points, int32; the same arrays as the seconds where these are the points.

    What a leg without a road would cost does not matter, for nobody has the time.
    """
    points = {of: np.minimum(table, DEAREST).astype(np.int32) for of, table in _different(arrays.points).items()}
    costs = _stacked([points[id(table)] for table in arrays.points], places)
    same = costs.begins == drives.begins and bool(((drives.values == costs.values) | (drives.values == FAR_S)).all())
    return drives if same else costs


def metres_of(arrays: Arrays, places: np.ndarray) -> Stack:
    """Metres, int64; no matrix where nobody's distance is limited."""
    if all(v.max_distance_m is None for v in arrays.vehicles):
        nothing = np.zeros((0, 0), dtype=np.int64)
        return Stack(nothing, nothing, [0] * len(arrays.vehicles))
    return _stacked([ground.distance_m for ground in arrays.grounds], places)


def _different[T](by_vehicle: Sequence[T]) -> dict[int, T]:
    """What stands by vehicle, each once however many share it, by its ``id``."""
    return {id(one): one for one in by_vehicle}


def _seconds(duration_s: np.ndarray) -> np.ndarray:
    return np.minimum(np.where(duration_s >= UNREACHABLE, FAR_S, duration_s), FAR_S).astype(np.int32)


def _stacked(tables: Sequence[np.ndarray], places: np.ndarray) -> Stack:
    """Tables by vehicle, cut out and laid below each other; those that say the same are laid down once."""
    one = len({id(table) for table in tables}) == 1
    known: dict[int, int] = {}
    rows: dict[bytes, int] = {}
    laid, begins = list[np.ndarray](), list[int]()
    for table in tables:
        if id(table) not in known:
            cut = table[np.ix_(places, places)]
            known[id(table)] = rows.setdefault(b"" if one else cut.tobytes(), len(places) * len(rows))
            if len(laid) < len(rows):
                laid.append(cut)
        begins.append(known[id(table)])
    values = np.ascontiguousarray(np.concatenate(laid))
    turned = np.ascontiguousarray(np.concatenate([cut.T for cut in laid]))
    return Stack(values, values if np.array_equal(values, turned) else turned, begins)


def are_too_dear(arrays: Arrays) -> bool:
    """Whether legs cost more than 32 bits hold, unless they are out of reach anyway."""
    tables = {id(points): (points, ground) for points, ground in zip(arrays.points, arrays.grounds, strict=True)}
    return any(bool((ground.duration_s[points >= DEAREST] < UNREACHABLE).any()) for points, ground in tables.values())
