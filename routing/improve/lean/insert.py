"""Where a stop goes cheapest into one row; whether it fits is told in O(1) for each place.

Source: two layers of schedules, with the break taken and owed, after Kok, Meyer, Kopfer & Schutten (2010), "A dynamic
programming heuristic for the vehicle routing problem with time windows and European Community social legislation",
Transportation Science 44(4), cut down to one break.
"""

import numpy as np

from routing.improve.compiled import compiled, woven
from routing.improve.lean import columns as at
from routing.improve.lean.details import is_detailed
from routing.improve.lean.ground import NEVER, NO_ROOM, Ground
from routing.improve.lean.loads import lay_out_loads, within_loads
from routing.improve.lean.pairs import way_in_for_both
from routing.improve.lean.rows import State
from routing.improve.lean.work import lay_out, within_work


@woven
def way_in(g: Ground, st: State, v: int, s: int) -> int:
    """Points of the legs that the cheapest place in a row adds, ``NO_ROOM`` without one; kept in ``known`` with the place."""
    known = st.known[s, v]
    if known[0] == st.head[at.STAMP, v]:
        return known[2]
    who, n = g.vehicle[v], st.head[at.LENGTH, v]
    best, where, q = NO_ROOM, -1, g.stop[s, at.BRINGS]
    known[0] = st.head[at.STAMP, v]
    if st.row[v, n, at.LOAD] + g.stop[s, at.DEMAND] <= who[at.CAPACITY] and n + (q >= 0) < who[at.MOST_STOPS]:
        room_s = who[at.MOST_TRAVEL] - st.head[at.TRAVEL, v]
        if q >= 0 or g.stop.shape[1] > at.LOADS or is_detailed(g):
            best, where = _laid_out(g, st, v, s, room_s)
        elif who[at.HAS_BREAK]:
            best, where = _with_break(g, who, st.row[v], n, s, room_s)
        elif who[at.MOST_WORK] < NEVER:
            if st.work_stamp[v] != known[0]:
                lay_out(g, who, st.row[v], n, st.work[v])
                st.work_stamp[v] = known[0]
            best, where = within_work(g, who, st.row[v], n, s, room_s, st.work[v])
        else:
            best, where = _plain(g, who, st.row[v], n, s, room_s)
    known[1], known[2] = where, best
    return best


@compiled
def _laid_out(g: Ground, st: State, v: int, s: int, room_s: int) -> tuple[int, int]:
    """The same for a pickup with its delivery, whose position is kept in ``known`` of that, and where loads or ``details`` bear on it."""
    who, row, n, work = g.vehicle[v], st.row[v], st.head[at.LENGTH, v], st.work[v]
    if st.work_stamp[v] != st.head[at.STAMP, v]:
        if who[at.MOST_WORK] < NEVER:
            lay_out(g, who, row, n, work)
        lay_out_loads(g, row, n, work)
        st.work_stamp[v] = st.head[at.STAMP, v]
    q = g.stop[s, at.BRINGS]
    if q < 0:
        return within_loads(g, who, row, n, s, room_s, work)
    best, where, to = way_in_for_both(g, who, row, n, s, room_s, work, st.swap)
    st.known[q, v, 1] = to
    return best, where


@woven
def _plain(g: Ground, who: np.ndarray, row: np.ndarray, n: int, s: int, room_s: int) -> tuple[int, int]:
    """Points and position of the cheapest place in a row that owes no break."""
    costs, drives = who[at.COST_AT] + s, who[at.DRIVE_AT] + s
    cost_here, cost_on, drive_here, drive_on = g.cost_to[costs], g.cost[costs], g.drive_to[drives], g.drive[drives]
    earliest_s, until_s, service_s = g.stop[s, at.EARLIEST], g.stop[s, at.UNTIL], g.service[who[at.SERVICE_ROW], s]
    best, where = NO_ROOM, -1
    for i in range(min(n, who[at.N_FROZEN]), n + 1):
        if row[i, at.FREE] > until_s:
            break
        # Most gaps are too short for the service alone; the legs, far apart in memory, need not be looked at then.
        if row[i + 1, at.FREE_BY] - max(row[i, at.FREE], earliest_s) < service_s:
            continue
        before, after = row[i, at.NODE], row[i + 1, at.NODE]
        added = cost_here[before] + cost_on[after] - row[i, at.ARC]
        if added < best:
            starts_s, on_s = row[i, at.FREE] + drive_here[before], drive_on[after]
            if starts_s <= until_s:
                fits = max(starts_s, earliest_s) + service_s + on_s <= row[i + 1, at.FREE_BY]
                if fits and drive_here[before] + on_s - row[i, at.DRIVE] <= room_s:
                    best, where = added, i
    return best, where


@woven
def _with_break(g: Ground, who: np.ndarray, row: np.ndarray, n: int, s: int, room_s: int) -> tuple[int, int]:
    """The same in a row with a break: it may fall before the leg to the stop, on it, on the one behind, or later."""
    costs, drives = who[at.COST_AT] + s, who[at.DRIVE_AT] + s
    cost_here, cost_on, drive_here, drive_on = g.cost_to[costs], g.cost[costs], g.drive_to[drives], g.drive[drives]
    earliest_s, until_s, service_s = g.stop[s, at.EARLIEST], g.stop[s, at.UNTIL], g.service[who[at.SERVICE_ROW], s]
    rest_from_s, rest_until_s, rest_s = who[at.BREAK_FROM], who[at.BREAK_UNTIL], who[at.BREAK_S]
    best, where = NO_ROOM, -1
    for i in range(min(n, who[at.N_FROZEN]), n + 1):
        ready_s = min(row[i, at.FREE], row[i, at.OWING] + rest_s)
        gap_s = max(row[i + 1, at.FREE_BY] - ready_s, row[i + 1, at.OWING_BY] - row[i, at.OWING])
        if gap_s < service_s:
            continue
        before, after = row[i, at.NODE], row[i + 1, at.NODE]
        added = cost_here[before] + cost_on[after] - row[i, at.ARC]
        if added >= best:
            continue
        here_s, on_s = drive_here[before], drive_on[after]
        if here_s + on_s - row[i, at.DRIVE] > room_s:
            continue
        free_s, owing_s = row[i, at.FREE] + here_s, NEVER
        if row[i, at.OWING] < NEVER:
            owing_s = row[i, at.OWING] + here_s
            if row[i, at.OWING] <= rest_until_s:
                free_s = min(free_s, max(owing_s, rest_from_s) + rest_s)
        fits = False
        if owing_s <= until_s:
            leaves_s = max(owing_s, earliest_s) + service_s
            fits = leaves_s + on_s <= row[i + 1, at.OWING_BY]
            if not fits and leaves_s <= rest_until_s:
                fits = max(leaves_s + on_s, rest_from_s) + rest_s <= row[i + 1, at.FREE_BY]
        if not fits and free_s <= until_s:
            fits = max(free_s, earliest_s) + service_s + on_s <= row[i + 1, at.FREE_BY]
        if fits:
            best, where = added, i
    return best, where
