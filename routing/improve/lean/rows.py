"""The rows of the fast kernel: what is known of each, how it changes, how a change is taken back."""

from typing import NamedTuple

import numpy as np

from routing.improve.compiled import compiled, woven
from routing.improve.lean import columns as at
from routing.improve.lean.details import backward as detailed_backward
from routing.improve.lean.details import forward as detailed_forward
from routing.improve.lean.details import is_detailed, spare_m
from routing.improve.lean.ground import NEVER, Ground
from routing.improve.lean.loads import N_EACH, is_too_full, lay_out_loads
from routing.improve.lean.promises import promised_points
from routing.improve.lean.work import takes_too_long


class State(NamedTuple):
    """What changes while a search runs; a row per vehicle.

    Parameters
    ----------
    row, saved : int32 (vehicles, positions, columns), rows now and as they were before this iteration
    best : int32 (vehicles, positions), stops of the best rows
    head, numbers : int64 (columns, vehicles), (columns); each stop put back asks all rows for a few columns
    who : int32 by stop, the vehicle or -1
    left, left_at : int32, stops that nobody serves, and where each stands among them or -1
    bag, keys : int32, float64, scratch: stops taken out, and what they are sorted by
    touched, hole : int32 by vehicle, scratch: rows touched in this iteration, and where each has its hole
    swap : int32 (positions), scratch
    work : int32 (vehicles, positions, columns), segments of rows that may last so long only, and what they carry
    work_stamp : int64 (vehicles), the stamp of the row that they were laid out for
    known : int32 (stops, vehicles, 3), cheapest way into a row when it bore that stamp: stamp, position, points
    random : uint64 (1), state of the generator
    """

    row: np.ndarray
    saved: np.ndarray
    best: np.ndarray
    head: np.ndarray
    numbers: np.ndarray
    who: np.ndarray
    left: np.ndarray
    left_at: np.ndarray
    bag: np.ndarray
    keys: np.ndarray
    touched: np.ndarray
    hole: np.ndarray
    swap: np.ndarray
    work: np.ndarray
    work_stamp: np.ndarray
    known: np.ndarray
    random: np.ndarray


def most_stops(ground: Ground) -> int:
    """How many stops a row can hold at most: the shortest ones, within the longest shift and the largest capacity."""
    n_stops = len(ground.stop)
    n = ground.drive.shape[1]
    legs = ground.drive.reshape(-1, n, n).min(axis=0)[:, :n_stops].astype(np.int64)
    legs[np.arange(n_stops), np.arange(n_stops)] = NEVER
    takes = np.sort(ground.service.min(axis=0) + legs.min(axis=0, initial=NEVER))
    longest = int((ground.vehicle[:, at.LAST_RETURN] - ground.vehicle[:, at.OPENS]).max(initial=0))
    by_time = int(np.searchsorted(np.cumsum(takes), longest, side="right")) + int(
        ground.vehicle[:, at.N_FROZEN].max(initial=0)
    )
    loads = np.sort(ground.stop[:, at.DEMAND])
    by_load = int(np.searchsorted(np.cumsum(loads), ground.vehicle[:, at.CAPACITY].max(initial=0), side="right"))
    return max(1, min(n_stops, by_time, by_load))


def state_of(ground: Ground, orders: list[list[int]], seed: int) -> State:
    """Rows for given orders, everything known of them."""
    n_vehicles, n_stops, n_loads = len(orders), len(ground.stop), (ground.stop.shape[1] - at.LOADS) // 2
    width = -(-(max(most_stops(ground), *map(len, orders)) + 4) // 8) * 8
    who = np.full(n_stops, -1, dtype=np.int32)
    row = np.zeros((n_vehicles, width, 8), dtype=np.int32)
    head = np.zeros((at.N_HEAD, n_vehicles), dtype=np.int64)
    for vehicle, stops in enumerate(orders):
        row[vehicle, 1 : len(stops) + 1, at.NODE] = stops
        who[stops] = vehicle
        head[at.LENGTH, vehicle] = len(stops)
    unserved = np.flatnonzero((who < 0) & (ground.stop[:, at.FETCHED] < 0)).astype(np.int32)
    left, left_at = np.full(n_stops, -1, dtype=np.int32), np.full(n_stops, -1, dtype=np.int32)
    left[: len(unserved)] = unserved
    left_at[unserved] = np.arange(len(unserved), dtype=np.int32)
    numbers = np.zeros(at.N_NUMBERS, dtype=np.int64)
    numbers[at.N_LEFT], numbers[at.PAIRED] = len(unserved), (ground.stop[:, at.BRINGS] >= 0).any()
    head[at.TOUCHED_IN] = -1
    head[at.BEST_STAMP] = -1
    state = State(
        row=row,
        saved=row.copy(),
        best=np.zeros((n_vehicles, width), dtype=np.int32),
        head=head,
        numbers=numbers,
        who=who,
        left=left,
        left_at=left_at,
        bag=np.zeros(n_stops + 1, dtype=np.int32),
        keys=np.zeros(n_stops + 1, dtype=np.float64),
        touched=np.zeros(n_vehicles, dtype=np.int32),
        hole=np.zeros(n_vehicles, dtype=np.int32),
        swap=np.zeros(width, dtype=np.int32),
        work=np.zeros((n_vehicles, width, at.ON_BOARD + N_EACH * n_loads), dtype=np.int32),
        work_stamp=np.full(n_vehicles, -1, dtype=np.int64),
        known=np.zeros((n_stops, n_vehicles, 3), dtype=np.int32),
        random=np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1),
    )
    prepare(ground, state)
    return state


def best_orders(state: State) -> list[list[int]]:
    """The best rows as lists."""
    return [state.best[v, 1 : n + 1].tolist() for v, n in enumerate(state.head[at.BEST_LENGTH].tolist())]


def current_orders(state: State) -> list[list[int]]:
    """The rows as they are, as lists."""
    return [state.row[v, 1 : n + 1, at.NODE].tolist() for v, n in enumerate(state.head[at.LENGTH].tolist())]


@compiled
def prepare(g: Ground, st: State) -> None:
    """Bring everything up to date with the orders as they are, and call them the best."""
    total = 0
    for v in range(len(st.row)):
        rebuild(g, st, v)
        n = st.head[at.LENGTH, v]
        if n:
            total += g.vehicle[v, at.FIXED]
            for i in range(n + 1):
                total += st.row[v, i, at.ARC]
        if len(g.promise):
            st.head[at.BROKEN_PROMISES, v] = promised_points(g, g.vehicle[v], st.row[v], n)
            total += st.head[at.BROKEN_PROMISES, v]
        for i in range(1, n + 1):
            total += g.surcharge[g.vehicle[v, at.SURCHARGE_ROW], st.row[v, i, at.NODE]]
    for k in range(st.numbers[at.N_LEFT]):
        total += g.worth[st.left[k]]
    st.numbers[at.TOTAL] = total
    note_best(st)


@compiled
def rebuild(g: Ground, st: State, v: int) -> None:
    """Everything that is known of a row, anew; it gets a new stamp."""
    who, row, n = g.vehicle[v], st.row[v], st.head[at.LENGTH, v]
    service = g.service[who[at.SERVICE_ROW]]
    row[0, at.NODE], row[n + 1, at.NODE] = who[at.START], who[at.END]
    row[0, at.LOAD] = 0
    travel_s, busy_s, load = 0, 0, 0
    for i in range(n + 1):
        here, after = row[i, at.NODE], row[i + 1, at.NODE]
        row[i, at.ARC] = g.cost[who[at.COST_AT] + here, after]
        row[i, at.DRIVE] = g.drive[who[at.DRIVE_AT] + here, after]
        travel_s += row[i, at.DRIVE]
        if i < n:
            busy_s += service[after]
            load += g.stop[after, at.DEMAND]
        row[i + 1, at.LOAD] = load
    if n == 0:
        # A row that is not driven costs nothing, so its first stop pays both legs.
        row[0, at.ARC], row[0, at.DRIVE], travel_s = 0, 0, 0
    st.head[at.TRAVEL, v] = travel_s
    st.head[at.IDLE, v] = who[at.SHIFT_S] - travel_s - busy_s
    st.numbers[at.NEXT_STAMP] += 1
    st.head[at.STAMP, v] = st.numbers[at.NEXT_STAMP]
    first = min(n, who[at.N_FROZEN])
    row[0, at.FREE] = NEVER if who[at.HAS_BREAK] else who[at.OPENS]
    row[0, at.OWING] = who[at.OPENS] if who[at.HAS_BREAK] else NEVER
    for i in range(1, first + 1):
        ends_s = g.stop[row[i, at.NODE], at.FROZEN_AT] + service[row[i, at.NODE]]
        row[i, at.FREE] = NEVER if who[at.HAS_BREAK] else ends_s
        row[i, at.OWING] = ends_s if who[at.HAS_BREAK] else NEVER
    forward(g, row, who, service, first + 1, n, n)
    row[n + 1, at.FREE_BY], row[n + 1, at.OWING_BY] = who[at.LAST_RETURN], who[at.LAST_OWING]
    backward(g, row, who, service, n, first, 0)
    _note_broken(g, st, v)


@woven
def shortened(g: Ground, st: State, v: int, begin: int, last_seam: int) -> None:
    """Bring a row up to date whose legs from ``begin`` - 1 to ``last_seam`` have changed; it gets a new stamp."""
    who, row, n = g.vehicle[v], st.row[v], st.head[at.LENGTH, v]
    service = g.service[who[at.SERVICE_ROW]]
    st.numbers[at.NEXT_STAMP] += 1
    st.head[at.STAMP, v] = st.numbers[at.NEXT_STAMP]
    forward(g, row, who, service, begin, n, last_seam + 1)
    backward(g, row, who, service, last_seam, min(n, who[at.N_FROZEN]), begin - 1)
    _note_broken(g, st, v)


@woven
def _note_broken(g: Ground, st: State, v: int) -> None:
    """Count a row that cannot be driven, or not for so long; what is behind it is out of date."""
    who, row, n = g.vehicle[v], st.row[v], st.head[at.LENGTH, v]
    st.work_stamp[v] = -1
    late = n > 0 and (st.head[at.TRAVEL, v] > who[at.MOST_TRAVEL] or not _returns(row, who, n))
    late = late or (n > 0 and spare_m(g, who, row, n) < 0)
    if late or takes_too_long(g, who, row, n, st.work[v]):
        st.numbers[at.N_BROKEN] += 1
    elif g.stop.shape[1] > at.LOADS:
        # Who has fetched something carries it on where its delivery leaves the row.
        lay_out_loads(g, row, n, st.work[v])
        st.numbers[at.N_BROKEN] += is_too_full(g, who, st.work[v])


@woven
def _returns(row: np.ndarray, who: np.ndarray, n: int) -> bool:
    """Whether the last leg of a row ends in time; detours may make that untrue where a stop is taken out."""
    drive_s = row[n, at.DRIVE]
    if row[n, at.FREE] + drive_s <= who[at.LAST_RETURN]:
        return True
    if row[n, at.OWING] >= NEVER:
        return False
    done_s = row[n, at.OWING] + drive_s
    on_the_way = row[n, at.OWING] <= who[at.BREAK_UNTIL]
    if on_the_way and max(done_s, who[at.BREAK_FROM]) + who[at.BREAK_S] <= who[at.LAST_RETURN]:
        return True
    return bool(done_s <= who[at.LAST_OWING])


@woven
def forward(g: Ground, row: np.ndarray, who: np.ndarray, service: np.ndarray, begin: int, n: int, fixed: int) -> None:
    """Earliest ends of service from position ``begin`` on; behind ``fixed`` it is over when nothing changes any more."""
    if is_detailed(g):
        detailed_forward(g, row, who, begin, n, fixed)
        return
    has_break, from_s, until_s, lasts_s = who[at.HAS_BREAK], who[at.BREAK_FROM], who[at.BREAK_UNTIL], who[at.BREAK_S]
    for i in range(begin, n + 1):
        s = row[i, at.NODE]
        drive_s, earliest_s, service_s = row[i - 1, at.DRIVE], g.stop[s, at.EARLIEST], service[s]
        free_s = row[i - 1, at.FREE] + drive_s
        owing_s = NEVER
        if has_break and row[i - 1, at.OWING] < NEVER:
            departs_s = row[i - 1, at.OWING]
            owing_s = departs_s + drive_s
            if departs_s <= until_s:
                free_s = min(free_s, max(owing_s, from_s) + lasts_s)
            owing_s = max(owing_s, earliest_s) + service_s if owing_s <= g.stop[s, at.UNTIL] else NEVER
        free_s = max(free_s, earliest_s) + service_s if free_s <= g.stop[s, at.UNTIL] else NEVER
        if i > fixed and row[i, at.FREE] == free_s and row[i, at.OWING] == owing_s:
            return
        row[i, at.FREE], row[i, at.OWING] = free_s, owing_s


@woven
def backward(
    g: Ground, row: np.ndarray, who: np.ndarray, service: np.ndarray, begin: int, first: int, fixed: int
) -> None:
    """Latest readiness from position ``begin`` down to the frozen ones; below ``fixed`` over when nothing changes any more."""
    if is_detailed(g):
        detailed_backward(g, row, who, begin, first, fixed)
        return
    has_break, from_s, until_s, lasts_s = who[at.HAS_BREAK], who[at.BREAK_FROM], who[at.BREAK_UNTIL], who[at.BREAK_S]
    for i in range(begin, first, -1):
        s = row[i, at.NODE]
        drive_s, earliest_s, service_s, by_s = row[i, at.DRIVE], g.stop[s, at.EARLIEST], service[s], g.stop[s, at.UNTIL]
        free_by = row[i + 1, at.FREE_BY]
        leave_s = free_by - drive_s - service_s
        free = min(by_s, leave_s) if leave_s >= earliest_s else -NEVER
        owing = -NEVER
        if has_break:
            leave_s = row[i + 1, at.OWING_BY] - drive_s
            begin_s = free_by - lasts_s
            if begin_s >= from_s:
                # The break on this leg: begun in its window, over when one must be ready there.
                leave_s = max(leave_s, min(until_s, begin_s, begin_s - drive_s))
            leave_s -= service_s
            owing = min(by_s, leave_s) if leave_s >= earliest_s else owing
        if i < fixed and row[i, at.FREE_BY] == free and row[i, at.OWING_BY] == owing:
            return
        row[i, at.FREE_BY], row[i, at.OWING_BY] = free, owing


@woven
def put_in(g: Ground, st: State, v: int, i: int, s: int) -> None:
    """A stop behind position i of a row, and what is known of the row brought up to date."""
    who, row, n = g.vehicle[v], st.row[v], st.head[at.LENGTH, v]
    service = g.service[who[at.SERVICE_ROW]]
    for j in range(n + 1, i, -1):
        for c in range(8):
            row[j + 1, c] = row[j, c]
    n += 1
    before, after = row[i, at.NODE], row[i + 2, at.NODE]
    costs, drives = who[at.COST_AT], who[at.DRIVE_AT]
    row[i + 1, at.NODE] = s
    st.head[at.TRAVEL, v] -= row[i, at.DRIVE]
    st.head[at.IDLE, v] += row[i, at.DRIVE]
    row[i, at.ARC], row[i, at.DRIVE] = g.cost[costs + before, s], g.drive[drives + before, s]
    row[i + 1, at.ARC], row[i + 1, at.DRIVE] = g.cost[costs + s, after], g.drive[drives + s, after]
    travel_s = row[i, at.DRIVE] + row[i + 1, at.DRIVE]
    st.head[at.TRAVEL, v] += travel_s
    st.head[at.IDLE, v] -= travel_s + service[s]
    st.head[at.LENGTH, v] = n
    demand = g.stop[s, at.DEMAND]
    row[i + 1, at.LOAD] = row[i, at.LOAD]
    if demand:
        for j in range(i + 1, n + 2):
            row[j, at.LOAD] += demand
    st.numbers[at.NEXT_STAMP] += 1
    st.head[at.STAMP, v] = st.numbers[at.NEXT_STAMP]
    st.who[s] = v
    forward(g, row, who, service, i + 1, n, i + 1)
    backward(g, row, who, service, i + 1, min(n, who[at.N_FROZEN]), i + 1)


@woven
def touch(st: State, v: int) -> None:
    """Remember a row as it is before this iteration changes it."""
    if st.head[at.TOUCHED_IN, v] == st.numbers[at.ITERATION]:
        return
    st.head[at.TOUCHED_IN, v] = st.numbers[at.ITERATION]
    for c in range(at.N_SAVED):
        st.head[at.SAVED + c, v] = st.head[c, v]
    for i in range(st.head[at.LENGTH, v] + 2):
        for c in range(8):
            st.saved[v, i, c] = st.row[v, i, c]
    st.touched[st.numbers[at.N_TOUCHED]] = v
    st.numbers[at.N_TOUCHED] += 1


@woven
def take_back(st: State) -> None:
    """Every touched row as it was."""
    for k in range(st.numbers[at.N_BAG]):
        st.who[st.bag[k]] = -1
    if st.numbers[at.PAIRED]:
        _forget_touched(st)
    for k in range(st.numbers[at.N_TOUCHED]):
        v = st.touched[k]
        for c in range(at.N_SAVED):
            st.head[c, v] = st.head[at.SAVED + c, v]
        n = st.head[at.LENGTH, v]
        for i in range(n + 2):
            for c in range(8):
                st.row[v, i, c] = st.saved[v, i, c]
        for i in range(1, n + 1):
            st.who[st.row[v, i, at.NODE]] = v


@compiled
def _forget_touched(st: State) -> None:
    """The bag names one end of each delivery: nobody serves what stands in touched rows now."""
    for k in range(st.numbers[at.N_TOUCHED]):
        v = st.touched[k]
        for i in range(1, st.head[at.LENGTH, v] + 1):
            st.who[st.row[v, i, at.NODE]] = -1


@woven
def leave_out(st: State, s: int) -> None:
    """Note that nobody serves a stop."""
    if st.left_at[s] < 0:
        st.left[st.numbers[at.N_LEFT]] = s
        st.left_at[s] = st.numbers[at.N_LEFT]
        st.numbers[at.N_LEFT] += 1


@woven
def no_longer_left(st: State, s: int) -> None:
    """Note that somebody serves a stop."""
    where = st.left_at[s]
    if where >= 0:
        st.numbers[at.N_LEFT] -= 1
        last = st.left[st.numbers[at.N_LEFT]]
        st.left[where] = last
        st.left_at[last] = where
        st.left_at[s] = -1


@woven
def note_best(st: State) -> None:
    """Remember the rows as the best; only those that have changed since."""
    for v in range(len(st.row)):
        if st.head[at.BEST_STAMP, v] != st.head[at.STAMP, v]:
            st.head[at.BEST_STAMP, v] = st.head[at.STAMP, v]
            st.head[at.BEST_LENGTH, v] = st.head[at.LENGTH, v]
            for i in range(1, st.head[at.LENGTH, v] + 1):
                st.best[v, i] = st.row[v, i, at.NODE]
    st.numbers[at.BEST] = st.numbers[at.TOTAL]
    st.numbers[at.N_IMPROVED] += 1
