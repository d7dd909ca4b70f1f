"""Runs of the fast kernel for tests, and what its answers are held against: every place, tried out by ``Orders``."""

from routing.arrays import arrays_of
from routing.improve.lean import columns as at
from routing.improve.lean.ground import NO_ROOM, ground_of, unstated
from routing.improve.lean.loop import run
from routing.improve.lean.manner import DAYS
from routing.improve.lean.rows import state_of
from routing.insertion import first_orders
from routing.orders import Orders


def after(problem, iterations, seed=1, manner=DAYS):
    """The kernel's ground and state after so many iterations."""
    arrays = arrays_of(problem)
    assert not unstated(arrays)
    ground = ground_of(arrays)
    state = state_of(ground, first_orders(arrays).orders, seed)
    run(ground, state, manner, iterations, 900.0, 20.0, 0.0, 1.0)
    return ground, state


def cheapest_way_in(ground, arrays, v, row, s):
    """Points that a stop, or both ends of a delivery, adds to the legs of a row where that is least."""
    first, both = len(arrays.frozen[v]), int(ground.stop[s, at.BRINGS])
    ways = [[*row[:i], s, *row[i:]] for i in range(first, len(row) + 1)]
    if both >= 0:
        ways = [[*way[:j], both, *way[j:]] for way in ways for j in range(way.index(s) + 1, len(way) + 1)]
    return min((_added(arrays, v, row, way) for way in ways), default=NO_ROOM)


def _added(arrays, v, row, way):
    """Points that the legs of a wider row cost more, if it can be driven."""
    orders = [list(frozen) for frozen in arrays.frozen]
    orders[v] = way
    if not Orders(arrays, orders).drivable():
        return NO_ROOM

    def legs(order):
        places = arrays.places(v, order)
        return int(arrays.points[v][places[:-1], places[1:]].sum())

    return legs(way) - (legs(row) if row else 0)
