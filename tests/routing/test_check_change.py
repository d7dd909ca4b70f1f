"""The judge on a plan that came of another one: it says what it says of the whole plan, and reads only what differs."""

from dataclasses import replace

import pytest
from hand_made import plan, street, to_a, to_b
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import mutated
from rich_cases import FEATURES, rich_problem

from routing.check import change_violations, violations
from routing.solver import solve
from routing.types import Crew

UNTIED = tuple(name for name in FEATURES if name not in ("deliveries", "successions", "crews"))


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_a_changed_plan_is_wrong_when_the_whole_of_it_is(seed):
    features = tuple(name for number, name in enumerate(UNTIED) if (seed >> number) % 4 == 0)
    problem = rich_problem(seed, n_stops=9, n_vehicles=3, features=features)
    before = solve(problem, iterations=0)
    after = mutated(problem, before, seed)
    assert {one.kind for one in change_violations(problem, before, after)} == {
        one.kind for one in violations(problem, after)
    }


BEFORE = plan(to_a(), to_b(), travel=3600)
"""Ana at a, Ben at b."""


def test_a_route_that_is_left_is_no_longer_paid_for():
    problem = street(ben={}, a={}, b={})
    after = plan(to_a(), left_out="b", travel=1200, unserved=1000)
    assert change_violations(problem, BEFORE, after) == []
    (wrong,) = change_violations(problem, BEFORE, plan(to_a(), left_out="b", travel=1201, unserved=1000))
    assert (wrong.kind, wrong.amount) == ("objective_wrong", 1)


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (plan(to_a(), travel=1200), "stop_lost"),
        (plan(to_a(), to_b("ben"), to_b("eva"), travel=3600), "unknown_vehicle"),
        (plan(to_a(), to_b("ana"), travel=3600), "vehicle_repeated"),
        (plan(to_a(), replace(to_b("ben"), starts_s=1), travel=3600), "leg_short"),
    ],
)
def test_what_is_wrong_is_named(after, kind):
    assert kind in {one.kind for one in change_violations(street(ben={}, a={}, b={}), BEFORE, after)}


def test_stops_tied_across_routes_are_left_to_the_judge_of_whole_plans():
    assert change_violations(street(ben={}, crews=(Crew(("a", "b")),), a={}, b={}), BEFORE, BEFORE) is None
