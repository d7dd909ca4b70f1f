"""Insertion, search and gate: what they return is accepted by the judge, and they agree on what it costs."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_cases import HOUR, four_jobs, on_a_street, random_problem

from routing import by_ortools
from routing.arrays import arrays_of
from routing.best import Progress
from routing.check import cost, violations
from routing.errors import SolveFailed
from routing.explain import why_served
from routing.gate import gate
from routing.insertion import first_orders
from routing.orders import Orders
from routing.plans import orders_of
from routing.solver import solve
from routing.types import Stop, Vehicle, Window


def accepted(problem, plan):
    """The plan, once the judge, our sum and OR-Tools' own objective say the same of it."""
    assert violations(problem, plan) == []
    assert cost(problem, plan) == plan.objective
    assert gate(problem, plan).points == plan.objective.total
    return plan


def test_four_jobs_on_a_street_are_driven_there_and_back():
    plan = accepted(four_jobs(), solve(four_jobs(), iterations=20))
    assert plan.objective.total == 4800
    assert plan.unassigned == ()


def test_a_job_that_costs_more_than_leaving_it_out_is_left_out():
    problem = four_jobs()
    cheap = replace(problem, stops=(*problem.stops[:3], replace(problem.stops[3], unserved_cost=1199)))
    assert accepted(cheap, solve(cheap, iterations=20)).unassigned == ("d",)
    worth = replace(problem, stops=(*problem.stops[:3], replace(problem.stops[3], unserved_cost=1201)))
    assert accepted(worth, solve(worth, iterations=20)).unassigned == ()


@pytest.mark.parametrize("iterations", [0, 30])
def test_a_problem_without_stops_or_vehicles_has_an_empty_plan(iterations):
    nobody = replace(four_jobs(), vehicles=())
    assert solve(nobody, iterations=iterations).unassigned == ("a", "b", "c", "d")
    assert solve(replace(four_jobs(), stops=()), iterations=iterations).routes == ()


def test_a_stop_that_can_only_be_served_outside_all_shifts_is_left_out():
    problem = four_jobs()
    early = replace(problem, stops=(replace(problem.stops[0], windows=(Window(0, HOUR),)), *problem.stops[1:]))
    assert accepted(early, solve(early, iterations=20)).unassigned == ("a",)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_plan_of_a_random_problem_is_accepted_by_judge_and_gate(seed):
    problem = random_problem(seed)
    by_insertion = accepted(problem, solve(problem, iterations=0))
    by_search = accepted(problem, solve(problem, iterations=40, seed=seed))
    assert by_search.objective.total <= by_insertion.objective.total


def test_the_best_of_all_orders_is_found_on_five_stops():
    problem = random_problem(7, n_stops=5, n_vehicles=1)
    arrays = arrays_of(problem)
    totals = []
    for n_served in range(6):
        for order in permutations(range(5), n_served):
            candidate = Orders(arrays, [list(order)])
            if candidate.feasible(0) and all(arrays.eligible[stop, 0] for stop in order):
                totals.append(candidate.points())
    assert solve(problem, iterations=200).objective.total == min(totals)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_insertion_finds_the_cheapest_of_all_feasible_places(seed):
    problem = random_problem(seed, n_stops=7)
    arrays = arrays_of(problem)
    orders = Orders(arrays, first_orders(arrays).orders)
    for stop in orders.unserved():
        tried = []
        for vehicle in np.flatnonzero(arrays.eligible[stop]):
            for position in range(len(orders.orders[vehicle]) + 1):
                moved = [list(order) for order in orders.orders]
                moved[vehicle].insert(position, stop)
                candidate = Orders(arrays, moved)
                if candidate.feasible(int(vehicle)):
                    extra = arrays.route_points(int(vehicle), moved[vehicle]) - arrays.route_points(
                        int(vehicle), orders.orders[vehicle]
                    )
                    tried.append((extra, int(vehicle), position))
        place = orders.cheapest(stop)
        assert (place and (place.extra_points, place.vehicle, place.position)) == (min(tried) if tried else None)


def test_a_plan_is_never_worse_than_the_one_it_starts_from():
    problem = random_problem(3, n_stops=12)
    start = solve(problem, iterations=200)
    again = solve(problem, iterations=0, start=start)
    assert again.objective.total <= start.objective.total


def test_a_start_that_breaks_a_limit_is_refused():
    problem = four_jobs()
    start = solve(problem, iterations=0)
    tight = replace(problem, vehicles=(replace(problem.vehicles[0], max_stops=1),))
    with pytest.raises(SolveFailed, match="breaks a limit"):
        solve(tight, iterations=0, start=start)


def test_a_start_that_speaks_of_strangers_is_refused():
    problem = four_jobs()
    start = solve(problem, iterations=0)
    with pytest.raises(SolveFailed, match="'a'"):
        solve(replace(problem, stops=problem.stops[1:]), iterations=0, start=start)


def test_the_same_budget_and_seed_give_the_same_plan():
    problem = random_problem(11, n_stops=14)
    assert solve(problem, iterations=60, seed=4) == solve(problem, iterations=60, seed=4)


def test_large_problems_are_searched_in_parts_and_stay_accepted(monkeypatch):
    monkeypatch.setattr(by_ortools, "WHOLE_MODEL_STOPS", 10)
    monkeypatch.setattr(by_ortools, "GROUP_VEHICLES", 2)
    problem = random_problem(5, n_stops=24, n_vehicles=5)
    floor = solve(problem, iterations=0)
    plan = accepted(problem, solve(problem, iterations=300, engine="ortools"))
    assert plan.objective.total < floor.objective.total
    assert plan == solve(problem, iterations=300, engine="ortools")
    assert plan.search.found_by == "OR-Tools on neighbouring routes"


def test_parts_without_stops_end_the_search(monkeypatch):
    monkeypatch.setattr(by_ortools, "WHOLE_MODEL_STOPS", 0)
    stop = Stop("a", 0, 600, (Window(0, 1),))
    problem = on_a_street([stop], [Vehicle("ana", 1, 1, 8 * HOUR, 9 * HOUR)], [0, 60])
    assert solve(problem, iterations=5, engine="ortools").unassigned == ("a",)


def test_progress_is_told_and_cancel_keeps_the_best():
    problem, told = random_problem(11, n_stops=14), []
    plan = solve(problem, limit_s=30, on_progress=told.append, cancel=lambda: bool(told))
    assert plan.search.stopped_by == "cancel"
    assert plan.objective.total <= told[0].total
    accepted(problem, plan)


@pytest.mark.parametrize("limits", [{"limit_s": 1, "iterations": 1}, {"limit_s": -1}, {"iterations": -1}])
def test_contradictory_limits_are_refused(limits):
    with pytest.raises(ValueError, match="limit"):
        solve(four_jobs(), **limits)


def test_the_plan_says_what_found_it_and_when():
    plan = solve(random_problem(11, n_stops=14), iterations=60)
    totals = [step.total for step in plan.search.history]
    assert totals == sorted(totals, reverse=True)
    assert plan.search.history[0].engine == "insertion"
    assert plan.search.history[-1].engine == plan.search.found_by
    assert totals[-1] == plan.objective.total


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_stop_of_a_plan_is_cheaper_elsewhere_or_left_out(seed):
    problem = random_problem(seed, n_stops=10)
    plan = solve(problem, iterations=0)
    arrays = arrays_of(problem)
    orders = Orders(arrays, orders_of(problem, plan))
    for stop in orders.unserved():
        place = orders.cheapest(stop)
        assert place is None or place.extra_points >= problem.stops[stop].unserved_cost
    for choice in why_served(problem, plan).values():
        price = next(stop.unserved_cost for stop in problem.stops if stop.id == choice.stop)
        assert choice.points <= min([price, *(points for _, points in choice.others)])


def test_progress_says_what_is_left_out_how_good_a_plan_can_be_and_how_many_were_looked_at():
    told = []
    problem = random_problem(8, n_stops=20)
    plan = solve(problem, iterations=400, on_progress=told.append)
    assert [now.n_plans for now in told] == sorted(now.n_plans for now in told)
    assert told[0].n_plans == 0
    assert told[-1].n_plans <= plan.search.iterations == 400
    assert told[-1].n_left_out == len(problem.stops) - sum(map(len, told[-1].orders))
    assert {now.bound for now in told} == {plan.bound}


def test_progress_is_told_in_two_lines_that_fit_a_terminal():
    now = Progress(29.94, 4_500_000, total=1_165_525, bound=102_313, n_left_out=77, engine="e", orders=[])
    assert now.told(30.0).splitlines() == [
        "search 29.9 of 30 s: 1,165,525 points, 77 left out, 150,301 plans/s",
        "none can be below 102,313; Ctrl-C keeps the best so far",
    ]
