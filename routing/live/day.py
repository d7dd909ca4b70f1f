"""A day under way, laid out once so that one more stop is looked at in microseconds."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache

import numpy as np

from routing.arrays import Arrays, arrays_of
from routing.check import violations
from routing.errors import SolveFailed
from routing.evaluation import timed_together
from routing.improve.lean import columns as at
from routing.improve.lean.ground import Ground, ground_of, unstated
from routing.improve.lean.manner import DAYS
from routing.improve.lean.requests import tied_or_detailed
from routing.improve.lean.rows import State, state_of
from routing.limits import fits
from routing.live.places import (
    begin,
    cheapest_place,
    keep,
    make_room,
    mildest_place,
    only_left,
    place,
    until_placed,
)
from routing.plans import orders_of, plan_of
from routing.timetable import route_of, route_price
from routing.types import DEFAULT_UNSERVED_COST, Matrix, Objective, Plan, Problem, Route, Stop, Vehicle

_COUNTERS = (at.ITERATION, at.NEXT_STAMP)
"""Numbers of the state that never go back: what was noted under a later stamp may not be taken for something older."""


@dataclass(slots=True)
class Rows:
    """The rows of the fast kernel, and how they were when last looked at."""

    ground: Ground
    state: State
    before: dict[str, np.ndarray]

    def remember(self) -> None:
        """From here on, ``go_back`` leads here."""
        for name, values in self.before.items():
            np.copyto(values, getattr(self.state, name))

    def go_back(self, vehicles: Iterable[int] | None = None) -> None:
        """Every row as remembered, or only those of some vehicles; then the caller settles who serves what."""
        if vehicles is not None:
            for v in vehicles:
                self.state.row[v], self.state.head[:, v] = self.before["row"][v], self.before["head"][:, v]
            return
        counters = self.state.numbers[list(_COUNTERS)]
        for name, values in self.before.items():
            np.copyto(getattr(self.state, name), values)
        self.state.numbers[list(_COUNTERS)] = counters

    def order(self, vehicle: int) -> list[int]:
        """Stops of a row."""
        n = int(self.state.head[at.LENGTH, vehicle])
        stops: list[int] = self.state.row[vehicle, 1 : n + 1, at.NODE].tolist()
        return stops

    def changed(self) -> list[int]:
        """Vehicles whose rows are not as remembered."""
        other = np.flatnonzero(self.state.head[at.STAMP] != self.before["head"][at.STAMP]).tolist()
        return [v for v in other if self.order(v) != self._order_before(v)]

    def _order_before(self, vehicle: int) -> list[int]:
        n = int(self.before["head"][at.LENGTH, vehicle])
        stops: list[int] = self.before["row"][vehicle, 1 : n + 1, at.NODE].tolist()
        return stops

    def settle(self, total: int) -> None:
        """Bring who serves what, what is left and the best in line with the rows as they are."""
        state = self.state
        state.who[:] = -1
        for v in range(len(state.row)):
            order = self.order(v)
            state.who[order] = v
            state.best[v, 1 : len(order) + 1] = order
        left = np.flatnonzero(state.who < 0)
        state.left[: len(left)] = left
        state.left_at[:] = -1
        state.left_at[left] = np.arange(len(left))
        state.head[at.BEST_LENGTH] = state.head[at.LENGTH]
        state.head[at.BEST_STAMP] = state.head[at.STAMP]
        state.numbers[at.N_LEFT] = len(left)
        state.numbers[[at.TOTAL, at.BEST]] = total


class LiveDay:
    """A plan in force, and what it takes to put one more stop into it at once.

    Parameters
    ----------
    problem : the day; what may no longer move is in ``Vehicle.frozen`` (``under_way`` puts it there). Urgent jobs are
        stops of it that the plan does not serve
    plan : what is in force
    seed : for the search

    Attributes
    ----------
    unstated : the first thing that the fast kernel, or what is done with its rows here, does not state; empty when all
        is stated, else ``rows`` is None

    Raises
    ------
    SolveFailed : the plan speaks of ids that the problem does not have, cannot be driven, or is refused by the judge
    """

    def __init__(self, problem: Problem, plan: Plan, *, seed: int = 1) -> None:
        self.problem = problem
        self.arrays: Arrays = arrays_of(problem)
        self.stop_at = {stop.id: number for number, stop in enumerate(problem.stops)}
        self.orders = orders_of(problem, plan)
        self.plan = replace(plan_of(self.arrays, self.orders), search=plan.search)
        self.unstated = unstated(self.arrays) or tied_or_detailed(self.arrays)
        self.rows: Rows | None = None
        self._tied = next(iter(self.arrays.ties.bonds()), None) is not None
        self._routes: dict[int, tuple[Route, Objective]] = {}
        self._left = set(range(len(problem.stops))).difference(*self.orders)
        found = violations(problem, self.plan)
        if found:
            raise SolveFailed(f"the judge refuses the plan in force: {found[0].message}")
        if not self.unstated:
            load()
            ground = ground_of(self.arrays)
            state = state_of(ground, self.orders, seed)
            kept = ("row", "head", "numbers", "who", "left", "left_at", "best")
            self.rows = Rows(ground, state, {name: getattr(state, name).copy() for name in kept})
        if not self._tied:
            self._routes = {v: self._timed(v, order) for v, order in enumerate(self.orders) if order}

    def with_orders(self, changed: dict[int, list[int]]) -> Plan:
        """The plan with other orders for some vehicles; where nothing ties routes together only those are timed.

        Raises
        ------
        SolveFailed : orders that cannot be driven
        """
        if self._tied:
            return plan_of(self.arrays, [changed.get(v, order) for v, order in enumerate(self.orders)])
        timed = {v: self._timed(v, order) for v, order in changed.items() if order}
        routes = self._routes | timed
        kept = [routes[v][0] for v in sorted(routes) if v not in changed or changed[v]]
        left = self._left_with(changed)
        prices = [(1, price) for _, price in timed.values()]
        prices += [(-1, self._routes[v][1]) for v in changed if v in self._routes]
        parts = {
            part.name: getattr(self.plan.objective, part.name) + sum(sign * getattr(p, part.name) for sign, p in prices)
            for part in fields(Objective)
        }
        parts["unserved"] = sum(self.problem.stops[stop].unserved_cost for stop in left)
        return Plan(tuple(kept), tuple(sorted(self.problem.stops[stop].id for stop in left)), Objective(**parts))

    def _left_with(self, changed: dict[int, list[int]]) -> set[int]:
        """Stops that nobody serves when some vehicles have other orders."""
        return self._left.union(*(self.orders[v] for v in changed)).difference(*changed.values())

    def take(self, plan: Plan, changed: dict[int, list[int]]) -> None:
        """Put a plan that ``with_orders`` made in force."""
        self.plan, self._left = plan, self._left_with(changed)
        for v, order in changed.items():
            self.orders[v] = list(order)
            self._routes.pop(v, None)
            if order and not self._tied:
                self._routes[v] = self._timed(v, order)

    def _timed(self, vehicle: int, order: list[int]) -> tuple[Route, Objective]:
        driven = timed_together(self.arrays, {vehicle: order}) if fits(self.arrays, vehicle, order) else None
        if driven is None:
            raise SolveFailed(f"no timetable keeps every limit; vehicles: {self.arrays.vehicles[vehicle].id}")
        return route_of(self.arrays, *driven[vehicle]), route_price(self.arrays, *driven[vehicle])


@cache
def load() -> None:
    """Load the compiled code, or compile it, so that no urgent job waits for that; the second call costs nothing."""
    nowhere = np.zeros((1, 1), dtype=np.int64)
    stops = (Stop("here", 0, 60), Stop("urgent", 0, 60, unserved_cost=2 * DEFAULT_UNSERVED_COST))
    driver = Vehicle("a", 0, 0, 0, 3600, max_stops=1)
    arrays = arrays_of(Problem(datetime(2000, 1, 1, tzinfo=UTC), stops, (driver,), Matrix(nowhere, nowhere)))
    ground = ground_of(arrays)
    state = state_of(ground, [[0]], 1)
    for look in (cheapest_place, mildest_place):
        look(ground, state, 1)
    keep(state, make_room(ground, state, 1, np.empty((1, 4), np.int64)))
    only_left(state, 0)
    until_placed(ground, state, DAYS, 0, 1, 1.0, 0)
    state = state_of(ground, [[]], 1)
    begin(state)
    place(ground, state, 0, 0, 0)
