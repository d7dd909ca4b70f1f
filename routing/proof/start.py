"""A good order to begin with: a few hundred times some stops are taken out and put back where they cost least.

Source: Schrimpf, Schneider, Stamm-Wilbrandt & Dueck (2000), "Record breaking optimization results using the ruin and
recreate principle", Journal of Computational Physics 159(2), 139-171.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.improve.chance import below, drawn
from routing.improve.compiled import compiled
from routing.proof.day import FAR, Day

STEPS_PER_STOP = 40
"""Steps for each stop; twice as many find the best order of every tenth day more, and prove no more days in 50 ms."""

MOST_OUT = 8
"""Stops that one ruin takes out at most."""

N_ANNEALINGS = 4
"""How often the temperature falls, the last order turned round in between: no ruin does that, legs differ there and back.

Measured on days of 25 stops without windows: 0.05 % above the best order instead of 0.9 %."""

EXCHANGES = 0.15
"""Share of the steps that exchange or turn rows of the order in place of a ruin; measured."""

BLINK = 0.15
"""Chance that a place to put a stop back is not looked at.

Source: Christiaens & Vanden Berghe (2020), Transportation Science 54(2), who blink at one in a hundred."""

HOT, COLD = 0.3, 0.01
"""Temperature at the first and at the last step, as shares of the mean leg of the order."""

LEFT_OUT = FAR << 3
"""Points of a stop without a position: more than any leg that may not be driven."""

SEED = 88172645463325252
"""Where the generator begins, always: the first state that Marsaglia (2003) gives for xorshift."""

N_NUMBERS = 3
N_ORDER, N_OUT, N_BEST = range(N_NUMBERS)
"""Columns of ``Hand.numbers``: stops with a position, stops without, stops of the best order."""


class Hand(NamedTuple):
    """Where an order is worked on.

    Parameters
    ----------
    order, best, kept : int64 (n,), stops
    out : int64 (n,), stops without a position
    free_s, until_s : int64 (n + 2,), by position, 0 is the start: earliest start of service, latest that still works
    numbers : int64, ``N_ORDER`` and so on
    random : uint64 (1,)
    """

    order: NDArray[np.int64]
    best: NDArray[np.int64]
    kept: NDArray[np.int64]
    out: NDArray[np.int64]
    free_s: NDArray[np.int64]
    until_s: NDArray[np.int64]
    numbers: NDArray[np.int64]
    random: NDArray[np.uint64]


def good_order(day: Day, first: list[int] | None = None) -> list[int] | None:
    """Stops 1 to n in an order that the day allows, or None when none was found; the same each time.

    Parameters
    ----------
    first : an order to begin with; what cannot be driven of it is mended. The answer costs no more, if it can be driven
    """
    n = len(day.cost) - 2
    stops = np.array(first if first is not None else np.argsort(day.closes_s[1:-1], kind="stable") + 1, np.int64)
    hand = Hand(
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n + 2, np.int64),
        np.zeros(n + 2, np.int64),
        np.zeros(N_NUMBERS, np.int64),
        np.array([SEED], np.uint64),
    )
    best = run(day, hand, stops, STEPS_PER_STOP * n, first is not None)
    return [int(stop) for stop in hand.best] if best < FAR else None


@compiled
def run(day: Day, hand: Hand, stops: NDArray[np.int64], n_steps: int, as_given: bool) -> int:
    """Points of the best order, which is then in ``hand.best``; ``FAR`` or more when none can be driven."""
    n = len(stops)
    _begin(day, hand, stops, as_given)
    best = here = _points(day, hand)
    _keep(hand, hand.best)
    _keep(hand, hand.kept)
    hand.numbers[N_BEST] = hand.numbers[N_ORDER]
    n_kept = hand.numbers[N_ORDER]
    for step in range(n_steps):
        share = step * N_ANNEALINGS / n_steps % 1.0
        if step > 0 and step * N_ANNEALINGS % n_steps < N_ANNEALINGS:
            _restore(hand, n_kept)
            _turn(day, hand)
            here, n_kept = _points(day, hand), hand.numbers[N_ORDER]
            _keep(hand, hand.kept)
        mean = max(1.0, (best % FAR) / (n + 1.0))
        heat = mean * HOT * (COLD / HOT) ** share
        if drawn(hand.random) < EXCHANGES:
            _exchange_rows(day, hand)
        else:
            _ruin(day, hand)
            _recreate(day, hand)
        points = _points(day, hand)
        if points < here - heat * np.log(max(1e-12, drawn(hand.random))):
            here, n_kept = points, hand.numbers[N_ORDER]
            _keep(hand, hand.kept)
            if points < best:
                best = points
                _keep(hand, hand.best)
                hand.numbers[N_BEST] = n_kept
        else:
            _restore(hand, n_kept)
    return best


@compiled
def _begin(day: Day, hand: Hand, stops: NDArray[np.int64], as_given: bool) -> None:
    """All stops in the given order where it can be driven; else each where it costs least, in this order."""
    n = len(stops)
    if as_given:
        for i in range(n):
            hand.order[i] = stops[i]
        hand.numbers[N_ORDER] = n
        if _times(day, hand):
            return
    hand.numbers[N_ORDER], hand.numbers[N_OUT] = 0, n
    for i in range(n):
        hand.out[n - 1 - i] = stops[i]
    _times(day, hand)
    _put_back(day, hand)


@compiled
def _keep(hand: Hand, into: NDArray[np.int64]) -> None:
    """The order, and behind it what has no position."""
    n, n_out = hand.numbers[N_ORDER], hand.numbers[N_OUT]
    for i in range(n):
        into[i] = hand.order[i]
    for i in range(n_out):
        into[n + i] = hand.out[i]


@compiled
def _restore(hand: Hand, n_kept: int) -> None:
    hand.numbers[N_ORDER], hand.numbers[N_OUT] = n_kept, len(hand.kept) - n_kept
    for i in range(len(hand.kept)):
        if i < n_kept:
            hand.order[i] = hand.kept[i]
        else:
            hand.out[i - n_kept] = hand.kept[i]


@compiled
def _points(day: Day, hand: Hand) -> int:
    total, at = hand.numbers[N_OUT] * LEFT_OUT, 0
    for i in range(hand.numbers[N_ORDER]):
        total += day.cost[at, hand.order[i]]
        at = hand.order[i]
    return int(total + day.cost[at, len(day.cost) - 1]) if hand.numbers[N_ORDER] else int(total)


@compiled
def _times(day: Day, hand: Hand) -> bool:
    """Work out the earliest and latest starts of the order; whether it can be driven."""
    n, end = hand.numbers[N_ORDER], len(day.cost) - 1
    hand.free_s[0] = day.opens_s[0]
    at = 0
    for i in range(n + 1):
        to = hand.order[i] if i < n else end
        hand.free_s[i + 1] = max(day.opens_s[to], hand.free_s[i] + day.gap_s[at, to])
        at = to
    hand.until_s[n + 1] = day.closes_s[end]
    at = end
    for i in range(n, 0, -1):
        stop = hand.order[i - 1]
        hand.until_s[i] = min(day.closes_s[stop], hand.until_s[i + 1] - day.gap_s[stop, at])
        at = stop
    in_time = True
    for i in range(1, n + 2):
        in_time = in_time and hand.free_s[i] <= hand.until_s[i]
    return bool(in_time)


@compiled
def _ruin(day: Day, hand: Hand) -> None:
    """Take out a row of the order, or the stops nearest to one."""
    n = hand.numbers[N_ORDER]
    if n == 0:
        return
    how_many = min(n, 1 + below(hand.random, MOST_OUT))
    if drawn(hand.random) < 0.5:
        first = below(hand.random, n - how_many + 1)
        for _ in range(how_many):
            _take_out(hand, first)
        return
    seed = hand.order[below(hand.random, n)]
    for _ in range(how_many):
        nearest, least = 0, FAR << 4
        for i in range(hand.numbers[N_ORDER]):
            stop = hand.order[i]
            apart = 0 if stop == seed else min(day.cost[stop, seed], day.cost[seed, stop])
            if drawn(hand.random) < 0.8 and apart < least:
                nearest, least = i, apart
        _take_out(hand, nearest)


@compiled
def _turn(day: Day, hand: Hand) -> None:
    """The whole order the other way round, if that can be driven."""
    n = hand.numbers[N_ORDER]
    _reverse(hand, 0, n)
    if not _times(day, hand):
        _reverse(hand, 0, n)


@compiled
def _reverse(hand: Hand, first: int, behind: int) -> None:
    for k in range((behind - first) // 2):
        other = behind - 1 - k
        hand.order[first + k], hand.order[other] = hand.order[other], hand.order[first + k]


@compiled
def _exchange_rows(day: Day, hand: Hand) -> None:
    """Two neighbouring rows of stops change places, sometimes one of them turned round; as before if too late."""
    n = hand.numbers[N_ORDER]
    if n < 2:
        return
    first, behind = below(hand.random, n + 1), below(hand.random, n + 1)
    first, behind = min(first, behind), max(first, behind)
    if behind - first < 2:
        return
    length = 1 + below(hand.random, behind - first - 1)
    kind = drawn(hand.random)
    turned_front, turned_back, exchanged = kind < 0.2, 0.1 < kind < 0.3, kind > 0.05
    if turned_front:
        _reverse(hand, first, first + length)
    if turned_back:
        _reverse(hand, first + length, behind)
    if exchanged:
        _reverse(hand, first, first + length)
        _reverse(hand, first + length, behind)
        _reverse(hand, first, behind)
    if not _times(day, hand):
        if exchanged:
            _reverse(hand, first, behind)
            _reverse(hand, first, first + length)
            _reverse(hand, first + length, behind)
        if turned_back:
            _reverse(hand, first + length, behind)
        if turned_front:
            _reverse(hand, first, first + length)


@compiled
def _take_out(hand: Hand, position: int) -> None:
    n, n_out = hand.numbers[N_ORDER], hand.numbers[N_OUT]
    hand.out[n_out] = hand.order[position]
    for i in range(position, n - 1):
        hand.order[i] = hand.order[i + 1]
    hand.numbers[N_ORDER], hand.numbers[N_OUT] = n - 1, n_out + 1


@compiled
def _recreate(day: Day, hand: Hand) -> None:
    """Put everything back, in an order of chance, or what closes first last: the last is put back first."""
    n_out = hand.numbers[N_OUT]
    for i in range(n_out - 1, 0, -1):
        j = below(hand.random, i + 1)
        hand.out[i], hand.out[j] = hand.out[j], hand.out[i]
    if drawn(hand.random) < 0.3:
        for i in range(1, n_out):
            j = i
            while j > 0 and _room_s(day, hand.out[j]) > _room_s(day, hand.out[j - 1]):
                hand.out[j], hand.out[j - 1] = hand.out[j - 1], hand.out[j]
                j -= 1
    if _times(day, hand):
        _put_back(day, hand)


@compiled
def _room_s(day: Day, stop: int) -> int:
    return int(day.closes_s[stop] - day.opens_s[stop])


@compiled
def _put_back(day: Day, hand: Hand) -> None:
    n_out, n_left = hand.numbers[N_OUT], 0
    for k in range(n_out - 1, -1, -1):
        stop = hand.out[k]
        position = _cheapest(day, hand, stop)
        if position < 0:
            hand.out[n_out - 1 - n_left] = stop  # never one that is still to come: those are before k
            n_left += 1
            continue
        n = hand.numbers[N_ORDER]
        for i in range(n, position, -1):
            hand.order[i] = hand.order[i - 1]
        hand.order[position] = stop
        hand.numbers[N_ORDER] = n + 1
        _times(day, hand)
    for i in range(n_left):
        hand.out[i] = hand.out[n_out - n_left + i]
    hand.numbers[N_OUT] = n_left


@compiled
def _cheapest(day: Day, hand: Hand, stop: int) -> int:
    """Where a stop costs least to insert, -1 when nowhere."""
    n, end = hand.numbers[N_ORDER], len(day.cost) - 1
    best, where = FAR << 2, -1
    for i in range(n + 1):
        a = hand.order[i - 1] if i else 0
        b = hand.order[i] if i < n else end
        added = day.cost[a, stop] + day.cost[stop, b] - (day.cost[a, b] if n else 0)
        if added < best and drawn(hand.random) >= BLINK:
            at_s = max(day.opens_s[stop], hand.free_s[i] + day.gap_s[a, stop])
            if at_s <= day.closes_s[stop] and at_s + day.gap_s[stop, b] <= hand.until_s[i + 1]:
                best, where = added, i
    return where
