"""Where right turns into wrong: to the second, to the metre, and in which words."""

from dataclasses import replace

import pytest
from hand_made import at, day, found, plan, street, to_a, to_a_and_b, to_b, to_b_and_a, with_visit
from routing_cases import line_matrix

from routing.check import violations
from routing.types import UNREACHABLE, Break, Crew, Delivery, Frozen, Matrix, Succession, Window

A = plan(to_a(), travel=1200)
BOTH = {"travel": 2400}


def test_every_limit_may_be_used_up():
    ana = {"shift_ends_s": 1800, "max_stops": 1, "max_travel_s": 1200, "max_distance_m": 12_000, "max_work_s": 1800}
    assert found(street(a={}, ana=ana), A) == []


def test_each_limit_says_how_much_is_over_it():
    ana = {"shift_starts_s": 3, "shift_ends_s": 3590, "max_stops": 0, "max_travel_s": 2393, "max_distance_m": 23_900}
    assert found(street(a={}, b={}, ana=ana), plan(to_a_and_b(), **BOTH)) == [
        ("shift_early", "ana", 3),
        ("shift_late", "ana", 10),
        ("max_stops", "ana", 2),
        ("max_travel", "ana", 7),
        ("max_distance", "ana", 100),
    ]


def test_a_leg_without_a_road_is_one_violation_and_adds_nothing_to_the_drive():
    duration_s = line_matrix([0, 600, 1200, 1800, 2400]).duration_s.copy()
    duration_s[0, 1] = UNREACHABLE
    matrix = Matrix(duration_s, metres_of(duration_s))
    problem = street(a={}, ana={"max_travel_s": 1200, "max_distance_m": 12_000}, matrix=matrix)
    made = plan(to_a(), travel=UNREACHABLE + 600)
    assert found(problem, made) == [("unreachable", "a", 1)]


def metres_of(duration_s):
    distance_m = 10 * duration_s
    distance_m[duration_s >= UNREACHABLE] = UNREACHABLE
    return distance_m


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([(600, 600)], []),
        ([(0, 600)], []),
        ([(600, 900)], []),
        ([(0, 100), (600, 700)], []),
        ([(607, 700)], [("window_early", "a", 7)]),
        ([(0, 589)], [("window_late", "a", 11)]),
        ([(0, 100), (300, 590)], [("window_late", "a", 10)]),
        ([(630, 700), (800, 900)], [("window_early", "a", 30)]),
        ([(0, 580), (630, 900)], [("window_late", "a", 20)]),
        ([(0, 560), (630, 900)], [("window_early", "a", 30)]),
        ([(0, 570), (630, 900)], [("window_late", "a", 30)]),
    ],
)
def test_a_start_outside_all_windows_is_measured_to_the_nearest(windows, expected):
    assert found(street(a={"windows": tuple(Window(*each) for each in windows)}), A) == expected


def with_breaks(*due, taken):
    """Ana serves a; her breaks as they are due, and as she takes them."""
    ana = {"breaks": tuple(Break(*each) for each in due), "shift_ends_s": 6000}
    return found(street(a={}, ana=ana), plan(resting(to_a(), *taken), travel=1200))


def resting(route, *breaks):
    return replace(route, breaks=day("ana", 0, [], 0, home_s=0, service_s=0, breaks=breaks).breaks)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ((2000, 2300), []),
        ((4000, 4300), []),
        ((1990, 2290), [("break_early", "ana", 10)]),
        ((4020, 4320), [("break_late", "ana", 20)]),
        ((3000, 3270), [("break_length", "ana", 30)]),
        ((3000, 3340), [("break_length", "ana", 40)]),
        ((5700, 6000), [("break_late", "ana", 1700)]),
        ((5705, 6005), [("break_late", "ana", 1705), ("break_outside_shift", "ana", 5)]),
    ],
)
def test_a_break_keeps_its_time_and_its_length(taken, expected):
    assert with_breaks((2000, 4000, 300), taken=[taken]) == expected


def test_breaks_may_follow_each_other_at_once_but_not_overlap():
    due = (2000, 4000, 300), (2000, 4000, 300)
    assert with_breaks(*due, taken=[(2000, 2300), (2300, 2600)]) == []
    assert with_breaks(*due, taken=[(2000, 2300), (2260, 2560)]) == [("break_early", "ana", 40)]
    assert with_breaks(*due, taken=[(2000, 2300)]) == [("break_missing", "ana", 300)]


def test_a_break_on_a_leg_lengthens_it():
    # Two minutes of rest on the way to a: reached at 720.
    problem = street(a={}, ana={"breaks": (Break(0, 3000, 120),)})
    late = day("ana", 0, [at("a", 720, 720, 1320, 600)], 1920, home_s=600, service_s=600, breaks=[(300, 420)])
    assert found(problem, plan(late, travel=1200)) == []
    on_time = day(
        "ana", 0, [at("a", 600, 600, 1200, 600)], 1800, home_s=600, service_s=600, breaks=[(300, 420)], wait_s=-120
    )
    assert found(problem, plan(on_time, travel=1200)) == [("leg_short", "a", 120)]


def test_a_break_before_service_is_no_wait():
    problem = street(a={}, ana={"breaks": (Break(0, 3000, 120),)})
    visit = at("a", 600, 800, 1400, 600, wait_s=80)
    route = day("ana", 0, [visit], 2000, home_s=600, service_s=600, breaks=[(650, 770)], wait_s=80)
    assert found(problem, plan(route, travel=1200)) == []
    stated = with_visit(route, 0, wait_s=200)
    assert found(problem, plan(stated, travel=1200)) == [("wait_wrong", "a", 120)]


def test_a_break_during_service_is_measured():
    problem = street(a={}, ana={"breaks": (Break(0, 3000, 120),)})
    route = replace(resting(to_a(), (1180, 1300)), wait_s=-120)
    assert found(problem, plan(route, travel=1200)) == [("leg_short", "ana", 100), ("break_in_service", "a", 20)]


def in_words(made, **problem):
    return [violation.message for violation in violations(street(**problem), made)]


def test_limits_and_breaks_are_told_in_words():
    made = plan(resting(to_a_and_b(), (4000, 4290), (4280, 4580)), **BOTH)
    ana = {
        "max_stops": 1,
        "max_work_s": 3500,
        "max_distance_m": 23_000,
        "breaks": (Break(4010, 4010, 100), Break(4010, 4110, 300), Break(4010, 5000, 60)),
    }
    assert in_words(made, a={}, b={}, ana=ana) == [
        "ana has 2 stops and may have 1",
        "ana is out 100 s longer than allowed",
        "ana drives 1000 m more than allowed",
        "break 1 of ana begins 10 s too early",
        "break 1 of ana lasts 290 s instead of 100 s",
        "break 2 of ana begins 170 s too late",
        "ana does not take break 3",
        "two breaks of ana overlap by 10 s",
    ]


def test_what_is_frozen_is_told_in_words():
    ana = {"frozen": (Frozen("a", 590), Frozen("b", 1810), Frozen("c", 2500))}
    assert in_words(plan(to_a_and_b(), left_out="c", travel=2400, unserved=1000), a={}, b={}, c={}, ana=ana) == [
        "service at a is frozen at 590 s and begins 10 s later",
        "service at b is frozen at 1810 s and begins 10 s earlier",
        "c is frozen as stop 3 of ana and is not there",
    ]


def test_ties_are_told_in_words():
    stops = {"a": {}, "b": {}}
    made = plan(to_a_and_b(), **BOTH)
    delivery, crew = Delivery("a", "b"), Crew(("a", "b"))
    assert in_words(plan(to_b_and_a(), **BOTH), **stops, deliveries=(delivery,)) == [
        "b is served before a, which is fetched for it"
    ]
    apart = plan(to_a("ana"), to_b("ben"), travel=3600)
    assert in_words(apart, **stops, ben={}, deliveries=(delivery,)) == ["what ana fetches at a is brought to b by ben"]
    early, late = Succession("a", "b", least_s=640), Succession("a", "b", most_s=550)
    assert in_words(made, **stops, successions=(early,)) == ["b begins 40 s too early after a"]
    assert in_words(made, **stops, successions=(late,)) == ["b begins 50 s too late after a"]
    assert in_words(made, **stops, crews=(crew,)) == [
        "b begins 1200 s after a of the same crew",
        "a and b of the same crew are both served by ana",
    ]


def test_half_of_a_tie_is_told_in_words():
    stops = {"a": {}, "b": {}}
    only_a = plan(to_a(), left_out="b", travel=1200, unserved=1000)
    only_b = plan(to_b("ana"), left_out="a", travel=2400, unserved=1000)
    fetch = (Delivery("a", "b"),)
    assert in_words(only_a, **stops, deliveries=fetch) == ["a is fetched, but b, where it goes, is not served"]
    assert in_words(only_b, **stops, deliveries=fetch) == ["b is served, but a, which is fetched for it, is not"]
    assert in_words(only_b, **stops, successions=(Succession("a", "b"),)) == [
        "b is served, but a, which must come before, is not"
    ]
    assert in_words(only_a, **stops, crews=(Crew(("a", "b")),)) == ["b is not served, but a of the same crew is"]


def test_a_drive_that_ends_before_it_begins_is_told_in_words():
    backwards = replace(to_a(), starts_s=700, wait_s=-700)
    assert in_words(plan(backwards, travel=1200), a={}) == [
        "a is reached 100 s before driving off; 700 s are missing for the drive to a"
    ]


def test_the_stops_by_which_a_delivery_comes_too_early_are_counted():
    visits = [at("c", 1800, 1800, 2400, 1800), at("b", 3000, 3000, 3600, 600), at("a", 4200, 4200, 4800, 600)]
    made = plan(day("ana", 0, visits, 5400, home_s=600, service_s=1800), travel=3600)
    assert found(street(a={}, b={}, c={}, deliveries=(Delivery("a", "b"),)), made) == [("delivery_order", "b", 1)]
    assert found(street(a={}, b={}, c={}, deliveries=(Delivery("a", "c"),)), made) == [("delivery_order", "c", 2)]
