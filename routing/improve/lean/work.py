"""Rows whose person may be away from home for so long at most; what is known of such a row is laid out when it is asked for.

Source: a segment is its shortest duration and the earliest and latest start that keep it; two join in O(1). Vidal,
Crainic, Gendreau & Prins (2013), "A hybrid genetic algorithm with adaptive diversity management for a large class of
vehicle routing problems with time-windows", Computers & Operations Research 40(1).
"""

import numpy as np

from routing.improve.compiled import compiled, woven
from routing.improve.lean import columns as at
from routing.improve.lean.ground import NEVER, NO_ROOM, Ground


@compiled
def lay_out(g: Ground, who: np.ndarray, row: np.ndarray, n: int, work: np.ndarray) -> None:
    """Segments up to each position, and from each position on, of a row without a break; int32 (positions, columns)."""
    first, left_s = min(n, who[at.N_FROZEN]), who[at.LAST_RETURN]
    if first:
        # Who has set off, set off at a known time.
        left_s = max(who[at.OPENS], g.stop[row[1, at.NODE], at.FROZEN_AT] - row[0, at.DRIVE])
    work[0, at.TAKES], work[0, at.LEAVE_BY] = 0, left_s
    for i in range(1, n + 1):
        if i <= first:
            work[i, at.TAKES], work[i, at.LEAVE_BY] = row[i, at.FREE] - left_s, left_s
        else:
            free_s, drive_s = row[i - 1, at.FREE], row[i - 1, at.DRIVE]
            takes_s, leave_by_s = work[i - 1, at.TAKES], work[i - 1, at.LEAVE_BY]
            _, takes_s, leave_by_s = onward(g, who, row[i, at.NODE], drive_s, free_s, takes_s, leave_by_s)
            work[i, at.TAKES], work[i, at.LEAVE_BY] = takes_s, leave_by_s
    work[n + 1, at.REST_TAKES], work[n + 1, at.REST_FROM] = 0, who[at.OPENS]
    for i in range(n, first, -1):
        s = row[i, at.NODE]
        opens_s, until_s = g.stop[s, at.EARLIEST], g.stop[s, at.UNTIL]
        service_s = g.service[who[at.SERVICE_ROW], s] + max(0, opens_s - until_s)
        opens_s = min(opens_s, until_s)
        there_s = service_s + row[i, at.DRIVE]
        waits_s = max(0, work[i + 1, at.REST_FROM] - there_s - until_s)
        work[i, at.REST_TAKES] = there_s + waits_s + work[i + 1, at.REST_TAKES]
        work[i, at.REST_FROM] = max(work[i + 1, at.REST_FROM] - there_s, opens_s) - waits_s


@woven
def onward(
    g: Ground, who: np.ndarray, s: int, drive_s: int, free_s: int, takes_s: int, leave_by_s: int
) -> tuple[int, int, int]:
    """A segment with one more stop: earliest end, shortest duration, latest departure that keeps it."""
    opens_s, until_s = g.stop[s, at.EARLIEST], g.stop[s, at.UNTIL]
    service_s = g.service[who[at.SERVICE_ROW], s]
    ends_s = max(free_s + drive_s, opens_s) + service_s
    # Several stops in one may make whoever comes as late as may be wait inside.
    service_s, opens_s = service_s + max(0, opens_s - until_s), min(opens_s, until_s)
    there_s = takes_s + drive_s
    waits_s = max(0, opens_s - there_s - leave_by_s)
    return ends_s, there_s + waits_s + service_s, min(leave_by_s, until_s - there_s)


@woven
def joined_s(takes_s: int, leave_by_s: int, drive_s: int, rest: np.ndarray) -> int:
    """Shortest duration of a segment, a leg, and the rest of a row behind it; ``rest`` is its first position."""
    there_s = takes_s + drive_s
    return there_s + max(0, rest[at.REST_FROM] - there_s - leave_by_s) + rest[at.REST_TAKES]


@compiled
def takes_too_long(g: Ground, who: np.ndarray, row: np.ndarray, n: int, work: np.ndarray) -> bool:
    """Whether a row that can be driven in its shift is longer than its person may be away."""
    if n == 0 or who[at.MOST_WORK] >= NEVER:
        return False
    lay_out(g, who, row, n, work)
    return bool(joined_s(work[n, at.TAKES], work[n, at.LEAVE_BY], row[n, at.DRIVE], work[n + 1]) > who[at.MOST_WORK])


@woven
def within_work(
    g: Ground, who: np.ndarray, row: np.ndarray, n: int, s: int, room_s: int, work: np.ndarray
) -> tuple[int, int]:
    """Points and position of the cheapest place in a row, as ``insert`` finds it, that keeps the limit."""
    costs, drives = who[at.COST_AT] + s, who[at.DRIVE_AT] + s
    cost_here, cost_on, drive_here, drive_on = g.cost_to[costs], g.cost[costs], g.drive_to[drives], g.drive[drives]
    until_s, most_s = g.stop[s, at.UNTIL], who[at.MOST_WORK]
    best, where = NO_ROOM, -1
    for i in range(min(n, who[at.N_FROZEN]), n + 1):
        free_s = row[i, at.FREE]
        if free_s > until_s:
            break
        before, after = row[i, at.NODE], row[i + 1, at.NODE]
        added = cost_here[before] + cost_on[after] - row[i, at.ARC]
        if added >= best or free_s + drive_here[before] > until_s:
            continue
        here_s, on_s = drive_here[before], drive_on[after]
        ends_s, takes_s, leave_by_s = onward(g, who, s, here_s, free_s, work[i, at.TAKES], work[i, at.LEAVE_BY])
        if ends_s + on_s > row[i + 1, at.FREE_BY] or here_s + on_s - row[i, at.DRIVE] > room_s:
            continue
        if joined_s(takes_s, leave_by_s, on_s, work[i + 1]) <= most_s:
            best, where = added, i
    return best, where
