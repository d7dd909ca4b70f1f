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

PAIR_OPERATORS = (
    "use_relocate_pair",
    "use_exchange_pair",
    "use_light_relocate_pair",
    "use_relocate_subtrip",
    "use_exchange_subtrip",
)
"""Local search operators that move a delivery with its pickup; without deliveries they only take time."""

SLOW_OPERATORS = (
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


STUCK_S, STUCK_S_PER_STOP = 5.0, 0.01
"""After so long, the second for each solution and stop, a search that is to count solutions has none left to count.

Where nothing new is left to be found, OR-Tools 9.15 goes on for ever and counts nothing: small plans come to that. As
long as it finds any, a solution takes at most a fifth of this time: 0.36 s with promises at 200 stops on a busy machine.
"""


def iterated_local_search(
    problem: Problem, n_served: int, budget: Budget, found: Found | None = None
) -> list[list[int]] | None:
    """Orders by ruin and recreate from OR-Tools' own first solution; None when it found none in time.

    ``n_served`` is how many stops a good plan serves, ``FEWEST_SERVED`` at least; ``found`` hears the objective of
    every better solution.
    Source: settings measured on field service and VRPTW instances, OR-Tools 9.15.
    """
    for strategy in _first_solutions(problem):
        parameters = _parameters(problem, budget)
        parameters.first_solution_strategy = strategy
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
        if assignment is not None:
            return model.orders(assignment)
        if budget.exhausted():
            break
    return None


def _first_solutions(problem: Problem) -> list[int]:
    """How to find a plan to begin with, and what to try when that finds none.

    Insertion knows nothing of successions and crews: of small problems with frozen stops and deliveries besides, it left
    one in seven without a plan, where growing routes leg by leg found one each time, though slowly.
    """
    strategies = routing_enums_pb2.FirstSolutionStrategy
    if problem.successions or problem.crews:
        return [strategies.LOCAL_CHEAPEST_INSERTION, strategies.PATH_CHEAPEST_ARC]
    return [strategies.LOCAL_CHEAPEST_INSERTION]


def guided_local_search(
    problem: Problem, start: Sequence[Sequence[int]], budget: Budget, found: Found | None = None
) -> list[list[int]] | None:
    """Orders by guided local search from given ones; None when OR-Tools could not complete the start in time."""
    parameters = _parameters(problem, budget)
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    model = build(problem)
    _watch(model, budget, found)
    model.routing.CloseModelWithParameters(parameters)
    given = model.assignment(start)
    if given is None:
        return None
    assignment = model.routing.SolveFromAssignmentWithParameters(given, parameters)
    return None if assignment is None else model.orders(assignment)


def _parameters(problem: Problem, budget: Budget) -> routing_parameters_pb2.RoutingSearchParameters:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    for operator in SLOW_OPERATORS if problem.deliveries else SLOW_OPERATORS + PAIR_OPERATORS:
        setattr(parameters.local_search_operators, operator, optional_boolean_pb2.BOOL_FALSE)
    # Completing a start counts as a neighbourhood search; the default of 0.1 s is too short for 1,000 stops.
    parameters.lns_time_limit.FromMilliseconds(1000)
    if budget.until is not None:
        parameters.time_limit.FromMilliseconds(max(1, round(1000 * (budget.until - time.monotonic()))))
    if budget.solutions is not None:
        parameters.solution_limit = max(1, budget.solutions - budget.spent)
        if budget.until is None:
            patience_s = STUCK_S + STUCK_S_PER_STOP * len(problem.stops) * parameters.solution_limit
            parameters.time_limit.FromMilliseconds(round(1000 * patience_s))
    return parameters


def _watch(model: Model, budget: Budget, found: Found | None) -> None:
    """Count solutions, tell of better ones, stop when asked to.

    An iterated local search of OR-Tools 9.15 does not heed ``CancelSearch``: ``routing.pool`` ends its process.
    """
    best: int | None = None
    routing = model.routing

    def at_solution() -> None:
        nonlocal best
        budget.look(1)
        cost = routing.CostVar()
        # A ruined and recreated solution comes by before its times, and what they cost, are chosen.
        if cost.Bound() and (best is None or cost.Value() < best):
            best = int(cost.Value())
            if found is not None:
                found(best, model.orders)
        if budget.cancelled():
            routing.CancelSearch()

    routing.AddAtSolutionCallback(at_solution)
