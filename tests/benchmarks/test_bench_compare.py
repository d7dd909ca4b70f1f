"""Two runs, pair by pair."""

import io

import pytest
from bench_cases import row
from rich.console import Console

from benchmarks.compare import pairings, sign_test, tell
from benchmarks.ledger import Ledger


def runs(*pairs):
    """Two runs of as many seeds as there are pairs of objectives; None is no plan."""
    a = Ledger("field", rows=[row(seed=k, objective=x) for k, (x, _) in enumerate(pairs)])
    b = Ledger("field", rows=[row(seed=k, objective=y) for k, (_, y) in enumerate(pairs)])
    return a, b


def test_only_the_same_instance_seed_cores_and_budget_are_compared():
    a = Ledger("field", rows=[row(), row(seed=2), row(cores=2), row(budget_s=9.0), row(instance="b")])
    b = Ledger("field", rows=[row(objective=90), row(engine="ortools")])
    (found,) = pairings(a, b)
    assert (found.engine, found.differences) == ("trades", (pytest.approx(-0.1),))


def test_every_pair_is_better_equal_or_worse():
    (found,) = pairings(*runs((100, 90), (100, 100), (100, 120), (100, None), (None, 100)))
    assert (found.better, found.equal, found.worse) == (2, 1, 2)


def test_a_plan_that_breaks_a_limit_counts_as_none():
    a = Ledger("field", rows=[row()])
    b = Ledger("field", rows=[row(objective=10, violations=1)])
    (found,) = pairings(a, b)
    assert (found.a_only, found.differences) == (1, ())


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        ([(100, 90)] * 6, "trades: B is better, mean -10.000 %, 6 better, 0 equal, 0 worse (sign test p = 0.031)"),
        ([(100, 110)] * 6, "trades: A is better, mean +10.000 %, 0 better, 0 equal, 6 worse (sign test p = 0.031)"),
        ([(100, 90)], "trades: B is better, mean -10.000 %, 1 better, 0 equal, 0 worse (sign test p = 1.000; may be"),
        ([(100, 90), (90, 100)], "trades: a draw"),
        ([(100, 100)] * 3, "trades: no difference in 3 pairs"),
    ],
)
def test_the_verdict_says_who_by_how_much_and_whether_it_may_be_chance(pairs, verdict):
    (found,) = pairings(*runs(*pairs))
    assert found.verdict().startswith(verdict)


def test_the_sign_test_counts_coins():
    # Of five tosses, 0 or 5 heads: 2 of 32. Of four, at most one or at least three: 10 of 16.
    assert (sign_test(5, 0), sign_test(1, 3), sign_test(0, 0)) == (2 / 32, 10 / 16, 1.0)


def test_a_comparison_fits_80_columns_and_ends_with_its_verdict():
    console = Console(width=80, record=True, file=io.StringIO())
    tell(*runs((123_456_789, 123_456_000)), console)
    lines = console.export_text().splitlines()
    assert max(len(line) for line in lines[:-1]) <= 80
    assert any("123,456,789" in line and "-0.001" in line for line in lines)
    assert "trades: B is better" in lines[-1] or "trades: B is better" in lines[-2]


@pytest.mark.parametrize(
    ("pairs", "worse"),
    [
        ([(100, 101)] * 6, True),
        ([(100, 101)] * 5, False),  # 2 of 32 coins: may be chance
        ([(100, 99)] * 6, False),
        ([(100, 101)] * 9 + [(100, 50)], False),  # more often worse, better in the mean
        ([(100, None)] * 6, True),
        ([(100, 100)] * 9, False),
    ],
)
def test_b_has_got_worse_when_coins_and_mean_say_so(pairs, worse):
    (found,) = pairings(*runs(*pairs))
    assert found.is_regression is worse


def test_one_plan_of_ours_that_breaks_a_limit_is_a_regression_and_one_of_a_peer_is_none():
    for engine, worse in (("trades", True), ("vroom-x5", False)):
        a, b = (Ledger("field", rows=[row(engine=engine, violations=n)]) for n in (0, 1))
        (found,) = pairings(a, b)
        assert found.is_regression is worse


def test_answers_in_vroom_s_format_are_compared_in_vroom_s_order():
    def run(*worth):
        cases = {f"vroom_20_{number}": {"verdict": "equal", "worth": list(worth)} for number in range(6)}
        return Ledger("vroom", rows=[row(objective=worth[2])], found={"cases": cases})

    (found,) = pairings(run(5, 3, 100.0), run(5, 2, 1.0))
    assert found.engine == "figure VROOM's order"
    assert found.is_regression
    (found,) = pairings(run(5, 3, 100.0), run(6, 1, 900.0))
    assert (found.better, found.is_regression) == (6, False)
    (found,) = pairings(run(5, 3, 100.0), run(5, 3, 100.0))
    assert (found.equal, found.is_regression) == (6, False)


def test_figures_of_suites_without_engines_are_compared_by_day():
    def run(moved, took_ms):
        days = [f"day{number}" for number in range(6)]
        live = {"n_wrong": 0, "how": {}, "ms": {"place": {"p50": took_ms, "p99": 1.0}}}
        replan = {"moved": moved, "objective": 100, "n_violations": 0}
        return Ledger("x", found={"live": dict.fromkeys(days, live), "replan": dict.fromkeys(days, replan)})

    found = {one.engine: one for one in pairings(run(0.02, 2.0), run(0.01, 3.0))}
    assert found["figure place p50 ms"].is_regression
    assert found["figure moved"].verdict().startswith("figure moved: B is better, mean -50.000 %")
    assert not found["figure objective"].is_regression
