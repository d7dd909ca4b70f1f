"""Timetables of given orders, by cases that can be checked in the head and by trying every placement of breaks."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_cases import HOUR, four_jobs, on_a_street, random_problem

from routing.arrays import arrays_of
from routing.check import violations
from routing.plans import plan_of
from routing.schedule import slack
from routing.timetable import timetable
from routing.types import Break, BreakTaken, Plan, Route, Stop, Vehicle, Window
from routing.way import way_of


def planned(problem, order):
    return timetable(arrays_of(problem), 0, order)


def with_windows(problem, **windows):
    stops = tuple(replace(s, windows=(Window(*windows[s.id]),) if s.id in windows else ()) for s in problem.stops)
    return replace(problem, stops=stops)


def test_services_begin_on_arrival_and_home_is_left_when_the_shift_starts():
    route = planned(four_jobs(), [0, 1, 2, 3])
    assert (route.starts_s, [v.service_starts_s - 8 * HOUR for v in route.visits]) == (
        8 * HOUR,
        [600, 1800, 3000, 4200],
    )
    assert (route.ends_s - 8 * HOUR, route.travel_s, route.service_s, route.wait_s) == (7200, 4800, 2400, 0)


def test_home_is_left_as_late_as_the_first_window_allows():
    route = planned(with_windows(four_jobs(), a=(10 * HOUR, 11 * HOUR)), [0])
    assert (route.starts_s, route.visits[0].arrives_s, route.visits[0].wait_s) == (10 * HOUR - 600, 10 * HOUR, 0)


def test_waiting_at_a_later_stop_is_said():
    route = planned(with_windows(four_jobs(), b=(9 * HOUR, 9 * HOUR)), [0, 1])
    assert [v.wait_s for v in route.visits] == [0, 1800]
    assert route.wait_s == 1800


def test_an_order_that_misses_a_window_by_a_second_has_no_timetable():
    assert planned(with_windows(four_jobs(), b=(0, 8 * HOUR + 1799)), [0, 1]) is None
    assert planned(with_windows(four_jobs(), b=(0, 8 * HOUR + 1800)), [0, 1]) is not None


def test_an_order_that_comes_back_a_second_after_the_shift_has_no_timetable():
    problem = four_jobs()
    fits = replace(problem, vehicles=(replace(problem.vehicles[0], shift_ends_s=8 * HOUR + 1800),))
    short = replace(problem, vehicles=(replace(problem.vehicles[0], shift_ends_s=8 * HOUR + 1799),))
    assert planned(fits, [0]) is not None
    assert planned(short, [0]) is None


def test_the_second_of_two_windows_is_taken_when_the_first_has_closed():
    problem = four_jobs()
    stop = replace(problem.stops[0], windows=(Window(0, 8 * HOUR), Window(9 * HOUR, 10 * HOUR)))
    route = planned(replace(problem, stops=(stop, *problem.stops[1:])), [0])
    assert route.visits[0].service_starts_s == 9 * HOUR


def test_a_break_splits_the_leg_on_which_its_time_comes():
    # Home at 8:00, the job an hour away; the break must begin at 8:30.
    problem = on_a_street(
        [Stop("a", 1, 600)], [Vehicle("ana", 0, 0, 8 * HOUR, 16 * HOUR, (Break(30600, 30600, 900),))], [0, 3600]
    )
    route = planned(problem, [0])
    visit = route.visits[0]
    # Leaving as late as no service start changes is leaving at 8:00.
    assert (route.starts_s, visit.arrives_s - 8 * HOUR, visit.wait_s) == (8 * HOUR, 4500, 0)
    assert route.breaks == (BreakTaken(30600, 31500),)


def test_a_break_that_may_wait_is_taken_at_home_after_the_return():
    problem = four_jobs(breaks=(Break(8 * HOUR, 15 * HOUR, 1800),))
    route = planned(problem, [0])
    assert route.ends_s == 8 * HOUR + 1800
    assert route.breaks == (BreakTaken(route.ends_s, route.ends_s + 1800),)
    assert route.wait_s == 0


def test_a_break_falls_into_the_wait_when_that_keeps_the_return_earliest():
    problem = with_windows(four_jobs(breaks=(Break(8 * HOUR, 15 * HOUR, 1200),)), b=(9 * HOUR, 9 * HOUR))
    route = planned(problem, [0, 1])
    # Leaving at 8:00 with the break first: it begins earliest, and the return is the same.
    assert route.breaks == (BreakTaken(8 * HOUR, 8 * HOUR + 1200),)
    assert route.starts_s == 8 * HOUR + 1200
    assert [v.wait_s for v in route.visits] == [0, 600]


def test_a_break_right_after_service_delays_the_departure():
    problem = four_jobs(breaks=(Break(8 * HOUR + 1200, 8 * HOUR + 1200, 900),))
    route = planned(problem, [0, 1])
    first, second = route.visits
    assert first.service_starts_s + 600 == 8 * HOUR + 1200
    assert first.departs_s == 8 * HOUR + 2100
    assert second.arrives_s == 8 * HOUR + 2700


def test_two_breaks_are_taken_in_their_order():
    problem = four_jobs(breaks=(Break(8 * HOUR, 9 * HOUR, 600), Break(8 * HOUR, 9 * HOUR, 600)))
    route = planned(problem, [0, 1, 2, 3])
    assert len(route.breaks) == 2
    assert route.breaks[1].starts_s >= route.breaks[0].ends_s
    assert not violations(problem, plan_of(arrays_of(problem), [[0, 1, 2, 3]]))


def test_a_shift_over_midnight_is_only_a_larger_number():
    problem = four_jobs()
    night = replace(problem.vehicles[0], shift_starts_s=22 * HOUR, shift_ends_s=30 * HOUR)
    route = planned(replace(problem, vehicles=(night,)), [3])
    assert route.visits[0].service_starts_s == 22 * HOUR + 2400


def test_slack_says_whether_an_order_can_be_driven():
    arrays = arrays_of(with_windows(four_jobs(), a=(0, 8 * HOUR + 600)))
    assert slack(way_of(arrays, 0, [0, 1])).feasible
    assert not slack(way_of(arrays, 0, [1, 0])).feasible


def best_by_trying(problem, order):
    """Earliest return over every way to hand the breaks to the legs, one after the other; None when none works."""
    driver = problem.vehicles[0]
    stops = [problem.stops[i] for i in order]
    places = [driver.start_place, *(s.place for s in stops), driver.end_place]
    legs = [int(problem.matrix.duration_s[a, b]) for a, b in itertools.pairwise(places)]
    best = None

    def drive(clock_s, leg, taken):
        nonlocal best
        for n_here in range(len(driver.breaks) - taken + 1):
            free_s, done_s, good = clock_s, clock_s + (legs[leg] if leg < len(legs) else 0), True
            for pause in driver.breaks[taken : taken + n_here]:
                free_s = max(free_s, pause.earliest_s)
                good = good and free_s <= pause.latest_s
                free_s += pause.duration_s
                done_s = max(done_s, pause.earliest_s) + pause.duration_s
            if not good:
                return
            if leg == len(legs):
                if taken + n_here == len(driver.breaks) and done_s <= driver.shift_ends_s:
                    best = clock_s if best is None else min(best, clock_s)
                continue
            after_s = done_s
            if leg < len(stops):
                starts = [max(after_s, w.opens_s) for w in stops[leg].windows if after_s <= w.closes_s]
                if stops[leg].windows and not starts:
                    continue
                after_s = (min(starts) if starts else after_s) + stops[leg].service_s
            drive(after_s, leg + 1, taken + n_here)

    drive(driver.shift_starts_s, 0, 0)
    return best


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_the_return_is_the_earliest_of_all_placements_of_breaks(seed, data):
    problem = random_problem(seed, n_stops=4, n_vehicles=1)
    # What the judge would say about limits other than time is not the timetable's business.
    driver = replace(problem.vehicles[0], max_stops=None, max_travel_s=None)
    stops = tuple(
        replace(s, required_vehicles=frozenset(), excluded_vehicles=frozenset(), skills=type(s.skills)())
        for s in problem.stops
    )
    problem = replace(problem, vehicles=(driver,), stops=stops)
    order = data.draw(st.permutations(range(4)).map(lambda p: p[: data.draw(st.integers(1, 4))]))
    route, best = planned(problem, order), best_by_trying(problem, order)
    if best is None:
        assert route is None
    else:
        assert isinstance(route, Route)
        assert route.ends_s == best
        arrays = arrays_of(problem)
        orders = [list(order)]
        assert not violations(problem, plan_of(arrays, orders))


def test_a_plan_of_nothing_is_empty():
    problem = four_jobs()
    plan = plan_of(arrays_of(problem), [[]])
    assert isinstance(plan, Plan)
    assert (plan.routes, plan.unassigned, plan.objective.unserved) == ((), ("a", "b", "c", "d"), 4 * 10_800)


@pytest.mark.parametrize("order", [[], [0, 1, 2, 3], [3, 0]])
def test_the_price_of_a_route_is_its_legs(order):
    arrays = arrays_of(four_jobs(cost_per_km=1000, cost_fixed=50))
    travel_s = arrays.route_travel_s(0, order) if order else 0
    # A kilometre is 100 s on this street: 1000 points a km are 10 points a second more.
    assert arrays.route_points(0, order) == (travel_s * 11 + 50 if order else 0)
