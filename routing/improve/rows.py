"""Changing rows so that a change can be taken back."""

from routing.improve import columns as at
from routing.improve.compiled import inner
from routing.improve.field import Field
from routing.improve.state import State


@inner
def touch(st: State, v: int) -> None:
    """Remember a row as it is before this iteration changes it."""
    if st.row[v, at.STAMP] != st.numbers[at.ITERATION]:
        st.row[v, at.STAMP] = st.numbers[at.ITERATION]
        st.row[v, at.SAVED_LENGTH] = st.row[v, at.LENGTH]
        for i in range(st.row[v, at.LENGTH]):
            st.saved[v, i] = st.order[v, i]
        st.row[st.numbers[at.TOUCHED], at.TOUCHED_ROW] = v
        st.numbers[at.TOUCHED] += 1


@inner
def note_tied(st: State, v: int) -> None:
    """Remember that the times of a row may not be what they were before this iteration."""
    if st.row[v, at.TIED_STAMP] != st.numbers[at.ITERATION]:
        st.row[v, at.TIED_STAMP] = st.numbers[at.ITERATION]
        st.row[st.numbers[at.N_TIED], at.TIED_ROW] = v
        st.numbers[at.N_TIED] += 1


@inner
def take_out(f: Field, st: State, begin: int, n_bag: int) -> int:
    """Take the stops in ``st.bag[begin:n_bag]`` out of their rows, and all that falls with them."""
    n = n_bag
    for k in range(begin, n_bag):
        for m in range(f.stop[st.bag[k], at.FALL_FROM], f.stop[st.bag[k], at.FALL_TO]):
            other = f.lists[m]
            if st.who[other] < 0:
                continue
            known = False
            for j in range(begin, n):
                known = known or st.bag[j] == other
            if not known:
                st.bag[n] = other
                n += 1
    for k in range(begin, n):
        touch(st, st.who[st.bag[k]])
        take(st, st.bag[k])
    for k in range(begin, n):
        s = st.bag[k]
        for m in range(f.stop[s, at.LINK_FROM], f.stop[s, at.LINK_TO]):
            if st.who[f.links[m, at.OTHER]] >= 0:
                note_tied(st, st.who[f.links[m, at.OTHER]])
    return n


@inner
def take(st: State, s: int) -> None:
    """A stop out of its row; nothing else is brought up to date."""
    v = st.who[s]
    row, length = st.order[v], st.row[v, at.LENGTH]
    where = 0
    while row[where] != s:
        where += 1
    for i in range(where, length - 1):
        row[i] = row[i + 1]
    st.row[v, at.LENGTH] = length - 1
    st.who[s] = -1


@inner
def put_in(st: State, v: int, i: int, s: int) -> None:
    """A stop before position i of a row; nothing else is brought up to date."""
    row = st.order[v]
    for j in range(st.row[v, at.LENGTH], i, -1):
        row[j] = row[j - 1]
    row[i] = s
    st.row[v, at.LENGTH] += 1
    st.who[s] = v


@inner
def take_back(st: State) -> None:
    """The order of every touched row as it was; nothing else is brought up to date."""
    for k in range(st.numbers[at.TOUCHED]):
        v = st.row[k, at.TOUCHED_ROW]
        for i in range(st.row[v, at.LENGTH]):
            st.who[st.order[v, i]] = -1
    for k in range(st.numbers[at.TOUCHED]):
        v = st.row[k, at.TOUCHED_ROW]
        st.row[v, at.LENGTH] = st.row[v, at.SAVED_LENGTH]
        for i in range(st.row[v, at.LENGTH]):
            st.order[v, i] = st.saved[v, i]
            st.who[st.order[v, i]] = v


@inner
def leave_out(st: State, s: int) -> None:
    """Note that nobody serves a stop."""
    if st.left_at[s] < 0:
        st.left[st.n_left[0]] = s
        st.left_at[s] = st.n_left[0]
        st.n_left[0] += 1


@inner
def no_longer_left(st: State, s: int) -> None:
    """Note that somebody serves a stop."""
    where = st.left_at[s]
    if where >= 0:
        st.n_left[0] -= 1
        last = st.left[st.n_left[0]]
        st.left[where] = last
        st.left_at[last] = where
        st.left_at[s] = -1


@inner
def total_points(f: Field, st: State) -> int:
    """Objective of the rows as they are, from nothing."""
    total = 0
    for v in range(len(st.row)):
        total += st.row[v, at.POINTS]
    for s in range(len(f.stop)):
        if st.who[s] < 0:
            total += f.stop[s, at.UNSERVED]
    return total


@inner
def note_best(st: State) -> None:
    """Remember the rows as the best."""
    for v in range(len(st.row)):
        st.row[v, at.BEST_LENGTH] = st.row[v, at.LENGTH]
        for i in range(st.row[v, at.LENGTH]):
            st.best[v, i] = st.order[v, i]
    st.numbers[at.BEST] = st.numbers[at.TOTAL]
    st.numbers[at.IMPROVED] += 1
