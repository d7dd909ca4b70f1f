"""Milliseconds against contractors, both on logarithmic scales, a line a way: p50 drawn out, p99 dashed."""

from pathlib import Path
from typing import Any

from benchmarks.ledger import Ledger

INCHES, DOTS_PER_INCH = (8.0, 5.0), 130
COLOURS = {
    "knn": "#1b6ca8",
    "gist": "#4fa3c7",
    "h3": "#e07a1f",
    "cellindex": "#3a8f3a",
    "redis": "#b03a5b",
    "ckdtree": "#6a4fa3",
    "nearby": "#7a6a55",
}
_STYLES = {"p50_ms": "-", "p99_ms": "--"}


def write_pictures(ledger: Ledger, folder: Path) -> list[Path]:
    """One PNG for people at rest and one for people who move; returns the files. The folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for state, title in (("rest", "people at rest"), ("moving", "1,000 positions a second")):
        found = {
            int(name.partition("_")[0]): ways
            for name, ways in ledger.found.get("proximity", {}).items()
            if name.endswith(f"_{state}")
        }
        if found:
            file = folder / f"proximity-{state}.png"
            draw(f"20 nearest within 25 km, {title}", dict(sorted(found.items())), file)
            made.append(file)
    return made


def draw(title: str, figures: dict[int, dict[str, dict[str, Any]]], file: Path) -> None:
    """Draw the picture.

    Parameters
    ----------
    figures : contractors -> way -> ``p50_ms`` and ``p99_ms``
    file : a PNG is written there
    """
    # Takes half a second to import, and most runs draw nothing.
    from matplotlib.figure import Figure

    picture = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    axes = picture.subplots()
    for way in dict.fromkeys(way for found in figures.values() for way in found):
        sizes = [size for size, found in figures.items() if way in found]
        for key, style in _STYLES.items():
            label = way if key == "p50_ms" else None
            values = [figures[size][way][key] for size in sizes]
            axes.plot(sizes, values, style, color=COLOURS.get(way, "#333"), marker="o", markersize=3, label=label)
    axes.set(xscale="log", yscale="log", xlabel="contractors", ylabel="ms", title=f"{title}: p50 ——, p99 – –")
    for axis, says in ((axes.xaxis, "{x:,.0f}"), (axes.yaxis, "{x:g}")):
        axis.set_major_formatter(says)
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.grid(visible=True, which="major", color="#ddd")
    axes.legend(frameon=False)
    picture.savefig(file)
