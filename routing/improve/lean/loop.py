"""The iteration of the fast kernel: ruin, recreate, keep or take back."""

import math

import numpy as np

from routing.improve.chance import below, drawn
from routing.improve.compiled import compiled, woven
from routing.improve.lean import columns as at
from routing.improve.lean.ground import NO_ROOM, Ground
from routing.improve.lean.insert import way_in
from routing.improve.lean.manner import Manner
from routing.improve.lean.pairs import put_both_in
from routing.improve.lean.promises import touched_promises
from routing.improve.lean.rows import State, leave_out, no_longer_left, note_best, put_in, take_back, touch
from routing.improve.lean.ruin import ruin, take_one

MARGIN_S = 600
"""Seconds by which a row's idle time may fall short of the service and still be tried: others may be on the way."""

RECENT = 3000
"""Changes of rows after which what is known of a row is no longer worth anything."""

BEST_WORTH, WORTH, CHANCE, LOAD, FAR, NEAR, SHORT, EARLY, LATE = range(9)
"""What stops are put back by."""


@compiled
def run(
    g: Ground, st: State, m: Manner, n_iterations: int, hot: float, cold: float, from_share: float, to_share: float
) -> None:
    """Iterate; the temperature falls from ``hot`` to ``cold`` points, shares counting from 0 to 1 in each annealing."""
    for k in range(n_iterations):
        share = (from_share + (to_share - from_share) * k / n_iterations) % 1.0
        iterate(g, st, m, hot * (cold / hot) ** share)


@compiled
def iterate(g: Ground, st: State, m: Manner, temperature: float) -> None:
    """One ruin and what follows."""
    st.numbers[at.ITERATION] += 1
    st.numbers[at.N_TOUCHED], st.numbers[at.N_BAG], st.numbers[at.N_BROKEN] = 0, 0, 0
    before = st.numbers[at.TOTAL]
    most = before - temperature * math.log(drawn(st.random) + 1e-300)
    after = before + ruin(g, st, m)
    if st.numbers[at.N_BROKEN]:
        take_back(st)
        return
    _add_some_left(g, st, m)
    n_bag = st.numbers[at.N_BAG]
    # Which of them go first: by an order of the manner, or the cheapest, each of which is looked at once more then.
    n_looks = n_bag if m.cheapest > 0.0 and drawn(st.random) < m.cheapest else 0
    if n_looks == 0:
        _sort(g, st, m, n_bag)
    generosity = m.generosity if m.generous > 0.0 and drawn(st.random) < m.generous else 1
    # What may still be won back: the worth of all that waits to be put in.
    hope = 0
    for k in range(n_bag):
        hope += g.worth[st.bag[k]]
    for k in range(-n_looks, n_bag):
        s = st.bag[k if k >= 0 else k + n_looks]
        best, whose = _cheapest_row(g, st, m, s, generosity)
        if k < 0:
            _put_in_order(st, k + n_looks, _gain(g, s, best, whose))
            continue
        if whose >= 0:
            _put(g, st, whose, s)
            after += best - g.worth[s]
        hope -= g.worth[s]
        if after - hope >= most:
            take_back(st)
            return
    if len(g.promise):
        after += touched_promises(g, st.touched, st.numbers[at.N_TOUCHED], st.head, st.row)
    if after < most:
        st.numbers[at.TOTAL] = after
        for k in range(n_bag):
            if st.who[st.bag[k]] < 0:
                leave_out(st, st.bag[k])
            else:
                no_longer_left(st, st.bag[k])
        if after < st.numbers[at.BEST]:
            note_best(st)
    else:
        take_back(st)


@compiled
def fill(g: Ground, st: State, order: np.ndarray) -> None:
    """Put the stops of an order in where they are cheapest, one after the other, if that pays; int32 (stops)."""
    for k in range(len(order)):
        if st.who[order[k]] < 0 and g.stop[order[k], at.FETCHED] < 0:
            st.numbers[at.TOTAL] += _best_place(g, st, order[k], g.worth[order[k]])
            if st.who[order[k]] >= 0:
                no_longer_left(st, order[k])
    if len(g.promise):
        st.numbers[at.TOTAL] += touched_promises(g, st.touched, st.numbers[at.N_TOUCHED], st.head, st.row)
    note_best(st)


@compiled
def settle(g: Ground, st: State, order: np.ndarray) -> bool:
    """Move single stops to where they are cheapest, out of the plan or into it; whether any was; int32 (stops)."""
    moved = False
    for k in range(len(order)):
        s = order[k]
        if g.stop[s, at.FROZEN_AT] >= 0 or g.stop[s, at.FETCHED] >= 0:
            continue
        st.numbers[at.ITERATION] += 1
        st.numbers[at.N_TOUCHED], st.numbers[at.N_BAG], st.numbers[at.N_BROKEN] = 0, 0, 0
        changed = take_one(g, st, s) if st.who[s] >= 0 else 0
        if st.numbers[at.N_BROKEN] == 0:
            changed += _best_place(g, st, s, g.worth[s])
        if len(g.promise):
            changed += touched_promises(g, st.touched, st.numbers[at.N_TOUCHED], st.head, st.row)
        if st.numbers[at.N_BROKEN] or changed >= 0:
            take_back(st)
            continue
        st.numbers[at.TOTAL] += changed
        moved = True
        if st.who[s] < 0:
            leave_out(st, s)
        else:
            no_longer_left(st, s)
    if moved and st.numbers[at.TOTAL] < st.numbers[at.BEST]:
        note_best(st)
    return moved


@compiled
def _best_place(g: Ground, st: State, s: int, most: int) -> int:
    """Put a stop where it is cheapest below ``most`` points, of all rows; by how much that changes the total."""
    kind, best, whose = g.stop[s, at.CLASS], most, -1
    for k in range(g.able_from[kind], g.able_from[kind + 1]):
        v = g.able[k]
        once = g.surcharge[g.vehicle[v, at.SURCHARGE_ROW], s]
        if st.head[at.LENGTH, v] == 0:
            once += g.vehicle[v, at.FIXED]
        if once < best:
            added = way_in(g, st, v, s)
            if added < NO_ROOM and added + once < best:
                best, whose = added + once, v
    if whose < 0:
        return 0
    _put(g, st, whose, s)
    return best - g.worth[s]


@woven
def _add_some_left(g: Ground, st: State, m: Manner) -> None:
    """Stops that nobody serves join the bag, from a place drawn by chance, where a touched row could have them."""
    n_left = st.numbers[at.N_LEFT]
    if n_left == 0:
        return
    offset, added = below(st.random, n_left), 0
    for k in range(min(n_left, 4 * m.most_left)):
        s = st.left[(offset + k) % n_left]
        if _has_room(g, st, s):
            st.bag[st.numbers[at.N_BAG]] = s
            st.numbers[at.N_BAG] += 1
            added += 1
            if added >= m.most_left:
                return


@woven
def _has_room(g: Ground, st: State, s: int) -> bool:
    for k in range(st.numbers[at.N_TOUCHED]):
        v = st.touched[k]
        service_s = g.service[g.vehicle[v, at.SERVICE_ROW], s]
        if g.may[g.stop[s, at.CLASS], v] and st.head[at.IDLE, v] >= service_s - MARGIN_S:
            return True
    return False


@woven
def _sort(g: Ground, st: State, m: Manner, n: int) -> None:
    """Put the bag into the order of this iteration; the greatest key first."""
    drawn_at, by = drawn(st.random), 0
    while by < 8 and m.orders[by] <= drawn_at:
        by += 1
    for k in range(n):
        s = st.bag[k]
        key = 0.0
        if by == BEST_WORTH:
            key = float(g.worth[s]) / max(60.0, float(g.service[0, s]))
            key *= 1.0 - 0.5 * m.noise + m.noise * drawn(st.random)
        elif by == WORTH:
            key = float(g.worth[s])
        elif by == CHANCE:
            key = drawn(st.random)
        elif by == LOAD:
            key = float(g.stop[s, at.DEMAND])
        elif by == FAR:
            key = float(g.cost[g.vehicle[0, at.START], s])
        elif by == NEAR:
            key = -float(g.cost[g.vehicle[0, at.START], s])
        elif by == SHORT:
            key = float(g.stop[s, at.EARLIEST] - g.stop[s, at.UNTIL])
        elif by == EARLY:
            key = -float(g.stop[s, at.EARLIEST])
        else:
            key = float(g.stop[s, at.UNTIL])
        _put_in_order(st, k, key)


@woven
def _put_in_order(st: State, k: int, key: float) -> None:
    """Move a stop of the bag to where its key belongs among those before it, the greatest first."""
    s, i = st.bag[k], k
    while i and st.keys[i - 1] < key:
        st.keys[i], st.bag[i] = st.keys[i - 1], st.bag[i - 1]
        i -= 1
    st.keys[i], st.bag[i] = key, s


@woven
def _gain(g: Ground, s: int, best: int, whose: int) -> float:
    """What it is worth to put a stop where it is cheapest, of each end of a delivery; below 0 where it has no place."""
    if whose < 0:
        return -1.0
    return float(g.worth[s] - best) * (0.5 if g.stop[s, at.BRINGS] >= 0 else 1.0)


@woven
def _cheapest_row(g: Ground, st: State, m: Manner, s: int, generosity: int) -> tuple[int, int]:
    """Points of putting a stop where it is cheapest, and whose row that is; -1 where none pays.

    One that nobody served before is looked at in touched rows only.
    """
    worth, kind = g.worth[s], g.stop[s, at.CLASS]
    best, whose = generosity * worth, -1
    everywhere = st.left_at[s] < 0 or (m.left_everywhere > 0.0 and drawn(st.random) < m.left_everywhere)
    n_touched = st.numbers[at.N_TOUCHED]
    # Touched rows first: what is found there tells which of the others are too dear to look at.
    others = g.able_from[kind] - n_touched
    end = g.able_from[kind + 1] - others if everywhere else n_touched
    one_service, one_surcharge = len(g.service) == 1, len(g.surcharge) == 1
    least_s, once, empty_kind = g.service[0, s] - MARGIN_S, g.surcharge[0, s], -1
    for k in range(end):
        v = st.touched[k] if k < n_touched else g.able[others + k]
        if k < n_touched:
            if not g.may[kind, v]:
                continue
        elif st.head[at.TOUCHED_IN, v] == st.numbers[at.ITERATION]:
            continue
        if not one_service:
            least_s = g.service[g.vehicle[v, at.SERVICE_ROW], s] - MARGIN_S
        if st.head[at.IDLE, v] < least_s:
            continue
        if not one_surcharge:
            once = g.surcharge[g.vehicle[v, at.SURCHARGE_ROW], s]
        fixed = 0
        if st.head[at.LENGTH, v] == 0:
            # Of empty rows that are alike one will do.
            if g.vehicle[v, at.KIND] == empty_kind:
                continue
            empty_kind = g.vehicle[v, at.KIND]
            fixed = g.vehicle[v, at.FIXED]
        st.numbers[at.UNTIL_BLINK] -= 1
        if st.numbers[at.UNTIL_BLINK] < 0:
            st.numbers[at.UNTIL_BLINK] = int(math.log(drawn(st.random) + 1e-300) / math.log(1.0 - m.blink))
            continue
        if k >= n_touched and m.stale > 0.0 and _is_stale(st, v, s, m.stale * (best - once)):
            continue
        if m.forget > 0.0 and drawn(st.random) < m.forget:
            st.known[s, v, 0] = 0
        added = way_in(g, st, v, s)
        if added < NO_ROOM and added + once + fixed < best:
            best, whose = added + once + fixed, v
    return best, whose


@woven
def _put(g: Ground, st: State, v: int, s: int) -> None:
    """Put a stop into a row where ``known`` says, a pickup with its delivery."""
    touch(st, v)
    if g.stop[s, at.BRINGS] >= 0:
        put_both_in(g, st, v, s)
    else:
        put_in(g, st, v, st.known[s, v, 1], s)


@woven
def _is_stale(st: State, v: int, s: int, most: float) -> bool:
    """Whether a row that this iteration has not touched was far too dear for a stop, not many changes ago."""
    known, stamp = st.known[s, v], st.head[at.STAMP, v]
    if known[0] == stamp or known[0] == 0:
        return False
    return known[2] > most and st.numbers[at.NEXT_STAMP] - known[0] < RECENT
