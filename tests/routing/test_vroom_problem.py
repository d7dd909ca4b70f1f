"""A request as a problem: the same limits, and prices that keep VROOM's order of aims."""

import pytest
from vroom_cases import STREET, one_shipment, random_request, two_jobs

from routing.types import UNREACHABLE, Break, Delivery, ServiceFor, Window
from routing.vroom.ground import ground_of
from routing.vroom.input import read_request
from routing.vroom.prices import MOST_POINTS, prices_of
from routing.vroom.problem import stated
from routing.vroom.types import VroomError


def problem_of(request, *, narrow=False):
    return stated(ground_of(read_request(request), None), narrow=narrow).problem


def prices(request):
    return prices_of(ground_of(read_request(request), None))


def test_a_task_outweighs_any_cost_and_a_priority_outweighs_all_tasks():
    request = two_jobs(costs={"fixed": 1000})
    request["jobs"][0]["priority"] = 2
    first, second = (stop.unserved_cost for stop in problem_of(request).stops)
    dearest = 1000 + 3 * 7  # the fixed cost and three of the longest legs
    assert second > dearest
    assert (first - second) / 2 > 2 * second + dearest


def test_each_end_of_a_shipment_has_its_priority_as_vroom_counts():
    pickup, delivery = problem_of(one_shipment(priority=10)).stops
    assert pickup.unserved_cost == delivery.unserved_cost > problem_of(one_shipment(priority=9)).stops[0].unserved_cost


def test_a_shipment_is_a_delivery_whose_load_its_pickup_collects():
    request = one_shipment(amount=[3])
    request["vehicles"][0]["capacity"] = [5]
    problem = problem_of(request)
    assert problem.deliveries == (Delivery("pickup 1", "delivery 1"),)
    assert [(stop.collects, stop.delivers) for stop in problem.stops] == [((3,), ()), ((), ())]


def test_amounts_skills_and_limits_are_stated_as_they_are():
    request = two_jobs(
        capacity=[4, 5], skills=[1, 14], max_tasks=3, max_travel_time=99, time_window=[10, 900], costs={"fixed": 7}
    )
    request["jobs"][0] |= {"delivery": [1, 2], "pickup": [3, 0], "skills": [14]}
    problem = problem_of(request)
    (van,) = problem.vehicles
    assert (van.capacity, van.max_stops, van.max_travel_s, van.cost_fixed) == ((4, 5), 3, 99, 7)
    assert (van.skills, van.shift_starts_s) == ({"1", "14"}, 10)
    stop = problem.stops[0]
    assert (stop.delivers, stop.collects, stop.skills.all_of) == ((1, 2), (3, 0), {"14"})


def test_times_by_type_of_vehicle_become_times_of_vehicles():
    request = two_jobs(type="fast")
    request["vehicles"].append({"id": 2, "start_index": 0, "type": "slow"})
    request["jobs"][0] |= {"service": 60, "setup": 30, "service_per_type": {"fast": 40}, "setup_per_type": {"fast": 5}}
    stop = problem_of(request).stops[0]
    assert (stop.service_s, stop.setup_s) == (60, 30)
    assert stop.service_for == (ServiceFor("vehicle 0", 40, 5),)


def test_absolute_times_are_counted_from_shortly_before_the_first_window():
    request = two_jobs()
    request["jobs"][0]["time_windows"] = [[1_800_000_000, 1_800_000_900]]
    made = stated(ground_of(read_request(request), None))
    (window,) = made.problem.stops[0].windows
    assert made.origin_u + window.opens_s == 1_800_000_000
    assert 18 <= window.opens_s < 100  # far enough to drive before it
    assert made.problem.vehicles[0].shift_starts_s == 0


def test_a_vehicle_without_window_has_time_for_everything():
    request = two_jobs()
    request["jobs"][0] |= {"service": 500, "time_windows": [[3000, 9_000_000]]}
    made = stated(ground_of(read_request(request), None))
    assert made.origin_u + made.problem.vehicles[0].shift_ends_s >= 3000 + 500 + 18


def test_speed_factors_are_kept_to_two_digits_in_hundredths_of_a_second():
    problem = problem_of(two_jobs(speed_factor=3, max_travel_time=9))
    assert problem.matrix.duration_s.tolist() == [[0, 231, 165], [231, 0, 198], [165, 198, 0]]
    assert problem.vehicles[0].max_travel_s == 900


def test_vehicles_of_one_profile_and_pace_share_a_matrix():
    request = two_jobs()
    request["vehicles"] += [{"id": 2, "start_index": 0, "profile": "bike"}, {"id": 3, "end_index": 0}]
    request["matrices"]["bike"] = {"durations": [[3 * s for s in row] for row in STREET]}
    problem = problem_of(request)
    assert [van.matrix for van in problem.vehicles] == [0, 1, 0]
    assert len(problem.more_matrices) == 1


def test_custom_costs_are_the_price_of_legs():
    request = two_jobs()
    request["matrices"]["car"] = {"durations": STREET, "costs": [[0, 1, 2], [3, 0, 4], [5, 6, 0]]}
    problem = problem_of(request)  # places: door 1, door 2, depot
    assert problem.matrix.cost_points.tolist() == [[0, 4, 3], [6, 0, 5], [1, 2, 0]]
    assert problem.vehicles[0].cost_per_hour == 0


def test_prices_that_are_fractions_become_whole_points():
    assert prices(two_jobs()).points == 1
    assert prices(two_jobs(costs={"per_hour": 100})).points == 36  # a second costs a 36th
    request = two_jobs(costs={"per_km": 3})
    request["matrices"]["car"]["distances"] = STREET
    assert prices(request).points == 1000


def test_points_are_as_coarse_as_totals_need():
    request = two_jobs(costs={"per_hour": 3601, "per_task_hour": 3599})
    request["jobs"] = [{"id": k, "location_index": 1, "priority": 100, "service": 9} for k in range(300)]
    request["matrices"]["car"] = {"durations": [[s * 10**6 for s in row] for row in STREET]}
    found = prices(request)
    assert found.points < 3600
    assert sum(found.unserved(task) for task in found.ground.request.tasks) < MOST_POINTS


def test_costs_that_no_point_makes_small_enough_are_refused():
    request = two_jobs(costs={"per_hour": 2**32 - 1})
    request["jobs"] = [{"id": k, "location_index": 1, "priority": 100} for k in range(5000)]
    request["matrices"]["car"] = {"durations": [[s * 10**5 for s in row] for row in STREET]}
    with pytest.raises(VroomError, match="costs are too high"):
        prices(request)


def test_legs_that_take_longer_than_can_be_told_are_no_legs():
    request = two_jobs()
    request["matrices"]["car"] = {"durations": [[0, 5, 2 * 10**9], [5, 0, 7], [6, 7, 0]]}
    matrix = problem_of(request).matrix
    assert matrix.duration_s[2, 1] == matrix.distance_m[2, 1] == UNREACHABLE
    assert prices(request).mid < 100


def test_a_vehicle_whose_window_is_a_moment_is_left_out():
    assert problem_of(two_jobs(time_window=[5, 5])).vehicles == ()


def test_plain_breaks_are_stated_as_they_are():
    request = two_jobs(time_window=[0, 900], breaks=[{"id": 1, "time_windows": [[10, 20]], "service": 7}])
    assert problem_of(request).vehicles[0].breaks == (Break(10, 20, 7),)


def test_breaks_are_stated_with_those_of_their_windows_that_the_day_leaves():
    breaks = [{"id": 1, "time_windows": [[10, 20], [40, 50], [60, 70]], "service": 7}]
    request = two_jobs(time_window=[30, 900], breaks=breaks)
    assert problem_of(request).vehicles[0].breaks == (Break(40, 50, 7, (Window(60, 70),)),)


def test_breaks_without_length_are_left_out_or_last_a_moment():
    request = two_jobs(time_window=[0, 900], breaks=[{"id": 1, "time_windows": [[10, 20]]}])
    assert problem_of(request).vehicles[0].breaks == ()
    assert problem_of(request, narrow=True).vehicles[0].breaks == (Break(10, 20, 1),)


def test_a_load_allowed_during_a_break_narrows_the_capacity_of_the_day():
    breaks = [{"id": 1, "time_windows": [[10, 20]], "service": 7, "max_load": [2, 9]}]
    request = two_jobs(capacity=[5, 5], breaks=breaks)
    assert problem_of(request).vehicles[0].capacity == (5, 5)
    assert problem_of(request, narrow=True).vehicles[0].capacity == (2, 5)


def test_windows_are_cut_to_what_any_vehicle_can_use():
    request = two_jobs(time_window=[100, 900])
    request["jobs"][0]["time_windows"] = [[10, 4_000_000_000]]
    made = stated(ground_of(read_request(request), None))
    closes_s = made.origin_u + made.problem.stops[0].windows[0].closes_s
    assert 100 + 5 + 7 + 6 <= closes_s < 1000


def test_every_random_request_can_be_stated_both_ways():
    for seed in range(40):
        ground = ground_of(read_request(random_request(seed)), None)
        for narrow in (False, True):
            made = stated(ground, narrow=narrow)
            assert len(made.problem.stops) == len(ground.request.tasks)
            assert sum(stop.unserved_cost for stop in made.problem.stops) < MOST_POINTS
