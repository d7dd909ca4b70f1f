"""Where a stop, or a part and its job, goes cheapest into one row.

Whether it fits is told in O(1) from what is known of the row, whatever the limits; a row is gone through only where a
set-up behind the stop falls away or comes up, and where prices depend on times.
"""

import numpy as np

from routing.improve import columns as at
from routing.improve.compiled import inner
from routing.improve.field import Field
from routing.improve.route import legs_points, order_points, timed_points
from routing.improve.state import State
from routing.improve.steps import (
    NEVER,
    action_s,
    copy,
    drive,
    earliest,
    hour_points,
    serve,
    windows_of,
)

NO_ROOM = 1 << 60


@inner
def place_of(f: Field, st: State, v: int, i: int) -> int:
    """Place of position i of a row; where it begins before the first, where it ends behind the last."""
    if i < 0:
        return f.vehicle[v, at.START]
    return f.stop[st.order[v, i], at.PLACE] if i < st.row[v, at.LENGTH] else f.vehicle[v, at.END]


@inner
def leg_points(f: Field, st: State, v: int, i: int, s: int) -> int:
    """What a stop at position i adds by its legs and by who comes."""
    here, points = f.stop[s, at.PLACE], f.points[f.vehicle[v, at.PRICE]]
    before, after = place_of(f, st, v, i - 1), place_of(f, st, v, i)
    added = points[before, here] + points[here, after] + f.surcharge[s, v]
    return added + f.vehicle[v, at.FIXED] if st.row[v, at.LENGTH] == 0 else added - points[before, after]


@inner
def place_one(f: Field, st: State, v: int, s: int, first: int, most: int) -> tuple[int, int]:
    """Points and position, from ``first`` on, of the cheapest way below ``most``; ``NO_ROOM`` when there is none."""
    who, row, n = f.vehicle[v], st.order[v], st.row[v, at.LENGTH]
    here, windows, service_s, setup_s = f.stop[s, at.PLACE], windows_of(f, st, s), f.service[v, s], f.setup[v, s]
    duration, distance, points = f.duration[who[at.GROUND]], f.distance[who[at.GROUND]], f.points[who[at.PRICE]]
    departs, until = st.times[at.DEPARTS, v], st.times[at.LATEST, v]
    n_breaks, breaks, ready, current = who[at.N_BREAKS], f.breaks[v], st.layers[at.READY], st.layers[at.CURRENT]
    before_load, behind_load, capacity = st.loads[at.BEFORE, v], st.loads[at.BEHIND, v], f.capacity[v]
    hourly, setups, timed, ordered = who[at.HOURLY], f.flags[at.SETUPS], f.flags[at.TIMED], f.flags[at.ORDERED]
    opens_s, closes_s, single = windows[0, 0], windows[len(windows) - 1, 1], len(windows) == 1
    room_s, room_m = who[at.MOST_TRAVEL] - st.row[v, at.TRAVEL], who[at.MOST_DISTANCE] - st.row[v, at.METRES]
    bounded_m = who[at.MOST_DISTANCE] < NEVER
    once = f.surcharge[s, v] + (0 if n else who[at.FIXED])
    used = 1 if n else 0
    best, where = most, -1
    before = f.stop[row[first - 1], at.PLACE] if first else who[at.START]
    for i in range(first, n + 1):
        after = f.stop[row[i], at.PLACE] if i < n else who[at.END]
        added = points[before, here] + points[here, after] + once - used * points[before, after]
        action = service_s + (0 if here == before else setup_s)
        if hourly:
            added += hour_points(action, hourly)
        if ordered:
            added += _order_change(f, row, n, i, s)
        fits = added < best
        if fits:
            for d in range(len(capacity)):
                fits = fits and before_load[i, d] + f.loads[s, 0, d] <= capacity[d]
                fits = fits and behind_load[i, d] + f.loads[s, 1, d] <= capacity[d]
        if fits:
            to_s, from_s = duration[before, here], duration[here, after]
            fits = to_s + from_s - used * duration[before, after] <= room_s
            if fits and bounded_m:
                fits = distance[before, here] + distance[here, after] - used * distance[before, after] <= room_m
        if fits:
            # A set-up behind the stop may come up or fall away.
            through = setups and i < n and (after == here or after == before)
            if n_breaks == 0 and not through:
                starts_s = departs[i, 0] + to_s
                fits = starts_s <= closes_s
                if fits:
                    starts_s = max(starts_s, opens_s) if single else earliest(windows, starts_s)
                    fits = starts_s + action + from_s <= until[i, 0]
            elif not through:
                drive(n_breaks, breaks, departs[i], to_s, ready)
                fits = serve(n_breaks, windows, ready, action, current)
                if fits:
                    drive(n_breaks, breaks, current, from_s, ready)
                    fits = False
                    for k in range(n_breaks + 1):
                        fits = fits or ready[k] <= until[i, k]
            if fits and (timed or through):
                added = _added_by_one(f, st, v, i, s)
                fits = added < best
            if fits:
                best, where = added, i
        before = after
    return (best, where) if where >= 0 else (NO_ROOM, -1)


@inner
def _order_change(f: Field, row: np.ndarray, n: int, i: int, s: int) -> int:
    """What a stop at position i changes of the price of another order than promised."""
    before = row[i - 1] if i else -1
    added = order_points(f, before, s)
    if i < n:
        added += order_points(f, s, row[i]) - order_points(f, before, row[i])
    return added


@inner
def _added_by_one(f: Field, st: State, v: int, i: int, s: int) -> int:
    """What a stop at position i adds, by going through the row; ``NO_ROOM`` when it does not fit."""
    n = st.row[v, at.LENGTH]
    copy(st.tried, 0, st.order[v], 0, i)
    st.tried[i] = s
    copy(st.tried, i + 1, st.order[v], i, n - i)
    return _added(f, st, v, n + 1)


@inner
def _added(f: Field, st: State, v: int, n: int) -> int:
    """What the order in ``st.tried`` costs more than the row; ``NO_ROOM`` when it cannot be driven; loads aside."""
    timed = timed_points(f, st, v, st.tried, n)
    return NO_ROOM if timed < 0 else legs_points(f, v, st.tried, n) + timed - st.row[v, at.POINTS]


@inner
def place_pair(f: Field, st: State, v: int, pickup: int, begin: int, most: int) -> tuple[int, int, int]:
    """Points and positions, from ``begin`` on, of the cheapest way to fetch and bring below ``most``.

    The second position counts the first in.

    The row is driven on from the pickup once, whatever the number of places for the delivery.
    """
    who, row, n = f.vehicle[v], st.order[v], st.row[v, at.LENGTH]
    delivery, g = f.stop[pickup, at.MATE], who[at.GROUND]
    middle, home = f.stop[pickup, at.PLACE], f.stop[delivery, at.PLACE]
    points, seconds, metres = f.points[who[at.PRICE]], f.duration[g], f.distance[g]
    n_breaks, breaks, until = who[at.N_BREAKS], f.breaks[v], st.times[at.LATEST, v]
    ready, current, onward = st.layers[at.READY], st.layers[at.CURRENT], st.layers[at.ONWARD]
    setups = f.flags[at.SETUPS]
    exact = f.flags[at.TIMED] or f.flags[at.ORDERED] or (setups and who[at.HOURLY])
    used = 1 if n else 0
    room_s, room_m = who[at.MOST_TRAVEL] - st.row[v, at.TRAVEL], who[at.MOST_DISTANCE] - st.row[v, at.METRES]
    once = f.surcharge[delivery, v]
    once += hour_points(f.service[v, pickup], who[at.HOURLY]) + hour_points(f.service[v, delivery], who[at.HOURLY])
    best, where, to = most, -1, -1
    for i in range(begin, n + 1):
        first = leg_points(f, st, v, i, pickup)
        if first >= best:
            continue
        come_from, go_on = place_of(f, st, v, i - 1), place_of(f, st, v, i)
        if not exact:
            drive(n_breaks, breaks, st.times[at.DEPARTS, v, i], seconds[come_from, middle], ready)
            if not serve(n_breaks, windows_of(f, st, pickup), ready, action_s(f, v, come_from, pickup), onward):
                continue
        first_s = seconds[come_from, middle] + seconds[middle, go_on] - used * seconds[come_from, go_on]
        first_m = metres[come_from, middle] + metres[middle, go_on] - used * metres[come_from, go_on]
        before = middle
        for j in range(i, n + 1):
            if not _holds_between(f, st, v, pickup, i, j):
                break
            after = f.stop[row[j], at.PLACE] if j < n else who[at.END]
            added = first + points[before, home] + points[home, after] - points[before, after] + once
            if added < best:
                if exact or (setups and j < n and (after == home or after == before)):
                    added = _added_by_pair(f, st, v, pickup, i, j)
                    fits = added < best
                else:
                    fits = first_s + seconds[before, home] + seconds[home, after] - seconds[before, after] <= room_s
                    if fits and who[at.MOST_DISTANCE] < NEVER:
                        fits = first_m + metres[before, home] + metres[home, after] - metres[before, after] <= room_m
                    if fits:
                        drive(n_breaks, breaks, onward, seconds[before, home], ready)
                        action = action_s(f, v, before, delivery)
                        fits = serve(n_breaks, windows_of(f, st, delivery), ready, action, current)
                    if fits:
                        drive(n_breaks, breaks, current, seconds[home, after], ready)
                        fits = False
                        for k in range(n_breaks + 1):
                            fits = fits or ready[k] <= until[j, k]
                if fits:
                    best, where, to = added, i, j + 1
            if not exact and j < n:
                s = row[j]
                drive(n_breaks, breaks, onward, seconds[before, after], ready)
                if not serve(n_breaks, windows_of(f, st, s), ready, action_s(f, v, before, s), onward):
                    break
            before = after
    return (best, where, to) if where >= 0 else (NO_ROOM, -1, -1)


@inner
def _holds_between(f: Field, st: State, v: int, pickup: int, i: int, j: int) -> bool:
    """Whether the vehicle holds what a pickup at position i collects up to position j; asked for rising j."""
    for d in range(f.capacity.shape[1]):
        most = f.capacity[v, d]
        delivered = f.loads[pickup, 0, d]
        if delivered and st.loads[at.BEFORE, v, i, d] + delivered > most:
            return False
        if st.loads[at.LOAD, v, j, d] + f.loads[pickup, 1, d] > most:
            return False
    return True


@inner
def _added_by_pair(f: Field, st: State, v: int, pickup: int, i: int, j: int) -> int:
    """What a pickup at position i and its delivery before position j add, by going through the row."""
    n = st.row[v, at.LENGTH]
    copy(st.tried, 0, st.order[v], 0, i)
    st.tried[i] = pickup
    copy(st.tried, i + 1, st.order[v], i, j - i)
    st.tried[j + 1] = f.stop[pickup, at.MATE]
    copy(st.tried, j + 2, st.order[v], j, n - j)
    return _added(f, st, v, n + 2)
