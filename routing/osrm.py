"""Travel times from OSRM, in this process.

OSRM holds the interpreter's lock while it computes and can take the process down with it, so anything larger than a
handful of points belongs in ``routing.child``. What OSRM does silently is made loud here: a point far from every road
is refused instead of snapped, a pair without a road is ``UNREACHABLE`` instead of missing, swapped coordinates fail.

Source: Luxen & Vetter (2011), Real-time routing with OpenStreetMap data, ACM SIGSPATIAL GIS, 513-516.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import osrm
from numpy.typing import ArrayLike, NDArray

from geo.point import checked_lonlat
from routing.arguments import at_least, positions, rising
from routing.engine import SNAP_LIMIT_M, Directions, RoadRoute, Snaps
from routing.errors import EngineFailed, NoRoute, OffRoad, RoutingError
from routing.osrm_answers import GPS_PRECISION_M, joined, spread, table_of, turn_by_turn
from routing.types import UNREACHABLE, Matrix

_UNLIMITED = -1
_COORDINATE = re.compile(r"coordinate (\d+)")


class Osrm:
    """The ``TravelTimes`` of one built road data set.

    Parameters
    ----------
    base : path of the data set without a suffix: ``folder/region`` for ``folder/region.osrm.*``
    algorithm : "mld" or "ch", as it was built

    Raises
    ------
    EngineFailed : no such data set, or one built for the other algorithm
    """

    def __init__(self, base: Path, algorithm: str) -> None:
        self._engine: Any = None
        try:
            self._engine = osrm.OSRM(
                storage_config=str(base),
                algorithm=algorithm.upper(),
                use_shared_memory=False,  # its default looks for osrm-datastore and ignores the files
                default_radius="unlimited",
                max_locations_distance_table=_UNLIMITED,
                max_locations_viaroute=_UNLIMITED,
                max_locations_map_matching=_UNLIMITED,
                max_radius_map_matching=_UNLIMITED,
                max_results_nearest=_UNLIMITED,
            )
        except (RuntimeError, ValueError, TypeError) as error:
            raise EngineFailed(f"road data {base.name!r} does not open as {algorithm}: {error}") from error

    @property
    def source(self) -> str:
        """Always "osrm"."""
        return "osrm"

    def table(
        self, lonlat: ArrayLike, sources: Sequence[int] | None = None, targets: Sequence[int] | None = None
    ) -> Matrix:
        """Travel from sources (rows) to targets (columns), by default between all points.

        All points are sent along even for a part of the table: OSRM chooses the network that a point snaps to
        (the large one or an island) by looking at all of them.

        Parameters
        ----------
        lonlat : float array (n, 2)
        sources, targets : positions in ``lonlat``

        Returns
        -------
        Matrix of shape (len(sources), len(targets)); a point to itself is 0

        Raises
        ------
        OffRoad : names every point more than ``SNAP_LIMIT_M`` from a road
        ValueError : coordinates not on earth, or a position outside the array
        EngineFailed : OSRM refused for another reason
        """
        points = checked_lonlat(lonlat)
        rows, columns = positions(sources, len(points), "sources"), positions(targets, len(points), "targets")
        shape = len(rows), len(columns)
        if len(points) < 2 or 0 in shape:  # OSRM takes an empty list for "all", and no table of one point
            self._refuse_off_road(points)
            return Matrix(np.zeros(shape, np.int64), np.zeros(shape, np.int64), self.source)
        answer = self._ask(
            "Table",
            osrm.TableParameters(
                sources=[] if sources is None else rows,
                destinations=[] if targets is None else columns,
                annotations=["duration", "distance"],
                **_snapped(points),
            ),
            points,
        )
        return table_of(answer, rows, columns)

    def route(self, lonlat: ArrayLike) -> RoadRoute:
        """The fastest way through the points in order, turning round at a stop where that is quicker.

        Parameters
        ----------
        lonlat : float array (n, 2), n at least 1

        Returns
        -------
        RoadRoute with n - 1 legs and the full geometry; one point gives no leg and the place it snaps to

        Raises
        ------
        OffRoad : names every point more than ``SNAP_LIMIT_M`` from a road
        NoRoute : the first leg without a road
        ValueError : no points, or coordinates not on earth
        EngineFailed : OSRM refused for another reason
        """
        points = checked_lonlat(lonlat)
        return joined(self._ways(points, steps=False)) if len(points) > 1 else self._standing(points)

    def directions(self, lonlat: ArrayLike) -> Directions:
        """The same way as ``route`` gives, turn by turn; the same errors.

        Parameters
        ----------
        lonlat : float array (n, 2), n at least 1
        """
        points = checked_lonlat(lonlat)
        if len(points) > 1:
            return turn_by_turn(self._ways(points, steps=True))
        here = self._standing(points)
        return Directions(here.travel_s, here.distance_m, here.lonlat, here.source, ())

    def nearest(self, lonlat: ArrayLike) -> Snaps:
        """The nearest road of each point, however far.

        Parameters
        ----------
        lonlat : float array (n, 2)

        Raises
        ------
        ValueError : coordinates not on earth
        EngineFailed : OSRM refused
        """
        points = checked_lonlat(lonlat)
        found = np.full(points.shape, np.nan)
        distance_m, names = np.full(len(points), np.inf), [""] * len(points)
        for i, (lon, lat) in enumerate(points.tolist()):
            asked = osrm.NearestParameters(coordinates=[(lon, lat)], generate_hints=False)
            try:
                waypoint = next(iter(self._call("Nearest", asked)["waypoints"]))
            except _NoSegment:
                continue
            found[i] = tuple(waypoint["location"])
            distance_m[i], names[i] = waypoint["distance"], waypoint["name"]
        return Snaps(found, distance_m, tuple(names), self.source)

    def match(self, lonlat: ArrayLike, at_s: ArrayLike | None = None) -> RoadRoute:
        """The likely road behind a GPS trace.

        Source: Newson & Krumm (2009), Hidden Markov map matching through noise and sparseness, ACM GIS, 336-343.

        Parameters
        ----------
        lonlat : float array (n, 2), n at least 2
        at_s : int64 array (n,), strictly rising, any origin; None when the times are not known

        Returns
        -------
        RoadRoute with n - 1 legs. A fix that fits no road has a leg of 0, and the next one that does carries the way
        since the last; a gap in the road behind the trace counts 0 too.

        Raises
        ------
        OffRoad : no fix is near a road; names them all
        NoRoute : fixes are near roads, but nobody could have driven from one to the next
        ValueError : fewer than two fixes, coordinates not on earth, times that do not rise
        EngineFailed : OSRM refused for another reason
        """
        points = checked_lonlat(lonlat)
        at_least(2, points)
        asked: dict[str, Any] = {}
        if at_s is not None:
            times = rising(at_s, len(points))
            asked["timestamps"] = (times - times[0]).tolist()  # OSRM takes no negative times
        try:
            answer = self._call(
                "Match",
                osrm.MatchParameters(
                    geometries="geojson",
                    overview="full",
                    gaps="ignore",
                    coordinates=_tuples(points),
                    radiuses=[float(GPS_PRECISION_M)] * len(points),
                    generate_hints=False,
                    **asked,
                ),
            )
        except _NoSegment as error:
            raise OffRoad(range(len(points)), self.nearest(points).distance_m.tolist(), SNAP_LIMIT_M) from error
        except _NoWay as error:
            raise NoRoute(0) from error
        return spread(joined(answer["matchings"]), answer)

    def close(self) -> None:
        """Let go of the files; further calls raise ``EngineFailed``."""
        self._engine = None

    def _standing(self, points: NDArray[np.float64]) -> RoadRoute:
        """The way of one point: where it snaps to."""
        at_least(1, points)
        self._refuse_off_road(points)
        nothing = np.zeros(0, np.int64)
        return RoadRoute(nothing, nothing, self.nearest(points).lonlat, self.source)

    def _ways(self, points: NDArray[np.float64], *, steps: bool) -> Any:
        """OSRM's routes through the points: one."""
        asked = osrm.RouteParameters(
            geometries="geojson", overview="full", continue_straight=False, steps=steps, **_snapped(points)
        )
        try:
            return self._ask("Route", asked, points)["routes"]
        except _NoWay as error:
            raise NoRoute(self._first_gap(points)) from error

    def _call(self, service: str, asked: object) -> Any:
        if self._engine is None:
            raise EngineFailed("the engine is closed; open a new one")
        try:
            return getattr(self._engine, service)(asked)
        except RuntimeError as error:
            code, _, message = str(error).partition(" - ")
            raise _BY_CODE.get(code, EngineFailed)(f"OSRM {service} {code}: {message or 'no further words'}") from error
        except (IndexError, TypeError, MemoryError) as error:
            raise EngineFailed(f"OSRM {service}: {error}") from error

    def _ask(self, service: str, asked: object, points: NDArray[np.float64]) -> Any:
        """Call, and turn "some point is too far" into which ones, and how far."""
        try:
            return self._call(service, asked)
        except _NoSegment as error:
            self._refuse_off_road(points)
            # OSRM measures on its own grid: at the very limit it may refuse what is a few centimetres inside.
            named = _COORDINATE.search(str(error))
            if named is None:
                raise EngineFailed(str(error)) from error
            at = int(named.group(1))
            distance_m = float(self.nearest(points[at : at + 1]).distance_m[0])
            raise OffRoad([at], [distance_m], SNAP_LIMIT_M) from error

    def _refuse_off_road(self, points: NDArray[np.float64]) -> None:
        distance_m = self.nearest(points).distance_m
        (far,) = np.nonzero(distance_m > SNAP_LIMIT_M)
        if far.size:
            raise OffRoad(far.tolist(), distance_m[far].tolist(), SNAP_LIMIT_M)

    def _first_gap(self, points: NDArray[np.float64]) -> int:
        """The first leg without a road, with all points taking part in snapping as they did in the route."""
        whole = self.table(points).duration_s
        (gaps,) = np.nonzero(whole.diagonal(1) == UNREACHABLE)
        if not gaps.size:
            raise EngineFailed("OSRM found no route through the points, but a way along each of its legs")
        return int(gaps[0])


class _NoSegment(RoutingError):
    """OSRM found no road near some point."""


class _NoWay(RoutingError):
    """OSRM found no way through the points, or no match of the trace."""


_BY_CODE: dict[str, Callable[[str], RoutingError]] = {
    "NoSegment": _NoSegment,
    "NoRoute": _NoWay,
    "NoMatch": _NoWay,
}


def _tuples(points: NDArray[np.float64]) -> list[tuple[float, float]]:
    return [(lon, lat) for lon, lat in points.tolist()]


def _snapped(points: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "coordinates": _tuples(points),
        "radiuses": [float(SNAP_LIMIT_M)] * len(points),
        "generate_hints": False,
    }
