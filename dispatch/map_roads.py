"""Roads as short text for the map page: what to draw at which zoom, within what a page may weigh."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo import polyline

type Road = tuple[str, np.ndarray]
"""OpenStreetMap's ``highway`` value and the line, float64 (n, 2), longitude first."""

RANKS: tuple[frozenset[str], ...] = (
    frozenset({"motorway", "motorway_link", "trunk", "trunk_link"}),
    frozenset({"primary", "primary_link"}),
    frozenset({"secondary", "secondary_link"}),
    frozenset({"tertiary", "tertiary_link"}),
    frozenset({"residential", "unclassified", "living_street", "road"}),
)
"""Classes drawn alike, the widest first; what stands in none of them is drawn last and thinnest."""

N_RANKS = len(RANKS) + 1

MAX_POINTS = 500_000
"""Points of road a page carries: some 2.5 MB of text."""

MARGIN_SHARE = 0.35
MARGIN_DEG = 0.03
"""How far around the plan roads are drawn: a share of its size, and three kilometres at least."""

TOLERANCE_DEG = 2e-5
"""Two metres: less than a pixel until a street fills the screen."""

PRECISION = 5


@dataclass(frozen=True, slots=True)
class PackedLines:
    """Many lines in one polyline of precision 5; ``counts`` says how many points belong to each."""

    text: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RoadLayer:
    """One entry per rank; ``n_left_out`` roads near the plan did not fit into the page."""

    ranks: tuple[PackedLines, ...]
    n_left_out: int


def pack(lines: Sequence[np.ndarray]) -> PackedLines:
    """Join lines, float64 (n, 2) each, into one text; lines of less than two points are left out."""
    kept = [line for line in lines if len(line) >= 2]
    text = polyline.encode(np.concatenate(kept), precision=PRECISION) if kept else ""
    return PackedLines(text, tuple(len(line) for line in kept))


def road_layer(roads: Sequence[Road], places: np.ndarray, max_points: int = MAX_POINTS) -> RoadLayer:
    """Choose and shorten what the page draws under the plan.

    Parameters
    ----------
    roads : of the whole region
    places : float64 (p, 2), where the plan has stops, homes and routes; empty means all roads matter alike
    max_points : what the page may carry

    Returns
    -------
    Roads around the plan, small ones left out first when there are too many, and of those the ones nearest
    to the plan kept.
    """
    usable = [(_rank(highway), line) for highway, line in roads if len(line) >= 2]
    if not usable:
        return RoadLayer(tuple(PackedLines("", ()) for _ in range(N_RANKS)), 0)
    ranks = np.array([rank for rank, _ in usable])
    lines = _simplified([line for _, line in usable])
    middles = np.array([line[len(line) // 2] for line in lines])
    near = _near(lines, places)
    # Wide roads first, then whatever lies closest to the plan, until the page is full.
    away = _steps_away(middles, places)
    order = np.lexsort((middles[:, 1], middles[:, 0], away, ranks))
    order = order[near[order]]
    n_points = np.cumsum([len(lines[i]) for i in order])
    fits = order[n_points <= max_points]
    packed = []
    for rank in range(N_RANKS):
        chosen = fits[ranks[fits] == rank]
        # Neighbours one after another make the steps from line to line, and so the text, short.
        cells = np.floor(middles[chosen] / 0.01)
        chosen = chosen[np.lexsort((cells[:, 1], cells[:, 0]))]
        packed.append(pack([lines[i] for i in chosen]))
    return RoadLayer(tuple(packed), len(order) - len(fits))


def simplified(line: np.ndarray) -> np.ndarray:
    """A line without the points that no screen shows."""
    return _simplified([line])[0] if len(line) >= 2 else line


def _rank(highway: str) -> int:
    return next((rank for rank, classes in enumerate(RANKS) if highway in classes), N_RANKS - 1)


def _simplified(lines: list[np.ndarray]) -> list[np.ndarray]:
    counts = [len(line) for line in lines]
    joined = shapely.linestrings(np.concatenate(lines), indices=np.repeat(np.arange(len(lines)), counts))
    short = shapely.simplify(joined, TOLERANCE_DEG, preserve_topology=False)
    coordinates, owner = shapely.get_coordinates(short, return_index=True)
    return np.split(coordinates, np.flatnonzero(np.diff(owner)) + 1)


def _near(lines: list[np.ndarray], places: np.ndarray) -> np.ndarray:
    if not len(places):
        return np.ones(len(lines), dtype=bool)
    low, high = places.min(axis=0), places.max(axis=0)
    margin = np.maximum((high - low) * MARGIN_SHARE, MARGIN_DEG)
    low, high = low - margin, high + margin
    lowest = np.array([line.min(axis=0) for line in lines])
    highest = np.array([line.max(axis=0) for line in lines])
    return np.asarray(((highest >= low) & (lowest <= high)).all(axis=1))


def _steps_away(middles: np.ndarray, places: np.ndarray) -> np.ndarray:
    """How many half kilometres a road lies from the nearest place of the plan, roughly; 0 without places."""
    if not len(places):
        return np.zeros(len(middles), dtype=np.int64)
    cells = np.unique(np.floor(places / 0.005), axis=0)
    tree = shapely.STRtree(np.atleast_1d(shapely.points(cells)))
    nearest = tree.query_nearest(shapely.points(np.floor(middles / 0.005)), return_distance=True, all_matches=False)
    return np.asarray(nearest[1], dtype=np.float64).astype(np.int64)
