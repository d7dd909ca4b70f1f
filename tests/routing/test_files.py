"""Problems and plans as JSON: nothing is lost on the way to a file and back."""

import json
import os
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_cases import four_jobs, random_problem

from routing import types
from routing.files import (
    plan_from_json,
    plan_to_json,
    problem_from_json,
    problem_to_json,
    read_plan,
    read_problem,
    write_plan,
    write_problem,
)
from routing.solver import solve
from routing.types import (
    NO_SEARCH,
    UNREACHABLE,
    BreakTaken,
    Improvement,
    Matrix,
    Objective,
    Plan,
    Problem,
    Route,
    Search,
    Visit,
)

ids = st.text(max_size=6)
counts = st.integers(-(2**40), 2**40)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=offsets)  # noqa: DTZ001
cells = st.one_of(st.integers(0, 100_000), st.just(UNREACHABLE))


def tuples(strategy):
    return st.lists(strategy, max_size=3).map(tuple)


@st.composite
def problems(draw):
    """Problems with everything the model can say, renamed and with holes in the matrix."""
    n_stops = draw(st.integers(0, 6))
    problem = random_problem(draw(st.integers(0, 10_000)), n_stops, draw(st.integers(1, 3)))
    names = draw(st.lists(ids, min_size=n_stops, max_size=n_stops, unique=True))
    stops = tuple(replace(stop, id=name) for stop, name in zip(problem.stops, names, strict=True))
    n_places = problem.matrix.n_places
    rows = st.lists(cells, min_size=n_places, max_size=n_places)
    table = st.lists(rows, min_size=n_places, max_size=n_places).map(lambda found: np.array(found, dtype=np.int64))
    duration_s, distance_m = draw(table), draw(table)
    no_road = duration_s == UNREACHABLE
    distance_m = np.where(no_road, UNREACHABLE, np.where(distance_m == UNREACHABLE, 0, distance_m))
    matrix = Matrix(duration_s, distance_m, draw(ids))
    return Problem(draw(instants), stops, problem.vehicles, matrix)


visits = st.builds(Visit, ids, counts, counts, counts, counts, counts, counts)
routes = st.builds(
    Route,
    ids,
    counts,
    counts,
    tuples(visits),
    tuples(st.builds(BreakTaken, counts, counts)),
    counts,
    counts,
    counts,
    counts,
)
improvements = st.builds(Improvement, st.floats(allow_nan=False, allow_infinity=False), counts, ids)
searches = st.builds(Search, ids, ids, ids, counts, ids, ids, tuples(improvements))
plans = st.builds(
    Plan,
    tuples(routes),
    tuples(ids),
    st.builds(Objective, *[counts] * len(fields(Objective))),
    st.just(NO_SEARCH) | searches,
)


def assert_same(one, other):
    assert (one.t0_at, one.stops, one.vehicles) == (other.t0_at, other.stops, other.vehicles)
    assert one.t0_at.utcoffset() == other.t0_at.utcoffset()
    assert one.matrix.source == other.matrix.source
    for name in ("duration_s", "distance_m"):
        found = getattr(one.matrix, name)
        assert found.dtype == np.int64
        assert np.array_equal(found, getattr(other.matrix, name))


@settings(max_examples=60, deadline=None)
@given(problems())
def test_a_problem_comes_back_from_json_as_it_was(problem):
    assert_same(problem_from_json(json.loads(json.dumps(problem_to_json(problem)))), problem)


@settings(max_examples=60, deadline=None)
@given(plans)
def test_a_plan_comes_back_from_json_as_it_was(plan):
    back = plan_from_json(json.loads(json.dumps(plan_to_json(plan))))
    assert back == plan
    assert back.search == plan.search  # how it came about takes no part in the equality of plans


@settings(max_examples=30, deadline=None)
@given(problem=problems(), plan=plans)
def test_files_say_what_json_says(tmp_path_factory, problem, plan):
    folder = tmp_path_factory.mktemp("files")
    write_problem(problem, folder / "problem.json")
    write_plan(plan, folder / "plan.json")
    assert_same(read_problem(folder / "problem.json"), problem)
    assert json.loads((folder / "problem.json").read_text(encoding="utf-8")) == problem_to_json(problem)
    back = read_plan(folder / "plan.json")
    assert (back, back.search) == (plan, plan.search)


def test_a_plan_of_the_solver_comes_back_with_its_search(tmp_path):
    plan = solve(four_jobs(), iterations=2)
    write_plan(plan, tmp_path / "plan.json")
    back = read_plan(tmp_path / "plan.json")
    assert back.routes
    assert (back, back.search) == (plan, plan.search)


def test_a_problem_without_places_keeps_the_shape_of_its_matrix():
    nothing = Problem(datetime(2026, 1, 1, tzinfo=UTC), (), (), Matrix(np.zeros((0, 0), int), np.zeros((0, 0), int)))
    assert problem_from_json(problem_to_json(nothing)).matrix.distance_m.shape == (0, 0)


def test_sets_are_sorted_and_pairs_without_a_road_are_null():
    problem = four_jobs(skills=frozenset({"weld", "gas", "oil"}))
    duration_s = problem.matrix.duration_s.copy()
    duration_s[1, 2] = UNREACHABLE
    found = problem_to_json(replace(problem, matrix=Matrix(duration_s, duration_s)))
    assert found["vehicles"][0]["skills"] == ["gas", "oil", "weld"]
    assert found["matrix"]["duration_s"][1] == [600, 0, None, 1200, 1800]


def test_the_offset_of_the_beginning_is_stated():
    problem = replace(four_jobs(), t0_at=datetime(2026, 11, 24, tzinfo=timezone(timedelta(hours=-6))))
    assert problem_to_json(problem)["t0_at"] == "2026-11-24T00:00:00-06:00"


@pytest.mark.parametrize(
    "kind", [Problem, types.Stop, types.Vehicle, types.Matrix, types.Window, types.Break, types.Skills]
)
def test_every_field_of_a_problem_is_in_the_file(kind):
    # Three random problems together have every kind of record.
    texts = [json.dumps(problem_to_json(random_problem(seed))) for seed in range(3)]
    assert [field.name for field in fields(kind) if not any(f'"{field.name}": ' in text for text in texts)] == []


def test_what_has_a_default_may_be_left_out():
    found = problem_to_json(four_jobs())
    found["stops"] = [
        {"id": stop["id"], "place": stop["place"], "service_s": stop["service_s"]} for stop in found["stops"]
    ]
    del found["matrix"]["source"]
    assert_same(problem_from_json(found), four_jobs())


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(problem_to_json(four_jobs())), encoding="utf-8-sig")
    assert_same(read_problem(path), four_jobs())


def test_writing_replaces_the_file_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "problem.json"
    write_problem(random_problem(1), path)
    write_problem(four_jobs(), path)
    assert_same(read_problem(path), four_jobs())
    assert os.listdir(tmp_path) == ["problem.json"]  # noqa: PTH208


def test_a_text_that_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "plan.json"
    good = Plan((), ("a",), Objective())
    write_plan(good, path)
    with pytest.raises(UnicodeEncodeError):
        write_plan(replace(good, unassigned=("\ud800",)), path)
    assert read_plan(path) == good
    assert os.listdir(tmp_path) == ["plan.json"]  # noqa: PTH208


def test_writing_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "latest.json").symlink_to(tmp_path / "problem.json")
    write_problem(four_jobs(), tmp_path / "latest.json")
    assert (tmp_path / "latest.json").is_symlink()
    assert_same(read_problem(tmp_path / "problem.json"), four_jobs())


def test_a_file_has_a_line_for_each_stop_and_each_row(tmp_path):
    write_problem(four_jobs(), tmp_path / "problem.json")
    lines = (tmp_path / "problem.json").read_text(encoding="utf-8").splitlines()
    assert [line[:10] for line in lines if line.startswith('{"id"')] == [
        '{"id": "a"',
        '{"id": "b"',
        '{"id": "c"',
        '{"id": "d"',
        '{"id": "an',
    ]
    assert lines.count("[0, 600, 1200, 1800, 2400],") == 1
