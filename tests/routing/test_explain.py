"""Why not, and what would help: the smallest change works, and a unit less does not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_cases import rich_problem
from routing_cases import HOUR, four_jobs, on_a_street, random_problem

from routing.arrays import arrays_of
from routing.experiment import Experiment, with_what_it_needs
from routing.explain import why_left_out, why_served
from routing.insertion import place_unit
from routing.orders import Orders
from routing.plans import orders_of
from routing.solver import solve
from routing.types import UNREACHABLE, Matrix, Skills, Stop, Vehicle, Window


def left_out(problem):
    return {case.stop: case for case in why_left_out(problem, solve(problem, iterations=0))}


def on_stop(problem, number, **changes):
    stops = list(problem.stops)
    stops[number] = replace(stops[number], **changes)
    return replace(problem, stops=tuple(stops))


def change(case, kind):
    return next(change for change in case.changes if change.kind == kind)


def test_a_window_that_closes_too_early_is_told_to_the_minute():
    # a is ten minutes away and the shift begins at 8:00.
    case = left_out(on_stop(four_jobs(), 0, windows=(Window(7 * HOUR, 8 * HOUR),)))["a"]
    assert case.code in ("window", "shift")
    assert (change(case, "window").field, change(case, "window").to) == ("closes_s", 8 * HOUR + 600)


def test_a_window_that_opens_too_late_is_told_to_the_minute():
    case = left_out(on_stop(four_jobs(), 0, windows=(Window(17 * HOUR, 18 * HOUR),)))["a"]
    found = change(case, "window")
    assert (found.field, found.to) == ("opens_s", 16 * HOUR - 1200)


def test_a_shift_that_ends_too_early_is_told_to_the_minute():
    problem = four_jobs()
    short = replace(problem, vehicles=(replace(problem.vehicles[0], shift_ends_s=8 * HOUR + 1740),))
    found = change(left_out(short)["a"], "shift")
    assert (found.subject, found.field, found.to) == ("ana", "shift_ends_s", 8 * HOUR + 1800)


def test_limits_of_jobs_and_driving_are_told_by_the_unit():
    one = four_jobs(max_stops=1)
    assert {change(case, "max_stops").to for case in left_out(one).values()} == {2}
    near = four_jobs(max_travel_s=1200)
    # d is 40 minutes away: 80 minutes there and back.
    assert change(left_out(near)["d"], "max_travel").to == 4800


def test_a_missing_skill_is_named():
    case = left_out(on_stop(four_jobs(), 0, skills=Skills(all_of=frozenset({"gas"}))))["a"]
    assert case.code == "no_skill"
    assert change(case, "skill").to == frozenset({"gas"})


def test_a_job_that_does_not_pay_is_told_the_price_from_which_it_does():
    case = left_out(on_stop(four_jobs(), 3, unserved_cost=1000))["d"]
    # The other three lie on the way: twenty minutes more.
    assert (case.code, change(case, "price").to) == ("price", 1201)


def test_wishes_that_stand_in_the_way_are_named():
    wanted = left_out(on_stop(four_jobs(), 0, required_vehicles=frozenset({"ben"})))["a"]
    assert change(wanted, "required").to == frozenset()
    assert change(wanted, "vehicle").subject == "ben"
    unwanted = left_out(on_stop(four_jobs(), 0, excluded_vehicles=frozenset({"ana", "eve"})))["a"]
    assert change(unwanted, "excluded").to == frozenset({"eve"})


def test_a_stop_without_a_road_is_unreachable():
    problem = four_jobs()
    duration_s, distance_m = problem.matrix.duration_s.copy(), problem.matrix.distance_m.copy()
    for values in (duration_s, distance_m):
        values[1, :] = values[:, 1] = UNREACHABLE
        values[1, 1] = 0
    cut_off = replace(problem, matrix=Matrix(duration_s, distance_m))
    assert left_out(cut_off)["a"].code == "unreachable"


def test_a_stop_longer_than_every_shift_is_too_long():
    case = left_out(on_stop(four_jobs(), 0, service_s=9 * HOUR))["a"]
    assert case.code == "too_long"
    assert change(case, "vehicle").to.shift_ends_s - change(case, "vehicle").to.shift_starts_s >= 9 * HOUR


def applied(problem, case, found):
    """The problem with a change typed in."""
    if found.kind == "vehicle":
        number = next(i for i, stop in enumerate(problem.stops) if stop.id == case.stop)
        required = problem.stops[number].required_vehicles
        wider = on_stop(problem, number, required_vehicles=required | {found.subject} if required else required)
        return replace(wider, vehicles=(*problem.vehicles, found.to))
    if found.kind in ("price", "window", "required", "excluded"):
        number = next(i for i, stop in enumerate(problem.stops) if stop.id == case.stop)
        stop = problem.stops[number]
        if found.field == "closes_s":
            changes = {"windows": (*stop.windows[:-1], replace(stop.windows[-1], closes_s=found.to))}
        elif found.field == "opens_s":
            changes = {"windows": (replace(stop.windows[0], opens_s=found.to), *stop.windows[1:])}
        else:
            changes = {found.field: found.to}
        return on_stop(problem, number, **changes)
    vehicles = tuple(replace(v, **{found.field: found.to}) if v.id == found.subject else v for v in problem.vehicles)
    return replace(problem, vehicles=vehicles)


def takes_it(problem, plan, name):
    """Whether some vehicle takes the stop by insertion into the plan in force, at less than its price."""
    arrays = arrays_of(problem)
    number = next(i for i, stop in enumerate(problem.stops) if stop.id == name)
    orders = Orders(arrays, orders_of(problem, plan))
    group = with_what_it_needs(orders, number)
    placed = place_unit(orders, group)
    return placed is not None and placed.extra_points < sum(problem.stops[one].unserved_cost for one in group)


UNIT = {
    "closes_s": -60,
    "opens_s": 60,
    "shift_ends_s": -60,
    "shift_starts_s": 60,
    "max_stops": -1,
    "max_travel_s": -60,
    "max_distance_m": -100,
    "max_work_s": -60,
}


def reduced(problem, case, found):
    """The change by a unit less, None where there is no such thing."""
    if found.kind == "capacity":
        before = next(vehicle.capacity for vehicle in problem.vehicles if vehicle.id == found.subject)
        return tuple(to - (to != was) for to, was in zip(found.to, before, strict=True))
    less = UNIT.get(found.field, -1 if found.kind == "price" else None)
    return None if less is None else found.to + less


@settings(max_examples=80)
@given(seed=st.integers(0, 10**6))
def test_every_change_offered_works_and_a_unit_less_does_not(seed):
    # Half of the cases are plain days, half have limits, loads, prices by the clock and stops that are tied.
    problem = random_problem(seed, n_stops=12) if seed % 2 else rich_problem(seed, n_stops=10)
    plan = solve(problem, iterations=0)
    for case in why_left_out(problem, plan):
        assert len({found.kind for found in case.changes}) == len(case.changes)
        for found in case.changes:
            assert found.verified
            assert takes_it(applied(problem, case, found), plan, case.stop)
            less = reduced(problem, case, found)
            if less is not None:
                assert not takes_it(applied(problem, case, replace(found, to=less)), plan, case.stop)


def test_a_served_stop_names_the_next_two_and_what_they_would_cost():
    drivers = [
        Vehicle(name, place, place, 8 * HOUR, 16 * HOUR) for name, place in (("near", 0), ("mid", 2), ("far", 3))
    ]
    problem = on_a_street([Stop("a", 1, 600)], drivers, [0, 100, 400, 1000])
    choice = why_served(problem, solve(problem, iterations=0))["a"]
    assert (choice.vehicle, choice.points, choice.others, choice.n_eligible) == (
        "near",
        200,
        (("mid", 600), ("far", 1800)),
        3,
    )


def test_a_served_stop_that_nobody_else_may_serve_has_no_others():
    choice = why_served(four_jobs(), solve(four_jobs(), iterations=0))["a"]
    assert (choice.others, choice.n_eligible) == ((), 1)


@pytest.mark.parametrize("seed", range(5))
def test_marginal_points_are_what_a_route_saves_without_the_stop(seed):
    problem = random_problem(seed)
    plan = solve(problem, iterations=0)
    arrays = arrays_of(problem)
    for vehicle, order in enumerate(orders_of(problem, plan)):
        for stop in order:
            rest = [other for other in order if other != stop]
            saved = arrays.route_points(vehicle, order) - arrays.route_points(vehicle, rest)
            assert why_served(problem, plan)[problem.stops[stop].id].points == saved


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_what_is_known_not_to_help_hides_no_smaller_change(seed):
    rests = ("resting", "frozen")
    problem = random_problem(seed, n_stops=12) if seed % 3 else rich_problem(seed, 12, n_vehicles=3, features=rests)
    problem = replace(problem, stops=tuple(replace(stop, unserved_cost=10**6) for stop in problem.stops))
    plan, arrays = solve(problem, iterations=0), arrays_of(problem)
    orders = Orders(arrays, orders_of(problem, plan))
    at_ease = Orders(arrays.at_ease(), orders.orders)

    for stop in orders.unserved():
        tried = Experiment(orders, at_ease, plan, stop)

        def ends_later(vehicle, minutes, tried=tried):
            driver = tried.drivers[vehicle]
            return tried.wanted, replace(driver, shift_ends_s=driver.shift_ends_s + 60 * minutes)

        def begins_earlier(vehicle, minutes, tried=tried):
            driver = tried.drivers[vehicle]
            return tried.wanted, replace(driver, shift_starts_s=driver.shift_starts_s - 60 * minutes)

        def closes_later(vehicle, minutes, tried=tried):
            *before, last = tried.wanted.windows
            moved = (*before, replace(last, closes_s=last.closes_s + 60 * minutes))
            return replace(tried.wanted, windows=moved), tried.drivers[vehicle]

        ways = [(ends_later, tried.shift_short_s), (begins_earlier, tried.shift_short_s)]
        ways += [(closes_later, tried.window_short_s)] if tried.wanted.windows else []
        for changed, short_s in ways:
            least = {vehicle: short_s(vehicle) / 60 for vehicle in tried.eligible()}
            alone = [tried.smallest({vehicle: 0}, 1440, changed) for vehicle in least]
            assert all(found is None or least[found[1]] <= found[0] for found in alone)
            best = min((found for found in alone if found is not None), default=None)
            assert tried.smallest(least, 1440, changed) == best
