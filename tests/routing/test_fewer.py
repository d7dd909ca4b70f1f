"""Few vehicles first, where each costs more than any detour."""

import pytest
from fleet_cases import fleet
from hypothesis import given, settings
from hypothesis import strategies as st
from pair_cases import courier_problem

from routing.arrays import arrays_of
from routing.budget import Budget
from routing.check import violations
from routing.improve.lean import columns as at
from routing.improve.lean.cooling import median_fifth
from routing.improve.lean.fewer import counts_vehicles, least_vehicles, with_fewer
from routing.improve.lean.ground import ground_of
from routing.improve.lean.manner import FLEET, PAIRS
from routing.improve.lean.search import Lean
from routing.orders import Orders
from routing.solver import solve

DEAR = 100_000
"""Points for a vehicle: more than a day of driving in these problems."""

CASES = st.one_of(
    st.builds(lambda seed: courier_problem(seed, 8 + 2 * (seed % 5), 9, cost_fixed=DEAR), st.integers(0, 10**6)),
    st.builds(lambda seed: fleet(seed, 6 + seed % 12, 9, cost_fixed=DEAR), st.integers(0, 10**6)),
)


def one_each(ground):
    """Every stop, or what is fetched and brought, with a vehicle of its own as far as they go; the others are left over."""
    orders = [
        [s, b] if b >= 0 else [s] for s, (b, f) in enumerate(ground.stop[:, [at.BRINGS, at.FETCHED]].tolist()) if f < 0
    ]
    return (orders + [[] for _ in ground.vehicle])[: len(ground.vehicle)]


@settings(max_examples=30)
@given(problem=CASES, seed=st.integers(1, 5))
def test_fewer_vehicles_serve_everything_within_every_limit(problem, seed):
    arrays = arrays_of(problem)
    ground = ground_of(arrays)
    assert counts_vehicles(ground)
    first = Lean.from_nothing(ground, [[] for _ in problem.vehicles]).orders()
    narrow, rows = with_fewer(ground, first, seed, PAIRS, median_fifth(ground), Budget(None, 400))
    assert len(rows) == len(narrow.vehicle)
    orders = Orders(arrays, [*rows, *[[] for _ in problem.vehicles[len(rows) :]]])
    assert orders.drivable()
    n_served = sum(map(len, rows))
    assert n_served >= sum(map(len, first))
    if n_served == len(problem.stops):
        assert least_vehicles(ground) <= len(rows) <= sum(map(bool, first)) or sum(map(len, first)) < n_served
    else:
        assert rows == first


@pytest.mark.parametrize("problem", [courier_problem(1, 12, 9, cost_fixed=DEAR), fleet(1, 14, 9, cost_fixed=DEAR)])
def test_a_vehicle_for_each_is_far_more_than_are_needed(problem):
    ground = ground_of(arrays_of(problem))
    manner = PAIRS if problem.deliveries else FLEET
    _, rows = with_fewer(ground, one_each(ground), 1, manner, median_fifth(ground), Budget(None, 2000))
    assert sum(map(len, rows)) == len(problem.stops)
    assert len(rows) <= 3


def test_vehicles_that_cost_little_are_not_counted():
    assert not counts_vehicles(ground_of(arrays_of(fleet(1, 14, 9, cost_fixed=100))))


@pytest.mark.parametrize("seed", range(3))
def test_solve_needs_few_vehicles_and_the_judge_accepts_its_plan(seed):
    problem = courier_problem(seed, 24, 9, cost_fixed=DEAR)
    plan = solve(problem, iterations=3000)
    assert not violations(problem, plan)
    assert not plan.unassigned
    assert len(plan.routes) <= len(solve(problem, iterations=0).routes)
    assert plan == solve(problem, iterations=3000)
