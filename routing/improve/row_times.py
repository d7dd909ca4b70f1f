"""When the stops of a row are served, as ``routing.timetable`` has it, for those that are linked to others."""

from routing.improve import columns as at
from routing.improve.compiled import inner
from routing.improve.field import Field
from routing.improve.labels import cheapest, is_labelled, starts_from
from routing.improve.route import timed_points
from routing.improve.state import State
from routing.improve.steps import (
    NEVER,
    action_s,
    begin,
    copy,
    drive,
    earliest,
    latest,
    leave,
    rest_from,
    serve,
    windows_of,
)


@inner
def time_row(f: Field, st: State, v: int) -> int:
    """Note when the stops of a row begin and end; what its times cost, -1 where it cannot be driven."""
    row, n, who = st.order[v], st.row[v, at.LENGTH], f.vehicle[v]
    first = min(n, who[at.N_FROZEN])
    for i in range(first):
        s = row[i]
        st.served[at.BEGINS, s] = f.stop[s, at.FROZEN_AT]
        st.served[at.ENDS, s] = f.stop[s, at.FROZEN_AT] + f.service[v, s]
    if n == 0:
        return 0
    if f.flags[at.LABELLED] and is_labelled(f, v, row, n):
        points = cheapest(f, st, v, row, n)
        before, base = f.stop[row[first - 1], at.PLACE] if first else who[at.START], starts_from(f)
        for i in range(first, n):
            s = row[i]
            st.served[at.BEGINS, s] = st.won[0, base + i]
            st.served[at.ENDS, s] = st.won[0, base + i] + action_s(f, v, before, s)
            before = f.stop[s, at.PLACE]
        return points
    if not _place_breaks(f, st, v):
        return -1
    # Without labels lateness has a price where there are no breaks, and then the earliest times are the cheapest.
    return timed_points(f, st, v, row, n) if f.flags[at.TIMED] else 0


@inner
def _place_breaks(f: Field, st: State, v: int) -> bool:
    """The earliest return, then each break as early as that allows, as ``routing.schedule.earliest_times`` does."""
    row, n, who = st.order[v], st.row[v, at.LENGTH], f.vehicle[v]
    g, n_breaks, breaks = who[at.GROUND], who[at.N_BREAKS], f.breaks[v]
    departs, until = st.times[at.DEPARTS, v], st.times[at.LATEST, v]
    ready, current = st.layers[at.READY], st.layers[at.CURRENT]
    first = begin(f, v, row, n, departs[0])
    copy(departs[first], 0, departs[0], 0, n_breaks + 1)
    start = f.stop[row[first - 1], at.PLACE] if first else who[at.START]
    before = start
    for i in range(first, n):
        s = row[i]
        drive(n_breaks, breaks, departs[i], f.duration[g, before, f.stop[s, at.PLACE]], ready)
        if not serve(n_breaks, windows_of(f, st, s), ready, action_s(f, v, before, s), departs[i + 1]):
            return False
        before = f.stop[s, at.PLACE]
    drive(n_breaks, breaks, departs[n], f.duration[g, before, who[at.END]], ready)
    back_s = NEVER
    for k in range(n_breaks + 1):
        if ready[k] <= f.last_return[v, k]:
            back_s = min(back_s, ready[k])
    if back_s >= NEVER:
        return False
    for k in range(n_breaks + 1):
        until[n, k] = back_s if f.last_return[v, k] >= back_s else -NEVER
    after = who[at.END]
    for i in range(n - 1, first - 1 if n_breaks else n - 1, -1):
        s = row[i]
        here = f.stop[s, at.PLACE]
        leave(n_breaks, breaks, until[i + 1], f.duration[g, here, after], current)
        action = action_s(f, v, f.stop[row[i - 1], at.PLACE] if i else who[at.START], s)
        for k in range(n_breaks + 1):
            until[i, k] = latest(windows_of(f, st, s), current[k] - action) if current[k] > -NEVER // 2 else -NEVER
        after = here
    clock_s, taken, before = departs[first, 0], 0, start
    for i in range(first, n):
        s = row[i]
        drive_s = f.duration[g, before, f.stop[s, at.PLACE]]
        free_s, done_s, ready_s, chosen = clock_s, clock_s + drive_s, clock_s + drive_s, taken
        for number in range(taken, n_breaks):
            rests_s = rest_from(breaks[number], free_s)
            if rests_s >= NEVER:
                break
            free_s = rests_s + breaks[number, at.LASTS]
            done_s = max(done_s, rests_s) + breaks[number, at.LASTS]
            if done_s <= until[i, number + 1]:
                chosen, ready_s = number + 1, done_s
        taken = chosen
        begins_s = earliest(windows_of(f, st, s), ready_s)
        clock_s = begins_s + action_s(f, v, before, s)
        st.served[at.BEGINS, s], st.served[at.ENDS, s] = begins_s, clock_s
        before = f.stop[s, at.PLACE]
    return True
