"""Suite growth: how iterations a second and the time to a good plan grow with the number of jobs.

Each size is planned with a ladder of budgets up to the same number of seconds a job. A budget is enough when its plan
is within 2 % of the plan of the longest budget; between two rungs the time is read off the line through both, on a
logarithmic scale. One run's own course would say less: an annealing comes to its plan at the end of any budget.
"""

from dataclasses import dataclass
from math import exp, log
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.ledger import Ledger, Row
from benchmarks.plots import canvas, plain_ticks

WITHIN = 0.02
"""Share of the final objective within which a plan is good."""

SLOWEST_FALL, FASTEST_RISE = -0.3, 1.2
"""Exponents that are aimed at: of iterations a second, and of the time to a good plan."""


@dataclass(frozen=True, slots=True)
class Size:
    """Figures of one number of jobs, means over days and seeds."""

    n_jobs: int
    iterations_per_s: float
    within_s: float
    longest_s: float


def sizes_of(ledger: Ledger) -> list[Size]:
    """Figures by number of jobs; sizes without a complete ladder of two rungs have none."""
    by_size: dict[int, dict[str, list[Row]]] = {}
    for row in ledger.rows:
        n_jobs = int(ledger.instances[row.instance]["n_stops"])
        if row.total is not None and row.iterations:
            by_size.setdefault(n_jobs, {}).setdefault(row.instance, []).append(row)
    found = []
    for n_jobs, days in sorted(by_size.items()):
        whole = [rows for rows in days.values() if len({row.budget_s for row in rows}) > 1]
        if whole:
            last = [row for rows in whole for row in rows if row.budget_s == max(row.budget_s for row in rows)]
            found.append(
                Size(
                    n_jobs,
                    fmean((row.iterations or 0) / row.budget_s for row in last),
                    exp(fmean(log(within_s(rows)) for rows in whole)),
                    max(row.budget_s for row in last),
                )
            )
    return found


def within_s(rows: list[Row]) -> float:
    """The budget with which a day's plan is within 2 % of that of the longest one; seeds count together."""
    totals: dict[float, list[int]] = {}
    for row in rows:
        totals.setdefault(row.budget_s, []).append(row.total or 0)
    ladder = sorted((budget_s, fmean(values)) for budget_s, values in totals.items())
    final = ladder[-1][1]
    above = [total / final - 1 - WITHIN for _, total in ladder]
    rung = len(ladder) - 1
    while rung and above[rung - 1] <= 0:
        rung -= 1
    if rung == 0:
        return ladder[0][0]
    share = above[rung - 1] / (above[rung - 1] - above[rung])
    before_s, after_s = ladder[rung - 1][0], ladder[rung][0]
    return exp(log(before_s) + share * (log(after_s) - log(before_s)))


def exponent(points: list[tuple[float, float]]) -> float | None:
    """Slope of a line through logarithms, by least squares; None of fewer than two abscissae."""
    xs, ys = [log(x) for x, _ in points], [log(y) for _, y in points]
    if len(set(xs)) < 2:
        return None
    mean_x, mean_y = fmean(xs), fmean(ys)
    across = sum((x - mean_x) ** 2 for x in xs)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / across


def figures(ledger: Ledger) -> dict[str, Any]:
    """What is kept in F.json: both figures by size, and their exponents."""
    sizes = sizes_of(ledger)
    exponents = {
        "iterations_per_s": exponent([(one.n_jobs, one.iterations_per_s) for one in sizes]),
        "within_s": exponent([(one.n_jobs, one.within_s) for one in sizes]),
    }
    return {
        "sizes": {
            str(one.n_jobs): {
                "iterations_per_s": round(one.iterations_per_s),
                "within_s": round(one.within_s, 3),
                "longest_s": one.longest_s,
            }
            for one in sizes
        },
        "exponents": {name: None if found is None else round(found, 3) for name, found in exponents.items()},
    }


def tell_growth(ledger: Ledger, console: Console) -> None:
    """A line a size, then both exponents beside what is aimed at."""
    found = figures(ledger)
    table = Table(box=None)
    for heading in ("jobs", "iterations/s", "within 2 % s", "longest s"):
        table.add_column(heading, justify="right")
    for n_jobs, one in found["sizes"].items():
        table.add_row(n_jobs, f"{one['iterations_per_s']:,}", f"{one['within_s']:.2f}", f"{one['longest_s']:g}")
    console.print(table)
    falls, rises = found["exponents"]["iterations_per_s"], found["exponents"]["within_s"]
    if falls is not None and rises is not None:
        kept = ["kept" if good else "missed" for good in (falls >= SLOWEST_FALL, rises <= FASTEST_RISE)]
        console.print(
            f"iterations/s grow as n^{falls:+.2f} (aim: n^{SLOWEST_FALL} or more: {kept[0]})", highlight=False
        )
        console.print(
            f"time within 2 % grows as n^{rises:+.2f} (aim: n^{FASTEST_RISE} or less: {kept[1]})", highlight=False
        )


def write_growth(ledger: Ledger, folder: Path) -> list[Path]:
    """Both figures against the number of jobs, with the line that fits them and the one that is aimed at."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = sizes_of(ledger)
    if len(sizes) < 2:
        return []
    picture, axes = canvas(1, 2, 9.2, 4.0)
    for panel, values, title, aim in (
        (axes[0, 0], [one.iterations_per_s for one in sizes], "iterations a second", SLOWEST_FALL),
        (axes[0, 1], [one.within_s for one in sizes], "seconds to within 2 % of the final plan", FASTEST_RISE),
    ):
        n_jobs = [one.n_jobs for one in sizes]
        slope = exponent([(n, value) for n, value in zip(n_jobs, values, strict=True)]) or 0.0
        middle = exp(fmean(map(log, n_jobs))), exp(fmean(map(log, values)))
        panel.plot(n_jobs, values, "o", color="#1b6ca8", markersize=6, zorder=3)
        fit = [middle[1] * (n / middle[0]) ** slope for n in n_jobs]
        panel.plot(n_jobs, fit, "-", color="#1b6ca8", linewidth=1.4, label=f"n^{slope:+.2f}")
        bound = [values[0] * (n / n_jobs[0]) ** aim for n in n_jobs]
        panel.plot(n_jobs, bound, ":", color="#7a6a55", linewidth=1.4, label=f"aim: n^{aim:+.1f}")
        panel.set(xscale="log", yscale="log")
        plain_ticks(panel.xaxis, "{x:,.0f}")
        plain_ticks(panel.yaxis, "{x:,g}", (1, 1.5, 2, 3, 5, 7))
        panel.set_xlabel("jobs", fontsize=8)
        panel.set_title(title, fontsize=9, loc="left")
        panel.legend(frameon=False, fontsize=9)
    picture.suptitle("growth with the number of jobs, one core", fontsize=11)
    file = folder / "growth.png"
    picture.savefig(file)
    return [file]
