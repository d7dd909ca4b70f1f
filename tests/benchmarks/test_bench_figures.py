"""Means and their intervals, plans beside others, growth, and what a run has to go."""

import io

import pytest
from bench_cases import row
from rich.console import Console

from benchmarks.growth import exponent, figures, tell_growth, within_s, write_growth
from benchmarks.intervals import against, against_best, estimate, over_instances
from benchmarks.ledger import Ledger
from benchmarks.plots import write_plots
from benchmarks.remaining import Remaining, spoken
from benchmarks.screen import beside, tables

PNG = b"\x89PNG\r\n"


def screen_of(tell, ledger):
    console = Console(width=80, record=True, file=io.StringIO())
    tell(ledger, console)
    return console.export_text().splitlines()


def test_a_mean_has_the_interval_of_student():
    found = estimate([1.0, 2.0, 3.0])
    # t is 4.303 at two degrees of freedom, the standard error 1 / sqrt(3).
    assert (found.mean, found.n) == (2.0, 3)
    assert found.half_width == pytest.approx(4.303 / 3**0.5)
    assert found.says() == "+2.00 ± 2.48"
    assert estimate([1.5]).says() == "+1.50"
    assert estimate([]) is None


def test_an_instance_counts_once_however_many_seeds_it_has():
    found = over_instances([("a", 1.0), ("a", 3.0), ("b", 4.0)])
    assert (found.mean, found.n) == (3.0, 2)
    assert over_instances([("a", 1.0), ("a", 3.0)]).n == 2


def test_plans_are_held_against_others_of_the_same_instance():
    mine = [row(objective=90), row(seed=2, objective=110), row(instance="b", objective=300)]
    theirs = [row(objective=200), row(instance="b", objective=200), row(instance="c", objective=1)]
    found = against(mine, theirs)
    # (-50 % + 50 %) / 2; nothing of ours stands beside c.
    assert (found.percent.mean, found.n_better, found.n_worse) == (0.0, 1, 1)
    assert against(mine, [row(objective=200, violations=1)]) is None


def test_the_best_of_several_runs_is_what_counts_against_vroom():
    rows = [
        row(engine="vroom-x0", objective=110),
        row(engine="vroom-x5", budget_s=60.0, objective=100),
        row(engine="vroom-x5", budget_s=1.0, objective=120),
        row(engine="pyvrp", budget_s=5.0, objective=200),
        row(engine="pyvrp", budget_s=30.0, objective=150),
    ]
    mine = [row(objective=90, budget_s=1.0)]
    assert against_best(mine, rows[:3]).percent.mean == pytest.approx(-10)
    found = beside(rows, mine, 1.0)
    assert found["vroom's best"].percent.mean == pytest.approx(-10)
    assert found["pyvrp 5 s"].percent.mean == pytest.approx(-55)
    assert found["vroom-x5 60 s"].percent.mean == pytest.approx(-10)
    assert beside(rows, mine, 30.0)["pyvrp 30 s"].percent.mean == pytest.approx(-40)


def test_who_leaves_somebody_out_where_all_are_to_be_served_has_no_plan_to_compare():
    theirs = row(engine="ortools", objective=10**9, reference=90, reference_kind="table", gap=None)
    assert against([row(reference=90, reference_kind="table", gap=0.1)], [theirs]) is None


def field_ledger():
    ledger = Ledger("field")
    for n_jobs in (50, 200):
        for day in ("101", "102", "101b"):
            name = f"a_{n_jobs}x8_{day}"
            ledger.instances[name] = {"class": f"a {n_jobs}x8" + " breaks" * day.endswith("b"), "n_stops": n_jobs}
            for engine, objective in (("trades", 100), ("vroom-x5", 120), ("trades-nosearch", 150)):
                budget_s = 0.0 if engine == "trades-nosearch" else 5.0
                ledger.add(row(instance=name, engine=engine, objective=objective * n_jobs, budget_s=budget_s))
    return ledger


def test_engines_are_told_by_class_and_beside_each_other_in_80_columns():
    lines = screen_of(tables, field_ledger())
    assert max(map(len, lines)) <= 80
    assert "a 50x8: 2 instances, gap to the run's best" in [line.strip() for line in lines]
    assert any(line.split()[:2] == ["vroom-x5", "5"] and "+20.00 ± 0.00" in line for line in lines)
    assert any("vroom's best" in line and "-16.67 ± 0.00" in line for line in lines)


def test_rows_of_two_cores_stand_apart():
    ledger = field_ledger()
    ledger.add(row(instance="a_50x8_101", objective=4000, cores=2))
    lines = [line.strip() for line in screen_of(tables, ledger)]
    assert any(line.startswith("trades, 2 cores") and "+0.00" in line for line in lines)
    assert any(line.startswith("5 s, 2 cores") and "-33.33" in line for line in lines)


def test_gap_against_time_and_cost_against_size_are_drawn(tmp_path):
    files = write_plots(field_ledger(), tmp_path / "plots")
    assert [file.name for file in files] == ["field-time.png", "field-size.png"]
    assert all(file.read_bytes().startswith(PNG) for file in files)
    assert write_plots(Ledger("field"), tmp_path / "none") == []


def test_where_vehicles_count_first_they_are_told_and_distances_only_of_plans_that_need_no_more():
    ledger = Ledger("solver", instances={"a": {"class": "Li-Lim", "reference_routes": 2}, "b": {"class": "Li-Lim"}})
    ledger.instances["b"]["reference_routes"] = 3
    ledger.add(row(reference=80, reference_kind="table", gap=0.125))
    ledger.add(row(instance="b", n_routes=4, reference=80, reference_kind="table", gap=-0.5))
    (line,) = [line for line in screen_of(tables, ledger) if line.split()[:2] == ["trades", "5"]]
    assert "+12.50" in line
    assert "1 of 2" in line


def growth_ledger():
    """Iterations fall as n^-0.5; a day of n jobs is within 2 % after n / 100 s."""
    ledger = Ledger("growth")
    for n_jobs in (100, 400, 1600):
        name = f"a_{n_jobs}x10_101"
        ledger.instances[name] = {"class": "a", "n_stops": n_jobs}
        for rung in (1, 2, 4, 8):
            budget_s = n_jobs * rung / 100
            total = {1: 1020, 2: 1010, 4: 1005, 8: 1000}[rung] if rung > 1 else 1020
            iterations = round(budget_s * 100_000 / n_jobs**0.5)
            ledger.add(row(instance=name, budget_s=budget_s, objective=total, iterations=iterations))
    return ledger


def test_growth_is_an_exponent_of_the_number_of_jobs():
    assert exponent([(1, 3), (10, 300), (100, 30_000)]) == pytest.approx(2)
    assert exponent([(1, 3)]) is None
    found = figures(growth_ledger())["exponents"]
    assert found == {"iterations_per_s": pytest.approx(-0.5, abs=0.001), "within_s": pytest.approx(1, abs=0.001)}


def test_the_time_to_a_good_plan_is_read_between_two_rungs():
    ladder = [row(budget_s=budget_s, objective=total) for budget_s, total in ((1.0, 1060), (2.0, 1030), (4.0, 1000))]
    # From 3 % to 0 % between 2 and 4 s: 2 % is a third of the way, on a logarithmic scale.
    assert within_s(ladder) == pytest.approx(2 * 2 ** (1 / 3))
    # A rung that is good by chance does not count when the next one is not.
    lucky = [row(budget_s=0.5, objective=1000), *ladder]
    assert within_s(lucky) == pytest.approx(2 * 2 ** (1 / 3))
    assert within_s([row(budget_s=1.0, objective=1010), row(budget_s=2.0, objective=1000)]) == 1.0


def test_growth_is_told_beside_what_is_aimed_at_and_drawn(tmp_path):
    lines = screen_of(tell_growth, growth_ledger())
    assert any("n^-0.50" in line and "missed" in line for line in lines)
    assert any("n^+1.00" in line and "kept" in line for line in lines)
    (file,) = write_growth(growth_ledger(), tmp_path)
    assert file.read_bytes().startswith(PNG)
    assert write_growth(Ledger("growth"), tmp_path) == []


def test_what_is_left_is_told_from_what_the_like_has_taken():
    due = [(f"a_{seed}", "vroom-x5", 1, 1, 60.0) for seed in range(4)]
    remaining = Remaining(due)
    before_s = remaining.left_s()
    remaining.found(due[0], 20.0)
    # Twenty seconds for each of three, and nothing beside them: this run has just begun.
    assert remaining.left_s() == pytest.approx(60.0, abs=1.0)
    assert before_s < 60.0
    assert remaining.says() == "1/4, 60 s left"
    remaining.dropped(due[1])
    assert (remaining.n_done, round(Remaining(due, 2).left_s(), 1)) == (2, round(before_s / 2, 1))
    for key in due[2:]:
        remaining.found(key, 20.0)
    assert remaining.says() == "4/4"


def test_seconds_are_said_as_people_say_them():
    assert [spoken(seconds) for seconds in (40, 720, 5400)] == ["40 s", "12 min", "1.5 h"]
