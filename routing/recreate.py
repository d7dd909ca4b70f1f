"""Ruin and recreate over everything the model can say: take a few stops out, put them back where they are cheapest.

Source: Schrimpf, Schneider, Stamm-Wilbrandt & Dueck (2000), "Record breaking optimization results using the ruin and
recreate principle", J. Computational Physics 159; acceptance by a falling threshold as in Dueck & Scheuer (1990).
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from routing.budget import Budget
from routing.insertion import dearest_first, fill
from routing.orders import Orders

MOST_REMOVED, FEW = 10, 6
"""Stops that one ruin takes out, their units and followers not counted; two in five of those served, or a few, at most."""

BLINKS = (0.0, 0.02, 0.25)
"""Shares of places looked past when stops are put back, in turn by chance: the cheapest is not always the best."""

GENEROSITY, GENEROUS_SHARE = 4.0, 0.15
"""How many times its worth a stop may cost when put back now and then: two may pay where neither does alone."""

FIRST_THRESHOLD = 0.01
"""Share of the objective by which a plan may be worse than the one before and still be gone on from; falls to 0."""


def ruin_and_recreate(
    orders: Orders, seed: int, budget: Budget, found: Callable[[int, list[list[int]]], object]
) -> None:
    """Search from given orders on; ``found`` hears the objective and orders of every better plan.

    One iteration is one ruin. ``orders`` are left wherever the search stood last.
    """
    rng = np.random.default_rng(seed)
    best = current = orders.points()
    threshold = FIRST_THRESHOLD * current
    free = [stop for stop in range(len(orders.arrays.stops)) if stop not in orders.arrays.frozen_at]
    while free and not budget.exhausted():
        budget.spent += 1
        before = [list(order) for order in orders.orders]
        removed = _ruined(orders, rng, free)
        if not all(orders.holds(vehicle) for vehicle, order in enumerate(before) if order != orders.orders[vehicle]):
            # Where going round by a stop is quicker than driving past it, the others may not do without it.
            _restore(orders, before)
            continue
        share = float(rng.choice(BLINKS))
        orders.blink = partial(_blinks, rng, share) if share else None
        _recreated(orders, rng, removed)
        total = orders.points()
        if total < best and orders.drivable():
            best = total
            found(best, [list(order) for order in orders.orders])
        if total <= current + threshold * (1 - budget.progress()) * rng.random():
            current = total
        else:
            _restore(orders, before)


def _blinks(rng: np.random.Generator, share: float) -> bool:
    return bool(rng.random() < share)


def _ruined(orders: Orders, rng: np.random.Generator, free: list[int]) -> list[int]:
    """Take out some stops that lie close to one another or on one route, with everything that falls with them."""
    arrays = orders.arrays
    vehicle_of = {stop: vehicle for vehicle, order in enumerate(orders.orders) for stop in order}
    served = [stop for stop in free if stop in vehicle_of]
    if not served:
        return []
    n_wanted = int(rng.integers(1, min(MOST_REMOVED, len(served), max(FEW, math.ceil(0.4 * len(served)))) + 1))
    middle = int(rng.choice(free))
    kind = rng.random()
    if kind < 0.25 and middle in vehicle_of:
        pool = [stop for stop in orders.orders[vehicle_of[middle]] if stop not in arrays.frozen_at]
        at = pool.index(middle)
        chosen = sorted(pool, key=lambda stop: abs(pool.index(stop) - at))[:n_wanted]
    elif kind < 0.8:
        here = arrays.place[middle]
        duration_s = arrays.problem.matrix.duration_s
        apart_s = [int(duration_s[here, arrays.place[stop]] + duration_s[arrays.place[stop], here]) for stop in served]
        noise = rng.random(len(served)) * 0.5 + 0.75
        chosen = [served[i] for i in np.argsort(np.array(apart_s) * noise, kind="stable")[:n_wanted]]
    else:
        chosen = [int(stop) for stop in rng.choice(served, n_wanted, replace=False)]
    removed: dict[int, None] = {}
    for stop in chosen:
        for other in arrays.ties.followers(stop):
            if other in vehicle_of and other not in arrays.frozen_at:
                removed[other] = None
    for vehicle in sorted({vehicle_of[stop] for stop in removed}):
        orders.replace(vehicle, [stop for stop in orders.orders[vehicle] if stop not in removed])
    return list(removed)


def _recreated(orders: Orders, rng: np.random.Generator, removed: list[int]) -> None:
    """Put stops back, and others in, in an order that differs from time to time."""
    waiting = dearest_first(orders.arrays, orders.unserved())
    way = rng.random()
    if way < 0.3:
        rng.shuffle(waiting)
    elif way < 0.5:
        windows = orders.arrays.windows
        waiting.sort(key=lambda stop: windows[stop][-1][1] - windows[stop][0][0])
    elif way < 0.75:
        noise = {stop: rank * rng.uniform(0.5, 1.5) for rank, stop in enumerate(waiting)}
        waiting.sort(key=lambda stop: noise[stop])
    elif way < 0.85:
        # Those left out before come first: they get the room that was made.
        waiting.sort(key=lambda stop: stop in set(removed))
    fill(orders, waiting, GENEROSITY if rng.random() < GENEROUS_SHARE else 1.0)


def _restore(orders: Orders, before: list[list[int]]) -> None:
    for vehicle, order in enumerate(before):
        if orders.orders[vehicle] != order:
            orders.replace(vehicle, order)
