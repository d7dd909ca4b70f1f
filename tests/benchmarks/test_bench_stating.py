"""A problem as others are told of it, and their answers as orders."""

from dataclasses import replace

import numpy as np
import pytest
from bench_cases import street
from rich_cases import FEATURES, rich_problem
from routing_cases import HOUR, four_jobs, random_problem

from benchmarks.baselines.ortools_tuned import tuned_orders
from benchmarks.baselines.ortools_tutorial import tutorial_orders
from benchmarks.choices import ENGINES
from benchmarks.engines import judged
from benchmarks.own import Answer
from benchmarks.stating import LIMITS, PRICES, STATES, eligible_of, leg_points, unstated
from benchmarks.to_pyvrp import pyvrp_problem
from benchmarks.to_vroom import orders_from_vroom, vroom_problem
from routing.types import UNREACHABLE, Delivery, Matrix, Window


def test_every_engine_says_what_it_states_and_nothing_else():
    assert set(STATES) == set(ENGINES)
    assert set().union(*STATES.values()) <= set(LIMITS) | set(PRICES)


@pytest.mark.parametrize(
    ("feature", "limits"),
    [
        ("work", ["max_work_s"]),
        ("successions", ["successions"]),
        ("crews", ["crews"]),
        ("matrices", ["several matrices"]),
    ],
)
def test_a_limit_that_vroom_does_not_know_keeps_it_out(feature, limits):
    assert feature in FEATURES
    assert unstated(rich_problem(3, features=(feature,)), "vroom-x5")[0] == limits
    assert unstated(rich_problem(3, features=(feature,)), "trades") == ([], [])


def test_a_price_that_vroom_does_not_know_leaves_it_in():
    problem = rich_problem(3, features=("late", "overtime"))
    limits, prices = unstated(problem, "vroom-x5")
    assert limits == []
    assert {"overtime", "lateness"} <= set(prices)


def test_pyvrp_cannot_limit_driving_beside_another_price():
    assert unstated(four_jobs(max_travel_s=9000), "pyvrp") == ([], [])
    dearer = four_jobs(max_travel_s=9000, cost_per_hour=7200)
    assert unstated(dearer, "pyvrp")[0] == ["max_travel_s beside a price that is not driving time"]


def test_who_may_come_is_a_matter_of_skills_wishes_and_roads():
    problem = street()
    assert eligible_of(problem).tolist() == [[True, True], [True, False], [True, True]]
    duration_s = problem.matrix.duration_s.copy()
    distance_m = problem.matrix.distance_m.copy()
    duration_s[0, 3] = distance_m[0, 3] = UNREACHABLE
    assert eligible_of(replace(problem, matrix=Matrix(duration_s, distance_m))).tolist()[2] == [False, False]


def test_a_leg_costs_its_time_and_its_distance_each_rounded_half_up():
    problem = four_jobs(cost_per_hour=1801, cost_per_km=333)
    # 600 s * 1801 / 3600 = 300.17 and 6000 m * 333 / 1000 = 1998
    assert leg_points(problem, 0)[0, 1] == 300 + 1998


def test_vroom_is_told_who_may_come_by_one_skill_for_each_set_of_people():
    made = vroom_problem(street())
    a, b, c = (job["skills"] for job in made["jobs"])
    assert a == c != b
    assert [vehicle["skills"] for vehicle in made["vehicles"]] == [sorted({*a, *b}), a]


def test_vroom_s_priorities_are_prices_as_shares_of_the_dearest():
    # 10,800 of 172,800 is a sixteenth.
    assert [job["priority"] for job in vroom_problem(street())["jobs"]] == [6, 100, 6]


def test_vroom_is_told_times_windows_limits_and_prices():
    problem = four_jobs(max_stops=3, max_travel_s=9000, max_distance_m=7, cost_fixed=5, cost_per_km=2)
    (vehicle,) = vroom_problem(problem)["vehicles"]
    assert vehicle["time_window"] == [8 * HOUR, 16 * HOUR]
    assert (vehicle["max_tasks"], vehicle["max_travel_time"], vehicle["max_distance"]) == (3, 9000, 7)
    assert vehicle["costs"] == {"fixed": 5, "per_hour": 3600, "per_km": 2}
    assert vroom_problem(street())["jobs"][2]["time_windows"] == [[12 * HOUR, 13 * HOUR]]


def test_what_begins_before_the_day_is_moved_for_vroom_which_knows_no_time_below_0():
    problem = street()
    night = replace(problem.vehicles[0], shift_starts_s=-HOUR)
    early = replace(problem.stops[0], windows=(Window(-7 * 24 * HOUR, HOUR),))
    made = vroom_problem(replace(problem, stops=(early, *problem.stops[1:]), vehicles=(night, problem.vehicles[1])))
    assert made["vehicles"][0]["time_window"] == [0, 17 * HOUR]
    assert made["jobs"][0]["time_windows"] == [[0, 2 * HOUR]]


def test_a_delivery_is_a_shipment_for_vroom():
    problem = street()
    stops = (replace(problem.stops[0], collects=(2,)), *problem.stops[1:])
    people = tuple(replace(vehicle, capacity=(3,)) for vehicle in problem.vehicles)
    made = vroom_problem(replace(problem, stops=stops, vehicles=people, deliveries=(Delivery("a", "c"),)))
    assert [job["id"] for job in made["jobs"]] == [2]
    (shipment,) = made["shipments"]
    assert (shipment["pickup"]["id"], shipment["delivery"]["id"], shipment["amount"]) == (1, 3, [2])


def test_vroom_s_steps_become_orders_of_stop_positions():
    steps = [{"type": "start"}, {"type": "job", "id": 3}, {"type": "break", "id": 1}, {"type": "job", "id": 1}]
    answer = {"routes": [{"vehicle": 2, "steps": [*steps, {"type": "end"}]}]}
    assert orders_from_vroom(street(), answer) == [[], [2, 0]]


def test_pyvrp_is_told_who_may_not_come_by_legs_dearer_than_any_prize():
    made = pyvrp_problem(street())
    ana, ben = (made["profiles"][vehicle["profile"]]["points"] for vehicle in made["vehicles"])
    # Locations: the depot, then a, b, c. Ben may not go to b.
    assert ana[0] == [0, 600, 1200, 1800]
    assert ben[0][1] == 600
    assert ben[0][2] > 10 * 172_800 - 1
    assert [client["prize"] for client in made["clients"]] == [10_800, 172_800, 10_800]
    assert made["required"] is False


def test_pyvrp_must_serve_everybody_where_no_driving_is_worth_leaving_them_out():
    problem = street()
    dear = tuple(replace(stop, unserved_cost=1_000_000) for stop in problem.stops)
    assert pyvrp_problem(replace(problem, stops=dear))["required"] is True


def test_a_limit_of_stops_is_a_load_for_pyvrp():
    made = pyvrp_problem(four_jobs(max_stops=3))
    assert made["vehicles"][0]["capacity"] == [3]
    assert [client["delivers"] for client in made["clients"]] == [[1]] * 4


@pytest.mark.parametrize("seed", range(6))
def test_both_ways_of_or_tools_make_plans_that_the_judge_accepts(seed):
    problem = random_problem(seed)
    if any(max(0, w.opens_s) != w.opens_s for stop in problem.stops for w in stop.windows):
        raise AssertionError("windows of these problems lie within the day")
    for orders in (tutorial_orders(problem, 0.2), tuned_orders(problem, 0.2, seed)):
        assert orders is not None
        found = judged(problem, Answer(orders, 0.2, 0.2))
        assert (found.violations, found.failure) == (0, "")


def test_orders_that_cannot_be_driven_are_no_plan_and_say_why():
    found = judged(four_jobs(max_stops=2), Answer([[0, 1, 2]], 1.0, 1.0))
    assert (found.plan, found.violations) == (None, 1)
    assert "ana" in found.failure


def test_the_seed_of_or_tools_shuffles_stops_and_gives_them_back_by_position():
    problem = four_jobs()
    for seed in (1, 2, 3):
        (order,) = tuned_orders(problem, 0.1, seed) or [[]]
        assert sorted(order) == [0, 1, 2, 3]
        assert np.asarray(problem.matrix.duration_s)[0, problem.stops[order[0]].place] > 0
