"""The table of what a day can ask for: the README prints it, and the kernels agree with it."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from rich_cases import rich_problem

from routing import types
from routing.arrays import arrays_of
from routing.improve.lean.ground import unstated
from routing.support import FAST, GENERAL, TABLE, as_markdown

README = Path(__file__).parents[2] / "README.md"
KINDS = (types.Problem, types.Stop, types.Vehicle, types.Matrix)

SAID_BY = {
    "distance": "max_distance_m",
    "setup": "setup_s",
    "matrices": "more_matrices",
    "deliveries": "deliveries",
    "work": "max_work_s",
    "successions": "successions",
    "crews": "crews",
}
"""Features of random problems, and the field of the line that speaks of each."""


def test_the_readme_prints_the_table():
    assert as_markdown() in README.read_text(encoding="utf-8")


def test_every_field_is_one_of_the_model():
    known = {field.name for kind in KINDS for field in fields(kind)}
    assert {name for line in TABLE for name in line.fields} <= known


@pytest.mark.parametrize(("feature", "field"), SAID_BY.items())
def test_the_kernels_agree_with_the_table(feature, field):
    (line,) = (line for line in TABLE if field in line.fields)
    seen = 0
    for seed in range(12):
        problem = rich_problem(seed, n_stops=8, features=(feature,))
        arrays = arrays_of(_plainer(problem) if line.search == FAST else problem)
        used = bool(getattr(problem, field, ())) or any(
            getattr(row, field, None) for row in (*problem.stops, *problem.vehicles)
        )
        if not used:
            continue
        seen += 1
        assert line.search != FAST or not unstated(arrays)
        assert line.search != GENERAL or unstated(arrays)
    assert seen


def _plainer(problem):
    """A problem without what random ones have besides and only the general kernel states."""
    stops = tuple(replace(stop, windows=stop.windows[:1]) for stop in problem.stops)
    vehicles = tuple(replace(v, breaks=v.breaks[:1], cost_per_hour=3600, cost_per_km=0) for v in problem.vehicles)
    return replace(problem, stops=stops, vehicles=vehicles)
