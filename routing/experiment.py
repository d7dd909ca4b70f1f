"""An experiment on the plan in force: one unserved stop, one thing changed, tried by insertion, shown to the judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.arrays import arrays_of, may_serve
from routing.check import cost, violations
from routing.errors import SolveFailed
from routing.insertion import Placed, insert_unit, place_unit
from routing.limits import is_whole
from routing.misses import outside_s, spans_s
from routing.orders import Orders
from routing.plans import plan_of
from routing.ties import ties_within
from routing.types import UNREACHABLE, Matrix, Plan, Problem, Stop, Vehicle

type Value = int | tuple[int, ...] | frozenset[str]
"""What an attribute of a stop or vehicle may be."""


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change of one kind with which a stop is served.

    Parameters
    ----------
    kind : "window", "shift", "max_stops", "max_travel", "max_distance", "max_work", "capacity", "skill", "required",
        "excluded", "price", "vehicle"
    subject : id of the stop or vehicle that changes
    field : attribute that changes; None for a new vehicle
    to : its new value: seconds, metres, a count, points, amounts, a set of names, or a whole ``Vehicle``
    vehicle : who then serves the stop
    starts_s : when service then begins
    extra_points : what the routes cost more
    verified : the judge has accepted the plan
    also : attribute of the stop that has to name a new vehicle too, None when the one change is enough
    """

    kind: str
    subject: str
    field: str | None
    to: Value | Vehicle
    vehicle: str
    starts_s: int
    extra_points: int
    verified: bool
    also: str | None = None


MATES = 3
"""With how many others a crew is tried beside each vehicle."""

type Case = tuple[Stop, Vehicle]
"""The stop and one vehicle as they would be."""

type Least = Callable[[int], float]
"""Units of a vehicle's change of which fewer are known not to help."""

type Moved = Callable[[int, int], Case | None]
"""The case of a vehicle and a number of units; None when no file could say so many."""


def _value(case: Case, field: str) -> Value:
    """What an attribute of a case would be."""
    wanted, driver = case
    if field in ("opens_s", "closes_s"):
        return wanted.windows[0].opens_s if field == "opens_s" else wanted.windows[-1].closes_s
    to: Value = getattr(driver if hasattr(driver, field) else wanted, field)
    return to


class Experiment:
    """One unserved stop beside the plan in force, with what it cannot be served without; one change at a time.

    Parameters
    ----------
    orders, plan : in force
    at_ease : the same orders under ``Arrays.at_ease``; shared, since what is known of them holds for every stop
    stop : which one
    """

    def __init__(self, orders: Orders, at_ease: Orders, plan: Plan, stop: int) -> None:
        self.orders, self.plan, self.stop = orders, plan, stop
        self._at_ease = at_ease
        self.arrays = orders.arrays
        self.wanted: Stop = self.arrays.stops[stop]
        self.drivers = self.arrays.vehicles
        self.group = with_what_it_needs(orders, stop)
        """Unserved stops that have to be inserted with it, itself included, in an order in which they can be."""
        self.worth = sum(self.arrays.stops[other].unserved_cost for other in self.group)
        self._least: dict[int, int] = {}
        self._near: dict[int, tuple[list[int], list[int], Orders]] = {}

    def reaching(self) -> list[int]:
        """Everybody who gets there and back."""
        arrays, here = self.arrays, self.arrays.place[self.stop]
        return [
            v
            for v, ground in enumerate(arrays.grounds)
            if max(ground.duration[arrays.starts[v]][here], ground.duration[here][arrays.ends[v]]) < UNREACHABLE
        ]

    def eligible(self) -> list[int]:
        """Those of them whom skills and wishes allow."""
        return [v for v in self.reaching() if self.arrays.eligible[self.stop, v]]

    def place(self, vehicle: int, wanted: Stop, driver: Vehicle) -> Placed | None:
        """Where the stop goes in one route once stop and vehicle are changed; None when it does not fit or pay."""
        worth = self.worth - self.wanted.unserved_cost + wanted.unserved_cost
        if self.least_points(vehicle) >= worth:
            return None
        near, stops, base = self._surroundings(vehicle)
        position = {stop: number for number, stop in enumerate(stops)}
        case = base.arrays.with_case(position[self.stop], wanted, 0, driver)
        orders = base.under(case) if driver is self.drivers[vehicle] else Orders(case, base.orders)
        found = place_unit(orders, [position[stop] for stop in self.group], {position[self.stop]: (0,)})
        if found is None or found.extra_points >= worth:
            return None
        steps = tuple((stops[stop], replace(at, vehicle=near[at.vehicle])) for stop, at in found.steps)
        return Placed(found.extra_points, steps)

    def least_points(self, vehicle: int) -> int:
        """What driving to the stop adds to a route at least, wherever it goes; 0 where prices hang on more than legs."""
        if self.arrays.timed or len(self.group) > 1:
            return 0
        if vehicle not in self._least:
            arrays, order = self.arrays, self.orders.orders[vehicle]
            points, here = arrays.points[vehicle], arrays.place[self.stop]
            way = np.array([arrays.starts[vehicle], *(arrays.place[stop] for stop in order), arrays.ends[vehicle]])
            added = points[way[:-1], here] + points[here, way[1:]]
            if order:  # somebody who stays at home drives nowhere
                added -= points[way[:-1], way[1:]]
            self._least[vehicle] = int(added.min())
        return self._least[vehicle]

    def shift_short_s(self, vehicle: int) -> float:
        """By how many seconds a vehicle's day is too short for the stop at least, whenever it is wanted; 0 if unknown.

        At ease a day that ends later by so much, or begins earlier, gains no more than that in any gap: each latest
        arrival or earliest leaving moves by that at most, for no break or further window comes within reach.
        """
        if self.arrays.timed or len(self.group) > 1:
            return 0
        arrives_s, begin_by_s = spans_s(self._at_ease, self.stop, vehicle)
        return max(0, int((arrives_s - begin_by_s).min()))

    def window_short_s(self, vehicle: int) -> float:
        """By how many seconds the stop's windows miss each gap of a vehicle's day at least, infinity without a gap."""
        if self.arrays.timed or len(self.group) > 1:
            return 0
        arrives_s, begin_by_s = spans_s(self._at_ease, self.stop, vehicle)
        roomy = arrives_s <= begin_by_s
        if not roomy.any():
            return np.inf
        windows = self.arrays.windows[self.stop]
        return float(min(outside_s(arrives_s, begin_by_s, window)[roomy].min() for window in windows))

    def _surroundings(self, vehicle: int) -> tuple[list[int], list[int], Orders]:
        """The routes that an insertion with this vehicle touches, their stops and the group, and the orders of these."""
        if vehicle not in self._near:
            near = self._neighbourhood(vehicle)
            stops = self._stops_of(near)
            position = {stop: number for number, stop in enumerate(stops)}
            orders = [[position[stop] for stop in self.orders.orders[v]] for v in near]
            arrays = arrays_of(self._cut(near)) if self.arrays.timed else self.arrays.part(near, stops)
            self._near[vehicle] = (near, stops, Orders(arrays, orders))
        return self._near[vehicle]

    def _neighbourhood(self, vehicle: int) -> list[int]:
        """The routes that an insertion with this vehicle touches, itself first."""
        if not self.arrays.timed:
            return [vehicle]
        named = {vehicle}
        if any(stop in crew for stop in self.group for crew in self.arrays.ties.crews):
            named |= set(self._mates(vehicle))
        near = self.orders.evaluation.linked(named | set(self._tied_to()))
        return [vehicle, *sorted(near - {vehicle})]

    def _mates(self, vehicle: int) -> list[int]:
        """Who might come along: the few who live nearest of those who may serve the rest of the group."""
        arrays = self.arrays
        fit = [v for v in range(len(self.drivers)) if v != vehicle and arrays.eligible[self.group, v].any()]
        here = arrays.place[self.stop]
        return sorted(fit, key=lambda v: (arrays.grounds[v].duration[arrays.starts[v]][here], v))[:MATES]

    def _tied_to(self) -> list[int]:
        """Vehicles that serve something the group is tied to."""
        ties = self.arrays.ties
        vehicle_of = {stop: v for v, order in enumerate(self.orders.orders) for stop in order}
        tied = [other for stop in self.group for other in (*ties.after.get(stop, ()), *ties.before.get(stop, ()))]
        tied += [ties.pickup_of[stop] for stop in self.group if stop in ties.pickup_of]
        return [vehicle_of[other] for other in tied if other in vehicle_of]

    def _stops_of(self, near: list[int]) -> list[int]:
        """What these vehicles serve, and the group."""
        return [*(stop for v in near for stop in self.orders.orders[v]), *self.group]

    def _cut(self, near: list[int], *newcomers: Vehicle) -> Problem:
        """The problem of these vehicles, their stops and the group, over the places they need; then somebody new."""
        arrays, problem = self.arrays, self.arrays.problem
        stops = self._stops_of(near)
        drivers = [*(self.drivers[v] for v in near), *newcomers]
        chosen = [arrays.stops[stop] for stop in stops]
        ends = [place for d in drivers for place in (d.start_place, d.end_place) if place is not None]
        places = sorted({*ends, *(stop.place for stop in chosen)})
        row = {place: number for number, place in enumerate(places)}
        cell = np.ix_(places, places)
        return replace(
            problem,
            stops=tuple(replace(stop, place=row[stop.place]) for stop in chosen),
            vehicles=tuple(
                replace(
                    d,
                    start_place=None if d.start_place is None else row[d.start_place],
                    end_place=None if d.end_place is None else row[d.end_place],
                )
                for d in drivers
            ),
            matrix=_cut_matrix(problem.matrix, cell),
            more_matrices=tuple(_cut_matrix(matrix, cell) for matrix in problem.more_matrices),
            **ties_within(problem, {stop.id for stop in chosen}),
        )

    def smallest(self, least: Mapping[int, float], most: int, changed: Moved) -> tuple[int, int] | None:
        """The fewest units with which some vehicle takes the stop, and which; None when ``most`` are too few.

        More units never hurt, so each vehicle is first asked for fewer than the best so far, or as many if it comes
        before that in the problem. ``least`` names the vehicles, with units of which fewer are known not to help.
        """

        def works(vehicle: int, units: int) -> bool:
            case = changed(vehicle, units)
            return case is not None and self.place(vehicle, *case) is not None

        best: tuple[int, int] | None = None
        for vehicle in sorted(least, key=lambda v: (least[v], v)):
            high = most if best is None else best[0] - (vehicle > best[1])
            if least[vehicle] > high:
                continue
            if high > 0 and changed(vehicle, high) is None:
                high = _first_from(0, high, lambda units, v=vehicle: changed(v, units + 1) is None)  # type: ignore[misc]
            if high > 0 and works(vehicle, high):
                best = (_first_from(1, high, lambda units, v=vehicle: works(v, units)), vehicle)  # type: ignore[misc]
        return best

    def verified(self, kind: str, field: str, vehicle: int, case: Case, to: Value) -> Change | None:
        """The change as the judge sees it in the routes that it touches; the others stay as the judge has seen them."""
        wanted, driver = case
        place = self.place(vehicle, wanted, driver)
        if place is None:
            return None
        near, stops, base = self._surroundings(vehicle)
        position, small = {stop: number for number, stop in enumerate(stops)}, self._cut(near)
        changed, drivers = list(small.stops), list(small.vehicles)
        at = position[self.stop]
        changed[at] = replace(wanted, place=changed[at].place)
        drivers[0] = replace(driver, start_place=drivers[0].start_place, end_place=drivers[0].end_place)
        orders = [list(order) for order in base.orders]
        for stop, where in place.steps:
            orders[near.index(where.vehicle)].insert(where.position, position[stop])
        subject = wanted.id if wanted != self.wanted else driver.id
        return self._judged(
            replace(small, stops=tuple(changed), vehicles=tuple(drivers)),
            orders,
            Change(kind, subject, field, to, driver.id, 0, place.extra_points, verified=False),
        )

    def smallest_of(
        self, kind: str, vehicles: Sequence[int], most: int, ways: Mapping[str, Moved], least: Least = lambda _: 0
    ) -> Change | None:
        """Of several attributes that may move, the one that has to move least; the first of those that are equal."""
        at_least = {vehicle: least(vehicle) for vehicle in vehicles}
        found = [
            (*best, field, moved)
            for field, moved in ways.items()
            if (best := self.smallest(at_least, most, moved)) is not None
        ]
        if not found:
            return None
        units, vehicle, field, moved = min(found, key=lambda option: option[0])
        case = moved(vehicle, units)
        return None if case is None else self.verified(kind, field, vehicle, case, _value(case, field))

    def cheapest(self, kind: str, field: str, cases: Mapping[int, Case]) -> Change | None:
        """Of several vehicles that would each take the stop, the one that drives least for it."""
        best: tuple[int, int] | None = None
        for vehicle in sorted(cases, key=lambda v: (self.least_points(v), v)):
            if best is not None and self.least_points(vehicle) > best[0]:
                break
            place = self.place(vehicle, *cases[vehicle])
            if place is not None and (best is None or (place.extra_points, vehicle) < best):
                best = place.extra_points, vehicle
        if best is None:
            return None
        vehicle = best[1]
        return self.verified(kind, field, vehicle, cases[vehicle], _value(cases[vehicle], field))

    def with_new(self, wanted: Stop, driver: Vehicle) -> Change | None:
        """The same for somebody new, who serves the whole group; tied to nobody they need no other route."""
        if not may_serve(wanted, driver):
            return None
        near = list(range(len(self.drivers))) if self.arrays.timed else []
        small, stops = self._cut(near, driver), self._stops_of(near)
        position = {stop: number for number, stop in enumerate(stops)}
        changed = list(small.stops)
        at = position[self.stop]
        changed[at] = replace(wanted, place=changed[at].place)
        problem = replace(small, stops=tuple(changed))
        known = [[position[stop] for stop in self.orders.orders[v]] for v in near]
        orders = Orders(arrays_of(problem), [*known, []])
        found = place_unit(orders, [position[stop] for stop in self.group], {at: (len(near),)})
        if found is None:
            return None
        insert_unit(orders, found)
        change = Change("vehicle", driver.id, None, driver, driver.id, 0, found.extra_points, verified=False)
        return self._judged(problem, orders.orders, change)

    def _judged(self, problem: Problem, orders: list[list[int]], change: Change) -> Change | None:
        arrays = arrays_of(problem)
        if not is_whole(arrays, orders):
            return None
        try:
            plan = plan_of(arrays, orders)
        except SolveFailed:
            return None
        good = not violations(problem, plan) and plan.objective.total < cost(problem, self._so_far(problem)).total
        starts_s = next(
            visit.service_starts_s for route in plan.routes for visit in route.visits if visit.stop_id == self.wanted.id
        )
        return replace(change, starts_s=starts_s, verified=good)

    def _so_far(self, problem: Problem) -> Plan:
        """The plan in force, as far as a part of the problem goes."""
        names = {driver.id for driver in problem.vehicles}
        routes = tuple(route for route in self.plan.routes if route.vehicle_id in names)
        served = {visit.stop_id for route in routes for visit in route.visits}
        left = tuple(sorted(stop.id for stop in problem.stops if stop.id not in served))
        return Plan(routes, left, self.plan.objective)


def with_what_it_needs(orders: Orders, stop: int) -> tuple[int, ...]:
    """Unserved stops without which this one cannot be served, in an order in which they can be inserted."""
    ties = orders.arrays.ties
    served = {other for order in orders.orders for other in order}
    group: list[int] = []

    def add(one: int) -> None:
        if one in served or one in group:
            return
        unit = ties.unit(one)
        for member in unit:
            for earlier in ties.after.get(member, ()):
                add(earlier)
        group.extend(member for member in unit if member not in group and member not in served)

    add(stop)
    return tuple(group)


def _cut_matrix(matrix: Matrix, cell: tuple[np.ndarray, ...]) -> Matrix:
    cost_points = None if matrix.cost_points is None else matrix.cost_points[cell]
    return Matrix(matrix.duration_s[cell], matrix.distance_m[cell], matrix.source, cost_points)


def _first_from(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """First number in low..high from which on something holds, high when only there or nowhere."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high
