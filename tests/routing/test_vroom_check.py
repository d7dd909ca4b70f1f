"""Plan mode: given routes, chosen times, and every cause of violation in VROOM's words."""

import pytest
from vroom_cases import STREET, one_shipment, random_request, two_jobs, with_random_steps

from routing.vroom import VroomError, answered


def job(name, **bounds):
    return {"type": "job", "id": name, **bounds}


def route(*steps, **vehicle):
    """The depot's vehicle on the street with this route: doors 1 and 2 are 5 and 6 s away, 7 s apart."""
    return two_jobs(steps=list(steps), **vehicle)


def planned(problem):
    return answered(problem, choose_eta=True)


def arrivals(answer):
    return [step["arrival"] for step in answer["routes"][0]["steps"]]


def causes(answer):
    """By step, what is wrong with it."""
    return [[(v["cause"], v.get("duration")) for v in step["violations"]] for step in answer["routes"][0]["steps"]]


def test_a_route_that_keeps_everything_has_no_violation():
    answer = planned(route(job(7), job(8)))
    assert arrivals(answer) == [0, 5, 12, 18]
    assert causes(answer) == [[], [], [], []]
    assert answer["summary"]["violations"] == []


def test_lead_time_and_delay_together_are_least():
    problem = route(job(7), job(8))
    problem["jobs"][0]["time_windows"] = [[100, 200]]
    problem["jobs"][1]["time_windows"] = [[50, 60]]
    answer = planned(problem)  # 7 s lie between the doors: 47 s are missing, whoever gives way
    assert sum(v["duration"] for v in answer["summary"]["violations"]) == 47


def test_of_the_same_seconds_fewer_violations_win():
    problem = route(job(7), job(8))
    problem["jobs"][0]["time_windows"] = [[100, 100]]
    problem["jobs"][1]["time_windows"] = [[97, 97]]
    answer = planned(problem)  # ten seconds are missing between the doors; one of them takes all
    assert len([step for step in causes(answer) if step]) == 1


def test_then_the_end_is_earliest_and_the_start_latest():
    problem = route(job(7), job(8))
    problem["jobs"][0]["time_windows"] = [[100, 100]]
    problem["jobs"][1]["time_windows"] = [[97, 97]]
    answer = planned(problem)
    assert arrivals(answer) == [85, 90, 97, 103]
    assert causes(answer) == [[], [("lead_time", 10)], [], []]


def test_a_vehicle_that_leaves_before_its_window_has_lead_time_at_the_start():
    problem = route(job(7), time_window=[100, 1000])
    problem["jobs"][0]["time_windows"] = [[80, 80]]
    answer = planned(problem)  # a delay of 25 at the door would end later
    assert arrivals(answer) == [75, 80, 85]
    assert causes(answer) == [[("lead_time", 25)], [], []]


def test_a_vehicle_back_after_its_window_has_a_delay_at_the_end():
    answer = planned(route(job(7), job(8), time_window=[0, 10]))
    assert causes(answer) == [[], [], [], [("delay", 8)]]


def test_of_several_windows_the_nearest_counts():
    problem = route(job(7, service_at=30), job(8))
    problem["jobs"][0]["time_windows"] = [[0, 20], [38, 50]]
    assert causes(planned(problem))[1] == [("lead_time", 8)]
    problem["jobs"][0]["time_windows"] = [[0, 25], [38, 50]]
    assert causes(planned(problem))[1] == [("delay", 5)]


@pytest.mark.parametrize(
    ("steps", "times"),
    [
        ([job(7, service_at=30), job(8)], [25, 30, 37, 43]),
        ([job(7, service_after=30), job(8)], [25, 30, 37, 43]),
        ([job(7), job(8, service_after=30)], [18, 23, 30, 36]),
        ([job(7, service_after=30, service_before=33), job(8, service_before=40)], [25, 30, 37, 43]),
        ([{"type": "start", "service_at": 50}, job(7)], [50, 55, 60]),
        ([job(7), {"type": "end", "service_at": 50}], [40, 45, 50]),
        ([{"type": "start"}, {"type": "end"}], [0, 0]),
    ],
)
def test_bounds_of_a_step_are_kept(steps, times):
    assert arrivals(planned(route(*steps))) == times


@pytest.mark.parametrize(
    "steps",
    [
        [job(7, service_at=4), job(8)],
        [job(7, service_after=30), job(8, service_before=36)],
        [job(7, service_after=30, service_before=29)],
        [{"type": "start", "service_at": 5}, job(7), {"type": "end", "service_at": 14}],
    ],
)
def test_bounds_that_exclude_each_other_are_refused(steps):
    with pytest.raises(VroomError) as refused:
        planned(route(*steps))
    assert refused.value.code == 2
    assert "vehicles[0].steps" in refused.value.message


def test_bounds_hold_even_where_windows_do_not():
    problem = route(job(7, service_after=30), job(8))
    problem["jobs"][0]["time_windows"] = [[0, 20]]
    answer = planned(problem)
    assert causes(answer)[1] == [("delay", 10)]
    assert arrivals(answer)[1] == 30


def test_load_is_judged_at_every_step():
    problem = route(job(7), job(8), capacity=[2])
    problem["jobs"][0]["delivery"] = [3]
    problem["jobs"][1]["pickup"] = [3]
    answer = planned(problem)
    assert [step["load"] for step in answer["routes"][0]["steps"]] == [[3], [0], [3], [3]]
    assert causes(answer) == [[("load", None)], [], [("load", None)], [("load", None)]]


def test_skills_and_number_of_tasks_are_judged_task_by_task():
    problem = route(job(7), job(8), max_tasks=1, skills=[2])
    problem["jobs"][0]["skills"] = [1, 2]
    assert causes(planned(problem)) == [[], [("skills", None)], [("max_tasks", None)], []]


def test_travel_and_distance_are_judged_from_where_they_are_too_much():
    problem = route(job(7), job(8), max_travel_time=11, max_distance=1200)
    problem["matrices"]["car"] = {"durations": STREET, "distances": [[100 * s for s in row] for row in STREET]}
    answer = planned(problem)
    assert [step["distance"] for step in answer["routes"][0]["steps"]] == [0, 500, 1200, 1800]
    assert causes(answer) == [[], [], [("max_travel_time", None)], [("max_travel_time", None), ("max_distance", None)]]


@pytest.mark.parametrize(
    ("ends", "wrong"),
    [
        (["pickup", "delivery"], [[], []]),
        (["delivery", "pickup"], [[("precedence", None)], [("precedence", None)]]),
        (["pickup"], [[("precedence", None)]]),
        (["delivery"], [[("precedence", None)]]),
    ],
)
def test_ends_of_a_shipment_follow_each_other(ends, wrong):
    problem = one_shipment()
    problem["vehicles"][0]["steps"] = [{"type": end, "id": 1} for end in ends]
    answer = planned(problem)
    assert causes(answer) == [[], *wrong, []]
    assert [task["type"] for task in answer["unassigned"]] == sorted({"pickup", "delivery"} - set(ends))


def pause(**more):
    return {"id": 4, "time_windows": [[10, 20]], "service": 7, **more}


def test_a_break_that_is_not_taken_is_missing_from_the_route():
    answer = planned(route(job(7), breaks=[pause()]))
    assert causes(answer) == [[], [], []]
    assert answer["routes"][0]["violations"] == answer["summary"]["violations"] == [{"cause": "missing_break"}]


def test_a_break_splits_travel_and_ends_earliest():
    answer = planned(route(job(7), {"type": "break", "id": 4}, job(8), breaks=[pause()]))
    steps = answer["routes"][0]["steps"]
    assert [(step["type"], step["arrival"], step["duration"]) for step in steps] == [
        ("start", 0, 0),
        ("job", 5, 5),
        ("break", 10, 10),
        ("job", 19, 12),
        ("end", 25, 18),
    ]
    assert answer["routes"][0]["service"] == 7


def test_a_late_break_is_a_delay_and_one_with_too_much_on_board_a_max_load():
    problem = route(job(7), job(8), {"type": "break", "id": 4}, breaks=[pause(time_windows=[[0, 1]])])
    assert causes(planned(problem))[3] == [("delay", 11)]
    problem = route(job(7), {"type": "break", "id": 4}, job(8), breaks=[pause(max_load=[0])], capacity=[2])
    problem["jobs"][1]["delivery"] = [1]
    assert causes(planned(problem))[2] == [("max_load", None)]


def test_breaks_may_be_given_in_an_order_of_their_own():
    breaks = [pause(), pause(id=5, time_windows=[[30, 40]])]
    answer = planned(route({"type": "break", "id": 5}, {"type": "break", "id": 4}, job(7), breaks=breaks))
    assert causes(answer)[1] == [("lead_time", 17)]  # break 4 must begin by 20, and 5 lasts 7 s before it


def test_an_open_route_begins_and_ends_at_its_tasks():
    problem = route(job(7), job(8))
    del problem["vehicles"][0]["start_index"]
    answer = planned(problem)
    assert arrivals(answer) == [0, 0, 7, 13]
    assert [step["location_index"] for step in answer["routes"][0]["steps"]] == [1, 1, 2, 0]


def test_vehicles_without_steps_have_no_route():
    answer = planned(two_jobs())
    assert answer["routes"] == []
    assert [task["id"] for task in answer["unassigned"]] == [7, 8]
    assert answer["summary"]["unassigned"] == 2


def test_durations_of_violations_add_up_over_steps_and_routes():
    problem = route(job(7), time_window=[0, 9])
    problem["jobs"][0]["time_windows"] = [[0, 3]]
    problem["jobs"][1]["time_windows"] = [[0, 2]]
    problem["vehicles"].append({"id": 2, "start_index": 0, "steps": [job(8)]})
    answer = planned(problem)
    assert [r["violations"] for r in answer["routes"]] == [
        [{"cause": "delay", "duration": 3}],  # 2 at the door, 1 at the end
        [{"cause": "delay", "duration": 4}],
    ]
    assert answer["summary"]["violations"] == [{"cause": "delay", "duration": 7}]


def test_random_routes_keep_the_clock_whatever_else_they_break():
    for seed in range(30):
        answer = planned(with_random_steps(random_request(seed), seed))
        for found in answer["routes"]:
            for before, step in zip(found["steps"], found["steps"][1:], strict=False):
                free = before["arrival"] + before["waiting_time"] + before["setup"] + before["service"]
                assert step["arrival"] == free + step["duration"] - before["duration"]
                assert step["waiting_time"] >= 0
                assert step["duration"] >= before["duration"]
