"""Where one more stop goes in a day under way, compiled: every place in O(1), and runs of lesser visits that make room.

All compiled functions of this package stand in this file: numba keeps compiled code by file, and does not notice when
a function that it calls in another one changes.

Source: the tests of a place are those of ``routing.improve.lean.insert``; that several visits in a row may make room
for one that weighs more follows ejection in Nagata & Braysy (2009), "A powerful route minimization heuristic for the
vehicle routing problem with time windows", Operations Research Letters 37(5).
"""

import numpy as np

from routing.improve.compiled import compiled
from routing.improve.lean import columns as at
from routing.improve.lean.ground import NEVER, NO_ROOM, Ground
from routing.improve.lean.insert import way_in
from routing.improve.lean.loop import iterate
from routing.improve.lean.manner import Manner
from routing.improve.lean.promises import touched_promises
from routing.improve.lean.rows import State, leave_out, no_longer_left, note_best, put_in, rebuild, take_back, touch

POINTS, ROW, BEFORE, BEHIND = range(4)
"""Columns of a run: points of having the stop in its place, the row, the positions before and behind it."""


@compiled
def cheapest_place(g: Ground, st: State, s: int) -> tuple[int, int, int]:
    """Points, vehicle and position of the cheapest place of all; ``NO_ROOM`` points where there is none."""
    kind = g.stop[s, at.CLASS]
    best, whose, where = NO_ROOM, -1, -1
    for k in range(g.able_from[kind], g.able_from[kind + 1]):
        v = g.able[k]
        once = g.surcharge[g.vehicle[v, at.SURCHARGE_ROW], s]
        if st.head[at.LENGTH, v] == 0:
            once += g.vehicle[v, at.FIXED]
        if once >= best:
            continue
        added = way_in(g, st, v, s)
        if added < NO_ROOM and added + once < best:
            best, whose, where = added + once, v, st.known[s, v, 1]
    return best, whose, where


@compiled
def mildest_place(g: Ground, st: State, s: int) -> tuple[int, int, int]:
    """The same with the points of the promised times that no longer hold then; of each row only its cheapest place is tried."""
    kind = g.stop[s, at.CLASS]
    best, whose, where = NO_ROOM, -1, -1
    for k in range(g.able_from[kind], g.able_from[kind + 1]):
        v = g.able[k]
        added = way_in(g, st, v, s)
        if added >= NO_ROOM:
            continue
        added += g.surcharge[g.vehicle[v, at.SURCHARGE_ROW], s]
        if st.head[at.LENGTH, v] == 0:
            added += g.vehicle[v, at.FIXED]
        i = st.known[s, v, 1]
        begin(st)
        added += place(g, st, s, v, i)
        take_back(st)
        if added < best:
            best, whose, where = added, v, i
    return best, whose, where


@compiled
def begin(st: State) -> None:
    """From here on, ``rows.take_back`` leads back to the rows as they are."""
    st.numbers[at.ITERATION] += 1
    st.numbers[at.N_TOUCHED], st.numbers[at.N_BAG], st.numbers[at.N_BROKEN] = 0, 0, 0


@compiled
def place(g: Ground, st: State, s: int, v: int, i: int) -> int:
    """Put a stop that nobody serves behind a position of a row; points of promised times that this changes."""
    st.bag[st.numbers[at.N_BAG]] = s
    st.numbers[at.N_BAG] += 1
    touch(st, v)
    put_in(g, st, v, i, s)
    return _promises_changed(g, st)


@compiled
def _promises_changed(g: Ground, st: State) -> int:
    if not len(g.promise):
        return 0
    return touched_promises(g, st.touched, st.numbers[at.N_TOUCHED], st.head, st.row)


@compiled
def keep(st: State, changed: int) -> None:
    """What has changed since ``begin``, by so many points, becomes the plan in force."""
    st.numbers[at.TOTAL] += changed
    for k in range(st.numbers[at.N_BAG]):
        if st.who[st.bag[k]] < 0:
            leave_out(st, st.bag[k])
        else:
            no_longer_left(st, st.bag[k])
    note_best(st)


@compiled
def lesser_runs(g: Ground, st: State, s: int, found: np.ndarray) -> int:
    """The cheapest runs of stops behind the frozen ones that together weigh less than ``s`` and make room for it.

    ``found``: int64 (runs, columns), filled with the cheapest first, as if nobody else could take what is in them;
    returned is how many there are.
    """
    kind, worth, n_found = g.stop[s, at.CLASS], g.worth[s], 0
    for k in range(g.able_from[kind], g.able_from[kind + 1]):
        v = g.able[k]
        who, row, n = g.vehicle[v], st.row[v], st.head[at.LENGTH, v]
        own, costs = who[at.SURCHARGE_ROW], who[at.COST_AT]
        for i in range(min(n, who[at.N_FROZEN]), n):
            lost, arcs, drives_s, load = 0, row[i, at.ARC], row[i, at.DRIVE], 0
            for j in range(i + 2, n + 2):
                x = row[j - 1, at.NODE]
                lost += g.worth[x]
                if lost >= worth:
                    break
                lost -= g.surcharge[own, x]
                load += g.stop[x, at.DEMAND]
                arcs += row[j - 1, at.ARC]
                drives_s += row[j - 1, at.DRIVE]
                points = g.cost[costs + row[i, at.NODE], s] + g.cost[costs + s, row[j, at.NODE]] - arcs
                points += lost + g.surcharge[own, s]
                lost += g.surcharge[own, x]
                if n_found == len(found) and points >= found[n_found - 1, POINTS]:
                    continue
                if row[n, at.LOAD] - load + g.stop[s, at.DEMAND] > who[at.CAPACITY]:
                    continue
                if _joins(g, who, row, i, j, s, who[at.MOST_TRAVEL] - st.head[at.TRAVEL, v] + drives_s):
                    n_found = _noted(found, n_found, points, v, i, j)
    return n_found


@compiled
def _joins(g: Ground, who: np.ndarray, row: np.ndarray, i: int, j: int, s: int, room_s: int) -> bool:
    """Whether a row can be driven with a stop in place of what stands between two positions."""
    drives = who[at.DRIVE_AT]
    here_s, on_s = g.drive[drives + row[i, at.NODE], s], g.drive[drives + s, row[j, at.NODE]]
    if here_s + on_s > room_s:
        return False
    earliest_s, until_s, service_s = g.stop[s, at.EARLIEST], g.stop[s, at.UNTIL], g.service[who[at.SERVICE_ROW], s]
    free_s = row[i, at.FREE] + here_s
    if row[i, at.OWING] < NEVER:
        owing_s = row[i, at.OWING] + here_s
        if row[i, at.OWING] <= who[at.BREAK_UNTIL]:
            free_s = min(free_s, max(owing_s, who[at.BREAK_FROM]) + who[at.BREAK_S])
        if owing_s <= until_s:
            leaves_s = max(owing_s, earliest_s) + service_s
            if leaves_s + on_s <= row[j, at.OWING_BY]:
                return True
            rested_s = max(leaves_s + on_s, who[at.BREAK_FROM]) + who[at.BREAK_S]
            if leaves_s <= who[at.BREAK_UNTIL] and rested_s <= row[j, at.FREE_BY]:
                return True
    return bool(free_s <= until_s and max(free_s, earliest_s) + service_s + on_s <= row[j, at.FREE_BY])


@compiled
def _noted(found: np.ndarray, n_found: int, points: int, v: int, i: int, j: int) -> int:
    """Put a run among those found, the cheapest first; how many there are then."""
    k = min(n_found, len(found) - 1)
    while k and found[k - 1, POINTS] > points:
        for c in range(4):
            found[k, c] = found[k - 1, c]
        k -= 1
    found[k, POINTS], found[k, ROW], found[k, BEFORE], found[k, BEHIND] = points, v, i, j
    return min(n_found + 1, len(found))


@compiled
def make_room(g: Ground, st: State, s: int, found: np.ndarray) -> int:
    """Put a stop in place of the lesser run that makes the plan cheapest, whose stops go elsewhere; points that this changes.

    The rows are as that leaves them; 0 where no run makes the plan cheaper, and nothing has changed then. ``found`` is
    scratch: int64 (runs to try, columns).
    """
    n_found, best, chosen = lesser_runs(g, st, s, found), 0, -1
    for k in range(n_found):
        begin(st)
        changed = _exchange(g, st, s, found[k])
        take_back(st)
        if changed < best:
            best, chosen = changed, k
    begin(st)
    return _exchange(g, st, s, found[chosen]) if chosen >= 0 else 0


@compiled
def _exchange(g: Ground, st: State, s: int, run: np.ndarray) -> int:
    """A stop takes the place of a run, whose stops go wherever it is cheapest if that pays; points that this changes.

    To be called after ``begin``; ``NO_ROOM`` where the row cannot be driven after all.
    """
    v, i, j = run[ROW], run[BEFORE], run[BEHIND]
    who, row, n = g.vehicle[v], st.row[v], st.head[at.LENGTH, v]
    touch(st, v)
    changed, first = -_legs_points(st, v), st.numbers[at.N_BAG] + 1
    st.bag[first - 1] = s
    for k in range(i + 1, j):
        x = row[k, at.NODE]
        st.bag[first + k - i - 1] = x
        st.who[x] = -1
        changed += g.worth[x] - g.surcharge[who[at.SURCHARGE_ROW], x]
    st.numbers[at.N_BAG] = first + j - i - 1
    row[i + 1, at.NODE] = s
    for k in range(j, n + 1):
        row[i + 2 + k - j, at.NODE] = row[k, at.NODE]
    st.head[at.LENGTH, v] = n - (j - i - 1) + 1
    st.who[s] = v
    rebuild(g, st, v)
    if st.numbers[at.N_BROKEN]:
        return NO_ROOM
    changed += _legs_points(st, v) + g.surcharge[who[at.SURCHARGE_ROW], s] - g.worth[s]
    for k in range(first, st.numbers[at.N_BAG]):
        # The weightiest that is left comes next.
        for other in range(k + 1, st.numbers[at.N_BAG]):
            if g.worth[st.bag[other]] > g.worth[st.bag[k]]:
                st.bag[k], st.bag[other] = st.bag[other], st.bag[k]
        x = st.bag[k]
        added, whose, where = cheapest_place(g, st, x)
        if added < g.worth[x]:
            touch(st, whose)
            put_in(g, st, whose, where, x)
            changed += added - g.worth[x]
    return int(changed + _promises_changed(g, st))


@compiled
def _legs_points(st: State, v: int) -> int:
    total = 0
    for i in range(st.head[at.LENGTH, v] + 1):
        total += st.row[v, i, at.ARC]
    return total


@compiled
def only_left(st: State, s: int) -> None:
    """Of the stops that nobody serves, the search shall know this one alone."""
    for k in range(st.numbers[at.N_LEFT]):
        st.left_at[st.left[k]] = -1
    st.left[0], st.left_at[s], st.numbers[at.N_LEFT] = s, 0, 1


@compiled
def until_placed(g: Ground, st: State, m: Manner, s: int, n_iterations: int, temperature: float, below: int) -> bool:
    """Iterate until somebody serves a stop and the plan costs less than ``below``; False when neither came about."""
    for _ in range(n_iterations):
        iterate(g, st, m, temperature)
        if st.who[s] >= 0 and st.numbers[at.TOTAL] < below:
            return True
    return False
