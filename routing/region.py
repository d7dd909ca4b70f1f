"""What is known about one built road data set, and the small file that keeps it beside the data."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import shapely.geometry
from shapely import MultiPolygon

from routing.errors import RoutingError, UnreadableFile

type Algorithm = Literal["mld", "ch"]
"""How OSRM prepares a road network: "mld" is built in seconds and takes new speeds, "ch" answers tables fastest.

Data of "ch" hold MLD's part, too, for short ways to one place.
"""

ALGORITHMS: tuple[Algorithm, ...] = ("mld", "ch")

DESCRIPTION_FILE = "region.json"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class InvalidRegionName(RoutingError, ValueError):
    """A region's name becomes a folder, so only plain ones are taken."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"region name {name!r} cannot be used; take 1 to 63 of a-z, 0-9, '-' and '_', beginning with a letter or digit"
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Source:
    """The extract a data set was built from: the file's name without its folder, its digest and its size."""

    file: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Region:
    """One version of the road data of a region.

    Parameters
    ----------
    name : the region
    folder : where this version lies; it never changes once it is in force, a new build gets a folder of its own
    algorithm : what it was prepared for
    version : sorts by time of build
    built_at : aware, UTC
    timezone : IANA name, "UTC" when unknown
    outline : degrees, longitude first; a point inside belongs to the region
    source : the extract
    statistics : what ingest counted, as JSON holds it
    bindings : version of osrm-bindings that built it
    """

    name: str
    folder: Path
    algorithm: Algorithm
    version: str
    built_at: datetime
    timezone: str
    outline: MultiPolygon = field(repr=False)
    source: Source
    statistics: Mapping[str, Any] = field(repr=False)
    bindings: str

    @property
    def base(self) -> Path:
        """What OSRM opens: the path that all files of the data set begin with."""
        return self.folder / "region.osrm"

    @property
    def has_mld(self) -> bool:
        """Whether MLD can be asked; data for CH that an earlier version built hold no part for it."""
        return (self.folder / "region.osrm.mldgr").exists()


def valid_name(name: str) -> bool:
    """Whether a region may have this name."""
    return _NAME.fullmatch(name) is not None


def checked_name(name: str) -> str:
    """Return the name; raises ``InvalidRegionName``."""
    if not valid_name(name):
        raise InvalidRegionName(name)
    return name


def write(region: Region, folder: Path) -> None:
    """Describe a region in ``folder/region.json``. No path of this machine gets into it."""
    description = {
        "name": region.name,
        "version": region.version,
        "algorithm": region.algorithm,
        "built_at": region.built_at.isoformat(),
        "source": {"file": region.source.file, "sha256": region.source.sha256, "bytes": region.source.n_bytes},
        "timezone": region.timezone,
        "osrm_bindings": region.bindings,
        "statistics": region.statistics,
        "outline": shapely.geometry.mapping(region.outline),
    }
    text = json.dumps(description, ensure_ascii=False, indent=1)
    (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def load(folder: Path) -> Region:
    """Read a data-set folder: one version, or a region's folder, which stands for its version in force.

    Raises
    ------
    UnreadableFile : no such folder, no description in it, or one that is damaged
    """
    version = folder / "current" if (folder / "current").is_symlink() else folder
    version = version.resolve()
    file = version / DESCRIPTION_FILE
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return _region(found, version)
    except OSError as error:
        reason = f"{error.strerror}; name a data-set folder that ./trades ingest region built"
        raise UnreadableFile(file, 0, reason) from error
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        reason = f"not the description of a region ({type(error).__name__}: {error}); ingest the region again"
        raise UnreadableFile(file, line, reason) from error


def _region(found: Mapping[str, Any], folder: Path) -> Region:
    algorithm = found["algorithm"]
    if algorithm not in ALGORITHMS:
        raise ValueError(f"algorithm {algorithm!r}")
    outline = shapely.geometry.shape(found["outline"])
    if not isinstance(outline, MultiPolygon):
        raise TypeError(f"outline is a {outline.geom_type}, not a MultiPolygon")
    built_at = datetime.fromisoformat(found["built_at"])
    if built_at.tzinfo is None:
        raise ValueError(f"built_at {found['built_at']!r} has no offset from UTC")
    source = found["source"]
    return Region(
        name=checked_name(found["name"]),
        folder=folder,
        algorithm=algorithm,
        version=str(found["version"]),
        built_at=built_at,
        timezone=str(found["timezone"]),
        outline=outline,
        source=Source(str(source["file"]), str(source["sha256"]), int(source["bytes"])),
        statistics=dict(found["statistics"]),
        bindings=str(found["osrm_bindings"]),
    )
