"""What few days ask for: stops that may begin in several windows, that are set up once per place, people who may go so far only.

Where any of it is asked for, every row is laid out here. When a stop may begin is monotone, so both layers stay exact:
the first window that is still open tells how early, the last one that has opened how late. A set-up hangs on the stop
before; where another one comes there, the latest readiness of the stop behind is told anew from the one behind that.
"""

import numpy as np

from routing.improve.compiled import compiled, woven
from routing.improve.lean import columns as at
from routing.improve.lean.ground import NEVER, Ground
from routing.improve.lean.layers import driven


@woven
def is_detailed(g: Ground) -> bool:
    """Whether a problem asks for anything of this."""
    return len(g.spans) > 0


@woven
def takes_s(g: Ground, who: np.ndarray, before: int, s: int) -> int:
    """Seconds at a stop behind a node: service, and set-up where one comes from another place."""
    own = who[at.SERVICE_ROW]
    return g.service[own, s] + (0 if g.place[before] == g.place[s] else g.setup[own, s])


@woven
def begins_s(g: Ground, s: int, ready_s: int) -> int:
    """When service begins at the earliest, ``NEVER`` where the last window has closed."""
    for k in range(0, g.spans.shape[1], 2):
        if ready_s <= g.spans[s, k + 1]:
            return max(ready_s, g.spans[s, k])
    return NEVER


@woven
def begins_by(g: Ground, s: int, by_s: int) -> int:
    """When service begins at the latest, -``NEVER`` where no window has opened by then."""
    for k in range(g.spans.shape[1] - 2, -1, -2):
        if by_s >= g.spans[s, k]:
            return min(by_s, g.spans[s, k + 1])
    return -NEVER


@woven
def ended(g: Ground, who: np.ndarray, before: int, s: int, free_s: int, owing_s: int) -> tuple[int, int]:
    """Earliest end of service behind a node, by both layers of readiness."""
    lasts_s = takes_s(g, who, before, s)
    free_s, owing_s = begins_s(g, s, free_s), begins_s(g, s, owing_s)
    return free_s + lasts_s if free_s < NEVER else NEVER, owing_s + lasts_s if owing_s < NEVER else NEVER


@woven
def ready_by(
    g: Ground, who: np.ndarray, before: int, s: int, drive_s: int, free_by: int, owing_by: int
) -> tuple[int, int]:
    """Latest readiness at a stop behind a node by both layers, from that at the end of the leg that leaves it."""
    lasts_s = takes_s(g, who, before, s)
    free = begins_by(g, s, free_by - drive_s - lasts_s)
    if not who[at.HAS_BREAK]:
        return free, -NEVER
    leave_s, rests_s = owing_by - drive_s, free_by - who[at.BREAK_S]
    if rests_s >= who[at.BREAK_FROM]:
        leave_s = max(leave_s, min(who[at.BREAK_UNTIL], rests_s, rests_s - drive_s))
    return free, begins_by(g, s, leave_s - lasts_s)


@woven
def ready_behind(g: Ground, who: np.ndarray, row: np.ndarray, j: int, last: int) -> tuple[int, int]:
    """Latest readiness at position ``j`` of a row by both layers, were ``last`` the node before it."""
    s = row[j, at.NODE]
    if s < len(g.stop):
        here = g.place[s]
        if (g.place[last] == here) != (g.place[row[j - 1, at.NODE]] == here):
            return ready_by(g, who, last, s, row[j, at.DRIVE], row[j + 1, at.FREE_BY], row[j + 1, at.OWING_BY])
    return row[j, at.FREE_BY], row[j, at.OWING_BY]


@compiled
def forward(g: Ground, row: np.ndarray, who: np.ndarray, begin: int, n: int, fixed: int) -> None:
    """Earliest ends of service, as ``rows.forward``."""
    for i in range(begin, n + 1):
        free_s, owing_s = driven(who, row[i - 1, at.FREE], row[i - 1, at.OWING], row[i - 1, at.DRIVE])
        free_s, owing_s = ended(g, who, row[i - 1, at.NODE], row[i, at.NODE], free_s, owing_s)
        if i > fixed and row[i, at.FREE] == free_s and row[i, at.OWING] == owing_s:
            return
        row[i, at.FREE], row[i, at.OWING] = free_s, owing_s


@compiled
def backward(g: Ground, row: np.ndarray, who: np.ndarray, begin: int, first: int, fixed: int) -> None:
    """Latest readiness, as ``rows.backward``; from one further behind, whose set-up hangs on ``begin``."""
    if row[begin + 1, at.NODE] < len(g.stop):
        begin += 1
    for i in range(begin, first, -1):
        free, owing = ready_by(
            g,
            who,
            row[i - 1, at.NODE],
            row[i, at.NODE],
            row[i, at.DRIVE],
            row[i + 1, at.FREE_BY],
            row[i + 1, at.OWING_BY],
        )
        if i < fixed and row[i, at.FREE_BY] == free and row[i, at.OWING_BY] == owing:
            return
        row[i, at.FREE_BY], row[i, at.OWING_BY] = free, owing


@woven
def spare_m(g: Ground, who: np.ndarray, row: np.ndarray, n: int) -> int:
    """How much further a row may go; an empty one as if its person drove from start to end."""
    left_m = who[at.MOST_METRES]
    if len(g.metres):
        for i in range(n + 1):
            left_m -= g.metres[who[at.METRES_AT] + row[i, at.NODE], row[i + 1, at.NODE]]
    return left_m


@woven
def detour_m(g: Ground, who: np.ndarray, before: int, s: int, after: int) -> int:
    """Metres that a stop between two nodes adds, 0 where nobody's distance is limited."""
    if not len(g.metres):
        return 0
    own = who[at.METRES_AT]
    return g.metres[own + before, s] + g.metres[own + s, after] - g.metres[own + before, after]
