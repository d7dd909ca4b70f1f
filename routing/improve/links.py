"""Rows whose stops depend on each other in time: people who begin together, one job after another.

Only the rows that links connect are looked at, from nothing each time: each is timed alone, a stop that has to wait for
another is released later, and its row is timed again until nothing waits any more, just as ``routing.evaluation`` does.
Then latest starts go back the same way. Each linked stop that is served has its windows narrowed to what the others leave
of them; with that, where one more stop fits is told of a linked row in O(1) as of any other. What that does not tell,
such as a circle of waiting, is seen when the stop is in, and it is taken out again.

Source: difference constraints as in the simple temporal problems of Dechter, Meiri & Pearl (1991), Artificial
Intelligence 49.
"""

from routing.improve import columns as at
from routing.improve.compiled import inner
from routing.improve.field import Field
from routing.improve.route import keeps_sums, lay_out, legs_points, look_back, refresh, weigh
from routing.improve.row_times import time_row
from routing.improve.rows import note_tied
from routing.improve.state import State
from routing.improve.steps import NEVER, action_s

MOST_ROUNDS = 60
"""How often tied rows are timed again before the attempt counts as failed; as in ``routing.evaluation``."""

BACK_ROUNDS = 20
"""How often latest starts go back along links: each round only makes what insertion is told more exact."""


@inner
def update(f: Field, st: State, v: int) -> bool:
    """Bring a row, and those that links tie it to, up to date; whether they can be driven."""
    if not f.flags[at.LINKED]:
        refresh(f, st, v)
        return bool(st.row[v, at.FINE])
    n, linked = _gather(f, st, v)
    if not linked:
        _open(f, st, v)
        st.numbers[at.CHANGED] -= st.row[v, at.POINTS]
        refresh(f, st, v)
        st.numbers[at.CHANGED] += st.row[v, at.POINTS]
        return bool(st.row[v, at.FINE])
    for k in range(n):
        st.row[st.row[k, at.MEMBER_ROW], at.FINE] = False
    if not _fix_starts(f, st, n):
        return False
    for k in range(n):
        u = st.row[k, at.MEMBER_ROW]
        points = legs_points(f, u, st.order[u], st.row[u, at.LENGTH]) + st.row[u, at.TIMES_COST]
        st.numbers[at.CHANGED] += points - st.row[u, at.POINTS]
        st.row[u, at.POINTS] = points
        lay_out(f, st, u)
    fine = True
    for k in range(n):
        u = st.row[k, at.MEMBER_ROW]
        st.row[u, at.FINE] = weigh(f, st, u) and keeps_sums(f, st, u)
        fine = fine and st.row[u, at.FINE]
    _go_back(f, st, n)
    return fine


@inner
def update_around(f: Field, st: State, s: int) -> bool:
    """The same for the rows of stops that one is linked to, where it has just left its own."""
    look, fine = st.numbers[at.LOOK], True
    for k in range(f.stop[s, at.LINK_FROM], f.stop[s, at.LINK_TO]):
        v = st.who[f.links[k, at.OTHER]]
        if v >= 0 and st.row[v, at.SEEN] <= look:
            fine = update(f, st, v) and fine
    return fine


@inner
def update_all(f: Field, st: State, begun: int) -> bool:
    """The same for all rows that were touched in this iteration or tied to such, apart from those looked at since."""
    fine = True
    for k in range(st.numbers[at.TOUCHED]):
        v = st.row[k, at.TOUCHED_ROW]
        if st.row[v, at.SEEN] <= begun:
            fine = update(f, st, v) and fine
    for k in range(st.numbers[at.N_TIED]):
        v = st.row[k, at.TIED_ROW]
        if st.row[v, at.SEEN] <= begun:
            fine = update(f, st, v) and fine
    return fine


@inner
def _gather(f: Field, st: State, v: int) -> tuple[int, bool]:
    """How many rows links connect, those in MEMBER_ROW, and whether there is any link between stops that are served."""
    st.numbers[at.LOOK] += 1
    look = st.numbers[at.LOOK]
    st.row[v, at.SEEN], st.row[0, at.MEMBER_ROW] = look, v
    n, done, linked = 1, 0, False
    while done < n:
        u = st.row[done, at.MEMBER_ROW]
        done += 1
        note_tied(st, u)
        for i in range(st.row[u, at.LENGTH]):
            s = st.order[u, i]
            for k in range(f.stop[s, at.LINK_FROM], f.stop[s, at.LINK_TO]):
                w = st.who[f.links[k, at.OTHER]]
                if w < 0:
                    continue
                linked = True
                if st.row[w, at.SEEN] != look:
                    st.row[w, at.SEEN], st.row[n, at.MEMBER_ROW] = look, w
                    n += 1
    return n, linked


@inner
def _open(f: Field, st: State, v: int) -> None:
    """The windows of the linked stops of a row as they are without the others."""
    for i in range(st.row[v, at.LENGTH]):
        open_stop(f, st, st.order[v, i])


@inner
def open_stop(f: Field, st: State, s: int) -> None:
    """The windows of a stop as they are without the others, if it has links."""
    if f.stop[s, at.LINK_FROM] < f.stop[s, at.LINK_TO]:
        for w in range(f.stop[s, at.WINDOW_FROM], f.stop[s, at.WINDOW_TO]):
            st.windows[w, 0], st.windows[w, 1] = f.windows[w, 0], f.windows[w, 1]


@inner
def not_before(f: Field, st: State, s: int, from_s: int) -> None:
    """Close the windows of a stop until a moment; one that is gone becomes the same as the next."""
    last = f.stop[s, at.WINDOW_TO] - 1
    for w in range(last, f.stop[s, at.WINDOW_FROM] - 1, -1):
        if st.windows[w, 1] >= from_s:
            st.windows[w, 0] = max(st.windows[w, 0], from_s)
        elif w < last:
            st.windows[w, 0], st.windows[w, 1] = st.windows[w + 1, 0], st.windows[w + 1, 1]
        else:
            st.windows[w, 0], st.windows[w, 1] = NEVER, -NEVER


@inner
def not_after(f: Field, st: State, s: int, until_s: int) -> bool:
    """Close the windows of a stop from a moment on; whether that is anything new."""
    first, new = f.stop[s, at.WINDOW_FROM], False
    for w in range(first, f.stop[s, at.WINDOW_TO]):
        if st.windows[w, 1] <= until_s:
            continue
        new = True
        if st.windows[w, 0] <= until_s:
            st.windows[w, 1] = until_s
        elif w > first:
            st.windows[w, 0], st.windows[w, 1] = st.windows[w - 1, 0], st.windows[w - 1, 1]
        else:
            st.windows[w, 0], st.windows[w, 1] = NEVER, -NEVER
    return new


@inner
def _fix_starts(f: Field, st: State, n: int) -> bool:
    """Time the rows of MEMBER_ROW until nothing waits for anything; False where they cannot be driven."""
    for k in range(n):
        u = st.row[k, at.MEMBER_ROW]
        _open(f, st, u)
        st.row[u, at.UNTIMED] = True
    for _ in range(MOST_ROUNDS):
        for k in range(n):
            u = st.row[k, at.MEMBER_ROW]
            if st.row[u, at.UNTIMED]:
                st.row[u, at.UNTIMED] = False
                st.row[u, at.TIMES_COST] = time_row(f, st, u)
                if st.row[u, at.TIMES_COST] < 0:
                    return False
        again = False
        for k in range(n):
            u = st.row[k, at.MEMBER_ROW]
            for i in range(st.row[u, at.LENGTH]):
                s = st.order[u, i]
                from_s = _waits_until(f, st, s)
                if from_s > st.served[at.BEGINS, s]:
                    if f.stop[s, at.FROZEN_AT] >= 0:
                        return False
                    not_before(f, st, s, from_s)
                    st.row[u, at.UNTIMED], again = True, True
        if not again:
            return True
    return False


@inner
def _waits_until(f: Field, st: State, s: int) -> int:
    """The moment before which a stop may not begin, as those it is linked to stand."""
    begins_s, ends_s = st.served[at.BEGINS, s], st.served[at.ENDS, s]
    from_s = -NEVER
    for k in range(f.stop[s, at.LINK_FROM], f.stop[s, at.LINK_TO]):
        other, kind = f.links[k, at.OTHER], f.links[k, at.KIND]
        if st.who[other] < 0:
            continue
        if kind == at.TOGETHER:
            from_s = max(from_s, st.served[at.BEGINS, other])
        elif kind == at.AFTER:
            from_s = max(from_s, st.served[at.ENDS, other] + f.links[k, at.LEAST])
        else:
            late_s = st.served[at.BEGINS, other] - ends_s - f.links[k, at.MOST]
            if late_s > 0:
                from_s = max(from_s, begins_s + late_s)
    return from_s


@inner
def _go_back(f: Field, st: State, n: int) -> None:
    """Close windows behind the latest start that lets those a stop is linked to begin in time."""
    for k in range(n):
        st.row[st.row[k, at.MEMBER_ROW], at.UNTIMED] = True
    for _ in range(BACK_ROUNDS):
        for k in range(n):
            u = st.row[k, at.MEMBER_ROW]
            if st.row[u, at.UNTIMED] == 1:
                st.row[u, at.UNTIMED] = 0
                for i in range(st.row[u, at.LENGTH]):
                    s = st.order[u, i]
                    frozen_s = f.stop[s, at.FROZEN_AT]
                    _hold_others(f, st, s, frozen_s if frozen_s >= 0 else latest_of(f, st, u, i))
        again = False
        for k in range(n):
            u = st.row[k, at.MEMBER_ROW]
            if st.row[u, at.UNTIMED] == 2:
                look_back(f, st, u)
                st.row[u, at.UNTIMED] = 1
                again = True
        if not again:
            return


@inner
def latest_of(f: Field, st: State, v: int, i: int) -> int:
    """Latest start at a position of a row, whatever breaks were taken by then."""
    most = -NEVER
    for k in range(f.vehicle[v, at.N_BREAKS] + 1):
        most = max(most, st.times[at.LATEST, v, i, k])
    return most


@inner
def _hold_others(f: Field, st: State, s: int, latest_s: int) -> None:
    """Let those a stop is linked to begin no later than its own latest start allows."""
    for k in range(f.stop[s, at.LINK_FROM], f.stop[s, at.LINK_TO]):
        other, kind, until_s = f.links[k, at.OTHER], f.links[k, at.KIND], latest_s
        v = st.who[other]
        if v < 0 or f.stop[other, at.FROZEN_AT] >= 0 or latest_s <= -NEVER // 2:
            continue
        if kind == at.AFTER:
            until_s -= f.links[k, at.LEAST] + st.served[at.ENDS, other] - st.served[at.BEGINS, other]
        elif kind == at.BEFORE_IT:
            until_s += f.links[k, at.MOST] + st.served[at.ENDS, s] - st.served[at.BEGINS, s]
        if not_after(f, st, other, until_s):
            st.row[v, at.UNTIMED] = 2


@inner
def narrow(f: Field, st: State, s: int) -> None:
    """Leave a stop that nobody serves the windows that those it is linked to would let it have."""
    open_stop(f, st, s)
    for k in range(f.stop[s, at.LINK_FROM], f.stop[s, at.LINK_TO]):
        other, kind = f.links[k, at.OTHER], f.links[k, at.KIND]
        v = st.who[other]
        if v < 0 or kind == at.BEFORE_IT:
            continue
        row, i, who = st.order[v], 0, f.vehicle[v]
        while row[i] != other:
            i += 1
        action = action_s(f, v, f.stop[row[i - 1], at.PLACE] if i else who[at.START], other)
        if i < who[at.N_FROZEN]:
            from_s, until_s = f.stop[other, at.FROZEN_AT], f.stop[other, at.FROZEN_AT]
        else:
            from_s, until_s = NEVER, latest_of(f, st, v, i)
            for layer in range(who[at.N_BREAKS] + 1):
                from_s = min(from_s, st.times[at.DEPARTS, v, i + 1, layer] - action)
        if kind == at.AFTER:
            from_s += action + f.links[k, at.LEAST]
            until_s += action + f.links[k, at.MOST]
        not_before(f, st, s, from_s)
        not_after(f, st, s, until_s)
