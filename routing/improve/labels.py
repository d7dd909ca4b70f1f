"""What the times of an order cost where waiting may pay, breaks bear on it, or working time is limited.

The labels of ``routing.priced_times``, compiled, step for step: the same times come of it. A label stands for one way of
driving up to a position with so many breaks taken; none is earlier and cheaper than another of its kind.
"""

import numpy as np

from routing.improve import columns as at
from routing.improve.compiled import inner
from routing.improve.field import Field
from routing.improve.state import State
from routing.improve.steps import NEVER, action_s, begin, earliest, rest_from, windows_of

MOST_DEPARTURES = 24
"""How often leaving home is put off to keep the limit of working time; as in ``routing.priced_times``."""

POINTS, MOMENT, N_TAKEN, FREE = range(4)
"""Columns of ``State.won``: what a way costs, when it is back, breaks taken; then those, then starts of service."""


@inner
def is_labelled(f: Field, v: int, row: np.ndarray, n: int) -> bool:
    """Whether the earliest times of a row may not be its cheapest, or may break the limit of working time."""
    who = f.vehicle[v]
    if who[at.MOST_WORK] < NEVER or (who[at.N_BREAKS] and who[at.OVERTIME_COST]):
        return True
    found = False
    for i in range(n):
        found = found or f.stop[row[i], at.MOVED_COST] or (who[at.N_BREAKS] and f.stop[row[i], at.LATE_COST])
    return bool(found)


@inner
def cheapest(f: Field, st: State, v: int, row: np.ndarray, n: int) -> int:
    """What the cheapest times of a row cost, -1 where it cannot be driven; the starts of service are in ``st.won``."""
    who, breaks = f.vehicle[v], f.breaks[v]
    st.won[0, POINTS] = NEVER
    _leave_at(f, st, v, row, n, who[at.OPENS])
    if who[at.MOST_WORK] < NEVER:
        # Or home is left right after a rest there.
        for k in range(who[at.N_BREAKS]):
            for w in range(breaks[k, at.N_SPANS]):
                _leave_at(f, st, v, row, n, breaks[k, at.SPANS + 2 * w] + breaks[k, at.LASTS])
    return st.won[0, POINTS] if st.won[0, POINTS] < NEVER else -1


@inner
def starts_from(f: Field) -> int:
    """Where in ``st.won`` the starts of service stand."""
    return FREE + 2 * f.last_return.shape[1]


@inner
def _leave_at(f: Field, st: State, v: int, row: np.ndarray, n: int, leaves_s: int) -> None:
    """Ways that leave home no earlier than this; of the first departure that keeps the working time, where it is limited."""
    most_s = f.vehicle[v, at.MOST_WORK]
    for _ in range(MOST_DEPARTURES):
        _drive_on(f, st, v, row, n, leaves_s)
        any_good, back_s = False, NEVER
        for k in range(f.vehicle[v, at.N_BREAKS] + 1):
            for j in range(st.layers[at.READY, k]):
                label = st.labels[n + 1, k, j]
                if label[at.CLOCK] > f.last_return[v, k]:
                    continue
                back_s = min(back_s, label[at.CLOCK])
                _unfold(f, st, v, n, k, j)
                if most_s >= NEVER or label[at.CLOCK] - _left_home_s(f, st, v, row) <= most_s:
                    any_good = True
                    _keep_better(f, st, v, n)
        if any_good or back_s >= NEVER or most_s >= NEVER or f.vehicle[v, at.N_FROZEN]:
            return
        # Nobody who leaves earlier than this is back in time: the return moves with the departure.
        leaves_s = max(leaves_s + 1, back_s - most_s)


@inner
def _drive_on(f: Field, st: State, v: int, row: np.ndarray, n: int, leaves_s: int) -> None:
    """Labels of every position, those of the return at n + 1; how many there are by layer is in ``st.layers`` then."""
    who, breaks, n_layers = f.vehicle[v], f.breaks[v], f.vehicle[v, at.N_BREAKS] + 1
    counts, reached = st.layers[at.READY], st.layers[at.CURRENT]
    first = begin(f, v, row, n, st.layers[at.ONWARD])
    counts[:] = 0
    counts[0] = 1
    root = st.labels[first, 0, 0]
    root[at.CLOCK] = st.layers[at.ONWARD, 0] if first else leaves_s
    root[at.COST], root[at.PARENT] = 0, -1
    for i in range(first):
        s = row[i]
        root[at.COST] += _begin_points(f, s, f.stop[s, at.FROZEN_AT])
    before = f.stop[row[first - 1], at.PLACE] if first else who[at.START]
    for i in range(first, n + 1):
        here = f.stop[row[i], at.PLACE] if i < n else who[at.END]
        drive_s = f.duration[who[at.GROUND], before, here]
        reached[:] = 0
        for k in range(n_layers):
            for j in range(counts[k]):
                leaves_s, label = st.labels[i, k, j, at.CLOCK], k * st.labels.shape[2] + j
                _arrive(f, st, v, row[:n], i, label, k, leaves_s + drive_s)
                free_s, done_s = leaves_s, leaves_s + drive_s
                for taken in range(k, n_layers - 1):
                    rests_s = rest_from(breaks[taken], free_s)
                    if rests_s >= NEVER:
                        break
                    st.layers[at.RESTS_AT, taken] = rests_s
                    free_s = rests_s + breaks[taken, at.LASTS]
                    done_s = max(done_s, rests_s) + breaks[taken, at.LASTS]
                    _arrive(f, st, v, row[:n], i, label, taken + 1, done_s)
        for k in range(n_layers):
            counts[k] = reached[k]
        before = here


@inner
def _begin_points(f: Field, s: int, starts_s: int) -> int:
    """What it costs that service begins then: late, or at another time than promised."""
    stop = f.stop[s]
    points = max(0, starts_s - stop[at.DUE]) * stop[at.LATE_COST]
    if stop[at.MOVED_COST] and abs(starts_s - stop[at.PROMISED]) > stop[at.TOLERANCE]:
        points += stop[at.MOVED_COST]
    return points


@inner
def _arrive(f: Field, st: State, v: int, row: np.ndarray, i: int, label: int, taken: int, ready_s: int) -> None:
    """Go on from a label at position i: begin as early as possible; or wait until a promise is kept."""
    size = st.labels.shape[2]
    who, cost = f.vehicle[v], st.labels[i, label // size, label % size, at.COST]
    if i == len(row):
        _add(st, i, label, taken, ready_s, cost, ready_s)
        return
    s = row[i]
    stop, windows = f.stop[s], windows_of(f, st, s)
    action = action_s(f, v, f.stop[row[i - 1], at.PLACE] if i else who[at.START], s)
    starts_s = earliest(windows, ready_s)
    if starts_s >= NEVER:
        return
    _add(st, i, label, taken, starts_s + action, cost + _begin_points(f, s, starts_s), starts_s)
    if stop[at.MOVED_COST]:
        kept_s = earliest(windows, max(ready_s, stop[at.PROMISED] - stop[at.TOLERANCE]))
        if kept_s != starts_s and kept_s <= stop[at.PROMISED] + stop[at.TOLERANCE]:
            _add(st, i, label, taken, kept_s + action, cost + _begin_points(f, s, kept_s), kept_s)


@inner
def _add(st: State, i: int, label: int, taken: int, clock_s: int, cost: int, begun_s: int) -> None:
    """A label behind position i, unless another is as early and as cheap; those that it beats go."""
    counts, labels = st.layers[at.CURRENT], st.labels[i + 1, taken]
    most = labels.shape[0] - 1
    k, j = label // (most + 1), label % (most + 1)
    # The last place is where the new one is made, to be compared.
    new = labels[most]
    new[at.CLOCK], new[at.COST], new[at.BEGUN], new[at.PARENT] = clock_s, cost, begun_s, label
    for b in range(k):
        new[at.RESTS + 2 * b] = st.labels[i, k, j, at.RESTS + 2 * b]
        new[at.RESTS + 2 * b + 1] = st.labels[i, k, j, at.RESTS + 2 * b + 1]
    for b in range(k, taken):
        new[at.RESTS + 2 * b] = i
        new[at.RESTS + 2 * b + 1] = st.layers[at.RESTS_AT, b]
    for other in range(counts[taken]):
        old = labels[other]
        level = old[at.CLOCK] == clock_s and old[at.COST] == cost
        if (
            old[at.CLOCK] <= clock_s
            and old[at.COST] <= cost
            and not (level and _comes_first(st, i + 1, taken, most, other))
        ):
            return
    kept = 0
    for other in range(counts[taken]):
        old = labels[other]
        if not (clock_s <= old[at.CLOCK] and cost <= old[at.COST]):
            if kept < other:
                for c in range(labels.shape[1]):
                    labels[kept, c] = old[c]
            kept += 1
    if kept < most:
        for c in range(labels.shape[1]):
            labels[kept, c] = new[c]
        kept += 1
    counts[taken] = kept


@inner
def _comes_first(st: State, position: int, taken: int, one: int, other: int) -> bool:
    """Of two labels that are level, whether the breaks of ``one`` begin earlier, or then its services."""
    labels = st.labels[position, taken]
    for c in range(at.RESTS, at.RESTS + 2 * taken):
        if labels[one, c] != labels[other, c]:
            return bool(labels[one, c] < labels[other, c])
    a, b, first = taken * labels.shape[0] + one, taken * labels.shape[0] + other, False
    while a != b and position >= 0:
        left = st.labels[position, a // labels.shape[0], a % labels.shape[0]]
        right = st.labels[position, b // labels.shape[0], b % labels.shape[0]]
        if left[at.BEGUN] != right[at.BEGUN]:
            first = left[at.BEGUN] < right[at.BEGUN]
        a, b = left[at.PARENT], right[at.PARENT]
        position -= 1
    return first


@inner
def _unfold(f: Field, st: State, v: int, n: int, k: int, j: int) -> None:
    """Write a way that has come home to ``st.won[1]``."""
    way, who, base = st.won[1], f.vehicle[v], starts_from(f)
    label = st.labels[n + 1, k, j]
    way[POINTS] = label[at.COST] + max(0, label[at.CLOCK] - who[at.OVERTIME_FROM]) * who[at.OVERTIME_COST]
    way[MOMENT], way[N_TAKEN] = label[at.CLOCK], k
    for c in range(2 * k):
        way[FREE + c] = label[at.RESTS + c]
    code, first = label[at.PARENT], min(n, who[at.N_FROZEN])
    for i in range(n - 1, first - 1, -1):
        size = st.labels.shape[2]
        label = st.labels[i + 1, code // size, code % size]
        way[base + i] = label[at.BEGUN]
        code = label[at.PARENT]


@inner
def _left_home_s(f: Field, st: State, v: int, row: np.ndarray) -> int:
    """Latest departure from home for the way in ``st.won[1]``, around breaks that stay where they are."""
    who, way = f.vehicle[v], st.won[1]
    drive_s = f.duration[who[at.GROUND], who[at.START], f.stop[row[0], at.PLACE]]
    if who[at.N_FROZEN]:
        return max(who[at.OPENS], f.stop[row[0], at.FROZEN_AT] - drive_s)
    cursor_s, left_s, n_before = way[starts_from(f)], drive_s, 0
    while n_before < way[N_TAKEN] and way[FREE + 2 * n_before] == 0:
        n_before += 1
    for k in range(n_before - 1, -1, -1):
        begins_s = way[FREE + 2 * k + 1]
        ends_s = begins_s + f.breaks[v, k, at.LASTS]
        if left_s <= cursor_s - ends_s:
            break
        left_s -= cursor_s - ends_s
        cursor_s = begins_s
    return cursor_s - left_s


@inner
def _keep_better(f: Field, st: State, v: int, n: int) -> None:
    """Let the way in ``st.won[1]`` take the place of the other if it is cheaper, or then earlier back, or rests earlier."""
    best, way, base = st.won[0], st.won[1], starts_from(f)
    better = 0
    if best[POINTS] < NEVER:
        for c in range(2):
            if better == 0 and way[c] != best[c]:
                better = 1 if way[c] < best[c] else -1
        n_both = min(way[N_TAKEN], best[N_TAKEN])
        for c in range(FREE, FREE + 2 * n_both):
            if better == 0 and way[c] != best[c]:
                better = 1 if way[c] < best[c] else -1
        if better == 0 and way[N_TAKEN] != best[N_TAKEN]:
            better = 1 if way[N_TAKEN] < best[N_TAKEN] else -1
        for c in range(base + min(n, f.vehicle[v, at.N_FROZEN]), base + n):
            if better == 0 and way[c] != best[c]:
                better = 1 if way[c] < best[c] else -1
        if better <= 0:
            return
    for c in range(base + n):
        best[c] = way[c]
