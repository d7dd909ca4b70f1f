"""Hexagonal cells of the earth: the only importer of h3.

A cell is an integer (``int`` alone, uint64 in arrays) that carries its resolution, 0 (1,281 km edges) to
15 (0.6 m). Source: https://h3geo.org, the H3 hierarchical index, version 4.
"""

import math
import operator
from collections.abc import Iterable

import h3.api.numpy_int as h3  # type: ignore[import-untyped]
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon, Polygon

from geo.area import polygons_of, surface_m2
from geo.distance import UnitVector, arc_m, direction, unit_vector
from geo.point import Point, checked_lonlat

FINEST_RESOLUTION = 15

MAX_CELLS = 1_000_000
"""More cells than this in one answer is a mistake in the resolution, not a wish."""

_TARGET_CELLS = 120  # the next coarser resolution holds about 23: surfaces shrink by seven from one to the next
_ROUNDING = 1.01  # a cell reaches as far as its corners; one per cent covers what rounding does along its edges

type Cells = NDArray[np.uint64]
"""Cells, unique and sorted."""


class InvalidCell(ValueError):
    """A number is not a cell of H3."""

    def __init__(self, cell: int) -> None:
        super().__init__(f"{cell:#x} is not an H3 cell; make cells with cell_of or cells_of_points")
        self.cell = cell


class InvalidResolution(ValueError):
    """A resolution that H3 does not have, or one so fine that the answer would be enormous."""

    def __init__(self, resolution: int, reason: str) -> None:
        super().__init__(f"resolution {resolution!r}: {reason}")
        self.resolution = resolution


def cell_of(point: Point, resolution: int) -> int:
    """Return the cell that holds a point.

    Raises
    ------
    InvalidResolution : not 0 to 15
    """
    _check_resolution(resolution)
    return int(h3.latlng_to_cell(point.lat, point.lon, resolution))


def cells_of_points(lonlat: ArrayLike, resolution: int) -> Cells:
    """Return the cells that hold at least one of the points.

    Parameters
    ----------
    lonlat : float array (n, 2), degrees, longitude first
    resolution : 0 to 15

    Returns
    -------
    uint64 array (m,), unique and sorted, m <= n

    Raises
    ------
    InvalidLonLat : wrong shape, or a row that is not on earth
    InvalidResolution : not 0 to 15
    """
    _check_resolution(resolution)
    return _sorted(h3.latlng_to_cell(lat, lon, resolution) for lon, lat in checked_lonlat(lonlat).tolist())


def centre_of(cell: int) -> Point:
    """Return the middle of a cell; raises ``InvalidCell``."""
    lat, lon = h3.cell_to_latlng(_check_cell(cell))
    return Point(lon, lat)


def parent_of(cell: int, resolution: int) -> int:
    """Return the coarser cell that a cell descends from. Its outline only nearly holds that of its children.

    Raises
    ------
    InvalidCell : not a cell
    InvalidResolution : finer than the cell, or negative
    """
    child = _check_cell(cell)
    own = int(h3.get_resolution(child))
    if not 0 <= resolution <= own:
        raise InvalidResolution(resolution, f"the cell has {own}; a parent is as coarse or coarser")
    return int(h3.cell_to_parent(child, resolution))


def ancestors_of(cell: int) -> list[int]:
    """Return the cells that a cell descends from, of resolution 0 first, and itself in the end; raises ``InvalidCell``."""
    child = _check_cell(cell)
    return [int(h3.cell_to_parent(child, resolution)) for resolution in range(h3.get_resolution(child))] + [child]


def direction_of(cell: int) -> UnitVector:
    """Return the direction of a cell's middle from the centre of the earth; raises ``InvalidCell``."""
    lat, lon = h3.cell_to_latlng(_check_cell(cell))
    return direction(lon, lat)


def grow(cells: ArrayLike, n_rings: int) -> Cells:
    """Return the cells together with all their neighbours up to ``n_rings`` steps away.

    Parameters
    ----------
    cells : integer array (n,), any order, repetitions allowed
    n_rings : 0 or more

    Returns
    -------
    uint64 array (m,), unique and sorted

    Raises
    ------
    InvalidCell : not a cell
    ValueError : a negative number of rings
    """
    if n_rings < 0:
        raise ValueError(f"n_rings {n_rings!r} is negative; give 0 or more")
    grown = set(_checked(cells))
    rim = grown
    for _ in range(n_rings):
        # Only the newest ring can have unknown neighbours.
        rim = {near for cell in rim for near in h3.grid_disk(cell, 1).tolist()} - grown
        grown |= rim
    return _sorted(grown)


def cells_within(point: Point, radius_m: float, resolution: int) -> Cells:
    """Return cells that together hold every point within a radius: a cover, a little larger than the circle.

    The cells that touch a circle hang together, and each of them lies no farther away than its centre less
    its own reach. So a flood from the middle that stops at cells beyond the radius misses none, across
    pentagons and at the poles as well as anywhere else.

    Parameters
    ----------
    point : middle of the circle
    radius_m : 0 or more
    resolution : 0 to 15; ``resolution_for(radius_m)`` suits most uses

    Returns
    -------
    uint64 array (m,), unique and sorted

    Raises
    ------
    InvalidResolution : not 0 to 15, or so fine that the circle would take more than ``MAX_CELLS``
    ValueError : radius negative or not finite
    """
    _check_resolution(resolution)
    _check_radius(radius_m)
    if _estimated_cells(radius_m, resolution) > MAX_CELLS:
        coarser = resolution_for(radius_m)
        raise InvalidResolution(
            resolution, f"a circle of {radius_m:g} m takes more than {MAX_CELLS:,} cells; resolution {coarser} suits it"
        )
    middle = unit_vector(point)
    start = cell_of(point, resolution)
    seen, kept = {start}, [start]
    for cell in kept:
        for near in h3.grid_disk(cell, 1).tolist():
            if near not in seen:
                seen.add(near)
                if _may_touch(near, middle, radius_m):
                    kept.append(near)
    return _sorted(kept)


def resolution_for(radius_m: float) -> int:
    """Return the resolution at which ``cells_within`` answers with about 20 to 200 cells.

    Below 1 m and above 3,000 km it is the finest and the coarsest there is, with fewer and more cells.

    Raises
    ------
    ValueError : radius negative or not finite
    """
    _check_radius(radius_m)
    for resolution in range(FINEST_RESOLUTION, 0, -1):
        if _estimated_cells(radius_m, resolution) <= _TARGET_CELLS:
            return resolution
    return 0


def cells_of_polygon(polygon: Polygon | MultiPolygon, resolution: int) -> Cells:
    """Return every cell that shares some surface with a polygon: a cover of it.

    Edges count as straight in degrees, as GeoJSON has it; a cell's own edges are drawn the same way, which
    at resolution 7 and finer moves them by less than 1 m below 80 degrees of latitude.

    Parameters
    ----------
    polygon : degrees, longitude first; not across the antimeridian (give two parts)
    resolution : 0 to 15

    Returns
    -------
    uint64 array (m,), unique and sorted; empty for an empty polygon

    Raises
    ------
    InvalidResolution : not 0 to 15, or so fine that the polygon would take more than ``MAX_CELLS``
    InvalidLonLat : a corner that is not on earth
    """
    _check_resolution(resolution)
    checked_lonlat(shapely.get_coordinates(polygon))
    if polygon.is_empty:
        return _sorted([])
    edge_m = _edge_m(resolution)
    estimate = surface_m2(polygon) / (1.5 * math.sqrt(3.0) * edge_m**2)
    if estimate > MAX_CELLS:
        raise InvalidResolution(
            resolution, f"the polygon takes about {estimate:,.0f} cells, more than {MAX_CELLS:,}; give a coarser one"
        )
    cover: set[int] = set()
    # H3 takes an edge of more than 180 degrees for one across the antimeridian.
    for west in (-180.0, -90.0, 0.0, 90.0):
        for part in polygons_of(polygon.intersection(shapely.box(west, -90.0, west + 90.0, 90.0))):
            rings = [[(lat, lon) for lon, lat in ring.coords] for ring in (part.exterior, *part.interiors)]
            shape = h3.LatLngPoly(*rings)
            cover.update(h3.h3shape_to_cells_experimental(shape, resolution, contain="overlap").tolist())
    return _sorted(cover)


def outline(cells: ArrayLike) -> MultiPolygon:
    """Return what cells cover together, holes filled.

    Neighbours are joined by the identity of their shared edge, not by comparing coordinates, so no slivers
    stay between them. What lies across the antimeridian is cut there into parts on either side, as RFC 7946
    section 3.1.9 asks.

    Parameters
    ----------
    cells : integer array (n,) of one resolution, any order, repetitions allowed

    Returns
    -------
    valid MultiPolygon in degrees, outer rings anticlockwise, largest part first, then from west to east; the
    same cells give the same coordinates in the same order. Empty without cells.

    Raises
    ------
    InvalidCell : not a cell
    InvalidResolution : cells of several resolutions
    ValueError : the cells surround a pole, which no ring in degrees can
    """
    unique = _sorted(_checked(cells))
    for cell in unique.tolist():
        if h3.get_resolution(cell) != h3.get_resolution(int(unique[0])):
            raise InvalidResolution(h3.get_resolution(cell), f"differs from that of {int(unique[0]):#x}; give one")
    rings = [part.outer for part in h3.cells_to_h3shape(unique, tight=False)]
    filled = shapely.union_all([piece for ring in rings for piece in _pieces(ring)])
    parts = polygons_of(shapely.orient_polygons(shapely.normalize(filled)))
    parts.sort(key=lambda part: (-part.area, part.bounds))
    return MultiPolygon(parts)


def _pieces(ring: Iterable[tuple[float, float]]) -> list[Polygon]:
    """Polygons inside a ring of (lat, lon), cut where it crosses the antimeridian."""
    lat, lon = np.array([*ring]).T
    # Whole turns to add after each corner, -1, 0 or 1. Kept as integers: a ring that closes only nearly is invalid.
    turns = -np.rint(np.diff(lon, append=lon[:1]) / 360.0)
    if turns.sum() != 0.0:
        raise ValueError("the cells surround a pole; leave out those within a ring of it")
    lon = lon + 360.0 * np.concatenate(([0.0], np.cumsum(turns)[:-1]))
    if lon.min() >= -180.0 and lon.max() <= 180.0:
        return [Polygon(np.column_stack((lon, lat)))]
    world = shapely.box(-180.0, -90.0, 180.0, 90.0)
    turned = [Polygon(np.column_stack((lon + turn_deg, lat))) for turn_deg in (-360.0, 0.0, 360.0)]
    return [piece for whole in turned for piece in polygons_of(whole.intersection(world))]


def _may_touch(cell: int, middle: UnitVector, radius_m: float) -> bool:
    centre = unit_vector(_point(h3.cell_to_latlng(cell)))
    beyond_m = arc_m(middle, centre) - radius_m
    if beyond_m <= 0.0:
        return True
    reach_m = max(arc_m(centre, unit_vector(_point(corner))) for corner in h3.cell_to_boundary(cell))
    return beyond_m <= reach_m * _ROUNDING


def _point(latlon: tuple[float, float]) -> Point:
    return Point(latlon[1], latlon[0])


def _estimated_cells(radius_m: float, resolution: int) -> float:
    """Cells of average size whose centres lie within the radius and one edge more."""
    edge_m = _edge_m(resolution)
    return math.pi * (radius_m + edge_m) ** 2 / (1.5 * math.sqrt(3.0) * edge_m**2)


def _edge_m(resolution: int) -> float:
    return float(h3.average_hexagon_edge_length(resolution, unit="m"))


def _check_resolution(resolution: int) -> None:
    if not 0 <= resolution <= FINEST_RESOLUTION:
        raise InvalidResolution(resolution, f"H3 has 0 to {FINEST_RESOLUTION}")


def _check_radius(radius_m: float) -> None:
    if not (math.isfinite(radius_m) and radius_m >= 0.0):
        raise ValueError(f"radius_m {radius_m!r} must be a finite number of metres, 0 or more")


def _check_cell(cell: int) -> int:
    number = operator.index(cell)  # a float cannot hold a cell: its last digits are gone
    if not 0 <= number < 1 << 64 or not h3.is_valid_cell(number):
        raise InvalidCell(number)
    return number


def _checked(cells: ArrayLike) -> list[int]:
    return [_check_cell(cell) for cell in np.asarray(cells).ravel().tolist()]


def _sorted(cells: Iterable[int]) -> Cells:
    return np.array(sorted(set(cells)), dtype=np.uint64)
