"""Great-circle distances on a spherical earth. Straight lines through the air; knows nothing of roads."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.point import Point, checked_lonlat

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 = (2a + b) / 3 of the WGS 84 ellipsoid. A sphere errs by up to 0.6 % against the ellipsoid.

Source: Moritz (1980), Geodetic Reference System 1980, Bulletin Géodésique 54(3), 395-405.
"""

type UnitVector = tuple[float, float, float]
"""A place as a direction from the centre of the earth."""


def unit_vector(point: Point) -> UnitVector:
    """Return the direction of a point from the centre of the earth, of length 1."""
    return direction(point.lon, point.lat)


def direction(lon: float, lat: float) -> UnitVector:
    """Return the same for degrees that are known to be on earth."""
    lon_rad, lat_rad = math.radians(lon), math.radians(lat)
    across = math.cos(lat_rad)
    return across * math.cos(lon_rad), across * math.sin(lon_rad), math.sin(lat_rad)


def unit_vectors(lonlat: ArrayLike) -> NDArray[np.float64]:
    """Return the directions of points from the centre of the earth.

    Parameters
    ----------
    lonlat : float array (n, 2), degrees, longitude first

    Returns
    -------
    float64 array (n, 3), rows of length 1

    Raises
    ------
    InvalidLonLat : wrong shape, or a row that is not on earth
    """
    lon_rad, lat_rad = np.radians(checked_lonlat(lonlat)).T
    across = np.cos(lat_rad)
    return np.column_stack((across * np.cos(lon_rad), across * np.sin(lon_rad), np.sin(lat_rad)))


def arc_m(a: UnitVector, b: UnitVector) -> float:
    """Return the distance between two directions along the surface, in metres.

    The haversine in its chord form: ``|a - b|`` is ``2 sin(angle / 2)``, ``|a + b|`` is ``2 cos(angle / 2)``.
    Unlike the arcsine of the textbook it keeps its digits up to the antipode; the error stays below 10 nm.

    Source: Kahan (2006), How Futile are Mindless Assessments of Roundoff, section 12.
    """
    ax, ay, az = a
    bx, by, bz = b
    apart = math.hypot(ax - bx, ay - by, az - bz)
    together = math.hypot(ax + bx, ay + by, az + bz)
    return 2.0 * EARTH_RADIUS_M * math.atan2(apart, together)


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance of two points in metres, 0 to half the circumference.

    Symmetric to the last bit, and 0 for identical points. Source: see ``arc_m``.
    """
    return arc_m(unit_vector(a), unit_vector(b))


def pairwise_m(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Return the great-circle distances of every point of one set to every point of another.

    Parameters
    ----------
    a : float array (n, 2), degrees, longitude first
    b : float array (m, 2), degrees, longitude first

    Returns
    -------
    float64 array (n, m), metres; agrees with ``distance_m`` to within 10 nm

    Raises
    ------
    InvalidLonLat : wrong shape, or a row that is not on earth
    """
    from_a, to_b = unit_vectors(a), unit_vectors(b)
    apart_sq = np.zeros((len(from_a), len(to_b)))
    together_sq = np.zeros_like(apart_sq)
    # One axis at a time: a broadcast (n, m, 3) would take three times the memory for nothing.
    for axis in range(3):
        column, row = from_a[:, axis, None], to_b[None, :, axis]
        apart_sq += (column - row) ** 2
        together_sq += (column + row) ** 2
    metres: NDArray[np.float64] = 2.0 * EARTH_RADIUS_M * np.arctan2(np.sqrt(apart_sq), np.sqrt(together_sq))
    return metres


def one_to_many_m(origin: Point, lonlat: ArrayLike) -> NDArray[np.float64]:
    """Return the great-circle distances from one point to many.

    Parameters
    ----------
    origin : where from
    lonlat : float array (n, 2), degrees, longitude first

    Returns
    -------
    float64 array (n,), metres

    Raises
    ------
    InvalidLonLat : wrong shape, or a row that is not on earth
    """
    return pairwise_m([(origin.lon, origin.lat)], lonlat).ravel()


def along_m(lonlat: ArrayLike) -> NDArray[np.float64]:
    """Return the great-circle length of every step of a line.

    Parameters
    ----------
    lonlat : float array (n, 2), degrees, longitude first

    Returns
    -------
    float64 array (n - 1,), metres; empty for a single point

    Raises
    ------
    InvalidLonLat : wrong shape, or a row that is not on earth
    """
    at = unit_vectors(lonlat)
    apart, together = at[1:] - at[:-1], at[1:] + at[:-1]
    metres: NDArray[np.float64] = (
        2.0 * EARTH_RADIUS_M * np.arctan2(np.linalg.norm(apart, axis=1), np.linalg.norm(together, axis=1))
    )
    return metres
