"""What a run says on a terminal, in 80 columns."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean, median

from rich.console import Console
from rich.table import Table

from benchmarks.ledger import RUN, Ledger, Row


def told(row: Row, failure: str, console: Console) -> None:
    """One line as a row is found."""
    what = f"{row.instance:<22} {row.engine:<16} seed {row.seed:<2}"
    if row.objective is None or row.violations:
        console.print(f"· {what} no plan: {failure}", style="yellow", markup=False, highlight=False, soft_wrap=True)
        return
    gap = "" if row.gap is None or row.reference_kind == RUN else f" {100 * row.gap:+.2f} %"
    took = f"{row.wall_s:.1f} s"
    console.print(f"· {what}{row.objective:>13,}{gap:>9} {took:>7}", highlight=False, markup=False, soft_wrap=True)


def tables(ledger: Ledger, console: Console) -> None:
    """By class and engine, then by instance, then what a reader has to know."""
    for budget_s in sorted({row.budget_s for row in ledger.rows if row.budget_s}) or [0.0]:
        rows = [row for row in ledger.rows if row.budget_s in (budget_s, 0.0)]
        console.print(_by_instance(rows, ledger, budget_s))
        console.print(_by_class(rows, ledger, budget_s))
    for note in ledger.notes:
        console.print(f"note: {note}", markup=False, highlight=False)


def ratio_to(rows: Sequence[Row], engine: str, yardstick: str) -> tuple[float, int] | None:
    """Mean over instances of an engine's objective as a share of another's, and over how many; None without any.

    Each instance counts once: the mean of its seeds, accepted plans alone.
    """
    mine, theirs = mean_objectives(rows, engine), mean_objectives(rows, yardstick)
    shares = [mine[name] / theirs[name] for name in mine.keys() & theirs.keys() if theirs[name]]
    return (fmean(shares), len(shares)) if shares else None


def mean_objectives(rows: Sequence[Row], engine: str) -> dict[str, float]:
    """Mean objective of an engine's accepted plans, by instance."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.engine == engine and row.objective is not None and not row.violations:
            found[row.instance].append(row.objective)
    return {name: fmean(values) for name, values in found.items()}


def _by_instance(rows: Sequence[Row], ledger: Ledger, budget_s: float) -> Table:
    table = Table(title=f"by instance, {budget_s:g} s: mean over seeds", title_justify="left", box=None)
    table.add_column("instance", overflow="fold")
    table.add_column("engine", no_wrap=True)
    for heading in ("objective", "gap %", "left out", "routes", "wall s"):
        table.add_column(heading, justify="right", no_wrap=True)
    shown = ""
    for instance, engine in dict.fromkeys((row.instance, row.engine) for row in rows):
        mine = [row for row in rows if (row.instance, row.engine) == (instance, engine)]
        good = [row for row in mine if row.objective is not None and not row.violations]
        name, shown = "" if instance == shown else instance, instance
        if not good:
            table.add_row(name, engine, "no plan", "", "", "", f"{fmean(r.wall_s for r in mine):.1f}")
            continue
        gaps = [row.gap for row in good if row.gap is not None]
        known = ledger.instances.get(instance, {}).get("reference_routes")
        table.add_row(
            name,
            engine,
            f"{fmean(row.objective or 0 for row in good):,.0f}",
            f"{100 * fmean(gaps):+.2f}" if gaps else "",
            f"{fmean(row.n_unassigned for row in good):.1f}",
            f"{fmean(row.n_routes for row in good):.1f}" + ("" if known is None else f" / {known}"),
            f"{fmean(row.wall_s for row in good):.1f}",
        )
    return table


def _by_class(rows: Sequence[Row], ledger: Ledger, budget_s: float) -> Table:
    table = Table(title=f"by class, {budget_s:g} s", title_justify="left", box=None)
    table.add_column("class")
    table.add_column("engine")
    for heading in ("n", "mean gap %", "median", "to vroom-x5", "no gap"):
        table.add_column(heading, justify="right")
    class_of = {name: str(about.get("class", "")) for name, about in ledger.instances.items()}
    for group in dict.fromkeys(class_of.get(row.instance, "") for row in rows):
        mine = [row for row in rows if class_of.get(row.instance, "") == group]
        for engine in dict.fromkeys(row.engine for row in mine):
            own = [row for row in mine if row.engine == engine]
            gaps = [100 * row.gap for row in own if row.gap is not None]
            ratio = ratio_to(mine, engine, "vroom-x5")
            bad = sum(row.gap is None for row in own)
            table.add_row(
                group,
                engine,
                str(len(own)),
                f"{fmean(gaps):+.2f}" if gaps else "",
                f"{median(gaps):+.2f}" if gaps else "",
                "" if ratio is None else f"{ratio[0]:.3f}",
                str(bad) if bad else "",
            )
    return table
