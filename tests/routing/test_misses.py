"""How near each vehicle comes to a stop that nobody serves: what is in the way, and by how much at least."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_cases import rich_problem
from routing_cases import HOUR, four_jobs, random_problem

from routing.arrays import arrays_of
from routing.explain import why_left_out
from routing.misses import misses
from routing.orders import Orders
from routing.plans import orders_of
from routing.solver import solve
from routing.types import Break, Skills, Window


def missed(stop=None, ana=None, order=()):
    """What keeps Ana from job d, forty minutes away, with these changes and while she serves these others."""
    problem = four_jobs()
    stops = (*problem.stops[:3], replace(problem.stops[3], **(stop or {})))
    problem = replace(problem, stops=stops, vehicles=(replace(problem.vehicles[0], **(ana or {})),))
    (found,) = misses(Orders(arrays_of(problem), [list(order)]), 3)
    return found.code, found.least


@pytest.mark.parametrize(
    ("case", "code", "least"),
    [
        ({"stop": {"skills": Skills(all_of=frozenset({"gas"}))}}, "skill", 1),
        ({"stop": {"required_vehicles": frozenset({"ben"})}}, "required", 1),
        ({"stop": {"excluded_vehicles": frozenset({"ana"})}}, "excluded", 1),
        ({"ana": {"max_stops": 1}, "order": (0,)}, "max_stops", 1),
        # There and back take 80 minutes, 48 km.
        ({"ana": {"max_travel_s": 4700}}, "max_travel", 100),
        ({"ana": {"max_distance_m": 47_000}}, "max_distance", 1000),
        # 90 minutes with the job.
        ({"ana": {"shift_ends_s": 8 * HOUR + 5300}}, "shift", 100),
        # She arrives at 8:40 at the earliest; the latest start that brings her home by 16:00 is 15:10.
        ({"stop": {"windows": (Window(8 * HOUR, 8 * HOUR + 2300),)}}, "window", 100),
        ({"stop": {"windows": (Window(15 * HOUR + 700, 17 * HOUR),)}}, "window", 100),
        ({"stop": {"unserved_cost": 4000}}, "price", 800),
        # The clock alone would do, but a break of seven hours leaves no room.
        ({"ana": {"breaks": (Break(8 * HOUR, 9 * HOUR, 7 * HOUR),)}}, "limits", 1),
    ],
)
def test_what_is_in_the_way_is_named_with_the_least_that_is_missing(case, code, least):
    assert missed(**case) == (code, least)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_every_vehicle_has_a_miss_for_every_job_left_out(seed):
    problem = random_problem(seed, n_stops=10) if seed % 2 else rich_problem(seed, n_stops=9)
    plan = solve(problem, iterations=0)
    for case in why_left_out(problem, plan):
        assert [miss.vehicle for miss in case.misses] == [vehicle.id for vehicle in problem.vehicles]
        assert all(miss.least > 0 or miss.code == "price" for miss in case.misses)


@settings(max_examples=80)
@given(seed=st.integers(0, 10**6))
def test_a_window_widened_by_less_than_the_miss_does_not_help(seed):
    problem = random_problem(seed, n_stops=10)
    plan = solve(problem, iterations=0)
    arrays = arrays_of(problem)
    orders = Orders(arrays, orders_of(problem, plan))
    for number in orders.unserved():
        for vehicle, miss in enumerate(misses(orders, number)):
            if miss.code != "window" or miss.least < 2:
                continue
            stop = problem.stops[number]
            wider = tuple(Window(w.opens_s - miss.least + 1, w.closes_s + miss.least - 1) for w in stop.windows)
            if any(later.opens_s <= earlier.closes_s for earlier, later in pairwise(wider)):
                continue
            case = arrays.with_case(number, replace(stop, windows=wider), vehicle, problem.vehicles[vehicle])
            assert Orders(case, orders.orders).cheapest(number, [vehicle]) is None
