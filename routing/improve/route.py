"""One row: when it is where, what it costs, whether an order keeps every limit. Exact, in one pass.

The same layers of breaks as in ``routing.schedule``, compiled. What is called most takes slices and numbers instead of
the whole field.
"""

import numpy as np

from routing.improve import columns as at
from routing.improve.compiled import compiled, inlined
from routing.improve.field import Field
from routing.improve.state import State

NEVER = 1 << 60


@compiled
def action_s(f: Field, v: int, before: int, s: int) -> int:
    """Service at a stop when coming from place ``before``; set-up once per place."""
    if f.stop[s, at.FROZEN_AT] >= 0 or f.stop[s, at.PLACE] == before:
        return f.service[v, s]
    return f.service[v, s] + f.setup[v, s]


@compiled
def hour_points(seconds: int, price: int) -> int:
    """Points for seconds at a price by the hour, rounded half up."""
    return (2 * seconds * price + 3600) // 7200


@compiled
def earliest(windows: np.ndarray, ready_s: int) -> int:
    """First moment from ready_s on when service may begin, or NEVER."""
    for w in range(len(windows)):
        if ready_s <= windows[w, 1]:
            return max(ready_s, windows[w, 0])
    return NEVER


@compiled
def latest(windows: np.ndarray, by_s: int) -> int:
    """Last moment until by_s when service may begin, or -NEVER."""
    for w in range(len(windows) - 1, -1, -1):
        if by_s >= windows[w, 0]:
            return min(by_s, windows[w, 1])
    return -NEVER


@inlined
def windows_of(f: Field, s: int) -> np.ndarray:
    """The windows of a stop, (n, 2)."""
    return f.windows[f.stop[s, at.WINDOW_FROM] : f.stop[s, at.WINDOW_TO]]


@compiled
def rest_from(pause: np.ndarray, free_s: int) -> int:
    """First moment from free_s on when a break may begin, or NEVER."""
    for w in range(pause[at.N_SPANS]):
        if free_s <= pause[at.SPANS + 2 * w + 1]:
            return max(free_s, pause[at.SPANS + 2 * w])
    return NEVER


@compiled
def rest_until(pause: np.ndarray, by_s: int) -> int:
    """Last moment until by_s when a break may begin, or -NEVER."""
    for w in range(pause[at.N_SPANS] - 1, -1, -1):
        if by_s >= pause[at.SPANS + 2 * w]:
            return min(by_s, pause[at.SPANS + 2 * w + 1])
    return -NEVER


@compiled
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


@compiled
def serve(n: int, windows: np.ndarray, ready: np.ndarray, action: int, departs: np.ndarray) -> bool:
    """Earliest end of service, by layer; False when no layer is left."""
    alive = False
    for k in range(n + 1):
        starts_s = earliest(windows, ready[k]) if ready[k] < NEVER else NEVER
        departs[k] = starts_s + action if starts_s < NEVER else NEVER
        alive = alive or starts_s < NEVER
    return alive


@compiled
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


@compiled
def copy(to: np.ndarray, at_to: int, of: np.ndarray, at_of: int, n: int) -> None:
    """Copy n values; numba would put the slice of an assignment aside first, which needs memory."""
    for k in range(n):
        to[at_to + k] = of[at_of + k]


@compiled
def begin(f: Field, v: int, row: np.ndarray, n: int, departs: np.ndarray) -> int:
    """Earliest departure behind the frozen stops, by layer; how many stops that are."""
    departs[:] = NEVER
    frozen = min(n, f.vehicle[v, at.N_FROZEN])
    departs[0] = f.vehicle[v, at.OPENS]
    if frozen:
        last = row[frozen - 1]
        departs[0] = f.stop[last, at.FROZEN_AT] + f.service[v, last]
    return frozen


@compiled
def weigh(f: Field, st: State, v: int) -> bool:
    """What is on board along a row; whether it ever is too much."""
    row, n, fits = st.order[v], st.row[v, at.LENGTH], True
    for d in range(f.capacity.shape[1]):
        load = 0
        for i in range(n):
            load += f.loads[row[i], 0, d]
        most = load
        st.loads[at.LOAD, v, 0, d], st.loads[at.BEFORE, v, 0, d] = load, load
        for i in range(n):
            s = row[i]
            load += f.loads[s, 1, d] - f.loads[s, 0, d]
            if f.stop[s, at.IS_DELIVERY]:
                load -= f.loads[f.stop[s, at.MATE], 1, d]
            most = max(most, load)
            st.loads[at.LOAD, v, i + 1, d], st.loads[at.BEFORE, v, i + 1, d] = load, most
        most = load
        for i in range(n, -1, -1):
            most = max(most, st.loads[at.LOAD, v, i, d])
            st.loads[at.BEHIND, v, i, d] = most
        fits = fits and st.loads[at.BEFORE, v, n, d] <= f.capacity[v, d]
    return fits


@compiled
def timed_points(f: Field, st: State, v: int, row: np.ndarray, n: int) -> int:
    """What the times of an order cost, or -1 when it breaks a window, the shift, or a limit of the way; one pass."""
    if n == 0:
        return 0
    who = f.vehicle[v]
    g, end = who[at.GROUND], who[at.END]
    n_breaks, breaks = who[at.N_BREAKS], f.breaks[v]
    ready, current = st.layers[at.READY], st.layers[at.CURRENT]
    late, travel_s, metres, before = 0, 0, 0, who[at.START]
    first = begin(f, v, row, n, current)
    for i in range(n):
        s = row[i]
        here = f.stop[s, at.PLACE]
        drive_s = f.duration[g, before, here]
        travel_s += drive_s
        metres += f.distance[g, before, here]
        if i >= first:
            action = action_s(f, v, before, s)
            drive(n_breaks, breaks, current, drive_s, ready)
            if not serve(n_breaks, windows_of(f, s), ready, action, current):
                return -1
            if f.stop[s, at.LATE_COST]:
                late += max(0, current[0] - action - f.stop[s, at.DUE]) * f.stop[s, at.LATE_COST]
        before = here
    drive_s = f.duration[g, before, end]
    if travel_s + drive_s > who[at.MOST_TRAVEL] or metres + f.distance[g, before, end] > who[at.MOST_DISTANCE]:
        return -1
    drive(n_breaks, breaks, current, drive_s, ready)
    for k in range(n_breaks + 1):
        if ready[k] <= f.last_return[v, k]:
            return late + max(0, ready[0] - who[at.OVERTIME_FROM]) * who[at.OVERTIME_COST]
    return -1


@compiled
def legs_points(f: Field, v: int, row: np.ndarray, n: int) -> int:
    """What an order costs whenever it is driven."""
    if n == 0:
        return 0
    p, hourly = f.vehicle[v, at.PRICE], f.vehicle[v, at.HOURLY]
    before, total = f.vehicle[v, at.START], f.vehicle[v, at.FIXED]
    for i in range(n):
        s = row[i]
        here = f.stop[s, at.PLACE]
        total += f.points[p, before, here] + f.surcharge[s, v]
        if hourly:
            total += hour_points(action_s(f, v, before, s), hourly)
        before = here
    return total + f.points[p, before, f.vehicle[v, at.END]]


@compiled
def refresh(f: Field, st: State, v: int) -> None:
    """Everything that is known of a row, anew."""
    row, n, who = st.order[v], st.row[v, at.LENGTH], f.vehicle[v]
    g, end, n_breaks, breaks = who[at.GROUND], who[at.END], who[at.N_BREAKS], f.breaks[v]
    departs, until = st.times[at.DEPARTS, v], st.times[at.LATEST, v]
    ready, current = st.layers[at.READY], st.layers[at.CURRENT]
    timed = timed_points(f, st, v, row, n) if f.flags[at.TIMED] else 0
    st.row[v, at.POINTS] = legs_points(f, v, row, n) + max(0, timed)
    first = begin(f, v, row, n, departs[0])
    for i in range(first):
        copy(departs[i + 1], 0, departs[0], 0, n_breaks + 1)
    before, travel_s, metres, busy_s = who[at.START], 0, 0, 0
    for i in range(n):
        s = row[i]
        here = f.stop[s, at.PLACE]
        drive_s = f.duration[g, before, here]
        action = action_s(f, v, before, s)
        travel_s += drive_s
        metres += f.distance[g, before, here]
        busy_s += action
        if i >= first:
            drive(n_breaks, breaks, departs[i], drive_s, ready)
            serve(n_breaks, windows_of(f, s), ready, action, departs[i + 1])
        before = here
    if n:
        travel_s += f.duration[g, before, end]
        metres += f.distance[g, before, end]
    copy(until[n], 0, f.last_return[v], 0, n_breaks + 1)
    after = end
    for i in range(n - 1, first - 1, -1):
        s = row[i]
        here = f.stop[s, at.PLACE]
        leave(n_breaks, breaks, until[i + 1], f.duration[g, here, after], current)
        action = action_s(f, v, f.stop[row[i - 1], at.PLACE] if i else who[at.START], s)
        windows = windows_of(f, s)
        for k in range(n_breaks + 1):
            until[i, k] = latest(windows, current[k] - action) if current[k] > -NEVER // 2 else -NEVER
        after = here
    for k in range(n_breaks):
        busy_s += breaks[k, at.LASTS]
    st.row[v, at.TRAVEL], st.row[v, at.METRES] = travel_s, metres
    st.row[v, at.IDLE] = who[at.CLOSES] - who[at.OPENS] - travel_s - busy_s
    st.row[v, at.FINE] = weigh(f, st, v) and _fine(f, st, v)


@compiled
def _fine(f: Field, st: State, v: int) -> bool:
    """Whether a row as refreshed keeps its limits; sums and times alone."""
    row, n, who = st.order[v], st.row[v, at.LENGTH], f.vehicle[v]
    if n == 0:
        return True
    if n > who[at.MOST_STOPS]:
        return False
    if st.row[v, at.TRAVEL] > who[at.MOST_TRAVEL] or st.row[v, at.METRES] > who[at.MOST_DISTANCE]:
        return False
    first = min(n, who[at.N_FROZEN])
    before = f.stop[row[first - 1], at.PLACE] if first else who[at.START]
    after = f.stop[row[first], at.PLACE] if first < n else who[at.END]
    ready = st.layers[at.READY]
    drive_s = f.duration[who[at.GROUND], before, after]
    drive(who[at.N_BREAKS], f.breaks[v], st.times[at.DEPARTS, v, first], drive_s, ready)
    good = False
    for k in range(who[at.N_BREAKS] + 1):
        good = good or ready[k] <= st.times[at.LATEST, v, first, k]
    return good
