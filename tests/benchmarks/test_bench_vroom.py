"""VROOM's format: random problems, and a checker that trusts nobody's solution."""

import copy
import itertools
from fractions import Fraction

import pytest

from benchmarks.vroom import vroom_names
from benchmarks.vroom_cases import FEATURES, SIZES, vroom_case
from benchmarks.vroom_checker import Worth, checked
from routing.vroom import Effort, answered

PROBLEM = {
    "vehicles": [
        {
            "id": 1,
            "start_index": 0,
            "end_index": 0,
            "time_window": [0, 10_000],
            "capacity": [4],
            "skills": [1],
            "max_tasks": 3,
            "max_travel_time": 1200,
            "max_distance": 12_000,
            "breaks": [{"id": 7, "time_windows": [[1000, 2000]], "service": 600, "max_load": [3]}],
            "costs": {"fixed": 50, "per_hour": 1800, "per_km": 10},
        }
    ],
    "jobs": [
        {
            "id": 1,
            "location_index": 1,
            "service": 300,
            "setup": 60,
            "skills": [1],
            "priority": 9,
            "delivery": [2],
            "time_windows": [[0, 5000]],
        },
        {"id": 2, "location_index": 2, "service": 100},
    ],
    "shipments": [
        {
            "amount": [3],
            "priority": 4,
            "pickup": {"id": 5, "location_index": 1, "service": 10, "setup": 60},
            "delivery": {"id": 5, "location_index": 2, "service": 20},
        }
    ],
    "matrices": {
        "car": {
            "durations": [[0, 200, 400], [200, 0, 200], [400, 200, 0]],
            "distances": [[0, 2000, 4000], [2000, 0, 2000], [4000, 2000, 0]],
        }
    },
}


def step(kind, arrival, duration, place=None, wait=0, setup=0, service=0, number=None):
    made = {"type": kind, "arrival": arrival, "duration": duration, "waiting_time": wait}
    made |= {"setup": setup, "service": service}
    made |= {} if place is None else {"location_index": place}
    return made | ({} if number is None else {"id": number})


def solution():
    """Job 1 at 200, the pickup beside it without set-up, on to the delivery, a break there, and home."""
    steps = [
        step("start", 0, 0, 0),
        step("job", 200, 200, 1, setup=60, service=300, number=1),
        step("pickup", 560, 200, 1, service=10, number=5),
        step("delivery", 770, 400, 2, service=20, number=5),
        step("break", 790, 400, wait=210, service=600, number=7),
        step("end", 2000, 800, 0),
    ]
    return {"routes": [{"vehicle": 1, "steps": steps}], "unassigned": [{"type": "job", "id": 2}]}


def test_a_solution_that_keeps_everything_is_worth_its_priorities_tasks_and_cost():
    found = checked(PROBLEM, solution())
    assert found.faults == []
    # 9 for the job and 4 for each end of the shipment; 50 + 800 s at 1,800 an hour + 8 km at 10.
    assert found.worth == Worth(9 + 4 + 4, 3, Fraction(50 + 400 + 80))


def changed(path, value):
    """The solution with one thing changed: ``(step, field)``."""
    made = copy.deepcopy(solution())
    made["routes"][0]["steps"][path[0]][path[1]] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ((1, "arrival"), 190, "arrives at 190 after leaving at 0 and driving 200"),
        ((3, "duration"), 300, "drives 100 s on a leg of 200 s"),
        ((1, "service"), 200, "job 1 takes 200 + 60 s, due are 300 + 60 s"),
        ((2, "setup"), 60, "pickup 5 takes 10 + 60 s, due are 10 + 0 s"),
        ((1, "location_index"), 2, "job 1 is served at 2"),
        ((4, "service"), 500, "break 7 lasts 500 s"),
        ((4, "waiting_time"), 0, "break 7 begins at 790, outside"),
        ((1, "waiting_time"), 6000, "job 1 begins at 6200, outside"),
        ((5, "arrival"), 10_001, "ends 1 s after its time window"),
        ((0, "arrival"), -5, "leaves 5 s before its time window"),
        ((1, "id"), 3, "('job', 3) is unknown"),
        ((4, "id"), 8, "takes breaks [8] of [7]"),
        ((5, "location_index"), 1, "does not end at 0"),
    ],
)
def test_what_is_wrong_with_a_step_is_found(path, value, fault):
    assert any(fault in said for said in checked(PROBLEM, changed(path, value)).faults)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("capacity", [2], "carries [3] of [2] after 2 tasks"),
        ("skills", [], "job 1 asks for skills [1]"),
        ("max_tasks", 2, "has 3 tasks"),
        ("max_travel_time", 700, "drives 800 s"),
        ("max_distance", 7999, "drives 8000 m"),
        ("start_index", 1, "does not start at 1"),
        ("breaks", [], "takes breaks [7] of []"),
    ],
)
def test_what_breaks_a_limit_of_the_vehicle_is_found(field, value, fault):
    tight = copy.deepcopy(PROBLEM)
    tight["vehicles"][0][field] = value
    assert any(fault in said for said in checked(tight, solution()).faults)


def test_a_load_that_is_too_much_for_a_break_is_found():
    early = copy.deepcopy(solution())
    steps = early["routes"][0]["steps"]
    steps.insert(3, steps.pop(4))
    tight = copy.deepcopy(PROBLEM)
    tight["vehicles"][0]["breaks"][0]["max_load"] = [2]
    assert any("carries [3] during break 7, at most [2]" in said for said in checked(tight, early).faults)


def test_tasks_that_are_lost_or_served_twice_are_found():
    lost = solution() | {"unassigned": []}
    assert "job 2 stands in the solution 0 times" in checked(PROBLEM, lost).faults
    twice = solution() | {"unassigned": [{"type": "job", "id": 2}, {"type": "job", "id": 1}]}
    assert "job 1 stands in the solution 2 times" in checked(PROBLEM, twice).faults


def test_half_a_shipment_and_one_the_wrong_way_round_are_found():
    half = copy.deepcopy(solution())
    del half["routes"][0]["steps"][3]
    assert any("pickup 5 without its delivery" in said for said in checked(PROBLEM, half).faults)
    turned = copy.deepcopy(solution())
    steps = turned["routes"][0]["steps"]
    steps[2]["type"], steps[3]["type"] = "delivery", "pickup"
    assert any("delivery before pickup 5" in said for said in checked(PROBLEM, turned).faults)


def test_a_matrix_of_costs_takes_the_place_of_the_hourly_price():
    tolled = copy.deepcopy(PROBLEM)
    tolled["matrices"]["car"]["costs"] = [[0, 7, 9], [7, 0, 3], [9, 3, 0]]
    # 50 + 7 + 0 + 3 + 9 by legs 0-1, 1-1, 1-2, 2-0, and 8 km at 10.
    assert checked(tolled, solution()).cost == 50 + 7 + 3 + 9 + 80


def test_vroom_s_order_puts_priorities_before_tasks_before_cost():
    worths = [Worth(2, 1, Fraction(9)), Worth(1, 3, Fraction(9)), Worth(1, 2, Fraction(1)), Worth(1, 2, Fraction(2))]
    assert all(better.beats(worse) for better, worse in itertools.pairwise(worths))
    assert not worths[0].beats(worths[0])


def test_every_field_is_drawn_by_some_problem_and_left_out_by_some():
    texts = [str(vroom_case(seed, 20)) for seed in range(1, 13)]
    fields = ("time_windows", "'skills'", "'priority'", "'delivery': [", "shipments", "breaks", "max_tasks", "max_load")
    fields += (
        "max_travel_time",
        "max_distance",
        "per_hour",
        "bike",
        "'costs': [[",
        "setup",
        "per_type",
        "speed_factor",
    )
    assert len(FEATURES) == 16
    for name in fields:
        having = sum(name in text for text in texts)
        assert 0 < having < len(texts), name


def test_the_same_seed_and_size_give_the_same_problem():
    assert vroom_case(1, 20) == vroom_case(1, 20)
    assert vroom_case(1, 20) != vroom_case(2, 20)


def test_sizes_have_equal_shares():
    names = vroom_names(50)
    assert len(names) == 50
    assert {size: sum(name.startswith(f"vroom_{size}_") for name in names) for size in SIZES} == dict.fromkeys(
        SIZES, 10
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_our_own_answers_pass_the_checker(seed):
    problem = vroom_case(seed, 20)
    assert checked(problem, answered(problem, effort=Effort(iterations=0, limit_s=None))).faults == []
