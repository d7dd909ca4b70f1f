"""Means with what they may be off by, and engines held against others instance by instance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from benchmarks.ledger import Row

# Two-sided 95 % of Student's t by degrees of freedom. Source: Fisher & Yates (1963), "Statistical tables", table III.
_T95: tuple[float, ...] = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131),
    *(2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
_FAR_T95 = 1.960


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over instances.

    Parameters
    ----------
    mean : each instance counts once, with the mean of its seeds
    half_width : of the interval that holds the true mean 95 times of 100; None of a single value
    n : values that it is the mean of: instances, or seeds where there is one instance
    """

    mean: float
    half_width: float | None
    n: int

    def says(self, digits: int = 2) -> str:
        """Mean and half width: +1.20 ± 0.31."""
        apart = "" if self.half_width is None else f" ± {self.half_width:.{digits}f}"
        return f"{self.mean:+.{digits}f}{apart}"


def estimate(values: Sequence[float]) -> Estimate | None:
    """Mean and its 95 % interval by Student's t; None of nothing."""
    if not values:
        return None
    n = len(values)
    if n == 1:
        return Estimate(values[0], None, 1)
    t95 = _T95[n - 2] if n - 2 < len(_T95) else _FAR_T95
    return Estimate(fmean(values), t95 * stdev(values) / sqrt(n), n)


def over_instances(pairs: Iterable[tuple[str, float]]) -> Estimate | None:
    """An estimate from values of instances: means of their seeds; over the seeds where there is but one instance."""
    by_instance: dict[str, list[float]] = {}
    for instance, value in pairs:
        by_instance.setdefault(instance, []).append(value)
    groups = list(by_instance.values())
    return estimate(groups[0] if len(groups) == 1 else [fmean(values) for values in groups])


def mean_totals(rows: Iterable[Row]) -> dict[str, float]:
    """Mean objective of the plans that count, by instance."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if row.total is not None and row.counts:
            found.setdefault(row.instance, []).append(row.total)
    return {name: fmean(values) for name, values in found.items()}


@dataclass(frozen=True, slots=True)
class Against:
    """Somebody's plans beside a yardstick's.

    Parameters
    ----------
    percent : by how much the objective is above, below 0 is better; mean over instances
    n_better, n_worse : instances
    """

    percent: Estimate
    n_better: int
    n_worse: int


def against(mine: Iterable[Row], theirs: Iterable[Row]) -> Against | None:
    """Mean difference over the instances that both have an accepted plan of; None without any."""
    ours, others = mean_totals(mine), mean_totals(theirs)
    return _against([(ours[name], others[name]) for name in ours if others.get(name)])


def against_best(mine: Iterable[Row], theirs: Iterable[Row]) -> Against | None:
    """The same, beside the best plan that a row of theirs has for an instance."""
    ours, best = mean_totals(mine), dict[str, int]()
    for row in theirs:
        if row.total is not None and row.counts:
            best[row.instance] = min(row.total, best.get(row.instance, row.total))
    return _against([(ours[name], best[name]) for name in ours if best.get(name)])


def _against(pairs: Sequence[tuple[float, float]]) -> Against | None:
    found = estimate([100 * (ours / theirs - 1) for ours, theirs in pairs])
    if found is None:
        return None
    return Against(found, sum(a < b for a, b in pairs), sum(a > b for a, b in pairs))
