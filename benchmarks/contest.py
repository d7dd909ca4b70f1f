"""Engines against each other on the same instances: each run judged, each row kept as soon as it is there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.choices import BUDGETLESS, DETERMINISTIC
from benchmarks.engines import Engines, Judged
from benchmarks.lanes import Cores, in_lanes
from benchmarks.ledger import Ledger, Row, gap_to
from benchmarks.remaining import Key, Remaining
from benchmarks.stating import STATES, unstated
from routing.types import Problem

BUSY_SHARE = 0.7
"""Of its seconds, what a search of ours computes at least on a machine that has nothing else to do."""

BUSY = "the machine was busy: some searches had less than 70 % of a core"
PIN_LOST = "this system lets processes off the core they are pinned to: one core each, but not always the same"


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
    """How often and how long each engine is run on an instance.

    Parameters
    ----------
    budgets_s : of every engine that has none of its own
    own_budgets_s : of some engines
    more_seeds : of some engines, beside those of all
    n_cores : cores of each measurement
    """

    engines: Sequence[str]
    seeds: Sequence[int]
    budgets_s: Sequence[float]
    n_cores: int = 1
    own_budgets_s: Mapping[str, Sequence[float]] = field(default_factory=dict)
    more_seeds: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def runs(self, name: str) -> list[Key]:
        """Keys of the rows of an instance, each once: who takes no seed or no budget runs once for all of them."""
        due: dict[Key, None] = {}
        for engine in self.engines:
            for budget_s in self.own_budgets_s.get(engine, self.budgets_s):
                for seed in (*self.seeds, *self.more_seeds.get(engine, ())):
                    spent_s = 0.0 if engine in BUDGETLESS else budget_s
                    from_seed = self.seeds[0] if engine in DETERMINISTIC else seed
                    due[name, engine, from_seed, self.n_cores, spent_s] = None
        return list(due)


def compete(
    instances: Iterable[tuple[str, Opening]],
    effort_on: Callable[[str], Effort],
    engines: Engines,
    ledger: Ledger,
    tell: Callable[[Row, str, Remaining], None],
    lanes: Sequence[Cores] = (None,),
) -> None:
    """Run what is not in the ledger yet.

    Parameters
    ----------
    instances : names, and how to make them
    effort_on : how much to do on an instance, by its name
    tell : told of each row, why there is no plan, or "", and what is still to come
    lanes : cores of as many instances as are measured at once
    """
    openings = dict(instances)
    due = {name: [run for run in effort_on(name).runs(name) if not ledger.has(*run)] for name in openings}
    due = {name: runs for name, runs in due.items() if runs}
    if not due:
        return
    n_cores = effort_on(next(iter(due))).n_cores
    if len(lanes) > 1:
        ledger.note(f"{len(lanes)} measurements ran side by side, each on {n_cores} of the cores: they share caches")
    remaining = Remaining([run for runs in due.values() for run in runs], len(lanes))

    def measure(name: str, cores: Cores) -> None:
        instance = openings[name]()
        ledger.instances[name] = instance.about
        able = {engine: _able(instance, engine, ledger) for engine in dict.fromkeys(run[1] for run in due[name])}
        for key in due[name]:
            _, engine, seed, _, budget_s = key
            if not able[engine]:
                remaining.dropped(key)
                continue
            found = engines.run(engine, instance.problem, budget_s, seed, cores, n_cores)
            ledger.peers |= engines.versions
            if not found.pin_held:
                ledger.note(PIN_LOST)
            if found.iterations and found.cpu_s < BUSY_SHARE * found.wall_s:
                ledger.note(BUSY)
            row = row_of(instance, key, found)
            ledger.add(row)
            remaining.found(key, row.wall_s)
            told = next(one for one in ledger.rows if one.key == key)
            tell(told, found.failure, remaining)

    in_lanes(due, lanes, measure)


def _able(instance: Instance, engine: str, ledger: Ledger) -> bool:
    if engine not in STATES:
        return True
    limits, prices = unstated(instance.problem, engine)
    if limits:
        ledger.note(f"{engine} cannot state {', '.join(limits)}: it sits out where a problem has them")
        return False
    if prices:
        ledger.note(f"{engine} is not told of {', '.join(prices)}: the judge prices them all the same")
    return True


def row_of(instance: Instance, key: Key, found: Judged) -> Row:
    """What is kept of a measurement."""
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
        iterations=found.iterations,
    )
