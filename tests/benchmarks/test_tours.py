"""Made-up days of one person, and the proofs of their best orders."""

import io

import numpy as np
from rich.console import Console

from benchmarks.ledger import Ledger
from benchmarks.tours import WANTED, WINDOW_S, _days, measured, run_tours, tell_tours
from routing.proof.day import HORIZON_S


def test_tiny_days_are_all_proven_and_counted_in_a_row_for_each_size_with_and_without_windows():
    rows = measured(3, (4, 6), seed=1)
    assert [(row.n_stops, row.windows) for row in rows] == [(4, False), (4, True), (6, False), (6, True)]
    assert all(row.n_days == row.proven == 3 and row.proven_within <= 3 for row in rows)
    assert all(0 < row.median_s <= row.longest_s and row.median_labels <= row.most_labels for row in rows)


def test_a_seed_in_the_ledger_is_not_proven_again_and_seeds_are_told_together():
    ledger, told = Ledger("tours"), []
    for seeds in ((1,), (1, 2)):
        assert run_tours(1, seeds, ledger, told.append) == 0
    assert len(told) == len(ledger.found["tours"]) == 2 * len(WANTED)
    screen = io.StringIO()
    tell_tours(ledger, Console(file=screen, width=90))
    lines = [line.split() for line in screen.getvalue().splitlines()]
    assert [line[:-5] for line in lines if line[0] == "15"] == [["15", "2"], ["15", "windows", "2"]]


def test_the_same_seed_makes_the_same_days_and_half_of_their_stops_have_windows_of_two_to_four_hours():
    days, again = (list(_days(20, 1, 10, windows=True)) for _ in range(2))
    assert all(
        np.array_equal(a, b) for day, other in zip(days, again, strict=True) for a, b in zip(day, other, strict=True)
    )
    lengths_s = np.concatenate([np.diff(windows_s[1:-1])[:, 0] for _, _, windows_s in days])
    with_window = lengths_s < HORIZON_S
    assert 80 <= with_window.sum() <= 120
    assert WINDOW_S[0] <= lengths_s[with_window].min() <= lengths_s[with_window].max() <= WINDOW_S[1]


def test_driving_there_and_back_takes_different_times():
    (legs_s, gap_s, windows_s), *_ = _days(6, 1, 1, windows=False)
    assert (legs_s != legs_s.T).any()
    assert (gap_s >= legs_s).all()
    assert len(windows_s) == 0
