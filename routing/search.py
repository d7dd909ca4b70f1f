"""OR-Tools at work on a stated problem: its settings, its budget, its improvements as they come."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ortools.constraint_solver import pywrapcp, routing_enums_pb2, routing_parameters_pb2
from ortools.util import optional_boolean_pb2

from routing.arrays import Arrays
from routing.model import Model, build

type Found = Callable[[int, Callable[[], list[list[int]]]], None]
"""Hears the objective of a better solution, and how to read its orders while it lasts."""

SLOW_OPERATORS = (
    "use_relocate_pair",
    "use_exchange_pair",
    "use_light_relocate_pair",
    "use_relocate_subtrip",
    "use_exchange_subtrip",
    "use_lin_kernighan",
    "use_relocate_expensive_chain",
    "use_global_cheapest_insertion_path_lns",
    "use_local_cheapest_insertion_path_lns",
    "use_global_cheapest_insertion_visit_types_lns",
    "use_local_cheapest_insertion_visit_types_lns",
    "use_relocate_path_global_cheapest_insertion_insert_unperformed",
)
"""Local search operators that cost more time than they gain where stops are single, optional and timed."""

N_REMOVED = 20
"""Visits that one perturbation of the iterated local search takes out, a quarter of those served at most."""

FEWEST_SERVED = 8
"""OR-Tools 9.15 never ends a ruin that is to remove more visits than a solution has: small plans are not ruined."""


@dataclass(slots=True)
class Budget:
    """What a search may still spend: seconds of wall time, solutions looked at, or whichever of the two ends first.

    Parameters
    ----------
    until : reading of ``time.monotonic`` at which to stop, None without a clock
    solutions : how many OR-Tools may still look at, None without a count
    cancel : asked between solutions; True ends the search with the best so far
    """

    until: float | None
    solutions: int | None
    cancel: Callable[[], bool] | None = None
    spent: int = field(default=0)

    def exhausted(self) -> bool:
        """Whether nothing is left."""
        return (
            (self.until is not None and time.monotonic() >= self.until - 0.01)
            or (self.solutions is not None and self.spent >= self.solutions)
            or self.cancelled()
        )

    def cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        return self.cancel is not None and self.cancel()

    def part(self, share: float) -> "Budget":
        """A share of what is left, to be paid back with ``pay``."""
        left_s = None if self.until is None else max(0.0, self.until - time.monotonic())
        return Budget(
            until=None if left_s is None else time.monotonic() + left_s * share,
            solutions=None if self.solutions is None else max(1, round((self.solutions - self.spent) * share)),
            cancel=self.cancel,
        )

    def pay(self, part: "Budget") -> None:
        """Count what a part has spent."""
        self.spent += part.spent


def iterated_local_search(
    arrays: Arrays, n_served: int, budget: Budget, found: Found | None = None
) -> list[list[int]] | None:
    """Orders by ruin and recreate from OR-Tools' own first solution; None when it found none in time.

    ``n_served`` is how many stops a good plan serves, ``FEWEST_SERVED`` at least; ``found`` hears the objective of
    every better solution.
    Source: settings measured on field service and VRPTW instances, OR-Tools 9.15.
    """
    parameters = _parameters(budget)
    perturbation = parameters.iterated_local_search_parameters
    perturbation.ruin_recreate_parameters.ruin_strategies.add().random_walk.num_removed_visits = min(
        N_REMOVED, n_served // 4
    )
    perturbation.improve_perturbed_solution = True
    acceptance = perturbation.reference_solution_acceptance_strategy.simulated_annealing
    acceptance.automatic_temperatures = True
    model = build(arrays)
    _watch(model, budget, found)
    assignment = model.routing.SolveWithIteratedLocalSearch(parameters)
    return None if assignment is None else model.orders(assignment)


def guided_local_search(
    arrays: Arrays, start: Sequence[Sequence[int]], budget: Budget, found: Found | None = None
) -> list[list[int]] | None:
    """Orders by guided local search from given ones; None when OR-Tools could not complete the start in time."""
    parameters = _parameters(budget)
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    model = build(arrays)
    _watch(model, budget, found)
    model.routing.CloseModelWithParameters(parameters)
    given = model.assignment(start)
    if given is None:
        return None
    assignment = model.routing.SolveFromAssignmentWithParameters(given, parameters)
    return None if assignment is None else model.orders(assignment)


def stated_points(arrays: Arrays, orders: Sequence[Sequence[int]]) -> int | None:
    """OR-Tools' own objective of given orders, None when the model does not accept them: the gate."""
    model = build(arrays)
    # The first solution is the given one, completed with times.
    parameters = _parameters(Budget(until=None, solutions=1))
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    model.routing.CloseModelWithParameters(parameters)
    given = model.assignment(orders)
    if given is None:
        return None
    solution = model.routing.SolveFromAssignmentWithParameters(given, parameters)
    return None if solution is None else int(solution.ObjectiveValue())


def _parameters(budget: Budget) -> routing_parameters_pb2.RoutingSearchParameters:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.LOCAL_CHEAPEST_INSERTION
    for operator in SLOW_OPERATORS:
        setattr(parameters.local_search_operators, operator, optional_boolean_pb2.BOOL_FALSE)
    # Completing a start counts as a neighbourhood search; the default of 0.1 s is too short for 1,000 stops.
    parameters.lns_time_limit.FromMilliseconds(1000)
    if budget.until is not None:
        parameters.time_limit.FromMilliseconds(max(1, round(1000 * (budget.until - time.monotonic()))))
    if budget.solutions is not None:
        parameters.solution_limit = max(1, budget.solutions - budget.spent)
    return parameters


def _watch(model: Model, budget: Budget, found: Found | None) -> None:
    """Count solutions, tell of better ones, stop when asked to.

    An iterated local search of OR-Tools 9.15 does not heed ``CancelSearch``: ``routing.pool`` ends its process.
    """
    best: int | None = None
    routing = model.routing

    def at_solution() -> None:
        nonlocal best
        budget.spent += 1
        points = int(routing.CostVar().Value())
        if best is None or points < best:
            best = points
            if found is not None:
                found(points, model.orders)
        if budget.cancelled():
            routing.CancelSearch()

    routing.AddAtSolutionCallback(at_solution)
