"""The best order of destinations for one person, and the way to drive it."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from api.lane import Lane
from api.maps.places import Places, listed, naming, region_of
from api.roads import Roads
from geo import polyline
from geo.point import Point
from routing.tour import EXACT_DESTINATIONS, Tour
from routing.tour_child import best_order_in_child
from routing.types import Matrix

ORIGIN = -1
"""What stands for the origin among positions of destinations."""


@dataclass(frozen=True, slots=True)
class Drive:
    """An order of destinations on the roads.

    Parameters
    ----------
    tour : the order
    legs : from, to (``ORIGIN`` or a position among the destinations), seconds, metres
    geometry : polyline6 of the whole way
    geometry_source, travel_time_source : who answered, "osrm" or "straight"
    region : whose roads these are
    """

    tour: Tour
    legs: list[tuple[int, int, int, int]]
    geometry: str
    geometry_source: str
    travel_time_source: str
    region: str

    @property
    def saved_s(self) -> int | None:
        """Against the given order; None when that cannot be driven."""
        given_s = self.tour.given_travel_s
        return None if given_s is None else given_s - self.tour.travel_s


async def best_drive(
    roads: Roads, lane: Lane, origin: Point, destinations: Sequence[Point], *, return_to_origin: bool, limit_s: float
) -> Drive:
    """The fastest order found within the limit, never slower than the given one.

    Parameters
    ----------
    lane : where searches wait for each other; what is quick does not wait
    limit_s : seconds for a search, without travel times and geometry

    Raises
    ------
    OutsideCoverage, PlaceOffRoad, NoOrderOfPlaces : name the places
    Busy : too many search already
    """
    places = Places((origin,), ("/origin",)) + listed(destinations, "/destinations")
    region = region_of(roads, places)
    with naming(places, first_destination=1):
        matrix = await roads.table(region, places.lonlat)
        tour = await _ordered(lane, matrix, return_to_origin=return_to_origin, limit_s=limit_s)
        stops = [ORIGIN, *tour.order, *([ORIGIN] if return_to_origin else [])]
        way = await roads.route(region, places.lonlat[[stop + 1 for stop in stops]])
    legs = [
        (a, b, int(matrix.duration_s[a + 1, b + 1]), int(matrix.distance_m[a + 1, b + 1]))
        for a, b in itertools.pairwise(stops)
    ]
    return Drive(tour, legs, polyline.encode(way.lonlat), way.source, matrix.source, region.name)


async def _ordered(lane: Lane, matrix: Matrix, *, return_to_origin: bool, limit_s: float) -> Tour:
    """Up to 13 destinations take milliseconds in a thread; more are searched, one request after the other."""

    def order() -> Tour:
        return best_order_in_child(matrix, return_to_origin=return_to_origin, limit_s=limit_s)

    if matrix.n_places <= EXACT_DESTINATIONS + 1:
        return await asyncio.to_thread(order)
    async with lane.turn():
        return await asyncio.to_thread(order)
