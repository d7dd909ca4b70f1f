"""Make routes keep every limit of a VROOM request, those included that a ``Problem`` cannot state.

A route that breaks a limit gives up jobs or shipments, the least valuable first, until it breaks none. What was given
up is put wherever it costs least, and single jobs and shipments move where that is cheaper; each try is timed exactly.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from routing.vroom.ground import Ground
from routing.vroom.route import Route, timed
from routing.vroom.violations import cost_of, figures_of

MOST_TRIES = 20_000
"""Orders timed in one repair that has no clock, however many tasks there are."""

type Orders = dict[int, list[int]]
"""By vehicle of the request: its tasks in order, by position."""


@dataclass(slots=True)
class Repair:
    """Orders on their way to keep every limit.

    Parameters
    ----------
    until : moment of ``time.monotonic`` at which to stop trying; None: after ``MOST_TRIES``
    """

    ground: Ground
    until: float | None = None
    n_tries: int = 0
    known: dict[tuple[int, tuple[int, ...]], int | None] = field(default_factory=dict)

    def kept(self, orders: Orders) -> tuple[Orders, int]:
        """Return orders that break no limit, and how many tasks had to be given up for it."""
        short = {van: self._shortened(van, tasks) for van, tasks in orders.items()}
        n_given_up = sum(len(orders[van]) - len(tasks) for van, tasks in short.items())
        return {van: tasks for van, tasks in short.items() if tasks}, n_given_up

    def improved(self, orders: Orders) -> Orders:
        """Return orders that serve more, or cost less; ``orders`` break no limit, and these do not either."""
        best = {van: list(orders.get(van, [])) for van in range(len(self.ground.request.vans))}
        better = True
        while better and not self._spent():
            better = False
            for unit in self._units():
                home = next((van for van, tasks in best.items() if unit[0] in tasks), None)
                left = {} if home is None else {home: [rank for rank in best[home] if rank not in unit]}
                saved = 0 if home is None else (self.price(home, best[home]) or 0) - (self.price(home, left[home]) or 0)
                found = self._cheapest(best | left, unit)
                if found is not None and (home is None or found[0] < saved):
                    _, van, tasks = found
                    best |= left
                    best[van] = tasks
                    better = True
        return {van: tasks for van, tasks in best.items() if tasks}

    def price(self, van: int, tasks: Sequence[int]) -> int | None:
        """What an order costs; None when it breaks a limit."""
        if not tasks:
            return 0
        key = (van, tuple(tasks))
        if key not in self.known:
            self.n_tries += 1
            route = timed(self.ground, van, tasks)
            figures = None if route is None else figures_of(self.ground, route)
            if route is None or figures is None or figures.all_causes.seconds:
                self.known[key] = None
            else:
                self.known[key] = cost_of(self.ground, route, figures)
        return self.known[key]

    def worth(self, orders: Orders) -> tuple[int, int, int]:
        """Compare orders that break no limit as VROOM does: sum of priorities, number of tasks, cost."""
        tasks = [self.ground.request.tasks[rank] for order in orders.values() for rank in order]
        cost = sum(self.price(van, order) or 0 for van, order in orders.items())
        return sum(task.priority for task in tasks), len(tasks), -cost

    def _spent(self) -> bool:
        return self.n_tries > MOST_TRIES or (self.until is not None and time.monotonic() > self.until)

    def _units(self) -> list[tuple[int, ...]]:
        """Jobs and shipments, the most valuable first."""
        tasks = self.ground.request.tasks
        units = [(rank,) if task.mate is None else (rank, task.mate) for rank, task in enumerate(tasks)]
        units = [unit for unit, task in zip(units, tasks, strict=True) if task.kind != "delivery"]
        return sorted(units, key=lambda unit: -tasks[unit[0]].priority * len(unit))

    def _cheapest(self, orders: Orders, unit: tuple[int, ...]) -> tuple[int, int, list[int]] | None:
        """Extra cost, vehicle and order of the cheapest place for a unit that none of these orders has."""
        found: tuple[int, int, list[int]] | None = None
        for van, tasks in orders.items():
            before = self.price(van, tasks) or 0
            for tried in _with(tasks, unit):
                if self._spent():
                    return found
                price = self.price(van, tried)
                if price is not None and (found is None or price - before < found[0]):
                    found = price - before, van, tried
        return found

    def _shortened(self, van: int, tasks: Sequence[int]) -> list[int]:
        """Give up one job or shipment after the other: what leaves no fault, else the least valuable."""
        given = self.ground.request.tasks
        left = list(tasks)
        while left and self.price(van, left) is None:
            options = []
            for rank in left:
                gone = {rank, given[rank].mate}
                rest = [other for other in left if other not in gone]
                lost = sum(given[other].priority for other in left if other in gone)
                price = self.price(van, rest)
                options.append((price is None, lost, len(left) - len(rest), price or 0, rest))
            left = min(options)[-1]
        return left


def faults_of(ground: Ground, van: int, tasks: Sequence[int]) -> list[str]:
    """What is wrong with an order of tasks, breaks placed as well as can be; empty when it can be driven."""
    route = timed(ground, van, tasks)
    return ["time windows or breaks"] if route is None else list(figures_of(ground, route).all_causes.seconds)


def routes_of(ground: Ground, orders: Orders) -> list[Route]:
    """Orders that break no limit with their times, in the order of the vehicles."""
    routes = [timed(ground, van, orders[van]) for van in sorted(orders)]
    return [route for route in routes if route is not None]


def _with(tasks: Sequence[int], unit: tuple[int, ...]) -> Iterator[list[int]]:
    """Every order with a job, or a pickup and its delivery after it, put in."""
    for places in itertools.combinations_with_replacement(range(len(tasks) + 1), len(unit)):
        tried = list(tasks)
        for place, rank in reversed(list(zip(places, unit, strict=True))):
            tried.insert(place, rank)
        yield tried
