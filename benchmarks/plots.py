"""Pictures of a run, drawn by hand as SVG: how far each engine is from the reference, by class."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from statistics import fmean

from benchmarks.ledger import Ledger, Row
from routing.text_files import write_text

WIDTH, ROW, LEFT = 640, 26, 150
_COLOURS = ("#1b6ca8", "#e07a1f", "#3a8f3a", "#b03a5b", "#6a4fa3", "#7a6a55", "#2a9d8f")


def write_plots(ledger: Ledger, folder: Path) -> list[Path]:
    """One picture a class and budget; returns the files. The folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    groups: dict[tuple[str, float], list[Row]] = {}
    for budget_s in sorted({row.budget_s for row in ledger.rows if row.budget_s}) or [0.0]:
        for row in ledger.rows:
            # Who takes no budget stands beside every one.
            if row.gap is not None and row.budget_s in (budget_s, 0.0):
                group = str(ledger.instances.get(row.instance, {}).get("class", "all"))
                groups.setdefault((group, budget_s), []).append(row)
    for (group, budget_s), rows in groups.items():
        name = re.sub(r"[^a-z0-9]+", "-", f"{ledger.suite}-{group}-{budget_s:g}s".lower())
        file = folder / f"{name}.svg"
        write_text(file, drawn(f"{ledger.suite}, {group}, {budget_s:g} s: gap to the reference", rows))
        made.append(file)
    return made


def drawn(title: str, rows: Sequence[Row]) -> str:
    """A bar an engine, as long as its mean gap, and a dot a row."""
    engines = list(dict.fromkeys(row.engine for row in rows))
    gaps = {
        engine: [100 * row.gap for row in rows if row.engine == engine and row.gap is not None] for engine in engines
    }
    most = max(0.01, *(max(values) for values in gaps.values()))
    room = WIDTH - LEFT - 90
    parts = [f'<text x="8" y="20" font-size="14">{escape(title)}</text>']
    for number, engine in enumerate(engines):
        y, colour, mean = 36 + number * ROW, _COLOURS[number % len(_COLOURS)], fmean(gaps[engine])
        length = max(0.0, mean) / most * room
        parts.append(f'<text x="8" y="{y + 13}">{escape(engine)}</text>')
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="16" fill="{colour}" opacity="0.6"/>')
        parts += [
            f'<circle cx="{LEFT + max(0.0, gap) / most * room:.1f}" cy="{y + 8}" r="2.5" fill="{colour}"/>'
            for gap in gaps[engine]
        ]
        parts.append(f'<text x="{LEFT + room + 10}" y="{y + 13}">{mean:+.2f} %</text>')
    height = 44 + ROW * len(engines)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>"]) + "\n"
