"""./trades solve from the command line: files in, files out, exit statuses."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from routing_cases import four_jobs
from vroom_cases import two_jobs

from geo import polyline
from routing.__main__ import main
from routing.check import violations
from routing.files import problem_to_json, read_plan, write_plan, write_problem
from routing.solve_command import Asked, native
from routing.solver import solve
from routing.vroom import Effort

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("--budget-iterations", "3")


@pytest.fixture
def problem_file(tmp_path):
    file = tmp_path / "problem.json"
    write_problem(four_jobs(), file)
    return file


def written(file, value):
    file.write_text(json.dumps(value))
    return file


def test_a_problem_of_our_format_becomes_a_plan_that_the_judge_accepts(problem_file, tmp_path, capsys):
    out = tmp_path / "plan.json"
    assert main(["solve", str(problem_file), "--out", str(out), *QUICK]) == 0
    plan = read_plan(out)
    assert violations(four_jobs(), plan) == []
    assert plan.objective.total == 4800  # to the last job and back
    said = capsys.readouterr()
    assert said.out == ""
    for line in ("travel", "4,800 points", "routes     1 of 1", "unassigned 0 of 4", "judge: 0 violations"):
        assert line in said.err


def test_without_out_the_plan_alone_goes_to_stdout(problem_file, capsys):
    assert main(["solve", str(problem_file), *QUICK]) == 0
    assert json.loads(capsys.readouterr().out)["routes"][0]["vehicle_id"] == "ana"


def test_a_search_that_starts_from_a_plan_never_ends_worse(problem_file, tmp_path, capsys):
    start = tmp_path / "start.json"
    best = solve(four_jobs(), iterations=50)
    write_plan(best, start)
    assert main(["solve", str(problem_file), "--start", str(start), "--budget-iterations", "0"]) == 0
    objective = json.loads(capsys.readouterr().out)["objective"]
    assert sum(objective.values()) <= best.objective.total


def test_on_a_terminal_the_search_tells_how_far_it_is(problem_file, tmp_path):
    screen = Console(file=io.StringIO(), force_terminal=True, width=100)
    asked = Asked(problem_file, tmp_path / "plan.json", None, tmp_path, Effort(limit_s=0.2))
    assert native(asked, None, screen) == 0
    assert "judge: 0 violations" in screen.file.getvalue()


def test_every_fault_of_a_problem_is_told_on_a_line_of_its_own(problem_file, capsys):
    found = problem_to_json(four_jobs())
    found["stops"][0]["service_s"] = "ten"
    found["vehicles"][0]["colour"] = "red"
    del found["stops"][1]["id"]
    assert main(["solve", str(written(problem_file, found)), *QUICK]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    for fault in ("stops[0].service_s = 'ten'", "stops[1].id = None", "vehicles[0].colour = 'red'"):
        assert len([line for line in said.err.splitlines() if fault in line]) == 1


def test_a_problem_that_contradicts_itself_is_refused(problem_file, capsys):
    found = problem_to_json(four_jobs())
    found["stops"][0]["place"] = 9
    assert main(["solve", str(written(problem_file, found)), *QUICK]) == 2
    assert "stops[0].place = 9" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["{", "[]", '{"stops": 1, "stops": 2}'])
def test_a_file_that_holds_no_problem_is_refused(problem_file, text, capsys):
    problem_file.write_text(text)
    assert main(["solve", str(problem_file), *QUICK]) == 2
    assert capsys.readouterr().err


def test_a_file_that_is_not_there_and_a_folder_to_write_to_are_told(problem_file, tmp_path, capsys):
    assert main(["solve", str(tmp_path / "none.json")]) == 2
    assert main(["solve", str(problem_file), "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "none.json" in said
    assert "it is a folder" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "one of the arguments"),
        (["p.json", "-g"], "--vroom FILE"),
        (["p.json", "-c"], "--vroom FILE"),
        (["--vroom", "p.json", "--start", "plan.json"], "give vehicles their steps"),
        (["p.json", "--limit-s", "1", "--budget-iterations", "1"], "not allowed with"),
        (["p.json", "--limit-s", "-1"], "'-1' must be seconds"),
        (["p.json", "--budget-iterations", "1.5"], "'1.5' must be a whole number"),
        (["p.json", "--budget-iterations", "9999999999"], "write fewer"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["solve", *arguments])
    assert refused.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_help_has_examples_and_fits_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main(["solve", "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "./trades solve --vroom problem.json" in said
    assert max(len(line) for line in said.splitlines()) <= 80


def test_vroom_in_is_vroom_out(tmp_path, capsys):
    file = written(tmp_path / "problem.json", two_jobs())
    assert main(["solve", "--vroom", str(file), *QUICK]) == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert (answer["code"], answer["summary"]["cost"], said.err) == (0, 18, "")


def test_plan_mode_reports_what_is_wrong_and_is_no_failure(tmp_path, capsys):
    steps = [{"type": "job", "id": 7}, {"type": "job", "id": 8}]
    file = written(tmp_path / "problem.json", two_jobs(steps=steps, time_window=[0, 10]))
    assert main(["solve", "--vroom", str(file), "-c"]) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["violations"] == [{"cause": "delay", "duration": 8}]


def test_an_error_is_vrooms_object_its_code_the_exit_status(tmp_path, capsys):
    file = written(tmp_path / "problem.json", two_jobs(speed_factor=0))
    out = tmp_path / "solution.json"
    assert main(["solve", "--vroom", str(file), "--out", str(out)]) == 2
    answer = json.loads(out.read_text())
    assert answer["code"] == 2
    assert "vehicles[0].speed_factor = 0" in answer["error"]
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"[Error] {answer['error']}\n"


@pytest.mark.parametrize("text", ["", "{", '{"vehicles": NaN}', '{"jobs": [], "jobs": []}'])
def test_what_is_not_json_is_an_input_error(tmp_path, text, capsys):
    file = tmp_path / "problem.json"
    file.write_text(text)
    assert main(["solve", "--vroom", str(file)]) == 2
    assert json.loads(capsys.readouterr().out)["code"] == 2


def test_a_place_that_cannot_be_written_to_leaves_the_error_on_stdout(tmp_path, capsys):
    file = written(tmp_path / "problem.json", two_jobs())
    assert main(["solve", "--vroom", str(file), "--out", str(tmp_path / "no" / "solution.json")]) == 2
    assert "there is no folder" in json.loads(capsys.readouterr().out)["error"]


def test_roads_that_are_not_there_are_a_routing_error(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(tmp_path))
    file = written(
        tmp_path / "problem.json", {"vehicles": [{"id": 1, "start": [1, 2]}], "jobs": [{"id": 1, "location": [3, 4]}]}
    )
    assert main(["solve", "--vroom", str(file)]) == 3
    assert main(["solve", "--vroom", str(file), "--region", "atlantis"]) == 3
    first, second = (json.loads(line)["error"] for line in capsys.readouterr().out.splitlines())
    assert "--region NAME" in first
    assert "no region 'atlantis'" in second


def test_the_program_reads_a_request_from_stdin():
    run = subprocess.run(
        [sys.executable, "-m", "routing", "solve", "--vroom", "-", *QUICK],
        cwd=ROOT,
        input=json.dumps(two_jobs()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0
    assert json.loads(run.stdout)["summary"]["unassigned"] == 0


def four_doors(region):
    """Four places well inside a region's outline, longitude first."""
    middle = region.outline.geoms[0].representative_point() if hasattr(region.outline, "geoms") else region.outline
    return [[middle.x + 0.004 * k, middle.y + 0.002 * k] for k in range(4)]


def test_vroom_with_the_roads_of_a_region_has_lines_along_them(
    tmp_path, coquimbo, coquimbo_engine, sample_home, capsys, monkeypatch
):
    monkeypatch.setenv("TRADES_HOME", str(sample_home))
    snapped = coquimbo_engine.nearest(np.array(four_doors(coquimbo))).lonlat.tolist()
    request = {
        "vehicles": [{"id": 1, "start": snapped[0], "end": snapped[0]}],
        "jobs": [{"id": k, "location": snapped[k], "service": 60} for k in (1, 2, 3)],
    }
    file = written(tmp_path / "problem.json", request)
    assert main(["solve", "--vroom", str(file), "--region", "coquimbo", "-g", *QUICK]) == 0
    (route,) = json.loads(capsys.readouterr().out)["routes"]
    line = polyline.decode(route["geometry"], precision=5)
    assert len(line) > 5
    assert route["distance"] > 0
    order = [snapped[0], *(step["location"] for step in route["steps"][1:-1]), snapped[0]]
    assert route["duration"] == int(coquimbo_engine.route(np.array(order)).travel_s.sum())


def test_a_job_far_from_any_road_is_a_routing_error_that_names_it(tmp_path, coquimbo, sample_home, capsys, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(sample_home))
    home = four_doors(coquimbo)[0]
    request = {"vehicles": [{"id": 1, "start": home}], "jobs": [{"id": 1, "location": [home[0] - 2, home[1]]}]}
    file = written(tmp_path / "problem.json", request)
    assert main(["solve", "--vroom", str(file), "--region", "coquimbo"]) == 3
    assert "jobs[0].location = [" in json.loads(capsys.readouterr().out)["error"]


def test_places_in_a_region_stand_for_a_matrix(tmp_path, coquimbo, sample_home, capsys, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(sample_home))
    found = problem_to_json(four_jobs())
    del found["matrix"]
    found["places"] = [*four_doors(coquimbo), four_doors(coquimbo)[0]]
    file = written(tmp_path / "problem.json", found)
    assert main(["solve", str(file), "--region", "coquimbo", *QUICK]) == 0
    said = capsys.readouterr()
    assert "judge: 0 violations" in said.err
    assert json.loads(said.out)["routes"][0]["distance_m"] > 0
    assert main(["solve", str(file), *QUICK]) == 2
    assert "name the region they are in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"places": [[0, 0]]}, "the matrix is there already"),
        ({"matrix": None, "places": "here"}, "must be a list of [longitude, latitude]"),
        ({"matrix": None, "places": [[500, 0]]}, "longitude comes first"),
        ({}, "is what --region is for"),
    ],
)
def test_places_that_say_nothing_are_refused(tmp_path, coquimbo, sample_home, capsys, monkeypatch, change, said):
    monkeypatch.setenv("TRADES_HOME", str(sample_home))
    file = written(tmp_path / "problem.json", problem_to_json(four_jobs()) | change)
    assert main(["solve", str(file), "--region", coquimbo.name, *QUICK]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
