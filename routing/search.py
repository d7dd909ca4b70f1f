"""OR-Tools at work on a stated problem: its settings, its budget, its improvements as they come."""

import time
from collections.abc import Callable, Sequence

from ortools.constraint_solver import pywrapcp, routing_enums_pb2, routing_parameters_pb2
from ortools.util import optional_boolean_pb2

from routing.budget import Budget
from routing.model import Model, build
from routing.types import Problem

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


STUCK_S, STUCK_S_PER_SOLUTION = 10.0, 0.1
"""After so long an iterated local search that is to count solutions has none left to count, and ends.

Where each ruined plan is mended to what it was, OR-Tools 9.15 goes on for ever and counts nothing; a solution takes it
0.02 s at most as long as it finds any.
"""


def iterated_local_search(
    problem: Problem, n_served: int, budget: Budget, found: Found | None = None
) -> list[list[int]] | None:
    """Orders by ruin and recreate from OR-Tools' own first solution; None when it found none in time.

    ``n_served`` is how many stops a good plan serves, ``FEWEST_SERVED`` at least; ``found`` hears the objective of
    every better solution.
    Source: settings measured on field service and VRPTW instances, OR-Tools 9.15.
    """
    parameters = _parameters(budget)
    if budget.until is None and budget.solutions is not None:
        patience_s = STUCK_S + STUCK_S_PER_SOLUTION * (budget.solutions - budget.spent)
        parameters.time_limit.FromMilliseconds(round(1000 * patience_s))
    perturbation = parameters.iterated_local_search_parameters
    perturbation.ruin_recreate_parameters.ruin_strategies.add().random_walk.num_removed_visits = min(
        N_REMOVED, n_served // 4
    )
    perturbation.improve_perturbed_solution = True
    acceptance = perturbation.reference_solution_acceptance_strategy.simulated_annealing
    acceptance.automatic_temperatures = True
    model = build(problem)
    _watch(model, budget, found)
    assignment = model.routing.SolveWithIteratedLocalSearch(parameters)
    return None if assignment is None else model.orders(assignment)


def guided_local_search(
    problem: Problem, start: Sequence[Sequence[int]], budget: Budget, found: Found | None = None
) -> list[list[int]] | None:
    """Orders by guided local search from given ones; None when OR-Tools could not complete the start in time."""
    parameters = _parameters(budget)
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    model = build(problem)
    _watch(model, budget, found)
    model.routing.CloseModelWithParameters(parameters)
    given = model.assignment(start)
    if given is None:
        return None
    assignment = model.routing.SolveFromAssignmentWithParameters(given, parameters)
    return None if assignment is None else model.orders(assignment)


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
        cost = routing.CostVar()
        # A ruined and recreated solution comes by before its times, and what they cost, are chosen.
        if cost.Bound() and (best is None or cost.Value() < best):
            best = int(cost.Value())
            if found is not None:
                found(best, model.orders)
        if budget.cancelled():
            routing.CancelSearch()

    routing.AddAtSolutionCallback(at_solution)
