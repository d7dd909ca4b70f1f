"""The judge before plans that make no sense: it names what it cannot read and answers in its own codes."""

import pytest
from hand_made import plan, street, to_a
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_cases import rich_problem

from routing.check import KINDS, cost, violations
from routing.types import BreakTaken, Objective, Plan, Route, Visit


def test_the_price_of_strangers_is_refused():
    with pytest.raises(ValueError, match="the problem does not have"):
        cost(street(a={}), plan(to_a("nobody")))


NAMES = st.sampled_from(["s00", "s01", "s02", "s03", "s04", "s05", "nobody"])
MOMENTS = st.integers(-1000, 90_000)
VISITS = st.builds(Visit, NAMES, MOMENTS, MOMENTS, MOMENTS, MOMENTS, MOMENTS, MOMENTS)
BREAKS = st.lists(st.builds(BreakTaken, MOMENTS, MOMENTS), max_size=3).map(tuple)
ROUTES = st.builds(
    Route,
    st.sampled_from(["v0", "v1", "stranger"]),
    MOMENTS,
    MOMENTS,
    st.lists(VISITS, max_size=4).map(tuple),
    BREAKS,
    *[MOMENTS] * 4,
)
PLANS = st.builds(
    Plan, st.lists(ROUTES, max_size=3).map(tuple), st.lists(NAMES, max_size=4).map(tuple), st.just(Objective())
)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6), made=PLANS)
def test_whatever_a_plan_says_the_judge_answers_in_its_own_codes_with_amounts_above_zero(seed, made):
    verdict = violations(rich_problem(seed), made)
    assert verdict, "six stops and random figures cannot be right"
    assert {violation.kind for violation in verdict} <= set(KINDS)
    assert min(violation.amount for violation in verdict) > 0
