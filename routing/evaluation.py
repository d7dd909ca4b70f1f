"""What orders cost and whether they can be driven, where prices and limits depend on the clock and on each other.

Routes whose stops are tied in time are looked at together: each is timed alone, a stop that has to wait for another
is released later, and its route is timed again until nothing waits any more.

Source: earliest starts as the least fixed point of difference constraints, as in the simple temporal problems of
Dechter, Meiri & Pearl (1991), Artificial Intelligence 49.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from routing.arrays import Arrays
from routing.limits import fits
from routing.schedule import Times
from routing.timetable import timed_points, times_of
from routing.way import Way, way_of

MOST_ROUNDS = 60
"""How often tied routes are timed again before the attempt counts as failed; a handful is usual."""

MOST_REMEMBERED = 200_000

NOTHING: Mapping[int, Sequence[int]] = {}

type Driven = tuple[Way, Times]


def timed_together(arrays: Arrays, orders: Mapping[int, Sequence[int]]) -> dict[int, Driven] | None:
    """By vehicle with a stop, how tied orders are driven; None when they cannot be.

    ``orders`` by vehicle; every vehicle that a tie leads to has to be among them.
    """
    at = {stop: vehicle for vehicle, order in orders.items() for stop in order}
    driven: dict[int, Driven] = {}
    releases: dict[int, int] = {}
    starts_s: dict[int, int] = {}
    ends_s: dict[int, int] = {}
    changed = {vehicle for vehicle, order in orders.items() if order}
    for _ in range(MOST_ROUNDS):
        for vehicle in sorted(changed):
            way = way_of(arrays, vehicle, orders[vehicle], releases)
            times = times_of(arrays, way)
            if times is None:
                return None
            driven[vehicle] = (way, times)
            for stop, at_s, action_s in zip(way.order, times.starts_s, way.actions_s, strict=True):
                starts_s[stop], ends_s[stop] = at_s, at_s + action_s
        changed = set()
        for stop, from_s in _waits(arrays, starts_s, ends_s):
            if stop in arrays.frozen_at:
                return None
            releases[stop] = max(releases.get(stop, from_s), from_s)
            changed.add(at[stop])
        if not changed:
            return driven
    return None


def _waits(arrays: Arrays, starts_s: Mapping[int, int], ends_s: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Stops that begin too early for those they are tied to, and when they may begin."""
    for crew in arrays.ties.crews:
        present = [stop for stop in crew if stop in starts_s]
        latest_s = max((starts_s[stop] for stop in present), default=0)
        yield from ((stop, latest_s) for stop in present if starts_s[stop] < latest_s)
    for gap in arrays.ties.gaps:
        if gap.earlier not in starts_s or gap.later not in starts_s:
            continue
        gap_s = starts_s[gap.later] - ends_s[gap.earlier]
        if gap_s < gap.least_s:
            yield gap.later, ends_s[gap.earlier] + gap.least_s
        elif gap.most_s is not None and gap_s > gap.most_s:
            yield gap.earlier, starts_s[gap.earlier] + gap_s - gap.most_s


class Evaluation:
    """What changing some orders of a plan costs.

    Parameters
    ----------
    arrays : the problem
    orders : by vehicle, the orders in force; kept, not copied: tell ``settle`` of every change
    """

    def __init__(self, arrays: Arrays, orders: list[list[int]]) -> None:
        self.arrays, self.orders = arrays, orders
        self._alone: dict[tuple[int, tuple[int, ...]], int | None] = {}
        self._points: dict[int, int | None] = {}
        self._bonds = tuple(arrays.ties.bonds())

    def points(self, vehicle: int) -> int | None:
        """What a route in force costs, times included; None when it, or one tied to it, cannot be driven."""
        if vehicle not in self._points:
            self._points.update(self._valued(self.linked({vehicle}), NOTHING))
        return self._points[vehicle]

    def added(self, changed: Mapping[int, Sequence[int]]) -> int | None:
        """What the routes cost more with these orders by vehicle; None when they cannot be driven, now or then."""
        members = self.linked(set(changed), changed)
        after = self._valued(members, changed)
        before = [self.points(member) for member in members]
        if any(points is None for points in (*after.values(), *before)):
            return None
        return sum(points or 0 for points in after.values()) - sum(points or 0 for points in before)

    def settle(self, vehicles: Iterable[int]) -> None:
        """Forget what is known of these routes, and of those tied to them now or before."""
        if not self._bonds:
            for vehicle in vehicles:
                self._points.pop(vehicle, None)
        else:
            self._points.clear()

    def _valued(self, members: set[int], changed: Mapping[int, Sequence[int]]) -> dict[int, int | None]:
        """By vehicle the points of its route, None where it cannot be driven."""
        if len(members) == 1:
            (vehicle,) = members
            return {vehicle: self._value_alone(vehicle, changed.get(vehicle, self.orders[vehicle]))}
        orders = {member: changed.get(member, self.orders[member]) for member in members}
        if not all(fits(self.arrays, member, order) for member, order in orders.items()):
            return dict.fromkeys(members)
        driven = timed_together(self.arrays, orders)
        if driven is None:
            return dict.fromkeys(members)
        return {member: self._value(driven[member]) if orders[member] else 0 for member in members}

    def _value_alone(self, vehicle: int, order: Sequence[int]) -> int | None:
        key = (vehicle, tuple(order))
        if key not in self._alone:
            if len(self._alone) >= MOST_REMEMBERED:
                self._alone.clear()
            points: int | None = None
            if fits(self.arrays, vehicle, order):
                driven = timed_together(self.arrays, {vehicle: order})
                if driven is not None:
                    points = self._value(driven[vehicle]) if order else 0
            self._alone[key] = points
        return self._alone[key]

    def _value(self, driven: Driven) -> int:
        return driven_points(self.arrays, *driven)

    def linked(self, vehicles: set[int], changed: Mapping[int, Sequence[int]] = NOTHING) -> set[int]:
        """These vehicles and all that ties lead to, by the orders in force or by the changed ones."""
        if not self._bonds:
            return vehicles
        before = {stop: vehicle for vehicle, order in enumerate(self.orders) for stop in order}
        after = {stop: v for v, order in enumerate(self.orders) for stop in changed.get(v, order)}
        pairs = [(at[a], at[b]) for at in (before, after) for a, b in self._bonds if a in at and b in at]
        members, grown = set(vehicles), True
        while grown:
            grown = False
            for one, other in pairs:
                if (one in members) != (other in members):
                    members |= {one, other}
                    grown = True
        return members


def driven_points(arrays: Arrays, way: Way, times: Times) -> int:
    """What a route costs, times included."""
    return arrays.route_points(way.vehicle, way.order) + timed_points(arrays, way, times)


def driven_orders(
    arrays: Arrays, orders: Sequence[Sequence[int]], known: Mapping[int, Driven] | None = None
) -> dict[int, Driven] | None:
    """By vehicle with a stop, how a whole plan is driven; None when it breaks a limit or a tie in time.

    ``known`` is how some routes were driven before: where nothing ties routes together, only those that differ are timed.
    """
    if not all(fits(arrays, vehicle, order) for vehicle, order in enumerate(orders)):
        return None
    if next(iter(arrays.ties.bonds()), None) is not None:
        return timed_together(arrays, dict(enumerate(orders)))
    driven: dict[int, Driven] = {}
    for vehicle, order in enumerate(orders):
        before = None if known is None else known.get(vehicle)
        if before is not None and before[0].order == tuple(order):
            driven[vehicle] = before
        elif order:
            alone = timed_together(arrays, {vehicle: tuple(order)})
            if alone is None:
                return None
            driven |= alone
    return driven
