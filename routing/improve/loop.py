"""The iteration: ruin, recreate, keep or take back."""

import math

from routing.improve import columns as at
from routing.improve.chance import below, drawn
from routing.improve.compiled import compiled, inlined, inner
from routing.improve.field import Field
from routing.improve.insert import place_one, place_pair
from routing.improve.links import update, update_all
from routing.improve.route import refresh
from routing.improve.rows import leave_out, no_longer_left, note_best, put_in, take_back, total_points, touch
from routing.improve.ruin import ruin
from routing.improve.state import State
from routing.improve.units import put_all_back

BLINK = 0.01
"""Share of routes that are looked past when a stop is put back."""

GENEROSITY, GENEROUS = 4, 0.03
"""How many times its worth a stop may cost when put back in some iterations: two may pay where neither does alone."""

MOST_LEFT = 15
"""Stops that nobody serves which are tried in an iteration, in the routes it has touched."""

MARGIN_S = 600
"""Seconds by which a route's idle time may fall short of the service and still be tried: others may be on the way."""

BY_WORTH_ALONE, BY_CHANCE = 0.09, 0.15
"""Shares of iterations that put back the dearest first, whatever it takes, and those in any order; the others go by worth
per second of service, with noise."""


@compiled
def prepare(f: Field, st: State) -> None:
    """Bring everything up to date with the orders as they are, and call them the best."""
    for v in range(len(st.row)):
        update(f, st, v)
    st.numbers[at.TOTAL] = total_points(f, st)
    note_best(st)


@compiled
def run(f: Field, st: State, n_iterations: int, hot: float, cold: float, from_share: float, to_share: float) -> None:
    """Iterate; the temperature falls from ``hot`` to ``cold`` points, shares counting from 0 to 1 in each annealing."""
    for k in range(n_iterations):
        share = (from_share + (to_share - from_share) * k / n_iterations) % 1.0
        temperature = hot * (cold / hot) ** share
        iterate(f, st, temperature)


@inlined
def iterate(f: Field, st: State, temperature: float) -> None:
    """One ruin and what follows."""
    st.numbers[at.ITERATION] += 1
    st.numbers[at.TOUCHED] = st.numbers[at.N_TIED] = st.numbers[at.CHANGED] = 0
    before = st.numbers[at.TOTAL]
    n_removed = ruin(f, st)
    if not _rows_hold(f, st):
        _take_back(f, st)
        return
    n_bag = _with_some_left(f, st, n_removed)
    _sort(f, st, n_bag)
    generosity = GENEROSITY if drawn(st.random) < GENEROUS else 1
    if f.flags[at.LINKED]:
        put_all_back(f, st, n_bag, generosity, MARGIN_S, BLINK)
    else:
        for k in range(n_bag):
            _put_back(f, st, st.bag[k], generosity)
    after = before + st.numbers[at.CHANGED]
    for k in range(n_bag):
        for m in range(f.stop[st.bag[k], at.UNIT_FROM], f.stop[st.bag[k], at.UNIT_TO]):
            s = f.lists[m]
            was_left = st.left_at[s] >= 0
            if st.who[s] < 0 and not was_left:
                after += f.stop[s, at.UNSERVED]
            elif st.who[s] >= 0 and was_left:
                after -= f.stop[s, at.UNSERVED]
    if after < before - temperature * math.log(drawn(st.random) + 1e-300):
        st.numbers[at.TOTAL] = after
        for k in range(n_bag):
            for m in range(f.stop[st.bag[k], at.UNIT_FROM], f.stop[st.bag[k], at.UNIT_TO]):
                if st.who[f.lists[m]] < 0:
                    leave_out(st, f.lists[m])
                else:
                    no_longer_left(st, f.lists[m])
        if after < st.numbers[at.BEST]:
            note_best(st)
    else:
        _take_back(f, st)


@inner
def _take_back(f: Field, st: State) -> None:
    """Every touched row as it was."""
    take_back(st)
    if f.flags[at.LINKED]:
        update_all(f, st, st.numbers[at.LOOK])
    else:
        for k in range(st.numbers[at.TOUCHED]):
            refresh(f, st, st.row[k, at.TOUCHED_ROW])


@inlined
def _rows_hold(f: Field, st: State) -> bool:
    """Bring touched rows up to date; whether what is left of each can be driven, which detours may make untrue."""
    if f.flags[at.LINKED]:
        return update_all(f, st, st.numbers[at.LOOK])
    holds = True
    for k in range(st.numbers[at.TOUCHED]):
        v = st.row[k, at.TOUCHED_ROW]
        st.numbers[at.CHANGED] -= st.row[v, at.POINTS]
        refresh(f, st, v)
        st.numbers[at.CHANGED] += st.row[v, at.POINTS]
        holds = holds and st.row[v, at.FINE]
    return holds


@inner
def _with_some_left(f: Field, st: State, n_bag: int) -> int:
    """The bag with some of the stops that nobody serves, from a place drawn by chance; the head of each unit."""
    n = 0
    for k in range(n_bag):
        s = st.bag[k]
        if f.stop[s, at.HEAD] == s:
            st.bag[n] = s
            n += 1
    n_left = st.n_left[0]
    if n_left:
        offset = below(st.random, n_left)
        for k in range(min(MOST_LEFT, n_left)):
            s = st.left[(offset + k) % n_left]
            if f.stop[s, at.HEAD] == s:
                st.bag[n] = s
                n += 1
    return n


@inner
def _sort(f: Field, st: State, n: int) -> None:
    """Dearest per second of service first, with noise; now and then dearest first."""
    way = drawn(st.random)
    for k in range(n):
        s = st.bag[k]
        worth, service_s = 0.0, 0.0
        for m in range(f.stop[s, at.UNIT_FROM], f.stop[s, at.UNIT_TO]):
            worth += f.stop[f.lists[m], at.UNSERVED]
            service_s += f.service[0, f.lists[m]]
        key = worth
        if way > BY_WORTH_ALONE:
            chance = drawn(st.random)
            key = chance if way < BY_WORTH_ALONE + BY_CHANCE else worth / max(60.0, service_s) * (0.5 + chance)
        i = k
        while i and st.keys[i - 1] < key:
            st.keys[i], st.bag[i] = st.keys[i - 1], st.bag[i - 1]
            i -= 1
        st.keys[i], st.bag[i] = key, s


@inner
def _put_back(f: Field, st: State, s: int, generosity: int) -> None:
    """A stop, or a part and its job, where it is cheapest if that pays; unserved ones only in touched rows."""
    other = f.stop[s, at.MATE]
    worth = f.stop[s, at.UNSERVED]
    if other >= 0:
        worth += f.stop[other, at.UNSERVED]
    best, where, to, whose = generosity * worth, -1, -1, -1
    everywhere = st.left_at[s] < 0
    n_rows = len(st.row) if everywhere else st.numbers[at.TOUCHED]
    for k in range(n_rows):
        v = k if everywhere else st.row[k, at.TOUCHED_ROW]
        if not f.eligible[s, v] or st.row[v, at.LENGTH] + (other >= 0) >= f.vehicle[v, at.MOST_STOPS]:
            continue
        service_s = f.service[v, s]
        if other >= 0:
            if not f.eligible[other, v]:
                continue
            service_s += f.service[v, other]
        if st.row[v, at.IDLE] < service_s - MARGIN_S or drawn(st.random) < BLINK:
            continue
        if other >= 0:
            added, i, j = place_pair(f, st, v, s, f.vehicle[v, at.N_FROZEN], best)
        else:
            added, i = place_one(f, st, v, s, f.vehicle[v, at.N_FROZEN], best)
            j = -1
        if added < best:
            best, where, to, whose = added, i, j, v
    if whose < 0:
        return
    touch(st, whose)
    st.numbers[at.CHANGED] -= st.row[whose, at.POINTS]
    put_in(st, whose, where, s)
    if other >= 0:
        put_in(st, whose, to, other)
    refresh(f, st, whose)
    st.numbers[at.CHANGED] += st.row[whose, at.POINTS]
