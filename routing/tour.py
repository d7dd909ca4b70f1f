"""The best order of destinations for one person from one origin: exact where that is quick, searched beyond.

One person without windows is the travelling salesman. An open end is a leg home that costs nothing, so everything here
works on a round trip; legs there and back may differ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.errors import NoOrder
from routing.types import UNREACHABLE, Matrix

EXACT_DESTINATIONS = 13
"""Up to here every order is weighed."""

LABEL_DESTINATIONS = 25
"""Up to here labels are tried before CP-SAT: 50 days of 25 stops by road-like legs were all proven, within 50 ms."""

LABELS_PER_S, LABELS_PER_ITERATION = 1_000_000, 10_000
"""Labels for each second, or solution, that a search may take; a busy core made two million a second."""

QUICK_DESTINATIONS = 60
"""Up to here the fastest order is found and proven in 0.02 to 1.4 s, other threads running, and no more is tried.

One core; by road in a town, in the plane, on a grid, and with legs drawn at random; with and without the way back.
"""

LIMIT_S = 2.0
"""For a search by default: somebody waits for the answer."""

SEGMENT = 3
"""Longest row of destinations that is moved together."""


@dataclass(frozen=True, slots=True)
class Tour:
    """An order of destinations.

    Parameters
    ----------
    order : positions of the destinations, from 0: position i is place i + 1 of the matrix
    travel_s, distance_m : from the origin to the last destination, or back to the origin
    given_travel_s : what the order 0, 1, 2 … takes; None when that has a leg without a road
    proven : whether no order is faster
    found_by : "held-karp", "labels", "given" (nothing faster was found), "or-opt", "ortools" or "cp-sat"
    """

    order: tuple[int, ...]
    travel_s: int
    distance_m: int
    given_travel_s: int | None
    proven: bool
    found_by: str


def best_order(
    matrix: Matrix,
    *,
    return_to_origin: bool,
    limit_s: float | None = LIMIT_S,
    iterations: int | None = None,
    seed: int = 1,
) -> Tour:
    """The fastest order found, never slower than the given one.

    Of equally fast orders the given one stays; where every order is weighed it is the one that keeps the given order
    longest from the front. Beyond ``QUICK_DESTINATIONS`` the interpreter's lock is held for up to ``limit_s``: see
    ``routing.tour_child``.

    Parameters
    ----------
    matrix : of n + 1 places; place 0 is the origin, 1 to n are the destinations
    return_to_origin : whether the way back counts; else the person stays at the last destination
    limit_s : seconds a search may take; None when ``iterations`` bounds it
    iterations : solutions a search may look at; without ``limit_s`` the same answer each time. 0 builds an order and
        only moves short rows of it
    seed : of the proof

    Returns
    -------
    Tour; without destinations it is empty

    Raises
    ------
    NoOrder : names destinations that cannot be reached, have no way back, or exclude each other
    ValueError : no origin, a matrix that is not square, or a search without an end
    """
    legs_s = _round_trip(matrix, return_to_origin=return_to_origin)
    if limit_s is None and iterations is None:
        raise ValueError("limit_s and iterations are both None; give at least one of them")
    _refuse_cut_off(legs_s)
    order, found_by, proven = _found(legs_s, limit_s, iterations, seed)
    travel_s, given_s = duration_s(legs_s, order), duration_s(legs_s, list(range(1, len(legs_s))))
    if travel_s >= UNREACHABLE:
        raise NoOrder
    way = np.array([0, *order, 0] if return_to_origin and order else [0, *order])
    return Tour(
        order=tuple(place - 1 for place in order),
        travel_s=travel_s,
        distance_m=int(matrix.distance_m[way[:-1], way[1:]].sum()),
        given_travel_s=None if given_s >= UNREACHABLE else given_s,
        proven=proven,
        found_by=found_by,
    )


def quick_order(matrix: Matrix, *, return_to_origin: bool) -> Tour:
    """An order without any search beyond moving short rows: ``best_order`` with 0 iterations, the same errors."""
    return best_order(matrix, return_to_origin=return_to_origin, limit_s=None, iterations=0)


def _found(
    legs_s: NDArray[np.int64], limit_s: float | None, iterations: int | None, seed: int
) -> tuple[list[int], str, bool]:
    """Places in an order, who found it, and whether none is faster."""
    n = len(legs_s) - 1
    if n <= EXACT_DESTINATIONS:
        return exact(legs_s), "held-karp", True
    by_labels = None
    if n <= LABEL_DESTINATIONS and iterations != 0:
        by_labels = _labelled(legs_s, _n_labels(limit_s, iterations))
        if by_labels is not None and by_labels[2]:
            return by_labels
    order, found_by = start(legs_s)
    if by_labels is not None and duration_s(legs_s, by_labels[0]) < duration_s(legs_s, order):
        order, found_by, _ = by_labels
    if iterations == 0:
        return order, found_by, False
    from routing.tour_search import search

    return search(legs_s, order, found_by, limit_s=limit_s, iterations=iterations, seed=seed)


def _n_labels(limit_s: float | None, iterations: int | None) -> int:
    from routing.proof.one_day import LIMIT_LABELS

    most = LIMIT_LABELS
    if limit_s is not None:
        most = min(most, round(LABELS_PER_S * limit_s))
    return most if iterations is None else min(most, LABELS_PER_ITERATION * iterations)


def _labelled(legs_s: NDArray[np.int64], n_labels: int) -> tuple[list[int], str, bool] | None:
    """The given order unless a faster one is found by labels; None when none was found.

    Raises
    ------
    NoOrder : it is proven that there is none
    """
    from routing.proof.one_day import FAR, day_of, prove_order

    cost = np.full((len(legs_s) + 1, len(legs_s) + 1), FAR)
    cost[:-1, :-1], cost[:-1, -1] = legs_s, legs_s[:, 0]
    cost[cost >= UNREACHABLE] = FAR
    proof = prove_order(day_of(cost), first=list(range(len(legs_s) - 1)), limit_labels=n_labels)
    if proof.order is None:
        if proof.proven:
            raise NoOrder
        return None
    as_given = proof.order == tuple(range(len(legs_s) - 1))
    return [stop + 1 for stop in proof.order], "given" if as_given else "labels", proof.proven


def duration_s(legs_s: NDArray[np.int64], order: list[int]) -> int:
    """What a round trip from place 0 through the places in order takes."""
    ways = [0, *order]
    return int(legs_s[ways, [*order, 0]].sum()) if order else 0


def exact(legs_s: NDArray[np.int64]) -> list[int]:
    """Places 1 to n in the fastest order; of equally fast ones the lexicographically smallest. 2ⁿ n² steps.

    ``rest_s[left, at]`` is what remains for somebody at a place with a set of others still to see, so that the order
    can be read from the front.
    Source: Held & Karp (1962), J. SIAM 10(1), 196-210; Bellman (1962), J. ACM 9(1), 61-63.
    """
    n = len(legs_s) - 1
    rest_s = np.empty((1 << n, n + 1), np.int64)
    rest_s[0] = legs_s[:, 0]
    sets = np.arange(1 << n)
    sizes = np.bitwise_count(sets)
    for size in range(1, n + 1):
        of_size = sets[sizes == size]
        best_s = np.full((len(of_size), n + 1), np.iinfo(np.int64).max)
        for place in range(1, n + 1):
            (rows,) = np.nonzero(of_size >> (place - 1) & 1)
            after_s = rest_s[of_size[rows] ^ (1 << (place - 1)), place]
            best_s[rows] = np.minimum(best_s[rows], after_s[:, None] + legs_s[:, place])
        rest_s[of_size] = best_s
    order, at, left = [], 0, (1 << n) - 1
    while left:
        at = next(
            place
            for place in range(1, n + 1)
            if left >> (place - 1) & 1
            and legs_s[at, place] + rest_s[left ^ (1 << (place - 1)), place] == rest_s[left, at]
        )
        order.append(at)
        left ^= 1 << (at - 1)
    return order


def start(legs_s: NDArray[np.int64]) -> tuple[list[int], str]:
    """A good order to begin a search with, and where it is from: the given one unless a built one is faster.

    Three are improved by moving short rows: the given one; going to the nearest; and going last to where fewest others
    can be reached from, which has a road for every leg if any order has.
    """
    given = list(range(1, len(legs_s)))
    first = [given, _nearest(legs_s)]
    reach = _reach(legs_s)
    if not reach.all():
        first.append(sorted(given, key=lambda place: -int(reach[place].sum())))
    best = min((moved(legs_s, order) for order in first), key=lambda order: duration_s(legs_s, order))
    return (best, "or-opt") if duration_s(legs_s, best) < duration_s(legs_s, given) else (given, "given")


def moved(legs_s: NDArray[np.int64], order: list[int]) -> list[int]:
    """Move rows of up to ``SEGMENT`` places to where they cost least until no move gains.

    Source: Or (1976), Traveling salesman-type combinatorial problems, PhD thesis, Northwestern University.
    """
    ring, gained = np.array([0, *order, 0]), True
    while gained:
        gained = False
        for length in range(1, SEGMENT + 1):
            for first in range(1, len(ring) - length):
                row = ring[first : first + length]
                others = np.concatenate([ring[:first], ring[first + length :]])
                added_s = legs_s[others[:-1], row[0]] + legs_s[row[-1], others[1:]] - legs_s[others[:-1], others[1:]]
                at = int(added_s.argmin())
                if added_s[at] < added_s[first - 1]:
                    ring, gained = np.concatenate([others[: at + 1], row, others[at + 1 :]]), True
    return [int(place) for place in ring[1:-1]]


def _round_trip(matrix: Matrix, *, return_to_origin: bool) -> NDArray[np.int64]:
    n_places = matrix.n_places
    if not n_places or matrix.duration_s.shape != (n_places, n_places):
        raise ValueError(f"duration_s has shape {matrix.duration_s.shape}; give a square of the origin and all places")
    legs_s = matrix.duration_s.astype(np.int64)
    if not return_to_origin:
        legs_s[:, 0] = 0
    return legs_s


def _nearest(legs_s: NDArray[np.int64]) -> list[int]:
    """From place to the nearest one not seen yet."""
    order, at, left = [], 0, list(range(1, len(legs_s)))
    while left:
        at = min(left, key=lambda place: int(legs_s[at, place]))
        left.remove(at)
        order.append(at)
    return order


def _reach(legs_s: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which places can be reached from which by way of destinations; the origin is passed at the ends only."""
    reach = (legs_s < UNREACHABLE) | np.eye(len(legs_s), dtype=np.bool_)
    if not reach.all():
        for by in range(1, len(legs_s)):
            reach |= np.outer(reach[:, by], reach[by])
    return reach


def _refuse_cut_off(legs_s: NDArray[np.int64]) -> None:
    """Raise ``NoOrder`` when destinations can be named that no order takes in."""
    reach = _reach(legs_s)
    if not reach.all():
        (there,), (back,) = np.nonzero(~reach[0, 1:]), np.nonzero(~reach[1:, 0])
        either = (reach | reach.T)[1:, 1:]
        apart = [(i, j) for i, j in np.argwhere(~either).tolist() if i < j and not {i, j} & {*there.tolist()}]
        if there.size or back.size or apart:
            raise NoOrder(there.tolist(), back.tolist(), apart)
