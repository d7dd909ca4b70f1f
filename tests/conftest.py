"""Road data of the sample regions, built once for a whole run, however many workers share it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

from ingest.region import ingest_region
from routing import dataset
from routing.errors import UnknownRegion
from routing.osrm import Osrm
from routing.region import Region

pytest_plugins = ("servers",)

# A busy machine is no reason to fail: what is slow is found by --durations, not by one unlucky example.
settings.register_profile("trades", deadline=None, derandomize=True)
settings.load_profile("trades")


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that all workers of this run share; regions appear in it as tests ask for them."""
    own = tmp_path_factory.getbasetemp()
    home = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "sample_home"
    home.mkdir(exist_ok=True)
    return home


@pytest.fixture(scope="session")
def coquimbo(sample_home: Path) -> Region:
    """Coquimbo and La Serena, Chile: a town of 20 x 28 km, streets with names, no house numbers."""
    return _ingested(sample_home, "coquimbo")


@pytest.fixture(scope="session")
def coquimbo_engine(coquimbo: Region) -> Iterator[Osrm]:
    """OSRM over Coquimbo in this process."""
    with closing(Osrm(coquimbo.base, coquimbo.algorithm)) as engine:
        yield engine


@pytest.fixture(scope="session")
def helsinki(sample_home: Path) -> Region:
    """The middle of Helsinki, 1.0 x 1.8 km."""
    return _ingested(sample_home, "helsinki")


@pytest.fixture(scope="session")
def helsinki_engine(helsinki: Region) -> Iterator[Osrm]:
    """OSRM over Helsinki in this process."""
    with closing(Osrm(helsinki.base, helsinki.algorithm)) as engine:
        yield engine


def _ingested(home: Path, sample: str) -> Region:
    with (home / f"{sample}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return dataset.region(home, sample)
        except UnknownRegion:
            return ingest_region(home, sample, sample=sample).region
