"""What one iteration takes out: strings of neighbouring stops from neighbouring rows, or whole rows.

Source: Christiaens & Vanden Berghe (2020), "Slack induction by string removals for vehicle routing problems",
Transportation Science 54(2); by time, and tails that change rows, as ``manner`` says.
"""

from routing.improve.chance import below, drawn
from routing.improve.compiled import compiled, woven
from routing.improve.lean import columns as at
from routing.improve.lean.ground import Ground
from routing.improve.lean.manner import Manner
from routing.improve.lean.pairs import take_out_with_ends
from routing.improve.lean.rows import State, rebuild, shortened, touch


@woven
def ruin(g: Ground, st: State, m: Manner) -> int:
    """Take stops out of their rows into ``st.bag``; points that this changes, with those of stops nobody serves now."""
    n_stops, n_left = len(g.stop), st.numbers[at.N_LEFT]
    around_left = n_left > 0 and drawn(st.random) < m.from_left
    seed = st.left[below(st.random, n_left)] if around_left else below(st.random, n_stops)
    if m.whole_row > 0.0 and drawn(st.random) < m.whole_row:
        return _whole_rows(g, st, seed)
    n_rows = 0
    for v in range(len(st.row)):
        n_rows += st.head[at.LENGTH, v] > 0
    if n_rows == 0:
        return 0
    longest = min(m.longest, max(1.0, (n_stops - n_left) / n_rows))
    n_strings = int(1.0 + drawn(st.random) * (4.0 * m.removed / (1.0 + longest) - 1.0))
    by_time = 1 if drawn(st.random) < m.near_in_time else 0
    only_able = st.who[seed] < 0 or drawn(st.random) < m.only_able
    at_time = drawn(st.random) < m.at_time
    changed, n_done, kind = 0, 0, g.stop[seed, at.CLASS]
    for k in range(-1, g.near.shape[2]):
        s = seed if k < 0 else g.near[by_time, seed, k]
        v = st.who[s]
        if v < 0 or st.head[at.TOUCHED_IN, v] == st.numbers[at.ITERATION] or g.stop[s, at.FROZEN_AT] >= 0:
            continue
        if only_able and not g.may[kind, v]:
            continue
        where = _time_of(g, st, v, seed) if at_time else _position_of(st, v, s)
        changed += _string(g, st, m, v, where, longest)
        n_done += 1
        if n_done >= n_strings:
            break
    if m.swap_tails > 0.0 and st.numbers[at.N_TOUCHED] > 1 and drawn(st.random) < m.swap_tails:
        changed += _swap_tails(g, st, st.touched[0], st.touched[1])
    return changed


@compiled
def take_one(g: Ground, st: State, s: int) -> int:
    """Take one stop out of its row; points that this changes."""
    v = st.who[s]
    where = _position_of(st, v, s)
    touch(st, v)
    return _leave(g, st, v, where, 1, where + 1, 0)


@woven
def _position_of(st: State, v: int, s: int) -> int:
    where = 1
    while st.row[v, where, at.NODE] != s:
        where += 1
    return where


@woven
def _time_of(g: Ground, st: State, v: int, seed: int) -> int:
    """The position in a row whose stop is served about when the seed is, or might be."""
    who = st.who[seed]
    if who >= 0:
        at_s = _done_s(st, who, _position_of(st, who, seed))
    else:
        opens_s = max(g.stop[seed, at.EARLIEST], g.vehicle[v, at.OPENS])
        closes_s = min(g.stop[seed, at.UNTIL], g.vehicle[v, at.LAST_RETURN])
        at_s = opens_s + below(st.random, max(1, closes_s - opens_s))
    first, n = g.vehicle[v, at.N_FROZEN], st.head[at.LENGTH, v]
    where = first + 1
    while where < n and _done_s(st, v, where) < at_s:
        where += 1
    return where


@woven
def _done_s(st: State, v: int, i: int) -> int:
    return min(st.row[v, i, at.FREE], st.row[v, i, at.OWING])


@woven
def _string(g: Ground, st: State, m: Manner, v: int, where: int, longest: float) -> int:
    """Take a run of stops around a position out of a row; by how many points it changes."""
    first, n = g.vehicle[v, at.N_FROZEN], st.head[at.LENGTH, v]
    free = n - first
    if free <= 0:
        return 0
    size = min(int(1.0 + drawn(st.random) * min(longest, float(free))), free)
    kept = 0
    if 1 < size < free and drawn(st.random) < m.split:
        kept = 1
        while size + kept < free and drawn(st.random) < m.keep_more:
            kept += 1
    span = size + kept
    lowest, highest = max(first + 1, where - span + 1), min(where, n - span + 1)
    begin = lowest + below(st.random, highest - lowest + 1)
    skip = begin + 1 + below(st.random, size - 1) if kept else begin + span
    touch(st, v)
    st.hole[v] = begin - 1
    tail_off = m.own_tail > 0.0 and drawn(st.random) < m.own_tail
    changed = _leave(g, st, v, begin, span, skip, kept)
    return changed + _tail_off(g, st, v) if tail_off else changed


@woven
def _leave(g: Ground, st: State, v: int, begin: int, span: int, skip: int, kept: int) -> int:
    """Take positions out as ``_take_out`` does; what belongs to them leaves as well."""
    if st.numbers[at.PAIRED]:
        return take_out_with_ends(g, st, v, begin, span, skip, kept)
    return _take_out(g, st, v, begin, span, skip, kept)


@woven
def _take_out(g: Ground, st: State, v: int, begin: int, span: int, skip: int, kept: int) -> int:
    """Take positions from ``begin`` on out, but for ``kept`` from ``skip`` on; points that this changes."""
    row, who, n = st.row[v], g.vehicle[v], st.head[at.LENGTH, v]
    service, surcharge = g.service[who[at.SERVICE_ROW]], g.surcharge[who[at.SURCHARGE_ROW]]
    changed, travel_s, busy_s, load, to = -row[begin - 1, at.ARC], -row[begin - 1, at.DRIVE], 0, 0, begin
    for i in range(begin, n + 2):
        s = row[i, at.NODE]
        if i < begin + span and not skip <= i < skip + kept:
            st.bag[st.numbers[at.N_BAG]] = s
            st.numbers[at.N_BAG] += 1
            st.who[s] = -1
            changed += g.worth[s] - surcharge[s] - row[i, at.ARC]
            travel_s -= row[i, at.DRIVE]
            busy_s -= service[s]
            load += g.stop[s, at.DEMAND]
        else:
            for c in range(8):
                row[to, c] = row[i, c]
            row[to, at.LOAD] -= load
            to += 1
    n = to - 2
    st.head[at.LENGTH, v] = n
    last_seam = begin - 1 + kept
    for i in range(begin - 1, last_seam + 1, max(1, kept)):
        if i != begin - 1:
            changed -= row[i, at.ARC]
            travel_s -= row[i, at.DRIVE]
        here, after = row[i, at.NODE], row[i + 1, at.NODE]
        row[i, at.ARC] = g.cost[who[at.COST_AT] + here, after]
        row[i, at.DRIVE] = g.drive[who[at.DRIVE_AT] + here, after]
        if n == 0:
            row[i, at.ARC], row[i, at.DRIVE] = 0, 0
            changed -= who[at.FIXED]
        changed += row[i, at.ARC]
        travel_s += row[i, at.DRIVE]
    st.head[at.TRAVEL, v] += travel_s
    st.head[at.IDLE, v] -= travel_s + busy_s
    shortened(g, st, v, begin, last_seam)
    return changed


@woven
def _points(g: Ground, st: State, v: int) -> int:
    """Legs and the fixed part of a row."""
    n = st.head[at.LENGTH, v]
    total = g.vehicle[v, at.FIXED] if n else 0
    for i in range(n + 1):
        total += st.row[v, i, at.ARC]
    return total


@compiled
def _whole_rows(g: Ground, st: State, seed: int) -> int:
    """Empty the row of a stop, and now and then its neighbour's, of what is not frozen."""
    changed, wanted = 0, 1 + below(st.random, 2)
    for k in range(-1, g.near.shape[2]):
        s = seed if k < 0 else g.near[0, seed, k]
        v = st.who[s]
        if v < 0 or st.head[at.TOUCHED_IN, v] == st.numbers[at.ITERATION]:
            continue
        first, n = g.vehicle[v, at.N_FROZEN], st.head[at.LENGTH, v]
        if n > first:
            touch(st, v)
            st.hole[v] = first
            changed += _leave(g, st, v, first + 1, n - first, n + 1, 0)
        wanted -= 1
        if wanted == 0:
            break
    return changed


@compiled
def _tail_off(g: Ground, st: State, v: int) -> int:
    """What is behind a row's hole becomes a row of its own, if an empty one of its kind can drive it."""
    hole, n = st.hole[v], st.head[at.LENGTH, v]
    if n - hole < 1 or hole < 1:
        return 0
    for u in range(len(st.row)):
        if st.head[at.LENGTH, u] == 0 and u != v and g.vehicle[u, at.KIND] == g.vehicle[v, at.KIND]:
            changed = -_points(g, st, v)
            touch(st, u)
            st.hole[u] = 0
            for i in range(hole + 1, n + 1):
                s = st.row[v, i, at.NODE]
                st.row[u, i - hole, at.NODE] = s
                st.who[s] = u
            st.head[at.LENGTH, u], st.head[at.LENGTH, v] = n - hole, hole
            rebuild(g, st, u)
            rebuild(g, st, v)
            return changed + _points(g, st, v) + _points(g, st, u)
    return 0


@compiled
def _swap_tails(g: Ground, st: State, u: int, v: int) -> int:
    """What is behind the holes of two rows of one kind changes places, if both can be driven then."""
    if g.vehicle[u, at.KIND] != g.vehicle[v, at.KIND]:
        return 0
    i, j, n, o = st.hole[u], st.hole[v], st.head[at.LENGTH, u], st.head[at.LENGTH, v]
    if i > n or j > o:
        return 0
    a, b = st.row[u, i], st.row[v, j]
    on, off = st.row[u, i + 1], st.row[v, j + 1]
    drives = g.vehicle[u, at.DRIVE_AT]
    if a[at.FREE] + g.drive[drives + a[at.NODE], off[at.NODE]] > off[at.FREE_BY]:
        return 0
    if b[at.FREE] + g.drive[drives + b[at.NODE], on[at.NODE]] > on[at.FREE_BY]:
        return 0
    load, other = a[at.LOAD] + st.row[v, o, at.LOAD] - b[at.LOAD], b[at.LOAD] + st.row[u, n, at.LOAD] - a[at.LOAD]
    if load > g.vehicle[u, at.CAPACITY] or other > g.vehicle[v, at.CAPACITY]:
        return 0
    length, other_length = i + o - j, j + n - i
    if max(length, other_length) + 2 > st.row.shape[1] or max(length, other_length) > g.vehicle[u, at.MOST_STOPS]:
        return 0
    changed = -_points(g, st, u) - _points(g, st, v)
    tail = st.swap[: n - i]
    for k in range(n - i):
        tail[k] = st.row[u, i + 1 + k, at.NODE]
    for k in range(o - j):
        st.row[u, i + 1 + k, at.NODE] = st.row[v, j + 1 + k, at.NODE]
        st.who[st.row[v, j + 1 + k, at.NODE]] = u
    for k in range(n - i):
        st.row[v, j + 1 + k, at.NODE] = tail[k]
        st.who[tail[k]] = v
    st.head[at.LENGTH, u], st.head[at.LENGTH, v] = length, other_length
    rebuild(g, st, u)
    rebuild(g, st, v)
    return changed + _points(g, st, u) + _points(g, st, v)
