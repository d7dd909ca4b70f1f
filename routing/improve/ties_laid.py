"""What stops have to do with each other as the compiled search sees it: lists of stops, and links in time."""

from typing import NamedTuple

import numpy as np

from routing.arrays import Arrays
from routing.improve import columns as at
from routing.way import NEVER


class Laid(NamedTuple):
    """The ties of a problem as flat arrays.

    Parameters
    ----------
    lists : int64, stops: units, and what falls with a stop
    links : int64 (links, columns), each from both sides
    spans : by stop, HEAD and where its unit, what falls with it, and its links stand
    mates : by stop, the other end of a delivery whose pickup may still be moved, or -1
    loose : by delivery of a frozen pickup, that pickup
    """

    lists: np.ndarray
    links: np.ndarray
    spans: list[list[int]]
    mates: list[int]
    loose: dict[int, int]


def laid_out(arrays: Arrays) -> Laid:
    """Lay the ties of a problem out."""
    ties, bonds = arrays.ties, _bonds(arrays)
    lists: list[int] = []
    links: list[list[int]] = []
    spans: list[list[int]] = []
    for s in range(len(arrays.stops)):
        unit = ties.unit(s)
        fall = [other for other in ties.followers(s) if other != s and other not in arrays.frozen_at]
        mine = bonds.get(s, [])
        units_from, falls_from = len(lists), len(lists) + len(unit)
        spans.append(
            [unit[0], units_from, falls_from, falls_from, falls_from + len(fall), len(links), len(links) + len(mine)]
        )
        lists += [*unit, *fall]
        links += mine
    loose = {delivery: pickup for delivery, pickup in ties.pickup_of.items() if pickup in arrays.frozen_at}
    mates = [-1] * len(arrays.stops)
    for delivery, pickup in ties.pickup_of.items():
        if delivery not in loose:
            mates[delivery], mates[pickup] = pickup, delivery
    return Laid(
        np.array(lists, dtype=np.int64),
        np.array(links, dtype=np.int64).reshape(-1, 4),
        spans,
        mates,
        loose,
    )


def _bonds(arrays: Arrays) -> dict[int, list[list[int]]]:
    """By stop, its links: the other, how, and the gap in seconds."""
    bonds: dict[int, list[list[int]]] = {}
    for crew in arrays.ties.crews:
        for s in crew:
            bonds.setdefault(s, []).extend([other, at.TOGETHER, 0, 0] for other in crew if other != s)
    for gap in arrays.ties.gaps:
        most_s = NEVER if gap.most_s is None else gap.most_s
        bonds.setdefault(gap.later, []).append([gap.earlier, at.AFTER, gap.least_s, most_s])
        bonds.setdefault(gap.earlier, []).append([gap.later, at.BEFORE_IT, gap.least_s, most_s])
    return bonds
