"""An experiment on the plan in force: one unserved stop, one thing changed, tried by insertion, shown to the judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.arrays import arrays_of, may_serve
from routing.check import cost, violations
from routing.insertion import Orders, Place
from routing.plans import plan_of
from routing.types import UNREACHABLE, Matrix, Plan, Problem, Stop, Vehicle


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change of one kind with which a stop is served.

    Parameters
    ----------
    kind : "window", "shift", "max_stops", "max_travel", "skill", "required", "excluded", "price", "vehicle"
    subject : id of the stop or vehicle that changes
    field : attribute that changes; None for a new vehicle
    to : its new value: seconds, a count, points, a set of names, or a whole ``Vehicle``
    vehicle : who then serves the stop
    starts_s : when service then begins
    extra_points : what the routes cost more
    verified : the judge has accepted the plan
    also : attribute of the stop that has to name a new vehicle too, None when the one change is enough
    """

    kind: str
    subject: str
    field: str | None
    to: int | frozenset[str] | Vehicle
    vehicle: str
    starts_s: int
    extra_points: int
    verified: bool
    also: str | None = None


type Case = tuple[Stop, Vehicle]
"""The stop and one vehicle as they would be."""

type Moved = Callable[[int, int], Case | None]
"""The case of a vehicle and a number of units; None when no file could say so many."""


def _value(case: Case, field: str) -> int | frozenset[str]:
    """What an attribute of a case would be."""
    wanted, driver = case
    if field in ("opens_s", "closes_s"):
        return wanted.windows[0].opens_s if field == "opens_s" else wanted.windows[-1].closes_s
    to: int | frozenset[str] = getattr(driver if hasattr(driver, field) else wanted, field)
    return to


class Experiment:
    """One unserved stop beside the plan in force; tries changes on one route at a time."""

    def __init__(self, orders: Orders, plan: Plan, stop: int) -> None:
        self.orders, self.plan, self.stop = orders, plan, stop
        self.arrays = orders.arrays
        self.wanted: Stop = self.arrays.stops[stop]
        self.drivers = self.arrays.vehicles

    def reaching(self) -> list[int]:
        """Everybody who gets there and back."""
        here, duration = self.arrays.place[self.stop], self.arrays.duration
        return [
            v
            for v, driver in enumerate(self.drivers)
            if max(duration[driver.start_place][here], duration[here][driver.end_place]) < UNREACHABLE
        ]

    def eligible(self) -> list[int]:
        """Those of them whom skills and wishes allow."""
        return [v for v in self.reaching() if self.arrays.eligible[self.stop, v]]

    def place(self, vehicle: int, wanted: Stop, driver: Vehicle) -> Place | None:
        """Where the stop goes in one route once stop and vehicle are changed; None when it does not fit or pay."""
        order = self.orders.orders[vehicle]
        stops = [*(self.arrays.stops[other] for other in order), wanted]
        places = np.array([driver.start_place, driver.end_place, *(stop.place for stop in stops)])
        matrix = self.arrays.problem.matrix
        cell = np.ix_(places, places)
        small = Problem(
            self.arrays.problem.t0_at,
            tuple(replace(stop, place=number + 2) for number, stop in enumerate(stops)),
            (replace(driver, start_place=0, end_place=1),),
            Matrix(matrix.duration_s[cell], matrix.distance_m[cell]),
        )
        found = Orders(arrays_of(small), [list(range(len(order)))]).cheapest(len(order))
        return found if found is not None and found.extra_points < wanted.unserved_cost else None

    def smallest(self, vehicles: Sequence[int], most: int, changed: Moved) -> tuple[int, int] | None:
        """The fewest units with which some vehicle takes the stop, and which; None when ``most`` are too few.

        More units never hurt, so each vehicle is first asked for one unit less than the best so far.
        """

        def works(vehicle: int, units: int) -> bool:
            case = changed(vehicle, units)
            return case is not None and self.place(vehicle, *case) is not None

        best: tuple[int, int] | None = None
        for vehicle in vehicles:
            most_here = _first_from(0, most, lambda units, v=vehicle: changed(v, units + 1) is None)  # type: ignore[misc]
            high = min(most_here, most if best is None else best[0] - 1)
            if high > 0 and works(vehicle, high):
                best = (_first_from(1, high, lambda units, v=vehicle: works(v, units)), vehicle)  # type: ignore[misc]
        return best

    def verified(self, kind: str, field: str, vehicle: int, case: Case, to: int | frozenset[str]) -> Change | None:
        """The change as the judge sees it in the whole plan."""
        wanted, driver = case
        place = self.place(vehicle, wanted, driver)
        if place is None:
            return None
        arrays = self.arrays
        stops, vehicles = list(arrays.stops), list(arrays.vehicles)
        stops[self.stop], vehicles[vehicle] = wanted, driver
        orders = [list(order) for order in self.orders.orders]
        orders[vehicle].insert(place.position, self.stop)
        subject = wanted.id if wanted != arrays.stops[self.stop] else driver.id
        return self._judged(
            replace(arrays.problem, stops=tuple(stops), vehicles=tuple(vehicles)),
            orders,
            driver,
            Change(kind, subject, field, to, driver.id, 0, place.extra_points, verified=False),
        )

    def smallest_of(self, kind: str, vehicles: Sequence[int], most: int, ways: Mapping[str, Moved]) -> Change | None:
        """Of several attributes that may move, the one that has to move least; the first of those that are equal."""
        found = [
            (*best, field, moved)
            for field, moved in ways.items()
            if (best := self.smallest(vehicles, most, moved)) is not None
        ]
        if not found:
            return None
        units, vehicle, field, moved = min(found, key=lambda option: option[0])
        case = moved(vehicle, units)
        return None if case is None else self.verified(kind, field, vehicle, case, _value(case, field))

    def cheapest(self, kind: str, field: str, cases: Mapping[int, Case]) -> Change | None:
        """Of several vehicles that would each take the stop, the one that drives least for it."""
        places = {v: place for v, case in cases.items() if (place := self.place(v, *case)) is not None}
        if not places:
            return None
        vehicle = min(places, key=lambda v: (places[v].extra_points, v))
        return self.verified(kind, field, vehicle, cases[vehicle], _value(cases[vehicle], field))

    def with_new(self, wanted: Stop, driver: Vehicle) -> Change | None:
        """The same for somebody new."""
        stops = list(self.arrays.stops)
        stops[self.stop] = wanted
        problem = replace(self.arrays.problem, stops=tuple(stops), vehicles=(*self.arrays.vehicles, driver))
        orders = [*(list(order) for order in self.orders.orders), [self.stop]]
        if not may_serve(wanted, driver):
            return None
        extra = arrays_of(problem).route_points(len(problem.vehicles) - 1, [self.stop])
        change = Change("vehicle", driver.id, None, driver, driver.id, 0, extra, verified=False)
        return self._judged(problem, orders, driver, change)

    def _judged(self, problem: Problem, orders: list[list[int]], driver: Vehicle, change: Change) -> Change | None:
        arrays = arrays_of(problem)
        if not all(Orders(arrays, orders).feasible(vehicle) for vehicle in range(len(orders))):
            return None
        plan = plan_of(arrays, orders)
        before = replace(self.plan, objective=cost(problem, self.plan))
        good = not violations(problem, plan) and plan.objective.total < before.objective.total
        starts_s = next(
            visit.service_starts_s
            for route in plan.routes
            if route.vehicle_id == driver.id
            for visit in route.visits
            if visit.stop_id == self.wanted.id
        )
        return replace(change, starts_s=starts_s, verified=good)


def _first_from(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """First number in low..high from which on something holds, high when only there or nowhere."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high
