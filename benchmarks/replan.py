"""Suite replan: a job is cancelled, and the day is planned again with a price per moved promise, and without.

Both begin at the plan in force, with the same seed and budget. Objectives are those of the day itself, promises aside.
The plan in force is made with ``PLANNED`` times that budget, as on the evening before.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from statistics import fmean
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.contest import Opening
from benchmarks.ledger import Ledger
from benchmarks.remaining import Remaining
from routing.check import violations
from routing.live.promises import moved_promises
from routing.live.replan import POINTS_EACH, replan
from routing.solver import solve
from routing.types import Problem

PLANNED = 3
"""How many times the budget the plan in force had. With no more than that, planning freely gains most by going on with what
there was no time for (up to 2.9 % at 200 x 20, with twice as much); with six times as much it finds little to gain."""

MOST_MOVED, LEAST_MOVED_FREE, MOST_DEARER = 0.03, 0.20, 0.02
"""What is asked of a price: it holds promises that would not hold by themselves, and the day costs hardly more."""

EXPECTED_S = 30.0
"""What a day takes until one has told: roads, and four times the budget."""


def run_replan(
    instances: Iterable[tuple[str, Opening]], budget_s: float, seed: int, ledger: Ledger, tell: Callable[[str], None]
) -> int:
    """Cancel a job on each day that is not in the ledger; 1 when the judge refuses a plan, else 0."""
    found: dict[str, Any] = ledger.found.setdefault("replan", {})
    due = [(name, opening) for name, opening in instances if name not in found]
    remaining = Remaining([(name, "", seed, 1, EXPECTED_S) for name, _ in due])
    for name, opening in due:
        tell(f"{name}; {remaining.says()}")
        began_s = time.monotonic()
        found[name] = measured(opening().problem, budget_s, seed)
        ledger.write()
        remaining.found((name, "", seed, 1, EXPECTED_S), time.monotonic() - began_s)
    return 1 if any(one["n_violations"] for one in found.values()) else 0


def measured(problem: Problem, budget_s: float, seed: int) -> dict[str, Any]:
    """Shares of promises that move at a price and without, and both objectives."""
    plan = solve(problem, limit_s=PLANNED * budget_s, seed=seed)
    served = [visit.stop_id for route in plan.routes for visit in route.visits]
    gone = served[int(np.random.default_rng([seed, 13]).integers(len(served)))]
    then = replace(problem, stops=tuple(stop for stop in problem.stops if stop.id != gone))
    kept, free = (replan(then, plan, points_each=points, limit_s=budget_s, seed=seed) for points in (POINTS_EACH, 0))
    shares = [len(moved_promises(problem, plan, found)) / max(1, len(served) - 1) for found in (kept, free)]
    return {
        "n_promises": len(served) - 1,
        "moved": round(shares[0], 4),
        "moved_free": round(shares[1], 4),
        "objective": kept.objective.total,
        "objective_free": free.objective.total,
        "n_violations": sum(len(violations(then, found)) for found in (kept, free)),
    }


def tell_replan(ledger: Ledger, console: Console) -> None:
    """A line a day."""
    table = Table(box=None)
    table.add_column("day")
    for heading in ("promises", "moved %", "free %", "objective", "to free %"):
        table.add_column(heading, justify="right")
    classes: dict[str, list[tuple[float, float, float]]] = {}
    for name, one in ledger.found.get("replan", {}).items():
        dearer = one["objective"] / one["objective_free"] - 1
        moved = (f"{100 * one[key]:.1f}" for key in ("moved", "moved_free"))
        table.add_row(name, str(one["n_promises"]), *moved, f"{one['objective']:,}", f"{100 * dearer:+.2f}")
        classes.setdefault(name.rpartition("_")[0], []).append((one["moved"], one["moved_free"], dearer))
    console.print(table)
    for name, days in classes.items():
        n_held = sum(
            moved <= MOST_MOVED and free >= LEAST_MOVED_FREE and dearer <= MOST_DEARER for moved, free, dearer in days
        )
        means = [fmean(column) for column in zip(*days, strict=True)]
        console.print(
            f"{name}: on average {means[0]:.1%} move at the price and {means[1]:.0%} without, for {means[2]:+.2%}; on {n_held} of "
            f"{len(days)} days at most {MOST_MOVED:.0%}, at least {LEAST_MOVED_FREE:.0%}, and at most {MOST_DEARER:.0%} more",
            highlight=False,
        )
