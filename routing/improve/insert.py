"""Where a stop, or a part and its job, goes cheapest into one row."""

from routing.improve import columns as at
from routing.improve.compiled import compiled
from routing.improve.field import Field
from routing.improve.route import NEVER, drive, earliest, hour_points, legs_points, serve, timed_points, windows_of
from routing.improve.state import State

NO_ROOM = 1 << 60


@compiled
def leg_points(f: Field, st: State, v: int, i: int, s: int) -> int:
    """What a stop at position i adds by its legs and by who comes."""
    n, here, p = st.row[v, at.LENGTH], f.stop[s, at.PLACE], f.vehicle[v, at.PRICE]
    before = f.stop[st.order[v, i - 1], at.PLACE] if i else f.vehicle[v, at.START]
    after = f.stop[st.order[v, i], at.PLACE] if i < n else f.vehicle[v, at.END]
    added = f.points[p, before, here] + f.points[p, here, after] + f.surcharge[s, v]
    return added + f.vehicle[v, at.FIXED] if n == 0 else added - f.points[p, before, after]


@compiled
def place_one(f: Field, st: State, v: int, s: int, most: int) -> tuple[int, int]:
    """Points and position of the cheapest way below ``most``; ``NO_ROOM`` when there is none."""
    if f.flags[at.EXACT]:
        return _place_exactly(f, st, v, s, most)
    n, who = st.row[v, at.LENGTH], f.vehicle[v]
    row, here, windows, service_s = st.order[v], f.stop[s, at.PLACE], windows_of(f, s), f.service[v, s]
    duration, points = f.duration[who[at.GROUND]], f.points[who[at.PRICE]]
    departs, until = st.times[at.DEPARTS, v], st.times[at.LATEST, v]
    n_breaks, breaks, ready, current = who[at.N_BREAKS], f.breaks[v], st.layers[at.READY], st.layers[at.CURRENT]
    opens_s, closes_s = windows[0, 0], windows[len(windows) - 1, 1]
    room_s = NEVER if who[at.MOST_TRAVEL] == NEVER else who[at.MOST_TRAVEL] - st.row[v, at.TRAVEL]
    first = who[at.N_FROZEN]
    once = f.surcharge[s, v] + hour_points(service_s, who[at.HOURLY]) + (0 if n else who[at.FIXED])
    best, where = most, -1
    before = f.stop[row[first - 1], at.PLACE] if first else who[at.START]
    for i in range(first, n + 1):
        after = f.stop[row[i], at.PLACE] if i < n else who[at.END]
        added = points[before, here] + points[here, after] + once - (points[before, after] if n else 0)
        if added < best:
            to_s, from_s = duration[before, here], duration[here, after]
            if n_breaks == 0:
                starts_s = departs[i, 0] + to_s
                if starts_s <= closes_s:
                    starts_s = max(starts_s, opens_s) if len(windows) == 1 else earliest(windows, starts_s)
                    good = starts_s + service_s + from_s <= until[i, 0]
                else:
                    good = False
            else:
                drive(n_breaks, breaks, departs[i], to_s, ready)
                good = serve(n_breaks, windows, ready, service_s, current)
                if good:
                    drive(n_breaks, breaks, current, from_s, ready)
                    good = False
                    for k in range(n_breaks + 1):
                        good = good or ready[k] <= until[i, k]
            good = good and to_s + from_s - (duration[before, after] if n else 0) <= room_s
            if good and who[at.MOST_DISTANCE] < NEVER:
                metres = f.distance[who[at.GROUND]]
                added_m = metres[before, here] + metres[here, after] - (metres[before, after] if n else 0)
                good = st.row[v, at.METRES] + added_m <= who[at.MOST_DISTANCE]
            if good:
                best, where = added, i
        before = after
    return (best, where) if where >= 0 else (NO_ROOM, -1)


@compiled
def _place_exactly(f: Field, st: State, v: int, s: int, most: int) -> tuple[int, int]:
    """The same by going through the row with the stop in it."""
    n, best, where = st.row[v, at.LENGTH], most, -1
    for i in range(f.vehicle[v, at.N_FROZEN], n + 1):
        if leg_points(f, st, v, i, s) >= best:
            continue
        for j in range(i):
            st.tried[j] = st.order[v, j]
        st.tried[i] = s
        for j in range(i, n):
            st.tried[j + 1] = st.order[v, j]
        added = _added(f, st, v, n + 1)
        if added < best:
            best, where = added, i
    return (best, where) if where >= 0 else (NO_ROOM, -1)


@compiled
def _added(f: Field, st: State, v: int, n: int) -> int:
    """What the order in ``st.tried`` costs more than the row; ``NO_ROOM`` when it breaks a limit."""
    timed = timed_points(f, st, v, st.tried, n)
    return NO_ROOM if timed < 0 else legs_points(f, v, st.tried, n) + timed - st.row[v, at.POINTS]


@compiled
def place_pair(f: Field, st: State, v: int, pickup: int, most: int) -> tuple[int, int, int]:
    """Points and positions of the cheapest way to fetch and bring below ``most``; the second counts the first in."""
    n, best, where, to = st.row[v, at.LENGTH], most, -1, -1
    delivery, p, end = f.stop[pickup, at.MATE], f.vehicle[v, at.PRICE], f.vehicle[v, at.END]
    middle, home = f.stop[pickup, at.PLACE], f.stop[delivery, at.PLACE]
    for i in range(f.vehicle[v, at.N_FROZEN], n + 1):
        first = leg_points(f, st, v, i, pickup)
        for j in range(i, n + 1):
            if j == i:
                # The delivery right behind its pickup shares a leg; elsewhere the two add up.
                after = f.stop[st.order[v, i], at.PLACE] if i < n else end
                added = first + f.points[p, middle, home] + f.points[p, home, after] - f.points[p, middle, after]
                added += f.surcharge[delivery, v]
            else:
                added = first + leg_points(f, st, v, j, delivery)
            if added >= best:
                continue
            for k in range(i):
                st.tried[k] = st.order[v, k]
            st.tried[i] = pickup
            for k in range(i, j):
                st.tried[k + 1] = st.order[v, k]
            st.tried[j + 1] = delivery
            for k in range(j, n):
                st.tried[k + 2] = st.order[v, k]
            added = _added(f, st, v, n + 2)
            if added < best:
                best, where, to = added, i, j + 1
    return (best, where, to) if where >= 0 else (NO_ROOM, -1, -1)
