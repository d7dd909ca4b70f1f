"""What one iteration takes out: strings of neighbouring stops from neighbouring routes, or whole routes.

Source: Christiaens & Vanden Berghe (2020), "Slack induction by string removals for vehicle routing problems",
Transportation Science 54(2).
"""

from routing.improve import columns as at
from routing.improve.chance import below, drawn
from routing.improve.compiled import inner
from routing.improve.field import Field
from routing.improve.rows import take_out, touch
from routing.improve.state import State

N_REMOVED, LONGEST = 8, 10
"""Stops that a ruin takes out on average, and from one route at most."""

SPLIT, KEEP_MORE = 0.5, 0.5
"""Share of strings that leave some stops in their middle, and how often one more of those."""

FROM_LEFT = 0.25
"""Share of ruins around a stop that nobody serves, if there is one."""

WHOLE_ROUTE = 0.02
"""Share of ruins that empty a whole route or two."""


@inner
def ruin(f: Field, st: State) -> int:
    """Take stops out of their rows; how many are in ``st.bag`` then."""
    n_stops = len(f.stop)
    n_left = st.n_left[0]
    around_left = n_left > 0 and drawn(st.random) < FROM_LEFT
    seed = st.left[below(st.random, n_left)] if around_left else below(st.random, n_stops)
    if drawn(st.random) < WHOLE_ROUTE:
        return _whole_routes(f, st, seed)
    served = n_stops - n_left
    n_routes = 0
    for v in range(len(st.row)):
        n_routes += st.row[v, at.LENGTH] > 0
    if n_routes == 0:
        # What nobody serves is tried in touched rows.
        for v in range(len(st.row)):
            touch(st, v)
        return 0
    longest = min(float(LONGEST), max(1.0, served / n_routes))
    most_strings = 4.0 * N_REMOVED / (1.0 + longest) - 1.0
    n_strings = int(1.0 + drawn(st.random) * most_strings)
    n_bag, done = 0, 0
    for k in range(-1, f.near.shape[1]):
        s = seed if k < 0 else f.near[seed, k]
        v = st.who[s]
        if v < 0 or st.row[v, at.STAMP] == st.numbers[at.ITERATION] or f.stop[s, at.FROZEN_AT] >= 0:
            continue
        if st.who[seed] < 0 and not f.eligible[seed, v] and drawn(st.random) < 0.8:
            continue
        n_bag = _string(f, st, s, v, longest, n_bag)
        done += 1
        if done >= n_strings:
            break
    return n_bag


@inner
def _string(f: Field, st: State, s: int, v: int, longest: float, n_bag: int) -> int:
    """A run of stops of one row around s."""
    first, n = f.vehicle[v, at.N_FROZEN], st.row[v, at.LENGTH]
    free = n - first
    size = int(1.0 + drawn(st.random) * min(longest, float(free)))
    size = min(size, free)
    where = first
    while st.order[v, where] != s:
        where += 1
    kept = 0
    if size > 1 and size < free and drawn(st.random) < SPLIT:
        kept = 1
        while size + kept < free and drawn(st.random) < KEEP_MORE:
            kept += 1
    span = size + kept
    lowest, highest = max(first, where - span + 1), min(where, n - span)
    start = lowest + below(st.random, highest - lowest + 1)
    skip = start + 1 + below(st.random, max(1, size - 1)) if kept else n
    touch(st, v)
    begin = n_bag
    for i in range(start, start + span):
        if kept and skip <= i < skip + kept:
            continue
        st.bag[n_bag] = st.order[v, i]
        n_bag += 1
    return take_out(f, st, begin, n_bag)


@inner
def _whole_routes(f: Field, st: State, seed: int) -> int:
    """Everything that is not frozen of the row of a stop, and now and then of its neighbour's."""
    n_bag, wanted = 0, 1 + below(st.random, 2)
    for k in range(-1, f.near.shape[1]):
        s = seed if k < 0 else f.near[seed, k]
        v = st.who[s]
        if v < 0 or st.row[v, at.STAMP] == st.numbers[at.ITERATION]:
            continue
        touch(st, v)
        begin = n_bag
        for i in range(f.vehicle[v, at.N_FROZEN], st.row[v, at.LENGTH]):
            st.bag[n_bag] = st.order[v, i]
            n_bag += 1
        n_bag = take_out(f, st, begin, n_bag)
        wanted -= 1
        if wanted == 0:
            break
    return n_bag
