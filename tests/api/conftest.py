"""Servers for questions about the map."""

import shutil

import pytest
import pytest_asyncio
from map_server import map_settings, serving
from tiny_extracts import two_continents

from ingest.region import ingest_region


@pytest.fixture(scope="session")
def map_home(tmp_path_factory, coquimbo):
    """Coquimbo, and "continents": a small town at Kiel and one at Hobart with no road between them."""
    home = tmp_path_factory.mktemp("map_home")
    shutil.copytree(coquimbo.folder.parents[1], home / "regions" / "coquimbo", symlinks=True)
    ingest_region(home, "continents", extract=two_continents(home / "continents.osm.pbf"))
    return home


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def maps(map_home):
    """A client with the key; its server lives as long as the session, so that engines open once."""
    async with serving(map_settings(map_home)) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def straight_maps(map_home):
    """The same, of a server whose road engine never answers in time."""
    async with serving(map_settings(map_home, engine_deadline_s=1e-9, engine_retry_s=600.0)) as client:
        yield client


@pytest.fixture
def own_map_home(tmp_path, map_home):
    """Regions of the test's own, for tests that take them away."""
    shutil.copytree(map_home / "regions", tmp_path / "regions", symlinks=True)
    return tmp_path
