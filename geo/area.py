"""Service areas: polygons in degrees, longitude first, their edges straight in degrees as GeoJSON has it."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LinearRing, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from geo.distance import EARTH_RADIUS_M, one_to_many_m
from geo.point import Point, out_of_range_reason

type Area = Polygon | MultiPolygon
"""A surface of one or several parts, with or without holes."""

_LEAST_TOLERANCE_M = 0.001
_REACH_PIECES = 4000  # of the boundary; more make reach_m tighter and slower


class InvalidArea(ValueError):
    """Something is not a usable area; ``path`` says where in the input, ``remedy`` what to do about it."""

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}; {remedy}")
        self.path, self.reason, self.remedy = path, reason, remedy


def contains(area: Area, point: Point) -> bool:
    """Whether a point lies in an area or on its boundary (as far as floats can tell on a slanting edge)."""
    return bool(shapely.intersects_xy(area, point.lon, point.lat))


def contains_each(area: Area, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """As ``contains``, of each of an array (n, 2)."""
    shapely.prepare(area)
    return np.asarray(shapely.intersects_xy(area, lonlat[:, 0], lonlat[:, 1]), dtype=np.bool_)


def reach_m(area: Area, from_point: Point) -> float:
    """Return how far the farthest place of an area lies: never too little, and too much by a trifle.

    The distance from a point has no peak but the antipode, so the farthest place is on the boundary. That is
    walked in pieces; along a piece of length l between places at distances p and q, no place lies farther
    than (p + q + l) / 2.

    Parameters
    ----------
    area : valid, not empty
    from_point : anywhere, inside or outside

    Returns
    -------
    metres; above the truth by less than 1/8000 of the perimeter, a degree counting as 111.2 km

    Raises
    ------
    InvalidArea : empty or invalid
    """
    checked_area(area)
    opposite = Point(from_point.lon - math.copysign(180.0, from_point.lon), -from_point.lat)
    if contains(area, opposite):
        return math.pi * EARTH_RADIUS_M
    step_deg = area.length / _REACH_PIECES
    farthest_m = 0.0
    for part in polygons_of(area):
        for ring in (part.exterior, *part.interiors):
            lonlat = shapely.get_coordinates(shapely.segmentize(ring, step_deg))
            # Dividing an edge may round a hair beyond the pole or the antimeridian.
            lonlat = np.clip(lonlat, (-180.0, -90.0), (180.0, 90.0))
            ends_m = one_to_many_m(from_point, lonlat)
            farthest_m = max(farthest_m, float((ends_m[:-1] + ends_m[1:] + _lengths_m(lonlat)).max()) / 2.0)
    return min(farthest_m, math.pi * EARTH_RADIUS_M)


def simplify(area: Area, tolerance_m: float) -> Area:
    """Return an area with fewer corners, valid and with all its parts and holes; corners that stay do not move.

    Parameters
    ----------
    area : valid, not empty
    tolerance_m : no corner that is left out lies farther than this from the new boundary

    Returns
    -------
    an area; simplified less where it would become invalid otherwise; the given one for less than 1 mm

    Raises
    ------
    InvalidArea : empty or invalid
    ValueError : tolerance negative or not finite

    Source: Douglas and Peucker (1973), Cartographica 10(2), 112-122, as GEOS keeps its topology.
    """
    checked_area(area)
    if not (math.isfinite(tolerance_m) and tolerance_m >= 0.0):
        raise ValueError(f"tolerance_m {tolerance_m!r} must be a finite number of metres, 0 or more")
    _, south, _, north = area.bounds
    nearest_equator_deg = 0.0 if south < 0.0 < north else min(abs(south), abs(north))
    # A degree of longitude is widest near the equator: measured there, nothing moves farther than allowed.
    metres_per_deg = math.radians(EARTH_RADIUS_M) * np.array([math.cos(math.radians(nearest_equator_deg)), 1.0])
    flat = shapely.transform(area, lambda lonlat: lonlat * metres_per_deg)
    # Looked up, not computed back: a corner that stays must stay to the last digit, or neighbours come apart.
    in_degrees = dict(zip(_rows(shapely.get_coordinates(flat)), _rows(shapely.get_coordinates(area)), strict=True))
    corners = shapely.points(shapely.get_coordinates(flat))
    allowed_m = tolerance_m
    while tolerance_m > _LEAST_TOLERANCE_M:
        flat_simpler = flat.simplify(tolerance_m)
        simpler = shapely.transform(flat_simpler, lambda xy: np.array([in_degrees[corner] for corner in _rows(xy)]))
        outlines = shapely.boundary(flat_simpler)
        shapely.prepare(outlines)
        # GEOS may leave out where a ring starts without regard to the tolerance, and may let parts that touch
        # in a corner overlap; with less tolerance both go away.
        within = simpler.is_valid and bool(shapely.dwithin(outlines, corners, allowed_m).all())
        if within and isinstance(simpler, Polygon | MultiPolygon):
            return simpler
        tolerance_m /= 2.0
    return area


def merge(areas: Sequence[Area]) -> Area:
    """Return what areas cover together; overlapping and touching parts become one.

    Raises
    ------
    InvalidArea : none given, or one is empty or invalid; names which
    """
    if not areas:
        raise InvalidArea("areas", "nothing to merge", "give at least one")
    merged = shapely.union_all([checked_area(area, f"areas[{i}]") for i, area in enumerate(areas)])
    return _one_or_several(polygons_of(shapely.normalize(merged)))


def surface_m2(area: Area) -> float:
    """Return the surface of an area in square metres, on the sphere.

    Source: Lambert's cylindrical projection, which keeps surfaces; an edge slanting over several degrees is
    taken as straight there.
    """
    equal_area = shapely.transform(
        area, lambda lonlat: np.column_stack((np.radians(lonlat[:, 0]), np.sin(np.radians(lonlat[:, 1]))))
    )
    return float(equal_area.area) * EARTH_RADIUS_M**2


def polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    """Return the parts that have a surface; an intersection may leave points and lines as well."""
    return [part for part in shapely.get_parts(geometry).tolist() if isinstance(part, Polygon) and not part.is_empty]


def checked_area(area: BaseGeometry, path: str = "area") -> Area:
    """Return the area itself once it is known to be usable.

    Raises
    ------
    InvalidArea : not a polygon, empty, crossing itself (says where), or off the earth
    """
    if not isinstance(area, Polygon | MultiPolygon):
        raise InvalidArea(path, f"is a {type(area).__name__}", "give a Polygon or a MultiPolygon")
    if area.is_empty:
        raise InvalidArea(path, "is empty", "draw at least one ring of three corners")
    if not area.is_valid:
        raise InvalidArea(
            path,
            f"is invalid: {explain_validity(area)} (longitude latitude)",
            "redraw it there so that no lines cross or touch",
        )
    for lon, lat in shapely.get_coordinates(area).tolist():
        if abs(lon) > 180.0 or abs(lat) > 90.0:
            raise InvalidArea(path, out_of_range_reason(lon, lat), "give degrees on earth, longitude first")
    return area


def to_geojson(area: Area) -> dict[str, object]:
    """Return an area as a GeoJSON geometry, outer rings anticlockwise (RFC 7946).

    Raises
    ------
    InvalidArea : empty or invalid
    """
    checked_area(area)
    parts = [
        [shapely.get_coordinates(ring).tolist() for ring in (part.exterior, *part.interiors)]
        for part in polygons_of(shapely.orient_polygons(area))
    ]
    if isinstance(area, Polygon):
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def from_geojson(geojson: object) -> Area:
    """Read a GeoJSON Polygon or MultiPolygon, or a Feature around one.

    Raises
    ------
    InvalidArea : names the part of the input that is wrong, why, and what to do
    """
    path = "geojson"
    if isinstance(geojson, Mapping) and geojson.get("type") == "Feature":
        geojson, path = geojson.get("geometry"), "geojson.geometry"
    if not isinstance(geojson, Mapping):
        raise InvalidArea(path, f"is a {type(geojson).__name__}, not an object", "parse the text first")
    kind, coordinates = geojson.get("type"), geojson.get("coordinates")
    if kind == "Polygon":
        return checked_area(_polygon(coordinates, f"{path}.coordinates"), path)
    if kind == "MultiPolygon":
        parts = _list(coordinates, f"{path}.coordinates", "a list of polygons")
        polygons = [_polygon(part, f"{path}.coordinates[{i}]") for i, part in enumerate(parts)]
        return checked_area(MultiPolygon(polygons), path)
    raise InvalidArea(f"{path}.type", f"is {kind!r}", "give a Polygon, a MultiPolygon or a Feature around one")


def to_wkt(area: Area) -> str:
    """Return an area as well-known text with every digit, which GEOS does not write; raises ``InvalidArea``."""
    checked_area(area)
    parts = [", ".join(_ring_text(ring) for ring in (part.exterior, *part.interiors)) for part in polygons_of(area)]
    if isinstance(area, Polygon):
        return f"POLYGON({parts[0]})"
    return f"MULTIPOLYGON({', '.join(f'({part})' for part in parts)})"


def from_wkt(text: str) -> Area:
    """Read a POLYGON or MULTIPOLYGON of well-known text, longitude first.

    Raises
    ------
    InvalidArea : what it is instead, or what is wrong with it
    """
    try:
        found = shapely.from_wkt(text)
    except shapely.errors.GEOSException as error:
        said = str(error).partition(":")[2].strip() or "cannot be read"
        raise InvalidArea("wkt", f"is no well-known text: {said}", "write POLYGON((lon lat, …))") from None
    return checked_area(shapely.force_2d(found), "wkt")


def from_wkb(raw: bytes) -> Area:
    """Read well-known binary that was an area when it was written; raises ``InvalidArea``."""
    return _one_or_several(polygons_of(checked_area(shapely.from_wkb(bytes(raw)), "wkb")))


def _ring_text(ring: LinearRing) -> str:
    return f"({', '.join(f'{lon!r} {lat!r}' for lon, lat in shapely.get_coordinates(ring).tolist())})"


def _polygon(coordinates: object, path: str) -> Polygon:
    rings = [_ring(ring, f"{path}[{i}]") for i, ring in enumerate(_list(coordinates, path, "a list of rings"))]
    return Polygon(rings[0], rings[1:]) if rings else Polygon()


def _ring(coordinates: object, path: str) -> list[tuple[float, float]]:
    positions = _list(coordinates, path, "a list of positions")
    ring = [_position(position, f"{path}[{i}]") for i, position in enumerate(positions)]
    if len(ring) < 4:
        raise InvalidArea(path, f"has {len(ring)} positions", "give three corners or more and the first one again")
    if ring[0] != ring[-1]:
        raise InvalidArea(path, f"ends at {ring[-1]}, not where it began", f"add {ring[0]} at the end")
    for i, ((lon_a, _), (lon_b, _)) in enumerate(pairwise(ring)):
        if abs(lon_a - lon_b) > 180.0:
            raise InvalidArea(
                f"{path}[{i}]",
                f"the edge from longitude {lon_a!r} to {lon_b!r} spans more than 180 degrees",
                "cut what crosses the antimeridian there, into two parts of a MultiPolygon; else add corners",
            )
    return ring


def _position(position: object, path: str) -> tuple[float, float]:
    numbers = _list(position, path, "a position [longitude, latitude]")
    if len(numbers) != 2:
        raise InvalidArea(path, f"has {len(numbers)} numbers", "give longitude and latitude, without height")
    lon, lat = _number(numbers[0], path), _number(numbers[1], path)
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise InvalidArea(path, out_of_range_reason(lon, lat), "correct it in the whole file")
    return float(lon), float(lat)


def _number(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidArea(path, f"{value!r} is not a number", "write it without quotes")
    return value


def _list(value: object, path: str, meaning: str) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise InvalidArea(path, f"is a {type(value).__name__}", f"give {meaning}")
    return value


def _one_or_several(parts: list[Polygon]) -> Area:
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _rows(coordinates: NDArray[np.float64]) -> list[tuple[float, ...]]:
    return [tuple(row) for row in coordinates.tolist()]


def _lengths_m(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lengths of pieces straight in degrees, from above: each as wide as it is where nearest to the equator."""
    lat_deg = lonlat[:, 1]
    crosses = np.signbit(lat_deg[:-1]) != np.signbit(lat_deg[1:])
    nearest_deg = np.where(crosses, 0.0, np.minimum(np.abs(lat_deg[:-1]), np.abs(lat_deg[1:])))
    east_rad, north_rad = np.radians(np.diff(lonlat, axis=0)).T
    lengths_m: NDArray[np.float64] = EARTH_RADIUS_M * np.hypot(east_rad * np.cos(np.radians(nearest_deg)), north_rad)
    return lengths_m
