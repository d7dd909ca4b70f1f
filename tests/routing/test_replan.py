"""A day planned again: promises that can be kept are kept, and what is gone is gone."""

from dataclasses import replace

import pytest
from plain_cases import plain_problem
from routing_cases import HOUR, four_jobs, on_a_street

from routing.check import cost, violations
from routing.errors import SolveFailed
from routing.live.promises import TOLERANCE_S, moved_promises, with_promises
from routing.live.replan import replan, what_is_left
from routing.solver import solve
from routing.types import Frozen, Stop, Succession, Vehicle, Window


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


def test_who_was_promised_a_time_is_not_visited_earlier_because_somebody_before_them_cancelled():
    problem = four_jobs()
    plan = solve(problem, iterations=50)
    told = {visit.stop_id: visit.service_starts_s for visit in plan.routes[0].visits}
    first, *later = told
    found = replan(without_stop(problem, first), plan, iterations=50)
    assert {visit.stop_id: visit.service_starts_s for visit in found.routes[0].visits if told[visit.stop_id]} == {
        name: told[name] - TOLERANCE_S for name in later
    }
    assert moved_promises(problem, plan, found) == []
    assert not violations(without_stop(problem, first), found)


def test_when_somebody_is_late_what_no_longer_fits_goes_to_whoever_has_room():
    stops = [Stop("a", 1, HOUR), Stop("b", 2, HOUR), Stop("c", 1, HOUR, (Window(0, 5 * HOUR),))]
    people = [Vehicle("ana", 0, 0, 0, 5 * HOUR), Vehicle("ben", 0, 0, 0, 5 * HOUR, cost_fixed=500)]
    problem = on_a_street(stops, people, [0, 1200, 2400])
    plan = solve(problem, iterations=50)
    assert [route.vehicle_id for route in plan.routes] == ["ana"]
    first = plan.routes[0].visits[0].stop_id
    late = replace(people[0], frozen=(Frozen(first, 2 * HOUR),))
    then = replace(problem, vehicles=(late, people[1]))
    left = what_is_left(then, plan)
    assert len(left.routes[0].visits) == 2
    assert len(left.unassigned) == 1
    found = replan(then, plan, iterations=50)
    assert found.unassigned == ()
    assert found.routes[0].visits[0].service_starts_s == 2 * HOUR
    assert not violations(then, found)


def test_a_late_person_may_not_part_what_belongs_together():
    stops = [Stop("a", 1, HOUR), Stop("fix", 1, HOUR)]
    problem = on_a_street(stops, [Vehicle("ana", 0, 0, 0, 5 * HOUR)], [0, 600])
    problem = replace(problem, successions=(Succession("a", "fix"),))
    plan = solve(problem, iterations=50)
    longer = (replace(stops[0], service_s=6 * HOUR), stops[1])
    with pytest.raises(SolveFailed, match="parts stops that belong together"):
        replan(replace(problem, stops=longer), plan, iterations=10)


def test_promises_of_the_problem_itself_are_part_of_its_price():
    problem, plan = a_day()
    told = with_promises(problem, plan, 900)
    then = without_stop(told, plan.routes[0].visits[0].stop_id)
    found = replan(then, plan, iterations=500)
    assert not violations(then, found)
    assert found.objective.stability == cost(then, found).stability


def test_a_promise_that_was_given_already_stays_as_it_was():
    problem, plan = a_day()
    once = with_promises(problem, plan, 500)
    assert with_promises(once, plan, 900) == once


def test_a_price_below_nothing_is_refused():
    problem, plan = a_day()
    with pytest.raises(ValueError, match="points_each -1"):
        replan(problem, plan, points_each=-1, iterations=1)
