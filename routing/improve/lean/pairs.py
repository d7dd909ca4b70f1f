"""What is fetched at one stop and brought to another: where both go cheapest into a row, and how both leave it.

Source: the row is driven on from the pickup once, whatever the number of places for the delivery, of which each is told in
O(1); what the cheapest one costs from a position on bounds the look. Measured on Li & Lim's instances.
"""

import numpy as np

from routing.improve.compiled import compiled, woven
from routing.improve.lean import columns as at
from routing.improve.lean.details import detour_m, ended, is_detailed, ready_behind, spare_m
from routing.improve.lean.ground import NEVER, NO_ROOM, Ground
from routing.improve.lean.layers import driven, goes_on, served
from routing.improve.lean.loads import N_EACH, UNTIL
from routing.improve.lean.rows import State, put_in, rebuild
from routing.improve.lean.work import joined_s, onward


@woven
def way_in_for_both(
    g: Ground, who: np.ndarray, row: np.ndarray, n: int, p: int, room_s: int, work: np.ndarray, least: np.ndarray
) -> tuple[int, int, int]:
    """Points of the cheapest way to fetch and bring in a row, and the positions behind which; the second counts the pickup.

    ``least`` is scratch: int32 (positions), points of the cheapest place for the delivery from each position on.
    """
    q, first = g.stop[p, at.BRINGS], min(n, who[at.N_FROZEN])
    costs, drives, detailed, room_m = who[at.COST_AT], who[at.DRIVE_AT], is_detailed(g), spare_m(g, who, row, n)
    cost_to_p, cost_p, cost_to_q, cost_q = (
        g.cost_to[costs + p],
        g.cost[costs + p],
        g.cost_to[costs + q],
        g.cost[costs + q],
    )
    drive_to_p, drive_p, drive_to_q, drive_q = (
        g.drive_to[drives + p],
        g.drive[drives + p],
        g.drive_to[drives + q],
        g.drive[drives + q],
    )
    earliest_s, until_s, service_s = g.stop[p, at.EARLIEST], g.stop[p, at.UNTIL], g.service[who[at.SERVICE_ROW], p]
    q_earliest_s, q_until_s = g.stop[q, at.EARLIEST], g.stop[q, at.UNTIL]
    q_service_s, most_s = g.service[who[at.SERVICE_ROW], q], who[at.MOST_WORK]
    least[n + 1] = NO_ROOM
    for j in range(n, first - 1, -1):
        added = cost_to_q[row[j, at.NODE]] + cost_q[row[j + 1, at.NODE]] - row[j, at.ARC]
        least[j] = min(least[j + 1], added)
    best, where, to = NO_ROOM, -1, -1
    for i in range(first, n + 1):
        if not detailed and row[i + 1, at.FREE_BY] < earliest_s + service_s:
            continue
        before, after = row[i, at.NODE], row[i + 1, at.NODE]
        fetched = cost_to_p[before] - row[i, at.ARC]
        at_once, later = fetched + cost_p[q] + cost_q[after], fetched + cost_p[after]
        if (at_once >= best and later + least[i + 1] >= best) or not _can_take(g, who, p, work[i]):
            continue
        free_s, owing_s = driven(who, row[i, at.FREE], row[i, at.OWING], drive_to_p[before])
        if detailed:
            free_s, owing_s = ended(g, who, before, p, free_s, owing_s)
        else:
            free_s, owing_s = served(earliest_s, until_s, service_s, free_s, owing_s)
        if free_s >= NEVER and owing_s >= NEVER:
            continue
        ends_s, takes_s, leave_by_s = 0, 0, 0
        if most_s < NEVER:
            ends_s, takes_s, leave_by_s = onward(
                g, who, p, drive_to_p[before], row[i, at.FREE], work[i, at.TAKES], work[i, at.LEAVE_BY]
            )
        last, drive_s, more_s = p, drive_p[after], drive_to_p[before] + drive_p[after] - row[i, at.DRIVE]
        more_m = detour_m(g, who, before, p, after) if detailed else 0
        for j in range(i, n + 1):
            if j > i:
                if later + least[j] >= best:
                    break
                s = row[j, at.NODE]
                if not _can_hold(g, who, p, work[j]):
                    break
                free_s, owing_s = driven(who, free_s, owing_s, drive_s)
                if detailed:
                    free_s, owing_s = ended(g, who, last, s, free_s, owing_s)
                else:
                    free_s, owing_s = served(
                        g.stop[s, at.EARLIEST], g.stop[s, at.UNTIL], g.service[who[at.SERVICE_ROW], s], free_s, owing_s
                    )
                if free_s >= NEVER and owing_s >= NEVER:
                    break
                if most_s < NEVER:
                    ends_s, takes_s, leave_by_s = onward(g, who, s, drive_s, ends_s, takes_s, leave_by_s)
                last, drive_s = s, row[j, at.DRIVE]
            if min(free_s, owing_s) > q_until_s:
                break
            after = row[j + 1, at.NODE]
            added = later + cost_to_q[last] + cost_q[after] - row[j, at.ARC] if j > i else at_once
            if added >= best:
                continue
            detour_s = drive_to_q[last] + drive_q[after] - drive_s
            if more_s + detour_s > room_s:
                continue
            there_s, owes_s = driven(who, free_s, owing_s, drive_to_q[last])
            if detailed:
                there_s, owes_s = ended(g, who, last, q, there_s, owes_s)
                free_by, owing_by = ready_behind(g, who, row, j + 1, q)
                if not goes_on(who, there_s, owes_s, drive_q[after], free_by, owing_by):
                    continue
                if more_m + detour_m(g, who, last, q, after) > room_m:
                    continue
            else:
                there_s, owes_s = served(q_earliest_s, q_until_s, q_service_s, there_s, owes_s)
                if not goes_on(who, there_s, owes_s, drive_q[after], row[j + 1, at.FREE_BY], row[j + 1, at.OWING_BY]):
                    continue
            if most_s < NEVER:
                _, all_s, by_s = onward(g, who, q, drive_to_q[last], ends_s, takes_s, leave_by_s)
                if joined_s(all_s, by_s, drive_q[after], work[j + 1]) > most_s:
                    continue
            best, where, to = added, i, j + 1
    return best, where, to


@woven
def _can_take(g: Ground, who: np.ndarray, p: int, here: np.ndarray) -> bool:
    """Whether there is room for what a pickup gives until a position, and for what it takes behind it."""
    for d in range((g.stop.shape[1] - at.LOADS) // 2):
        now, most = at.ON_BOARD + N_EACH * d, who[at.CAPACITIES + d]
        if here[now + UNTIL] + g.stop[p, at.LOADS + 2 * d] > most:
            return False
        if here[now] + g.stop[p, at.LOADS + 2 * d + 1] > most:
            return False
    return True


@woven
def _can_hold(g: Ground, who: np.ndarray, p: int, here: np.ndarray) -> bool:
    """Whether there is room behind a position for what a pickup has taken."""
    for d in range((g.stop.shape[1] - at.LOADS) // 2):
        if here[at.ON_BOARD + N_EACH * d] + g.stop[p, at.LOADS + 2 * d + 1] > who[at.CAPACITIES + d]:
            return False
    return True


@woven
def put_both_in(g: Ground, st: State, v: int, p: int) -> None:
    """A pickup and its delivery where ``known`` says, and what is known of the row brought up to date."""
    q = g.stop[p, at.BRINGS]
    put_in(g, st, v, st.known[p, v, 1], p)
    put_in(g, st, v, st.known[q, v, 1], q)


@compiled
def take_out_with_ends(g: Ground, st: State, v: int, begin: int, span: int, skip: int, kept: int) -> int:
    """Take positions of a touched row out, as ``ruin`` does, and the other ends of deliveries; points that this changes."""
    row, who, n = st.row[v], g.vehicle[v], st.head[at.LENGTH, v]
    surcharge = g.surcharge[who[at.SURCHARGE_ROW]]
    for i in range(begin, begin + span):
        if skip <= i < skip + kept:
            continue
        s = row[i, at.NODE]
        other = max(g.stop[s, at.BRINGS], g.stop[s, at.FETCHED])
        st.who[s] = -1
        if other >= 0:
            st.who[other] = -1
    changed, to = -row[0, at.ARC], 1
    for i in range(1, n + 1):
        s = row[i, at.NODE]
        changed -= row[i, at.ARC]
        if st.who[s] == v:
            row[to, at.NODE] = s
            to += 1
            continue
        changed += g.worth[s] - surcharge[s]
        if g.stop[s, at.FETCHED] < 0:
            st.bag[st.numbers[at.N_BAG]] = s
            st.numbers[at.N_BAG] += 1
    st.head[at.LENGTH, v] = to - 1
    rebuild(g, st, v)
    for i in range(to):
        changed += row[i, at.ARC]
    return changed if to > 1 else changed - who[at.FIXED]
