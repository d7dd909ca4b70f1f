"""Three opinions on the same plans: the judge, OR-Tools, and trying everything."""

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import mutated
from rich_cases import rich_problem

from routing.arrays import arrays_of
from routing.check import cost, violations
from routing.gate import gate
from routing.orders import Orders
from routing.solver import solve


def accepted(problem, plan):
    """The plan, once the judge, our sum and OR-Tools' own objective say the same of it."""
    assert violations(problem, plan) == []
    assert cost(problem, plan) == plan.objective
    assert gate(problem, plan).points == plan.objective.total
    assert gate(problem, plan).accepted
    return plan


@settings(max_examples=100)
@given(seed=st.integers(0, 10**6))
def test_every_plan_of_every_engine_is_accepted_and_costs_what_it_says(seed):
    problem = rich_problem(seed, n_stops=6 + seed % 9, n_vehicles=2 + seed % 2)
    by_insertion = accepted(problem, solve(problem, iterations=0))
    by_search = accepted(problem, solve(problem, iterations=24, seed=seed))
    by_ortools = accepted(problem, solve(problem, iterations=24, seed=seed, engine="ortools"))
    assert by_ortools.objective.total <= by_ortools.search.history[0].total
    warm = accepted(problem, solve(problem, iterations=2, seed=seed + 1, start=by_search))
    assert warm.objective.total <= by_search.objective.total <= by_search.search.history[0].total
    assert by_insertion.objective.total <= by_insertion.search.history[0].total


@settings(max_examples=150)
@given(seed=st.integers(0, 10**6))
def test_judge_and_gate_say_the_same_of_plans_made_wrong(seed):
    problem = rich_problem(seed, n_stops=7)
    plan = mutated(problem, solve(problem, iterations=0), seed)
    assert gate(problem, plan).accepted == (violations(problem, plan) == [])


def parts(stops, n_vehicles):
    """Every way to give each vehicle some of the stops, in every order."""
    if not n_vehicles:
        yield []
        return
    for n in range(len(stops) + 1):
        for chosen in combinations(stops, n):
            left = [stop for stop in stops if stop not in chosen]
            for order in permutations(chosen):
                for others in parts(left, n_vehicles - 1):
                    yield [list(order), *others]


def best_of_all(problem):
    """The least that any plan costs."""
    arrays = arrays_of(problem)
    free = [stop for stop in range(len(problem.stops)) if stop not in arrays.frozen_at]
    totals = []
    for chosen in parts(free, len(problem.vehicles)):
        orders = Orders(arrays, [[*done, *order] for done, order in zip(arrays.frozen, chosen, strict=True)])
        if orders.drivable():
            totals.append(orders.points())
    return min(totals)


@pytest.mark.parametrize("seed", range(24))
def test_the_best_of_all_plans_is_found_and_not_beaten(seed):
    problem = rich_problem(1000 + seed, n_stops=4)
    plan = solve(problem, iterations=250)
    assert plan.objective.total == best_of_all(problem)
    assert plan.bound <= plan.objective.total
