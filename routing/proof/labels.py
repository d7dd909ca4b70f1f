"""Every order that might be better, side by side: dynamic programming over what is seen and where one is.

A label is a set of stops seen, the last of them, when its service begins and what the way there costs. Of two with the
same set and last stop, one that is neither earlier nor cheaper is given up, and so is one that cannot end below the
best known order: what it costs and what the rest costs at least.

Source: Bellman (1962), J. ACM 9(1), 61-63; Held & Karp (1962), J. SIAM 10(1), 196-210; with time after Dumas,
Desrosiers, Gelinas & Solomon (1995), Operations Research 43(2), 367-371; bounds as ``bound`` says.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.improve.compiled import compiled
from routing.proof.bound import NEVER, SCALE, limit_of
from routing.proof.day import FAR, Day
from routing.proof.walks import Walks

N_HEADS = 131_071
"""Lists that labels are looked up in: a prime about as large as a layer has labels at most."""

N_SHELVES = 64
"""Steps between the cheapest and the dearest label of a layer, by which the cheapest are told from the rest."""

N_NUMBERS = 5
N_LABELS, FIRST, BEST, DROPPED, NEAR = range(N_NUMBERS)
"""Columns of ``Book.numbers``: labels made, the first of the last layer, the best whole order, the least that a label
given up without proof would have cost, stops remembered."""


class Book(NamedTuple):
    """Labels in the order of their making; layer by layer, as many stops seen as layers done.

    Parameters
    ----------
    seen : int64, set of stops, stop i is bit i - 1
    last : int64, the last stop; 0 when the label was given up for a better one
    start_s : int64, when its service begins
    parts : int64, points of the way there in parts, less the prices of the stops before the last
    whole : int64, parts of all points that an order which begins so costs at least, less all prices
    parent, next_in_list : int32, labels; -1 is none
    heads : int32 (N_HEADS,), the youngest label of each list
    shelves : int64 (N_SHELVES,), labels of a layer by what they cost
    numbers : int64, ``N_LABELS`` and so on
    """

    seen: NDArray[np.int64]
    last: NDArray[np.int64]
    start_s: NDArray[np.int64]
    parts: NDArray[np.int64]
    whole: NDArray[np.int64]
    parent: NDArray[np.int32]
    next_in_list: NDArray[np.int32]
    heads: NDArray[np.int32]
    shelves: NDArray[np.int64]
    numbers: NDArray[np.int64]


class Searched(NamedTuple):
    """Stops 1 to n in a better order than the known one, None without; what no order costs less than; and the labels."""

    order: list[int] | None
    bound: int
    n_labels: int


def search(day: Day, walks: Walks, most: int, n_near: int, limit_labels: int, width: int = 0) -> Searched:
    """The best order below ``most`` points, or one that is better at least, or how far the labels went.

    Parameters
    ----------
    walks : as ``bound.bounded`` leaves them, for the same ``most``
    most : points of the best known order, ``FAR`` without one; the bound when every label was looked at
    n_near : as ``bound.bounded`` took it last
    limit_labels : labels to make
    width : labels of a layer to go on from, the cheapest, about; 0: all of them
    """
    n = len(day.cost) - 2
    limit_labels = max(n, limit_labels)
    book = Book(
        np.empty(limit_labels, np.int64),
        np.empty(limit_labels, np.int64),
        np.empty(limit_labels, np.int64),
        np.empty(limit_labels, np.int64),
        np.empty(limit_labels, np.int64),
        np.empty(limit_labels, np.int32),
        np.empty(limit_labels, np.int32),
        np.full(N_HEADS, -1, np.int32),
        np.zeros(N_SHELVES, np.int64),
        np.zeros(N_NUMBERS, np.int64),
    )
    book.numbers[NEAR] = min(n_near, walks.near.shape[1])
    run(day, walks, book, limit_of(most), width or limit_labels)
    n_labels, best, dropped = (int(book.numbers[i]) for i in (N_LABELS, BEST, DROPPED))
    order = []
    if best >= 0:
        most = -(-(int(book.whole[best]) + int(walks.price[1:].sum())) // SCALE)
    while best >= 0:
        order.append(int(book.last[best]))
        best = int(book.parent[best])
    return Searched(order[::-1] or None, min(most, -(-dropped // SCALE)), n_labels)


@compiled
def run(day: Day, walks: Walks, book: Book, limit: int, width: int) -> None:
    """Make all labels, as far as there is room and ``width`` allows."""
    n, numbers, total = len(walks.price) - 1, book.numbers, 0
    for i in range(1, n + 1):
        total += walks.price[i]
    numbers[N_LABELS], numbers[FIRST], numbers[BEST], numbers[DROPPED] = 0, 0, -1, NEVER
    for j in range(1, n + 1):
        if day.cost[0, j] < FAR:
            _add(day, walks, book, -1, 0, j, limit - total)
    for layer in range(1, n):
        first, behind = numbers[FIRST], numbers[N_LABELS]
        numbers[FIRST] = behind
        most = _narrow(book, first, behind, width)
        for label in range(first, behind):
            if book.last[label] > 0 and not _go_on(day, walks, book, label, layer, limit - total, most):
                for other in range(label, behind):
                    if book.last[other] > 0:
                        numbers[DROPPED] = min(numbers[DROPPED], book.whole[other])
                break
    for label in range(numbers[FIRST], numbers[N_LABELS]):
        if book.last[label] > 0 and (numbers[BEST] < 0 or book.whole[label] < book.whole[numbers[BEST]]):
            numbers[BEST] = label
    numbers[DROPPED] += total if numbers[DROPPED] < NEVER else 0


@compiled
def _narrow(book: Book, first: int, behind: int, width: int) -> int:
    """What a label of a layer may cost to be among the cheapest, of which there are about as many as wanted."""
    least, most, n_alive = NEVER, -NEVER, 0
    for label in range(first, behind):
        if book.last[label] > 0:
            least, most, n_alive = min(least, book.whole[label]), max(most, book.whole[label]), n_alive + 1
    if n_alive <= width:
        return NEVER
    step = (most - least) // N_SHELVES + 1
    for shelf in range(N_SHELVES):
        book.shelves[shelf] = 0
    for label in range(first, behind):
        if book.last[label] > 0:
            book.shelves[(book.whole[label] - least) // step] += 1
    n_kept, shelf = book.shelves[0], 0
    while shelf + 1 < N_SHELVES and n_kept + book.shelves[shelf + 1] <= width:
        shelf += 1
        n_kept += book.shelves[shelf]
    return int(least + (shelf + 1) * step - 1)


@compiled
def _go_on(day: Day, walks: Walks, book: Book, label: int, layer: int, limit: int, most: int) -> bool:
    """Go on from a label to every stop, unless it costs too much; False when there is no room."""
    if book.whole[label] > most:
        book.numbers[DROPPED] = min(book.numbers[DROPPED], book.whole[label])
        return True
    i, seen = book.last[label], book.seen[label]
    for j in range(1, len(walks.price)):
        if (
            walks.to[0, layer, i, j] >= 0
            and seen >> (j - 1) & 1 == 0
            and day.before[j] & ~seen == 0
            and not _add(day, walks, book, label, layer, j, limit)
        ):
            return False
    return True


@compiled
def _add(day: Day, walks: Walks, book: Book, parent: int, layer: int, j: int, limit: int) -> bool:
    """Go on to stop j, unless that leads nowhere or a label is as good already; False when there is no room."""
    n = len(walks.price) - 1
    if parent < 0:
        seen, start_s, parts = 0, day.opens_s[0] + day.gap_s[0, j], SCALE * day.cost[0, j]
    else:
        i = book.last[parent]
        seen = book.seen[parent]
        start_s = book.start_s[parent] + day.gap_s[i, j]
        parts = book.parts[parent] + SCALE * day.cost[i, j] - walks.price[i]
    start_s = max(start_s, day.opens_s[j])
    if day.before[j] & ~seen != 0 or start_s > day.latest_s[layer + 1, j]:
        return True
    if day.earliest_s[layer + 1, j] >= FAR:
        return True
    part = (start_s - day.earliest_s[layer + 1, j]) // walks.part_s[layer + 1, j]
    rest = walks.ends[n - layer, j, max(0, part), _may(walks, book.numbers[NEAR], seen, j)]
    if rest >= NEVER or parts + rest > limit:
        return True
    seen |= 1 << (j - 1)
    for u in range(1, n + 1):
        if seen >> (u - 1) & 1 == 0 and start_s + day.least_s[j, u] > day.closes_s[u]:
            return True
    return _enter(book, parent, seen, j, start_s, parts, parts + rest)


@compiled
def _may(walks: Walks, n_near: int, seen: int, j: int) -> int:
    """Which of the stops that j remembers are still to be seen."""
    may = 0
    for b in range(n_near):
        k = walks.near[j, b]
        if k > 0 and seen >> (k - 1) & 1 == 0:
            may |= 1 << b
    return may


@compiled
def _enter(book: Book, parent: int, seen: int, j: int, start_s: int, parts: int, whole: int) -> bool:
    numbers = book.numbers
    where = (seen + 7919 * j) % N_HEADS
    other = book.heads[where]
    while other >= numbers[FIRST]:
        if book.seen[other] == seen and book.last[other] == j:
            if book.start_s[other] <= start_s and book.parts[other] <= parts:
                return True
            if book.start_s[other] >= start_s and book.parts[other] >= parts:
                book.last[other] = 0
        other = book.next_in_list[other]
    label = numbers[N_LABELS]
    if label >= len(book.seen):
        return False
    book.seen[label], book.last[label], book.start_s[label], book.parts[label] = seen, j, start_s, parts
    book.whole[label] = whole
    book.parent[label], book.next_in_list[label] = parent, book.heads[where]
    book.heads[where] = label
    numbers[N_LABELS] = label + 1
    return True
