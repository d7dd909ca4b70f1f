"""Suites live and replan on a small day: every urgent job has an answer, and promises are counted."""

import io

import numpy as np
import pytest
from rich.console import Console

from benchmarks.contest import Instance
from benchmarks.field import field_names
from benchmarks.field_days import field_day
from benchmarks.ledger import Ledger
from benchmarks.live import measured, run_live, tell_live
from benchmarks.replan import run_replan, tell_replan
from benchmarks.sets import replan_set
from routing.types import Matrix


@pytest.fixture(scope="module")
def day():
    rng = np.random.default_rng(3)
    xy = rng.uniform(0, 2500, (46, 2))
    duration_s = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)).astype(np.int64)
    return field_day(Matrix(duration_s, duration_s * 10), 40, 6, 1, with_breaks=True)


def said(tell, ledger):
    screen = io.StringIO()
    tell(ledger, Console(file=screen, width=80))
    return screen.getvalue()


def test_every_urgent_job_is_placed_or_refused_and_none_wrongly(day):
    found = measured(day, 12, 0.2, 1)
    assert sum(found["how"].values()) == 12
    assert found["n_wrong"] == 0
    assert found["n_frozen"] > 0
    assert found["n_confirmed"] == found["how"].get("refused", 0) > 0
    assert found["ms"]["place"]["n"] == found["ms"]["scan"]["n"] == 12
    assert found["ms"]["scan to search"]["n"] == found["ms"]["search"]["n"]
    assert found["ms"]["refusal"]["n"] == found["how"]["refused"]


def test_a_day_in_the_ledger_is_not_tried_again(day):
    ledger, opened = Ledger("live"), []

    def opening():
        opened.append(1)
        return Instance("small", day)

    for _ in range(2):
        assert run_live([("small", opening)], 2, 0.1, 1, ledger, lambda _: None) == 0
    assert opened == [1]
    assert "small:" in said(tell_live, ledger)


def test_a_cancellation_is_counted_with_a_price_and_without(day):
    ledger = Ledger("replan")
    assert run_replan([("small", lambda: Instance("small", day))], 0.2, 1, ledger, lambda _: None) == 0
    found = ledger.found["replan"]["small"]
    assert 0 <= found["moved"] <= found["moved_free"] + 0.2
    assert found["n_violations"] == 0
    ledger.found["replan"] = {"town_40x6_1": found, "town_40x6_2": found | {"moved": 0.04}}
    assert "town_40x6: " in said(tell_replan, ledger)


def test_there_are_ten_days_to_plan_again_of_each_size():
    names = replan_set("whole", field_names(None))
    assert len(set(names)) == len(names) == 20
    assert sum("_1000x100_" in name for name in names) == sum(name.endswith("b") for name in names) == 10
