"""Travel times without any road: the straight line, times a detour, at one speed.

For tests that need no road data and for outages of the engine. Always says so: its source is "straight".
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.distance import pairwise_m
from geo.point import checked_lonlat
from routing.arguments import at_least, half_up, positions, rising
from routing.engine import Directions, RoadRoute, Snaps, Step
from routing.errors import EngineFailed
from routing.types import Matrix

DETOUR = 1.4
"""Road distance over straight line, typical of towns.

Source: Ballou, Rahardja & Sakai (2002), Transportation Research A 36(9), 843-848 (1.1 to 2.1 between countries).
"""

SPEED_MPS = 11.0
"""About 40 km/h, door to door in a town."""


class Straight:
    """``TravelTimes`` by great circle x detour / speed. Every point counts as standing on a road.

    Parameters
    ----------
    detour : road distance over straight line, at least 1
    speed_mps : metres a second, positive

    Raises
    ------
    ValueError : a detour below 1 or a speed that is not positive
    """

    def __init__(self, detour: float = DETOUR, speed_mps: float = SPEED_MPS) -> None:
        if not (math.isfinite(detour) and detour >= 1.0):
            raise ValueError(f"detour {detour!r} is not a finite number of at least 1")
        if not (math.isfinite(speed_mps) and speed_mps > 0.0):
            raise ValueError(f"speed_mps {speed_mps!r} is not a positive number of metres a second")
        self.detour, self.speed_mps = detour, speed_mps
        self._closed = False

    @property
    def source(self) -> str:
        """Always "straight"."""
        return "straight"

    def table(
        self, lonlat: ArrayLike, sources: Sequence[int] | None = None, targets: Sequence[int] | None = None
    ) -> Matrix:
        """Travel from sources (rows) to targets (columns), by default between all points; symmetric."""
        points = self._points(lonlat)
        rows, columns = positions(sources, len(points), "sources"), positions(targets, len(points), "targets")
        road_m = pairwise_m(points[rows], points[columns]) * self.detour
        return Matrix(half_up(road_m / self.speed_mps), half_up(road_m), self.source)

    def route(self, lonlat: ArrayLike) -> RoadRoute:
        """The line through the points in order; raises ``ValueError`` without points."""
        points = self._points(lonlat)
        at_least(1, points)
        return self._along(points)

    def directions(self, lonlat: ArrayLike) -> Directions:
        """The same line: each leg departs towards the next point and arrives there."""
        points = self._points(lonlat)
        at_least(1, points)
        line = self._along(points)
        legs = zip(points[:-1].tolist(), points[1:].tolist(), line.travel_s, line.distance_m, strict=True)
        steps = tuple(
            (
                Step("depart", "", "", int(travel_s), int(distance_m), (a[0], a[1]), bearing_deg(a, b)),
                Step("arrive", "", "", 0, 0, (b[0], b[1]), 0),
            )
            for a, b, travel_s, distance_m in legs
        )
        return Directions(line.travel_s, line.distance_m, line.lonlat, line.source, steps)

    def nearest(self, lonlat: ArrayLike) -> Snaps:
        """The points themselves, 0 m away, on streets without a name."""
        points = self._points(lonlat)
        return Snaps(points.copy(), np.zeros(len(points)), ("",) * len(points), self.source)

    def match(self, lonlat: ArrayLike, at_s: ArrayLike | None = None) -> RoadRoute:
        """The line through the fixes; raises ``ValueError`` for fewer than two, or times that do not rise."""
        points = self._points(lonlat)
        at_least(2, points)
        if at_s is not None:
            rising(at_s, len(points))
        return self._along(points)

    def close(self) -> None:
        """Further calls raise ``EngineFailed``."""
        self._closed = True

    def _along(self, points: NDArray[np.float64]) -> RoadRoute:
        leg_m = [pairwise_m(points[i : i + 1], points[i + 1 : i + 2])[0, 0] for i in range(len(points) - 1)]
        road_m = np.array(leg_m, np.float64) * self.detour
        return RoadRoute(half_up(road_m / self.speed_mps), half_up(road_m), points.copy(), self.source)

    def _points(self, lonlat: ArrayLike) -> NDArray[np.float64]:
        if self._closed:
            raise EngineFailed("the engine is closed; open a new one")
        return checked_lonlat(lonlat)


def bearing_deg(start: Sequence[float], end: Sequence[float]) -> int:
    """Direction in which the great circle from a (longitude, latitude) to another begins, 0 to 359 from north."""
    (lon, lat), (to_lon, to_lat) = ([math.radians(degree) for degree in place] for place in (start, end))
    east = math.sin(to_lon - lon) * math.cos(to_lat)
    north = math.cos(lat) * math.sin(to_lat) - math.sin(lat) * math.cos(to_lat) * math.cos(to_lon - lon)
    return round(math.degrees(math.atan2(east, north))) % 360
