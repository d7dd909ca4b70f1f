"""What a run says on a terminal, in 80 columns."""

from collections.abc import Sequence
from statistics import fmean

from rich.console import Console
from rich.table import Table

from benchmarks.intervals import Against, against, against_best, over_instances
from benchmarks.ledger import RUN, Ledger, Row
from benchmarks.remaining import Remaining

FEW_LINES = 60
"""Up to so many lines are instances told one by one; of more the file tells."""

PYVRP_S = 5.0
"""PyVRP's budget beside which plans are held that took less."""


def told(row: Row, failure: str, console: Console, remaining: Remaining | None = None) -> None:
    """One line as a row is found, and how long the rest will take."""
    left = "" if remaining is None else f"  {remaining.says()}"
    what = f"{row.instance:<21} {row.engine:<16}{row.budget_s:>4g} s #{row.seed:<2}"
    if row.total is None:
        console.print(f"· {what} no plan: {failure}{left}", style="yellow", markup=False, soft_wrap=True)
        return
    gap = "" if row.gap is None or row.reference_kind == RUN else f"{100 * row.gap:+.2f}%"
    console.print(f"· {what}{row.total:>12,}{gap:>8}{left}", highlight=False, markup=False, soft_wrap=True)


def tables(ledger: Ledger, console: Console) -> None:
    """By instance where there are few, by class and engine, beside the others, then what a reader has to know."""
    runs = list(dict.fromkeys((row.instance, row.label, row.budget_s) for row in ledger.rows))
    if len(runs) <= FEW_LINES:
        console.print(_by_instance(ledger, runs))
    for group, rows in classes(ledger).items():
        console.print(_of_class(group, rows, ledger))
        beside = _beside(rows)
        if beside is not None and not _by_fleet(rows, ledger):
            console.print(beside)
    for note in ledger.notes:
        console.print(f"note: {note}", markup=False, highlight=False)


def classes(ledger: Ledger) -> dict[str, list[Row]]:
    """Rows by the class of their instance, in the order in which they were found."""
    found: dict[str, list[Row]] = {}
    for row in ledger.rows:
        found.setdefault(str(ledger.instances.get(row.instance, {}).get("class", "all")), []).append(row)
    return found


def efforts(rows: Sequence[Row]) -> dict[tuple[str, float], list[Row]]:
    """Rows by engine and budget, engines in the order in which they were found, budgets rising."""
    engines = list(dict.fromkeys(row.label for row in rows))
    keys = sorted({(row.label, row.budget_s) for row in rows}, key=lambda key: (engines.index(key[0]), key[1]))
    return {key: [row for row in rows if (row.label, row.budget_s) == key] for key in keys}


def reached(row: Row, ledger: Ledger) -> bool:
    """Whether a plan needs no more vehicles than the best that is known, where that counts first."""
    known = ledger.instances.get(row.instance, {}).get("reference_routes")
    return known is None or (row.total is not None and row.n_routes <= known)


def _by_fleet(rows: Sequence[Row], ledger: Ledger) -> bool:
    return any("reference_routes" in ledger.instances.get(row.instance, {}) for row in rows)


def _by_instance(ledger: Ledger, runs: Sequence[tuple[str, str, float]]) -> Table:
    table = Table(title="by instance: mean over seeds", title_justify="left", box=None)
    table.add_column("instance", overflow="fold")
    table.add_column("engine", no_wrap=True)
    for heading in ("s", "objective", "gap %", "left out", "routes"):
        table.add_column(heading, justify="right", no_wrap=True)
    shown = ""
    for instance, engine, budget_s in runs:
        mine = [row for row in ledger.rows if (row.instance, row.label, row.budget_s) == (instance, engine, budget_s)]
        good = [row for row in mine if row.total is not None]
        name, shown = "" if instance == shown else instance, instance
        if not good:
            table.add_row(name, engine, f"{budget_s:g}", "no plan", "", "", "")
            continue
        gaps = [row.gap for row in good if row.gap is not None]
        known = ledger.instances.get(instance, {}).get("reference_routes")
        table.add_row(
            name,
            engine,
            f"{fmean(row.wall_s for row in good):.1f}",
            f"{fmean(row.total or 0 for row in good):,.0f}",
            f"{100 * fmean(gaps):+.2f}" if gaps else "",
            f"{fmean(row.n_unassigned for row in good):.1f}",
            f"{fmean(row.n_routes for row in good):.1f}" + ("" if known is None else f" / {known}"),
        )
    return table


def _of_class(group: str, rows: Sequence[Row], ledger: Ledger) -> Table:
    """Gaps with their 95 % intervals; where vehicles count first, distances of the plans that need no more of them."""
    n = len({row.instance for row in rows})
    published = any(row.reference_kind not in (None, RUN) for row in rows)
    to = "the best known" if published else "the run's best"
    by_fleet = _by_fleet(rows, ledger)
    title = f"{group}: {n} instance{'s' * (n > 1)}, gap to {to}" + (" where vehicles are as few" if by_fleet else "")
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("engine", no_wrap=True)
    headings = ("budget s", "took s", "gap %", *(["vehicles"] if by_fleet else ["left out"]), "no plan")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for (engine, budget_s), mine in efforts(rows).items():
        good = [row for row in mine if row.total is not None]
        gap = over_instances([(r.instance, 100 * r.gap) for r in good if r.gap is not None and reached(r, ledger)])
        n_bad = sum(row.gap is None for row in mine)
        table.add_row(
            engine,
            f"{budget_s:g}" if budget_s else "–",
            f"{fmean(row.wall_s for row in mine):.1f}",
            "" if gap is None else gap.says(),
            f"{sum(reached(row, ledger) for row in mine)} of {len(mine)}"
            if by_fleet
            else f"{fmean(row.n_unassigned for row in good):.1f}"
            if good
            else "",
            str(n_bad) if n_bad else "",
        )
    return table


def beside(rows: Sequence[Row], mine: Sequence[Row], budget_s: float) -> dict[str, Against]:
    """Plans of one effort of ours beside each of the others.

    VROOM at the best that any of its runs has, however long it took; PyVRP and OR-Tools with as much time, or with
    ``PYVRP_S`` where ours had less.
    """
    found = {"vroom's best": against_best(mine, [row for row in rows if row.engine.startswith("vroom")])}
    for engine in ("vroom-x0", "vroom-x5", "pyvrp", "ortools", "ortools-tutorial", "trades-nosearch"):
        of = [row for row in rows if row.label == engine]
        budgets = [row.budget_s for row in of if row.budget_s <= max(budget_s, PYVRP_S)]
        fair = max(budgets, default=None)
        if engine.startswith("vroom"):
            fair = max((row.budget_s for row in of), default=None)
        found[engine if not fair else f"{engine} {fair:g} s"] = against(mine, [r for r in of if r.budget_s == fair])
    return {name: one for name, one in found.items() if one is not None}


def _beside(rows: Sequence[Row]) -> Table | None:
    table = Table(title="trades beside the others, %: below 0 is better", title_justify="left", box=None)
    for heading in ("trades", "beside"):
        table.add_column(heading, no_wrap=True)
    for heading in ("objective %", "better", "worse"):
        table.add_column(heading, justify="right", no_wrap=True)
    for (engine, budget_s), mine in efforts(rows).items():
        if mine[0].engine == "trades":
            cores = engine.removeprefix("trades")
            for name, one in beside(rows, mine, budget_s).items():
                table.add_row(f"{budget_s:g} s{cores}", name, one.percent.says(), str(one.n_better), str(one.n_worse))
    return table if table.row_count else None
