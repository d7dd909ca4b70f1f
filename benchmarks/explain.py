"""Suite explain: over-full random days, planned, explained, and every explanation checked by code that gave none.

F.json gets a row a day (engine ``trades-nosearch``: what is in force is a plan by insertion) and ``explain``: how many
changes of each kind were offered, how many failed and how, and the seconds of each phase.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.explain_checks import Case, Failure
from benchmarks.explain_days import random_day
from benchmarks.ledger import Ledger, Row
from routing.check import violations
from routing.explain import why_left_out
from routing.solver import solve

ENGINE = "trades-nosearch"
CASES = 1000
EVERY = 25
"""Days between two writings of the file."""

MOST_FAILURES_KEPT = 200


def explain_names(n_cases: int) -> list[str]:
    """Names of the days."""
    return [f"day_{number}" for number in range(1, n_cases + 1)]


def run_explain(names: Sequence[str], ledger: Ledger, tell: Callable[[str], None]) -> int:
    """Explain and check each day that is not in the ledger; 0 when nothing was found wrong, else 1."""
    done = {row.instance for row in ledger.rows}
    for number, name in enumerate(names):
        if name in done:
            continue
        if number % EVERY == 0:
            tell(f"{name} of {len(names)}")
            ledger.write()
        _day(name, ledger)
    ledger.write()
    return 1 if _state(ledger)["n_failures"] or any(row.violations for row in ledger.rows) else 0


def tell_explain(ledger: Ledger, console: Console) -> None:
    """Kinds, failures and seconds."""
    state = _state(ledger)
    table = Table(box=None)
    table.add_column("kind of change")
    for heading in ("offered", "failed"):
        table.add_column(heading, justify="right")
    for kind in sorted(
        state["offered"].keys() | state["failed"].keys(), key=lambda kind: -state["offered"].get(kind, 0)
    ):
        table.add_row(kind, f"{state['offered'].get(kind, 0):,}", f"{state['failed'].get(kind, 0):,}")
    console.print(table)
    codes = ", ".join(f"{code} {count:,}" for code, count in sorted(state["codes"].items(), key=lambda item: -item[1]))
    console.print(f"{len(ledger.rows):,} days, {state['n_left_out']:,} jobs left out: {codes}", highlight=False)
    took = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in state["seconds"].items())
    console.print(f"took {took}", highlight=False)
    for failure in state["failures"][:20]:
        said = f"day {failure['day']}, {failure['stop']}, {failure['kind']}: {failure['what']}"
        console.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
    console.print(f"explain: {state['n_failures']} failures", highlight=False)


def _day(name: str, ledger: Ledger) -> None:
    state, day = _state(ledger), int(name.rpartition("_")[2])
    problem = random_day(day)
    began_s, cpu_s = time.perf_counter(), time.process_time()
    plan = solve(problem, iterations=0)
    planned_s = time.perf_counter()
    told = why_left_out(problem, plan)
    explained_s = time.perf_counter()
    wall_s, cpu_s = explained_s - began_s, time.process_time() - cpu_s
    offered, codes, failed = Counter(state["offered"]), Counter(state["codes"]), Counter(state["failed"])
    if [case.stop for case in told] != list(plan.unassigned):
        _keep(state, failed, Failure(day, "", "code", "not everybody who is left out is spoken of"))
    for case in told:
        codes[case.code] += 1
        offered.update(change.kind for change in case.changes)
        for failure in Case(day, problem, plan, case).failures():
            _keep(state, failed, failure)
    checked_s = time.perf_counter()
    state |= {"offered": dict(offered), "codes": dict(codes), "failed": dict(failed)}
    state["n_left_out"] += len(told)
    spent = {"plan": planned_s - began_s, "explain": explained_s - planned_s, "check": checked_s - explained_s}
    state["seconds"] = {phase: round(state["seconds"].get(phase, 0) + added, 3) for phase, added in spent.items()}
    ledger.found["explain"] = state
    ledger.rows.append(
        Row(
            instance=name,
            engine=ENGINE,
            seed=1,
            cores=1,
            budget_s=0.0,
            wall_s=round(wall_s, 3),
            cpu_s=round(cpu_s, 3),
            objective=plan.objective.total,
            travel=plan.objective.travel,
            n_routes=len(plan.routes),
            reference=None,
            reference_kind=None,
            gap=None,
            n_unassigned=len(plan.unassigned),
            violations=len(violations(problem, plan)),
        )
    )


def _keep(state: dict[str, Any], failed: Counter[str], failure: Failure) -> None:
    failed[failure.kind] += 1
    state["n_failures"] += 1
    if len(state["failures"]) < MOST_FAILURES_KEPT:
        state["failures"].append(asdict(failure))


def _state(ledger: Ledger) -> dict[str, Any]:
    """What has been counted so far; a fresh count for a fresh file."""
    fresh = {"n_left_out": 0, "offered": {}, "failed": {}, "codes": {}, "n_failures": 0, "failures": [], "seconds": {}}
    found: dict[str, Any] = ledger.found.setdefault("explain", fresh)
    return found
