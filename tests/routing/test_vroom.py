"""VROOM's format end to end: its problem in, its solution out, judged by code that knows only the two."""

import copy
import itertools

import numpy as np
import pytest
from vroom_cases import STREET, one_shipment, random_request, two_jobs
from vroom_checker import wrong_with

from geo import polyline
from routing.solver import solve
from routing.straight import Straight
from routing.vroom import Effort, VroomError, answered

QUICK = Effort(limit_s=None, iterations=20, search=solve)


def solved(problem, engine=None, **how):
    return answered(problem, engine, effort=QUICK, **how)


def served(answer):
    """Served tasks by vehicle, in order."""
    return {
        route["vehicle"]: [
            (step["type"], step["id"]) for step in route["steps"] if step["type"] not in ("start", "end")
        ]
        for route in answer["routes"]
    }


def test_two_jobs_are_answered_field_by_field():
    problem = two_jobs(description="van", capacity=[5])
    problem["jobs"] = [
        {"id": 7, "location_index": 1, "location": [1.5, 2.5], "service": 3, "setup": 4, "delivery": [2], "priority": 6}
    ]
    answer = solved(problem)
    times = answer["summary"].pop("computing_times")
    assert sorted(times) == ["loading", "routing", "solving"]
    empty = {"setup": 0, "service": 0, "waiting_time": 0, "violations": []}
    totals = {"setup": 4, "service": 3, "duration": 10, "waiting_time": 0, "priority": 6, "violations": []}
    amounts = {"delivery": [2], "amount": [2], "pickup": [0]}
    assert answer == {
        "code": 0,
        "summary": {"cost": 10, "routes": 1, "unassigned": 0, **amounts, **totals},
        "unassigned": [],
        "routes": [
            {
                "vehicle": 1,
                "cost": 10,
                "description": "van",
                **amounts,
                **totals,
                "steps": [
                    {"type": "start", "location_index": 0, "load": [2], "arrival": 0, "duration": 0, **empty},
                    {
                        "type": "job",
                        "location": [1.5, 2.5],
                        "location_index": 1,
                        "id": 7,
                        "job": 7,
                        "setup": 4,
                        "service": 3,
                        "waiting_time": 0,
                        "load": [0],
                        "arrival": 5,
                        "duration": 5,
                        "violations": [],
                    },
                    {"type": "end", "location_index": 0, "load": [0], "arrival": 17, "duration": 10, **empty},
                ],
            }
        ],
    }


def test_the_sum_of_priorities_comes_before_the_number_of_tasks_and_the_cost():
    problem = two_jobs(capacity=[2])
    dear = {"id": 1, "location_index": 2, "priority": 10, "delivery": [2]}
    small = [{"id": k, "location_index": 1, "priority": p, "delivery": [1]} for k, p in ((2, 4), (3, 5))]
    problem["jobs"] = [dear, *small]
    assert served(solved(problem)) == {1: [("job", 1)]}  # 10 beats 4 + 5
    small[0]["priority"] = 6
    assert sorted(served(solved(problem))[1]) == [("job", 2), ("job", 3)]  # 6 + 5 beat 10


def test_of_equal_priorities_the_larger_number_of_tasks_wins_however_dear():
    problem = two_jobs(capacity=[2])
    problem["matrices"]["car"]["costs"] = [[0, 0, 10**6], [0, 0, 10**6], [10**6, 10**6, 0]]
    problem["jobs"] = [
        {"id": 1, "location_index": 1, "priority": 10, "delivery": [2]},
        {"id": 2, "location_index": 2, "priority": 4, "delivery": [1]},
        {"id": 3, "location_index": 2, "priority": 6, "delivery": [1]},
    ]
    answer = solved(problem)
    assert sorted(served(answer)[1]) == [("job", 2), ("job", 3)]
    assert answer["summary"]["cost"] == 2 * 10**6


def test_of_as_many_tasks_the_cheapest_win_and_priority_0_counts_as_a_task():
    answer = solved(two_jobs(max_tasks=1))
    assert served(answer) == {1: [("job", 7)]}
    assert answer["summary"]["cost"] == 10
    assert answer["unassigned"] == [{"id": 8, "location_index": 2, "type": "job"}]


def test_a_shipment_counts_twice_as_two_tasks_of_its_priority():
    problem = one_shipment(priority=10)
    problem["vehicles"][0]["max_tasks"] = 2
    problem["jobs"] = [{"id": k, "location_index": 1, "priority": p} for k, p in ((1, 10), (2, 9))]
    answer = solved(problem)
    assert served(answer) == {1: [("pickup", 1), ("delivery", 1)]}
    assert answer["summary"]["priority"] == 20
    problem["shipments"][0]["priority"] = 9
    assert sorted(served(solved(problem))[1]) == [("job", 1), ("job", 2)]


def test_waiting_is_spent_before_leaving():
    problem = two_jobs()
    problem["jobs"][0]["time_windows"] = [[100, 200]]
    answer = solved(problem)
    assert answer["summary"]["waiting_time"] == 0
    assert answer["routes"][0]["steps"][0]["arrival"] in (87, 95)  # by way of the other door, or straight there


def test_absolute_times_come_back_as_they_went_in():
    problem = two_jobs()
    problem["jobs"][0]["time_windows"] = [[1_800_000_000, 1_800_000_010]]
    answer = solved(problem)
    step = next(step for step in answer["routes"][0]["steps"] if step.get("id") == 7)
    assert step["arrival"] + step["waiting_time"] == 1_800_000_000
    assert wrong_with(problem, answer) == []


def test_a_speed_factor_scales_travel_and_keeps_two_digits():
    problem = two_jobs(speed_factor=3)
    problem["matrices"]["car"]["durations"] = [[100 * s for s in row] for row in STREET]
    answer = solved(problem)
    assert answer["routes"][0]["duration"] == 594  # 1800 s at 0.33 of each second
    assert sorted(step["arrival"] for step in answer["routes"][0]["steps"])[0::3] == [0, 594]


def test_a_break_with_several_windows_is_taken_in_one_of_them():
    breaks = [{"id": 3, "time_windows": [[0, 2], [9, 12]], "service": 7}]
    problem = two_jobs(time_window=[3, 900], breaks=breaks)
    answer = solved(problem)
    assert answer["summary"]["unassigned"] == 0
    assert wrong_with(problem, answer) == []


def test_a_break_waits_until_there_is_little_enough_on_board():
    breaks = [{"id": 3, "time_windows": [[0, 900]], "service": 7, "max_load": [1]}]
    problem = two_jobs(capacity=[4], breaks=breaks)
    for job in problem["jobs"]:
        job["delivery"] = [2]
    answer = solved(problem)
    assert answer["summary"]["unassigned"] == 0
    assert [name for name, _ in served(answer)[1]] == ["job", "job", "break"]


def test_what_a_loose_break_forbids_is_given_up_for_the_most_valuable_rest():
    breaks = [{"id": 3, "time_windows": [[0, 1]], "service": 7, "max_load": [0]}]
    problem = two_jobs(time_window=[0, 900], capacity=[4], breaks=breaks)
    problem["jobs"][0] |= {"delivery": [1], "priority": 9}
    answer = solved(problem)  # on board from the start, when the break is due
    assert answer["unassigned"] == [{"id": 7, "location_index": 1, "type": "job"}]
    assert wrong_with(problem, answer) == []


def test_what_a_loose_break_forbids_one_vehicle_another_takes():
    breaks = [{"id": 3, "time_windows": [[0, 1]], "service": 7, "max_load": [0]}]
    problem = two_jobs(time_window=[0, 900], capacity=[4], breaks=breaks)
    problem["jobs"][0]["delivery"] = [1]
    problem["vehicles"].append({"id": 2, "start_index": 0, "capacity": [4], "costs": {"fixed": 500}})
    answer = solved(problem)
    assert answer["summary"]["unassigned"] == 0
    assert ("job", 7) in served(answer)[2]
    assert wrong_with(problem, answer) == []


def steps_of(*names):
    return [{"type": "job", "id": name} for name in names]


def test_given_steps_are_where_the_search_starts_and_never_made_worse():
    problem = two_jobs(steps=steps_of(8, 7))
    problem["vehicles"].append({"id": 2, "start_index": 1, "end_index": 1})
    idle = answered(problem, effort=Effort(limit_s=None, iterations=0, search=solve))
    assert idle["summary"]["cost"] <= 18
    assert idle["summary"]["unassigned"] == 0


@pytest.mark.parametrize(
    ("vehicle", "job", "cause"),
    [
        ({"max_tasks": 1}, {}, "max_tasks"),
        ({"max_travel_time": 17}, {}, "max_travel_time"),
        ({"time_window": [0, 17]}, {}, "time windows"),
        ({}, {"time_windows": [[0, 4]]}, "time windows"),
        ({}, {"skills": [1]}, "skills"),
        ({"capacity": [1]}, {"delivery": [2]}, "load"),
    ],
)
def test_given_steps_that_break_a_limit_are_refused_with_the_cause(vehicle, job, cause):
    problem = two_jobs(steps=steps_of(7, 8), **vehicle)
    problem["jobs"][0] |= job
    with pytest.raises(VroomError) as refused:
        solved(problem)
    assert refused.value.code == 2
    assert "vehicles[0].steps" in refused.value.message
    assert cause in refused.value.message


def test_half_a_shipment_in_given_steps_is_refused():
    problem = one_shipment()
    problem["vehicles"][0]["steps"] = [{"type": "pickup", "id": 1}]
    with pytest.raises(VroomError, match="precedence"):
        solved(problem)


@pytest.mark.parametrize("seed", range(30))
def test_no_random_request_is_answered_with_a_violation(seed):
    problem = random_request(seed)
    asked = copy.deepcopy(problem)
    answer = solved(problem)
    assert problem == asked
    assert wrong_with(problem, answer) == []


def test_the_checker_of_these_tests_sees_what_is_wrong():
    problem = two_jobs(time_window=[0, 100], capacity=[1])
    problem["jobs"][0]["delivery"] = [1]
    right = solved(problem)
    assert wrong_with(problem, right) == []
    for change in ({"time_window": [0, 17]}, {"capacity": [0]}, {"max_travel_time": 17}, {"breaks": [{"id": 1}]}):
        assert wrong_with({**problem, "vehicles": [problem["vehicles"][0] | change]}, right), change
    late = copy.deepcopy(right)
    late["routes"][0]["steps"][1]["arrival"] -= 1
    assert wrong_with(problem, late)


def test_the_same_iterations_and_seed_give_the_same_answer():
    problem = random_request(6)
    first, second = (solved(problem) for _ in range(2))
    for answer in (first, second):
        del answer["summary"]["computing_times"]
    assert first == second


TOWN = [[-71.25, -29.90], [-71.24, -29.91], [-71.26, -29.92], [-71.23, -29.89]]


def in_town():
    """Four people's doors by coordinates; a shipment, two vans with breaks and skills, as VROOM's first example has."""
    hours = [28_800, 43_200]
    return {
        "vehicles": [
            {
                "id": k,
                "start": TOWN[0],
                "end": TOWN[0],
                "capacity": [4],
                "skills": [k, 14],
                "time_window": hours,
                "breaks": [{"id": k, "service": 300, "time_windows": [[30_600 + 1800 * k, 32_400 + 1800 * k]]}],
            }
            for k in (1, 2)
        ],
        "jobs": [
            {
                "id": 1,
                "service": 300,
                "delivery": [1],
                "location": TOWN[1],
                "skills": [1],
                "time_windows": [[32_400, 36_000]],
            },
            {"id": 2, "service": 300, "pickup": [1], "location": TOWN[2], "skills": [1]},
            {"id": 5, "service": 300, "delivery": [1], "location": TOWN[3], "skills": [14]},
        ],
        "shipments": [
            {
                "amount": [1],
                "skills": [2],
                "pickup": {"id": 4, "service": 300, "location": TOWN[1]},
                "delivery": {"id": 3, "service": 300, "location": TOWN[3]},
            }
        ],
    }


def test_coordinates_are_answered_with_the_roads_of_a_region():
    answer = solved(in_town(), Straight())
    assert answer["summary"]["unassigned"] == 0
    assert answer["summary"]["distance"] == sum(route["distance"] for route in answer["routes"]) > 0
    for route in answer["routes"]:
        assert [step["location"] for step in (route["steps"][0], route["steps"][-1])] == [TOWN[0], TOWN[0]]
        assert "geometry" not in route
        assert not any("location_index" in step for step in route["steps"])


def test_geometry_runs_through_every_stop_with_five_digits():
    answer = solved(in_town(), Straight(), geometry=True)
    for route in answer["routes"]:
        stops = [step["location"] for step in route["steps"] if "location" in step]
        line = polyline.decode(route["geometry"], precision=5)
        assert np.allclose(line, stops, atol=1e-5)


def test_coordinates_without_a_region_are_a_routing_error_that_names_the_remedy():
    with pytest.raises(VroomError) as refused:
        solved(in_town())
    assert refused.value.code == 3
    assert "--region" in refused.value.message


def test_geometry_needs_coordinates_and_a_region():
    with pytest.raises(VroomError, match=r"jobs\[0\]\.location") as refused:
        solved(two_jobs(), geometry=True)
    assert refused.value.code == 2
    problem = {"vehicles": [{"id": 1, "start_index": 0, "start": TOWN[0]}], "matrices": {"car": {"durations": STREET}}}
    problem["jobs"] = [{"id": 1, "location_index": 1, "location": TOWN[1]}]
    for distances in ({}, {"distances": STREET}):
        problem["matrices"]["car"] |= distances
        with pytest.raises(VroomError, match="--region") as refused:
            solved(problem, geometry=True)
        assert refused.value.code == 3


def test_a_region_fills_in_the_distances_that_custom_matrices_lack():
    problem = {"vehicles": [{"id": 1, "start_index": 0, "start": TOWN[0], "costs": {"per_km": 1000}}]}
    problem |= {
        "jobs": [{"id": 1, "location_index": 1, "location": TOWN[1]}],
        "matrices": {"car": {"durations": STREET}},
    }
    answer = solved(problem, Straight())
    metres = answer["summary"]["distance"]
    assert metres > 1000
    assert (answer["summary"]["duration"], answer["summary"]["cost"]) == (5, 5 + metres)


def test_a_profile_that_no_road_knows_is_refused():
    problem = in_town()
    problem["vehicles"][1]["profile"] = "boat"
    with pytest.raises(VroomError, match=r"vehicles\[1\]\.profile = 'boat'.*matrices\.boat\.durations"):
        solved(problem, Straight())


def test_a_location_that_is_not_on_earth_is_refused():
    problem = in_town()
    problem["jobs"][0]["location"] = [-29.9, -171.2]
    with pytest.raises(VroomError, match="not on earth") as refused:
        solved(problem, Straight())
    assert refused.value.code == 2


class Islands(Straight):
    """Straight lines, but no bridge between the first point and the others."""

    def table(self, lonlat, sources=None, targets=None):
        table = super().table(lonlat, sources, targets)
        for part in (table.duration_s, table.distance_m):
            part[0, 1:] = part[1:, 0] = 1_000_000_000
        return table


def test_places_that_no_road_joins_are_a_routing_error():
    with pytest.raises(VroomError, match=r"no road leads from jobs\[0\]\.location to ") as refused:
        solved(in_town(), Islands())
    assert refused.value.code == 3


def test_a_whole_day_at_one_place_needs_no_roads_beyond_it():
    problem = {
        "vehicles": [{"id": 1, "start": TOWN[0]}],
        "jobs": [{"id": 1, "location": TOWN[0], "setup": 5, "service": 9}],
    }
    answer = solved(problem, Straight())
    steps = answer["routes"][0]["steps"]
    assert [(step["type"], step["setup"], step["arrival"]) for step in steps] == [
        ("start", 0, 0),
        ("job", 0, 0),
        ("end", 0, 9),
    ]


def test_every_order_of_two_windows_is_found():
    """VROOM's second example in small: custom matrices, jobs that must come in one order."""
    for order in itertools.permutations((7, 8)):
        problem = two_jobs()
        for job in problem["jobs"]:
            rank = order.index(job["id"])
            job["time_windows"] = [[1000 * rank, 1000 * rank + 30]]
        assert served(solved(problem)) == {1: [("job", name) for name in order]}
