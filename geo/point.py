"""Points and boxes on earth, in WGS 84 degrees, longitude first."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


class CoordinateOutOfRange(ValueError):
    """A longitude or latitude is not a finite number of degrees on earth."""

    def __init__(self, field: str, value: float, limit_deg: float) -> None:
        super().__init__(
            f"{field} {value!r} is outside -{limit_deg:g} to {limit_deg:g} degrees; "
            "longitude comes first, then latitude"
        )
        self.field, self.value = field, value


class InvalidLonLat(ValueError):
    """An array of coordinates cannot be used; ``row`` is the first bad one, None when the shape is wrong."""

    def __init__(self, reason: str, row: int | None = None) -> None:
        super().__init__(f"lonlat{'' if row is None else f'[{row}]'}: {reason}")
        self.reason, self.row = reason, row


class InvalidPoint(ValueError):
    """A text or a GeoJSON object is not one two-dimensional point; ``looks_swapped`` when lat, lon would fit."""

    def __init__(self, reason: str, *, looks_swapped: bool = False) -> None:
        super().__init__(reason)
        self.looks_swapped = looks_swapped


class InvalidBox(ValueError):
    """The sides of a box contradict each other, or there is nothing to put a box around."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A place on earth.

    Parameters
    ----------
    lon : degrees east, -180 to 180
    lat : degrees north, -90 to 90

    Raises
    ------
    CoordinateOutOfRange : names the coordinate and its value; NaN and infinity are refused too
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        """Refuse what is not on earth."""
        for field, value, limit_deg in (("lon", self.lon, 180.0), ("lat", self.lat, 90.0)):
            if not (math.isfinite(value) and abs(value) <= limit_deg):
                raise CoordinateOutOfRange(field, value, limit_deg)


@dataclass(frozen=True, slots=True)
class BBox:
    """A box of meridians and parallels, its sides included. It never crosses the antimeridian.

    Parameters
    ----------
    west, east : degrees east, -180 to 180, west <= east
    south, north : degrees north, -90 to 90, south <= north

    Raises
    ------
    CoordinateOutOfRange : names the side and its value
    InvalidBox : sides the wrong way round; across the antimeridian two boxes are needed
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        """Refuse a box that is not on earth or inside out."""
        for field, value, limit_deg in (
            ("west", self.west, 180.0),
            ("south", self.south, 90.0),
            ("east", self.east, 180.0),
            ("north", self.north, 90.0),
        ):
            if not (math.isfinite(value) and abs(value) <= limit_deg):
                raise CoordinateOutOfRange(field, value, limit_deg)
        if self.west > self.east:
            raise InvalidBox(
                f"west {self.west!r} lies east of east {self.east!r}; "
                "order is west, south, east, north; split a box that crosses the antimeridian in two"
            )
        if self.south > self.north:
            raise InvalidBox(
                f"south {self.south!r} lies north of north {self.north!r}; order is west, south, east, north"
            )

    @classmethod
    def around(cls, lonlat: ArrayLike) -> "BBox":
        """Return the smallest box around points: float array (n, 2), n >= 1.

        Raises
        ------
        InvalidLonLat : wrong shape, or a row that is not on earth
        InvalidBox : no points
        """
        points = checked_lonlat(lonlat)
        if not len(points):
            raise InvalidBox("no points to put a box around; give at least one")
        (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return cls(west, south, east, north)

    def contains(self, point: Point) -> bool:
        """Whether a point lies inside or on a side."""
        return self.west <= point.lon <= self.east and self.south <= point.lat <= self.north


def checked_lonlat(lonlat: ArrayLike) -> NDArray[np.float64]:
    """Return coordinates as a float64 array (n, 2) once every row is known to be on earth.

    Raises
    ------
    InvalidLonLat : not (n, 2) (an empty list counts as (0, 2)), or a row out of range, which it names
    """
    try:
        points = np.asarray(lonlat, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidLonLat(f"cannot be read as numbers ({error}); give an array (n, 2) of degrees") from error
    if points.size == 0 and points.ndim <= 2:
        return points.reshape(0, 2)
    if points.ndim != 2 or points.shape[1] != 2:
        raise InvalidLonLat(f"has shape {points.shape}; give (n, 2), longitude first")
    on_earth = (np.abs(points) <= (180.0, 90.0)).all(axis=1)
    if not on_earth.all():
        row = int(np.argmin(on_earth))
        lon, lat = points[row].tolist()
        raise InvalidLonLat(out_of_range_reason(lon, lat), row)
    return points


def lonlat_array(points: Sequence[Point]) -> NDArray[np.float64]:
    """Return points as a float64 array (n, 2) of degrees, longitude first."""
    return np.array([(point.lon, point.lat) for point in points], dtype=np.float64).reshape(-1, 2)


def looks_swapped(lon: float, lat: float) -> bool:
    """Whether coordinates are off the earth as given but on it the other way round."""
    return 90.0 < abs(lat) <= 180.0 and abs(lon) <= 90.0


def out_of_range_reason(lon: float, lat: float) -> str:
    """Say in words why coordinates are not on earth; longitude and latitude are in degrees."""
    if looks_swapped(lon, lat):
        return (
            f"latitude {lat!r} is outside -90 to 90 degrees; longitude and latitude look swapped, "
            f"write ({lat!r}, {lon!r}): longitude comes first"
        )
    if abs(lon) <= 180.0:
        return f"latitude {lat!r} is outside -90 to 90 degrees; longitude comes first, then latitude"
    return f"longitude {lon!r} is outside -180 to 180 degrees; longitude comes first, then latitude"


def to_geojson(point: Point) -> dict[str, object]:
    """Return a point as a GeoJSON geometry (RFC 7946)."""
    return {"type": "Point", "coordinates": [float(point.lon), float(point.lat)]}


def from_geojson(geojson: object) -> Point:
    """Read a GeoJSON Point, or a Feature around one.

    Raises
    ------
    InvalidPoint : not an object, another type, not two numbers, or out of range; says which
    """
    if isinstance(geojson, Mapping) and geojson.get("type") == "Feature":
        geojson = geojson.get("geometry")
    if not isinstance(geojson, Mapping):
        raise InvalidPoint(f"GeoJSON must be an object, got {type(geojson).__name__}; parse the text first")
    if geojson.get("type") != "Point":
        raise InvalidPoint(f"GeoJSON type is {geojson.get('type')!r}; expected 'Point'")
    coordinates = geojson.get("coordinates")
    if not isinstance(coordinates, list | tuple) or len(coordinates) != 2:
        raise InvalidPoint(f"coordinates {coordinates!r} must be [longitude, latitude], without height")
    lon, lat = coordinates
    for field, value in (("longitude", lon), ("latitude", lat)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidPoint(f"{field} {value!r} is not a number; write it without quotes")
    return _point_of(lon, lat)


def to_wkt(point: Point) -> str:
    """Return a point as well-known text (OGC 06-103r4) with every digit, so that it reads back unchanged."""
    return f"POINT ({float(point.lon)!r} {float(point.lat)!r})"


_WKT = re.compile(r"\s*(?:SRID=(?P<srid>\d+);)?\s*POINT\s*\((?P<inside>[^()]*)\)\s*", re.IGNORECASE)


def from_wkt(text: str) -> Point:
    """Read ``POINT (lon lat)``, with or without PostGIS's ``SRID=4326;`` in front.

    Raises
    ------
    InvalidPoint : another geometry, another reference system, not two numbers, or out of range; says which
    """
    found = _WKT.fullmatch(text)
    if found is None:
        raise InvalidPoint(f"{text[:80]!r} is not a 2D point in WKT; write POINT (longitude latitude)")
    if found["srid"] not in (None, "4326"):
        raise InvalidPoint(f"SRID {found['srid']} is not WGS 84; transform to SRID 4326 first")
    numbers = found["inside"].split()
    if len(numbers) != 2:
        raise InvalidPoint(f"POINT has {len(numbers)} numbers; give longitude and latitude, without height")
    try:
        lon, lat = float(numbers[0]), float(numbers[1])
    except ValueError as error:
        raise InvalidPoint(f"{found['inside']!r} holds something that is not a number") from error
    return _point_of(lon, lat)


def _point_of(lon: float, lat: float) -> Point:
    # Compared before anything else: an integer too large for a float is out of range too.
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise InvalidPoint(out_of_range_reason(lon, lat), looks_swapped=looks_swapped(lon, lat))
    return Point(float(lon), float(lat))
