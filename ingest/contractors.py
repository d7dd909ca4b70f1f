"""A file of people into the database."""

from collections.abc import Sequence
from pathlib import Path

from dispatch.standing import read_standing_contractors
from dispatch.standing_types import StandingContractor
from geo.point import Point
from ingest.usable_rows import Progress, Usable, near_roads
from routing.region import Region


def usable_contractors(path: Path, region: Region, progress: Progress) -> Usable[StandingContractor]:
    """The people of a CSV, Excel or GeoJSON file who live near a road of the region.

    Raises
    ------
    UnreadableFile : the file as a whole cannot be used
    """
    progress("read", 0.0)
    return near_roads(path, read_standing_contractors(path), region, _places, progress)


def _places(person: StandingContractor) -> Sequence[tuple[str, Point]]:
    home = ("lon", person.home)
    return (home,) if person.end is None else (home, ("end_lon", person.end))
