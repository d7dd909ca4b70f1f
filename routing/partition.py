"""Routes that a search met on its way, put together anew by CP-SAT: the best choice of them for each stop and vehicle.

Source: the heuristic concentration of Rosing & ReVelle (1997), "Heuristic concentration: two stage solution
construction", European Journal of Operational Research 97(1), and set packing over routes of Rochat & Taillard (1995),
"Probabilistic diversification and intensification in local search for vehicle routing", Journal of Heuristics 1.
"""

from collections.abc import Iterable

from ortools.sat.python import cp_model

from routing.arrays import Arrays
from routing.budget import Budget
from routing.improve.engine import Compiled, Kernel
from routing.improve.lean.search import Lean

MOST_STOPS, MOST_S, MOST_ITERATIONS = 100, 2.0, 400_000
"""Up to here it pays, by stops and by the whole budget. On six days of 60 x 8, three seeds each, the choice took 15 ms after
a second of search and made plans 0.25 % cheaper; beside as much more search they were 0.31 % better, in a spread of 3 %.
After five seconds it found nothing. At 200 x 20 it takes a sixth of a second: searching on was 0.42 % better there."""

RESERVED_S = 0.03
"""Of a time budget, what is left for the choice: twice what it takes at 60 x 8."""

WORK = 0.2
"""Limit of CP-SAT's own count of work, about as many seconds: choices at 60 x 8 ended at a tenth of it."""

MOST_POINTS = 1 << 53
"""Beyond this in all, prices of stops are not stated to CP-SAT, whose sums have 63 bits."""

type Column = tuple[int, tuple[int, ...]]


class Noting(Compiled):
    """The compiled search, with the routes that were seen at each look at the clock."""

    def __init__(self, arrays: Arrays) -> None:
        super().__init__(arrays)
        self.routes: set[Column] = set()
        self.noting = False

    def pays(self, budget: Budget) -> bool:
        """Whether routes are worth choosing from: few stops, several vehicles, prices that hang on a route, little time."""
        arrays = self.arrays
        if budget.solutions is None:
            little = budget.until is not None and budget.until - budget.began <= MOST_S
        else:
            little = budget.solutions <= MOST_ITERATIONS
        return (
            little
            and len(arrays.stops) <= MOST_STOPS
            and len(arrays.vehicles) > 1
            and not arrays.timed
            and sum(stop.unserved_cost for stop in arrays.stops) < MOST_POINTS
        )

    def kernel(self, orders: list[list[int]], seed: int) -> Kernel:
        """The kernel with given orders, whose routes are noted when somebody asks for that."""
        kernel = super().kernel(orders, seed)
        return _Noted(kernel, self.routes) if self.noting else kernel


class _Noted:
    """A kernel whose rows are read after each run: those of its best plan, and those it stands at."""

    def __init__(self, kernel: Kernel, routes: set[Column]) -> None:
        self.kernel, self.routes = kernel, routes

    @property
    def best(self) -> int:
        """Points of the best plan."""
        return self.kernel.best

    def orders(self) -> list[list[int]]:
        """Stops of the best plan, by vehicle."""
        return self.kernel.orders()

    def run(self, n_iterations: int, hot: float, cold: float, from_share: float, to_share: float) -> None:
        """Iterate, and read the rows."""
        self.kernel.run(n_iterations, hot, cold, from_share, to_share)
        self.routes.update((v, tuple(order)) for v, order in enumerate(self.kernel.orders()) if order)
        if isinstance(self.kernel, Lean):
            self.routes.update((v, tuple(order)) for v, order in enumerate(self.kernel.current()) if order)


def recombined(
    arrays: Arrays, routes: Iterable[Column], orders: list[list[int]], limit_s: float | None
) -> list[list[int]]:
    """The routes, one at most for each vehicle and stop, that cost least together with what they leave out.

    Parameters
    ----------
    routes : vehicle and stops in order, each one drivable
    orders : the plan to begin with, by vehicle; returned where nothing better is found
    limit_s : seconds at most; the work is limited in any case, and the same without a clock
    """
    columns = sorted({*routes, *((v, tuple(order)) for v, order in enumerate(orders) if order)})
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in columns]
    of_vehicle: dict[int, list[cp_model.IntVar]] = {}
    of_stop: dict[int, list[cp_model.IntVar]] = {}
    for (vehicle, order), used in zip(columns, chosen, strict=True):
        of_vehicle.setdefault(vehicle, []).append(used)
        for stop in order:
            of_stop.setdefault(stop, []).append(used)
        model.add_hint(used, tuple(orders[vehicle]) == order)
    for vehicle, group in of_vehicle.items():
        if arrays.frozen[vehicle]:
            model.add_exactly_one(group)
        else:
            model.add_at_most_one(group)
    for group in of_stop.values():
        model.add_at_most_one(group)
    saved = [
        sum(arrays.stops[stop].unserved_cost for stop in order) - arrays.route_points(vehicle, order)
        for vehicle, order in columns
    ]
    model.maximize(cp_model.LinearExpr.weighted_sum(chosen, saved))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = WORK
    if limit_s is not None:
        solver.parameters.max_time_in_seconds = limit_s
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return orders
    found: list[list[int]] = [[] for _ in orders]
    for (vehicle, order), used in zip(columns, chosen, strict=True):
        if solver.boolean_value(used):
            found[vehicle] = list(order)
    return found
