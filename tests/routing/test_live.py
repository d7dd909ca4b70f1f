"""An urgent job into a day under way: placed at once, in place of lesser work, or refused for a reason that holds."""

from dataclasses import replace

import pytest
from plain_cases import plain_problem
from routing_cases import HOUR, four_jobs, on_a_street

from routing.check import violations
from routing.improve.lean import columns as at
from routing.live.day import LiveDay
from routing.live.insert import insert
from routing.live.promises import with_promises
from routing.live.under_way import under_way
from routing.solver import solve
from routing.types import Promise, Stop, Vehicle, Window


def with_urgent(problem, **changed):
    """The problem with one more stop at the place of the first, dear and with a window of its own."""
    urgent = replace(
        problem.stops[0],
        id="urgent",
        unserved_cost=500_000,
        required_vehicles=frozenset(),
        excluded_vehicles=frozenset(),
        promise=None,
        **changed,
    )
    return replace(problem, stops=(*problem.stops, urgent))


def a_day(seed, **changed):
    """A day with an urgent job that the plan does not know of."""
    problem = with_urgent(plain_problem(seed & ~0b1000, 30, 5), **changed)
    without = replace(problem, stops=problem.stops[:-1])
    return problem, solve(without, iterations=1500)


def planned(problem, plan):
    return replace(plan, unassigned=tuple(sorted({*plan.unassigned, "urgent"})))


def test_a_job_with_room_for_it_goes_where_it_is_cheapest_and_moves_nothing_else():
    problem = on_a_street(
        [Stop("a", 1, 600), Stop("b", 3, 600), Stop("urgent", 2, 600)],
        [Vehicle("ana", 0, 0, 0, 8 * HOUR)],
        [0, 600, 1200, 1800],
    )
    plan = solve(replace(problem, stops=problem.stops[:2]), iterations=50)
    found = insert(LiveDay(problem, planned(problem, plan)), "urgent")
    assert (found.how, found.evicted, found.moved) == ("place", (), ())
    assert {visit.stop_id for visit in found.plan.routes[0].visits} == {"a", "b", "urgent"}
    assert found.plan.routes[0].travel_s == 3600


def test_lesser_work_gives_way_when_nothing_else_does():
    problem = with_urgent(four_jobs(max_stops=2))
    plan = solve(replace(problem, stops=problem.stops[:-1]), iterations=50)
    found = insert(LiveDay(problem, planned(problem, plan)), "urgent")
    assert found.how == "eviction"
    assert len(found.evicted) == 1
    assert "urgent" not in found.plan.unassigned
    assert found.plan.objective.total < plan.objective.total + 500_000


def test_without_leave_to_evict_the_job_is_refused_and_the_day_is_as_it_was():
    problem = with_urgent(four_jobs(max_stops=2))
    plan = solve(replace(problem, stops=problem.stops[:-1]), iterations=50)
    day = LiveDay(problem, planned(problem, plan))
    found = insert(day, "urgent", evict=False)
    assert found.how == "refused"
    assert found.reason is not None
    assert found.reason.code
    assert insert(day, "urgent").how == "eviction"


@pytest.mark.parametrize("seed", range(16, 48))
def test_an_urgent_job_is_placed_in_a_plan_the_judge_accepts_or_refused_for_a_reason(seed):
    opens_s = 9 * HOUR + 600 * (seed % 30)
    problem, plan = a_day(seed, windows=(Window(opens_s, opens_s + 900),))
    before = planned(problem, plan)
    day = LiveDay(problem, before)
    was = day.plan.objective.total
    found = insert(day, "urgent", search_s=0.01)
    if found.how == "refused":
        assert found.plan.objective.total == was
        assert found.reason is not None
        assert found.reason.code
        return
    assert not violations(problem, found.plan)
    assert found.plan.objective.total < was
    assert day.plan == found.plan


@pytest.mark.parametrize("seed", range(16, 40))
def test_an_urgent_job_is_placed_only_if_the_promises_it_breaks_are_worth_it(seed):
    problem, plan = a_day(seed)
    told = with_promises(problem, plan, 40_000, tolerance_s=60)
    day = LiveDay(told, planned(told, plan))
    was = day.plan.objective.total
    found = insert(day, "urgent", search_s=0.005)
    assert not violations(told, found.plan)
    assert (found.plan.objective.total < was) == (found.how != "refused")
    assert day.rows is not None
    assert day.rows.state.numbers[at.TOTAL] == found.plan.objective.total


def test_of_two_ways_in_the_one_that_breaks_no_promise_is_taken():
    stops = [Stop("a", 1, 600, promise=Promise("ana", 600, None, 0, cost_time=5000)), Stop("urgent", 2, 600)]
    people = [Vehicle("ana", 0, 0, 0, 8 * HOUR), Vehicle("ben", 3, 3, 0, 8 * HOUR)]
    problem = on_a_street(stops, people, [0, 600, 300, 700])
    plan = solve(replace(problem, stops=problem.stops[:1]), iterations=50)
    found = insert(LiveDay(problem, planned(problem, plan)), "urgent", evict=False)
    assert found.plan.objective.stability == 0
    assert found.moved == ()


def test_trying_leaves_the_day_as_it_is():
    problem, plan = a_day(20)
    day = LiveDay(problem, planned(problem, plan))
    first, second = (insert(day, "urgent", commit=False, search_s=0.0) for _ in range(2))
    assert first == second
    assert "urgent" in day.plan.unassigned


def test_what_has_begun_stays_where_it_is():
    problem, plan = a_day(17)
    now_s = 11 * HOUR
    then, running = under_way(replace(problem, stops=problem.stops[:-1]), plan, now_s)
    frozen = {case.stop: case.starts_s for vehicle in then.vehicles for case in vehicle.frozen}
    assert frozen
    day = LiveDay(replace(then, stops=problem.stops), planned(problem, running))
    found = insert(day, "urgent")
    begun = {v.stop_id: v.service_starts_s for r in found.plan.routes for v in r.visits if v.stop_id in frozen}
    assert begun == frozen


def test_a_problem_beyond_the_fast_kernel_is_still_answered_and_says_so():
    problem = with_urgent(four_jobs(max_stops=5))
    told = replace(problem.stops[0], promise=Promise("ana", 30_000, cost_order=5))
    problem = replace(problem, stops=(told, *problem.stops[1:]))
    plan = solve(replace(problem, stops=problem.stops[:-1]), iterations=50)
    found = insert(LiveDay(problem, planned(problem, plan)), "urgent")
    assert (found.how, found.unstated) == ("place", "promise.cost_order")


@pytest.mark.parametrize(("name", "said"), [("nobody", "no stop of this day"), ("a", "is served already")])
def test_a_stop_that_cannot_be_inserted_is_refused_by_name(name, said):
    problem = four_jobs()
    with pytest.raises(ValueError, match=said):
        insert(LiveDay(problem, solve(problem, iterations=50)), name)
