"""The model as OR-Tools has it: its solutions are plans, it costs what a plan costs, and its searches keep to it."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hand_made import street
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from rich_cases import FEATURES, rich_problem
from routing_cases import HOUR, line_matrix, random_problem

from routing.budget import Budget
from routing.check import cost, violations
from routing.gate_figures import actions_s, known, legs
from routing.model import build
from routing.model.layout import layout_of
from routing.model.prices import leg_points
from routing.plans import orders_of
from routing.search import guided_local_search, iterated_local_search
from routing.solver import solve
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
    Promise,
    Route,
    ServiceFor,
    SkillLevel,
    SkillWish,
    Succession,
    Visit,
    Window,
)


def read(problem, model, assignment):
    """The plan of an assignment, second by second as OR-Tools has it; whoever waits does so on the road."""
    assert assignment is not None
    about, t0_s, starts = known(problem), model.clock.earliest_s, model.clock.starts
    routes, orders = [], model.orders(assignment)
    for vehicle, order in enumerate(orders):
        if not order:
            continue
        driver = problem.vehicles[vehicle]
        out_s, back_s = (
            t0_s + assignment.Min(starts.CumulVar(index))
            for index in (model.routing.Start(vehicle), model.routing.End(vehicle))
        )
        visits = []
        for stop in order:
            at_s = t0_s + assignment.Min(starts.CumulVar(stop))
            visits.append(Visit(problem.stops[stop].id, at_s, at_s, at_s, 0, 0, 0))
        breaks = [
            BreakTaken(t0_s + assignment.StartMin(rest), t0_s + assignment.StartMin(rest) + rest.DurationMin())
            for rest in model.clock.breaks[vehicle]
        ]
        route = Route(driver.id, out_s, back_s, tuple(visits), tuple(breaks), 0, 0, 0, 0)
        takes_s, matrix = actions_s(about, route), problem.matrix_of(driver)
        drives = [
            (0, 0) if leg is None else (int(matrix.duration_s[leg]), int(matrix.distance_m[leg]))
            for leg in legs(about, route)
        ]
        visits = [
            replace(visit, departs_s=visit.departs_s + takes_s[i], travel_s=drives[i][0], distance_m=drives[i][1])
            for i, visit in enumerate(visits)
        ]
        if driver.end_place is None:
            visits[-1] = replace(visits[-1], departs_s=back_s)
        travel_s, distance_m = (sum(part) for part in zip(*drives, strict=True))
        rest_s = sum(max(0, min(back_s, b.ends_s) - max(out_s, b.starts_s)) for b in breaks)
        wait_s = back_s - out_s - travel_s - sum(takes_s) - rest_s
        sums = {"travel_s": travel_s, "distance_m": distance_m, "service_s": sum(takes_s), "wait_s": wait_s}
        routes.append(replace(route, visits=tuple(visits), **sums))
    served = {stop for order in orders for stop in order}
    left_out = tuple(stop.id for number, stop in enumerate(problem.stops) if number not in served)
    made = Plan(tuple(routes), left_out, Objective())
    return replace(made, objective=cost(problem, made))


def accepted(problem, orders):
    """What the model says that orders cost, once the judge says the same of the plan that it makes of them."""
    model = build(problem)
    assignment = model.assignment(orders)
    made = read(problem, model, assignment)
    assert violations(problem, made) == []
    assert assignment.ObjectiveValue() == made.objective.total
    return made.objective.total


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_every_solution_is_a_plan_that_the_judge_accepts_at_ortools_objective(seed):
    problem = rich_problem(seed, n_stops=7, n_vehicles=3)
    model = build(problem)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    parameters.solution_limit = 15
    assignment = model.routing.SolveWithParameters(parameters)
    made = read(problem, model, assignment)
    assert violations(problem, made) == []
    assert assignment.ObjectiveValue() == made.objective.total


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_legs_of_given_routes_cost_what_they_cost_among_all_legs(seed):
    problem = rich_problem(seed, n_stops=7, n_vehicles=3)
    orders = orders_of(problem, solve(problem, iterations=0))
    every, taken = layout_of(problem), layout_of(problem, routes=orders)
    leaves = [node for v, order in enumerate(orders) for node in (*order, *([taken.start(v)] if order else []))]
    legs = (taken.origin[leaves], taken.target[leaves])
    assert [taken.target[taken.start(v)] for v, order in enumerate(orders) if order] == [o[0] for o in orders if o]
    for vehicle in range(3):
        assert (leg_points(every, vehicle)[legs] == leg_points(taken, vehicle)[leaves]).all()
    assert (every.from_elsewhere()[legs] == taken.from_elsewhere()[leaves]).all()
    assert (every.history()[legs] == taken.history()[leaves]).all()


@pytest.mark.parametrize("feature", FEATURES)
def test_iterated_local_search_keeps_to(feature):
    problem = rich_problem(5, n_stops=20, n_vehicles=4, features=(feature,))
    heard = []
    orders = iterated_local_search(problem, 12, Budget(None, 40), lambda points, read: heard.append((points, read())))
    assert accepted(problem, orders) == heard[-1][0] < heard[0][0]
    assert heard[-1][1] == orders


def jobs(**said):
    """The street, where leaving a job out costs 10,000 points."""
    day = {name: value for name, value in said.items() if len(name) > 1}
    return street(**day, **{name: {"unserved_cost": 10_000} | stop for name, stop in said.items() if len(name) == 1})


def searched(problem, start=None):
    """By vehicle, who is served in the best plan that guided local search finds, frozen stops being where they are."""
    position = {stop.id: number for number, stop in enumerate(problem.stops)}
    begun = [[position[case.stop] for case in vehicle.frozen] for vehicle in problem.vehicles]
    # So few stops that there are soon no new solutions to count.
    orders = guided_local_search(problem, start or begun, Budget(time.monotonic() + 0.2, 60))
    accepted(problem, orders)
    return ["".join(problem.stops[stop].id for stop in order) for order in orders]


ALL = {"a": {}, "b": {}, "c": {}, "d": {}}
FOUR = {name: {"delivers": (1,)} for name in "abcd"}
NEAR = {"a": {"setup_s": 3000}, "b": {"setup_s": 3000, "place": 1}}

IN_ORDER = {
    "a due time": (jobs(a={}, b={"due_s": 1200, "late_cost_per_s": 10}), "ba"),
    "a promised start": (jobs(a={}, b={"promise": Promise("ana", 1200, "a", 0, cost_time=500)}), "ba"),
    "a promised order": (jobs(a={"promise": Promise("ana", 0, "b", 0, cost_order=500)}, b={}), "ba"),
    "a van that is full at first": (jobs(ana={"capacity": (2,)}, a={"collects": (2,)}, b={"delivers": (2,)}), "ba"),
    "an end at the last stop": (jobs(ana={"end_place": None}, **ALL), "abcd"),
    "a beginning at the first stop": (jobs(ana={"start_place": None}, **ALL), "dcba"),
    "a delivery": (jobs(deliveries=(Delivery("b", "a"),), a={}, b={}), "ba"),
    "a succession": (jobs(successions=(Succession("b", "a"),), a={}, b={}), "ba"),
    "a succession without a pause": (
        jobs(successions=(Succession("b", "a", 0, 600),), a={}, b={}, c={}),
        ("cba", "bac"),
    ),
    "a break": (
        jobs(
            ana={"breaks": (Break(600, 700, 3600),)},
            a={"windows": (Window(0, 4800),)},
            b={"windows": (Window(0, 5400),)},
            c={},
        ),
        ("abc",),
    ),
    "what is frozen": (jobs(ana={"frozen": (Frozen("b", 100), Frozen("a", 900))}, a={}, b={}, c={}), "bac"),
}
"""Two orders of driving would cost the same or less without it."""


@pytest.mark.parametrize(("problem", "order"), IN_ORDER.values(), ids=IN_ORDER)
def test_guided_local_search_orders_stops_by(problem, order):
    (found,) = searched(problem)
    assert found == order if isinstance(order, str) else found in order


SERVED = {
    "as many as allowed": (jobs(ana={"max_stops": 2}, **ALL), "ab"),
    "as far as driving allows": (jobs(ana={"max_travel_s": 3600}, **ALL), "abc"),
    "as far as distance allows": (jobs(ana={"max_distance_m": 24_000}, **ALL), "ab"),
    "as long as work allows": (jobs(ana={"max_work_s": 5400}, **ALL), "abc"),
    "as many as the van holds": (jobs(ana={"capacity": (3,)}, **FOUR), "abc"),
    "until overtime costs more": (jobs(ana={"overtime_from_s": 3600, "overtime_cost_per_s": 10}, **ALL), "ab"),
    "both where a set-up is saved": (jobs(ana={"shift_ends_s": 5400}, **NEAR), "ab"),
    "one where a second is missing": (jobs(ana={"shift_ends_s": 5399}, **NEAR), "a"),
    "both where a set-up is saved beside a break": (
        jobs(ana={"shift_ends_s": 6000, "breaks": (Break(600, 4800, 600),)}, **NEAR),
        "ab",
    ),
    "all but what needs a road": (
        jobs(
            matrix=Matrix(
                np.array([[0, 600, UNREACHABLE], [600, 0, 600], [600, 600, 0]]),
                np.array([[0, 6, UNREACHABLE], [6, 0, 6], [6, 6, 0]]),
            ),
            a={},
            b={},
        ),
        "ab",
    ),
    "nothing that a frozen pickup's delivery has no time for": (
        jobs(ana={"frozen": (Frozen("a", 600),), "shift_ends_s": 2000}, deliveries=(Delivery("a", "b"),), a={}, b={}),
        "a",
    ),
    "what follows only with the first": (
        jobs(successions=(Succession("d", "a"),), a={}, b={}, d={"windows": (Window(0, 100),)}),
        "b",
    ),
}


@pytest.mark.parametrize(("problem", "names"), SERVED.values(), ids=SERVED)
def test_guided_local_search_serves(problem, names):
    (found,) = searched(problem)
    assert sorted(found) == list(names)


BENS = {
    "the vehicle that is required": jobs(ben={}, a={"required_vehicles": frozenset({"ben"})}),
    "whoever is not excluded": jobs(ben={}, a={"excluded_vehicles": frozenset({"ana"})}),
    "the vehicle that is preferred": jobs(ben={}, a={"preferred_vehicles": frozenset({"ben"}), "preference_cost": 1}),
    "the level that is wished": jobs(
        ben={"skill_levels": (SkillLevel("gas", 10),)}, a={"skill_wishes": (SkillWish("gas", 10, 1),)}
    ),
    "the vehicle that was promised": jobs(ben={}, a={"promise": Promise("ben", 0, cost_vehicle=1)}),
    "the cheaper service": jobs(ana={"cost_per_service_hour": 6}, ben={}, a={}),
    "the cheaper matrix": jobs(
        matrix=line_matrix([0, 600]),
        more_matrices=(line_matrix([0, 599]),),
        ben={"matrix": 1},
        a={},
    ),
    "the only one with the time": jobs(
        ana={"shift_ends_s": 1800},
        ben={"shift_ends_s": 1800},
        a={"service_s": 601, "service_for": (ServiceFor("ben", 500, 100),)},
    ),
    "whoever has picked up": jobs(
        ben={"frozen": (Frozen("b", 1200),), "cost_per_hour": 7200}, deliveries=(Delivery("b", "a"),), a={}, b={}
    ),
}


@pytest.mark.parametrize("problem", BENS.values(), ids=BENS)
def test_guided_local_search_sends(problem):
    by_ana, by_ben = searched(problem)
    assert (by_ana, by_ben[-1:]) == ("", "a")


def test_guided_local_search_keeps_a_crew_together():
    problem = jobs(ben={}, crews=(Crew(("a", "b")),), a={"windows": (Window(900, 1000),)}, b={"place": 1}, c={})
    by_ana, by_ben = sorted(searched(problem, [[0], [1]]))
    assert {by_ana[0], by_ben[0]} == {"a", "b"}
    assert len(by_ana + by_ben) == 3


@pytest.mark.parametrize("tie", ["successions", "crews"])
def test_iterated_local_search_finds_a_plan_where_insertion_breaks_a_tie(tie):
    problem = rich_problem({"successions": 4, "crews": 1}[tie], 9, 3, ("frozen", "deliveries", tie))
    accepted(problem, iterated_local_search(problem, 8, Budget(None, 1)))


def test_a_start_that_breaks_the_problem_is_no_start():
    assert guided_local_search(jobs(ana={"max_stops": 1}, a={}, b={}), [[0, 1]], Budget(None, 5)) is None


def test_no_break_splits_a_set_up_that_may_be_saved():
    # The break begins while Ana would set up, had she begun on arrival.
    assert accepted(jobs(ana={"breaks": (Break(700, 1000, 60),)}, **NEAR), [[0, 1]]) == 1200


def test_what_is_frozen_takes_no_set_up():
    day = {"frozen": (Frozen("a", 600),), "shift_ends_s": 1800}
    assert accepted(jobs(ana=day, a={"setup_s": 300, "service_for": (ServiceFor("ben", 9, 9),)}), [[0]]) == 1200
    assert accepted(jobs(ana=day, a={"service_s": 9, "service_for": (ServiceFor("ana", 600, 300),)}), [[0]]) == 1200


def test_nothing_follows_too_late_when_nothing_follows():
    first, then = {"windows": (Window(600, 600),)}, {"windows": (Window(9000, 9000),)}
    assert accepted(jobs(successions=(Succession("a", "b", 0, 600),), a=first, b=then), [[0]]) == 11_200


def test_no_break_comes_before_an_earlier_one():
    # Before service there are 1,200 s to spare, for the second break alone; after it there is time for the first alone.
    breaks = (Break(0, 7200, 60), Break(100, 5000, 1200))
    at_noon = {"service_s": 3000, "windows": (Window(1800, 1800),)}
    assert build(jobs(ana={"breaks": breaks, "shift_ends_s": 6599}, a=at_noon)).assignment([[0]]) is None
    assert accepted(jobs(ana={"breaks": breaks, "shift_ends_s": 6600}, a=at_noon), [[0]]) == 1200


def test_no_break_comes_before_what_is_frozen_is_done():
    assert accepted(jobs(ana={"frozen": (Frozen("a", 1200),), "breaks": (Break(0, 7200, 600),)}, a={}), [[0]]) == 1200


def test_a_break_begins_in_one_of_its_windows():
    breaks = (Break(0, 60, 600, also=(Window(1400, 1500),)),)
    # Leaving after 660 s at the latest, Ana is late; from 1,400 s on she may rest.
    problem = jobs(ana={"breaks": breaks}, a={"windows": (Window(600, 1199),)})
    assert accepted(problem, [[0]]) == 1200
    gone = replace(problem.vehicles[0], shift_ends_s=1999)
    assert build(replace(problem, vehicles=(gone,))).assignment([[0]]) is None


def test_nobody_needs_a_road_between_the_ends_of_a_day_not_worked():
    apart = Matrix(
        np.array([[0, 1, UNREACHABLE], [1, 0, 1], [9, 1, 0]]), np.array([[0, 1, UNREACHABLE], [1, 0, 1], [9, 1, 0]])
    )
    problem = street(matrix=apart, ana={"end_place": 2, "max_travel_s": 2}, a={})
    assert accepted(problem, [[]]) == 1000
    assert accepted(problem, [[0]]) == 2


def test_a_plain_problem_has_no_dimension_but_time():
    plain = build(jobs(**ALL)).routing
    assert list(plain.GetAllDimensionNames()) == ["time"]
    priced = build(jobs(a={"setup_s": 60}, b={"place": 1}, c={"promise": Promise("ana", 0, cost_time=1)})).routing
    assert set(priced.GetAllDimensionNames()) == {"time", "ready", "moved"}


def test_orders_are_read_as_they_were_written():
    problem = random_problem(3, 10, 3)
    model = build(problem)
    orders = [[], [1], []] if model.assignment([[], [1], []]) else [[], [], []]
    assert model.orders(model.assignment(orders)) == orders


def test_a_time_before_all_windows_or_after_the_last_shift_is_stated_too():
    problem = jobs(
        a={"due_s": -HOUR, "late_cost_per_s": 1},
        b={"due_s": 90 * HOUR, "late_cost_per_s": 1, "windows": (Window(-9, 10**9),)},
    )
    # a begins after 600 s, an hour and ten minutes late.
    assert accepted(problem, [[0, 1]]) == 2400 + 4200
