"""Suite ablation: what each part of the compiled search gives, on people's days and on fleets that are alike.

Every part is measured on the same days with the same seconds and one core as the whole search, right after it, and held
against the mean of the whole search's seeds. A row's engine is the part; above 0 the search is worse without it, or
with it changed.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.ablation_parts import DAY_PARTS, FLEET_PARTS, PARTS, WHOLE
from benchmarks.choices import BadChoice
from benchmarks.contest import Opening
from benchmarks.field import field_instances, field_names
from benchmarks.intervals import Estimate, over_instances
from benchmarks.ledger import Ledger, Row
from benchmarks.plots import canvas
from benchmarks.screen import classes
from benchmarks.sets import day_of
from benchmarks.solver import solver_instances, solver_names

SHIPPED = "trades"
"""The engine as it is shipped, beside its search alone."""

MORE_SEEDS = (1001, 1002)
"""Further seeds of the whole search: what is amiss with its plan of a day is amiss with every part's loss."""


def ablation_names(data: Path | None) -> list[str]:
    """Generated days, and published instances where a folder holds any, in itself or in ``vrp/``."""
    if data is None:
        return field_names(None)
    found: list[str] = []
    for names_in, folder in ((field_names, data), (solver_names, _published(data))):
        try:
            found += names_in(folder)
        except BadChoice:
            continue
    if not found:
        raise BadChoice(f"--data {data} holds neither osm/*.pbf nor published instances; name a folder that does")
    return found


def ablation_instances(names: list[str], data: Path | None, home: Path, tell: Any) -> Iterator[tuple[str, Opening]]:
    """Days and fleets by name, each made when it is its turn."""
    days = [name for name in names if day_of(name)]
    yield from field_instances(days, data, home, tell)
    if data is not None:
        yield from solver_instances([name for name in names if name not in days], _published(data))


def engines_on(name: str, asked: tuple[str, ...]) -> tuple[str, ...]:
    """What is measured on an instance: the engine as it is shipped, the whole search, and the parts it has."""
    has = DAY_PARTS if day_of(name) else FLEET_PARTS
    return (WHOLE, *(part for part in asked if part != WHOLE and (part in has or part == SHIPPED)))


def _published(data: Path) -> Path:
    return data / "vrp" if (data / "vrp").is_dir() else data


def losses(rows: list[Row]) -> dict[str, tuple[Estimate, float]]:
    """By part: percent that the objective is above the whole search's of the same day, and speed as a share of its own.

    Speed is iterations a second of processor time, so that a busy machine slows nobody.
    """
    whole: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        if row.engine == WHOLE and row.total:
            whole.setdefault((row.instance, row.budget_s), []).append(row)
    found = {}
    for part in dict.fromkeys(row.engine for row in rows if row.engine != WHOLE):
        mine = [row for row in rows if row.engine == part and row.total and (row.instance, row.budget_s) in whole]
        beside = [(row, whole[row.instance, row.budget_s]) for row in mine]
        percent = over_instances(
            [(row.instance, 100 * ((row.total or 0) / fmean(of.total or 0 for of in all_) - 1)) for row, all_ in beside]
        )
        if percent is not None:
            found[part] = percent, _speed(mine) / max(1e-9, _speed([of for _, all_ in beside for of in all_]))
    return found


def _speed(rows: list[Row]) -> float:
    return sum(row.iterations or 0 for row in rows) / max(1e-9, sum(row.cpu_s for row in rows))


def tell_ablation(ledger: Ledger, console: Console) -> None:
    """A table a class, the part that gives most first."""
    for group, rows in classes(ledger).items():
        budgets = "/".join(f"{budget_s:g}" for budget_s in sorted({row.budget_s for row in rows}))
        title = f"{group}, {budgets} s: loss without the part, or with it changed, over n days"
        table = Table(title=title, title_justify="left", box=None)
        table.add_column("part", no_wrap=True)
        table.add_column("loss %", justify="right", no_wrap=True)
        table.add_column("n", justify="right", no_wrap=True)
        table.add_column("speed", justify="right", no_wrap=True)
        table.add_column("")
        for part, (percent, speed) in _sorted(losses(rows)):
            table.add_row(part, percent.says(), str(percent.n), f"{speed:.2f}", said_of(part))
        console.print(table)
    for note in ledger.notes:
        console.print(f"note: {note}", markup=False, highlight=False)


def said_of(part: str) -> str:
    """What is different in a part."""
    return "the engine as it is shipped" if part == SHIPPED else PARTS[part].says


def _sorted(found: dict[str, tuple[Estimate, float]]) -> list[tuple[str, tuple[Estimate, float]]]:
    return sorted(found.items(), key=lambda item: -item[1][0].mean)


def write_ablation(ledger: Ledger, folder: Path) -> list[Path]:
    """A picture of all classes: a bar a part, as long as what is lost without it."""
    folder.mkdir(parents=True, exist_ok=True)
    groups = {group: _sorted(losses(rows))[::-1] for group, rows in classes(ledger).items()}
    groups = {group: found for group, found in groups.items() if found}
    if not groups:
        return []
    most = max(len(found) for found in groups.values())
    picture, axes = canvas(1, len(groups), 4.2 * len(groups), 1.3 + 0.23 * most)
    for panel, (group, found) in zip(axes[0], groups.items(), strict=True):
        means = [percent.mean for _, (percent, _) in found]
        apart = [percent.half_width or 0.0 for _, (percent, _) in found]
        colours = ["#b03a5b" if mean > 0 else "#3a8f3a" for mean in means]
        bars = {"color": colours, "alpha": 0.75, "height": 0.68, "ecolor": "#555555"}
        panel.barh(range(len(found)), means, xerr=apart, error_kw={"elinewidth": 0.8, "capsize": 2}, **bars)
        panel.set_yticks(range(len(found)), [part for part, _ in found], fontsize=8)
        panel.axvline(0, color="#333333", linewidth=0.8)
        panel.grid(visible=False, axis="y")
        panel.set_ylim(-0.7, len(found) - 0.3)
        panel.set_title(group, fontsize=9, loc="left")
        panel.set_xlabel("% lost, whiskers 95 %", fontsize=8)
    picture.suptitle("what each part of the search gives", fontsize=11)
    file = folder / "ablation.png"
    picture.savefig(file)
    return [file]
