"""Milliseconds against contractors, both on logarithmic scales, a line a way: p50 drawn out, p99 dashed."""

import math
from pathlib import Path
from typing import Any

from benchmarks.ledger import Ledger
from routing.text_files import write_text

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 440, 64, 40, 150, 48
COLOURS = {
    "gist": "#1b6ca8",
    "h3": "#e07a1f",
    "cellindex": "#3a8f3a",
    "redis": "#b03a5b",
    "ckdtree": "#6a4fa3",
    "nearby": "#7a6a55",
}
_DASHES = {"p50_ms": "", "p99_ms": ' stroke-dasharray="5 4"'}


def write_pictures(ledger: Ledger, folder: Path) -> list[Path]:
    """One picture for people at rest and one for people who move; returns the files. The folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for state, title in (("rest", "people at rest"), ("moving", "1,000 positions a second")):
        found = {
            int(name.partition("_")[0]): ways
            for name, ways in ledger.found.get("proximity", {}).items()
            if name.endswith(f"_{state}")
        }
        if found:
            file = folder / f"proximity-{state}.svg"
            write_text(file, drawn(f"20 nearest within 25 km, {title}", dict(sorted(found.items()))))
            made.append(file)
    return made


def drawn(title: str, figures: dict[int, dict[str, dict[str, Any]]]) -> str:
    """The picture as SVG.

    Parameters
    ----------
    figures : contractors -> way -> ``p50_ms`` and ``p99_ms``
    """
    values = [one[key] for ways in figures.values() for one in ways.values() for key in _DASHES]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    least, most = math.log10(min(figures)), math.log10(max(figures))
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(size: int) -> float:
        return LEFT + (wide * (math.log10(size) - least) / (most - least) if most > least else wide / 2)

    def y(ms: float) -> float:
        return TOP + tall * (high - math.log10(ms)) / (high - low)

    parts = [f'<text x="8" y="22" font-size="14">{title}: p50 ——, p99 – –</text>']
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + wide}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} ms</text>')
    foot = HEIGHT - BOTTOM + 18
    parts += [f'<text x="{x(size):.1f}" y="{foot}" text-anchor="middle">{size:,}</text>' for size in figures]
    ways = list(dict.fromkeys(way for found in figures.values() for way in found))
    for number, way in enumerate(ways):
        colour = COLOURS.get(way, "#333")
        for key, dashes in _DASHES.items():
            points = [(x(size), y(found[way][key])) for size, found in figures.items() if way in found]
            path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
            parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        parts.append(f'<text x="{LEFT + wide + 14}" y="{TOP + 14 + 20 * number}" fill="{colour}">{way}</text>')
    parts.append(f'<text x="{LEFT + wide / 2}" y="{HEIGHT - 8}" text-anchor="middle">contractors</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>"]) + "\n"
