"""Rows that collect, or that carry several loads: what is on board where, and where a stop goes cheapest then.

Source: the most on board up to a position and from it on tell in O(1) whether a stop fits. Kindervater & Savelsbergh
(1997), "Vehicle routing: handling edge exchanges", in Local Search in Combinatorial Optimization.
"""

import numpy as np

from routing.improve.compiled import compiled, woven
from routing.improve.lean import columns as at
from routing.improve.lean.details import detour_m, ended, is_detailed, ready_behind, spare_m
from routing.improve.lean.ground import NEVER, NO_ROOM, Ground
from routing.improve.lean.layers import driven, goes_on, served
from routing.improve.lean.work import joined_s, onward

NOW, UNTIL, ONWARD, N_EACH = range(4)
"""Of each load in ``State.work``, from ``columns.ON_BOARD`` on."""


@woven
def lay_out_loads(g: Ground, row: np.ndarray, n: int, work: np.ndarray) -> None:
    """What is on board behind each position of a row, in all dimensions; int32 (positions, columns)."""
    for d in range((g.stop.shape[1] - at.LOADS) // 2):
        given, taken, now = at.LOADS + 2 * d, at.LOADS + 2 * d + 1, at.ON_BOARD + N_EACH * d
        load = 0
        for i in range(1, n + 1):
            load += g.stop[row[i, at.NODE], given]
        most = load
        work[0, now], work[0, now + UNTIL] = load, load
        for i in range(1, n + 1):
            s = row[i, at.NODE]
            load += g.stop[s, taken] - g.stop[s, given]
            most = max(most, load)
            work[i, now], work[i, now + UNTIL] = load, most
        most = load
        for i in range(n, -1, -1):
            most = max(most, work[i, now])
            work[i, now + ONWARD] = most


@woven
def is_too_full(g: Ground, who: np.ndarray, work: np.ndarray) -> bool:
    """Whether a row whose loads are laid out ever carries more than it may."""
    for d in range((g.stop.shape[1] - at.LOADS) // 2):
        if work[0, at.ON_BOARD + N_EACH * d + ONWARD] > who[at.CAPACITIES + d]:
            return True
    return False


@woven
def has_room(g: Ground, who: np.ndarray, s: int, here: np.ndarray) -> bool:
    """Whether what a stop gives and takes fits on board behind a position; ``here`` is its line of ``State.work``."""
    for d in range((g.stop.shape[1] - at.LOADS) // 2):
        now, most = at.ON_BOARD + N_EACH * d, who[at.CAPACITIES + d]
        if here[now + UNTIL] + g.stop[s, at.LOADS + 2 * d] > most:
            return False
        if here[now + ONWARD] + g.stop[s, at.LOADS + 2 * d + 1] > most:
            return False
    return True


@compiled
def within_loads(
    g: Ground, who: np.ndarray, row: np.ndarray, n: int, s: int, room_s: int, work: np.ndarray
) -> tuple[int, int]:
    """Points and position of the cheapest place in a row, as ``insert`` finds it, that has room for loads and keeps ``details``."""
    costs, drives, detailed = who[at.COST_AT] + s, who[at.DRIVE_AT] + s, is_detailed(g)
    cost_here, cost_on, drive_here, drive_on = g.cost_to[costs], g.cost[costs], g.drive_to[drives], g.drive[drives]
    earliest_s, until_s, service_s = g.stop[s, at.EARLIEST], g.stop[s, at.UNTIL], g.service[who[at.SERVICE_ROW], s]
    most_s, room_m = who[at.MOST_WORK], spare_m(g, who, row, n)
    best, where = NO_ROOM, -1
    for i in range(min(n, who[at.N_FROZEN]), n + 1):
        before, after = row[i, at.NODE], row[i + 1, at.NODE]
        added = cost_here[before] + cost_on[after] - row[i, at.ARC]
        if added >= best or drive_here[before] + drive_on[after] - row[i, at.DRIVE] > room_s:
            continue
        if not has_room(g, who, s, work[i]):
            continue
        free_s, owing_s = driven(who, row[i, at.FREE], row[i, at.OWING], drive_here[before])
        if detailed:
            free_s, owing_s = ended(g, who, before, s, free_s, owing_s)
            free_by, owing_by = ready_behind(g, who, row, i + 1, s)
            if not goes_on(who, free_s, owing_s, drive_on[after], free_by, owing_by):
                continue
            if detour_m(g, who, before, s, after) > room_m:
                continue
        else:
            free_s, owing_s = served(earliest_s, until_s, service_s, free_s, owing_s)
            if not goes_on(who, free_s, owing_s, drive_on[after], row[i + 1, at.FREE_BY], row[i + 1, at.OWING_BY]):
                continue
        if most_s < NEVER:
            _, takes_s, leave_by_s = onward(
                g, who, s, drive_here[before], row[i, at.FREE], work[i, at.TAKES], work[i, at.LEAVE_BY]
            )
            if joined_s(takes_s, leave_by_s, drive_on[after], work[i + 1]) > most_s:
                continue
        best, where = added, i
    return best, where
