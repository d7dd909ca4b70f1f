"""A change by hand: its price and what it breaks are said before it is made."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_cases import rich_problem
from routing_cases import HOUR, four_jobs, on_a_street

from routing.arrays import arrays_of
from routing.check import cost, violations
from routing.errors import InvalidMove
from routing.moves import insert, move, remove, swap
from routing.plans import plan_of
from routing.solver import solve
from routing.types import Delivery, Frozen, Skills, Stop, Vehicle, Window


def planned(problem, *orders):
    return plan_of(arrays_of(problem), [list(order) for order in orders])


def two_people():
    """Ana lives at 0, Ben at 60 minutes; jobs at 10, 20, 40, 50 minutes along the street."""
    stops = [Stop(name, place, 600) for name, place in (("a", 1), ("b", 2), ("c", 3), ("d", 4))]
    people = [Vehicle("ana", 0, 0, 8 * HOUR, 16 * HOUR), Vehicle("ben", 5, 5, 8 * HOUR, 16 * HOUR)]
    return on_a_street(stops, people, [0, 600, 1200, 2400, 3000, 3600])


def test_an_unserved_job_is_priced_at_everybody_cheapest_first():
    problem = two_people()
    plan = planned(problem, [0], [3])
    offers = insert(problem, plan, "b")
    # Ana goes on from 10 to 20 minutes and back; Ben goes on from 50 down to 20.
    assert [(offer.vehicle, offer.move.added_points) for offer in offers] == [
        ("ana", 1200 - 10_800),
        ("ben", 3600 - 10_800),
    ]
    assert all(offer.move.breaks == () for offer in offers)


def test_who_cannot_take_a_job_says_what_is_in_the_way():
    problem = two_people()
    wanted = replace(problem.stops[1], skills=Skills(all_of=frozenset({"gas"})))
    problem = replace(
        problem,
        stops=(problem.stops[0], wanted, *problem.stops[2:]),
        vehicles=(problem.vehicles[0], replace(problem.vehicles[1], skills=frozenset({"gas"}))),
    )
    offers = insert(problem, planned(problem, [0], [3]), "b")
    assert [(offer.vehicle, offer.miss and offer.miss.code) for offer in offers] == [("ben", None), ("ana", "skill")]


def test_leaving_a_job_out_saves_its_way_and_costs_its_price():
    problem = two_people()
    assert remove(problem, planned(problem, [0, 1], [3]), "b").added_points == 10_800 - 1200


def test_a_part_is_left_out_together_with_its_job():
    problem = replace(two_people(), deliveries=(Delivery("a", "b"),))
    assert remove(problem, planned(problem, [0, 1], [3]), "a").plan.unassigned == ("a", "b", "c")


def test_moving_a_job_to_somebody_else_says_the_difference():
    problem = two_people()
    moved = move(problem, planned(problem, [0, 1, 2], [3]), "c", "ben")
    assert moved.added_points == -2400 + 1200
    assert [visit.stop_id for visit in moved.plan.routes[1].visits] in (["c", "d"], ["d", "c"])


def test_a_position_can_be_named():
    problem = two_people()
    moved = move(problem, planned(problem, [0, 1], [3]), "b", "ana", position=0)
    assert [visit.stop_id for visit in moved.plan.routes[0].visits] == ["b", "a"]


def test_a_move_that_comes_too_late_says_for_whom_and_by_how_much():
    problem = four_jobs()
    early = replace(problem.stops[0], windows=(Window(8 * HOUR, 8 * HOUR + 600),))
    problem = replace(problem, stops=(early, *problem.stops[1:]))
    moved = move(problem, planned(problem, [0, 1, 2, 3]), "a", "ana", position=3)
    # b, c and d take until 8:00 + 40 min drive + 30 min service, then half an hour back to a.
    assert [(v.kind, v.subject, v.amount) for v in moved.breaks] == [("window_late", "a", 2400 + 1800 + 1800 - 600)]


def test_a_move_to_somebody_without_the_skill_says_so():
    problem = two_people()
    wanted = replace(problem.stops[0], excluded_vehicles=frozenset({"ben"}))
    problem = replace(problem, stops=(wanted, *problem.stops[1:]))
    moved = move(problem, planned(problem, [0], [3]), "a", "ben")
    assert [v.kind for v in moved.breaks] == ["excluded"]


def test_two_jobs_are_swapped():
    problem = two_people()
    swapped = swap(problem, planned(problem, [0], [3]), "a", "d")
    assert swapped.added_points == 2 * (3000 - 600) * 2


def test_what_is_frozen_stays():
    problem = two_people()
    done = replace(problem.vehicles[0], frozen=(Frozen("a", 8 * HOUR),))
    problem = replace(problem, vehicles=(done, problem.vehicles[1]))
    plan = planned(problem, [0, 1], [3])
    for change in (
        lambda: remove(problem, plan, "a"),
        lambda: move(problem, plan, "a", "ben"),
        lambda: swap(problem, plan, "a", "d"),
    ):
        with pytest.raises(InvalidMove, match="frozen"):
            change()
    with pytest.raises(InvalidMove, match=r"position 0 must lie in 1\.\.2"):
        move(problem, plan, "c", "ana", position=0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda problem, plan: insert(problem, plan, "a"), "move it instead"),
        (lambda problem, plan: remove(problem, plan, "c"), "insert it instead"),
        (lambda problem, plan: move(problem, plan, "x", "ana"), "no stop"),
        (lambda problem, plan: move(problem, plan, "a", "zoe"), "no vehicle"),
    ],
)
def test_a_change_that_makes_no_sense_says_what_to_do(change, said):
    problem = two_people()
    with pytest.raises(InvalidMove, match=said):
        change(problem, planned(problem, [0, 1], [3]))


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_a_price_said_before_is_the_price_afterwards(seed):
    problem = rich_problem(seed)
    plan = solve(problem, iterations=0)
    tried = [offer.move for stop in plan.unassigned for offer in insert(problem, plan, stop) if offer.move]
    frozen = {case.stop for vehicle in problem.vehicles for case in vehicle.frozen}
    for route in plan.routes:
        for visit in route.visits:
            if visit.stop_id not in frozen:
                tried.append(remove(problem, plan, visit.stop_id))
                tried += [move(problem, plan, visit.stop_id, vehicle.id) for vehicle in problem.vehicles]
    for changed in tried:
        assert changed.plan.objective == cost(problem, changed.plan)
        assert changed.added_points == changed.plan.objective.total - plan.objective.total
        assert list(changed.breaks) == violations(problem, changed.plan)
