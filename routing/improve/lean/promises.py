"""Promised times: what a row costs because stops begin otherwise than was told.

``routing.priced_times`` finds the cheapest times of a row; here one pass does, which keeps what it can from stop to stop:
it waits for a promise where the row still ends in time, and rests where there is time to spare. It may say too much, never
too little; the plans that a search tells of are priced exactly.
"""

import numpy as np

from routing.improve.compiled import compiled, woven
from routing.improve.lean import columns as at
from routing.improve.lean.details import begins_s, is_detailed, takes_s
from routing.improve.lean.ground import Ground


@compiled
def promised_points(g: Ground, who: np.ndarray, row: np.ndarray, n: int) -> int:
    """Points of the promises that a row does not keep."""
    service, owes = g.service[who[at.SERVICE_ROW]], who[at.HAS_BREAK] > 0
    total, clock_s = 0, who[at.OPENS]
    for i in range(1, n + 1):
        s = row[i, at.NODE]
        promised_s, tolerance_s = g.promise[s, at.PROMISED_AT], g.promise[s, at.TOLERANCE]
        starts_s = g.stop[s, at.FROZEN_AT]
        if i > who[at.N_FROZEN]:
            ready_s = clock_s + row[i - 1, at.DRIVE]
            if owes and clock_s <= who[at.BREAK_UNTIL]:
                done_s = max(ready_s, who[at.BREAK_FROM]) + who[at.BREAK_S]
                spare = _begins_s(g, s, ready_s) < promised_s - tolerance_s
                keeps = _begins_s(g, s, done_s) <= promised_s + tolerance_s
                if done_s <= row[i, at.FREE_BY] and ((spare and keeps) or ready_s > row[i, at.OWING_BY]):
                    ready_s, owes = done_s, False
            starts_s = _begins_s(g, s, ready_s)
            by_s = row[i, at.OWING_BY] if owes else row[i, at.FREE_BY]
            promised_from_s = _begins_s(g, s, promised_s - tolerance_s)
            if starts_s < promised_from_s <= min(by_s, promised_s + tolerance_s):
                starts_s = promised_from_s
            clock_s = starts_s + takes_s(g, who, row[i - 1, at.NODE], s)
        else:
            clock_s = starts_s + service[s]
        if abs(starts_s - promised_s) > tolerance_s:
            total += g.promise[s, at.COST_TIME]
    return total


@woven
def _begins_s(g: Ground, s: int, ready_s: int) -> int:
    """When service begins at the earliest, though it may be too late then."""
    return begins_s(g, s, ready_s) if is_detailed(g) else max(ready_s, g.stop[s, at.EARLIEST])


@compiled
def touched_promises(g: Ground, touched: np.ndarray, n_touched: int, head: np.ndarray, row: np.ndarray) -> int:
    """Bring the promises of touched rows up to date; by how many points they change."""
    changed = 0
    for k in range(n_touched):
        v = touched[k]
        points = promised_points(g, g.vehicle[v], row[v], head[at.LENGTH, v])
        changed += points - head[at.BROKEN_PROMISES, v]
        head[at.BROKEN_PROMISES, v] = points
    return changed
