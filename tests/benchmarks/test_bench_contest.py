"""Engines run in processes of their own, rows kept as they are found."""

from dataclasses import replace
from pathlib import Path

import pytest
from bench_cases import street
from routing_cases import HOUR, four_jobs

from benchmarks.contest import BUSY, PIN_LOST, Effort, Instance, compete, row_of
from benchmarks.engines import Engines, Judged
from benchmarks.ledger import Ledger, opened, read_ledger
from routing.types import Break


@pytest.fixture
def engines(tmp_path):
    return Engines(tmp_path, lambda _: None)


def test_insertion_is_run_judged_and_priced(engines):
    found = engines.run("trades-nosearch", street(), 0.0, 1, None)
    assert (found.violations, found.failure) == (0, "")
    # To the farthest job and back by one person.
    assert (found.plan.objective.total, found.plan.unassigned) == (2 * 1800, ())
    assert found.wall_s > 0


def test_an_engine_that_refuses_a_problem_says_so_and_the_run_goes_on(engines):
    found = engines.run("ortools-tutorial", street(), -1e18, 1, None)
    assert found.plan is None
    assert found.failure


def test_rows_are_kept_and_a_second_run_does_nothing_again(engines, tmp_path):
    told, opened_times = [], []

    def instance():
        opened_times.append(1)
        return Instance("street", street(), {"class": "tiny", "matrix_s": 0.1})

    effort = Effort(("trades-nosearch",), (1, 2), (1.0, 2.0))
    for _ in range(2):
        ledger = opened("field", tmp_path / "f.json", resume=True)
        compete([("street", instance)], lambda _: effort, engines, ledger, lambda row, *_: told.append(row))
    kept = read_ledger(tmp_path / "f.json")
    # No seed and no budget change insertion: one row for two seeds and two budgets.
    assert [(row.instance, row.engine, row.seed, row.budget_s) for row in kept.rows] == [
        ("street", "trades-nosearch", 1, 0.0)
    ]
    assert (kept.rows[0].objective, kept.rows[0].gap, kept.rows[0].reference_kind) == (3600, 0.0, "run")
    assert kept.instances == {"street": {"class": "tiny", "matrix_s": 0.1}}
    assert (len(told), len(opened_times)) == (1, 1)


def test_seeds_and_budgets_multiply_only_for_engines_that_take_them():
    effort = Effort(("trades", "trades-nosearch", "vroom-x5"), (1, 2), (1.0, 2.0), own_budgets_s={"vroom-x5": (60.0,)})
    assert [(engine, seed, budget_s) for _, engine, seed, _, budget_s in effort.runs("a")] == [
        ("trades", 1, 1.0),
        ("trades", 2, 1.0),
        ("trades", 1, 2.0),
        ("trades", 2, 2.0),
        ("trades-nosearch", 1, 0.0),
        ("vroom-x5", 1, 60.0),
    ]


def test_instances_are_measured_side_by_side_each_once(engines):
    ledger, told = Ledger("field"), []
    names = [f"street{number}" for number in range(4)]
    effort = Effort(("trades-nosearch",), (1,), (1.0,))
    compete(
        [(name, lambda name=name: Instance(name, street())) for name in names],
        lambda _: effort,
        engines,
        ledger,
        lambda row, _, remaining: told.append((row.instance, remaining.n_done)),
        lanes=[None, None],
    )
    assert sorted(row.instance for row in ledger.rows) == names
    assert {row.objective for row in ledger.rows} == {3600}
    assert max(n_done for _, n_done in told) == 4
    assert any("side by side" in note for note in ledger.notes)


def test_a_busy_machine_and_a_lost_pin_are_said():
    class Busy(Engines):
        def run(self, *_):
            return Judged(None, 0, 5.0, 2.0, "", iterations=100, pin_held=False)

    ledger = Ledger("field")
    compete(
        [("street", lambda: Instance("street", street()))],
        lambda _: Effort(("trades",), (1, 2), (5.0,)),
        Busy(Path(), print),
        ledger,
        lambda *_: None,
    )
    assert ledger.notes == [PIN_LOST, BUSY]


def test_an_engine_that_cannot_state_a_limit_sits_out_and_that_is_said(engines):
    pause = Break(11 * HOUR, 12 * HOUR, 1800)
    ledger = Ledger("field")
    instance = Instance("street", four_jobs(breaks=(pause,)))
    compete([("street", lambda: instance)], lambda _: Effort(("pyvrp",), (1,), (1.0,)), engines, ledger, print)
    assert ledger.rows == []
    assert ledger.notes == ["pyvrp cannot state breaks: it sits out where a problem has them"]


def test_a_reference_of_distance_is_held_against_the_travel(engines):
    fixed = replace(four_jobs(), vehicles=(replace(four_jobs().vehicles[0], cost_fixed=1_000_000, cost_per_hour=3600),))
    dear = replace(fixed, stops=tuple(replace(stop, unserved_cost=10_000_000) for stop in fixed.stops))
    ledger = Ledger("solver")
    instance = Instance("street", dear, reference=4000, reference_kind="table", by_travel=True)
    compete(
        [("street", lambda: instance)],
        lambda _: Effort(("trades-nosearch",), (1,), (1.0,)),
        engines,
        ledger,
        lambda *_: None,
    )
    (row,) = ledger.rows
    assert (row.travel, row.objective, row.gap) == (4800, 1_004_800, 0.2)


def test_a_plan_that_breaks_a_limit_has_no_gap():
    instance = Instance("street", four_jobs(), reference=4000, reference_kind="table")
    row = row_of(instance, ("street", "trades", 1, 1, 1.0), Judged(None, 1, 1.0, 1.0, "too late"))
    assert (row.objective, row.gap, row.violations, row.n_unassigned) == (None, None, 1, 4)


def test_a_plan_that_leaves_somebody_out_has_no_gap_to_a_published_best(engines):
    stop = replace(four_jobs().stops[0], service_s=99 * HOUR)
    problem = replace(four_jobs(), stops=(stop, *four_jobs().stops[1:]))
    found = engines.run("trades-nosearch", problem, 0.0, 1, None)
    key = ("street", "trades-nosearch", 1, 1, 0.0)
    published = row_of(Instance("street", problem, reference=4000, reference_kind="table", by_travel=True), key, found)
    assert (published.n_unassigned, published.travel, published.gap) == (1, 4800, None)
