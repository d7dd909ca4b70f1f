"""Two runs, measurement by measurement: which is better, whether that is more than chance, and whether to worry.

B has got worse when of one engine of ours, or of one figure of a suite without engines, more measurements are worse
than better, fair coins would be as one-sided in 5 of 100 trials at most (sign test), and the mean is worse as well;
and whenever the judge finds a violation in a plan of B where A had none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb
from statistics import fmean, median

from rich.console import Console
from rich.table import Table

from benchmarks.ledger import Ledger
from routing.errors import RoutingError

SIGNIFICANT = 0.05
"""Share of coin tosses that would look as one-sided; above, a verdict says that it may be chance."""


class NothingInCommonError(RoutingError):
    """Two runs that have measured nothing alike."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """One engine, or one figure, in both runs; less is better.

    Parameters
    ----------
    differences : of each pair, B's value less A's as a share of A's; below 0 B is better
    a_only, b_only : pairs of which only one run has an accepted plan
    n_broken : pairs in which B's plan breaks a limit and A's does not
    """

    engine: str
    differences: tuple[float, ...]
    a_only: int
    b_only: int
    n_broken: int = 0

    @property
    def better(self) -> int:
        """Pairs in which B is better."""
        return sum(difference < 0 for difference in self.differences) + self.b_only

    @property
    def worse(self) -> int:
        """Pairs in which B is worse."""
        return sum(difference > 0 for difference in self.differences) + self.a_only

    @property
    def equal(self) -> int:
        """Pairs without a difference."""
        return sum(difference == 0 for difference in self.differences)

    @property
    def mean(self) -> float:
        """Mean difference as a share; 0 without any."""
        return fmean(self.differences) if self.differences else 0.0

    @property
    def is_regression(self) -> bool:
        """Whether B is worse beyond noise; other people's engines never count."""
        if not self.engine.startswith(("trades", "figure ")):
            return False
        if self.n_broken:
            return True
        one_sided = self.worse > self.better and sign_test(self.better, self.worse) <= SIGNIFICANT
        return one_sided and (self.mean > 0 or not self.differences)

    def verdict(self) -> str:
        """One line: which run is better, by how much, and whether coins would do as well (sign test)."""
        broken = f"; {self.n_broken} plans of B break a limit" if self.n_broken else ""
        if not self.better and not self.worse:
            return f"{self.engine}: no difference in {self.equal} pairs{broken}"
        who = "B is better" if self.better > self.worse else "A is better" if self.worse > self.better else "a draw"
        p = sign_test(self.better, self.worse)
        sure = "" if p <= SIGNIFICANT else "; may be chance"
        return (
            f"{self.engine}: {who}, mean {100 * self.mean:+.3f} %, {self.better} better, {self.equal} equal, "
            f"{self.worse} worse (sign test p = {p:.3f}{sure}){broken}"
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """One measurement in both runs; None is no plan, or one that breaks a limit."""

    engine: str
    instance: str
    a: float | None
    b: float | None
    broken: bool = False


def pairings(a: Ledger, b: Ledger) -> list[Pairing]:
    """Of every engine and figure in both, the measurements of the same instance, seed, cores and budget."""
    pairs = list(_pairs(a, b))
    found = []
    for engine in dict.fromkeys(pair.engine for pair in pairs):
        of = [pair for pair in pairs if pair.engine == engine]
        found.append(
            Pairing(
                engine,
                tuple(_difference(pair.a, pair.b) for pair in of if pair.a is not None and pair.b is not None),
                sum(pair.a is not None and pair.b is None for pair in of),
                sum(pair.a is None and pair.b is not None for pair in of),
                sum(pair.broken for pair in of),
            )
        )
    return found


def sign_test(better: int, worse: int) -> float:
    """Probability that fair coins are as one-sided, two-sided."""
    n, least = better + worse, min(better, worse)
    return min(1.0, 2 * sum(comb(n, k) for k in range(least + 1)) / 2**n) if n else 1.0


def tell(a: Ledger, b: Ledger, console: Console) -> int:
    """A table by instance and engine, then a verdict per engine; 1 when B has got worse, else 0.

    Raises
    ------
    NothingInCommonError : no measurement is in both
    """
    groups: dict[tuple[str, str], list[_Pair]] = {}
    for pair in _pairs(a, b):
        groups.setdefault((pair.instance, pair.engine), []).append(pair)
    if not groups:
        raise NothingInCommonError("the two files have no measurement in common: same suite, instances and budgets?")
    table = Table(box=None)
    table.add_column("instance", max_width=24)
    table.add_column("engine", max_width=24)
    for heading in ("n", "A", "B", "B - A %", "median"):
        table.add_column(heading, justify="right", no_wrap=True)
    for (instance, engine), pairs in groups.items():
        good = [(pair.a, pair.b) for pair in pairs if pair.a is not None and pair.b is not None]
        if not good:
            table.add_row(instance, engine, str(len(pairs)), "no plan", "", "", "")
            continue
        shares = [100 * _difference(x, y) for x, y in good]
        means = (fmean(x for x, _ in good), fmean(y for _, y in good))
        table.add_row(
            instance,
            engine,
            str(len(good)),
            *(f"{mean:,.0f}" if mean >= 100 else f"{mean:,.3g}" for mean in means),
            f"{fmean(shares):+.3f}",
            f"{median(shares):+.3f}",
        )
    console.print(table)
    found = pairings(a, b)
    for pairing in found:
        console.print(pairing.verdict(), highlight=False, markup=False, soft_wrap=True)
    worse = [pairing.engine for pairing in found if pairing.is_regression]
    if worse:
        console.print(f"regression: {', '.join(worse)}", style="red", highlight=False, markup=False)
    return 1 if worse else 0


def _pairs(a: Ledger, b: Ledger) -> Iterator[_Pair]:
    theirs = {row.key: row for row in b.rows}
    for row in a.rows:
        other = theirs.get(row.key)
        # A row of VROOM's format holds its cost alone, which comes last in VROOM's order.
        if other is not None and "cases" not in a.found:
            yield _Pair(row.engine, row.instance, row.total, other.total, not row.violations and other.violations > 0)
    for name, case in a.found.get("cases", {}).items():
        one, other_one = case.get("worth"), b.found.get("cases", {}).get(name, {}).get("worth")
        if one and other_one:
            yield _Pair("figure VROOM's order", name, 1.0, 1.0 + _in_vrooms_order(one, other_one))
    ours, others = _figures(a), _figures(b)
    for key, value in ours.items():
        if key in others:
            yield _Pair(key[0], key[1], value, others[key])


def _figures(ledger: Ledger) -> dict[tuple[str, str], float]:
    """What suites without engines say of a day, by figure and day: less is better."""
    found: dict[tuple[str, str], float] = {}
    for day, one in ledger.found.get("live", {}).items():
        found["figure wrong", day] = one["n_wrong"]
        found["figure refused", day] = one["how"].get("refused", 0)
        for step, took in one["ms"].items():
            found[f"figure {step} p50 ms", day] = took["p50"]
            found[f"figure {step} p99 ms", day] = took["p99"]
    for day, one in ledger.found.get("replan", {}).items():
        found["figure moved", day] = one["moved"]
        found["figure objective", day] = one["objective"]
        found["figure violations", day] = one["n_violations"]
    return found


def _in_vrooms_order(a: list[float], b: list[float]) -> int:
    """1 where b is worse, -1 where it is better: priorities and tasks served, then cost."""
    one, other = ((-priorities, -n_tasks, cost) for priorities, n_tasks, cost in (a, b))
    return (other > one) - (other < one)


def _difference(a: float, b: float) -> float:
    return b / a - 1 if a else float(b > 0)
