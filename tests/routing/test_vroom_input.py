"""What VROOM refuses is refused, by field; what it accepts is read."""

import pytest
from vroom_cases import STREET, one_shipment, random_request, two_jobs

from routing.vroom.ground import ground_of
from routing.vroom.input import read_request
from routing.vroom.types import VroomError


def changed(problem, path, value):
    """The problem with one value put in; "-" takes it away."""
    here = problem
    *way, last = path
    for step in way:
        here = here[step]
    if value == "-":
        del here[last]
    else:
        here[last] = value
    return problem


def refusal(problem):
    with pytest.raises(VroomError) as refused:
        ground_of(read_request(problem), None)
    assert refused.value.answer() == {"code": 2, "error": refused.value.message}
    return refused.value.message


JOB, VAN = ("jobs", 0), ("vehicles", 0)
WRONG = [
    (("vehicles",), "-", "vehicles = None"),
    (("vehicles",), [], "vehicles = []"),
    (("vehicles",), {}, "vehicles = {}"),
    (("vehicles",), ["van"], "vehicles[0] = 'van'"),
    (("jobs",), "-", "jobs = None"),
    (("jobs",), [], "jobs = []"),
    (("jobs",), {}, "jobs = {}"),
    (("jobs",), [3], "jobs[0] = 3"),
    (("shipments",), {}, "shipments = {}"),
    ((*JOB, "id"), "-", "jobs[0].id = None"),
    ((*JOB, "id"), -1, "jobs[0].id = -1"),
    ((*JOB, "id"), 1.5, "jobs[0].id = 1.5"),
    ((*JOB, "id"), True, "jobs[0].id = True"),
    ((*JOB, "id"), 2**64, f"jobs[0].id = {2**64}"),
    ((*JOB, "id"), 8, "jobs[1].id = 8"),
    ((*JOB, "location_index"), "-", "jobs[0].location = None"),
    ((*JOB, "location_index"), 3, "jobs[0].location_index = 3"),
    ((*JOB, "location_index"), -1, "jobs[0].location_index = -1"),
    ((*JOB, "location"), [1], "jobs[0].location = [1]"),
    ((*JOB, "location"), "here", "jobs[0].location = 'here'"),
    ((*JOB, "location"), [float("nan"), 1], "jobs[0].location = [nan, 1]"),
    ((*JOB, "service"), -1, "jobs[0].service = -1"),
    ((*JOB, "service"), None, "jobs[0].service = None"),
    ((*JOB, "setup"), 2**32, f"jobs[0].setup = {2**32}"),
    ((*JOB, "setup_per_type"), [], "jobs[0].setup_per_type = []"),
    ((*JOB, "service_per_type"), {"": 1}, "jobs[0].service_per_type = {'': 1}"),
    ((*JOB, "service_per_type"), {"van": -1}, "jobs[0].service_per_type.van = -1"),
    ((*JOB, "skills"), {}, "jobs[0].skills = {}"),
    ((*JOB, "skills"), ["gas"], "jobs[0].skills[0] = 'gas'"),
    ((*JOB, "priority"), 101, "jobs[0].priority = 101"),
    ((*JOB, "priority"), "high", "jobs[0].priority = 'high'"),
    ((*JOB, "description"), 7, "jobs[0].description = 7"),
    ((*JOB, "delivery"), [1], "jobs[0].delivery = [1]"),
    ((*JOB, "amount"), [-1], "jobs[0].amount[0] = -1"),
    ((*JOB, "time_windows"), [], "jobs[0].time_windows = []"),
    ((*JOB, "time_windows"), [1, 2], "jobs[0].time_windows[0] = 1"),
    ((*JOB, "time_windows"), [[1]], "jobs[0].time_windows[0] = [1]"),
    ((*JOB, "time_windows"), [[5, 1]], "jobs[0].time_windows[0] = [5, 1]"),
    ((*JOB, "time_windows"), [[1, 5], [5, 9]], "jobs[0].time_windows = [[1, 5], [5, 9]]"),
    ((*VAN, "id"), "-", "vehicles[0].id = None"),
    ((*VAN, "start_index"), 9, "vehicles[0].start_index = 9"),
    ((*VAN, "capacity"), [-1], "vehicles[0].capacity[0] = -1"),
    ((*VAN, "time_window"), [5, 1], "vehicles[0].time_window = [5, 1]"),
    ((*VAN, "time_window"), None, "vehicles[0].time_window = None"),
    ((*VAN, "speed_factor"), 0, "vehicles[0].speed_factor = 0"),
    ((*VAN, "speed_factor"), 5.01, "vehicles[0].speed_factor = 5.01"),
    ((*VAN, "speed_factor"), "fast", "vehicles[0].speed_factor = 'fast'"),
    ((*VAN, "max_tasks"), -1, "vehicles[0].max_tasks = -1"),
    ((*VAN, "max_travel_time"), 1.5, "vehicles[0].max_travel_time = 1.5"),
    ((*VAN, "max_distance"), None, "vehicles[0].max_distance = None"),
    ((*VAN, "costs"), [], "vehicles[0].costs = []"),
    ((*VAN, "costs"), {"fixed": -1}, "vehicles[0].costs.fixed = -1"),
    ((*VAN, "costs"), {"per_hour": 1.5}, "vehicles[0].costs.per_hour = 1.5"),
    ((*VAN, "costs"), {"per_task_hour": None}, "vehicles[0].costs.per_task_hour = None"),
    ((*VAN, "costs"), {"per_km": 3}, "coordinates are needed for distances for vehicles[0].costs.per_km"),
    ((*VAN, "max_distance"), 30, "coordinates are needed for distances for vehicles[0].max_distance"),
    ((*VAN, "profile"), 1, "vehicles[0].profile = 1"),
    ((*VAN, "profile"), "bike", "coordinates are needed for travel times of profile 'bike'"),
    ((*VAN, "type"), 1, "vehicles[0].type = 1"),
    ((*VAN, "breaks"), {}, "vehicles[0].breaks = {}"),
    ((*VAN, "breaks"), [{"time_windows": [[0, 9]]}], "vehicles[0].breaks[0].id = None"),
    ((*VAN, "breaks"), [{"id": 1, "time_windows": []}], "vehicles[0].breaks[0].time_windows = []"),
    ((*VAN, "breaks"), [{"id": 1}, {"id": 1}], "vehicles[0].breaks[1].id = 1"),
    ((*VAN, "breaks"), [{"id": 1, "service": -1}], "vehicles[0].breaks[0].service = -1"),
    ((*VAN, "breaks"), [{"id": 1, "max_load": [1]}], "vehicles[0].breaks[0].max_load = [1]"),
    (("matrices",), [], "matrices = []"),
    (("matrices", "car"), [], "matrices.car = []"),
    (("matrices", "car"), {}, "jobs[0].location_index = 1"),
    (("matrices", "car"), {"distances": STREET}, "matrices.car.durations = None"),
    (("matrices", "car", "durations"), [], "matrices.car.durations = []"),
    (("matrices", "car", "durations", 1), [1], "matrices.car.durations[1] = 1"),
    (("matrices", "car", "durations", 1, 2), -1, "matrices.car.durations[1][2] = -1"),
    (("matrices", "car", "durations", 1, 2), 1.5, "matrices.car.durations[1][2] = 1.5"),
    (("matrices", "car", "durations", 1, 2), 2**32, f"matrices.car.durations[1][2] = {2**32}"),
    (("matrices", "car", "distances"), [[0]], "matrices.car.distances has 1 rows"),
]


@pytest.mark.parametrize(("path", "value", "said"), WRONG, ids=lambda value: str(value)[:50])
def test_what_vroom_refuses_is_refused_with_the_field_and_its_value(path, value, said):
    problem = two_jobs()
    problem["matrices"] = {"car": {"durations": [list(row) for row in STREET]}}
    assert said in refusal(changed(problem, path, value))


@pytest.mark.parametrize("whole", [[], "text", None, 3])
def test_a_request_that_is_no_object_is_refused(whole):
    assert "must be an object" in refusal(whole)


def test_a_vehicle_without_start_and_end_is_refused():
    problem = two_jobs()
    del problem["vehicles"][0]["start_index"], problem["vehicles"][0]["end_index"]
    assert "vehicles[0].start = None" in refusal(problem)


@pytest.mark.parametrize(
    ("end", "value", "said"),
    [
        ("pickup", "-", "shipments[0].pickup = None"),
        ("delivery", 3, "shipments[0].delivery = 3"),
        ("pickup", {"location_index": 1}, "shipments[0].pickup.id = None"),
        ("priority", 101, "shipments[0].priority = 101"),
        ("amount", [1], "shipments[0].amount = [1]"),
    ],
)
def test_a_shipment_names_what_is_wrong_with_it(end, value, said):
    assert said in refusal(changed(one_shipment(), ("shipments", 0, end), value))


def test_two_pickups_may_not_share_an_id_but_a_pickup_and_a_delivery_may():
    problem = one_shipment()
    assert read_request(problem).tasks[0].id == read_request(problem).tasks[1].id
    problem["shipments"].append({**problem["shipments"][0], "delivery": {"id": 2, "location_index": 2}})
    assert "shipments[1].pickup.id = 1: another pickup has this id" in refusal(problem)


def test_every_vehicle_states_as_many_amounts_as_the_first():
    problem = two_jobs(capacity=[1])
    problem["vehicles"].append({"id": 2, "start_index": 0})
    problem["vehicles"].append({"id": 3, "start_index": 0, "capacity": [1, 2]})
    said = refusal(problem)
    assert "vehicles[1].capacity = None" in said
    assert "vehicles[2].capacity = [1, 2]" in said


def test_a_price_an_hour_beside_a_matrix_of_costs_is_refused():
    problem = two_jobs(costs={"per_hour": 7200})
    problem["matrices"]["car"] = {"durations": STREET, "costs": STREET}
    assert "vehicles[0].costs.per_hour = 7200" in refusal(problem)


@pytest.mark.parametrize("window", [[0, 50], [1001, 2000], [998, 1000]])
def test_a_break_that_the_vehicles_window_cannot_hold_is_refused(window):
    problem = two_jobs(time_window=[100, 1000], breaks=[{"id": 1, "time_windows": [window], "service": 5}])
    assert "vehicles[0].breaks[0]" in refusal(problem)


def test_a_break_that_the_one_before_pushes_out_of_its_window_is_refused():
    breaks = [{"id": 1, "time_windows": [[0, 1]], "service": 7}, {"id": 2, "time_windows": [[3, 4]]}]
    assert "vehicles[0].breaks[1]" in refusal(two_jobs(breaks=breaks))


def test_legs_that_add_up_to_more_than_vroom_holds_are_refused():
    far = 2_200_000_000  # from the depot and from a job: 4.4 thousand million together
    problem = two_jobs()
    problem["matrices"] = {"car": {"durations": [[0, 1, far], [1, 0, far], [1, 1, 0]]}}
    assert "VROOM's most is 4294967295" in refusal(problem)
    problem["matrices"] = {"car": {"durations": [[0, 1, far - 10**8], [1, 0, far - 10**8], [1, 1, 0]]}}
    assert ground_of(read_request(problem), None).scale == 1


def test_every_fault_is_named_at_once():
    problem = two_jobs(speed_factor=9, max_tasks="few")
    problem["jobs"][1]["priority"] = -1
    said = refusal(problem)
    for fault in ("vehicles[0].speed_factor = 9:", "vehicles[0].max_tasks = 'few':", "jobs[1].priority = -1:"):
        assert fault in said


def test_very_many_faults_are_counted_after_the_first_ten():
    problem = two_jobs()
    problem["jobs"] = [{"id": -1, "location_index": 1} for _ in range(14)]
    assert refusal(problem).endswith("and 17 more")  # 14 ids, of which 13 repeat the 0 they are read as


def test_fields_that_vroom_does_not_know_are_passed_over():
    problem = two_jobs(colour="red") | {"comment": 1}
    problem["jobs"][0]["colour"] = "blue"
    assert len(read_request(problem).tasks) == 2


def test_windows_are_sorted_and_what_follows_their_ends_is_passed_over():
    problem = two_jobs()
    problem["jobs"][0]["time_windows"] = [[8, 20, 99], [1, 2]]
    assert read_request(problem).tasks[0].windows == ((1, 2), (8, 20))


def test_the_old_amount_is_a_delivery_when_there_is_neither_of_the_new_ones():
    problem = two_jobs(capacity=[9])
    problem["jobs"][0]["amount"] = [3]
    problem["jobs"][1] |= {"amount": "nonsense", "pickup": [2]}
    first, second = read_request(problem).tasks
    assert (first.delivers, first.collects) == ((3,), (0,))
    assert (second.delivers, second.collects) == ((0,), (2,))


def test_the_old_single_matrix_is_that_of_cars():
    problem = two_jobs()
    problem["matrix"] = problem.pop("matrices")["car"]["durations"]
    ground = ground_of(read_request(problem), None)  # places: door 1, door 2, depot, as they appear
    assert ground.durations_s["car"].tolist() == [[0, 7, 5], [7, 0, 6], [5, 6, 0]]


def test_breaks_are_taken_in_the_order_of_their_first_windows_and_any_time_begins_at_0():
    windows = {1: [[90, 99], [50, 60]], 2: [[40, 95]], 4: [[0, 9]]}
    breaks = [{"id": 3}, *({"id": name, "time_windows": listed} for name, listed in windows.items())]
    van = read_request(two_jobs(breaks=breaks)).vans[0]
    assert [pause.id for pause in van.breaks] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ({}, "vehicles[0].steps = {}"),
        (["job"], "vehicles[0].steps[0] = 'job'"),
        ([{"id": 7}], "vehicles[0].steps[0].type = None"),
        ([{"type": "nap", "id": 7}], "vehicles[0].steps[0].type = 'nap'"),
        ([{"type": "job"}], "vehicles[0].steps[0].id = None"),
        ([{"type": "job", "id": 9}], "vehicles[0].steps[0].id = 9: there is no job of this id"),
        ([{"type": "pickup", "id": 7}], "vehicles[0].steps[0].id = 7: there is no pickup of this id"),
        ([{"type": "break", "id": 1}], "vehicles[0].steps[0].id = 1: this vehicle has no break of this id"),
        ([{"type": "job", "id": 7}, {"type": "job", "id": 7}], "vehicles[0].steps[1].id = 7"),
        ([{"type": "job", "id": 7}, {"type": "start"}], "vehicles[0].steps[1].type = 'start'"),
        ([{"type": "end"}, {"type": "job", "id": 7}], "vehicles[0].steps[0].type = 'end'"),
        ([{"type": "job", "id": 7, "service_at": -1}], "vehicles[0].steps[0].service_at = -1"),
    ],
)
def test_a_step_that_means_nothing_is_refused(steps, said):
    assert said in refusal(two_jobs(steps=steps))


def test_a_task_may_stand_in_the_route_of_one_vehicle_only():
    problem = two_jobs(steps=[{"type": "job", "id": 7}])
    problem["vehicles"].append(dict(problem["vehicles"][0]))
    assert "vehicles[1].steps[0].id = 7" in refusal(problem)


def test_random_requests_over_every_documented_field_are_read():
    for seed in range(40):
        request = read_request(random_request(seed))
        assert (len(request.vans), len(request.tasks) >= 7) == (3, True)
