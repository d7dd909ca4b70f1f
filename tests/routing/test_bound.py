"""No plan costs less than the bound."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_cases import rich_problem
from routing_cases import HOUR, four_jobs

from routing.arrays import arrays_of
from routing.bound import lower_bound
from routing.solver import solve
from routing.types import Frozen, Skills


def bound_of(problem):
    return lower_bound(arrays_of(problem))


def changed(problem, **changes):
    return replace(problem, stops=(replace(problem.stops[0], **changes), *problem.stops[1:]))


def test_somebody_drives_to_each_stop():
    # Ten minutes to each from the one before or from home.
    assert bound_of(four_jobs()) == 4 * 600


def test_a_stop_that_is_cheaper_left_out_counts_at_that_price():
    assert bound_of(changed(four_jobs(), unserved_cost=100)) == 3 * 600 + 100


def test_a_stop_that_nobody_may_serve_counts_at_its_price():
    assert bound_of(changed(four_jobs(), skills=Skills(all_of=frozenset({"gas"})))) == 3 * 600 + 10_800


def test_a_stop_that_has_been_served_cannot_be_left_out():
    problem = changed(four_jobs(), unserved_cost=0, skills=Skills(all_of=frozenset({"gas"})))
    done = replace(problem.vehicles[0], frozen=(Frozen("a", 8 * HOUR),))
    assert bound_of(replace(problem, vehicles=(done,))) == 4 * 600


@pytest.mark.parametrize("which", ["stops", "vehicles"])
def test_without_stops_or_vehicles_the_bound_is_the_plan(which):
    problem = replace(four_jobs(), **{which: ()})
    assert bound_of(problem) == solve(problem, iterations=0).objective.total


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_no_plan_is_cheaper(seed):
    problem = rich_problem(seed, n_stops=9, n_vehicles=3)
    plan = solve(problem, iterations=60)
    assert plan.bound == bound_of(problem) <= plan.objective.total
