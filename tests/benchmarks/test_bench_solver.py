"""Published instances, and what their plans are measured by."""

import json

import pytest
from bench_cases import row

from benchmarks.choices import BadChoice
from benchmarks.ledger import Ledger
from benchmarks.solver import impossible, solver_instances, solver_names
from routing.errors import UnreadableFile

SOLOMON = """R101

VEHICLE
NUMBER     CAPACITY
  2         30

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME

    0      0         0          0          0       100          0
    1      3         4         10          5        50          7
    2      1         1         20          0        60          3
"""
LI_LIM = "2 30 1\n0 0 0 0 0 100 0 0 0\n1 3 4 -10 5 50 7 2 0\n2 0 4 10 0 60 3 0 1\n"
VRP = "DIMENSION: 3\nEDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: LOWER_ROW\nEDGE_WEIGHT_SECTION\n1 2 3\n"


@pytest.fixture
def data(tmp_path):
    for name, text in (
        ("solomon/R101.txt", SOLOMON),
        ("gh/rc1_2_1.txt", SOLOMON.replace("R101", "rc1_2_1")),
        ("li/lc101.txt", LI_LIM),
        ("vrp/tiny.vrp", VRP),
        ("vrp/tiny.sol", "Route #1: 1 2\nCost: 6\n"),
        ("BKS_dimacs_distance.csv", "name,routes,cost_x10,proven\nR101,1,100,1\nRC1_2_1,9,99,\n"),
        ("BKS_vroom_pdptw.json", json.dumps({"lc101": {"solved_with_vehicles": 1, "best_known_cost": 12.34}})),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def instances(data):
    return {name: opening() for name, opening in solver_instances(solver_names(data), data)}


def test_every_file_of_a_folder_is_an_instance(data):
    assert solver_names(data) == ["gh/rc1_2_1.txt", "li/lc101.txt", "solomon/R101.txt", "vrp/tiny.vrp"]


def test_solomon_is_held_against_the_table_of_distances_in_tenths(data):
    found = instances(data)["R101"]
    assert (found.reference, found.reference_kind, found.by_travel) == (100, "BKS_dimacs_distance.csv", False)
    assert (found.about["class"], found.about["proven"]) == ("R1", True)


def test_names_meet_their_references_without_case(data):
    found = instances(data)["rc1_2_1"]
    assert (found.reference, found.about["class"], found.about["proven"]) == (99, "GH-200", False)


def test_li_lim_is_held_against_vehicles_and_distance_apart(data):
    found = instances(data)["lc101"]
    assert (found.reference, found.about["reference_routes"], found.by_travel) == (12_340, 1, True)


def test_a_vrplib_file_is_held_against_the_solution_beside_it(data):
    found = instances(data)["tiny"]
    assert (found.reference, found.reference_kind, found.about["class"]) == (6, "tiny.sol", "VRPLIB")


def test_an_instance_without_a_published_best_has_no_reference(data):
    (data / "BKS_dimacs_distance.csv").unlink()
    (data / "vrp" / "tiny.sol").unlink()
    assert {instances(data)[name].reference for name in ("R101", "tiny")} == {None}


def test_a_table_without_its_columns_is_refused(data):
    (data / "BKS_dimacs_distance.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UnreadableFile, match="needs columns name, cost_x10, proven"):
        instances(data)


def test_a_folder_without_instances_says_what_belongs_in_it(tmp_path):
    with pytest.raises(BadChoice, match=r"holds no \.txt and no \.vrp"):
        solver_names(tmp_path)
    with pytest.raises(BadChoice, match="needs --data DIR"):
        solver_names(None)


@pytest.mark.parametrize(("gap", "proven", "said"), [(-0.0002, True, 1), (-0.0001, True, 0), (-0.0002, False, 0)])
def test_better_than_a_proven_optimum_is_a_fault_not_a_record(gap, proven, said):
    ledger = Ledger("solver", rows=[row(gap=gap, reference=100, reference_kind="table")])
    ledger.instances["a"] = {"proven": proven}
    assert len(impossible(ledger)) == said
