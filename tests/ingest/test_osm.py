"""What an extract says about itself, on towns small enough to count by hand, and what is refused."""

import bz2
import gzip

import numpy as np
import pytest
import shapely
from shapely import Point
from tiny_extracts import HOBART, KIEL, STEP_DEG, one_town, town, two_continents, write_extract

from geo.distance import along_m
from ingest.osm import describe, read_roads
from routing.errors import UnreadableFile


@pytest.fixture(scope="module")
def kiel(tmp_path_factory):
    """Four streets across four others: 16 crossings, 24 blocks between them."""
    return describe(read_roads(one_town(tmp_path_factory.mktemp("kiel") / "kiel.osm.pbf")))


def test_streets_junctions_and_blocks_are_counted(kiel):
    counted = {name: value for name, value in kiel["statistics"].items() if name.startswith("n_")}
    # An edge is a block in one direction. The four corners of the grid join two streets only, so they are no crossing.
    assert counted == {"n_ways": 8, "n_junctions": 16, "n_edges": 48, "n_street_names": 8, "n_intersections": 12}


def test_road_kilometres_are_added_up_by_class(tmp_path):
    nodes = {1: KIEL, 2: (KIEL[0] + STEP_DEG, KIEL[1]), 3: (KIEL[0] + 3 * STEP_DEG, KIEL[1])}
    km = {}
    for kind in ("primary", "residential"):
        extract = write_extract(tmp_path / f"{kind}.osm.pbf", nodes, [[1, 2], [2, 3]], tags={"highway": kind})
        km |= describe(read_roads(extract))["statistics"]["km_by_class"]
    length_km = float(along_m([nodes[1], nodes[3]]).sum()) / 1000
    assert km == {"primary": round(length_km, 2), "residential": round(length_km, 2)}


def test_intersections_are_per_square_kilometre_of_the_outline(kiel):
    of = kiel["statistics"]
    assert of["intersections_per_km2"] == round(12 / of["outline_km2"], 2)
    # 19 cells of about 0.74 km2 around a town that lies in one of them, a few more when it straddles.
    assert 12 < of["outline_km2"] < 30


def test_the_outline_holds_every_road_and_two_rings_around_it(tmp_path, kiel):
    roads = read_roads(one_town(tmp_path / "kiel.osm.pbf"))
    assert isinstance(kiel["outline"], shapely.MultiPolygon)
    assert kiel["outline"].covers(shapely.MultiPoint(np.vstack(roads.lonlat)))
    assert kiel["outline"].covers(Point(KIEL[0] - 0.012, KIEL[1]))  # 780 m west of the corner, inside the first ring
    assert not kiel["outline"].intersects(Point(KIEL[0] - 0.05, KIEL[1]))
    assert all(not part.interiors for part in kiel["outline"].geoms)


def test_a_ring_of_roads_around_a_lake_holds_the_lake_as_well(tmp_path):
    turns = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    nodes = {i: (KIEL[0] + 0.15 * np.cos(t), KIEL[1] + 0.09 * np.sin(t)) for i, t in enumerate(turns, start=1)}
    outline = describe(read_roads(write_extract(tmp_path / "lake.osm.pbf", nodes, [[*nodes, 1]])))["outline"]
    assert len(outline.geoms) == 1
    assert outline.covers(Point(KIEL))


def test_towns_on_two_continents_are_two_parts_in_the_time_zone_of_the_larger(tmp_path):
    near, near_streets = town(KIEL)
    far, far_streets = town(HOBART, n=60, first_id=1001)
    extract = write_extract(tmp_path / "both.osm.pbf", near | far, near_streets + far_streets)
    found = describe(read_roads(extract))
    assert found["statistics"]["outline_parts"] == len(found["outline"].geoms) == 2
    assert found["timezone"] == "Australia/Hobart"


def test_the_time_zone_is_that_of_the_place(kiel):
    assert kiel["timezone"] == "Europe/Berlin"


def test_only_what_a_car_may_use_counts_as_a_road(tmp_path):
    nodes, streets = town(KIEL)
    for kind in ("footway", "cycleway", "steps", "proposed"):
        extract = write_extract(tmp_path / f"{kind}.osm.pbf", nodes, streets, tags={"highway": kind})
        with pytest.raises(UnreadableFile, match="no road that a car may use"):
            read_roads(extract)


def test_a_way_whose_nodes_were_cut_off_keeps_the_ones_there_are(tmp_path):
    nodes = {1: KIEL, 2: (KIEL[0] + STEP_DEG, KIEL[1])}
    roads = read_roads(write_extract(tmp_path / "clipped.osm.pbf", nodes, [[1, 2, 99], [98, 2]]))
    assert roads.node_ids == [(1, 2)]


def test_an_extract_that_lists_ways_before_their_nodes_is_read(tmp_path):
    extract = tmp_path / "unsorted.osm"
    extract.write_text(
        '<osm version="0.6"><way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way>'
        f'<node id="1" version="1" lon="{KIEL[0]}" lat="{KIEL[1]}"/><node id="2" version="1" lon="10.2" lat="54.3"/></osm>'
    )
    assert read_roads(extract).node_ids == [(1, 2)]


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.gz", ".osm.bz2"])
def test_every_kind_of_extract_says_the_same(tmp_path, kiel, suffix):
    assert describe(read_roads(one_town(tmp_path / f"kiel{suffix}"))) == kiel


def cut(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.gz", ".osm.bz2"])
@pytest.mark.parametrize("share", [0.4, 0.95])
def test_a_truncated_extract_is_refused_with_a_remedy(tmp_path, suffix, share):
    whole = two_continents(tmp_path / f"whole{suffix}").read_bytes()
    broken = cut(tmp_path / f"cut{suffix}", whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableFile, match="fetch or copy it again") as refused:
        read_roads(broken)
    assert refused.value.file == broken


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.gz", ".osm.bz2"])
def test_an_empty_file_is_refused(tmp_path, suffix):
    with pytest.raises(UnreadableFile, match="fetch or copy it again"):
        read_roads(cut(tmp_path / f"empty{suffix}", b""))


@pytest.mark.parametrize(
    ("suffix", "packed"), [(".osm", bytes), (".osm.gz", gzip.compress), (".osm.bz2", bz2.compress)]
)
def test_an_extract_with_nothing_in_it_is_refused(tmp_path, suffix, packed):
    with pytest.raises(UnreadableFile, match="no road that a car may use"):
        read_roads(cut(tmp_path / f"nothing{suffix}", packed(b'<osm version="0.6"></osm>')))


@pytest.mark.parametrize("name", ["map.dat", "map.osm.pbf", "map.osm"])
def test_a_file_that_is_no_map_is_refused(tmp_path, name):
    with pytest.raises(UnreadableFile, match="not complete OpenStreetMap data"):
        read_roads(cut(tmp_path / name, b"lon,lat\n10.13,54.32\n" * 50))


def test_a_folder_or_nothing_is_no_extract(tmp_path):
    for missing in (tmp_path, tmp_path / "nowhere.osm.pbf"):
        with pytest.raises(UnreadableFile, match="there is no such file; name an OpenStreetMap extract"):
            read_roads(missing)
