"""The fast kernel: what it knows of its rows is what they are, and it states what it says it states."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lean_runs import after, cheapest_way_in
from plain_cases import plain_problem, promised_problem, short_days_problem
from routing_cases import HOUR, four_jobs

from routing.arrays import arrays_of
from routing.improve.lean import columns as at
from routing.improve.lean.ground import ground_of, unstated
from routing.improve.lean.insert import way_in
from routing.improve.lean.loop import run
from routing.improve.lean.manner import DAYS, FLEET
from routing.improve.lean.rows import current_orders as current
from routing.improve.lean.rows import most_stops, state_of
from routing.insertion import first_orders
from routing.orders import Orders
from routing.solver import solve
from routing.types import Break, Succession


def fleet_problem(seed, n_stops=30):
    """Vehicles that are alike, from one depot."""
    problem = plain_problem(seed & ~0b1111, n_stops, 6)
    first = replace(problem.vehicles[0], skills=frozenset("xyz"), max_stops=None, max_travel_s=None)
    vehicles = tuple(replace(first, id=vehicle.id) for vehicle in problem.vehicles)
    return replace(problem, vehicles=vehicles)


def short_fleet_problem(seed):
    """The same, each away for three hours at most."""
    problem = fleet_problem(seed, 5 + seed % 25)
    return replace(problem, vehicles=tuple(replace(v, breaks=(), max_work_s=3 * HOUR) for v in problem.vehicles))


CASES = st.one_of(
    st.builds(lambda seed: (plain_problem(seed, 5 + seed % 25, 1 + seed % 5), DAYS), st.integers(0, 10**6)),
    st.builds(lambda seed: (fleet_problem(seed, 5 + seed % 25), FLEET), st.integers(0, 10**6)),
    st.builds(lambda seed: (short_days_problem(seed, 5 + seed % 25, 1 + seed % 5), DAYS), st.integers(0, 10**6)),
    st.builds(lambda seed: (short_fleet_problem(seed), FLEET), st.integers(0, 10**6)),
)


def in_rows(state):
    """What is known of each row: its positions, of both ends what has a meaning there, and its sums."""
    known = []
    for v, n in enumerate(state.head[at.LENGTH].tolist()):
        row = state.row[v, : n + 2].copy()
        row[0, [at.FREE_BY, at.OWING_BY]] = 0
        row[-1, [at.ARC, at.DRIVE, at.FREE, at.OWING]] = 0
        known.append(row.tolist())
    return known, state.head[[at.LENGTH, at.TRAVEL, at.IDLE]].tolist(), int(state.numbers[at.TOTAL])


@settings(max_examples=80)
@given(case=CASES, seed=st.integers(1, 5))
def test_what_is_known_of_rows_is_what_a_look_from_nothing_finds(case, seed):
    problem, manner = case
    ground, state = after(problem, 300, seed, manner)
    assert in_rows(state) == in_rows(state_of(ground, current(state), 1))
    served = [s for order in current(state) for s in order]
    left = state.left[: state.numbers[at.N_LEFT]].tolist()
    assert sorted(served + left) == list(range(len(problem.stops)))


@settings(max_examples=80)
@given(case=CASES, seed=st.integers(1, 5))
def test_every_row_can_be_driven_at_the_price_that_the_kernel_says(case, seed):
    problem, manner = case
    _, state = after(problem, 300, seed, manner)
    orders = Orders(arrays_of(problem), current(state))
    assert orders.drivable()
    assert orders.points() == state.numbers[at.TOTAL]


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_a_stop_goes_where_it_is_cheapest_of_all_places_that_keep_the_limit_of_working_time(seed):
    problem = short_days_problem(seed, 12, 3)
    arrays = arrays_of(problem)
    ground, state = after(problem, 60, seed)
    rows = current(state)
    served = {s for row in rows for s in row}
    for s in (s for s in range(len(arrays.stops)) if s not in served):
        for v, row in enumerate(rows):
            if arrays.eligible[s, v]:
                assert way_in(ground, state, v, s) == cheapest_way_in(ground, arrays, v, row, s)


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6))
def test_promised_times_are_never_priced_too_low_and_rarely_too_high(seed):
    problem = promised_problem(seed)
    _, state = after(problem, 200, seed)
    orders = Orders(arrays_of(problem), current(state))
    assert orders.drivable()
    assert orders.points() <= state.numbers[at.TOTAL] <= orders.points() + 900 * len(problem.stops) // 4


def test_a_day_is_searched_again_with_its_promises_kept():
    problem = promised_problem(8, 30, 5)
    plan = solve(problem, iterations=3000)
    assert plan.search.found_by in ("compiled ruin and recreate", "relocation")
    assert plan.objective.total < solve(problem, iterations=0).objective.total


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"successions": (Succession("a", "b"),)}, "successions"),
        ({"late_cost_per_s": 1, "due_s": 10}, "late_cost_per_s"),
    ],
)
def test_what_the_kernel_does_not_state_is_named(changed, named):
    problem = four_jobs()
    if "successions" in changed:
        problem = replace(problem, **changed)
    else:
        problem = replace(problem, stops=(replace(problem.stops[0], **changed), *problem.stops[1:]))
    assert unstated(arrays_of(problem)) == named
    assert not unstated(arrays_of(four_jobs()))


def test_two_breaks_are_not_for_the_fast_kernel():
    problem = four_jobs()
    rests = (Break(9 * HOUR, 10 * HOUR, 600), Break(12 * HOUR, 13 * HOUR, 600))
    problem = replace(problem, vehicles=tuple(replace(vehicle, breaks=rests) for vehicle in problem.vehicles))
    assert unstated(arrays_of(problem)) == "several breaks"


def test_a_row_is_as_wide_as_the_shortest_stops_need():
    problem = plain_problem(3, n_stops=40, n_vehicles=4)
    _, state = after(problem, 500)
    assert state.head[at.LENGTH].max() <= most_stops(ground_of(arrays_of(problem))) < 40


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    problem = plain_problem(5, n_stops=60, n_vehicles=5)
    assert current(after(problem, 300)[1]) == current(after(problem, 300)[1])
    assert current(after(problem, 300)[1]) != current(after(problem, 300, seed=2)[1])


def test_a_plan_only_gets_better_and_the_best_is_kept():
    problem = plain_problem(6, n_stops=60, n_vehicles=5)
    arrays = arrays_of(problem)
    ground, first = ground_of(arrays), first_orders(arrays)
    state = state_of(ground, first.orders, 1)
    bests = [first.points()]
    for _ in range(20):
        run(ground, state, DAYS, 50, 900.0, 900.0, 0.0, 1.0)
        bests.append(int(state.numbers[at.BEST]))
    assert bests == sorted(bests, reverse=True)
    assert bests[-1] < bests[0]
    assert np.all(state.numbers[at.TOTAL] >= state.numbers[at.BEST])
