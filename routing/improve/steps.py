"""One leg, one stop: when a vehicle is ready, begins, and has to leave, in layers of breaks taken.

The same layers as in ``routing.schedule``, compiled. What is called most takes slices and numbers instead of the whole
field.
"""

import numpy as np

from routing.improve import columns as at
from routing.improve.compiled import inlined, inner, woven
from routing.improve.field import Field
from routing.improve.state import State

NEVER = 1 << 60


@woven
def action_s(f: Field, v: int, before: int, s: int) -> int:
    """Service at a stop when coming from place ``before``; set-up once per place."""
    if f.stop[s, at.FROZEN_AT] >= 0 or f.stop[s, at.PLACE] == before:
        return f.service[v, s]
    return f.service[v, s] + f.setup[v, s]


@woven
def hour_points(seconds: int, price: int) -> int:
    """Points for seconds at a price by the hour, rounded half up."""
    return (2 * seconds * price + 3600) // 7200


@inner
def earliest(windows: np.ndarray, ready_s: int) -> int:
    """First moment from ready_s on when service may begin, or NEVER."""
    for w in range(len(windows)):
        if ready_s <= windows[w, 1]:
            return max(ready_s, windows[w, 0])
    return NEVER


@inner
def latest(windows: np.ndarray, by_s: int) -> int:
    """Last moment until by_s when service may begin, or -NEVER."""
    for w in range(len(windows) - 1, -1, -1):
        if by_s >= windows[w, 0]:
            return min(by_s, windows[w, 1])
    return -NEVER


@inlined
def windows_of(f: Field, st: State, s: int) -> np.ndarray:
    """The windows of a stop, (n, 2), as far as those it is linked to leave them."""
    return st.windows[f.stop[s, at.WINDOW_FROM] : f.stop[s, at.WINDOW_TO]]


@inner
def rest_from(pause: np.ndarray, free_s: int) -> int:
    """First moment from free_s on when a break may begin, or NEVER."""
    for w in range(pause[at.N_SPANS]):
        if free_s <= pause[at.SPANS + 2 * w + 1]:
            return max(free_s, pause[at.SPANS + 2 * w])
    return NEVER


@inner
def rest_until(pause: np.ndarray, by_s: int) -> int:
    """Last moment until by_s when a break may begin, or -NEVER."""
    for w in range(pause[at.N_SPANS] - 1, -1, -1):
        if by_s >= pause[at.SPANS + 2 * w]:
            return min(by_s, pause[at.SPANS + 2 * w + 1])
    return -NEVER


@inner
def drive(n: int, breaks: np.ndarray, departs: np.ndarray, drive_s: int, ready: np.ndarray) -> None:
    """Earliest readiness at the end of a leg, by layer."""
    for k in range(n + 1):
        ready[k] = departs[k] + drive_s if departs[k] < NEVER else NEVER
    for k in range(n):
        if departs[k] >= NEVER:
            continue
        free_s, done_s = departs[k], departs[k] + drive_s
        for taken in range(k, n):
            rests_s = rest_from(breaks[taken], free_s)
            if rests_s >= NEVER:
                break
            free_s = rests_s + breaks[taken, at.LASTS]
            done_s = max(done_s, rests_s) + breaks[taken, at.LASTS]
            ready[taken + 1] = min(ready[taken + 1], done_s)


@inner
def serve(n: int, windows: np.ndarray, ready: np.ndarray, action: int, departs: np.ndarray) -> bool:
    """Earliest end of service, by layer; False when no layer is left."""
    alive = False
    for k in range(n + 1):
        starts_s = earliest(windows, ready[k]) if ready[k] < NEVER else NEVER
        departs[k] = starts_s + action if starts_s < NEVER else NEVER
        alive = alive or starts_s < NEVER
    return alive


@inner
def leave(n: int, breaks: np.ndarray, ready: np.ndarray, drive_s: int, departs: np.ndarray) -> None:
    """Latest departure into a leg, by layer, that still ends it in time."""
    for k in range(n + 1):
        departs[k] = ready[k] - drive_s
    for taken in range(1, n + 1):
        if ready[taken] <= -NEVER // 2:
            continue
        begin_by_s, leave_by_s = ready[taken], ready[taken] - drive_s
        for k in range(taken - 1, -1, -1):
            begin_by_s = rest_until(breaks[k], begin_by_s - breaks[k, at.LASTS])
            leave_by_s -= breaks[k, at.LASTS]
            if begin_by_s <= -NEVER // 2:
                break
            departs[k] = max(departs[k], min(begin_by_s, leave_by_s))


@inner
def copy(to: np.ndarray, at_to: int, of: np.ndarray, at_of: int, n: int) -> None:
    """Copy n values; numba would put the slice of an assignment aside first, which needs memory."""
    for k in range(n):
        to[at_to + k] = of[at_of + k]


@inner
def begin(f: Field, v: int, row: np.ndarray, n: int, departs: np.ndarray) -> int:
    """Earliest departure behind the frozen stops, by layer; how many stops that are."""
    departs[:] = NEVER
    frozen = min(n, f.vehicle[v, at.N_FROZEN])
    departs[0] = f.vehicle[v, at.OPENS]
    if frozen:
        last = row[frozen - 1]
        departs[0] = f.stop[last, at.FROZEN_AT] + f.service[v, last]
    return frozen
