"""A day planned again: promises that can be kept are kept, and what is gone is gone."""

from dataclasses import replace

import pytest
from plain_cases import plain_problem

from routing.check import violations
from routing.errors import SolveFailed
from routing.live.promises import moved_promises, with_promises
from routing.live.replan import replan, what_is_left
from routing.solver import solve


def a_day():
    """A day and a good plan for it."""
    problem = plain_problem(16 * 7, 40, 6)
    return problem, solve(problem, iterations=4000)


def without_stop(problem, name):
    return replace(problem, stops=tuple(stop for stop in problem.stops if stop.id != name))


def test_after_a_cancellation_hardly_anything_moves_at_a_price_and_much_without():
    problem, plan = a_day()
    gone = plan.routes[1].visits[0].stop_id
    then = without_stop(problem, gone)
    kept, free = (replan(then, plan, points_each=points, iterations=4000, seed=3) for points in (1800, 0))
    n_moved, n_free = (len(moved_promises(problem, plan, found)) for found in (kept, free))
    assert n_moved <= n_free
    for found in (kept, free):
        assert not violations(then, found)
        assert gone not in {visit.stop_id for route in found.routes for visit in route.visits}
    assert kept.objective.stability == 0
    assert kept.objective.total <= what_is_left(then, plan).objective.total


def test_a_high_enough_price_keeps_every_promise_that_can_be_kept():
    problem, plan = a_day()
    then = without_stop(problem, plan.routes[0].visits[-1].stop_id)
    assert moved_promises(problem, plan, replan(then, plan, points_each=10**6, iterations=2000)) == []


def test_the_stops_of_somebody_who_is_ill_go_to_others_or_nobody():
    problem, plan = a_day()
    ill = plan.routes[0].vehicle_id
    named = {ill}
    stops = tuple(
        replace(
            stop,
            required_vehicles=stop.required_vehicles - named,
            excluded_vehicles=stop.excluded_vehicles - named,
            preferred_vehicles=stop.preferred_vehicles - named,
            service_for=tuple(case for case in stop.service_for if case.vehicle not in named),
        )
        for stop in problem.stops
    )
    then = replace(problem, stops=stops, vehicles=tuple(v for v in problem.vehicles if v.id != ill))
    found = replan(then, plan, iterations=2000)
    assert not violations(then, found)
    assert ill not in {route.vehicle_id for route in found.routes}


def test_a_plan_that_can_no_longer_be_driven_is_said_to_be_so():
    problem, plan = a_day()
    late = tuple(replace(v, shift_ends_s=v.shift_starts_s + 60, breaks=()) for v in problem.vehicles)
    with pytest.raises(SolveFailed):
        replan(replace(problem, vehicles=late), plan, iterations=10)


def test_a_promise_that_was_given_already_stays_as_it_was():
    problem, plan = a_day()
    once = with_promises(problem, plan, 500)
    assert with_promises(once, plan, 900) == once


def test_a_price_below_nothing_is_refused():
    problem, plan = a_day()
    with pytest.raises(ValueError, match="points_each -1"):
        replan(problem, plan, points_each=-1, iterations=1)
