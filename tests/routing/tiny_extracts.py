"""OpenStreetMap extracts of a few streets, made up on the spot."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

STEP_DEG = 0.001

KIEL, HOBART = (10.13, 54.32), (147.33, -42.88)
"""Corners of two towns with a sea between them."""


def town(
    corner: tuple[float, float], n: int = 4, first_id: int = 1
) -> tuple[dict[int, tuple[float, float]], list[list[int]]]:
    """Nodes and streets of n x n crossings, a thousandth of a degree apart, first one at the corner."""
    ids = [[first_id + n * row + column for column in range(n)] for row in range(n)]
    nodes = {
        ids[row][column]: (corner[0] + column * STEP_DEG, corner[1] + row * STEP_DEG)
        for row in range(n)
        for column in range(n)
    }
    return nodes, ids + [list(column) for column in zip(*ids, strict=True)]


def write_extract(
    path: Path,
    nodes: Mapping[int, tuple[float, float]],
    streets: Iterable[Sequence[int]],
    tags: Mapping[str, str] | None = None,
) -> Path:
    """Write nodes and streets, all with the same tags, by default residential."""
    with osmium.SimpleWriter(str(path)) as writer:
        for number, location in sorted(nodes.items()):
            writer.add_node(Node(id=number, version=1, location=location))
        for number, street in enumerate(streets, start=1):
            said = {"highway": "residential", "name": f"Street {number}"} if tags is None else dict(tags)
            writer.add_way(Way(id=number, version=1, nodes=list(street), tags=said))
    return path


def one_town(path: Path, n: int = 4) -> Path:
    """One town at Kiel."""
    return write_extract(path, *town(KIEL, n))


def two_continents(path: Path) -> Path:
    """A town at Kiel and one at Hobart, no road between them."""
    near, near_streets = town(KIEL)
    far, far_streets = town(HOBART, first_id=1001)
    return write_extract(path, near | far, near_streets + far_streets)
