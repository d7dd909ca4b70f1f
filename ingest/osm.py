"""What an OpenStreetMap extract holds for driving: its outline, its time zone, its statistics, its lines to draw."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from tzfpy import get_tz

from geo import area, cells
from geo.distance import along_m
from routing.errors import UnreadableFile

DRIVABLE = frozenset(
    {
        *("motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link"),
        *("tertiary", "tertiary_link", "residential", "unclassified", "living_street", "road", "service"),
    }
)
"""Values of ``highway`` that a car may use; OSRM's car profile looks closer, at access and barriers."""

OUTLINE_RESOLUTION, OUTLINE_RINGS = 8, 2
"""The outline is the H3 cells of resolution 8 that hold a drivable node, and two rings around them."""


@dataclass(frozen=True, slots=True)
class Roads:
    """The drivable ways of an extract.

    Parameters
    ----------
    node_ids : by way, ids of its nodes
    lonlat : by way, float64 (n, 2)
    tags : by way, ``highway`` and ``name``
    """

    node_ids: list[tuple[int, ...]]
    lonlat: list[np.ndarray]
    tags: list[Mapping[str, str]]


def read_roads(extract: Path) -> Roads:
    """Drivable ways with all their nodes.

    Raises
    ------
    UnreadableFile : missing, truncated, not OpenStreetMap data, or without a single road
    """
    if not extract.is_file():
        raise UnreadableFile(extract, 0, "there is no such file; name an OpenStreetMap extract")
    try:
        ways = _ways(extract)
        at = _locations(extract, {node for nodes, _ in ways for node in nodes})
    except (RuntimeError, ValueError) as error:
        reason = f"it is not complete OpenStreetMap data ({error}); fetch or copy it again"
        raise UnreadableFile(extract, 0, reason) from error
    node_ids: list[tuple[int, ...]] = []
    lonlat: list[np.ndarray] = []
    tags: list[Mapping[str, str]] = []
    for nodes, said in ways:
        there = tuple(node for node in nodes if node in at)
        if len(there) > 1:
            node_ids.append(there)
            lonlat.append(np.array([at[node] for node in there], dtype=np.float64))
            tags.append(said)
    if not node_ids:
        raise UnreadableFile(extract, 0, "it holds no road that a car may use; is it the right extract?")
    return Roads(node_ids, lonlat, tags)


def _ways(extract: Path) -> list[tuple[list[int], Mapping[str, str]]]:
    """Nodes and tags of every drivable way. Nodes come later: some extracts list them behind the ways."""
    processor = osmium.FileProcessor(str(extract), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
    return [
        (
            [node.ref for node in way.nodes],
            {"highway": way.tags["highway"], "name": way.tags.get("name", "") or ""},
        )
        for way in processor
        if isinstance(way, osmium.osm.Way) and way.tags["highway"] in DRIVABLE
    ]


def _locations(extract: Path, wanted: set[int]) -> dict[int, tuple[float, float]]:
    # Not osmium's IdFilter: it holds a bit for every id up to the largest, half a gigabyte for Monaco.
    return {
        node.id: (node.location.lon, node.location.lat)
        for node in osmium.FileProcessor(str(extract), osmium.osm.NODE)
        if isinstance(node, osmium.osm.Node) and node.id in wanted and node.location.valid()
    }


def describe(roads: Roads) -> dict[str, Any]:
    """Outline, time zone and statistics of an extract's roads."""
    outline = cells.outline(
        cells.grow(cells.cells_of_points(np.vstack(roads.lonlat), OUTLINE_RESOLUTION), OUTLINE_RINGS)
    )
    inside = max(outline.geoms, key=lambda part: part.area).representative_point()
    return {
        "outline": outline,
        "timezone": get_tz(inside.x, inside.y) or "UTC",
        "statistics": _statistics(roads, outline),
    }


def _statistics(roads: Roads, outline: shapely.MultiPolygon) -> dict[str, Any]:
    """Lengths by class, and intersections per square kilometre as osmnx counts them."""
    import networkx as nx
    import osmnx

    km_by_class: defaultdict[str, float] = defaultdict(float)
    graph = nx.MultiDiGraph(crs="epsg:4326")
    uses = Counter(node for nodes in roads.node_ids for node in nodes)
    for nodes, lonlat, tags, steps_m in zip(roads.node_ids, roads.lonlat, roads.tags, _steps_m(roads), strict=True):
        km_by_class[tags["highway"]] += float(steps_m.sum()) / 1000
        # Edges run from junction to junction: a node that two ways share, or the end of a way.
        cuts = [i for i, node in enumerate(nodes) if i in (0, len(nodes) - 1) or uses[node] > 1]
        for a, b in itertools.pairwise(cuts):
            for i in (a, b):
                graph.add_node(nodes[i], x=float(lonlat[i, 0]), y=float(lonlat[i, 1]))
            length = float(steps_m[a:b].sum())
            graph.add_edge(nodes[a], nodes[b], length=length)
            graph.add_edge(nodes[b], nodes[a], length=length)
    counts = osmnx.stats.count_streets_per_node(graph)
    nx.set_node_attributes(graph, counts, "street_count")
    n_intersections = osmnx.stats.intersection_count(graph, min_streets=3)
    km2 = area.surface_m2(outline) / 1e6
    return {
        "n_ways": len(roads.node_ids),
        "n_junctions": graph.number_of_nodes(),
        "n_edges": graph.number_of_edges(),
        "n_street_names": len({tags["name"] for tags in roads.tags if tags["name"]}),
        "n_intersections": int(n_intersections),
        "intersections_per_km2": round(n_intersections / km2, 2),
        "outline_km2": round(km2, 2),
        "outline_parts": len(outline.geoms),
        "km_by_class": {kind: round(km, 2) for kind, km in sorted(km_by_class.items())},
    }


def _steps_m(roads: Roads) -> list[np.ndarray]:
    """Length of every step of every way; one call for all ways is six times as fast as one for each."""
    ends = np.cumsum([len(lonlat) for lonlat in roads.lonlat])
    steps_m = np.append(along_m(np.vstack(roads.lonlat)), 0.0)
    return [steps[:-1] for steps in np.split(steps_m, ends[:-1])]
