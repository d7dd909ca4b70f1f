"""One row: when it is where, what it costs, whether an order keeps every limit. Exact, in one pass."""

import numpy as np

from routing.improve import columns as at
from routing.improve.compiled import inlined, inner, woven
from routing.improve.field import Field
from routing.improve.labels import cheapest, is_labelled
from routing.improve.state import State
from routing.improve.steps import (
    NEVER,
    action_s,
    begin,
    copy,
    drive,
    hour_points,
    latest,
    leave,
    serve,
    windows_of,
)


@woven
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


@inner
def timed_points(f: Field, st: State, v: int, row: np.ndarray, n: int) -> int:
    """What the times of an order cost, or -1 when it breaks a window, the shift, or a limit of the way or of work."""
    if n == 0:
        return 0
    if f.flags[at.LABELLED] and is_labelled(f, v, row, n):
        return cheapest(f, st, v, row, n) if keeps_way(f, v, row, n) else -1
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
        begins_s = f.stop[s, at.FROZEN_AT]
        if i >= first:
            action = action_s(f, v, before, s)
            drive(n_breaks, breaks, current, drive_s, ready)
            if not serve(n_breaks, windows_of(f, st, s), ready, action, current):
                return -1
            begins_s = current[0] - action
        if f.stop[s, at.LATE_COST]:
            late += max(0, begins_s - f.stop[s, at.DUE]) * f.stop[s, at.LATE_COST]
        before = here
    drive_s = f.duration[g, before, end]
    if travel_s + drive_s > who[at.MOST_TRAVEL] or metres + f.distance[g, before, end] > who[at.MOST_DISTANCE]:
        return -1
    drive(n_breaks, breaks, current, drive_s, ready)
    for k in range(n_breaks + 1):
        if ready[k] <= f.last_return[v, k]:
            return late + max(0, ready[0] - who[at.OVERTIME_FROM]) * who[at.OVERTIME_COST]
    return -1


@inner
def keeps_way(f: Field, v: int, row: np.ndarray, n: int) -> bool:
    """Whether an order keeps the limits of driving and distance."""
    who = f.vehicle[v]
    g, before, travel_s, metres = who[at.GROUND], who[at.START], 0, 0
    for i in range(n + 1):
        here = f.stop[row[i], at.PLACE] if i < n else who[at.END]
        travel_s += f.duration[g, before, here]
        metres += f.distance[g, before, here]
        before = here
    return travel_s <= who[at.MOST_TRAVEL] and metres <= who[at.MOST_DISTANCE]


@inner
def order_points(f: Field, before: int, s: int) -> int:
    """What it costs that a stop comes after another, -1 for none, than was promised."""
    return f.stop[s, at.ORDER_COST] if f.stop[s, at.FOLLOWS] != before else 0


@woven
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
    if f.flags[at.ORDERED]:
        for i in range(n):
            total += order_points(f, row[i - 1] if i else -1, row[i])
    return total + f.points[p, before, f.vehicle[v, at.END]]


@inner
def refresh(f: Field, st: State, v: int) -> None:
    """Everything that is known of a row, anew."""
    row, n = st.order[v], st.row[v, at.LENGTH]
    timed = timed_points(f, st, v, row, n) if f.flags[at.TIMED] else 0
    st.row[v, at.POINTS] = legs_points(f, v, row, n) + max(0, timed)
    lay_out(f, st, v)
    st.row[v, at.FINE] = timed >= 0 and weigh(f, st, v) and keeps_sums(f, st, v) and _joins(f, st, v)


@inlined
def lay_out(f: Field, st: State, v: int) -> None:
    """Sums of a row, and when it is where at the earliest and at the latest."""
    row, n, who = st.order[v], st.row[v, at.LENGTH], f.vehicle[v]
    g, end, n_breaks, breaks = who[at.GROUND], who[at.END], who[at.N_BREAKS], f.breaks[v]
    departs = st.times[at.DEPARTS, v]
    ready = st.layers[at.READY]
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
            serve(n_breaks, windows_of(f, st, s), ready, action, departs[i + 1])
        before = here
    if n:
        travel_s += f.duration[g, before, end]
        metres += f.distance[g, before, end]
    for k in range(n_breaks):
        busy_s += breaks[k, at.LASTS]
    st.row[v, at.TRAVEL], st.row[v, at.METRES] = travel_s, metres
    st.row[v, at.IDLE] = who[at.CLOSES] - who[at.OPENS] - travel_s - busy_s
    look_back(f, st, v)


@inlined
def look_back(f: Field, st: State, v: int) -> None:
    """Latest readiness to begin at each position, by layer."""
    row, n, who = st.order[v], st.row[v, at.LENGTH], f.vehicle[v]
    g, n_breaks, breaks, until = who[at.GROUND], who[at.N_BREAKS], f.breaks[v], st.times[at.LATEST, v]
    current, first = st.layers[at.CURRENT], min(n, who[at.N_FROZEN])
    copy(until[n], 0, f.last_return[v], 0, n_breaks + 1)
    after = who[at.END]
    for i in range(n - 1, first - 1, -1):
        s = row[i]
        here = f.stop[s, at.PLACE]
        leave(n_breaks, breaks, until[i + 1], f.duration[g, here, after], current)
        action = action_s(f, v, f.stop[row[i - 1], at.PLACE] if i else who[at.START], s)
        windows = windows_of(f, st, s)
        for k in range(n_breaks + 1):
            until[i, k] = latest(windows, current[k] - action) if current[k] > -NEVER // 2 else -NEVER
        after = here


@inlined
def keeps_sums(f: Field, st: State, v: int) -> bool:
    """Whether a row as laid out keeps the limits of stops, driving and distance."""
    n, who = st.row[v, at.LENGTH], f.vehicle[v]
    if n == 0:
        return True
    if n > who[at.MOST_STOPS]:
        return False
    return bool(st.row[v, at.TRAVEL] <= who[at.MOST_TRAVEL] and st.row[v, at.METRES] <= who[at.MOST_DISTANCE])


@woven
def _joins(f: Field, st: State, v: int) -> bool:
    """Whether the earliest and the latest times of a row as laid out meet behind what is frozen: then they do anywhere."""
    row, n, who = st.order[v], st.row[v, at.LENGTH], f.vehicle[v]
    if n == 0:
        return True
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
