"""Stops that depend on each other in the compiled search: times are those of the timetable, and taken back exactly."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_runs import LINKED
from rich_cases import rich_problem
from routing_cases import HOUR, four_jobs

from routing.arrays import arrays_of
from routing.improve import columns as at
from routing.improve.general import General
from routing.insertion import first_orders
from routing.orders import Orders
from routing.types import Crew, Delivery, Promise, Succession, Vehicle, Window

AT_8 = 8 * HOUR


def rows(kernel):
    """Stops now, by vehicle."""
    lengths = kernel.state.row[:, at.LENGTH].tolist()
    return [kernel.state.order[v, :n].tolist() for v, n in enumerate(lengths)]


def known(kernel):
    """What the kernel knows of its rows: points, sums, times, and the windows of the stops that are served."""
    state, field = kernel.state, kernel.field
    columns = [at.LENGTH, at.TRAVEL, at.METRES, at.POINTS, at.IDLE, at.FINE]
    times = []
    for v, order in enumerate(rows(kernel)):
        first, layers = int(field.vehicle[v, at.N_FROZEN]), int(field.vehicle[v, at.N_BREAKS]) + 1
        times.append(state.times[at.DEPARTS, v, first : len(order) + 1, :layers].tolist())
        times.append(state.times[at.LATEST, v, first : len(order) + 1, :layers].tolist())
        times += [state.windows[field.stop[s, at.WINDOW_FROM] : field.stop[s, at.WINDOW_TO]].tolist() for s in order]
    return state.row[:, columns].tolist(), times


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 7))
def test_after_each_iteration_everything_known_is_as_if_worked_out_from_nothing(seed, n):
    chosen = np.random.default_rng(seed).choice([*LINKED, "frozen", "setup", "overtime"], n, replace=False).tolist()
    problem = rich_problem(seed, 8 + seed % 10, 2 + seed % 3, (*chosen, "crews", "successions"))
    arrays = arrays_of(problem)
    kernel = General(arrays, first_orders(arrays).orders, seed)
    for _ in range(40):
        kernel.run(1, 900.0, 50.0, 0.0, 0.999)
        orders = Orders(arrays, rows(kernel))
        assert orders.drivable()
        assert orders.points() == kernel.state.numbers[at.TOTAL]
        assert known(kernel) == known(General(arrays, rows(kernel), 1))


def two_people(stops=None, **problem):
    """Four jobs on a street for Ana and Ben, both at home at 0 from 8:00 to 16:00."""
    base = four_jobs()
    both = (base.vehicles[0], Vehicle("ben", 0, 0, AT_8, 16 * HOUR))
    chosen = tuple(replace(stop, **(stops or {}).get(stop.id, {})) for stop in base.stops)
    return replace(base, stops=chosen, vehicles=both, **problem)


def searched(problem, iterations=300):
    """Points and orders that the kernel finds from a plan in which nobody does anything."""
    kernel = General(arrays_of(problem), [[] for _ in problem.vehicles], 1)
    kernel.run(iterations, 900.0, 50.0, 0.0, 0.999)
    return kernel.best, kernel.orders()


@pytest.mark.parametrize(
    ("ties", "points"),
    [
        # Both drive: 1,800 s out to c and 2,400 s out to d, twice, and one of them passes a and b.
        ({"crews": (Crew(("c", "d")),)}, 8400),
        # One drive of 4,800 s, whatever comes after what.
        ({"successions": (Succession("d", "a"),)}, 4800),
        ({"successions": (Succession("a", "b", 600, 600), Succession("c", "d", 600, 600))}, 4800),
        ({"deliveries": (Delivery("d", "a"),), "crews": (Crew(("a", "b")),)}, 7200),
    ],
)
def test_days_with_ties_cost_what_can_be_worked_out_in_the_head(ties, points):
    assert searched(two_people(**ties))[0] == points


def test_a_crew_is_worth_what_all_of_its_stops_are_worth_together():
    # Ana's way to d costs 4,800, Ben's to c 3,600: neither is worth it, both are.
    worth = {"a": {"unserved_cost": 0}, "b": {"unserved_cost": 0}, "c": {"unserved_cost": 4300}}
    cheap = worth | {"d": {"unserved_cost": 4300}}
    assert searched(two_people(cheap, crews=(Crew(("c", "d")),)))[0] == 8400
    assert searched(two_people(worth | {"d": {"unserved_cost": 4000}}, crews=(Crew(("c", "d")),)))[0] == 8300


def test_a_longest_gap_holds_the_first_job_back_until_the_second_can_follow():
    late = {"b": {"windows": (Window(AT_8 + 4 * HOUR, AT_8 + 4 * HOUR),)}}
    problem = two_people(late, successions=(Succession("a", "b", 0, 600),))
    _, orders = searched(problem)
    served = {problem.stops[s].id for order in orders for s in order}
    assert served == set("abcd")


def test_an_order_that_was_promised_is_paid_for_where_it_is_left():
    told = {"a": {"promise": Promise("ana", AT_8, after="d", cost_order=50)}}
    points, orders = searched(two_people(told))
    assert (points, [0] in [order[-1:] for order in orders]) == (4800, True)
