"""The judge on one vehicle's day: prices, limits, loads, set-up and open ends, by plans written down by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hand_made import at, day, found, plan, street, to_a, to_a_and_b, to_b, with_visit
from routing_cases import line_matrix

from routing.check import violations
from routing.types import Break, Delivery, Matrix, Promise, ServiceFor, SkillLevel, SkillWish


def test_each_second_after_the_due_moment_costs():
    problem = street(a={"due_s": 500, "late_cost_per_s": 3})
    assert found(problem, plan(to_a(), travel=1200, late=300)) == []
    assert found(problem, plan(to_a(), travel=1200, late=299)) == [("objective_wrong", "", 1)]


def test_service_that_begins_at_the_due_moment_is_not_late():
    assert found(street(a={"due_s": 600, "late_cost_per_s": 3}), plan(to_a(), travel=1200)) == []


def test_each_second_of_overtime_costs_until_being_back():
    problem = street(a={}, ana={"overtime_from_s": 1500, "overtime_cost_per_s": 2})
    assert found(problem, plan(to_a(), travel=1200, overtime=600)) == []
    assert found(problem, plan(to_a(), travel=1200)) == [("objective_wrong", "", 600)]


def test_being_back_when_overtime_begins_costs_nothing():
    problem = street(a={}, ana={"overtime_from_s": 1800, "overtime_cost_per_s": 2})
    assert found(problem, plan(to_a(), travel=1200)) == []


def test_a_distance_may_be_driven_up_to_its_limit():
    made = plan(to_a(), travel=1200, distance=24)
    assert found(street(a={}, ana={"max_distance_m": 12_000, "cost_per_km": 2}), made) == []
    problem = street(a={}, ana={"max_distance_m": 11_990, "cost_per_km": 2})
    assert found(problem, made) == [("max_distance", "ana", 10)]


def test_neither_what_is_driven_nor_what_is_stated_may_be_more_than_the_limit():
    problem = street(a={}, ana={"max_travel_s": 1000, "max_distance_m": 12_000})
    less = replace(to_a(), travel_s=1000, wait_s=200)
    assert found(problem, plan(less, travel=1200)) == [("leg_wrong", "ana", 200), ("max_travel", "ana", 200)]
    more = replace(to_a(), travel_s=1300, distance_m=12_040, wait_s=-100)
    assert found(problem, plan(more, travel=1200)) == [
        ("leg_wrong", "ana", 100),
        ("max_travel", "ana", 300),
        ("max_distance", "ana", 40),
    ]


def test_work_lasts_from_leaving_home_to_being_back():
    made = plan(to_a(), travel=1200)
    assert found(street(a={}, ana={"max_work_s": 1800}), made) == []
    assert found(street(a={}, ana={"max_work_s": 1795}), made) == [("max_work", "ana", 5)]


def test_a_break_on_the_way_is_work_and_one_at_home_is_not():
    problem = street(a={}, ana={"max_work_s": 1800, "breaks": (Break(0, 9000, 900),)})
    at_home = replace(to_a(), breaks=day("ana", 0, [], 0, home_s=0, service_s=0, breaks=[(1800, 2700)]).breaks)
    assert found(problem, plan(at_home, travel=1200)) == []
    visit = at("a", 600, 600, 2100, 600)  # he rests at the stop from 1200 to 2100
    on_the_way = day("ana", 0, [visit], 2700, home_s=600, service_s=600, breaks=[(1200, 2100)])
    assert found(problem, plan(on_the_way, travel=1200)) == [("max_work", "ana", 900)]


def test_what_is_delivered_is_aboard_from_the_start():
    made = plan(to_a_and_b(), travel=2400)
    problem = street(a={"delivers": (2,)}, b={"delivers": (1,)}, ana={"capacity": (3,)})
    assert found(problem, made) == []
    small = replace(problem, vehicles=(replace(problem.vehicles[0], capacity=(1,)),))
    assert found(small, made) == [("capacity", "ana", 2)]
    assert violations(small, made)[0].message == "ana carries 3 after the start and may carry 1"


def test_what_is_collected_is_aboard_to_the_end():
    made = plan(to_a_and_b(), travel=2400)
    stops = {"a": {"collects": (0, 2)}, "b": {"collects": (1, 2)}}
    assert found(street(**stops, ana={"capacity": (1, 4)}), made) == []
    problem = street(**stops, ana={"capacity": (1, 3)})
    assert found(problem, made) == [("capacity", "ana", 1)]
    assert violations(problem, made)[0].message == "ana carries 4 after b and may carry 3 in dimension 2"


def test_a_stop_takes_what_is_delivered_before_it_hands_over_what_is_collected():
    made = plan(to_a(), travel=1200)
    assert found(street(a={"delivers": (2,), "collects": (2,)}, ana={"capacity": (2,)}), made) == []
    problem = street(a={"delivers": (2,), "collects": (3,)}, ana={"capacity": (2,)})
    assert found(problem, made) == [("capacity", "ana", 1)]


def test_what_was_fetched_leaves_the_vehicle_where_it_is_brought():
    # 3 after a, none after b, 3 after c. Back at 1800 + 600 + 600 + 1800.
    visits = [at("a", 600, 600, 1200, 600), at("b", 1800, 1800, 2400, 600), at("c", 3000, 3000, 3600, 600)]
    made = plan(day("ana", 0, visits, 5400, home_s=1800, service_s=1800), travel=3600)
    problem = street(
        a={"collects": (3,)}, b={}, c={"collects": (3,)}, ana={"capacity": (3,)}, deliveries=(Delivery("a", "b"),)
    )
    assert found(problem, made) == []
    assert found(replace(problem, deliveries=()), made) == [("capacity", "ana", 3)]


def test_a_vehicle_without_a_capacity_carries_anything():
    assert found(street(a={"delivers": (10**9,)}, ana={}), plan(to_a(), travel=1200)) == []


def quick_a():
    """Ana needs 5 minutes at a, and 1 for the set-up; anybody else 10 and none."""
    return street(a={"service_for": (ServiceFor("ana", 300, 60),)}, ben={}, b={})


def test_a_vehicle_takes_its_own_time_at_a_stop():
    quick = day("ana", 0, [at("a", 600, 600, 960, 600)], 1560, home_s=600, service_s=360)
    assert found(quick_a(), plan(quick, to_b(), travel=3600)) == []
    hasty = day("ana", 0, [at("a", 600, 600, 950, 600)], 1560, home_s=600, service_s=360)
    assert found(quick_a(), plan(hasty, to_b(), travel=3600)) == [("service_short", "a", 10)]


def test_another_vehicle_takes_the_time_of_the_stop():
    assert found(quick_a(), plan(to_a("ben"), travel=1200, unserved=1000, left_out="b")) == []
    quick = day("ben", 0, [at("a", 600, 600, 960, 600)], 1560, home_s=600, service_s=360)
    assert found(quick_a(), plan(quick, travel=1200, unserved=1000, left_out="b")) == [
        ("service_short", "a", 240),
        ("total_wrong", "ben", 240),
        ("total_wrong", "ben", 240),
    ]


def same_house(**ana):
    """a and b at one place, each with 2 minutes of set-up."""
    return street(a={"setup_s": 120}, b={"setup_s": 120, "place": 1}, ana=ana)


def in_the_same_house(*, b_s=600, service_s=1320):
    """a from 600 to 1320, set-up included, then b for ``b_s`` in the same house."""
    visits = [at("a", 600, 600, 1320, 600), at("b", 1320, 1320, 1320 + b_s, 0)]
    return day("ana", 0, visits, 1920 + b_s, home_s=600, service_s=service_s)


def test_set_up_is_spent_once_at_a_place():
    assert found(same_house(), plan(in_the_same_house(), travel=1200)) == []
    twice = in_the_same_house(b_s=720, service_s=1440)
    assert found(same_house(), plan(twice, travel=1200)) == [("total_wrong", "ana", 120), ("total_wrong", "ana", 120)]


def test_a_stop_may_not_be_left_without_its_set_up():
    early = with_visit(in_the_same_house(), 0, departs_s=1200)
    assert found(same_house(), plan(early, travel=1200)) == [("service_short", "a", 120)]


def test_set_up_is_saved_at_the_place_where_the_route_begins():
    visits = [at("a", 0, 0, 600, 0)]
    made = day("ana", 0, visits, 1200, home_s=600, service_s=600)
    problem = street(a={"setup_s": 120}, ana={"start_place": 1})
    assert found(problem, plan(made, travel=600)) == []


def test_the_first_stop_of_an_open_start_needs_its_set_up():
    problem = street(a={"setup_s": 120}, ana={"start_place": None})
    made = day("ana", 0, [at("a", 0, 0, 720, 0)], 1320, home_s=600, service_s=720)
    assert found(problem, plan(made, travel=600)) == []
    short = day("ana", 0, [at("a", 0, 0, 600, 0)], 1320, home_s=600, service_s=720)
    assert found(problem, plan(short, travel=600)) == [("service_short", "a", 120)]


def test_a_route_with_an_open_start_begins_at_its_first_stop():
    problem = street(a={}, ana={"start_place": None})
    assert (
        found(problem, plan(day("ana", 0, [at("a", 0, 0, 600, 0)], 1200, home_s=600, service_s=600), travel=600)) == []
    )
    assert found(problem, plan(to_a(), travel=1200)) == [("leg_wrong", "a", 6000), ("objective_wrong", "", 600)]


def test_a_route_with_an_open_end_ends_when_its_last_stop_is_left():
    problem = street(a={}, ana={"end_place": None, "cost_per_km": 100})
    visits = [at("a", 600, 600, 1200, 600)]
    points = {"travel": 600, "distance": 600}
    assert found(problem, plan(day("ana", 0, visits, 1200, home_s=0, service_s=600), **points)) == []
    too_long = day("ana", 0, visits, 1230, home_s=0, service_s=600, wait_s=30)
    assert found(problem, plan(too_long, **points)) == [("total_wrong", "ana", 30)]
    too_short = day("ana", 0, visits, 1190, home_s=0, service_s=600, wait_s=-10)
    assert found(problem, plan(too_short, **points)) == [("leg_short", "ana", 10)]
    home = day("ana", 0, visits, 1200, home_s=600, service_s=600, wait_s=-600)
    assert found(problem, plan(home, **points)) == [("leg_wrong", "ana", 6000)]


def by_bicycle(cost_points=None):
    """Ben's matrix: twice the time on half the way."""
    street_s = line_matrix([0, 600, 1200, 1800, 2400])
    slow = Matrix(street_s.duration_s * 2, street_s.distance_m // 2, cost_points=cost_points)
    return street(a={}, ben={"matrix": 1, "cost_per_km": 1}, more_matrices=(slow,))


def cycled():
    """Out at 0, a from 1200 to 1800, back at 3000."""
    visits = [at("a", 1200, 1200, 1800, 1200, drive_m=3000)]
    return day("ben", 0, visits, 3000, home_s=1200, service_s=600, home_m=3000)


def test_a_vehicle_travels_by_its_own_matrix():
    assert found(by_bicycle(), plan(cycled(), travel=2400, distance=6)) == []
    assert found(by_bicycle(), plan(to_a("ben"), travel=2400, distance=6)) == [
        ("leg_wrong", "a", 3000),
        ("leg_short", "a", 600),
        ("leg_wrong", "ben", 3000),
        ("leg_short", "ben", 600),
    ]
    assert found(by_bicycle(), plan(to_a("ana"), travel=1200)) == []


def test_limits_hold_by_the_vehicles_own_matrix():
    problem = by_bicycle()
    ana, ben = problem.vehicles
    tight = replace(problem, vehicles=(ana, replace(ben, max_travel_s=2399, max_distance_m=5998)))
    made = plan(cycled(), travel=2400, distance=6)
    assert found(tight, made) == [("max_travel", "ben", 1), ("max_distance", "ben", 2)]


def test_cost_points_replace_the_price_of_driving_time():
    points = np.zeros((5, 5), dtype=np.int64)
    points[0, 1], points[1, 0] = 70, 5
    assert found(by_bicycle(points), plan(cycled(), travel=75, distance=6)) == []
    assert found(by_bicycle(points), plan(cycled(), travel=2400, distance=6)) == [("objective_wrong", "", 2325)]


def test_service_has_a_price_with_set_up_and_rounded_visit_by_visit():
    # 602 s and 600 s at 3 points an hour are 0.5017 and 0.5 points: 1 each.
    problem = street(a={"setup_s": 2}, b={"place": 1, "setup_s": 2}, ana={"cost_per_service_hour": 3})
    visits = [at("a", 600, 600, 1202, 600), at("b", 1202, 1202, 1802, 0)]
    made = day("ana", 0, visits, 2402, home_s=600, service_s=1202)
    assert found(problem, plan(made, travel=1200, service=2)) == []
    assert found(problem, plan(made, travel=1200, service=1)) == [("objective_wrong", "", 1)]


@pytest.mark.parametrize(
    ("held", "points"), [((), 400), ((SkillLevel("tiles", 50),), 150), ((SkillLevel("tiles", 90),), 0)]
)
def test_each_level_that_a_wish_misses_costs(held, points):
    problem = street(a={"skill_wishes": (SkillWish("tiles", 80, 5),)}, ana={"skill_levels": held})
    assert found(problem, plan(to_a(), travel=1200, preference=points)) == []
    assert found(problem, plan(to_a(), travel=1200, preference=points + 7)) == [("objective_wrong", "", 7)]


TOLD = Promise("ana", 1800, after="a", tolerance_s=60, cost_time=10, cost_vehicle=200, cost_order=3000)


@pytest.mark.parametrize(
    ("told", "points"),
    [
        ({}, 0),
        ({"starts_s": 1740}, 0),
        ({"starts_s": 1860}, 0),
        ({"starts_s": 1739}, 10),
        ({"starts_s": 1861}, 10),
        ({"vehicle": "ben"}, 200),
        ({"after": None}, 3000),
        ({"after": "c"}, 3000),
        ({"starts_s": 0, "vehicle": "ben", "after": None}, 3210),
    ],
)
def test_a_promise_costs_what_of_it_is_not_kept(told, points):
    problem = street(a={}, b={"promise": replace(TOLD, **told)})
    assert found(problem, plan(to_a_and_b(), travel=2400, stability=points)) == []
    assert found(problem, plan(to_a_and_b(), travel=2400, stability=points + 1)) == [("objective_wrong", "", 1)]


def test_the_first_stop_of_the_day_comes_after_none():
    problem = street(a={"promise": replace(TOLD, starts_s=600, after=None)})
    assert found(problem, plan(to_a(), travel=1200)) == []


def test_a_promise_to_a_stop_left_out_costs_no_more_than_leaving_it_out():
    assert found(street(a={}, b={"promise": TOLD}), plan(to_a(), travel=1200, unserved=1000, left_out="b")) == []
