"""From what somebody typed to a suite under way: which instances, how long, in how many lanes."""

import argparse
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from benchmarks import http_load, proximity, screen, sets
from benchmarks.ablation import (
    MORE_SEEDS,
    ablation_instances,
    ablation_names,
    engines_on,
    tell_ablation,
    write_ablation,
)
from benchmarks.ablation_parts import WHOLE
from benchmarks.arguments import ENGINES_USUAL
from benchmarks.choices import BadChoice, budgets_of, chosen, engines_of, seeds_of
from benchmarks.contest import Effort, Opening, compete
from benchmarks.engines import Engines
from benchmarks.explain import CASES as EXPLAIN_CASES
from benchmarks.explain import explain_names, run_explain, tell_explain
from benchmarks.field import field_instances, field_names
from benchmarks.growth import figures, tell_growth, write_growth
from benchmarks.lanes import lanes_of
from benchmarks.ledger import Ledger
from benchmarks.live import CASES as LIVE_CASES
from benchmarks.live import run_live, tell_live
from benchmarks.plots import write_plots
from benchmarks.replan import run_replan, tell_replan
from benchmarks.solver import impossible, solver_instances, solver_names
from benchmarks.tours import CASES as TOURS_CASES
from benchmarks.tours import run_tours, tell_tours
from benchmarks.vroom import CASES as VROOM_CASES
from benchmarks.vroom import run_vroom, tell_vroom, vroom_names

BUDGETS_S = {"live": "10", "replan": "5", "vroom": "3"}
"""Of suites whose instances are all given the same."""

IN_LANES = ("field", "solver", "growth", "ablation", "vroom")
"""Suites that run in processes of their own, side by side if they are told to."""

type Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Run:
    """The arguments of ``run``, read.

    Parameters
    ----------
    which : the set, None where nobody named one
    effort : for all instances; its budgets are none where the set decides
    """

    suite: str
    data: Path | None
    instances: str | None
    which: str | None
    effort: Effort
    n_lanes: int
    cases: int
    home: Path
    options: argparse.Namespace

    @classmethod
    def of(cls, given: argparse.Namespace, home: Path) -> "Run":
        """Read what was typed.

        Raises
        ------
        BadChoice : it cannot be measured
        """
        suite, which = given.suite, given.which
        usual = ENGINES_USUAL[suite]
        asked = engines_of(given.engines, usual) if given.engines else usual[:2] if suite == "vroom" else usual
        if given.parallel > 1 and suite not in IN_LANES:
            raise BadChoice(f"--parallel: suite {suite} measures one thing at a time; leave it out")
        budgets = given.budget_s or BUDGETS_S.get(suite)
        effort = Effort(
            asked,
            seeds_of(given.seeds or sets.seeds_in(suite, which or "smoke")),
            budgets_of(budgets) if budgets else (),
            given.cores,
        )
        return cls(suite, given.data, given.instances, which, effort, given.parallel, given.cases, home, given)

    def names(self, known: list[str], of_set: Callable[[str, list[str]], list[str]]) -> list[str]:
        """The instances that are meant: those of a set, and of those that are named."""
        if self.which is None and self.instances is not None:
            return chosen(known, self.instances)
        return chosen(of_set(self.which or "smoke", known), self.instances)

    def effort_on(self, budgets: Callable[[str, str], sets.Budgets]) -> Callable[[str], Effort]:
        """How much is done on an instance: what was typed, else what the set says."""

        def of(name: str) -> Effort:
            engines = self.effort.engines
            more_seeds = {}
            if self.suite == "ablation":
                engines, more_seeds = engines_on(name, tuple(engines)), {WHOLE: MORE_SEEDS}
            effort = replace(self.effort, engines=engines, more_seeds=more_seeds)
            if effort.budgets_s:
                return effort
            found = budgets(self.which or "smoke", name)
            return replace(effort, budgets_s=found[""], own_budgets_s=found)

        return of


def measured(run: Run, ledger: Ledger, console: Console, errors: Console) -> int:
    """Run a suite, say what it found; 0, or 1 when something is wrong with a figure."""

    def tell(text: str) -> None:
        errors.print(f"· {text}", markup=False, highlight=False, soft_wrap=True)

    suites = {"explain": _explain, "vroom": _vroom, "proximity": _proximity, "http": _http, "tours": _tours}
    if run.suite in suites:
        status = suites[run.suite](run, ledger, tell)
    elif run.suite in ("live", "replan"):
        status = _live(run, ledger, tell)
    else:
        status = _contest(run, ledger, errors, tell)
    shown(ledger, console)
    return status


def shown(ledger: Ledger, console: Console) -> None:
    """Say on a terminal what a suite has found."""
    tellers = {
        "explain": tell_explain,
        "vroom": tell_vroom,
        "proximity": proximity.tell_proximity,
        "http": http_load.tell_http,
        "live": tell_live,
        "replan": tell_replan,
        "tours": tell_tours,
        "growth": tell_growth,
        "ablation": tell_ablation,
    }
    tellers.get(ledger.suite, screen.tables)(ledger, console)


def write_pictures(ledger: Ledger, folder: Path) -> list[Path]:
    """Draw what a suite has found; returns the files. The folder is made."""
    writers = {
        "proximity": proximity.write_pictures,
        "http": http_load.write_pictures,
        "growth": write_growth,
        "ablation": write_ablation,
    }
    return writers.get(ledger.suite, write_plots)(ledger, folder)


def _explain(run: Run, ledger: Ledger, tell: Tell) -> int:
    return run_explain(chosen(explain_names(run.cases or EXPLAIN_CASES), run.instances), ledger, tell)


def _tours(run: Run, ledger: Ledger, tell: Tell) -> int:
    return run_tours(run.cases or TOURS_CASES, run.effort.seeds, ledger, tell)


def _vroom(run: Run, ledger: Ledger, tell: Tell) -> int:
    names = chosen(vroom_names(run.cases or VROOM_CASES), run.instances)
    return run_vroom(names, run.effort, run.home, ledger, tell, lanes_of(run.n_lanes, run.effort.n_cores))


def _proximity(run: Run, ledger: Ledger, tell: Tell) -> int:
    names = proximity.proximity_names(proximity.sizes_of(run.options.sizes), run.options.metros)
    asked = proximity.Asked(
        chosen(names, run.instances),
        run.effort.engines,
        run.effort.seeds[0],
        run.options.metros,
        run.cases or proximity.CASES,
        run.options.seconds or proximity.MOVING_S,
        run.home,
        os.environ,
    )
    return proximity.run_proximity(asked, ledger, tell)


def _http(run: Run, ledger: Ledger, tell: Tell) -> int:
    asked = http_load.asked(
        url=run.options.url,
        region=run.options.region,
        endpoints=run.instances,
        rates=run.options.rates,
        seconds=run.options.seconds or http_load.SECONDS,
        seed=run.effort.seeds[0],
        home=run.home,
        environ=os.environ,
    )
    return http_load.run_http(asked, ledger, tell)


def _live(run: Run, ledger: Ledger, tell: Tell) -> int:
    of_set = sets.live_set if run.suite == "live" else sets.replan_set
    days = field_instances(run.names(field_names(run.data), of_set), run.data, run.home, tell)
    budget_s, seed = run.effort.budgets_s[0], run.effort.seeds[0]
    if run.suite == "live":
        return run_live(days, run.cases or LIVE_CASES, budget_s, seed, ledger, tell)
    return run_replan(days, budget_s, seed, ledger, tell)


def _instances(run: Run, tell: Tell) -> tuple[Iterable[tuple[str, Opening]], Callable[[str, str], sets.Budgets]]:
    if run.suite == "solver":
        names = run.names(solver_names(run.data), sets.solver_set)
        return solver_instances(names, run.data or Path()), sets.solver_budgets
    if run.suite == "ablation":
        names = run.names(ablation_names(run.data), sets.ablation_set)
        return ablation_instances(names, run.data, run.home, tell), sets.ablation_budgets
    growing = run.suite == "growth"
    names = run.names(field_names(run.data), sets.growth_set if growing else sets.field_set)
    of = sets.growth_budgets if growing else sets.field_budgets
    return field_instances(names, run.data, run.home, tell), of


def _contest(run: Run, ledger: Ledger, errors: Console, tell: Tell) -> int:
    instances, budgets = _instances(run, tell)
    engines = Engines(run.home, tell)
    compete(
        instances,
        run.effort_on(budgets),
        engines,
        ledger,
        lambda row, why, remaining: screen.told(row, why, errors, remaining),
        lanes_of(run.n_lanes, run.effort.n_cores),
    )
    if run.suite == "growth":
        ledger.found["growth"] = figures(ledger)
    wrong = impossible(ledger)
    wrong += [
        f"the judge refuses {row.engine} on {row.instance}, seed {row.seed}"
        for row in ledger.rows
        if row.violations and not row.engine.startswith(("vroom", "pyvrp", "ortools"))
    ]
    for said in wrong:
        errors.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
    return 1 if wrong else 0
