"""Matrices by person, several windows, set-ups and distances in the fast kernel: rows are what is known of them."""

from dataclasses import replace

import pytest
from detail_cases import detailed_problem
from hypothesis import given, settings
from hypothesis import strategies as st
from lean_runs import after, cheapest_way_in
from routing_cases import HOUR, on_a_street

from routing.arrays import arrays_of
from routing.check import violations
from routing.improve.engine import Compiled
from routing.improve.lean import columns as at
from routing.improve.lean.ground import ground_of
from routing.improve.lean.insert import way_in
from routing.improve.lean.manner import DAYS, SERVING
from routing.improve.lean.rows import current_orders as current
from routing.improve.lean.rows import state_of
from routing.improve.lean.search import Lean
from routing.insertion import first_orders
from routing.orders import Orders
from routing.solver import solve
from routing.types import Matrix, Stop, Vehicle, Window

CASES = st.builds(lambda seed: detailed_problem(seed, 6 + seed % 19, 1 + seed % 4), st.integers(0, 10**6))


@settings(max_examples=150)
@given(problem=CASES, seed=st.integers(1, 5), manner=st.sampled_from((DAYS, SERVING)))
def test_every_row_can_be_driven_at_the_price_that_the_kernel_says(problem, seed, manner):
    ground, state = after(problem, 300, seed, manner)
    orders = Orders(arrays_of(problem), current(state))
    assert orders.drivable()
    if len(ground.promise):
        # Of promised times the kernel may say too much.
        assert orders.points() <= state.numbers[at.TOTAL]
    else:
        assert orders.points() == state.numbers[at.TOTAL]


@settings(max_examples=100)
@given(problem=CASES, seed=st.integers(1, 5))
def test_what_is_known_of_rows_is_what_a_look_from_nothing_finds(problem, seed):
    ground, state = after(problem, 300, seed)
    again = state_of(ground, current(state), 1)
    assert state.numbers[at.TOTAL] == again.numbers[at.TOTAL]
    assert state.who.tolist() == again.who.tolist()
    assert (state.head[[at.LENGTH, at.TRAVEL, at.IDLE]] == again.head[[at.LENGTH, at.TRAVEL, at.IDLE]]).all()
    for v, n in enumerate(state.head[at.LENGTH].tolist()):
        assert state.row[v, 1 : n + 1].tolist() == again.row[v, 1 : n + 1].tolist()


@settings(max_examples=150)
@given(problem=CASES)
def test_a_stop_or_both_ends_of_a_delivery_go_where_they_are_cheapest_of_all_places(problem):
    arrays = arrays_of(problem)
    ground, state = after(problem, 40)
    rows = current(state)
    for s in state.left[: state.numbers[at.N_LEFT]].tolist():
        for v, row in enumerate(rows):
            if ground.may[ground.stop[s, at.CLASS], v]:
                assert way_in(ground, state, v, s) == cheapest_way_in(ground, arrays, v, row, s)


@settings(max_examples=30)
@given(problem=CASES)
def test_settling_moves_stops_only_where_that_is_cheaper(problem):
    arrays = arrays_of(problem)
    lean = Lean(ground_of(arrays), first_orders(arrays).orders, 1)
    before = lean.best
    lean.settle()
    orders = Orders(arrays, lean.orders())
    assert orders.drivable()
    assert orders.points() <= lean.best <= before


def test_the_judge_accepts_what_solve_makes_of_days_with_details():
    n_better = 0
    for seed in range(20):
        problem = detailed_problem(seed, 24, 4)
        first, plan = solve(problem, iterations=0), solve(problem, iterations=1000)
        assert not violations(problem, plan)
        assert plan.objective.total <= first.objective.total
        n_better += plan.objective.total < first.objective.total
    assert n_better > 9


def test_a_set_up_is_paid_once_for_neighbours():
    stops = [Stop(name, 1, 600, setup_s=900) for name in "ab"]
    problem = on_a_street(stops, [Vehicle("ana", 0, 0, 8 * HOUR, 8 * HOUR + 3300)], [0, 600])
    ground, state = after(problem, 20)
    # 10 minutes there and back, one set-up of 15, twice 10 of service: not a second more.
    assert current(state) in ([[0, 1]], [[1, 0]])
    assert state.row[0, 2, at.FREE] == 8 * HOUR + 600 + 900 + 600 + 600
    assert ground.setup.tolist() == [[900, 900]]


def test_a_stop_waits_for_its_second_window_when_the_first_is_missed():
    stop = Stop("a", 1, 600, (Window(8 * HOUR, 8 * HOUR + 300), Window(10 * HOUR, 11 * HOUR)))
    _, state = after(on_a_street([stop], [Vehicle("ana", 0, 0, 8 * HOUR, 16 * HOUR)], [0, 600]), 20)
    assert state.row[0, 1, [at.FREE, at.FREE_BY]].tolist() == [10 * HOUR + 600, 11 * HOUR]


def test_each_drives_by_a_matrix_of_his_own():
    people = [Vehicle("ana", 0, 0, 0, HOUR), Vehicle("ben", 0, 0, 0, HOUR)]
    problem = on_a_street([Stop("a", 1, 600)], people, [0, 600])
    slow = Matrix(problem.matrix.duration_s * 2, problem.matrix.distance_m)
    problem = replace(problem, more_matrices=(slow,), vehicles=(replace(people[0], matrix=1), people[1]))
    ground, state = after(problem, 30)
    assert current(state) == [[], [0]]
    assert (way_in(ground, state, 0, 0), len(ground.drive)) == (2400, 4)


@pytest.mark.parametrize("limit_m", [11_999, 12_000])
def test_nobody_goes_further_than_he_may(limit_m):
    problem = on_a_street([Stop("a", 1, 600)], [Vehicle("ana", 0, 0, 0, 9 * HOUR, max_distance_m=limit_m)], [0, 600])
    _, state = after(problem, 20)
    assert current(state) == ([[0]] if limit_m >= 12_000 else [[]])


def test_who_is_left_out_is_told_by_what_a_place_costs():
    names, far = "abcdefgh", range(600, 5400, 600)
    # The shorter the work, the longer the way: by worth a second the far ones would come first.
    stops = [Stop(name, k + 1, 3000 - 300 * k, unserved_cost=10**7) for k, name in enumerate(names)]
    problem = on_a_street(stops, [Vehicle("ana", 0, 0, 0, 24 * HOUR, max_stops=3)], [0, *far])
    arrays = arrays_of(problem)
    lean = Compiled(arrays).kernel([[5, 6, 7]], 1)
    assert lean.manner is SERVING
    lean.run(200, 100.0, 10.0, 0.0, 0.999)
    assert sorted(lean.orders()[0]) == [0, 1, 2]
