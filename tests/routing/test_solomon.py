"""The text format of Solomon and of Gehring & Homberger."""

from dataclasses import replace

import numpy as np
import pytest

from routing.check import violations
from routing.errors import UnreadableFile
from routing.solomon import read_solomon
from routing.solver import solve
from routing.types import Window

# Customer 1 is 5 away from the depot, 2 is 1.41… away, 1 and 2 are 3.60… apart.
TINY = """tiny

VEHICLE
NUMBER     CAPACITY
  2         30

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME

    0      0         0          0          0       100          0
    1      3         4         10          5        50          7
    2      1         1         20          0        60          3
"""


def written(tmp_path, text):
    path = tmp_path / "tiny.txt"
    path.write_bytes(text.encode())
    return path


def refused(tmp_path, text):
    with pytest.raises(UnreadableFile) as error:
        read_solomon(written(tmp_path, text))
    assert error.value.file == tmp_path / "tiny.txt"
    return error.value.line, error.value.reason


def test_every_cell_of_the_file_is_kept(tmp_path):
    tiny = read_solomon(written(tmp_path, TINY))
    assert (tiny.name, tiny.n_vehicles, tiny.capacity) == ("tiny", 2, 30)
    assert tiny.xy.tolist() == [[0, 0], [3, 4], [1, 1]]
    assert tiny.demand.tolist() == [0, 10, 20]
    assert tiny.window.tolist() == [[0, 100], [5, 50], [0, 60]]
    assert tiny.service.tolist() == [0, 7, 3]


def test_distances_are_whole_tenths_rounded_down(tmp_path):
    distances = read_solomon(written(tmp_path, TINY)).distances()
    assert distances.tolist() == [[0, 50, 14], [50, 0, 36], [14, 36, 0]]
    assert distances.dtype == np.int64


def test_no_exact_distance_loses_a_tenth(tmp_path):
    # Right-angled triangles of whole sides: each hypotenuse is exact and must come out as ten times itself.
    sides = [
        (a, b, c)
        for a in range(1, 80)
        for b in range(a, 80)
        for c in [int((a * a + b * b) ** 0.5)]
        if a * a + b * b == c * c
    ]
    tiny = read_solomon(written(tmp_path, TINY))
    corners = replace(tiny, xy=np.array([(0, 0), *((a, b) for a, b, _ in sides)], dtype=np.float64))
    assert len(sides) > 20
    assert corners.distances()[0, 1:].tolist() == [10 * c for _, _, c in sides]


def test_windows_line_ends_change_nothing(tmp_path):
    plain = read_solomon(written(tmp_path, TINY)).problem()
    windows = read_solomon(written(tmp_path, TINY.replace("\n", "\r\n"))).problem()
    assert (windows.stops, windows.vehicles) == (plain.stops, plain.vehicles)
    assert np.array_equal(windows.matrix.duration_s, plain.matrix.duration_s)


def test_the_problem_counts_in_tenths(tmp_path):
    problem = read_solomon(written(tmp_path, TINY)).problem()
    first, second = problem.stops
    assert (first.id, first.place, first.service_s, first.windows) == ("1", 1, 70, (Window(50, 500),))
    assert (second.id, second.place, second.service_s, second.windows) == ("2", 2, 30, (Window(0, 600),))
    assert [(v.id, v.start_place, v.end_place, v.shift_starts_s, v.shift_ends_s) for v in problem.vehicles] == [
        ("v1", 0, 0, 0, 1000),
        ("v2", 0, 0, 0, 1000),
    ]


def test_a_plan_costs_its_distance_in_tenths(tmp_path):
    problem = read_solomon(written(tmp_path, TINY)).problem()
    plan = solve(problem, iterations=5)
    assert violations(problem, plan) == []
    assert (plan.unassigned, plan.objective.total) == ((), 50 + 36 + 14)


def test_no_more_vehicles_are_made_than_there_are_customers(tmp_path):
    many = read_solomon(written(tmp_path, TINY.replace("  2         30", "  999999999 30")))
    assert many.n_vehicles == 999_999_999
    assert len(many.problem().vehicles) == 2


def test_leaving_anybody_out_costs_more_than_driving_to_everybody_alone(tmp_path):
    problem = read_solomon(written(tmp_path, TINY)).problem()
    alone = 2 * sum(int(problem.matrix.distance_m[0, stop.place]) for stop in problem.stops)
    assert all(stop.unserved_cost > alone for stop in problem.stops)


def test_a_capacity_is_stated_where_it_can_bind(tmp_path):
    tight = read_solomon(written(tmp_path, TINY.replace("  2         30", "  2         29"))).problem()
    assert [vehicle.capacity for vehicle in tight.vehicles] == [(29,), (29,)]
    assert [stop.delivers for stop in tight.stops] == [(10,), (20,)]
    roomy = read_solomon(written(tmp_path, TINY)).problem()
    assert [vehicle.capacity for vehicle in roomy.vehicles] == [(), ()]


def test_decimal_and_negative_coordinates_are_read(tmp_path):
    tiny = read_solomon(written(tmp_path, TINY.replace("    1      3         4 ", "    1     -3.5       .25 ")))
    assert tiny.xy[1].tolist() == [-3.5, 0.25]


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("tiny\n", "", 2, "name of the instance is missing"),
        ("VEHICLE\n", "", 3, "'NUMBER     CAPACITY' stands where the heading VEHICLE is due"),
        ("NUMBER     CAPACITY\n", "", 4, "heading NUMBER CAPACITY"),
        ("NUMBER     CAPACITY", "CAPACITY NUMBER", 4, "heading NUMBER CAPACITY"),
        ("  2         30\n", "", 6, "1 cells instead of 2: NUMBER, CAPACITY"),
        ("  2         30", "  2         thirty", 5, "CAPACITY is 'thirty'"),
        ("  2         30", "  2         -30", 5, "CAPACITY is '-30'"),
        ("  2         30", "  0         30", 5, "NUMBER is 0"),
        ("CUSTOMER\n", "", 7, "heading CUSTOMER is due"),
        ("DEMAND   READY TIME", "READY TIME   DEMAND", 8, "heading CUST NO."),
        ("50          7", "50", 11, "6 cells instead of 7"),
        ("50          7", "50          7   9", 11, "8 cells instead of 7"),
        ("    1      3", "    4      3", 11, "CUST NO. is 4; customers count up from 0, the depot, so 1 is due"),
        ("    1      3", "    1      east", 11, "XCOORD. is 'east'"),
        ("         4         10", "         nan       10", 11, "YCOORD. is 'nan'"),
        ("         10          5", "         1.5         5", 11, "DEMAND is '1.5'"),
        ("5        50", "51        50", 11, "DUE DATE 50 lies before READY TIME 51"),
        ("100          0\n", "100          1\n", 10, "the depot has DEMAND 0, SERVICE TIME 1"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, before, after, line, reason):
    assert before in TINY
    found_line, found_reason = refused(tmp_path, TINY.replace(before, after, 1))
    assert found_line == line
    assert reason in found_reason


@pytest.mark.parametrize("n_lines", range(10))
def test_a_file_that_ends_early_says_what_is_missing(tmp_path, n_lines):
    missing = {
        0: "the name", 1: "VEHICLE", 2: "VEHICLE", 3: "NUMBER CAPACITY", 4: "number and capacity", 5: "CUSTOMER",
        6: "CUSTOMER", 7: "CUST NO.", 8: "the depot", 9: "the depot",
    }  # fmt: skip
    _, reason = refused(tmp_path, "".join(TINY.splitlines(keepends=True)[:n_lines]))
    assert "the file ends here" in reason
    assert missing[n_lines] in reason


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"none\.txt: No such file"):
        read_solomon(tmp_path / "none.txt")
