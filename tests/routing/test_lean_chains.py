"""Fleets that are alike: plans that meet are glued where they agree, and nothing is lost or gained by the gluing."""

import pytest
from fleet_cases import fleet, two_depots
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.arrays import arrays_of
from routing.budget import Budget
from routing.improve.lean import columns as at
from routing.improve.lean.chains import fleet_search, is_fleet, trimmed
from routing.improve.lean.contract import contracted
from routing.improve.lean.ground import ground_of
from routing.improve.lean.manner import FLEET
from routing.improve.lean.search import Lean
from routing.orders import Orders
from routing.solver import solve
from routing.types import Break


def two_plans(ground, seed):
    """Plans of two short searches."""
    plans = []
    for k in (1, 2):
        lean = Lean.from_chance(ground, seed + k, FLEET)
        lean.run(300, 200.0, 20.0, 0.0, 0.999)
        plans.append(lean)
    return plans


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), n_stops=st.integers(4, 25))
def test_a_plan_over_segments_is_a_plan_over_their_stops_at_the_same_price(seed, n_stops):
    problem = fleet(seed, n_stops)
    ground, arrays = ground_of(arrays_of(problem)), arrays_of(problem)
    one, other = two_plans(ground, seed)
    small = contracted(ground, one.orders(), other.orders())
    for parent in (one, other):
        again = Lean(small.ground, small.orders(parent.orders()), 1, FLEET)
        assert again.best + small.inner_points == parent.best
    again.run(300, 200.0, 20.0, 0.0, 0.999)
    orders = Orders(arrays, small.expanded(again.orders()))
    assert orders.drivable()
    assert orders.points() == again.best + small.inner_points


def test_what_both_plans_have_is_glued_and_nothing_else():
    ground = ground_of(arrays_of(fleet(1, 6)))
    small = contracted(ground, [[0, 1, 2], [3, 4, 5]], [[5, 0, 1], [2], [3, 4]])
    assert small.segments == [[0, 1], [2], [3, 4], [5]]
    assert small.orders([[0, 1, 2], [3, 4, 5]]) == [[0, 1], [2, 3]]
    assert small.expanded([[0, 1], [2, 3]]) == [[0, 1, 2], [3, 4, 5]]
    assert small.inner_points == ground.cost[0, 1] + ground.cost[3, 4]


def test_two_equal_plans_leave_one_segment_a_route():
    ground = ground_of(arrays_of(fleet(2)))
    plan = two_plans(ground, 2)[0].orders()
    assert sorted(contracted(ground, plan, plan).segments) == sorted(order for order in plan if order)


@pytest.mark.parametrize("iterations", [300, 60_000])
def test_a_search_of_many_chains_is_never_worse_than_its_start_and_the_same_each_time(iterations):
    arrays = arrays_of(fleet(3))
    ground = ground_of(arrays)
    start = Lean.from_nothing(ground, [[] for _ in ground.vehicle])
    runs = []
    for _ in range(2):
        told, budget = [(start.best, start.orders())], Budget(None, iterations)
        fleet_search(ground, start.orders(), 1, budget, lambda *best, told=told: told.append(best))
        assert budget.spent == pytest.approx(iterations, rel=0.05)
        runs.append(told)
    assert runs[0] == runs[1]
    totals = [points for points, _ in runs[0]]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] < totals[0]
    for points, orders in runs[0]:
        assert Orders(arrays, orders).drivable()
        assert Orders(arrays, orders).points() == points


def test_the_solver_serves_a_whole_fleet_and_says_who_found_it():
    plan = solve(fleet(4), iterations=40_000)
    assert not plan.unassigned
    assert plan.search.found_by in ("compiled ruin and recreate", "relocation")


def test_people_with_homes_breaks_or_skills_are_no_fleet():
    assert is_fleet(ground_of(arrays_of(fleet(5))))
    assert not is_fleet(ground_of(arrays_of(fleet(5, breaks=(Break(4000, 5000, 600),)))))
    assert not is_fleet(ground_of(arrays_of(fleet(5, n_vehicles=1))))


def test_vehicles_beyond_those_in_use_and_a_few_are_left_aside():
    ground = ground_of(arrays_of(fleet(6, n_vehicles=30)))
    orders = [[] for _ in range(30)]
    orders[3], orders[20] = [0, 1], [2]
    small, kept = trimmed(ground, orders)
    assert kept == [0, 1, 2, 3, 4, 20]
    assert len(small.vehicle) == len(small.may[0]) == len(small.able) == 6


def test_of_each_depot_some_vehicles_stay():
    ground = ground_of(arrays_of(two_depots(7)))
    small, kept = trimmed(ground, [[0, 1], *[[] for _ in range(19)]])
    assert kept == [0, 1, 2, 3, 4, 10, 11, 12, 13]
    assert small.vehicle[:, at.KIND].tolist() == [0] * 5 + [1] * 4


@pytest.mark.parametrize("n_vehicles", [2, 20])
def test_vehicles_of_two_depots_with_little_time_serve_all_that_they_can(n_vehicles):
    problem = two_depots(8, n_vehicles, max_work_s=4000)
    arrays, told = arrays_of(problem), []
    ground = ground_of(arrays)
    assert is_fleet(ground) == (n_vehicles > 2)
    start = Lean.from_nothing(ground, [[] for _ in ground.vehicle])
    fleet_search(ground, start.orders(), 1, Budget(None, 60_000), lambda *best: told.append(best))
    for points, orders in told:
        assert Orders(arrays, orders).drivable()
        assert Orders(arrays, orders).points() == points
    assert told[-1][0] < start.best
    assert (sum(map(len, told[-1][1])) == 25) == (n_vehicles > 2)


def plans_by(n_lanes, iterations):
    """What a search tells of when so many parts may run side by side."""
    ground = ground_of(arrays_of(fleet(3)))
    start, told, budget = [[] for _ in ground.vehicle], [], Budget(None, iterations)
    fleet_search(ground, start, 1, budget, lambda *best: told.append(best), n_lanes)
    return told, budget.spent


@pytest.mark.parametrize("iterations", [300, 60_000])
def test_the_number_of_lanes_changes_nothing_where_iterations_are_counted(iterations):
    assert plans_by(1, iterations) == plans_by(2, iterations) == plans_by(3, iterations)
