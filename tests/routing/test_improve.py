"""The compiled search: what it says a plan costs is what it costs, and nothing it finds breaks a limit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_python import in_another_process
from rich_cases import FEATURES, rich_problem
from routing_cases import four_jobs, random_problem

from routing.arrays import arrays_of
from routing.budget import Budget
from routing.improve.engine import Compiled, warm
from routing.insertion import first_orders
from routing.orders import Orders
from routing.solver import solve


def searched(problem, iterations, seed=1):
    """Totals and orders as the search tells of them, the first plan included."""
    arrays = arrays_of(problem)
    first = first_orders(arrays)
    told = [(first.points(), first.orders)]
    Compiled(arrays).search(first.orders, seed, Budget(None, iterations), lambda *best: told.append(best))
    return arrays, told


@settings(max_examples=80)
@given(seed=st.integers(0, 10**6))
def test_every_plan_told_of_can_be_driven_and_costs_what_is_told(seed):
    problem = rich_problem(seed, n_stops=6 + seed % 12, n_vehicles=2 + seed % 2)
    arrays, told = searched(problem, 300, seed)
    for total, orders in told:
        assert Orders(arrays, orders).drivable()
        assert Orders(arrays, orders).points() == total
    totals = [total for total, _ in told]
    assert totals == sorted(totals, reverse=True)


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_is_searched(feature):
    n_better = 0
    for seed in range(4):
        problem = rich_problem(seed, n_stops=14, n_vehicles=3, features=(feature,))
        arrays, told = searched(problem, 400)
        assert Orders(arrays, told[-1][1]).points() == told[-1][0]
        n_better += told[-1][0] < told[0][0]
    assert n_better


def test_the_same_seed_and_iterations_find_the_same_plan_in_another_process():
    problem = random_problem(4, n_stops=30, n_vehicles=4)
    here = solve(problem, iterations=500, seed=3)
    code = (
        "from routing_cases import random_problem; from routing.solver import solve;"
        "print(solve(random_problem(4, n_stops=30, n_vehicles=4), iterations=500, seed=3).objective.total)"
    )
    assert int(in_another_process(code)) == here.objective.total
    assert solve(problem, iterations=500, seed=3) == here


def test_a_problem_without_stops_to_move_is_left_as_it_is():
    problem = four_jobs(max_stops=0)
    assert solve(problem, iterations=50).unassigned == ("a", "b", "c", "d")


def test_getting_ready_twice_costs_nothing():
    warm()
    before = warm.cache_info().hits
    warm()
    assert warm.cache_info().hits == before + 1
