"""The way through places in the order in which they are given, turn by turn."""

from dataclasses import dataclass

from api.maps.places import Places, naming, region_of
from api.roads import Roads
from routing.engine import Directions


@dataclass(frozen=True, slots=True)
class Way:
    """Directions, which say who answered, and whose roads these are."""

    directions: Directions
    region: str


async def way_through(roads: Roads, places: Places) -> Way:
    """The fastest way through two places or more.

    Raises
    ------
    OutsideCoverage, PlaceOffRoad, NoWay : name the places
    """
    region = region_of(roads, places)
    with naming(places):
        directions = await roads.directions(region, places.lonlat)
    return Way(directions, region.name)
