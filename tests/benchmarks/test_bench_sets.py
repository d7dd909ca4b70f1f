"""What is run when nobody says otherwise."""

import itertools
import os

import pytest

from benchmarks import sets
from benchmarks.ablation import engines_on
from benchmarks.ablation_parts import DAY_PARTS, FLEET_PARTS, PARTS
from benchmarks.choices import ENGINES, BadChoice
from benchmarks.contest import Effort
from benchmarks.field import field_names
from benchmarks.lanes import in_lanes, lanes_of
from benchmarks.vroom import shares

PUBLISHED = [
    *(f"solomon/{kind}{number}.txt" for kind in ("C1", "C2", "R1", "R2", "RC1", "RC2") for number in range(11, 16)),
    *(f"homberger_200/{kind}_2_{number}.txt" for kind in ("c1", "rc2") for number in range(1, 6)),
    *(f"li_lim_100/l{kind}0{number}.txt" for kind in ("c1", "r2") for number in range(1, 6)),
    *(f"MDVRPTW/PR{number}A.vrp" for number in range(11, 16)),
]
STARTING_S = 2.0
"""Seconds that a process takes beside its budget."""


def seconds_of(names, budgets, engines):
    """What a set takes at most, VROOM's 60 s aside where it needs a tenth of them."""
    total_s = 0.0
    for name in names:
        own = budgets("smoke", name)
        for _, engine, _, _, budget_s in Effort(engines, (1,), own[""], 1, own).runs(name):
            total_s += min(budget_s, 6.0) if engine.startswith("vroom") and budget_s == 60.0 else budget_s
            total_s += STARTING_S
    return total_s


def test_every_smoke_set_takes_25_minutes_at_most():
    days = field_names(None)
    took = {
        "field": seconds_of(sets.field_set("smoke", days), sets.field_budgets, ENGINES),
        "solver": seconds_of(sets.solver_set("smoke", PUBLISHED), sets.solver_budgets, ENGINES),
        "growth": seconds_of(sets.growth_set("smoke", days), sets.growth_budgets, ("trades",)),
        "ablation": sum(
            seconds_of([name], sets.ablation_budgets, engines_on(name, ("trades", *PARTS)))
            for name in sets.ablation_set("smoke", [*days, *PUBLISHED])
        ),
    }
    assert {suite: s for suite, s in took.items() if s > 25 * 60} == {}
    assert min(took.values()) > 60


def test_no_set_runs_a_day_that_settings_are_tried_on():
    assert not set(sets.TUNING_SEEDS) & set(sets.TEST_SEEDS)
    seeds = {sets.day_of(name).seed for name in field_names(None)}
    assert seeds == set(sets.TEST_SEEDS)


def test_the_whole_field_has_three_days_of_each_size_with_breaks_and_without():
    days = [sets.day_of(name) for name in sets.field_set("whole", field_names(None))]
    kinds = {(day.n_jobs, day.has_breaks) for day in days}
    assert kinds == {(n_jobs, breaks) for n_jobs in (50, 200, 1000, 3000) for breaks in (False, True)}
    assert len(days) == 3 * len(kinds)


def test_days_of_files_are_in_the_smoke_set_when_they_are_small():
    names = ["helsinki_monday", "baltimore_60x12", "columbus_1000x100"]
    assert sets.field_set("smoke", names) == names[:2]
    assert sets.field_set("whole", names) == names


def test_promises_are_counted_over_ten_days_of_two_sizes():
    names = sets.replan_set("whole", field_names(None))
    assert len(names) == 20
    assert {sets.day_of(name).n_jobs for name in names} == {200, 1000}
    assert sum(sets.day_of(name).has_breaks for name in names) == 10
    assert len(sets.replan_set("smoke", field_names(None))) == 4


def test_smoke_takes_a_few_of_every_published_class_and_whole_takes_all():
    few = sets.solver_set("smoke", PUBLISHED)
    kinds = [sets.kind_of(name) for name in few]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        **dict.fromkeys(("C1", "C2", "R1", "R2", "RC1", "RC2", "Li-Lim", "MDVRPTW"), 3),
        "GH-200": 4,
    }
    assert sets.solver_set("whole", PUBLISHED) == PUBLISHED


def test_growth_gives_every_size_the_same_seconds_a_job_and_halves_them():
    for name in ("a_200x20_101", "a_3000x300_101"):
        ladder = sets.growth_budgets("whole", name)[""]
        assert ladder[-1] == pytest.approx(0.04 * sets.day_of(name).n_jobs)
        assert [b / a for a, b in itertools.pairwise(ladder)] == pytest.approx([2.0] * 4)


def test_parts_are_measured_where_the_search_has_them():
    asked = ("trades", *PARTS)
    assert set(engines_on("a_200x20_101", asked)) == {"trades", *DAY_PARTS}
    assert set(engines_on("c1_2_1", asked)) == {"trades", *FLEET_PARTS}
    assert engines_on("c1_2_1", ("no-own-tail", "heat-x2")) == ("all", "no-own-tail")


def test_lanes_have_cores_of_their_own():
    allowed = sorted(os.sched_getaffinity(0))
    one = lanes_of(1, 1)
    assert one == [(allowed[-1],)]
    with pytest.raises(BadChoice, match=f"there are {len(allowed)}"):
        lanes_of(len(allowed) + 1, 1)


def test_an_error_in_a_lane_reaches_whoever_waits():
    done = []

    def work(item, _):
        if item == 3:
            raise BadChoice("three is one too many")
        done.append(item)

    with pytest.raises(BadChoice, match="one too many"):
        in_lanes(range(10), [None, None], work)
    in_lanes(range(3), [None], work)
    assert done[-3:] == [0, 1, 2]
    assert 9 not in done


def test_cases_are_counted_by_size():
    cases = {
        "vroom_80_2": {"verdict": "better", "why": "cost"},
        "vroom_20_1": {"verdict": "equal", "why": ""},
        "vroom_80_1": {"verdict": "worse", "why": "priority"},
    }
    assert shares(cases) == {
        "20": {"equal": 1},
        "80": {"worse": 1, "worse_priority": 1, "better": 1, "better_cost": 1},
    }
