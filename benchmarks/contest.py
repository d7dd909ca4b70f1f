"""Engines against each other on the same instances: each run judged, each row kept as soon as it is there."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.choices import BUDGETLESS, DETERMINISTIC
from benchmarks.engines import Engines, Judged
from benchmarks.ledger import Ledger, Row, gap_to
from benchmarks.stating import unstated
from routing.types import Problem


@dataclass(frozen=True, slots=True)
class Instance:
    """A problem with a name and, where somebody published one, what its plans are measured by.

    Parameters
    ----------
    about : kept in F.json: class, size, seconds that its matrix took
    reference, reference_kind : of the objective; for ``by_travel`` of the travel
    proven : no plan can be better
    """

    name: str
    problem: Problem
    about: dict[str, Any] = field(default_factory=dict)
    reference: int | None = None
    reference_kind: str | None = None
    by_travel: bool = False
    proven: bool = False


class Opening(Protocol):
    """An instance that is made when it is needed."""

    def __call__(self) -> Instance:
        """Give it."""
        ...


@dataclass(frozen=True, slots=True)
class Effort:
    """How often and how long each engine is run."""

    engines: Sequence[str]
    seeds: Sequence[int]
    budgets_s: Sequence[float]
    n_cores: int = 1


def compete(
    instances: Iterable[tuple[str, Opening]],
    effort: Effort,
    engines: Engines,
    ledger: Ledger,
    tell: Callable[[Row, str], None],
) -> None:
    """Run what is not in the ledger yet.

    Parameters
    ----------
    instances : names, and how to make them
    tell : told of each row, and why there is no plan, or ""
    """
    for name, opening in instances:
        runs = [run for run in _runs(name, effort) if not ledger.has(*run)]
        if not runs:
            continue
        instance = opening()
        ledger.instances[name] = instance.about
        able = {engine: _able(instance, engine, ledger) for engine in effort.engines}
        for _, engine, seed, n_cores, budget_s in runs:
            if able[engine]:
                found = engines.run(engine, instance.problem, budget_s, seed)
                ledger.peers |= engines.versions
                row = _row(instance, (name, engine, seed, n_cores, budget_s), found)
                ledger.add(row)
                tell(ledger.rows[-1], found.failure)


def _runs(name: str, effort: Effort) -> list[tuple[str, str, int, int, float]]:
    """Keys of the rows that are due, each once: who takes no seed or no budget runs once for all of them."""
    due: dict[tuple[str, str, int, int, float], None] = {}
    for budget_s in effort.budgets_s:
        for seed in effort.seeds:
            for engine in effort.engines:
                spent_s = 0.0 if engine in BUDGETLESS else budget_s
                from_seed = effort.seeds[0] if engine in DETERMINISTIC else seed
                due[name, engine, from_seed, effort.n_cores, spent_s] = None
    return list(due)


def _able(instance: Instance, engine: str, ledger: Ledger) -> bool:
    limits, prices = unstated(instance.problem, engine)
    if limits:
        ledger.note(f"{engine} cannot state {', '.join(limits)}: it sits out where a problem has them")
        return False
    if prices:
        ledger.note(f"{engine} is not told of {', '.join(prices)}: the judge prices them all the same")
    return True


def _row(instance: Instance, key: tuple[str, str, int, int, float], found: Judged) -> Row:
    plan = found.plan
    objective = None if plan is None else plan.objective.total
    travel = None if plan is None else plan.objective.travel
    name, engine, seed, n_cores, budget_s = key
    measured = travel if instance.by_travel else objective
    # A published best serves everybody: beside it, a plan that does not is none.
    whole = not found.violations and plan is not None and not (plan.unassigned and instance.reference)
    return Row(
        instance=name,
        engine=engine,
        seed=seed,
        cores=n_cores,
        budget_s=budget_s,
        wall_s=round(found.wall_s, 3),
        cpu_s=round(found.cpu_s, 3),
        objective=objective,
        travel=travel,
        n_routes=0 if plan is None else len(plan.routes),
        reference=instance.reference,
        reference_kind=instance.reference_kind,
        gap=gap_to(measured, instance.reference) if whole else None,
        n_unassigned=len(instance.problem.stops) if plan is None else len(plan.unassigned),
        violations=found.violations,
    )
