"""Two runs, row by row: where both measured the same thing, which is better, and whether that is more than chance."""

from dataclasses import dataclass
from math import comb
from statistics import fmean, median

from rich.console import Console
from rich.table import Table

from benchmarks.ledger import Ledger, Row

SIGNIFICANT = 0.05
"""Share of coin tosses that would look as one-sided; above, a verdict says that it may be chance."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """One engine in both runs.

    Parameters
    ----------
    differences : of each pair, B's objective less A's as a share of A's; below 0 B is better
    a_only, b_only : pairs of which only one run has an accepted plan
    """

    engine: str
    differences: tuple[float, ...]
    a_only: int
    b_only: int

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

    def verdict(self) -> str:
        """One line: which run is better, by how much, and whether coins would do as well (sign test)."""
        if not self.better and not self.worse:
            return f"{self.engine}: no difference in {self.equal} pairs"
        mean = 100 * fmean(self.differences) if self.differences else 0.0
        who = "B is better" if self.better > self.worse else "A is better" if self.worse > self.better else "a draw"
        p = sign_test(self.better, self.worse)
        sure = "" if p <= SIGNIFICANT else "; may be chance"
        return (
            f"{self.engine}: {who}, mean {mean:+.3f} %, {self.better} better, {self.equal} equal, "
            f"{self.worse} worse (sign test p = {p:.3f}{sure})"
        )


def pairings(a: Ledger, b: Ledger) -> list[Pairing]:
    """Of every engine in both, the pairs of the same instance, seed, cores and budget."""
    ours, theirs = {row.key: row for row in a.rows}, {row.key: row for row in b.rows}
    both = [key for key in ours if key in theirs]
    found = []
    for engine in dict.fromkeys(key[1] for key in both):
        pairs = [(_total(ours[key]), _total(theirs[key])) for key in both if key[1] == engine]
        differences = tuple(y / x - 1 if x else float(y > 0) for x, y in pairs if x is not None and y is not None)
        found.append(
            Pairing(
                engine,
                differences,
                sum(x is not None and y is None for x, y in pairs),
                sum(x is None and y is not None for x, y in pairs),
            )
        )
    return found


def sign_test(better: int, worse: int) -> float:
    """Probability that fair coins are as one-sided, two-sided."""
    n, least = better + worse, min(better, worse)
    return min(1.0, 2 * sum(comb(n, k) for k in range(least + 1)) / 2**n) if n else 1.0


def tell(a: Ledger, b: Ledger, console: Console) -> None:
    """A table by instance and engine, then a verdict per engine."""
    theirs = {row.key: row for row in b.rows}
    groups: dict[tuple[str, str], list[tuple[Row, Row]]] = {}
    for row in a.rows:
        if row.key in theirs:
            groups.setdefault((row.instance, row.engine), []).append((row, theirs[row.key]))
    table = Table(box=None)
    table.add_column("instance", max_width=24)
    table.add_column("engine")
    for heading in ("n", "A", "B", "B - A %", "median"):
        table.add_column(heading, justify="right")
    for (instance, engine), pairs in groups.items():
        good = [(x, y) for one, other in pairs if (x := _total(one)) is not None and (y := _total(other)) is not None]
        if not good:
            table.add_row(instance, engine, str(len(pairs)), "no plan", "", "", "")
            continue
        shares = [100 * (y / x - 1) if x else 0.0 for x, y in good]
        table.add_row(
            instance,
            engine,
            str(len(good)),
            f"{fmean(x for x, _ in good):,.0f}",
            f"{fmean(y for _, y in good):,.0f}",
            f"{fmean(shares):+.3f}",
            f"{median(shares):+.3f}",
        )
    console.print(table)
    for pairing in pairings(a, b):
        console.print(pairing.verdict(), highlight=False, markup=False, soft_wrap=True)


def _total(row: Row) -> int | None:
    return None if row.violations else row.objective
