"""OR-Tools alone, at its best settings: our statement of the problem, its own first solution and search.

Source: settings measured on field service and vehicle routing instances, OR-Tools 9.15: insertion first, then ruin
and recreate under simulated annealing, without the operators that cost more time than they gain.
"""

import time
from dataclasses import replace

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util import optional_boolean_pb2

from routing.model import build
from routing.search import N_REMOVED, PAIR_OPERATORS, SLOW_OPERATORS
from routing.types import Problem

SMALLEST_TO_RUIN = 80
"""OR-Tools 9.15 never ends a ruin that is to remove more visits than a solution has; below, no visits are removed."""


def tuned_orders(problem: Problem, limit_s: float, seed: int) -> list[list[int]] | None:
    """Orders of stop positions by vehicle; None when it found no solution in time. The seed shuffles the stops."""
    began_s = time.perf_counter()
    shuffled = np.random.default_rng(seed).permutation(len(problem.stops))
    mixed = replace(problem, stops=tuple(problem.stops[number] for number in shuffled))
    model = build(mixed)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.LOCAL_CHEAPEST_INSERTION
    for operator in SLOW_OPERATORS + (() if problem.deliveries else PAIR_OPERATORS):
        setattr(parameters.local_search_operators, operator, optional_boolean_pb2.BOOL_FALSE)
    parameters.time_limit.FromMilliseconds(max(1, round(1000 * (limit_s - (time.perf_counter() - began_s)))))
    if len(problem.stops) < SMALLEST_TO_RUIN or problem.deliveries:
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        assignment = model.routing.SolveWithParameters(parameters)
    else:
        perturbation = parameters.iterated_local_search_parameters
        perturbation.ruin_recreate_parameters.ruin_strategies.add().random_walk.num_removed_visits = N_REMOVED
        perturbation.improve_perturbed_solution = True
        perturbation.reference_solution_acceptance_strategy.simulated_annealing.automatic_temperatures = True
        assignment = model.routing.SolveWithIteratedLocalSearch(parameters)
    if assignment is None:
        return None
    return [[int(shuffled[stop]) for stop in order] for order in model.orders(assignment)]
