"""The judge on stops that depend on each other and on what is frozen, by plans written down by hand."""

from dataclasses import replace

import pytest
from hand_made import at, day, found, plan, street, to_a, to_a_and_b, to_b, to_b_and_a, with_visit
from routing_cases import line_matrix

from routing.types import (
    UNREACHABLE,
    Break,
    Crew,
    Delivery,
    Frozen,
    Matrix,
    ServiceFor,
    Skills,
    Succession,
    Window,
)

BOTH = {"travel": 2400}
APART = {"travel": 3600}
ONE_LEFT_OUT = {"travel": 1200, "unserved": 1000}


def begun(a=None, **ana):
    """Ana has begun at a at 100 s, which is 600 s away, closed, not for her and beyond her skills; b is next."""
    forbidden = {
        "windows": (Window(5000, 6000),),
        "skills": Skills(all_of=frozenset({"gas"})),
        "excluded_vehicles": frozenset({"ana"}),
        "setup_s": 300,
    }
    return street(a=forbidden | (a or {}), b={}, ana={"frozen": (Frozen("a", 100),)} | ana, ben={})


def after_a(**changes):
    """a from 100 to 700, b from 1300 to 1900, back at 3100: out for 3100, 2400 of them on paper for driving."""
    visits = [at("a", 40, 100, 700, 600, wait_s=60), at("b", 1300, 1300, 1900, 600)]
    route = day("ana", 40, visits, 3100, home_s=1200, service_s=1200, wait_s=-540)
    return replace(route, **changes)


def test_how_a_frozen_stop_came_about_is_not_judged():
    assert found(begun(), plan(after_a(), **BOTH)) == []


def test_a_stop_that_is_not_frozen_is_judged_in_full():
    problem = begun()
    free = replace(problem, vehicles=(replace(problem.vehicles[0], frozen=()), problem.vehicles[1]))
    kinds = [kind for kind, _, _ in found(free, plan(after_a(), **BOTH))]
    assert kinds == [
        "skill",
        "excluded",
        "leg_short",
        "service_short",
        "window_early",
        "total_wrong",
        "total_wrong",
    ]


@pytest.mark.parametrize(("begins_s", "by_s"), [(95, 5), (170, 70)])
def test_a_frozen_stop_begins_exactly_when_it_was_frozen(begins_s, by_s):
    moved = with_visit(after_a(), 0, service_starts_s=begins_s, departs_s=700 + begins_s - 100, wait_s=begins_s - 40)
    moved = with_visit(moved, 1, arrives_s=1370, service_starts_s=1370, departs_s=1970)
    moved = replace(moved, ends_s=3170, wait_s=-470)
    assert found(begun(), plan(moved, **BOTH)) == [("frozen", "a", by_s)]


def test_the_route_begins_with_what_is_frozen():
    problem = begun(a={"windows": (), "excluded_vehicles": frozenset(), "skills": Skills()})
    made = plan(to_b_and_a(), **BOTH)
    assert found(problem, made) == [("frozen", "a", 1)]


def test_frozen_stops_keep_their_order():
    problem = street(a={}, b={}, ana={"frozen": (Frozen("a", 600), Frozen("b", 1800))})
    assert found(problem, plan(to_a_and_b(), **BOTH)) == []
    assert found(problem, plan(to_b_and_a(), **BOTH)) == [("frozen", "a", 1), ("frozen", "b", 1)]


def test_a_frozen_stop_is_never_left_out():
    made = plan(to_b("ana"), travel=2400, unserved=1000, left_out="a")
    assert found(begun(), made) == [("frozen", "a", 1)]
    nobody = plan(left_out="ab", unserved=2000)
    assert found(begun(), nobody) == [("frozen", "a", 1)]


def test_a_frozen_stop_stays_with_its_vehicle():
    problem = street(a={}, b={}, ana={"frozen": (Frozen("a", 600),)}, ben={})
    assert found(problem, plan(to_a("ben"), to_b("ana"), **APART)) == [("frozen", "a", 1)]


def test_the_drive_on_from_a_frozen_stop_is_judged():
    early = with_visit(after_a(), 1, arrives_s=1299, wait_s=1)
    assert found(begun(), plan(early, **BOTH)) == [("leg_short", "b", 1)]


def test_service_at_a_frozen_stop_takes_its_time():
    left = with_visit(after_a(), 0, departs_s=690)
    assert found(begun(), plan(left, **BOTH)) == [("service_short", "a", 10)]
    special = begun(a={"service_for": (ServiceFor("ana", 610, 50),)})
    assert found(special, plan(after_a(service_s=1210, wait_s=-550), **BOTH)) == [("service_short", "a", 10)]


def test_a_frozen_stop_is_not_reached_before_driving_off_nor_after_it_begins():
    assert found(begun(), plan(after_a(starts_s=50, wait_s=-550), **BOTH)) == [("leg_short", "a", 10)]
    late = with_visit(after_a(), 0, arrives_s=110, wait_s=-10)
    assert found(begun(), plan(late, **BOTH)) == [("service_early", "a", 10)]


def test_the_leg_to_a_frozen_stop_is_stated_and_paid_as_the_matrix_has_it():
    stated = with_visit(after_a(travel_s=1860, distance_m=18600, wait_s=0), 0, travel_s=60, distance_m=600)
    assert found(begun(), plan(stated, **BOTH)) == [("leg_wrong", "a", 5400)]
    assert found(begun(max_distance_m=23_990), plan(after_a(), **BOTH)) == [("max_distance", "ana", 10)]


def test_a_frozen_stop_without_a_road_to_it_counts_what_the_matrix_says():
    duration_s = line_matrix([0, 600, 1200, 1800, 2400]).duration_s.copy()
    distance_m = 10 * duration_s
    duration_s[0, 1] = distance_m[0, 1] = UNREACHABLE
    problem = replace(begun(), matrix=Matrix(duration_s, distance_m))
    visits = [at("a", 40, 100, 700, UNREACHABLE, wait_s=60, drive_m=UNREACHABLE), at("b", 1300, 1300, 1900, 600)]
    made = day("ana", 40, visits, 3100, home_s=1200, service_s=1200, wait_s=60 - UNREACHABLE)
    assert found(problem, plan(made, travel=UNREACHABLE + 1800)) == []


def test_a_frozen_stop_has_no_set_up_to_pay_for_and_saves_it_to_the_next_at_its_place():
    problem = street(
        a={"setup_s": 300},
        b={"setup_s": 300, "place": 1},
        ana={"frozen": (Frozen("a", 600),), "cost_per_service_hour": 3600},
    )
    visits = [at("a", 600, 600, 1200, 600), at("b", 1200, 1200, 1800, 0)]
    made = day("ana", 0, visits, 2400, home_s=600, service_s=1200)
    assert found(problem, plan(made, travel=1200, service=1200)) == []


def test_prices_of_lateness_hold_for_frozen_stops():
    problem = begun(a={"due_s": 90, "late_cost_per_s": 7})
    assert found(problem, plan(after_a(), travel=2400, late=70)) == []


def test_breaks_come_after_the_frozen_stops():
    ana = {"frozen": (Frozen("a", 400),), "breaks": (Break(0, 9000, 300),)}
    problem = street(a={}, b={"service_s": 900}, ana=ana)
    # Service at a lasts from 400 to 1000: she rests until 1300, or at home until 300.
    visits = [at("a", 400, 400, 1300, 600), at("b", 1900, 1900, 2800, 600)]
    after = day("ana", 200, visits, 4000, home_s=1200, service_s=1500, wait_s=-400, breaks=[(1000, 1300)])
    assert found(problem, plan(after, **BOTH)) == []
    visits = [at("a", 400, 400, 1000, 600), at("b", 1600, 1600, 2500, 600)]
    before = day("ana", 400, visits, 3700, home_s=1200, service_s=1500, wait_s=-600, breaks=[(0, 300)])
    assert found(problem, plan(before, **BOTH)) == [("break_early", "ana", 1000)]


def fetch(pickup="a", delivery="b", **ana):
    return street(a={}, b={}, ana=ana, ben={}, deliveries=(Delivery(pickup, delivery),))


def test_one_vehicle_fetches_and_then_brings():
    assert found(fetch(), plan(to_a_and_b(), **BOTH)) == []
    assert found(fetch(), plan(to_b_and_a(), **BOTH)) == [("delivery_order", "b", 1)]


def test_nobody_brings_what_another_fetches():
    assert found(fetch(), plan(to_a("ana"), to_b("ben"), **APART)) == [("delivery_vehicle", "b", 1)]


def test_a_delivery_is_served_as_a_whole_or_not_at_all():
    assert found(fetch(), plan(left_out="ab", unserved=2000)) == []
    assert found(fetch(), plan(to_a(), left_out="b", **ONE_LEFT_OUT)) == [("delivery_pair", "b", 1)]
    only_b = plan(to_b("ana"), travel=2400, unserved=1000, left_out="a")
    assert found(fetch(), only_b) == [("delivery_pair", "a", 1)]


def test_what_was_fetched_for_good_may_stay_aboard_but_goes_to_nobody_else():
    problem = fetch(frozen=(Frozen("a", 600),))
    assert found(problem, plan(to_a(), left_out="b", **ONE_LEFT_OUT)) == []
    assert found(problem, plan(to_a_and_b(), **BOTH)) == []
    assert found(problem, plan(to_a("ana"), to_b("ben"), **APART)) == [("delivery_vehicle", "b", 1)]


def test_a_frozen_pickup_that_another_makes_does_not_free_its_delivery():
    problem = fetch(frozen=(Frozen("a", 600),))
    assert found(problem, plan(to_a_and_b("ben"), **BOTH)) == [("frozen", "a", 1), ("delivery_vehicle", "b", 1)]


def in_turn(first="a", then="b", **gap):
    return street(a={}, b={}, ana={}, ben={}, successions=(Succession(first, then, **gap),))


def test_between_two_in_succession_lies_what_was_asked():
    # a ends at 1200, b begins at 1800.
    assert found(in_turn(least_s=600, most_s=600), plan(to_a_and_b(), **BOTH)) == []
    assert found(in_turn(least_s=610), plan(to_a_and_b(), **BOTH)) == [("succession_gap", "b", 10)]
    assert found(in_turn(most_s=580), plan(to_a_and_b(), **BOTH)) == [("succession_gap", "b", 20)]


def test_a_succession_holds_between_vehicles():
    # Ana ends at a at 1200, when Ben begins at b.
    made = plan(to_a("ana"), to_b("ben"), **APART)
    assert found(in_turn(most_s=0), made) == []
    assert found(in_turn("b", "a"), made) == [("succession_gap", "a", 1200)]


def test_set_up_is_part_of_what_comes_first():
    problem = street(a={"setup_s": 100}, b={}, successions=(Succession("a", "b", least_s=501),))
    longer = replace(with_visit(to_a_and_b(), 0, departs_s=1300), service_s=1300)
    longer = with_visit(longer, 1, arrives_s=1900, service_starts_s=1900, departs_s=2500)
    assert found(problem, plan(replace(longer, ends_s=3700), **BOTH)) == []
    tight = replace(problem, successions=(Succession("a", "b", least_s=601),))
    assert found(tight, plan(replace(longer, ends_s=3700), **BOTH)) == [("succession_gap", "b", 1)]


def test_what_comes_second_is_not_served_alone():
    made = plan(to_a(), left_out="b", **ONE_LEFT_OUT)
    assert found(in_turn("a", "b"), made) == []
    assert found(in_turn("b", "a"), made) == [("succession", "a", 1)]


def test_a_succession_to_a_frozen_stop_is_history():
    problem = in_turn("b", "a")
    frozen = replace(problem.vehicles[0], frozen=(Frozen("a", 600),))
    problem = replace(problem, vehicles=(frozen, problem.vehicles[1]))
    assert found(problem, plan(to_a_and_b(), **BOTH)) == []
    assert found(problem, plan(to_a(), left_out="b", **ONE_LEFT_OUT)) == []


def together(**ana):
    return street(a={}, b={}, ana=ana, ben={}, crews=(Crew(("a", "b")),))


def waiting_at_a(begins_s):
    """Ana waits at a until service begins there."""
    visits = [at("a", 600, begins_s, begins_s + 600, 600, wait_s=begins_s - 600)]
    return day("ana", 0, visits, begins_s + 1200, home_s=600, service_s=600, wait_s=begins_s - 600)


def test_a_crew_begins_at_one_moment():
    assert found(together(), plan(waiting_at_a(1200), to_b("ben"), **APART)) == []
    assert found(together(), plan(waiting_at_a(1190), to_b("ben"), **APART)) == [("crew_time", "b", 10)]
    assert found(together(), plan(waiting_at_a(1230), to_b("ben"), **APART)) == [("crew_time", "a", 30)]


def test_a_crew_comes_as_a_whole_or_not_at_all():
    assert found(together(), plan(left_out="ab", unserved=2000)) == []
    assert found(together(), plan(to_a(), left_out="b", **ONE_LEFT_OUT)) == [("crew", "b", 1)]


def test_nobody_is_two_of_a_crew():
    assert found(together(), plan(to_a_and_b(), **BOTH)) == [("crew_time", "b", 1200), ("crew_vehicle", "b", 1)]


def test_a_frozen_crew_is_history():
    frozen = (Frozen("a", 600), Frozen("b", 1800))
    assert found(together(frozen=frozen), plan(to_a_and_b(), **BOTH)) == []


def test_ties_to_a_route_that_cannot_be_read_are_not_judged():
    made = plan(to_a("ana"), to_b("nobody"), **APART)
    for problem in (fetch("b", "a"), in_turn("b", "a"), together()):
        assert found(problem, made) == [("unknown_vehicle", "nobody", 1)]
