"""Places as a request names them: which region they lie in, and whose fault it is when roads do not reach them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.errors import OutsideCoverage
from api.maps.errors import NoOrderOfPlaces, NoWay, PlaceOffRoad, faults
from api.roads import Roads
from geo.point import Point, lonlat_array
from routing.errors import NoOrder, NoRoute, OffRoad
from routing.region import Region


@dataclass(frozen=True, slots=True)
class Places:
    """Points in the order in which the roads are asked about them.

    Parameters
    ----------
    points : where
    pointers : for each the field of the request that it came from
    """

    points: tuple[Point, ...]
    pointers: tuple[str, ...]

    @property
    def lonlat(self) -> NDArray[np.float64]:
        """float64 array (n, 2), degrees, longitude first."""
        return lonlat_array(self.points)

    def __add__(self, others: "Places") -> "Places":
        """These, then the others."""
        return Places(self.points + others.points, self.pointers + others.pointers)


def listed(points: Sequence[Point], pointer: str) -> Places:
    """Places of a list in the request."""
    return Places(tuple(points), tuple(f"{pointer}/{i}" for i in range(len(points))))


def region_of(roads: Roads, places: Places) -> Region:
    """The region that all places lie in; raises ``OutsideCoverage`` with the field and the regions there are."""
    try:
        return roads.covering(places.points)
    except OutsideCoverage as outside:
        number = outside.details.get("point")
        if number is None:
            raise
        pointer, point = places.pointers[number], places.points[number]
        message = f"{pointer} ({point.lat}, {point.lon}) lies in no region."
        if abs(point.lon) <= 90 and roads.region_at(Point(point.lat, point.lon)) is not None:
            message += " Latitude and longitude look swapped: the other way round it lies in one."
        regions = outside.details["regions"]
        there = f"There are: {', '.join(regions)}." if regions else "There is none: ./trades ingest region makes one."
        raise OutsideCoverage(
            f"{message} {there}", regions=regions, errors=faults({pointer: "lies in no region"}, "outside_coverage")
        ) from outside


@contextmanager
def naming(places: Places, first_destination: int = 0) -> Iterator[None]:
    """Turn what the roads say about positions into errors that name fields.

    Parameters
    ----------
    places : as the roads were asked about them
    first_destination : position of what ``NoOrder`` counts as destination 0
    """
    try:
        yield
    except OffRoad as far:
        distance_m = zip(far.indices, far.distance_m, strict=True)
        # The same place may be asked about twice: as a source and as a target, or on the way back.
        raise PlaceOffRoad({places.pointers[i]: metres for i, metres in distance_m}, far.limit_m) from far
    except NoRoute as gap:
        raise NoWay((places.pointers[gap.leg], places.pointers[gap.leg + 1])) from gap
    except NoOrder as none:
        cut_off = {*none.no_way_there, *none.no_way_back, *(i for pair in none.apart for i in pair)}
        pointers = [places.pointers[first_destination + i] for i in sorted(cut_off)]
        raise NoOrderOfPlaces(str(none), pointers) from none
