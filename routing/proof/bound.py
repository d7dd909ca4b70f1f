"""No order of the stops costs less: walks that forget, at a price for every stop.

A walk sees n stops, but may come back to one as soon as it has passed a stop that does not remember it: each stop
remembers its nearest alone. Seeing a stop brings its price, once in every order; prices rise where walks come too
seldom and fall where they come too often, until the cheapest walk costs nearly what the best order does. What the end of
a walk costs, by visits left, stop and what may still be seen, bounds every unfinished order too.

Source: Baldacci, Mingozzi & Roberti (2011), "New route relaxation and pricing strategies for the vehicle routing
problem", Operations Research 59(5), 1269-1283; (2012), INFORMS J. Computing 24(3), 356-371; prices after Held & Karp
(1971), Mathematical Programming 1, 6-25.
"""

from typing import NamedTuple

import numpy as np

from routing.improve.compiled import compiled
from routing.proof.day import FAR, Day
from routing.proof.walks import Walks, redraw

SCALE = 64
"""Parts of a point that prices are counted in: all sums stay whole numbers, so that a bound is exactly one."""

NEVER = 1 << 61
"""Parts of a point of a walk that there is none of, or that cannot be part of a better order than the known one."""

FIRST_PACE, SLOWER, PATIENCE = 1.0, 0.6, 4
"""Share of the gap that a step aims to close; what it is multiplied by after so many steps without a better bound."""

MEMORY = 0.3
"""Share of the direction before in each step's: it keeps prices from swinging.

Source: Crowder (1976), Computational improvements for subgradient optimization, Symposia Mathematica 19, 357-372."""


class Stage(NamedTuple):
    """How closely bounds are worked out: stops that each remembers, parts of the clock (at most), changes of prices."""

    n_near: int
    n_parts: int
    n_steps: int


def bounded(day: Day, walks: Walks, most: int, stage: Stage) -> int:
    """Points that no order costs less than, ``most`` if that is proven; ``walks.ends`` is then of the best prices.

    Parameters
    ----------
    walks : of this day; a second call goes on from the prices of the first
    most : what the best known order costs; ``FAR`` when none is known. Ways that lead to no cheaper one are given up
    """
    limit = limit_of(most)
    redraw(day, walks, stage.n_parts)
    found = int(raise_prices(day, walks, limit, stage.n_near, stage.n_steps))
    return most if found > limit else -(-found // SCALE)


def limit_of(most: int) -> int:
    """Parts of a point that an order better than one of ``most`` points may cost."""
    return SCALE * (most - 1) if most < FAR else NEVER - 1


@compiled
def raise_prices(day: Day, walks: Walks, limit: int, n_near: int, n_steps: int) -> int:
    """The best bound of so many steps, in parts of a point; above ``limit`` as soon as no better order is left."""
    price, best_price, seen, heading = walks.price, walks.best_price, walks.seen, walks.heading
    n, n_near = len(price) - 1, min(n_near, walks.near.shape[1])
    best, pace, waited, known = -NEVER, FIRST_PACE, 0, limit < NEVER - 1
    for i in range(1, n + 1):
        heading[i] = 0.0
    for _ in range(n_steps):
        found = _cheapest_walk(day, walks, limit, n_near)
        if found > limit:
            return found
        if found > best:
            best, waited = found, 0
            for i in range(1, n + 1):
                best_price[i] = price[i]
        else:
            waited += 1
            if waited >= PATIENCE:
                pace, waited = pace * SLOWER, 0
        length = 0.0
        for i in range(1, n + 1):
            heading[i] = (1.0 - seen[i]) + MEMORY * heading[i]
            length += heading[i] * heading[i]
        if length < 1e-9:
            break
        gap = limit + SCALE - found if known else max(SCALE, abs(best) // 20)
        for i in range(1, n + 1):
            price[i] += np.int64(np.rint(pace * gap * heading[i] / length))
    for i in range(1, n + 1):
        price[i] = best_price[i]
    return max(best, _cheapest_walk(day, walks, limit, n_near))


@compiled
def _cheapest_walk(day: Day, walks: Walks, limit: int, n_near: int) -> int:
    """What the cheapest walk costs, ``NEVER`` if that is above ``limit``; and how often it sees each stop."""
    n = len(walks.price) - 1
    total = 0
    for i in range(1, n + 1):
        total += walks.price[i]
    _ways_ahead(day, walks)
    _last_visits(day, walks, limit - total, n_near)
    for left in range(2, n + 1):
        _visits(day, walks, limit - total, n_near, left)
    first, least = 0, NEVER
    for j in range(1, n + 1):
        walks.seen[j] = 0
        if walks.ahead[1, j] < NEVER and walks.ends[n, j, 0, (1 << n_near) - 1] < NEVER:
            whole = walks.ahead[1, j] + walks.ends[n, j, 0, (1 << n_near) - 1]
            if whole < least:
                first, least = j, whole
    if first == 0:
        return NEVER
    _follow(day, walks, n_near, first)
    return least + total


@compiled
def _ways_ahead(day: Day, walks: Walks) -> None:
    ahead, price = walks.ahead, walks.price
    n = len(price) - 1
    for j in range(1, n + 1):
        ahead[1, j] = SCALE * day.cost[0, j] if day.earliest_s[1, j] < FAR and day.cost[0, j] < FAR else NEVER
    for position in range(2, n + 1):
        for j in range(1, n + 1):
            ahead[position, j] = NEVER
        for i in range(1, n + 1):
            if ahead[position - 1, i] < NEVER:
                so_far = ahead[position - 1, i] - price[i]
                for j in range(1, n + 1):
                    if walks.to[0, position - 1, i, j] >= 0:
                        ahead[position, j] = min(ahead[position, j], so_far + SCALE * day.cost[i, j])


@compiled
def _last_visits(day: Day, walks: Walks, limit: int, n_near: int) -> None:
    n = len(walks.price) - 1
    for j in range(1, n + 1):
        _forget(walks, n_near, 1, j)
        if day.earliest_s[n, j] < FAR and day.cost[j, n + 1] < FAR and walks.ahead[n, j] < NEVER:
            points = SCALE * day.cost[j, n + 1] - walks.price[j]
            if walks.ahead[n, j] + points <= limit:
                for part in range(walks.n_parts[0]):
                    walks.ends[1, j, part, 0] = points
                _settle(walks, n_near, 1, j)


@compiled
def _visits(day: Day, walks: Walks, limit: int, n_near: int, left: int) -> None:
    """Ways to the end with so many visits, from those with one less; each part as if it was its first moment."""
    n, sets, before = len(walks.price) - 1, 1 << n_near, (left - 1) & 1
    position, ends, alive, met, to = n - left + 1, walks.ends, walks.alive, walks.met, walks.to
    cost, n_parts = day.cost, walks.n_parts[0]
    for i in range(1, n + 1):
        _forget(walks, n_near, left, i)
        any_way, most = False, limit - walks.ahead[position, i]
        for j in range(1, n + 1):
            if to[0, position, i, j] < 0:
                continue
            added, leads_on = SCALE * cost[i, j] - walks.price[i], False
            for part in range(n_parts):
                there = to[part, position, i, j]
                if there < 0:
                    break
                for k in range(alive[before, j, there, sets]):
                    m = alive[before, j, there, k]
                    ways, t = ends[left - 1, j, there, m] + added, met[i, j, m]
                    if ways <= most and t >= 0:
                        leads_on = True
                        t &= sets - 1
                        ends[left, i, part, t] = min(ends[left, i, part, t], ways)
            any_way = any_way or leads_on
            if not leads_on:
                for part in range(to.shape[0]):
                    to[part, position, i, j] = -1
        if any_way:
            _settle(walks, n_near, left, i)


@compiled
def _close(walks: Walks, position: int, i: int, j: int) -> None:
    for part in range(walks.to.shape[0]):
        walks.to[part, position, i, j] = -1


@compiled
def _forget(walks: Walks, n_near: int, left: int, i: int) -> None:
    for part in range(walks.n_parts[0]):
        walks.alive[left & 1, i, part, 1 << n_near] = 0
        for m in range(1 << n_near):
            walks.ends[left, i, part, m] = NEVER


@compiled
def _settle(walks: Walks, n_near: int, left: int, i: int) -> None:
    """List the sets worth going on from: those cheaper than all they contain; then let each set stand for those."""
    sets = 1 << n_near
    for part in range(walks.n_parts[0]):
        ends, alive, count = walks.ends[left, i, part], walks.alive[left & 1, i, part], 0
        for m in range(sets):
            least = NEVER
            for b in range(n_near):
                if m >> b & 1:
                    least = min(least, ends[m ^ (1 << b)])
            if ends[m] < least:
                alive[count] = m
                count += 1
            else:
                ends[m] = least
        alive[sets] = count


@compiled
def _follow(day: Day, walks: Walks, n_near: int, first: int) -> None:
    """Count the visits of the walk that begins there and costs least."""
    n = len(walks.seen) - 1
    i, part, may = first, 0, (1 << n_near) - 1
    # what the walk remembers must lie within `may`, so each step narrows it to what the next stop may have seen
    for left in range(n, 0, -1):
        walks.seen[i] += 1
        if left > 1:
            i, part, may = _next(day, walks, n_near, left, i, part, may)


@compiled
def _next(day: Day, walks: Walks, n_near: int, left: int, i: int, part: int, may: int) -> tuple[int, int, int]:
    """The stop after i, its part of the clock and what may be remembered there, on the way that ``ends`` speaks of."""
    ends, met = walks.ends, walks.met
    n, rest = len(walks.price) - 1, ends[left, i, part, may] + walks.price[i]
    position = n - left + 1
    for j in range(1, n + 1):
        to = walks.to[part, position, i, j]
        if to >= 0:
            for m in range(1 << n_near):
                costs_that = ends[left - 1, j, to, m] + SCALE * day.cost[i, j] == rest
                if costs_that and met[i, j, m] >= 0 and met[i, j, m] & ((1 << n_near) - 1) & ~may == 0:
                    return j, to, m
    return i, part, may
