"""The text format of Li & Lim."""

import pytest

from routing.check import cost
from routing.errors import UnreadableFile
from routing.li_lim import read_li_lim
from routing.types import Delivery, Objective, Plan, Route, Visit, Window

# Task 1 brings to (3, 4), 5 away from the depot, what task 2 fetches at (0, 4), 4 away; they are 3 apart.
TINY = """2 30 1
0  0 0   0  0 100 0  0 0
1  3 4 -10  5  50 7  2 0
2  0 4  10  0  60 3  0 1
"""


def written(tmp_path, text):
    path = tmp_path / "tiny.txt"
    path.write_bytes(text.encode())
    return path


def test_every_cell_of_the_file_is_kept(tmp_path):
    tiny = read_li_lim(written(tmp_path, TINY))
    assert (tiny.name, tiny.n_vehicles, tiny.capacity, tiny.pairs) == ("tiny", 2, 30, ((2, 1),))
    assert tiny.xy.tolist() == [[0, 0], [3, 4], [0, 4]]
    assert tiny.demand.tolist() == [0, -10, 10]
    assert tiny.window.tolist() == [[0, 100], [5, 50], [0, 60]]
    assert tiny.service.tolist() == [0, 7, 3]


def test_distances_are_whole_thousandths_rounded_down(tmp_path):
    uneven = read_li_lim(written(tmp_path, TINY.replace("2  0 4  10", "2  1 1  10")))
    # √2 = 1.4142… and √13 = 3.6055…
    assert uneven.distances().tolist() == [[0, 5000, 1414], [5000, 0, 3605], [1414, 3605, 0]]


def test_the_pair_becomes_a_pickup_and_its_delivery_counted_in_thousandths(tmp_path):
    problem = read_li_lim(written(tmp_path, TINY)).problem()
    brought, fetched = problem.stops
    assert (brought.id, brought.service_s, brought.windows) == ("1", 7000, (Window(5000, 50_000),))
    assert (brought.delivers, brought.collects) == ((), ())
    assert (fetched.id, fetched.collects, problem.deliveries) == ("2", (10,), (Delivery("2", "1"),))
    # One pair needs one vehicle, however many the file allows.
    assert [(v.id, v.capacity, v.shift_starts_s, v.shift_ends_s) for v in problem.vehicles] == [
        ("v1", (30,), 0, 100_000)
    ]


def test_vehicles_come_before_distance_and_serving_everybody_before_vehicles(tmp_path):
    two_pairs = "2 30 1\n0 0 0 0 0 900 0 0 0\n1 90 0 -1 0 900 0 2 0\n2 0 90 1 0 900 0 0 1\n"
    two_pairs += "3 -90 0 -1 0 900 0 4 0\n4 0 -90 1 0 900 0 0 3\n"
    problem = read_li_lim(written(tmp_path, two_pairs)).problem()
    assert len(problem.vehicles) == 2
    to_each_alone = 2 * sum(int(problem.matrix.distance_m[0, stop.place]) for stop in problem.stops)
    fixed = problem.vehicles[0].cost_fixed
    assert fixed > to_each_alone
    assert all(stop.unserved_cost > 2 * fixed + to_each_alone - fixed for stop in problem.stops)


def test_a_plan_costs_one_vehicle_and_its_distance_in_thousandths(tmp_path):
    problem = read_li_lim(written(tmp_path, TINY)).problem()
    visits = (Visit("2", 4000, 4000, 7000, 4000, 4000, 0), Visit("1", 10_000, 10_000, 17_000, 3000, 3000, 0))
    route = Route("v1", 0, 22_000, visits, (), 12_000, 12_000, 10_000, 0)
    priced = cost(problem, Plan((route,), (), Objective()))
    assert (priced.travel, priced.fixed, priced.unserved) == (4000 + 3000 + 5000, problem.vehicles[0].cost_fixed, 0)


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("2 30 1\n", "2 30\n", 1, "2 cells instead of 3: number of vehicles, capacity, speed"),
        ("2 30 1\n", "0 30 1\n", 1, "number of vehicles is 0; give at least one"),
        ("2 30 1\n", "2 many 1\n", 1, "capacity is 'many'; give a whole number"),
        ("1  3 4", "5  3 4", 3, "task is 5; tasks count up from 0, the depot, so 1 is due"),
        ("1  3 4", "1  east 4", 3, "x is 'east'"),
        ("50 7  2 0", "50 7  2", 3, "8 cells instead of 9"),
        ("5  50 7", "51 50 7", 3, "latest 50 lies before earliest 51"),
        ("5  50 7", "5  50 -7", 3, "service -7 must be 0 or more"),
        ("100 0  0 0", "100 1  0 0", 2, "the depot has demand, service or a sibling"),
        ("50 7  2 0", "50 7  2 2", 3, "pickup is 2 and delivery 2; one of the two names the sibling"),
        ("50 7  2 0", "50 7  0 2", 3, "demand is -10; a pickup collects, so its demand is above 0"),
        ("60 3  0 1", "60 3  0 9", 3, "task 1 names 2 as its sibling, which names another"),
        ("50 7  2 0", "50 7  9 0", 3, "the sibling 9 is no task; there are 2"),
        ("2  0 4  10", "2  0 4  11", 3, "demand is -10, that of its sibling 2 is 11"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, before, after, line, reason):
    assert before in TINY
    with pytest.raises(UnreadableFile) as error:
        read_li_lim(written(tmp_path, TINY.replace(before, after, 1)))
    assert error.value.line == line
    assert reason in error.value.reason


def test_an_empty_file_says_what_belongs_in_it(tmp_path):
    with pytest.raises(UnreadableFile, match="no tasks; the first line is number of vehicles, capacity, speed"):
        read_li_lim(written(tmp_path, "\n"))
