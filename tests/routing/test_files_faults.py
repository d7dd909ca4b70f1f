"""Problems and plans as JSON: what is wrong is named by its path, its file and its line."""

import json
from pathlib import Path

import pytest
from routing_cases import four_jobs, random_problem

from routing.errors import InvalidProblem, UnreadableFile
from routing.files import (
    plan_from_json,
    plan_to_json,
    problem_from_json,
    problem_to_json,
    read_plan,
    read_problem,
    write_problem,
)
from routing.solver import solve


def with_value(steps, value):
    """Four jobs in JSON, one value of it replaced or added."""
    found = problem_to_json(random_problem(1))
    place = found
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = value
    return found


@pytest.mark.parametrize(
    ("steps", "value", "path", "code"),
    [
        (["stops", 3, "service_s"], "600", "stops[3].service_s", "wrong_type"),
        (["stops", 3, "service_s"], 600.0, "stops[3].service_s", "wrong_type"),
        (["stops", 3, "service_s"], True, "stops[3].service_s", "wrong_type"),
        (["stops", 3, "service_s"], None, "stops[3].service_s", "wrong_type"),
        (["stops", 3, "id"], 7, "stops[3].id", "wrong_type"),
        (["stops", 3, "windows"], {"opens_s": 1, "closes_s": 2}, "stops[3].windows", "wrong_type"),
        (["stops", 3, "windows"], [[1, 2]], "stops[3].windows[0]", "wrong_type"),
        (["stops", 3, "windows"], [{"opens_s": 1}], "stops[3].windows[0].closes_s", "missing"),
        (["stops", 3, "skills"], ["gas"], "stops[3].skills", "wrong_type"),
        (["stops", 3, "skills", "all_of"], "gas", "stops[3].skills.all_of", "wrong_type"),
        (["stops", 3, "skills", "all_of"], ["gas", 7], "stops[3].skills.all_of[1]", "wrong_type"),
        (["stops", 3, "skills", "all_of"], ["gas", ["oil"]], "stops[3].skills.all_of[1]", "wrong_type"),
        (["stops", 3, "skills", "one_of"], ["gas", "gas"], "stops[3].skills.one_of[1]", "repeated"),
        (["stops", 3, "capacity"], 5, "stops[3].capacity", "unknown_field"),
        (["stops", 3], "s03", "stops[3]", "wrong_type"),
        (["stops"], None, "stops", "wrong_type"),
        (["vehicles", 0, "max_stops"], "3", "vehicles[0].max_stops", "wrong_type"),
        (["vehicles", 0, "breaks"], [{"earliest_s": 1, "latest_s": 2, "duration_s": 3, "paid": True}], "vehicles[0].breaks[0].paid", "unknown_field"),
        (["depots"], [], "depots", "unknown_field"),
        (["t0_at"], 0, "t0_at", "wrong_type"),
        (["t0_at"], "tomorrow", "t0_at", "wrong_type"),
        (["t0_at"], "2026-11-24T08:00:00", "t0_at", "naive_time"),
        (["matrix"], [], "matrix", "wrong_type"),
        (["matrix", "duration_s"], {}, "matrix.duration_s", "wrong_type"),
        (["matrix", "duration_s", 2], 5, "matrix.duration_s[2]", "wrong_type"),
        (["matrix", "duration_s", 2], [5], "matrix.duration_s[2]", "matrix_shape"),
        (["matrix", "duration_s"], [[0]], "matrix", "matrix_shape"),
        (["matrix", "duration_s", 2, 1], 1.5, "matrix.duration_s[2][1]", "wrong_type"),
        (["matrix", "duration_s", 2, 1], False, "matrix.duration_s[2][1]", "wrong_type"),
        (["matrix", "duration_s", 2, 1], -1, "matrix.duration_s[2][1]", "matrix_range"),
        (["matrix", "distance_m", 2, 1], 10**30, "matrix.distance_m[2][1]", "matrix_range"),
        (["stops", 3, "place"], 99, "stops[3].place", "place_unknown"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_by_its_path(steps, value, path, code):
    with pytest.raises(InvalidProblem) as refused:
        problem_from_json(with_value(steps, value))
    assert (code, path) in {(fault.code, fault.path) for fault in refused.value.faults}


@pytest.mark.parametrize("name", ["t0_at", "stops", "vehicles", "matrix"])
def test_a_missing_part_is_named(name):
    found = problem_to_json(four_jobs())
    del found[name]
    with pytest.raises(InvalidProblem) as refused:
        problem_from_json(found)
    assert [(fault.code, fault.path) for fault in refused.value.faults] == [("missing", name)]


@pytest.mark.parametrize("found", [None, [], "problem", 7])
def test_what_is_no_object_is_neither_a_problem_nor_a_plan(found):
    for read in (problem_from_json, plan_from_json):
        with pytest.raises(InvalidProblem, match=r"the whole = .*must be an object"):
            read(found)


def test_all_faults_come_at_once():
    found = with_value(["stops", 3, "service_s"], "600")
    found["stops"][0]["colour"] = "red"
    found["matrix"]["duration_s"][2][1] = "near"
    with pytest.raises(InvalidProblem) as refused:
        problem_from_json(found)
    assert {fault.path for fault in refused.value.faults} == {
        "stops[3].service_s",
        "stops[0].colour",
        "matrix.duration_s[2][1]",
    }


def test_a_fault_in_a_plan_is_named_by_its_path():
    found = plan_to_json(solve(four_jobs(), iterations=1))
    found["routes"][0]["visits"][1]["wait_s"] = None
    found["search"]["history"][0]["elapsed_s"] = float("inf")
    found["objective"]["tolls"] = 1
    with pytest.raises(InvalidProblem) as refused:
        plan_from_json(found)
    assert {(fault.code, fault.path) for fault in refused.value.faults} == {
        ("wrong_type", "routes[0].visits[1].wait_s"),
        ("wrong_type", "search.history[0].elapsed_s"),
        ("unknown_field", "objective.tolls"),
    }


def test_a_named_source_makes_the_error_name_it():
    with pytest.raises(UnreadableFile, match=r"day\.json: depots = .*no engine knows this field") as refused:
        problem_from_json(with_value(["depots"], []), Path("day.json"))
    assert refused.value.file == Path("day.json")


def test_a_problem_that_contradicts_itself_names_its_file_in_a_note():
    with pytest.raises(InvalidProblem) as refused:
        problem_from_json(with_value(["stops", 3, "place"], 99), Path("day.json"))
    assert refused.value.__notes__ == ["in day.json"]


def line_with(text, part):
    (line,) = [number for number, line in enumerate(text.splitlines(), 1) if part in line]
    return line


@pytest.mark.parametrize(
    ("steps", "value", "part"),
    [
        (["stops", 3, "service_s"], "no_time", "no_time"),
        (["stops", 3, "colour"], "magenta", "magenta"),
        (["vehicles", 1], "van", '"van"'),
        (["matrix", "distance_m", 2, 1], -77, "-77"),
        (["depots"], 3, "depots"),
    ],
)
@pytest.mark.parametrize("indent", [1, 2])
def test_a_wrong_value_in_a_file_is_named_with_its_line(tmp_path, steps, value, part, indent):
    path = tmp_path / "problem.json"
    text = json.dumps(with_value(steps, value), indent=indent)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile) as refused:
        read_problem(path)
    assert (refused.value.file, refused.value.line) == (path, line_with(text, part))


def test_a_missing_field_is_named_with_the_line_of_its_object(tmp_path):
    write_problem(random_problem(1), tmp_path / "problem.json")
    text = (tmp_path / "problem.json").read_text(encoding="utf-8")
    (tmp_path / "problem.json").write_text(text.replace('{"id": "s03", ', "{"), encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"stops\[3\]\.id = None: is needed: give a text") as refused:
        read_problem(tmp_path / "problem.json")
    assert refused.value.line == text.splitlines().index('"stops": [') + 1 + 4


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "not JSON: Expecting value"),
        (b'{\n"stops": [\n{"id": }\n]}', 3, r"not JSON: Expecting value \(column 8\)"),
        (b'{\n"t0_at": "\xff"}', 2, "0xff is not UTF-8"),
        (b'{"stops": [], "stops": []}', 0, "the key 'stops' stands twice"),
        (b'{"stops": NaN}', 0, "NaN is not a number"),
        (b"[" * 1_000_000, 0, "nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", 0, "not JSON that can be relied on"),
    ],
    ids=["empty", "syntax", "encoding", "repeated", "nan", "deep", "digits"],
)
def test_a_file_that_is_not_json_is_named_with_file_and_line(tmp_path, content, line, reason):
    path = tmp_path / "problem.json"
    path.write_bytes(content)
    for read in (read_problem, read_plan):
        with pytest.raises(UnreadableFile, match=reason) as refused:
            read(path)
        assert (refused.value.file, refused.value.line) == (path, line)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"none\.json: No such file"):
        read_problem(tmp_path / "none.json")
