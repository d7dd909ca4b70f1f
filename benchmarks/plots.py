"""Pictures of engines beside each other: gap against time, and cost against size."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.intervals import over_instances
from benchmarks.ledger import RUN, Ledger, Row
from benchmarks.screen import classes, efforts, reached

DOTS_PER_INCH = 130
COLOURS = {
    "trades": "#1b6ca8",
    "trades-nosearch": "#8fb9d9",
    "ortools": "#3a8f3a",
    "ortools-tutorial": "#a9d0a0",
    "vroom-x0": "#f0b27a",
    "vroom-x5": "#d9691c",
    "pyvrp": "#b03a5b",
}
"""Kin have one hue: light for the plainer of two."""

_MARKERS = {"trades": "o", "trades-nosearch": "v", "ortools": "s", "ortools-tutorial": "D", "pyvrp": "P"}
GRID = {"visible": True, "which": "major", "color": "#e4e4e4", "linewidth": 0.8}
_PANELS_A_ROW = 3
LEAST_S = 0.01

MOST_LINEAR_GAP = 20.0
"""Percent: a wider spread is drawn on a logarithmic scale from 1 % on."""


def write_plots(ledger: Ledger, folder: Path) -> list[Path]:
    """Gap against time of each class; cost against size where days differ in it; returns the files. The folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    if any(row.gap is not None for row in ledger.rows):
        made.append(folder / f"{ledger.suite}-time.png")
        _gap_against_time(ledger, made[-1])
    sizes = {ledger.instances.get(row.instance, {}).get("n_stops") for row in ledger.rows}
    if ledger.suite == "field" and len(sizes) > 1:
        made.append(folder / f"{ledger.suite}-size.png")
        _cost_against_size(ledger, made[-1])
    return made


def canvas(n_rows: int, n_columns: int, width: float, height: float) -> tuple[Any, Any]:
    """A picture with a grid of panels: the figure and its axes, an array (rows, columns)."""
    # Takes half a second to import, and most runs draw nothing.
    from matplotlib.figure import Figure

    picture = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
    axes = picture.subplots(n_rows, n_columns, squeeze=False)
    for panel in axes.flat:
        panel.grid(**GRID)
        panel.set_axisbelow(True)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
        panel.tick_params(labelsize=8)
    return picture, axes


def plain_ticks(axis: Any, says: str = "{x:g}", of_a_decade: Sequence[float] = (1, 2, 5)) -> None:
    """Numbers as people write them on a logarithmic axis, and where in each decade they stand."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axis.set_major_locator(LogLocator(subs=of_a_decade))
    axis.set_major_formatter(StrMethodFormatter(says))
    axis.set_minor_formatter(NullFormatter())


def _gap_against_time(ledger: Ledger, file: Path) -> None:
    """A panel a class, a line an engine over its budgets, whiskers for 95 % intervals of several instances."""
    groups = {group: rows for group, rows in classes(ledger).items() if any(row.gap is not None for row in rows)}
    n_columns = min(_PANELS_A_ROW, len(groups))
    n_rows = -(-len(groups) // n_columns)
    picture, axes = canvas(n_rows, n_columns, 3.7 * n_columns + 0.6, 2.7 * n_rows + 0.7)
    shown: dict[str, Any] = {}
    for panel, (group, rows) in zip(axes.flat, groups.items(), strict=False):
        for engine, points in _lines(rows, ledger).items():
            shown.setdefault(engine, _draw_line(panel, engine, points))
        gaps = [y for points in _lines(rows, ledger).values() for _, y, _ in points]
        if max(gaps) > MOST_LINEAR_GAP:
            panel.set_yscale("symlog", linthresh=1)
            panel.yaxis.set_major_formatter("{x:g}")
        panel.set_ylim(bottom=min(0.0, *gaps))
        panel.set_xscale("log")
        panel.set_xlim(*_from_to(rows))
        plain_ticks(panel.xaxis)
        n = len({row.instance for row in rows})
        panel.set_title(f"{group} ({n})", fontsize=9, loc="left")
    for panel in list(axes.flat)[len(groups) :]:
        panel.set_axis_off()
    for panel in axes[:, 0]:
        panel.set_ylabel("gap, %", fontsize=8)
    for panel in axes[-1]:
        panel.set_xlabel("seconds; one core unless more are named", fontsize=8)
    published = any(row.reference_kind not in (None, RUN) for row in ledger.rows)
    to = "the best known" if published else "the run's best plan"
    picture.suptitle(f"{ledger.suite}: mean gap to {to} against time", fontsize=11)
    picture.legend(shown.values(), shown.keys(), loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    picture.savefig(file)


def _from_to(rows: Sequence[Row]) -> tuple[float, float]:
    """Seconds at both ends of an axis."""
    walls = [max(LEAST_S, row.wall_s) for row in rows]
    return min(walls) / 1.5, max(walls) * 1.5


def _lines(rows: Sequence[Row], ledger: Ledger) -> dict[str, list[tuple[float, float, float]]]:
    """Seconds, mean gap in percent and half width of its interval, by engine."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for (engine, _), mine in efforts(rows).items():
        good = [row for row in mine if row.gap is not None and reached(row, ledger)]
        gap = over_instances([(row.instance, 100 * (row.gap or 0.0)) for row in good])
        if gap is not None:
            took_s = max(LEAST_S, fmean(row.wall_s for row in good))
            found.setdefault(engine, []).append((took_s, gap.mean, gap.half_width or 0.0))
    return found


def _draw_line(panel: Any, engine: str, points: Sequence[tuple[float, float, float]]) -> Any:
    seconds, gaps, apart = zip(*points, strict=True)
    return panel.errorbar(
        seconds,
        gaps,
        yerr=[[min(gap, half) if gap > 0 else half for gap, half in zip(gaps, apart, strict=True)], apart],
        color=COLOURS.get(engine.partition(",")[0], "#333333"),
        marker=_MARKERS.get(engine, "^"),
        markersize=5,
        linewidth=1.4,
        elinewidth=0.8,
        capsize=2,
        clip_on=False,
        zorder=3,
    )


def _cost_against_size(ledger: Ledger, file: Path) -> None:
    """Points a job on the left, percent above trades' longest run on the right; days with breaks are dashed."""
    longest = _longest(ledger.rows)
    picture, axes = canvas(1, 2, 9.2, 4.4)
    left, right = axes[0]
    shown: dict[str, Any] = {}
    for breaks, style in ((False, "-"), (True, "--")):
        rows = [row for row in longest if _has_breaks(ledger, row) is breaks and row.total is not None]
        for engine in dict.fromkeys(row.label for row in rows):
            mine = [row for row in rows if row.label == engine]
            look = {
                "color": COLOURS.get(engine.partition(",")[0], "#333333"),
                "marker": _MARKERS.get(engine, "^"),
                "markersize": 4,
            }
            points = _by_size(mine, ledger, lambda row, n: (row.total or 0) / n)
            (line,) = left.plot(*zip(*points, strict=True), style, linewidth=1.3, **look)
            shown.setdefault(engine, line)
            ours = {row.instance: row.total for row in rows if row.label == "trades"}
            both = [row for row in mine if ours.get(row.instance)]
            if both and engine != "trades":
                points = _by_size(both, ledger, lambda row, _, of=ours: 100 * ((row.total or 0) / of[row.instance] - 1))
                right.plot(*zip(*points, strict=True), style, linewidth=1.3, **look)
    right.axhline(0, color=COLOURS["trades"], linewidth=1.3)
    for panel, title in ((left, "points a job"), (right, "% above trades")):
        panel.set_xscale("log")
        plain_ticks(panel.xaxis, "{x:,.0f}")
        panel.set_xlabel("jobs", fontsize=8)
        panel.set_title(title, fontsize=9, loc="left")
    left.set_yscale("log")
    plain_ticks(left.yaxis, "{x:,.0f}")
    right.set_yscale("symlog", linthresh=50)
    right.set_yticks([tick for tick in (-10, 0, 10, 20, 30, 50, 100, 200, 500, 1000) if tick <= right.get_ylim()[1]])
    right.yaxis.set_major_formatter("{x:g}")
    right.set_ylim(bottom=min(-2.0, right.get_ylim()[0]))
    picture.suptitle("field: cost against size, each engine's longest run; days with breaks dashed", fontsize=11)
    picture.legend(shown.values(), shown.keys(), loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    picture.savefig(file)


def _longest(rows: Sequence[Row]) -> list[Row]:
    """Of each engine on each instance, the rows of its longest budget."""
    most: dict[tuple[str, str], float] = {}
    for row in rows:
        key = row.label, row.instance
        most[key] = max(row.budget_s, most.get(key, 0.0))
    return [row for row in rows if row.budget_s == most[row.label, row.instance]]


def _has_breaks(ledger: Ledger, row: Row) -> bool:
    return str(ledger.instances.get(row.instance, {}).get("class", "")).endswith(" breaks")


def _by_size(rows: Sequence[Row], ledger: Ledger, of: Any) -> list[tuple[int, float]]:
    """Jobs, and the mean of a figure over the rows of that size."""
    sizes: dict[int, list[float]] = {}
    for row in rows:
        n = int(ledger.instances.get(row.instance, {}).get("n_stops", 0))
        if n:
            sizes.setdefault(n, []).append(of(row, n))
    return [(n, fmean(values)) for n, values in sorted(sizes.items())]
