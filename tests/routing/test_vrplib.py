"""VRPLIB files and their solutions."""

import numpy as np
import pytest

from routing.check import cost
from routing.errors import InvalidProblem, UnreadableFile
from routing.types import Objective, Plan, Route, Visit, Window
from routing.vrplib import read_solution, read_vrplib

# Nodes 1 and 2 are depots; 3 lies 5 from depot 1, 4 lies 1.5 from depot 2.
TWO_DEPOTS = """NAME: tiny
COMMENT: two depots: two vehicles
TYPE: MDVRPTW
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 4
VEHICLES: 2
CAPACITY: 30
VEHICLES_MAX_DURATION: 45
NODE_COORD_SECTION
1 0 0
2 10.5 0
3 3 4
4 9 0
DEMAND_SECTION
1 0
2 0
3 10
4 20
SERVICE_TIME_SECTION
1 0
2 0
3 7
4 3
TIME_WINDOW_SECTION
1 0 100
2 0 90
3 5 50
4 0 60
VEHICLES_DEPOT_SECTION
1 1
2 2
DEPOT_SECTION
1
2
EOF
"""

MATRIX = """DIMENSION: 3
EDGE_WEIGHT_TYPE: EXPLICIT
EDGE_WEIGHT_FORMAT: {shape}
EDGE_WEIGHT_SECTION
{cells}
"""


def written(tmp_path, text, name="tiny.vrp"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def test_every_cell_of_the_file_is_kept(tmp_path):
    tiny = read_vrplib(written(tmp_path, TWO_DEPOTS))
    assert (tiny.name, tiny.depots, tiny.vehicle_depot) == ("tiny", (0, 1), (0, 1))
    assert tiny.weight[0].tolist() == [0, 10.5, 5, 9]
    assert (tiny.demand.tolist(), tiny.service.tolist()) == ([0, 0, 10, 20], [0, 0, 7, 3])
    assert tiny.window.tolist() == [[0, 100], [0, 90], [5, 50], [0, 60]]
    assert (tiny.capacity.tolist(), tiny.max_duration.tolist(), tiny.max_distance) == ([30, 30], [45, 45], None)


def test_the_problem_names_stops_as_solutions_do_and_counts_in_thousandths(tmp_path):
    problem = read_vrplib(written(tmp_path, TWO_DEPOTS)).problem(units=1000)
    first, second = problem.stops
    assert (first.id, first.place, first.service_s, first.windows) == ("2", 2, 7000, (Window(5000, 50_000),))
    assert (second.id, second.place, second.delivers) == ("3", 3, (20,))
    assert [(v.id, v.start_place, v.end_place, v.shift_ends_s) for v in problem.vehicles] == [
        ("v1", 0, 0, 100_000),
        ("v2", 1, 1, 90_000),
    ]
    assert [(v.capacity, v.max_work_s) for v in problem.vehicles] == [((30,), 45_000)] * 2


def test_a_solution_costs_its_distance(tmp_path):
    problem = read_vrplib(written(tmp_path, TWO_DEPOTS)).problem(units=1000)
    solution = read_solution(written(tmp_path, "Route #1: 2\nRoute #2: 3\nCost: 13000\n", "tiny.sol"))
    routes = tuple(
        Route(f"v{k}", 0, 0, tuple(Visit(str(customer), 0, 0, 0, 0, 0, 0) for customer in order), (), 0, 0, 0, 0)
        for k, order in enumerate(solution.routes, 1)
    )
    # There and back twice: 2 * 5 + 2 * 1.5.
    assert cost(problem, Plan(routes, (), Objective())).total == solution.cost == 13_000


def test_weights_are_rounded_to_the_nearest_whole_with_halves_upwards(tmp_path):
    problem = read_vrplib(written(tmp_path, TWO_DEPOTS)).problem()
    assert problem.matrix.distance_m[1].tolist() == [11, 0, 9, 2]  # 10.5, 0, √72.25 = 8.5, 1.5


def test_leaving_anybody_out_costs_more_than_driving_to_everybody_alone(tmp_path):
    problem = read_vrplib(written(tmp_path, TWO_DEPOTS)).problem()
    alone = 2 * sum(int(problem.matrix.distance_m[0, stop.place]) for stop in problem.stops)
    assert all(stop.unserved_cost > alone for stop in problem.stops)


@pytest.mark.parametrize(
    ("shape", "cells"),
    [
        ("FULL_MATRIX", "0 1 2 1 0 3 2 3 0"),
        ("LOWER_ROW", "1 2 3"),
        ("LOWER_DIAG_ROW", "0 1 0 2 3 0"),
        ("UPPER_ROW", "1 2 3"),
        ("UPPER_DIAG_ROW", "0 1 2 0 3 0"),
        ("LOWER_COL", "1 2 3"),
        ("LOWER_DIAG_COL", "0 1 2 0 3 0"),
        ("UPPER_COL", "1 2 3"),
        ("UPPER_DIAG_COL", "0 1 0 2 3 0"),
    ],
)
def test_every_shape_of_a_matrix_is_read(tmp_path, shape, cells):
    found = read_vrplib(written(tmp_path, MATRIX.format(shape=shape, cells=cells.replace(" ", "\n", 2)))).weight
    assert found.tolist() == [[0, 1, 2], [1, 0, 3], [2, 3, 0]]


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ("LOWER_ROW", [[0, 1, 2, 4], [1, 0, 3, 5], [2, 3, 0, 6], [4, 5, 6, 0]]),
        ("UPPER_ROW", [[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]]),
        ("LOWER_COL", [[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]]),
        ("UPPER_COL", [[0, 1, 2, 4], [1, 0, 3, 5], [2, 3, 0, 6], [4, 5, 6, 0]]),
    ],
)
def test_triangles_by_rows_and_by_columns_are_told_apart(tmp_path, shape, found):
    text = MATRIX.format(shape=shape, cells="1 2 3 4 5 6").replace("DIMENSION: 3", "DIMENSION: 4")
    assert read_vrplib(written(tmp_path, text)).weight.tolist() == found


def test_an_asymmetric_matrix_keeps_its_two_directions(tmp_path):
    text = MATRIX.format(shape="FULL_MATRIX", cells="0 1 2\n9 0 3\n8 7 0")
    problem = read_vrplib(written(tmp_path, text)).problem()
    assert problem.matrix.duration_s.tolist() == [[0, 1, 2], [9, 0, 3], [8, 7, 0]]


def test_without_vehicles_there_is_one_for_each_customer_and_a_day_that_holds_all(tmp_path):
    text = MATRIX.format(shape="LOWER_ROW", cells="1 2 3") + "SERVICE_TIME: 5\n"
    problem = read_vrplib(written(tmp_path, text)).problem()
    assert [(v.id, v.capacity, v.max_work_s) for v in problem.vehicles] == [("v1", (), None), ("v2", (), None)]
    assert [stop.service_s for stop in problem.stops] == [5, 5]
    assert problem.vehicles[0].shift_ends_s >= 1 + 5 + 3 + 5 + 2
    assert [stop.windows for stop in problem.stops] == [(), ()]


def test_a_slip_in_the_number_of_vehicles_makes_no_more_than_there_are_customers(tmp_path):
    text = MATRIX.format(shape="LOWER_ROW", cells="1 2 3") + "VEHICLES: 999999999\n"
    assert len(read_vrplib(written(tmp_path, text)).problem().vehicles) == 2


def test_a_minus_one_ends_the_depots_as_in_tsplib(tmp_path):
    text = MATRIX.format(shape="LOWER_ROW", cells="1 2 3") + "DEPOT_SECTION\n2\n-1\nEOF\nanything\n"
    tiny = read_vrplib(written(tmp_path, text))
    assert (tiny.depots, tiny.vehicle_depot) == ((1,), (1, 1))


def test_capacities_may_differ_from_vehicle_to_vehicle(tmp_path):
    text = TWO_DEPOTS.replace("CAPACITY: 30\n", "").replace("EOF\n", "CAPACITY_SECTION\n1 10\n2 40\nEOF\n")
    assert [v.capacity for v in read_vrplib(written(tmp_path, text)).problem().vehicles] == [(10,), (40,)]


def test_windows_line_ends_change_nothing(tmp_path):
    plain = read_vrplib(written(tmp_path, TWO_DEPOTS)).problem()
    windows = read_vrplib(written(tmp_path, TWO_DEPOTS.replace("\n", "\r\n"))).problem()
    assert (windows.stops, windows.vehicles) == (plain.stops, plain.vehicles)
    assert np.array_equal(windows.matrix.duration_s, plain.matrix.duration_s)


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("TYPE: MDVRPTW", "PRIZES: 3", 3, "PRIZES is not understood; these are: CAPACITY"),
        ("DEMAND_SECTION", "PRIZE_SECTION", 14, "PRIZE_SECTION is not understood; these are: CAPACITY_SECTION"),
        ("SERVICE_TIME_SECTION", "DEMAND_SECTION", 19, "DEMAND_SECTION stands here for the second time"),
        ("CAPACITY: 30", "VEHICLES: 30", 7, "VEHICLES stands here for the second time"),
        ("CAPACITY: 30", "thirty", 7, "'thirty' stands outside any section"),
        ("CAPACITY: 30", "CAPACITY: thirty", 7, "CAPACITY is 'thirty'; give a whole number"),
        ("DIMENSION: 4", "DIMENSION: 0", 5, "DIMENSION is 0; it must lie in 1..100000"),
        ("DIMENSION: 4\n", "", 34, "DIMENSION is missing"),
        ("DIMENSION: 4", "DIMENSION: 5", 28, "TIME_WINDOW_SECTION has 4 rows; there are 5 nodes"),
        ("VEHICLES: 2", "VEHICLES: 0", 6, "VEHICLES is 0"),
        ("EUC_2D", "GEO", 4, "EDGE_WEIGHT_TYPE is GEO; EUC_2D and EXPLICIT are understood"),
        ("EUC_2D", "EXPLICIT", 4, "EXPLICIT needs an EDGE_WEIGHT_SECTION"),
        ("3 3 4", "3 3", 12, "2 cells in NODE_COORD_SECTION; give 3"),
        ("3 3 4", "3 east 4", 12, "'east' in NODE_COORD_SECTION; give a number"),
        ("3 3 4", "9 3 4", 12, "number 9 in NODE_COORD_SECTION; they count up from 1: 3 is due"),
        ("3 10\n", "3 -10\n", 17, "-10 in DEMAND_SECTION must be 0 or more"),
        ("3 5 50", "3 51 50", 27, "the window closes at 50 before it opens at 51"),
        ("2 2\nDEPOT", "2 3\nDEPOT", 31, "vehicle 2 belongs to node 3, which is no depot; these are: 1, 2"),
        ("\n1\n2\nEOF", "\n1\n7\nEOF", 34, "the depots are [1, 7]; name each once, by its node from 1 to 4"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, before, after, line, reason):
    assert before in TWO_DEPOTS
    with pytest.raises(UnreadableFile) as error:
        read_vrplib(written(tmp_path, TWO_DEPOTS.replace(before, after, 1)))
    assert reason in error.value.reason
    assert (error.value.line, error.value.file) == (line, tmp_path / "tiny.vrp")


@pytest.mark.parametrize(
    ("shape", "cells", "line", "reason"),
    [
        ("LOWER_ROW", "1 2 3 4", 5, "4 numbers are not the LOWER_ROW of 3 nodes"),
        ("FUNCTION", "1 2 3", 3, "EDGE_WEIGHT_FORMAT is FUNCTION; these are understood: FULL_MATRIX"),
        ("LOWER_ROW", "1 2 -3", 5, "the weight -3 must be 0 or more"),
    ],
)
def test_what_is_wrong_with_a_matrix_is_named_with_its_line(tmp_path, shape, cells, line, reason):
    with pytest.raises(UnreadableFile) as error:
        read_vrplib(written(tmp_path, MATRIX.format(shape=shape, cells=cells)))
    assert reason in error.value.reason
    assert error.value.line == line


def test_a_shift_without_length_is_refused_by_the_problem(tmp_path):
    with pytest.raises(InvalidProblem, match="must come after the shift starts"):
        read_vrplib(written(tmp_path, TWO_DEPOTS.replace("1 0 100", "1 0 0"))).problem()


def test_routes_of_a_solution_keep_their_vehicles_even_when_empty(tmp_path):
    path = written(tmp_path, "Route #1: 4 2\nRoute #2:\nRoute #3: 3\nCost: 827.3\n", "tiny.sol")
    solution = read_solution(path)
    assert (solution.routes, solution.cost) == (((4, 2), (), (3,)), 827.3)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("Route #2: 1\nCost: 3\n", 1, "route 2 stands where 1 is due"),
        ("Route #1: 1 x\nCost: 3\n", 1, "'x' is no customer"),
        ("Route #1: 1\n", 1, "the cost is missing"),
        ("Route #1: 1\nCost: 3\nhello\n", 3, "'hello' is neither a route nor the cost"),
    ],
)
def test_what_is_wrong_with_a_solution_is_named_with_its_line(tmp_path, text, line, reason):
    with pytest.raises(UnreadableFile) as error:
        read_solution(written(tmp_path, text, "tiny.sol"))
    assert error.value.line == line
    assert reason in error.value.reason
