"""The lines of a region's roads, kept beside its road data for drawing maps; routing itself never looks at them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROADS_FILE = "roads.npz"


def write_roads(folder: Path, classes: Sequence[str], lines: Sequence[np.ndarray]) -> None:
    """Keep road lines in a data-set folder.

    Parameters
    ----------
    classes : by line, OpenStreetMap's ``highway``
    lines : by line, float64 (n, 2), longitude first
    """
    names = sorted(set(classes))
    beside = folder / f".{ROADS_FILE}"
    with beside.open("wb") as file:
        np.savez_compressed(
            file,
            names=np.array(names),
            kind=np.array([names.index(kind) for kind in classes], dtype=np.uint8),
            n_points=np.array([len(line) for line in lines], dtype=np.uint32),
            microdegrees=np.round(np.vstack(lines) * 1e6).astype(np.int32),
        )
    beside.replace(folder / ROADS_FILE)


def read_roads(folder: Path) -> list[tuple[str, np.ndarray]]:
    """(highway, float64 (n, 2)) per line; empty when the folder keeps none: a map without roads is still a map."""
    path = folder / ROADS_FILE
    if not path.is_file():
        return []
    with np.load(path) as kept:
        names, kind = kept["names"], kept["kind"]
        lines = np.split(kept["microdegrees"] / 1e6, np.cumsum(kept["n_points"])[:-1])
    return [(str(names[k]), line) for k, line in zip(kind, lines, strict=True)]
