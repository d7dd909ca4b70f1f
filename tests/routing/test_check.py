"""The judge: a good plan passes, and every kind of violation is found where it was planted."""

from dataclasses import replace

import pytest
from hand_made import at, day
from routing_cases import HOUR, four_jobs

from routing.check import KINDS, cost, violations
from routing.types import (
    UNREACHABLE,
    Break,
    BreakTaken,
    Crew,
    Delivery,
    Frozen,
    Matrix,
    Objective,
    Plan,
    Skills,
    Succession,
    Window,
)

PAUSE = Break(8 * HOUR + 1200, 12 * HOUR, 900)


def good():
    """Ana serves a and b from 8:00 and takes her break at home afterwards; c and d are left out."""
    eight = 8 * HOUR
    visits = [
        at("a", eight + 600, eight + 600, eight + 1200, 600),
        at("b", eight + 1800, eight + 1800, eight + 2400, 600),
    ]
    pause = (eight + 3600, eight + 4500)
    route = day("ana", eight, visits, eight + 3600, home_s=1200, service_s=1200, breaks=[pause])
    return four_jobs(breaks=(PAUSE,)), Plan((route,), ("c", "d"), Objective(travel=2400, unserved=21_600))


def only_a():
    """Ana serves a alone; its price is not stated."""
    visit = at("a", 8 * HOUR + 600, 8 * HOUR + 600, 8 * HOUR + 1200, 600)
    route = day("ana", 8 * HOUR, [visit], 8 * HOUR + 1800, home_s=600, service_s=600)
    return Plan((route,), ("b", "c", "d"), Objective())


def kinds(problem, plan):
    return {violation.kind for violation in violations(problem, plan)}


def on_route(plan, **changes):
    return replace(plan, routes=(replace(plan.routes[0], **changes),))


def on_visit(plan, number, **changes):
    visits = list(plan.routes[0].visits)
    visits[number] = replace(visits[number], **changes)
    return on_route(plan, visits=tuple(visits))


def on_stop(problem, number, **changes):
    stops = list(problem.stops)
    stops[number] = replace(stops[number], **changes)
    return replace(problem, stops=tuple(stops))


def on_driver(problem, **changes):
    return replace(problem, vehicles=(replace(problem.vehicles[0], **changes),))


def test_a_good_plan_has_no_violation():
    problem, plan = good()
    assert violations(problem, plan) == []
    assert cost(problem, plan) == plan.objective == Objective(travel=2400, unserved=21_600)


PLANTED = {
    "unknown_stop": lambda problem, plan: (problem, on_visit(plan, 0, stop_id="nobody")),
    "unknown_vehicle": lambda problem, plan: (problem, on_route(plan, vehicle_id="nobody")),
    "vehicle_repeated": lambda problem, plan: (problem, replace(plan, routes=plan.routes * 2)),
    "stop_repeated": lambda problem, plan: (problem, replace(plan, unassigned=("a", "c", "d"))),
    "stop_lost": lambda problem, plan: (problem, replace(plan, unassigned=("c",))),
    "route_empty": lambda problem, plan: (problem, on_route(plan, visits=())),
    "skill": lambda problem, plan: (on_stop(problem, 0, skills=Skills(all_of=frozenset({"gas"}))), plan),
    "required": lambda problem, plan: (on_stop(problem, 0, required_vehicles=frozenset({"ben"})), plan),
    "excluded": lambda problem, plan: (on_stop(problem, 0, excluded_vehicles=frozenset({"ana"})), plan),
    "unreachable": lambda problem, plan: (without_road(problem, 0, 1), plan),
    "leg_wrong": lambda problem, plan: (problem, on_visit(plan, 0, travel_s=599)),
    "leg_short": lambda problem, plan: (problem, on_visit(plan, 0, arrives_s=8 * HOUR + 599, wait_s=1)),
    "service_early": lambda problem, plan: (problem, on_visit(plan, 0, service_starts_s=8 * HOUR + 599, wait_s=-1)),
    "service_short": lambda problem, plan: (problem, on_visit(plan, 0, departs_s=8 * HOUR + 1199)),
    "window_early": lambda problem, plan: (on_stop(problem, 0, windows=(Window(9 * HOUR, 10 * HOUR),)), plan),
    "window_late": lambda problem, plan: (on_stop(problem, 0, windows=(Window(0, 8 * HOUR + 599),)), plan),
    "wait_wrong": lambda problem, plan: (problem, on_visit(plan, 0, wait_s=1)),
    "shift_early": lambda problem, plan: (on_driver(problem, shift_starts_s=8 * HOUR + 1), plan),
    "shift_late": lambda problem, plan: (on_driver(problem, shift_ends_s=plan.routes[0].ends_s - 1, breaks=()), plan),
    "max_stops": lambda problem, plan: (on_driver(problem, max_stops=1), plan),
    "max_travel": lambda problem, plan: (on_driver(problem, max_travel_s=2399), plan),
    "max_distance": lambda problem, plan: (on_driver(problem, max_distance_m=23_999), plan),
    "max_work": lambda problem, plan: (on_driver(problem, max_work_s=3599), plan),
    "capacity": lambda problem, plan: (on_driver(on_stop(problem, 0, collects=(2,)), capacity=(1,)), plan),
    "break_missing": lambda problem, plan: (problem, on_route(plan, breaks=())),
    "break_early": lambda problem, plan: (problem, with_break(plan, PAUSE.earliest_s - 1, 900)),
    "break_late": lambda problem, plan: (problem, with_break(plan, PAUSE.latest_s + 1, 900)),
    "break_length": lambda problem, plan: (problem, with_break(plan, 11 * HOUR, 899)),
    "break_outside_shift": lambda problem, plan: (problem, with_break(plan, 16 * HOUR - 1, 900)),
    "break_in_service": lambda problem, plan: (problem, with_break(plan, 8 * HOUR + 1800, 900)),
    "total_wrong": lambda problem, plan: (problem, on_route(plan, wait_s=1)),
    "frozen": lambda problem, plan: (on_driver(problem, frozen=(Frozen("c", 8 * HOUR),)), plan),
    "delivery_pair": lambda problem, plan: (replace(problem, deliveries=(Delivery("a", "c"),)), plan),
    "delivery_vehicle": lambda problem, plan: (
        with_ben(replace(problem, deliveries=(Delivery("a", "b"),))),
        with_b_for_ben(plan),
    ),
    "delivery_order": lambda problem, plan: (replace(problem, deliveries=(Delivery("b", "a"),)), plan),
    "succession": lambda problem, plan: (replace(problem, successions=(Succession("c", "a"),)), plan),
    "succession_gap": lambda problem, plan: (replace(problem, successions=(Succession("a", "b", most_s=599),)), plan),
    "crew": lambda problem, plan: (replace(problem, crews=(Crew(("a", "c")),)), plan),
    "crew_time": lambda problem, plan: (replace(problem, crews=(Crew(("a", "b")),)), plan),
    "crew_vehicle": lambda problem, plan: (replace(problem, crews=(Crew(("a", "b")),)), plan),
    "objective_wrong": lambda problem, plan: (
        problem,
        replace(plan, objective=Objective(travel=2399, unserved=21_600)),
    ),
}


def with_break(plan, starts_s, duration_s):
    return on_route(plan, breaks=(BreakTaken(starts_s, starts_s + duration_s),))


def with_ben(problem):
    return replace(problem, vehicles=(*problem.vehicles, replace(problem.vehicles[0], id="ben")))


def with_b_for_ben(plan):
    ana = plan.routes[0]
    ben = replace(ana, vehicle_id="ben", visits=ana.visits[1:])
    return replace(plan, routes=(replace(ana, visits=ana.visits[:1]), ben))


def without_road(problem, a, b):
    duration_s, distance_m = problem.matrix.duration_s.copy(), problem.matrix.distance_m.copy()
    duration_s[a, b] = distance_m[a, b] = UNREACHABLE
    return replace(problem, matrix=Matrix(duration_s, distance_m))


def test_every_kind_of_violation_is_planted_here():
    assert set(PLANTED) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_violation_is_found(kind):
    problem, plan = PLANTED[kind](*good())
    assert kind in kinds(problem, plan)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        ("window_late", 1),
        ("shift_early", 1),
        ("max_travel", 1),
        ("break_late", 1),
        ("leg_short", 1),
        ("max_distance", 1),
        ("max_work", 1),
        ("capacity", 1),
        ("succession_gap", 1),
        ("crew_time", 1200),
    ],
)
def test_a_violation_says_by_how_much(kind, amount):
    found = [violation for violation in violations(*PLANTED[kind](*good())) if violation.kind == kind]
    assert [violation.amount for violation in found] == [amount]


def test_two_breaks_that_overlap_are_found():
    _, plan = good()
    problem = four_jobs(breaks=(Break(9 * HOUR, 12 * HOUR, 900), Break(9 * HOUR, 12 * HOUR, 900)))
    both = (BreakTaken(10 * HOUR, 10 * HOUR + 900), BreakTaken(10 * HOUR + 600, 10 * HOUR + 1500))
    assert kinds(problem, on_route(plan, breaks=both)) == {"break_early"}


def test_skills_are_judged_in_all_three_ways():
    problem, plan = good()
    problem = on_driver(problem, skills=frozenset({"gas", "smoker"}))
    assert "skill" not in kinds(on_stop(problem, 0, skills=Skills(frozenset({"gas"}), frozenset({"gas", "oil"}))), plan)
    assert "skill" in kinds(on_stop(problem, 0, skills=Skills(one_of=frozenset({"oil", "coal"}))), plan)
    assert "skill" in kinds(on_stop(problem, 0, skills=Skills(none_of=frozenset({"smoker"}))), plan)


def test_each_leg_is_rounded_half_up_before_the_sum():
    # 600 s at 9 points an hour are 1.5 points: 2 a leg, and two legs are 4, not 3.
    problem = four_jobs(cost_per_hour=9)
    assert cost(problem, only_a()).travel == 4


def test_distance_fixed_price_and_preference_are_priced_apart():
    problem = on_stop(
        four_jobs(cost_per_km=10, cost_fixed=7), 0, preferred_vehicles=frozenset({"ben"}), preference_cost=900
    )
    # A leg of 600 s is 6 km: 60 points.
    due = Objective(travel=1200, distance=120, fixed=7, preference=900, unserved=32_400)
    assert cost(problem, only_a()) == due
    assert due.total == 34_627


def test_a_total_of_the_wrong_components_is_found():
    problem, plan = good()
    swapped = replace(plan, objective=Objective(travel=21_600, unserved=2400))
    assert [(v.kind, v.amount) for v in violations(problem, swapped)] == [("objective_wrong", 1)]


def test_a_stop_that_prefers_nobody_has_no_preference_to_pay_for():
    problem, plan = good()
    assert violations(on_stop(problem, 0, preference_cost=900), plan) == []
