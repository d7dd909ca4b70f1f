"""What each part of the search gives: every part runs, changes something, and is told."""

import io

import numpy as np
import pytest
from bench_cases import row
from rich.console import Console

from benchmarks.ablation import ablation_names, losses, tell_ablation, write_ablation
from benchmarks.ablation_parts import DAY_PARTS, FLEET_PARTS, Altered, searched_without
from benchmarks.choices import BadChoice
from benchmarks.field_days import field_day
from benchmarks.ledger import Ledger
from routing.arrays import arrays_of
from routing.budget import Budget
from routing.check import violations
from routing.improve.lean.manner import Manner
from routing.plans import plan_of
from routing.types import Matrix, Problem, Stop, Vehicle


def matrix(n_places):
    rng = np.random.default_rng(3)
    xy = rng.uniform(0, 2500, (n_places, 2))
    duration_s = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)).astype(np.int64)
    return Matrix(duration_s, duration_s * 10)


@pytest.fixture(scope="module")
def day():
    return field_day(matrix(60), 50, 8, 1, with_breaks=False)


@pytest.fixture(scope="module")
def fleet(day):
    stops = tuple(
        Stop(f"s{k}", k, 300, unserved_cost=10**7, delivers=(1,), windows=stop.windows)
        for k, stop in enumerate(day.stops, 1)
    )
    people = tuple(Vehicle(f"v{k}", 0, 0, 0, 90_000, capacity=(9,)) for k in range(12))
    return Problem(day.t0_at, stops, people, day.matrix)


def searched(problem, part, n_iterations=2000):
    altered = Altered(arrays_of(problem), part)
    best = []
    orders = altered.first_plan()
    altered.search(orders, 1, Budget(None, n_iterations), lambda points, rows: best.append((points, rows)))
    return min(best)


@pytest.mark.parametrize("part", DAY_PARTS)
def test_every_part_of_a_day_s_search_can_be_left_out(day, part):
    points, orders = searched(day, part)
    plan = plan_of(arrays_of(day), orders)
    assert violations(day, plan) == []
    assert plan.objective.total == points


@pytest.mark.parametrize("part", FLEET_PARTS)
def test_every_part_of_a_fleet_s_search_can_be_left_out(fleet, part):
    _, orders = searched(fleet, part)
    assert violations(fleet, plan_of(arrays_of(fleet), orders)) == []


def test_what_is_left_out_changes_the_search(day):
    whole = searched(day, "all")
    changed = [part for part in DAY_PARTS if part not in ("all", "no-settling") and searched(day, part) != whole]
    assert len(changed) >= len(DAY_PARTS) - 5


def test_every_part_names_fields_that_the_search_has():
    named = {name for part in (*DAY_PARTS.values(), *FLEET_PARTS.values()) for name in part.manner}
    assert named - set(Manner._fields) == set()
    assert all(part.says for part in (*DAY_PARTS.values(), *FLEET_PARTS.values()))


def test_a_part_is_searched_for_its_seconds(day):
    orders, iterations = searched_without("no-settling", day, 0.05, 1)
    assert violations(day, plan_of(arrays_of(day), orders)) == []
    assert iterations > 0


def test_losses_are_held_against_the_mean_of_the_whole_search_on_the_same_day():
    rows = [
        row(engine="all", objective=90, iterations=900),
        row(engine="all", seed=2, objective=110, iterations=1100),
        row(engine="no-cache", objective=110, iterations=500, cpu_s=4.9),
        row(instance="b", engine="all", objective=200, iterations=1000),
        row(instance="b", engine="no-cache", objective=180, iterations=500),
        row(instance="c", engine="no-cache", objective=999, iterations=500),
    ]
    ((part, (percent, speed)),) = losses(rows).items()
    assert (part, percent.mean, percent.n, speed) == ("no-cache", pytest.approx(0.0), 2, 0.5)


def test_losses_are_told_by_class_in_80_columns_the_dearest_first_and_drawn(tmp_path):
    ledger = Ledger("ablation", instances={day: {"class": "days"} for day in "ab"})
    for day in "ab":
        for part, objective in (("all", 1000), ("heat-x2", 1010), ("left-everywhere", 1100), ("trades", 999)):
            ledger.add(row(engine=part, instance=day, objective=objective, iterations=100))
    console = Console(width=80, record=True, file=io.StringIO())
    tell_ablation(ledger, console)
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    parts = [line.split()[0] for line in lines if "±" in line]
    assert parts == ["left-everywhere", "heat-x2", "trades"]
    (file,) = write_ablation(ledger, tmp_path)
    assert file.read_bytes().startswith(b"\x89PNG")
    assert write_ablation(Ledger("ablation"), tmp_path) == []


def test_a_folder_without_days_and_instances_is_refused(tmp_path):
    with pytest.raises(BadChoice, match="holds neither"):
        ablation_names(tmp_path)
