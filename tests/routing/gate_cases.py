"""Plans worked out by hand for every feature of the model, and the same plans with one thing broken."""

from dataclasses import replace

import numpy as np
from hand_made import at, day, plan, street, to_a, to_a_and_b, to_b, with_visit
from routing_cases import line_matrix

from routing.types import (
    UNREACHABLE,
    Break,
    Crew,
    Delivery,
    Frozen,
    Matrix,
    Promise,
    ServiceFor,
    SkillLevel,
    Skills,
    SkillWish,
    Succession,
    Window,
)

ONE = plan(to_a(), travel=1200)
"""Ana at a: ten minutes there, ten minutes back."""

TWO = plan(to_a_and_b(), travel=2400)
"""Ana at a and b: twenty minutes there, twenty minutes back."""

BOTH = plan(to_a(), to_b(), travel=3600)
"""Ana at a, Ben at b."""

PAUSED = plan(
    day("ana", 0, [at("a", 600, 600, 2400, 600)], 3000, home_s=600, service_s=600, breaks=[(1200, 2400)]), travel=1200
)
"""Ana rests at a for twenty minutes before she drives home."""

SAME_PLACE = plan(
    day("ana", 0, [at("a", 600, 600, 1500, 600), at("b", 1500, 1500, 2100, 0)], 2700, home_s=600, service_s=1500),
    travel=1200,
)
"""Ana at a with five minutes of set-up, then at b in the same place, without."""

BEGUN = plan(day("ana", 0, [at("a", 100, 100, 700, 600)], 1300, home_s=600, service_s=600, wait_s=-500), travel=1200)
"""Service at a began after 100 s, though the drive takes 600 s."""

TOGETHER = plan(to_a(), replace(to_a("ben"), visits=(at("b", 600, 600, 1200, 600),)), travel=2400)
"""Ana at a and Ben at b, which lie in the same place, at the same moment."""

GAS = Skills(all_of=frozenset({"gas"}))
REST = (Break(0, 7200, 1200),)
LOADS = {"a": {"delivers": (2,), "collects": (1,)}, "b": {"delivers": (1,), "collects": (3,)}}
TOLD = Promise("ben", 2000, "b", tolerance_s=100, cost_time=7, cost_vehicle=11, cost_order=5)
KEPT = Promise("ana", 500, None, tolerance_s=100, cost_time=7, cost_vehicle=11, cost_order=5)
HOLE = np.array([[0, UNREACHABLE], [600, 0]])
SLOW = Matrix(2 * line_matrix([0, 600]).duration_s, line_matrix([0, 600]).distance_m)
DEAR = replace(SLOW, cost_points=np.array([[0, 70], [30, 0]]))


def slowly(**points):
    """Ana at a in twice the time."""
    return plan(
        day("ana", 0, [at("a", 1200, 1200, 1800, 1200, drive_m=6000)], 3000, home_s=1200, service_s=600, home_m=6000),
        **points,
    )


SOUND = {
    "a plain day": (street(a={}), ONE, 1200),
    "a stop left out": (
        street(a={}, b={}),
        replace(ONE, unassigned=("b",), objective=plan(travel=1200, unserved=1000).objective),
        2200,
    ),
    "nobody out": (street(a={}), plan(left_out="a", unserved=1000), 1000),
    "the second of two windows": (street(a={"windows": (Window(0, 300), Window(600, 700))}), ONE, 1200),
    "a break at the stop": (street(ana={"breaks": REST}, a={}), PAUSED, 1200),
    "a break in its second window": (
        street(ana={"breaks": (Break(0, 60, 1200, also=(Window(1200, 1300),)),)}, a={}),
        PAUSED,
        1200,
    ),
    "the skill that is asked for": (street(ana={"skills": frozenset({"gas"})}, a={"skills": GAS}), ONE, 1200),
    "the vehicle that is required": (street(a={"required_vehicles": frozenset({"ana"})}), ONE, 1200),
    "another vehicle is excluded": (street(a={"excluded_vehicles": frozenset({"ben"})}), ONE, 1200),
    "as many stops as allowed": (street(ana={"max_stops": 2}, a={}, b={}), TWO, 2400),
    "as much driving as allowed": (street(ana={"max_travel_s": 2400}, a={}, b={}), TWO, 2400),
    "as far as allowed": (street(ana={"max_distance_m": 24_000}, a={}, b={}), TWO, 2400),
    "as long out as allowed": (street(ana={"max_work_s": 3600}, a={}, b={}), TWO, 2400),
    "a van full at the end": (street(ana={"capacity": (4,)}, **LOADS), TWO, 2400),
    "a van full at the start": (street(ana={"capacity": (3,)}, a={"delivers": (2,)}, b={"delivers": (1,)}), TWO, 2400),
    "a van emptied on the way": (
        street(ana={"capacity": (2,)}, deliveries=(Delivery("a", "b"),), a={"collects": (2,)}, b={}),
        TWO,
        2400,
    ),
    "100 s late": (
        street(a={"due_s": 500, "late_cost_per_s": 3}),
        replace(ONE, objective=plan(travel=1200, late=300).objective),
        1500,
    ),
    "300 s of overtime": (
        street(ana={"overtime_from_s": 1500, "overtime_cost_per_s": 2}, a={}),
        replace(ONE, objective=plan(travel=1200, overtime=600).objective),
        1800,
    ),
    "overtime from before the shift": (
        street(ana={"overtime_from_s": -100, "overtime_cost_per_s": 2}, a={}),
        replace(ONE, objective=plan(travel=1200, overtime=3800).objective),
        5000,
    ),
    "a price of being used, of an hour, a km and service": (
        street(ana={"cost_fixed": 50, "cost_per_hour": 7200, "cost_per_km": 100, "cost_per_service_hour": 1800}, a={}),
        replace(ONE, objective=plan(fixed=50, travel=2400, distance=1200, service=300).objective),
        3950,
    ),
    "a matrix of the vehicle": (
        street(ana={"matrix": 1}, matrix=line_matrix([0, 600]), more_matrices=(SLOW,), a={}),
        slowly(travel=2400),
        2400,
    ),
    "legs with prices of their own": (
        street(ana={"matrix": 1}, matrix=line_matrix([0, 600]), more_matrices=(DEAR,), a={}),
        slowly(travel=100),
        100,
    ),
    "not the vehicle preferred": (
        street(a={"preferred_vehicles": frozenset({"ben"}), "preference_cost": 70}),
        replace(ONE, objective=plan(travel=1200, preference=70).objective),
        1270,
    ),
    "a level of 20 where 50 is wished": (
        street(ana={"skill_levels": (SkillLevel("gas", 20),)}, a={"skill_wishes": (SkillWish("gas", 50, 2),)}),
        replace(ONE, objective=plan(travel=1200, preference=60).objective),
        1260,
    ),
    "a promise broken in every way": (
        street(a={"promise": TOLD}),
        replace(ONE, objective=plan(travel=1200, stability=23).objective),
        1223,
    ),
    "a promise just kept": (street(a={"promise": KEPT}), ONE, 1200),
    "a route that begins at its first stop": (
        street(ana={"start_place": None}, a={}),
        plan(day("ana", 600, [at("a", 600, 600, 1200, 0)], 1800, home_s=600, service_s=600), travel=600),
        600,
    ),
    "a route that ends at its last stop": (
        street(ana={"end_place": None}, a={}),
        plan(day("ana", 0, [at("a", 600, 600, 1200, 600)], 1200, home_s=0, service_s=600), travel=600),
        600,
    ),
    "a set-up saved in the same place": (street(a={"setup_s": 300}, b={"setup_s": 300, "place": 1}), SAME_PLACE, 1200),
    "a set-up saved at home": (
        street(a={"setup_s": 300, "place": 0}),
        plan(day("ana", 0, [at("a", 0, 0, 600, 0)], 600, home_s=0, service_s=600)),
        0,
    ),
    "a time of the vehicle's own": (
        street(a={"service_s": 900, "service_for": (ServiceFor("ana", 500, 100), ServiceFor("ben", 0))}),
        ONE,
        1200,
    ),
    "a frozen stop, its drive too long and its window missed": (
        street(ana={"frozen": (Frozen("a", 100),)}, a={"windows": (Window(0, 50),), "skills": GAS, "setup_s": 900}),
        BEGUN,
        1200,
    ),
    "a frozen stop that no road leads to": (
        street(ana={"frozen": (Frozen("a", 100),), "cost_per_hour": 7200}, matrix=Matrix(HOLE, HOLE), a={}),
        plan(
            day(
                "ana",
                0,
                [at("a", 100, 100, 700, UNREACHABLE, drive_m=UNREACHABLE)],
                1300,
                home_s=600,
                service_s=600,
                home_m=600,
                wait_s=100 - UNREACHABLE,
            ),
            travel=2 * UNREACHABLE + 1200,
        ),
        2 * UNREACHABLE + 1200,
    ),
    "a delivery after its pickup": (street(deliveries=(Delivery("a", "b"),), a={}, b={}), TWO, 2400),
    "a frozen pickup that stays aboard": (
        street(ana={"frozen": (Frozen("a", 100),)}, deliveries=(Delivery("a", "b"),), a={}, b={}),
        replace(BEGUN, unassigned=("b",), objective=plan(travel=1200, unserved=1000).objective),
        2200,
    ),
    "exactly ten minutes after the first": (
        street(ben={}, successions=(Succession("a", "b", 0, 0),), a={}, b={}),
        BOTH,
        3600,
    ),
    "a succession of which only the first is served": (
        street(successions=(Succession("a", "b"),), a={}, b={}),
        replace(ONE, unassigned=("b",), objective=plan(travel=1200, unserved=1000).objective),
        2200,
    ),
    "a crew at one moment": (street(ben={}, crews=(Crew(("a", "b")),), a={}, b={"place": 1}), TOGETHER, 2400),
    "a crew that nobody serves": (
        street(crews=(Crew(("a", "b")),), a={}, b={}),
        plan(left_out="ab", unserved=2000),
        2000,
    ),
    "a visit of no time during a break": (
        street(ana={"breaks": REST}, a={"service_s": 0}),
        plan(
            day("ana", 0, [at("a", 1200, 1200, 1800, 600)], 2400, home_s=600, service_s=0, breaks=[(600, 1800)]),
            travel=1200,
        ),
        1200,
    ),
    "a route that begins in the middle of a break": (
        street(ana={"breaks": REST}, a={}),
        plan(
            day("ana", 600, [at("a", 1800, 1800, 2400, 600)], 3000, home_s=600, service_s=600, breaks=[(0, 1200)]),
            travel=1200,
        ),
        1200,
    ),
}

BROKEN = {
    "leaves a second too late": (street(a={}), plan(replace(to_a(), starts_s=1, wait_s=-1), travel=1200)),
    "is a second short of driving home": (street(a={}), plan(replace(to_a(), ends_s=1799, wait_s=-1), travel=1200)),
    "starts between two windows": (street(a={"windows": (Window(0, 599), Window(601, 700))}), ONE),
    "takes no break": (street(ana={"breaks": REST}, a={}), ONE),
    "takes a break that is too short": (street(ana={"breaks": (Break(0, 7200, 1201),)}, a={}), PAUSED),
    "takes a break too late": (street(ana={"breaks": (Break(0, 1199, 1200),)}, a={}), PAUSED),
    "takes a break between two windows": (
        street(ana={"breaks": (Break(0, 1199, 1200, also=(Window(1201, 1300),)),)}, a={}),
        PAUSED,
    ),
    "rests in service": (
        street(ana={"breaks": REST}, a={"service_s": 601}),
        plan(with_visit(replace(PAUSED.routes[0], service_s=601, wait_s=-1), 0), travel=1200),
    ),
    "rests while driving": (
        street(ana={"breaks": REST}, a={}),
        plan(
            day(
                "ana",
                0,
                [at("a", 600, 600, 1200, 600)],
                2999,
                home_s=600,
                service_s=600,
                wait_s=-1,
                breaks=[(1500, 2700)],
            ),
            travel=1200,
        ),
    ),
    "lacks a skill": (street(a={"skills": GAS}), ONE),
    "is not the vehicle required": (street(a={"required_vehicles": frozenset({"ben"})}), ONE),
    "is excluded": (street(a={"excluded_vehicles": frozenset({"ana"})}), ONE),
    "has a stop too many": (street(ana={"max_stops": 1}, a={}, b={}), TWO),
    "drives a second too much": (street(ana={"max_travel_s": 2399}, a={}, b={}), TWO),
    "drives a metre too far": (street(ana={"max_distance_m": 23_999}, a={}, b={}), TWO),
    "is out a second too long": (street(ana={"max_work_s": 3599}, a={}, b={}), TWO),
    "is back after the shift": (street(ana={"shift_ends_s": 3599}, a={}, b={}), TWO),
    "leaves before the shift": (street(ana={"shift_starts_s": 1}, a={}, b={}), TWO),
    "is overloaded at the end": (street(ana={"capacity": (3,)}, **LOADS), TWO),
    "is overloaded at the start": (street(ana={"capacity": (2,)}, a={"delivers": (2,)}, b={"delivers": (1,)}), TWO),
    "is overloaded on the way": (
        street(ana={"capacity": (1,)}, deliveries=(Delivery("a", "b"),), a={"collects": (2,)}, b={}),
        TWO,
    ),
    "drives where there is no road": (
        street(matrix=Matrix(HOLE, HOLE), a={}),
        plan(
            day(
                "ana",
                0,
                [at("a", 600, 600, 1200, UNREACHABLE, drive_m=UNREACHABLE)],
                1800,
                home_s=600,
                service_s=600,
                home_m=600,
            ),
            travel=UNREACHABLE + 600,
        ),
    ),
    "skips a set-up": (street(a={"setup_s": 1}), ONE),
    "takes the time of somebody else": (street(a={"service_for": (ServiceFor("ana", 601),)}), ONE),
    "moves a frozen stop": (street(ana={"frozen": (Frozen("a", 101),)}, a={}), BEGUN),
    "puts another stop before a frozen one": (street(ana={"frozen": (Frozen("b", 1800),)}, a={}, b={}), TWO),
    "rests before a frozen stop is done": (
        street(ana={"frozen": (Frozen("a", 600),), "breaks": REST}, a={}),
        plan(
            day("ana", 0, [at("a", 600, 600, 1200, 600)], 1800, home_s=600, service_s=600, breaks=[(0, 1200)]),
            travel=1200,
        ),
    ),
    "delivers before it picks up": (street(deliveries=(Delivery("b", "a"),), a={}, b={}), TWO),
    "picks up and does not deliver": (
        street(deliveries=(Delivery("a", "b"),), a={}, b={}),
        replace(ONE, unassigned=("b",), objective=plan(travel=1200, unserved=1000).objective),
    ),
    "comes a second too early after the first": (
        street(successions=(Succession("a", "b", 601),), a={}, b={}),
        TWO,
    ),
    "comes a second too late after the first": (street(successions=(Succession("a", "b", 0, 599),), a={}, b={}), TWO),
    "comes without the first": (
        street(successions=(Succession("b", "a"),), a={}, b={}),
        replace(ONE, unassigned=("b",), objective=plan(travel=1200, unserved=1000).objective),
    ),
    "comes without its crew": (
        street(crews=(Crew(("a", "b")),), a={}, b={}),
        replace(ONE, unassigned=("b",), objective=plan(travel=1200, unserved=1000).objective),
    ),
    "does a job for two alone": (
        street(crews=(Crew(("a", "b")),), a={"service_s": 0}, b={"service_s": 0, "place": 1}),
        plan(
            day("ana", 0, [at("a", 600, 600, 600, 600), at("b", 600, 600, 600, 0)], 1200, home_s=600, service_s=0),
            travel=1200,
        ),
    ),
    "states a leg that is not the matrix's": (street(a={}), plan(with_visit(to_a(), 0, travel_s=599), travel=1200)),
    "states a wait that was none": (street(a={}), plan(with_visit(to_a(), 0, wait_s=1), travel=1200)),
    "states a sum of service that is none": (street(a={}), plan(replace(to_a(), service_s=601), travel=1200)),
    "goes on after its last stop to nowhere": (
        street(ana={"end_place": None}, a={}),
        plan(day("ana", 0, [at("a", 600, 600, 1200, 600)], 1201, home_s=0, service_s=600, wait_s=1), travel=600),
    ),
}


STATED_ALONE = {
    "takes no break",
    "takes a break that is too short",
    "takes a break too late",
    "takes a break between two windows",
    "rests before a frozen stop is done",
    "states a leg that is not the matrix's",
    "states a wait that was none",
    "states a sum of service that is none",
    "goes on after its last stop to nowhere",
}
"""What only figures show: orders and times alone would do."""
