"""Districts: what is cut out of a day is that part of it, and what comes of its parts is a plan of the whole."""

from itertools import chain

import numpy as np
from detail_cases import detailed_problem
from hypothesis import given, settings
from hypothesis import strategies as st
from pair_cases import loaded_problem, paired_problem
from plain_cases import plain_problem, promised_problem, short_days_problem

from routing.arrays import arrays_of
from routing.budget import Budget
from routing.improve.lanes import Lanes
from routing.improve.lean import columns as at
from routing.improve.lean.districts import STOPS, Districts, cut, n_districts
from routing.improve.lean.ground import ground_of
from routing.improve.lean.insert import way_in
from routing.improve.lean.manner import DAYS
from routing.improve.lean.part import part_of
from routing.improve.lean.search import Lean
from routing.insertion import first_orders
from routing.orders import Orders
from routing.solver import solve

CASES = st.one_of(
    *(
        st.builds(lambda seed, made=made: made(seed, 12 + seed % 15, 3 + seed % 4), st.integers(0, 10**6))
        for made in (
            plain_problem,
            short_days_problem,
            paired_problem,
            loaded_problem,
            promised_problem,
            detailed_problem,
        )
    )
)


def some_plan(problem):
    """The ground of a problem, and a plan that leaves some stops out for the search to find a place for."""
    arrays = arrays_of(problem)
    ground = ground_of(arrays)
    lean = Lean(ground, first_orders(arrays).orders, 1)
    lean.run(100, 900.0, 20.0, 0.0, 1.0)
    return arrays, ground, lean.current()


def districts_of(ground, orders, n, seed=1):
    return cut(ground, orders, n, np.random.default_rng(seed))


def rows_in(orders, vehicles, stops):
    number = {s: k for k, s in enumerate(stops.tolist())}
    return [[number[s] for s in orders[v]] for v in vehicles.tolist()]


@settings(max_examples=60)
@given(problem=CASES, n=st.integers(1, 4))
def test_everybody_and_every_stop_is_in_one_district(problem, n):
    _, ground, orders = some_plan(problem)
    districts = districts_of(ground, orders, n)
    assert sorted(chain.from_iterable(vehicles.tolist() for vehicles, _ in districts)) == list(range(len(orders)))
    assert sorted(chain.from_iterable(stops.tolist() for _, stops in districts)) == list(range(len(ground.stop)))


@settings(max_examples=60)
@given(problem=CASES, n=st.integers(2, 4))
def test_districts_cost_together_what_the_whole_costs(problem, n):
    _, ground, orders = some_plan(problem)
    parts = [
        Lean(part_of(ground, vehicles, stops), rows_in(orders, vehicles, stops), 1)
        for vehicles, stops in districts_of(ground, orders, n)
    ]
    assert sum(part.best for part in parts) == Lean(ground, orders, 1).best


@settings(max_examples=60)
@given(problem=CASES)
def test_a_stop_that_waits_fits_into_the_rows_of_its_district_as_into_those_of_the_whole(problem):
    _, ground, orders = some_plan(problem)
    whole = Lean(ground, orders, 1).state
    for vehicles, stops in districts_of(ground, orders, 2):
        small = part_of(ground, vehicles, stops)
        part = Lean(small, rows_in(orders, vehicles, stops), 1).state
        for k, s in enumerate(stops.tolist()):
            if part.who[k] < 0 and small.stop[k, at.FETCHED] < 0:
                for u, v in enumerate(vehicles.tolist()):
                    assert way_in(small, part, u, k) == way_in(ground, whole, v, s)


def test_neighbours_in_a_district_are_those_of_the_whole_that_are_in_it():
    _, ground, orders = some_plan(plain_problem(5, 40, 6))
    for vehicles, stops in districts_of(ground, orders, 3):
        near = part_of(ground, vehicles, stops).near
        number = {s: k for k, s in enumerate(stops.tolist())}
        for by in range(2):
            for k, s in enumerate(stops.tolist()):
                inside = [number[other] for other in ground.near[by, s].tolist() if other in number]
                assert near[by, k].tolist() == inside + [k] * (near.shape[2] - len(inside))


@settings(max_examples=30)
@given(problem=CASES, n=st.integers(2, 3), seed=st.integers(1, 5))
def test_the_best_plan_of_districts_can_be_driven_at_the_price_that_they_say(problem, n, seed):
    arrays, ground, orders = some_plan(problem)
    districts = Districts(ground, orders, seed, n, Lanes(Budget(None, 1), 1), DAYS)
    before = districts.best
    for k in range(8):
        districts.run(60, 900.0, 20.0, k / 8, (k + 1) / 8)
    found = Orders(arrays, districts.orders())
    assert found.drivable()
    assert districts.best <= before
    # Promises in rows that owe a break are an upper bound in the kernel.
    assert found.points() <= districts.best
    assert found.points() == districts.best or any(v.breaks for v in problem.vehicles)


def test_lanes_come_to_the_same_plan_however_many_there_are():
    _, ground, orders = some_plan(plain_problem(5, 40, 8))
    found = []
    for n_lanes in (1, 3):
        districts = Districts(ground, orders, 1, 4, Lanes(Budget(None, 1), n_lanes))
        for k in range(10):
            districts.run(200, 900.0, 20.0, k / 10, (k + 1) / 10)
        found.append((districts.best, districts.orders()))
    assert found[0] == found[1]
    assert found[0][0] < Lean(ground, orders, 1).best


def test_a_day_of_hundreds_of_jobs_is_cut_and_comes_to_the_same_plan_each_time():
    problem = plain_problem(3, 2 * STOPS, 60)
    assert n_districts(ground_of(arrays_of(problem))) == 2
    assert n_districts(ground_of(arrays_of(plain_problem(3, 40, 6)))) == 1
    plans = [solve(problem, iterations=2000) for _ in range(2)]
    assert plans[0].routes == plans[1].routes
    assert plans[0].objective.total < solve(problem, iterations=0).objective.total
