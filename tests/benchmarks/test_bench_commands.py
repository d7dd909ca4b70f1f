"""./trades bench as it is typed."""

import csv
import io
import json

import pytest
from bench_cases import row
from rich.console import Console
from tiny_extracts import KIEL, STEP_DEG, one_town

from benchmarks.__main__ import main
from benchmarks.field import field_instances, field_names
from benchmarks.ledger import Ledger, read_ledger
from benchmarks.screen import tables
from benchmarks.stating import unstated

SOLOMON = """R101

VEHICLE
NUMBER     CAPACITY
  2         90

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME

    0      0         0          0          0       100          0
    1      3         4         10          5        50          7
    2      1         1         20          0        60          3
"""


@pytest.fixture
def instances(tmp_path):
    (tmp_path / "R101.txt").write_text(SOLOMON)
    # 5 + 3.6 + 1.4: nothing is shorter.
    (tmp_path / "BKS_dimacs_distance.csv").write_text("name,routes,cost_x10,proven\nR101,1,100,1\n")
    return tmp_path


def bench(*arguments):
    return main([str(argument) for argument in arguments])


def test_a_run_writes_rows_tables_and_pictures(instances, tmp_path, capsys):
    out, plots = tmp_path / "f.json", tmp_path / "plots"
    status = bench(
        *("run", "solver", "--data", instances, "--instances", "r1*", "--engines", "trades-nosearch"),
        *("--out", out, "--plots", plots),
    )
    assert status == 0
    (found,) = read_ledger(out).rows
    assert (found.instance, found.objective, found.gap, found.reference_kind) == (
        "R101",
        100,
        0.0,
        "BKS_dimacs_distance.csv",
    )
    said = capsys.readouterr().out
    assert "R101" in said
    assert all(len(line) <= 80 for line in said.splitlines())
    assert [file.name for file in plots.iterdir()] == ["solver-time.png"]


def test_a_run_that_beats_a_proven_optimum_fails(instances, capsys):
    table = instances / "BKS_dimacs_distance.csv"
    table.write_text(table.read_text().replace(",100,", ",101,"))
    assert bench("run", "solver", "--data", instances, "--engines", "trades-nosearch") == 1
    assert "below a proven optimum" in capsys.readouterr().err


def test_a_run_is_gone_on_with(instances, tmp_path):
    out = tmp_path / "f.json"
    arguments = ("run", "solver", "--data", instances, "--engines", "trades-nosearch", "--out", out)
    assert bench(*arguments) == 0
    before = read_ledger(out).rows[0].wall_s
    assert bench(*arguments, "--resume") == 0
    assert [one.wall_s for one in read_ledger(out).rows] == [before]


def test_explanations_are_checked_and_counted(tmp_path, capsys):
    assert bench("run", "explain", "--cases", "1", "--out", tmp_path / "e.json") == 0
    assert "explain: 0 failures" in capsys.readouterr().out
    assert json.loads((tmp_path / "e.json").read_text())["explain"]["n_failures"] == 0


def test_two_files_are_compared(tmp_path, capsys):
    for name, objective in (("a", 100), ("b", 90)):
        ledger = Ledger("field", tmp_path / f"{name}.json")
        ledger.add(row(objective=objective))
    assert bench("compare", tmp_path / "a.json", tmp_path / "b.json") == 0
    assert "trades: B is better, mean -10.000 %" in capsys.readouterr().out


def test_a_comparison_in_which_b_got_worse_is_exit_1(tmp_path, capsys):
    for name, objective in (("a", 100), ("b", 103)):
        ledger = Ledger("field", tmp_path / f"{name}.json")
        for seed in range(6):
            ledger.add(row(seed=seed, objective=objective))
    assert bench("compare", tmp_path / "a.json", tmp_path / "b.json") == 1
    assert "regression: trades" in capsys.readouterr().out


def test_files_that_have_nothing_in_common_cannot_be_compared(tmp_path, capsys):
    for name, seed in (("a", 1), ("b", 2)):
        Ledger("field", tmp_path / f"{name}.json").add(row(seed=seed))
    assert bench("compare", tmp_path / "a.json", tmp_path / "b.json") == 2
    assert "no measurement in common" in capsys.readouterr().err


def test_a_kept_file_is_shown_again_drawn_and_put_into_a_text(instances, tmp_path, capsys):
    out, text, plots = tmp_path / "f.json", tmp_path / "README.md", tmp_path / "plots"
    assert bench("run", "solver", "--data", instances, "--engines", "trades-nosearch", "--out", out) == 0
    said = capsys.readouterr().out
    text.write_text("# Figures\n\n<!-- f -->\nold\n<!-- /f -->\nend\n")
    assert bench("show", out, "--plots", plots, "--into", text) == 0
    assert capsys.readouterr().out == said
    kept = text.read_text()
    assert "old" not in kept
    assert "R101" in kept
    assert kept.endswith("```\n<!-- /f -->\nend\n")
    assert [file.name for file in plots.iterdir()] == ["solver-time.png"]
    text.write_text("no marks\n")
    assert bench("show", out, "--into", text) == 0
    assert text.read_text() == "no marks\n\n### f\n\n" + kept[kept.index("<!-- f -->") : kept.index("end\n")]
    text.write_text(kept + kept)
    assert bench("show", out, "--into", text) == 2
    assert "2 times" in capsys.readouterr().err


def test_suites_engines_and_instances_are_listed(instances, capsys):
    assert bench("list", "--data", instances) == 0
    said = capsys.readouterr().out
    assert [name for name in ("field", "solver", "explain", "vroom", "pyvrp", "R101.txt") if name not in said] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "solver"), "suite solver needs --data DIR"),
        (("run", "field", "--seeds", "x"), "--seeds 'x'"),
        (("run", "field", "--engines", "trade"), "did you mean trades"),
        (("run", "vroom", "--engines", "pyvrp"), "there is no 'pyvrp' here"),
        (("run", "field", "--instances", "atlantis"), "'atlantis' matches nothing; there are: coquimbo_50x8_101"),
        (("run", "replan", "--parallel", "2"), "measures one thing at a time"),
        (("run", "field", "--parallel", "1000"), "there are"),
        (("compare", "none.json", "none.json"), "none.json"),
    ],
)
def test_what_cannot_be_run_is_said_and_is_exit_2(arguments, said, capsys):
    assert bench(*arguments) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_said_before_anything_is_run(instances, tmp_path, capsys):
    assert bench("run", "solver", "--data", instances, "--out", tmp_path / "none" / "f.json") == 2
    assert "there is no folder" in capsys.readouterr().err


def test_a_case_of_files_is_planned_on_the_roads_of_its_extract(tmp_path, monkeypatch, capsys):
    data = tmp_path / "data"
    (data / "osm").mkdir(parents=True)
    one_town(data / "osm" / "kiel_2026.osm.pbf")
    case = data / "cases" / "kiel_2x1"
    case.mkdir(parents=True)
    at = {n: (KIEL[0] + n * STEP_DEG, KIEL[1] + n * STEP_DEG) for n in range(3)}
    write_rows(
        case / "contractors.csv",
        "id,name,trades,lon,lat,shift_start,shift_end",
        ["p1", "Ana", "roofer", *at[0], "08:00", "16:00"],
    )
    write_rows(
        case / "jobs.csv",
        "id,trade,lon,lat,duration_min",
        ["j1", "roofer", *at[1], 30],
        ["j2", "plumber", *at[2], 30],
    )
    monkeypatch.setenv("TRADES_HOME", str(tmp_path / "home"))
    out = tmp_path / "f.json"
    assert bench("run", "field", "--data", data, "--engines", "trades-nosearch", "--out", out) == 0
    (found,) = read_ledger(out).rows
    assert (found.n_routes, found.n_unassigned, found.reference_kind) == (1, 1, "run")
    about = read_ledger(out).instances["kiel_2x1"]
    assert (about["class"], about["n_stops"], about["n_vehicles"]) == ("kiel 2x1", 2, 1)
    assert about["matrix_s"] >= 0
    assert "kiel_2x1" in capsys.readouterr().out


def test_a_case_without_its_roads_says_which_file_is_missing(tmp_path, capsys):
    case = tmp_path / "cases" / "atlantis_1x1"
    case.mkdir(parents=True)
    (case / "jobs.csv").touch()
    assert bench("run", "field", "--data", tmp_path, "--engines", "trades-nosearch") == 2
    assert "has no osm/atlantis*.pbf" in capsys.readouterr().err


def test_generated_days_are_named_by_size():
    assert field_names(None)[:4] == [f"coquimbo_50x8_{day}" for day in ("101", "101b", "102", "102b")]


def test_a_day_on_another_town_is_offered_where_its_roads_are(tmp_path):
    (tmp_path / "osm").mkdir()
    (tmp_path / "osm" / "porto.osm.pbf").touch()
    assert "porto_1000x100_102b" in field_names(tmp_path)
    assert not any(name.startswith("columbus") for name in field_names(tmp_path))


@pytest.mark.parametrize(("day", "has_breaks"), [("101b", True), ("101", False)])
def test_a_generated_day_lies_on_the_sample_region(day, has_breaks, coquimbo, sample_home):
    ((name, opening),) = field_instances([f"coquimbo_50x8_{day}"], None, sample_home, lambda _: None)
    instance = opening()
    assert (name, instance.about["n_stops"], instance.about["n_vehicles"]) == (instance.name, 50, 8)
    assert any(vehicle.breaks for vehicle in instance.problem.vehicles) is has_breaks
    assert unstated(instance.problem, "pyvrp")[0] == (["breaks"] if has_breaks else [])


def write_rows(file, head, *rows):
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([head.split(","), *rows])


def test_tables_fit_80_columns_with_long_names_and_large_figures():
    ledger = Ledger("field")
    for engine in ("trades", "ortools-tutorial"):
        ledger.add(row(instance="a_case_with_a_very_long_name_200x20", engine=engine, objective=1_234_567_890))
    ledger.add(row(engine="pyvrp", objective=None, travel=None))
    console = Console(width=80, record=True, file=io.StringIO())
    tables(ledger, console)
    lines = console.export_text().splitlines()
    assert max(len(line) for line in lines) <= 80
    assert any("1,234,567,890" in line for line in lines)
    assert any("no plan" in line for line in lines)
