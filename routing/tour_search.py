"""A search for a fast round trip, and the proof that none is faster: OR-Tools' CP-SAT, after guided local search of many.

CP-SAT lets other threads run; guided local search holds the interpreter's lock.
"""

import math
import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.sat.python import cp_model

from routing.tour import QUICK_DESTINATIONS, duration_s
from routing.types import UNREACHABLE

PROOF_DESTINATIONS = 120
"""Up to here a proof is worth trying after guided local search."""

SEARCH_SHARE = 0.6
"""Of the time, to guided local search where a proof is tried after it."""

PROOF_WORK_PER_ITERATION_S = 0.01
"""CP-SAT's own, reproducible measure of work for each solution to look at; a hundred took 6 to 10 s on a busy core."""

STUCK_S, STUCK_S_PER_SOLUTION = 5.0, 0.05
"""A search that only counts solutions is ended after so long: OR-Tools counts none when it finds nothing new."""


class Found(NamedTuple):
    """Places 1 to n in an order, who found it, and whether it is proven that none is faster."""

    order: list[int]
    found_by: str
    proven: bool


def search(
    legs_s: NDArray[np.int64],
    order: list[int],
    found_by: str,
    *,
    limit_s: float | None,
    iterations: int | None,
    seed: int,
) -> Found:
    """An order at least as fast as the one to begin with; that one unless another is faster.

    Parameters
    ----------
    legs_s : int64 array (n + 1, n + 1) of a round trip from place 0; ``UNREACHABLE`` is no leg
    order, found_by : to begin with
    limit_s, iterations : as ``routing.tour.best_order`` takes them; one of them at least
    seed : of CP-SAT; guided local search knows no chance
    """
    n, began, best = len(legs_s) - 1, time.monotonic(), Found(order, found_by, proven=False)
    work_s = math.inf if iterations is None else iterations * PROOF_WORK_PER_ITERATION_S
    if n > QUICK_DESTINATIONS:
        share = SEARCH_SHARE if n <= PROOF_DESTINATIONS else 1.0
        best = _guided_local_search(legs_s, best, None if limit_s is None else share * limit_s, iterations)
    if n <= PROOF_DESTINATIONS:
        best = _proof(legs_s, best, _left_s(limit_s, began), work_s, seed)
    return best


def _left_s(limit_s: float | None, began: float) -> float | None:
    return None if limit_s is None else max(0.001, limit_s - (time.monotonic() - began))


def _guided_local_search(
    legs_s: NDArray[np.int64], best: Found, limit_s: float | None, iterations: int | None
) -> Found:
    """Source: Voudouris & Tsang (1999), European Journal of Operational Research 113(2), 469-499."""
    manager = pywrapcp.RoutingIndexManager(len(legs_s), 1, 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(legs_s.tolist()))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    if iterations is not None:
        parameters.solution_limit = iterations
        stuck_s = STUCK_S + STUCK_S_PER_SOLUTION * iterations
        limit_s = stuck_s if limit_s is None else limit_s
    if limit_s is not None:
        parameters.time_limit.FromMilliseconds(max(1, round(1000 * limit_s)))
    model.CloseModelWithParameters(parameters)
    first = model.ReadAssignmentFromRoutes([[manager.NodeToIndex(place) for place in best.order]], True)
    solution = None if first is None else model.SolveFromAssignmentWithParameters(first, parameters)
    if solution is None:
        return best
    found, at = [], solution.Value(model.NextVar(model.Start(0)))
    while not model.IsEnd(at):
        found.append(manager.IndexToNode(at))
        at = solution.Value(model.NextVar(at))
    return _better(legs_s, best, Found(found, "ortools", proven=False))


def _proof(legs_s: NDArray[np.int64], best: Found, limit_s: float | None, work_s: float, seed: int) -> Found:
    """CP-SAT from the best order: every place is left once, towards one place, on one ring."""
    model = cp_model.CpModel()
    follows = dict(zip([0, *best.order], [*best.order, 0], strict=True))
    legs = [(int(i), int(j)) for i, j in np.argwhere(legs_s < UNREACHABLE) if i != j]
    taken = [model.new_bool_var("") for _ in legs]
    model.add_circuit([(i, j, leg) for (i, j), leg in zip(legs, taken, strict=True)])
    model.minimize(cp_model.LinearExpr.weighted_sum(taken, [int(legs_s[leg]) for leg in legs]))
    for (i, j), leg in zip(legs, taken, strict=True):
        model.add_hint(leg, follows[i] == j)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = seed
    if limit_s is not None:
        solver.parameters.max_time_in_seconds = limit_s
    if math.isfinite(work_s):
        solver.parameters.max_deterministic_time = work_s
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return best
    after = {i: j for (i, j), leg in zip(legs, taken, strict=True) if solver.boolean_value(leg)}
    found, at = [], after[0]
    while at:
        found.append(at)
        at = after[at]
    return _better(legs_s, best, Found(found, "cp-sat", proven=status == cp_model.OPTIMAL))


def _better(legs_s: NDArray[np.int64], best: Found, found: Found) -> Found:
    """The faster of the two, the first when they are equal; what proves one proves both then."""
    if duration_s(legs_s, found.order) < duration_s(legs_s, best.order):
        return found
    return best._replace(proven=found.proven)
