"""Routes put together anew: the best choice there is, and never a worse plan."""

from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from routing_cases import random_problem

from routing.arrays import arrays_of
from routing.budget import Budget
from routing.insertion import first_orders
from routing.orders import Orders
from routing.partition import MOST_ITERATIONS, MOST_S, MOST_STOPS, Noting, recombined
from routing.solver import solve


def points(arrays, orders):
    """What orders cost, which can be driven."""
    made = Orders(arrays, orders)
    assert made.drivable()
    return made.points()


def best_choice(arrays, columns, n_vehicles):
    """The least that any of the columns cost together, by trying every choice."""
    totals = []
    for n in range(n_vehicles + 1):
        for chosen in combinations(columns, n):
            stops = [stop for _, order in chosen for stop in order]
            if len({v for v, _ in chosen}) == n and len(set(stops)) == len(stops):
                orders = [[] for _ in range(n_vehicles)]
                for v, order in chosen:
                    orders[v] = list(order)
                totals.append(points(arrays, orders))
    return min(totals)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_the_choice_is_the_best_there_is(seed):
    arrays = arrays_of(random_problem(seed, n_stops=7, n_vehicles=3))
    start = first_orders(arrays).orders
    single = {(v, (s,)) for v in range(3) for s in range(7) if arrays.eligible[s, v]}
    routes = {c for c in single if Orders(arrays, [list(c[1]) if v == c[0] else [] for v in range(3)]).drivable()}
    columns = {*routes, *((v, tuple(order)) for v, order in enumerate(start) if order)}
    found = recombined(arrays, routes, start, None)
    assert points(arrays, found) == best_choice(arrays, columns, 3)
    assert points(arrays, found) <= points(arrays, start)


def test_routes_are_noted_where_a_choice_pays():
    problem = random_problem(3, n_stops=12, n_vehicles=3)
    core = Noting(arrays_of(problem))
    start = core.first_plan()
    core.noting = core.pays(Budget(None, 300))
    assert core.noting
    core.search(start, 1, Budget(None, 300), lambda *_: None)
    assert len({v for v, _ in core.routes}) == 3
    for vehicle, order in core.routes:
        points(core.arrays, [list(order) if v == vehicle else [] for v in range(3)])


def test_the_choice_is_left_out_with_many_stops_one_vehicle_prices_of_time_or_much_time():
    few = random_problem(3, n_stops=5, n_vehicles=2)
    little = Budget(None, 20)
    assert Noting(arrays_of(few)).pays(little)
    many = random_problem(3, n_stops=MOST_STOPS + 1, n_vehicles=3)
    alone = random_problem(3, n_stops=5, n_vehicles=1)
    timed = replace(few, vehicles=tuple(replace(vehicle, capacity=(9,)) for vehicle in few.vehicles))
    dear = replace(few, stops=tuple(replace(stop, unserved_cost=1 << 52) for stop in few.stops))
    for problem in (many, alone, timed, dear):
        assert not Noting(arrays_of(problem)).pays(little)
    for much in (Budget(None, MOST_ITERATIONS + 1), Budget(MOST_S + 1, None, began=0.0), Budget(None, None)):
        assert not Noting(arrays_of(few)).pays(much)
    assert Noting(arrays_of(few)).pays(Budget(MOST_S, None, began=0.0))


def test_a_plan_by_iterations_is_the_same_again_and_costs_no_more_than_before_the_choice():
    problem = random_problem(8, n_stops=30, n_vehicles=5)
    one, again = (solve(problem, iterations=400, seed=2) for _ in range(2))
    assert one.routes == again.routes
    totals = [step.total for step in one.search.history]
    assert totals == sorted(totals, reverse=True)
