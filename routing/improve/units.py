"""Putting stops back where some of them depend on others.

A unit goes in whole or not at all, and what comes after a stop only once that is served.
A unit is taken apart into pieces, single stops or a part with its job. The first is tried in the cheapest rows, and from
each the others go where they are cheapest then, with the times that the first leaves them.
"""

from routing.improve import columns as at
from routing.improve.chance import drawn
from routing.improve.compiled import inlined, inner
from routing.improve.field import Field
from routing.improve.insert import place_one, place_pair
from routing.improve.links import narrow, update, update_around
from routing.improve.rows import put_in, take, touch
from routing.improve.state import MOST_PLACES, State

FURTHER_TRIES = 2
"""Rows in which each further piece of a unit is tried in earnest."""


@inlined
def put_all_back(f: Field, st: State, n_bag: int, generosity: int, margin_s: int, blink: float) -> None:
    """Units of the stops in the bag, in its order, where they are cheapest if that pays; who comes after others, later."""
    again = True
    for k in range(n_bag):
        st.keys[k] = 1.0
    while again:
        again = False
        for k in range(n_bag):
            s = st.bag[k]
            if st.keys[k] > 0.0 and _may_come(f, st, s):
                st.keys[k] = 0.0
                _put_unit(f, st, s, generosity, margin_s, blink)
                again = True


@inner
def _may_come(f: Field, st: State, head: int) -> bool:
    """Whether everything that a unit comes after is served, or is part of it."""
    for m in range(f.stop[head, at.UNIT_FROM], f.stop[head, at.UNIT_TO]):
        s = f.lists[m]
        for k in range(f.stop[s, at.LINK_FROM], f.stop[s, at.LINK_TO]):
            other = f.links[k, at.OTHER]
            if f.links[k, at.KIND] == at.AFTER and st.who[other] < 0 and f.stop[other, at.HEAD] != head:
                return False
    return True


@inner
def _put_unit(f: Field, st: State, head: int, generosity: int, margin_s: int, blink: float) -> None:
    """A unit where it is cheapest if that pays; unserved ones begin in touched rows."""
    worth, n_pieces, last = 0, 0, f.stop[head, at.UNIT_TO]
    for m in range(f.stop[head, at.UNIT_FROM], last):
        worth += f.stop[f.lists[m], at.UNSERVED]
        n_pieces += not f.stop[f.lists[m], at.IS_DELIVERY]
    everywhere, base = st.left_at[head] < 0, st.numbers[at.CHANGED]
    best, found = generosity * worth, False
    n = _ways(f, st, head, best, 0, everywhere, margin_s, blink)
    chosen = 2 * MOST_PLACES
    kept = chosen + n_pieces
    for k in range(n):
        if st.places[k, at.ADDED] >= best:
            break
        n_seated = 0
        if _seat(f, st, head, k):
            _remember(st, chosen, k)
            n_seated = 1
            for m in range(f.stop[head, at.UNIT_FROM], last):
                s = f.lists[m]
                if s == head or f.stop[s, at.IS_DELIVERY]:
                    continue
                if not _seat_further(
                    f, st, s, best + base - st.numbers[at.CHANGED], chosen + n_seated, margin_s, blink
                ):
                    break
                n_seated += 1
        else:
            _unseat(f, st, head, k)
        if n_seated == n_pieces and st.numbers[at.CHANGED] - base < best:
            if n_pieces == 1:
                return
            best, found = st.numbers[at.CHANGED] - base, True
            for piece in range(n_pieces):
                _remember(st, kept + piece, chosen + piece)
        _unseat_unit(f, st, head, chosen, n_seated)
    if found:
        piece = 0
        for m in range(f.stop[head, at.UNIT_FROM], last):
            if not f.stop[f.lists[m], at.IS_DELIVERY]:
                # What stood there a moment ago stands there again.
                _seat(f, st, f.lists[m], kept + piece)
                piece += 1


@inlined
def _seat_further(f: Field, st: State, s: int, most: int, where: int, margin_s: int, blink: float) -> bool:
    """One more piece of a unit at the cheapest place that holds; noted at ``where``."""
    n = _ways(f, st, s, most, MOST_PLACES, True, margin_s, blink)
    for k in range(MOST_PLACES, MOST_PLACES + min(n, FURTHER_TRIES)):
        if _seat(f, st, s, k):
            _remember(st, where, k)
            return True
        _unseat(f, st, s, k)
    return False


@inner
def _ways(f: Field, st: State, s: int, most: int, begin: int, everywhere: bool, margin_s: int, blink: float) -> int:
    """The cheapest rows for a piece, in ``st.places`` from ``begin`` on; how many."""
    other, n = f.stop[s, at.MATE], 0
    narrow(f, st, s)
    if other >= 0:
        narrow(f, st, other)
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
        if st.row[v, at.IDLE] < service_s - margin_s or drawn(st.random) < blink:
            continue
        if _is_mate_in(f, st, v, s) or (other >= 0 and _is_mate_in(f, st, v, other)):
            continue
        bound, j = st.places[begin + MOST_PLACES - 1, at.ADDED] if n == MOST_PLACES else most, -1
        if other >= 0:
            added, i, j = place_pair(f, st, v, s, _first_place(f, st, v, s), bound)
        else:
            added, i = place_one(f, st, v, s, _first_place(f, st, v, s), bound)
        if added >= bound:
            continue
        n = min(n + 1, MOST_PLACES)
        slot = begin + n - 1
        while slot > begin and st.places[slot - 1, at.ADDED] > added:
            _remember(st, slot, slot - 1)
            slot -= 1
        way = st.places[slot]
        way[at.ADDED], way[at.ROW], way[at.WHERE], way[at.TO], way[at.NEWLY] = added, v, i, j, 0
    return n


@inner
def _first_place(f: Field, st: State, v: int, s: int) -> int:
    """The first position of a row that is behind what is frozen and behind what the stop comes after."""
    first = f.vehicle[v, at.N_FROZEN]
    for k in range(f.stop[s, at.LINK_FROM], f.stop[s, at.LINK_TO]):
        other = f.links[k, at.OTHER]
        if f.links[k, at.KIND] == at.AFTER and st.who[other] == v:
            i = 0
            while st.order[v, i] != other:
                i += 1
            first = max(first, i + 1)
    return first


@inner
def _is_mate_in(f: Field, st: State, v: int, s: int) -> bool:
    """Whether somebody of the stop's crew is in a row already."""
    for k in range(f.stop[s, at.LINK_FROM], f.stop[s, at.LINK_TO]):
        if f.links[k, at.KIND] == at.TOGETHER and st.who[f.links[k, at.OTHER]] == v:
            return True
    return False


@inner
def _remember(st: State, to: int, of: int) -> None:
    for c in range(st.places.shape[1]):
        st.places[to, c] = st.places[of, c]


@inner
def _seat(f: Field, st: State, s: int, k: int) -> bool:
    """Put a piece where ``st.places[k]`` says; whether everything tied to it can still be driven."""
    way, other = st.places[k], f.stop[s, at.MATE]
    v = way[at.ROW]
    way[at.NEWLY] = st.row[v, at.STAMP] != st.numbers[at.ITERATION]
    touch(st, v)
    put_in(st, v, way[at.WHERE], s)
    if other >= 0:
        put_in(st, v, way[at.TO], other)
    return update(f, st, v)


@inner
def _unseat(f: Field, st: State, s: int, k: int) -> None:
    """Take a piece out again that was seated last."""
    way, other = st.places[k], f.stop[s, at.MATE]
    v = way[at.ROW]
    take(st, s)
    if other >= 0:
        take(st, other)
    if way[at.NEWLY]:
        st.row[v, at.STAMP] = -1
        st.numbers[at.TOUCHED] -= 1
    update(f, st, v)
    update_around(f, st, s)
    if other >= 0:
        update_around(f, st, other)


@inner
def _unseat_unit(f: Field, st: State, head: int, chosen: int, n_seated: int) -> None:
    """Take out the pieces of a unit that are seated, the last first."""
    for piece in range(n_seated - 1, -1, -1):
        number = 0
        for m in range(f.stop[head, at.UNIT_FROM], f.stop[head, at.UNIT_TO]):
            if f.stop[f.lists[m], at.IS_DELIVERY]:
                continue
            if number == piece:
                _unseat(f, st, f.lists[m], chosen + piece)
            number += 1
