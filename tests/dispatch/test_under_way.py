"""A day's problem at some moment of the day: what has begun is frozen, breaks and waiting included."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.batch import Clock
from dispatch.under_way import Begun, History, as_it_stands, rests_of
from routing.check import violations
from routing.errors import InvalidProblem
from routing.solver import solve
from routing.types import Break, Frozen, Matrix, Problem, Stop, Vehicle, Window

CLOCK = Clock(date(2026, 11, 24), ZoneInfo("UTC"))
HOUR = 3600
NOON = Break(12 * HOUR, 13 * HOUR, HOUR // 2)


def at(hours):
    return CLOCK.t0_at + timedelta(hours=hours)


def day(n_stops=3, breaks=(NOON,)):
    """A person from 8 to 16, and stops of an hour each, ten minutes from one another and from home."""
    places = n_stops + 1
    travel_s = 600 * (1 - np.eye(places, dtype=np.int64))
    stops = tuple(Stop(f"s{n}", n + 1, HOUR, unserved_cost=20_000) for n in range(n_stops))
    person = Vehicle("p", 0, 0, 8 * HOUR, 16 * HOUR, breaks=breaks)
    return Problem(CLOCK.t0_at, stops, (person,), Matrix(travel_s, travel_s, "straight"))


def test_who_has_begun_nothing_leaves_home_from_now_on():
    (person,) = as_it_stands(day(), History(at(10)), CLOCK).vehicles
    assert (person.shift_starts_s, person.breaks, person.frozen) == (10 * HOUR, (NOON,), ())


def test_before_the_shift_nothing_has_happened_to_it():
    assert as_it_stands(day(), History(at(6)), CLOCK).vehicles == day().vehicles


def test_a_break_whose_time_has_passed_is_not_taken_any_more():
    assert as_it_stands(day(), History(at(13.5)), CLOCK).vehicles[0].breaks == ()


def test_who_is_home_again_is_sent_nowhere():
    (person,) = as_it_stands(day(), History(at(17)), CLOCK).vehicles
    assert (person.max_stops, person.breaks) == (0, ())


def test_who_is_done_waits_until_now_and_who_is_at_work_does_not():
    begun = {"p": Begun((("s0", at(9)),))}
    (done,) = as_it_stands(day(), History(at(11), begun), CLOCK).vehicles
    assert done.frozen == (Frozen("s0", 9 * HOUR),)
    assert done.breaks == (Break(10 * HOUR, 10 * HOUR, HOUR), NOON)
    (busy,) = as_it_stands(day(), History(at(9.5), begun), CLOCK).vehicles
    assert busy.breaks == (NOON,)


def test_a_break_that_has_begun_stays_where_it_is():
    begun = {"p": Begun((("s0", at(9)),), ((at(12), at(12.5)),))}
    (person,) = as_it_stands(day(), History(at(12.25), begun), CLOCK).vehicles
    assert person.breaks == (Break(10 * HOUR, 10 * HOUR, 2 * HOUR), Break(12 * HOUR, 12 * HOUR, HOUR // 2))
    rests = rests_of([(at(10), at(12)), (at(12), at(12.5))], begun["p"], at(12.25))
    assert rests == ((at(12), at(12.5)),)


def test_a_break_before_the_last_visit_is_history():
    begun = {"p": Begun((("s0", at(9)), ("s1", at(13))), ((at(12), at(12.5)),))}
    (person,) = as_it_stands(day(), History(at(13.5), begun), CLOCK).vehicles
    assert person.breaks == ()
    assert rests_of([], begun["p"], at(13.5)) == ((at(12), at(12.5)),)


@given(
    n_begun=st.integers(0, 4),
    now_h=st.floats(7, 18),
    has_break=st.booleans(),
    opens_h=st.none() | st.floats(7, 15),
)
def test_whatever_the_moment_the_judge_accepts_the_rest_and_nothing_begins_in_the_past(
    n_begun, now_h, has_break, opens_h
):
    problem = day(5, (NOON,) if has_break else ())
    if opens_h is not None:
        window = Window(round(opens_h * HOUR), round(opens_h * HOUR) + HOUR)
        problem = replace(problem, stops=(*problem.stops[:-1], replace(problem.stops[-1], windows=(window,))))
    morning = solve(problem, iterations=0)
    (route,) = morning.routes
    now = CLOCK.at(round(now_h * HOUR))
    visits = [visit for visit in route.visits if visit.service_starts_s <= now_h * HOUR][:n_begun]
    rests = tuple((CLOCK.at(it.starts_s), CLOCK.at(it.ends_s)) for it in route.breaks)
    seen = {"p": Begun(tuple((it.stop_id, CLOCK.at(it.service_starts_s)) for it in visits), rests)} if visits else {}
    later = as_it_stands(problem, History(now, seen), CLOCK)
    plan = solve(later, iterations=0)
    assert violations(later, plan) == []
    served = [visit for route in plan.routes for visit in route.visits]
    assert [it.stop_id for it in served[: len(visits)]] == [it.stop_id for it in visits]
    assert all(it.service_starts_s >= CLOCK.seconds(now) for it in served[len(visits) :])


def test_a_day_under_way_is_still_refused_where_it_contradicts_itself():
    begun = {"p": Begun((("s0", at(9)), ("s1", at(9.5))))}
    with pytest.raises(InvalidProblem, match="frozen"):
        as_it_stands(day(), History(at(11), begun), CLOCK)
