"""Cheapest feasible insertion: instant answers, the first plan, the floor under every search.

Positions are scanned for all routes at once with numpy; the cheapest few are then tested exactly, in O(breaks²),
against the layered times of their route.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from routing.arrays import HORIZON_S, Arrays, breaks_of
from routing.schedule import NEVER, Slack, earliest_start_s, ready_after_leg, slack


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stop can go: before position ``position`` of a vehicle's order, for ``extra_points`` more."""

    extra_points: int
    vehicle: int
    position: int


@dataclass(frozen=True, slots=True)
class _Row:
    """One vehicle's route as scanned; arrays have a value per gap (len(order) + 1)."""

    slack: Slack
    before: np.ndarray
    after: np.ndarray
    leaves_s: np.ndarray
    latest_s: np.ndarray
    gap_points: np.ndarray
    gap_s: np.ndarray
    travel_s: int


class Orders:
    """The order of stops of every vehicle, with what insertion needs to know about it.

    Parameters
    ----------
    arrays : the problem
    orders : by vehicle, positions of stops; empty orders when left out
    """

    def __init__(self, arrays: Arrays, orders: Sequence[Sequence[int]] | None = None) -> None:
        self.arrays = arrays
        self.orders = [list(order) for order in orders] if orders else [[] for _ in arrays.vehicles]
        self._rows: list[_Row | None] = [None] * len(arrays.vehicles)

    def unserved(self) -> list[int]:
        """Stops in nobody's order, ascending."""
        served = {stop for order in self.orders for stop in order}
        return [stop for stop in range(len(self.arrays.stops)) if stop not in served]

    def insert(self, stop: int, place: Place) -> None:
        """Put a stop where ``places`` found room."""
        self.orders[place.vehicle].insert(place.position, stop)
        self._rows[place.vehicle] = None

    def remove(self, vehicle: int, stop: int) -> None:
        """Take a stop out of a vehicle's order."""
        self.orders[vehicle].remove(stop)
        self._rows[vehicle] = None

    def feasible(self, vehicle: int) -> bool:
        """Whether the order as it stands keeps every limit of the vehicle; says nothing of skills."""
        driver, row = self.arrays.vehicles[vehicle], self._row(vehicle)
        return (
            row.slack.feasible
            and (driver.max_stops is None or len(self.orders[vehicle]) <= driver.max_stops)
            and (driver.max_travel_s is None or not self.orders[vehicle] or row.travel_s <= driver.max_travel_s)
        )

    def points(self) -> int:
        """Objective of the orders in points: routes, and the price of every unserved stop."""
        routes = sum(self.arrays.route_points(vehicle, order) for vehicle, order in enumerate(self.orders))
        return routes + sum(self.arrays.stops[stop].unserved_cost for stop in self.unserved())

    def places(self, stop: int, vehicles: Sequence[int] | None = None) -> Iterator[Place]:
        """Feasible places for a stop, cheapest first; ties by vehicle, then position."""
        candidates = np.flatnonzero(self.arrays.eligible[stop]) if vehicles is None else np.asarray(vehicles, dtype=int)
        rows = [self._row(int(vehicle)) for vehicle in candidates]
        keep = [self._has_room(int(vehicle)) for vehicle in candidates]
        candidates, rows = candidates[keep], [row for row, kept in zip(rows, keep, strict=True) if kept]
        if not rows:
            return
        extra, owner, gap = self._scan(stop, candidates, rows)
        for i in np.lexsort((gap, owner, extra)):
            vehicle, position = int(owner[i]), int(gap[i])
            if self._fits(stop, vehicle, position):
                yield Place(int(extra[i]), vehicle, position)

    def cheapest(self, stop: int, vehicles: Sequence[int] | None = None) -> Place | None:
        """The cheapest feasible place, or None."""
        return next(self.places(stop, vehicles), None)

    def _has_room(self, vehicle: int) -> bool:
        most = self.arrays.vehicles[vehicle].max_stops
        return most is None or len(self.orders[vehicle]) < most

    def _scan(self, stop: int, candidates: np.ndarray, rows: list[_Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Extra points, vehicle and gap of each place that a look without breaks does not rule out."""
        arrays, here = self.arrays, self.arrays.place[stop]
        n_gaps = [len(row.before) for row in rows]
        owner = np.repeat(candidates, n_gaps)
        gap = np.concatenate([np.arange(n) for n in n_gaps])
        before = np.concatenate([row.before for row in rows])
        after = np.concatenate([row.after for row in rows])
        duration_s = arrays.problem.matrix.duration_s
        to_s, from_s = duration_s[before, here], duration_s[here, after]
        windows = arrays.windows[stop]
        starts_s = np.maximum(np.concatenate([row.leaves_s for row in rows]) + to_s, windows[0][0])
        ends_s = starts_s + arrays.service[stop] + from_s
        possible = (starts_s <= windows[-1][1]) & (ends_s <= np.concatenate([row.latest_s for row in rows]))
        extra_travel_s = to_s + from_s - np.concatenate([row.gap_s for row in rows])
        room_s = np.repeat([self._room_s(int(v), row) for v, row in zip(candidates, rows, strict=True)], n_gaps)
        possible &= extra_travel_s <= room_s
        extra = np.empty(len(owner), dtype=np.int64)
        price = np.repeat([arrays.points_class[v] for v in candidates], n_gaps)
        for number, points in enumerate(arrays.points):
            mine = price == number
            extra[mine] = points[before[mine], here] + points[here, after[mine]]
        extra -= np.concatenate([row.gap_points for row in rows])
        once = [
            arrays.preference_points(stop, int(v)) + (0 if self.orders[v] else arrays.vehicles[v].cost_fixed)
            for v in candidates
        ]
        extra += np.repeat(once, n_gaps)
        return extra[possible], owner[possible], gap[possible]

    def _room_s(self, vehicle: int, row: _Row) -> int:
        limit_s = self.arrays.vehicles[vehicle].max_travel_s
        return HORIZON_S if limit_s is None else limit_s - row.travel_s

    def _fits(self, stop: int, vehicle: int, position: int) -> bool:
        """Whether windows, shift and breaks hold with the stop at that position; exact."""
        arrays, order = self.arrays, self.orders[vehicle]
        driver, times = arrays.vehicles[vehicle], self._row(vehicle).slack
        breaks, here = breaks_of(driver), arrays.place[stop]
        before = arrays.place[order[position - 1]] if position else driver.start_place
        after = arrays.place[order[position]] if position < len(order) else driver.end_place
        ready = ready_after_leg(times.departs[position], arrays.duration[before][here], breaks)
        service_s, windows = arrays.service[stop], arrays.windows[stop]
        leaves = [min(NEVER, earliest_start_s(windows, ready_s) + service_s) for ready_s in ready]
        ready = ready_after_leg(leaves, arrays.duration[here][after], breaks)
        return any(early <= late for early, late in zip(ready, times.latest[position], strict=True))

    def _row(self, vehicle: int) -> _Row:
        row = self._rows[vehicle]
        if row is None:
            row = self._rows[vehicle] = self._scanned(vehicle)
        return row

    def _scanned(self, vehicle: int) -> _Row:
        arrays, order = self.arrays, self.orders[vehicle]
        times = slack(arrays, vehicle, order)
        places = np.array(arrays.places(vehicle, order))
        before, after = places[:-1], places[1:]
        # An empty day costs and drives nothing, whatever lies between its start and its end.
        used = 1 if order else 0
        gap_s = arrays.problem.matrix.duration_s[before, after] * used
        return _Row(
            slack=times,
            before=before,
            after=after,
            leaves_s=np.array([min(layers) for layers in times.departs[:-1]]),
            latest_s=np.array([max(layers) for layers in times.latest]),
            gap_points=arrays.points[arrays.points_class[vehicle]][before, after] * used,
            gap_s=gap_s,
            travel_s=int(gap_s.sum()),
        )


def first_orders(arrays: Arrays, start: Sequence[Sequence[int]] | None = None) -> Orders:
    """A plan by insertion: stops by price per second of service, each where it is cheapest, if that pays.

    Parameters
    ----------
    start : orders to keep and fill up, by vehicle; from nothing when left out
    """
    orders = Orders(arrays, start)
    waiting = dearest_first(arrays, orders.unserved())
    # A stop that did not pay may pay once others lie on the way: again until nothing changes.
    while waiting:
        left = [stop for stop in waiting if not _inserted(orders, stop)]
        if len(left) == len(waiting):
            break
        waiting = left
    return orders


def dearest_first(arrays: Arrays, stops: Sequence[int]) -> list[int]:
    """Stops by the price of leaving them out per second of service, then by position."""
    return sorted(stops, key=lambda stop: (-arrays.stops[stop].unserved_cost / max(1, arrays.service[stop]), stop))


def settle(orders: Orders, enough: Callable[[], bool] = lambda: False) -> None:
    """Move single stops while that is cheaper: to another place, out of the plan, or into it.

    Unless ``enough`` says to stop earlier, no stop is dearer afterwards where it is than at the next best vehicle, or
    than leaving it out, and none that is left out fits and pays. Each change lowers the objective, so it ends.
    """
    moved = True
    while moved:
        moved = False
        for vehicle in range(len(orders.orders)):
            for stop in list(orders.orders[vehicle]):
                if enough():
                    return
                moved |= _moved(orders, vehicle, stop)
        for stop in dearest_first(orders.arrays, orders.unserved()):
            moved |= _inserted(orders, stop)


def _moved(orders: Orders, vehicle: int, stop: int) -> bool:
    """Take one stop to where it is cheapest, if that is cheaper than here."""
    arrays, position = orders.arrays, orders.orders[vehicle].index(stop)
    saved = arrays.route_points(vehicle, orders.orders[vehicle])
    orders.remove(vehicle, stop)
    saved -= arrays.route_points(vehicle, orders.orders[vehicle])
    # Where going round by a stop is quicker than driving past it, the others may not do without it.
    if orders.feasible(vehicle):
        place = orders.cheapest(stop)
        if place is not None and place.extra_points < min(saved, arrays.stops[stop].unserved_cost):
            orders.insert(stop, place)
            return True
        if saved > arrays.stops[stop].unserved_cost:
            return True
    orders.insert(stop, Place(saved, vehicle, position))
    return False


def _inserted(orders: Orders, stop: int) -> bool:
    """Put a stop where it is cheapest if that pays."""
    place = orders.cheapest(stop)
    if place is None or place.extra_points >= orders.arrays.stops[stop].unserved_cost:
        return False
    orders.insert(stop, place)
    return True
