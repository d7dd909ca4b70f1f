"""Suite live: urgent jobs into days under way, each placed or refused, every plan and every reason judged.

The days are those of suite field, planned first and then taken at eleven: what has begun is frozen. Urgent jobs are
copies of jobs of the day at one, two or five times the usual price, every second one with a window of 5 to 40 minutes; each is
tried on the same day, which stays as it was. A refusal counts as confirmed when its first change, made in the whole
problem, gives a plan that the judge accepts and that is cheaper than leaving the job out.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.contest import Opening
from benchmarks.explain_checks import WITHOUT_REMEDY, applied
from benchmarks.ledger import Ledger
from benchmarks.remaining import Remaining
from routing.arrays import arrays_of
from routing.check import cost, violations
from routing.live.day import LiveDay
from routing.live.insert import Inserted, insert
from routing.live.under_way import under_way
from routing.orders import Orders
from routing.plans import plan_of
from routing.solver import solve
from routing.types import Problem, Stop, Window

CASES = 200
URGENT_COSTS = (10_800, 21_600, 54_000)
"""Prices that urgent jobs take turns at: for an ordinary one nothing can give way, for a dear one nearly anything."""

NOW_S = 11 * 3600
"""When the jobs come in: a third of the day is behind the people, and lunch before most of them."""

EXPECTED_S = 60.0
"""What a day takes until one has told: roads, a plan, and 200 jobs each shown to the judge."""

STEPS = ("place", "eviction", "search", "timetable", "judge", "reason")
AS_FAR_AS = {"scan": 1, "scan to eviction": 2, "scan to search": 3, "answer, no reason asked": 5, "refusal": 6}
"""What is added up of a job's steps, for jobs that came so far: the first three are the search for a place."""


def run_live(
    instances: Iterable[tuple[str, Opening]],
    n_cases: int,
    budget_s: float,
    seed: int,
    ledger: Ledger,
    tell: Callable[[str], None],
) -> int:
    """Try urgent jobs on each day that is not in the ledger; 0 when each was placed or refused for a reason, else 1."""
    found: dict[str, Any] = ledger.found.setdefault("live", {})
    due = [(name, opening) for name, opening in instances if name not in found]
    remaining = Remaining([(name, "", seed, 1, EXPECTED_S) for name, _ in due])
    for name, opening in due:
        tell(f"{name}: {n_cases} urgent jobs; {remaining.says()}")
        began_s = time.monotonic()
        found[name] = measured(opening().problem, n_cases, budget_s, seed)
        ledger.write()
        remaining.found((name, "", seed, 1, EXPECTED_S), time.monotonic() - began_s)
    return 1 if any(one["n_wrong"] for one in found.values()) else 0


def measured(problem: Problem, n_cases: int, budget_s: float, seed: int) -> dict[str, Any]:
    """Figures of one day: how often what became of a job, milliseconds of each step, and how many answers are wrong."""
    rng = np.random.default_rng([seed, 11])
    urgent = [_urgent(rng, problem, number) for number in range(n_cases)]
    plan = solve(problem, limit_s=budget_s, seed=seed)
    whole = replace(problem, stops=(*problem.stops, *urgent))
    names = [stop.id for stop in urgent]
    whole, running = under_way(whole, plan, NOW_S)
    day = LiveDay(whole, running, seed=seed)
    told = [insert(day, name, commit=False) for name in names]
    steps = {step: [1000 * one.seconds[step] for one in told if step in one.seconds] for step in STEPS}
    for name, n_steps in AS_FAR_AS.items():
        last = STEPS[n_steps - 1]
        steps[name] = [
            1000 * sum(one.seconds.get(step, 0.0) for step in STEPS[:n_steps]) for one in told if last in one.seconds
        ]
    return {
        "n_stops": len(problem.stops),
        "n_vehicles": len(problem.vehicles),
        "unstated": day.unstated,
        "how": dict(Counter(one.how for one in told)),
        "n_evicted": sum(len(one.evicted) for one in told),
        "n_frozen": sum(len(vehicle.frozen) for vehicle in whole.vehicles),
        "n_confirmed": sum(_is_confirmed(day, one) for one in told),
        "n_moved": sum(len(one.moved) for one in told),
        "n_wrong": sum(_is_wrong(whole, day, one) for one in told),
        "ms": {
            step: {"n": len(took), "p50": _percentile(took, 50), "p99": _percentile(took, 99)}
            for step, took in steps.items()
            if took
        },
    }


def tell_live(ledger: Ledger, console: Console) -> None:
    """What became of the jobs, and what each step took."""
    for name, one in ledger.found.get("live", {}).items():
        ways = ", ".join(f"{how} {n}" for how, n in sorted(one["how"].items()))
        console.print(f"{name}: {ways}; {one['n_evicted']} evicted, {one['n_wrong']} wrong", highlight=False)
        console.print(f"{one['n_confirmed']} of {one['how'].get('refused', 0)} refusals confirmed", highlight=False)
        table = Table(box=None)
        table.add_column("step")
        for heading in ("times", "p50 ms", "p99 ms"):
            table.add_column(heading, justify="right")
        for step, took in one["ms"].items():
            table.add_row(step, str(took["n"]), f"{took['p50']:.3f}", f"{took['p99']:.3f}")
        console.print(table)


def _urgent(rng: np.random.Generator, problem: Problem, number: int) -> Stop:
    like = problem.stops[int(rng.integers(len(problem.stops)))]
    opens_s = NOW_S + 60 * int(rng.integers(0, 300))
    window = Window(opens_s, opens_s + 60 * int(rng.integers(5, 41)))
    windows = (window,) if number % 2 else ()
    return replace(like, id=f"urgent{number:03}", windows=windows, unserved_cost=URGENT_COSTS[number // 2 % 3])


def _is_wrong(problem: Problem, day: LiveDay, told: Inserted) -> bool:
    """Whether the judge refuses a plan with the job, or a refusal is not confirmed."""
    if told.how == "refused":
        return not _is_confirmed(day, told)
    return bool(violations(problem, told.plan)) or told.plan.objective.total >= day.plan.objective.total


def _is_confirmed(day: LiveDay, told: Inserted) -> bool:
    """Whether a job was refused for a reason that holds: its first change is enough, or no change can help."""
    if told.reason is None:
        return False
    if not told.reason.changes:
        return told.reason.code in WITHOUT_REMEDY
    change, stop = told.reason.changes[0], day.stop_at[told.stop]
    changed = applied(day.problem, stop, change)
    arrays = arrays_of(changed)
    who = next(v for v, vehicle in enumerate(changed.vehicles) if vehicle.id == change.vehicle)
    orders = Orders(arrays, [*day.orders, *([] for _ in changed.vehicles[len(day.orders) :])])
    found = orders.cheapest(stop, [who])
    if found is None:
        return False
    orders.insert(stop, found)
    plan = plan_of(arrays, orders.orders)
    return not violations(changed, plan) and plan.objective.total < cost(changed, day.plan).total


def _percentile(values: list[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 4)
