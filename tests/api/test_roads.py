"""Which region answers for a point, and that answers come even while engines die and regions go."""

import asyncio
import dataclasses
import os
import shutil
import signal
from datetime import timedelta

import numpy as np
import pytest
import shapely
from osrm_server import OsrmServer
from pydantic import ValidationError
from tiny_extracts import KIEL, STEP_DEG, one_town

from api import roads as roads_module
from api.errors import OutsideCoverage
from api.roads import Roads
from api.settings import Settings
from geo.point import Point
from routing import dataset
from routing.errors import UnknownRegion

SQUARE = Point(-71.2517, -29.9059)
HARBOUR = Point(-71.3363, -29.9533)
STATION = Point(24.941, 60.171)
OCEAN = Point(-30.0, 0.0)


@pytest.fixture
async def roads(sample_home, coquimbo, helsinki, monkeypatch):
    monkeypatch.setattr(roads_module, "LOOK_EVERY_S", 0.0)
    found = Roads(sample_home, retry_after_s=0.1)
    yield found
    await found.close()


@pytest.fixture
async def own_roads(tmp_path, coquimbo, monkeypatch):
    """A registry of the test's own, for tests that take a region away."""
    monkeypatch.setattr(roads_module, "LOOK_EVERY_S", 0.0)
    shutil.copytree(coquimbo.folder.parents[1], tmp_path / "regions" / "coquimbo", symlinks=True)
    found = Roads(tmp_path)
    yield found
    await found.close()


def lonlat(*points):
    return np.array([(point.lon, point.lat) for point in points])


async def test_a_point_belongs_to_the_region_whose_outline_holds_it(roads):
    assert roads.region_at(SQUARE).name == "coquimbo"
    assert roads.region_at(STATION).name == "helsinki"
    assert roads.region_at(OCEAN) is None


async def test_of_two_regions_that_hold_a_point_the_smaller_one_answers(roads, coquimbo):
    area = shapely.MultiPolygon([shapely.Point(SQUARE.lon, SQUARE.lat).buffer(0.01)])
    roads.names()
    town = dataclasses.replace(coquimbo, name="centre", outline=area)
    roads._known["centre"] = roads_module._Known(town, 1.0)
    assert roads.region_at(SQUARE).name == "centre"
    late = dataclasses.replace(town, name="later", built_at=town.built_at + timedelta(days=1))
    roads._known["later"] = roads_module._Known(late, 1.0)
    assert roads.region_at(SQUARE).name == "later"


async def test_points_of_one_region_are_covered_and_a_point_of_none_is_named(roads):
    assert roads.covering([SQUARE, HARBOUR]).name == "coquimbo"
    with pytest.raises(OutsideCoverage) as outside:
        roads.covering([SQUARE, OCEAN])
    assert outside.value.details == {"regions": ["coquimbo", "helsinki"], "point": 1}
    with pytest.raises(OutsideCoverage, match="No region holds all"):
        roads.covering([SQUARE, STATION])


async def test_an_unknown_region_comes_with_the_names_there_are(roads):
    with pytest.raises(UnknownRegion, match="coquimbo"):
        roads.region("atlantis")


async def test_a_table_equals_the_engine_s_own(roads, coquimbo, coquimbo_engine):
    points = lonlat(SQUARE, HARBOUR)
    table = await roads.table(coquimbo, points)
    assert table.source == "osrm"
    assert (table.duration_s == coquimbo_engine.table(points).duration_s).all()


async def test_in_a_region_built_for_tables_short_ways_to_one_place_are_asked_of_mld_and_take_as_long(
    tmp_path, monkeypatch
):
    outline = shapely.MultiPolygon([shapely.box(10, 54, 11, 55)])
    about = {"outline": outline, "timezone": "UTC", "statistics": {}}
    kiel = dataset.build(tmp_path, "kiel", one_town(tmp_path / "kiel.osm.pbf", n=8), algorithm="ch", details=about)
    points = np.random.default_rng(1).uniform(0, 7 * STEP_DEG, (20, 2)) + KIEL
    roads = Roads(tmp_path)
    try:
        around = await roads.table(kiel, points, range(19), [19])
        assert [algorithm for _, algorithm in _asked(roads)] == ["mld"]
        monkeypatch.setattr(roads_module, "NEAR_M", 0.0)
        from_afar = await roads.table(kiel, points, range(19), [19])
        assert [algorithm for _, algorithm in _asked(roads)] == ["mld", "ch"]
    finally:
        await roads.close()
    assert around.source == from_afar.source == "osrm"
    assert around.duration_s.max() > 60
    assert (around.duration_s == from_afar.duration_s).all()


def _asked(roads):
    """Region and algorithm of every engine that is open, first opened first."""
    lines = [(key[0], line.result().engine) for key, line in roads._lines.items()]
    return [(name, engine._algorithm) for name, engine in lines]


async def test_an_engine_that_is_killed_under_load_never_fails_a_question_and_recovers(roads, coquimbo):
    points = lonlat(SQUARE, HARBOUR)
    exact = (await roads.table(coquimbo, points)).duration_s
    seen = set()

    async def ask():
        for _ in range(50):
            table = await roads.table(coquimbo, points)
            seen.add(table.source)
            assert table.source == "straight" or (table.duration_s == exact).all()

    async def kill():
        for _ in range(5):
            for pid in roads.pids():
                os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(lambda: None)

    await asyncio.gather(*(ask() for _ in range(4)), kill())
    async with asyncio.timeout(20):
        while (await roads.table(coquimbo, points)).source != "osrm":
            seen.add("straight")


async def test_a_region_that_is_gone_is_known_no_more_and_comes_back_with_its_files(own_roads, tmp_path):
    assert own_roads.region_at(SQUARE) is not None
    link = tmp_path / "regions" / "coquimbo" / "current"
    target = link.readlink()
    link.unlink()
    assert own_roads.names() == []
    assert own_roads.region_at(SQUARE) is None
    with pytest.raises(OutsideCoverage, match="There is none yet"):
        own_roads.covering([SQUARE])
    link.symlink_to(target)
    assert own_roads.names() == ["coquimbo"]


async def test_questions_under_way_are_answered_when_a_region_goes(own_roads, tmp_path):
    region = own_roads.region("coquimbo")
    points = lonlat(SQUARE, HARBOUR)
    await own_roads.table(region, points)
    asked = [asyncio.create_task(own_roads.table(region, points)) for _ in range(20)]
    (tmp_path / "regions" / "coquimbo" / "current").unlink()
    assert own_roads.names() == []
    answers = await asyncio.gather(*asked)
    assert {int(answer.duration_s[0, 1]) for answer in answers} == {int(answers[0].duration_s[0, 1])}


async def test_roads_are_asked_of_the_server_that_a_setting_names_and_its_absence_is_told(sample_home, coquimbo):
    server = OsrmServer(coquimbo).start()
    roads = Roads(sample_home, retry_after_s=0.0, osrm_url=server.url)
    try:
        asked = roads.region("coquimbo"), lonlat(SQUARE, HARBOUR)
        there = await roads.table(*asked)
        assert (there.source, roads.sources(), roads.pids()) == ("osrm", {"coquimbo": "osrm"}, [])
        server.stop()
        assert ((await roads.table(*asked)).source, roads.sources()) == ("straight", {"coquimbo": "straight"})
        server.start()
        assert (await roads.table(*asked)).duration_s.tolist() == there.duration_s.tolist()
        assert roads.sources() == {"coquimbo": "osrm"}
    finally:
        await roads.close()
        server.stop()


def test_an_address_of_roads_that_is_none_is_refused_at_the_start():
    with pytest.raises(ValidationError, match="OSRM_URL"):
        Settings(osrm_url="roads:5000")
