"""Travel from every source to every target."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from api.maps.places import listed, naming, region_of
from api.roads import Roads
from geo.point import Point
from routing.types import UNREACHABLE


@dataclass(frozen=True, slots=True)
class Table:
    """Whole seconds and metres from row to column, None where no road leads.

    Parameters
    ----------
    unreachable : row and column of each None
    travel_time_source : who answered, "osrm" or "straight"
    region : whose roads these are
    """

    duration_s: list[list[int | None]]
    distance_m: list[list[int | None]]
    unreachable: list[list[int]]
    travel_time_source: str
    region: str


async def travel_table(roads: Roads, sources: Sequence[Point], targets: Sequence[Point]) -> Table:
    """The table, by road.

    Raises
    ------
    OutsideCoverage, PlaceOffRoad : name the places
    """
    places = listed(sources, "/sources") + listed(targets, "/targets")
    region = region_of(roads, places)
    rows, columns = range(len(sources)), range(len(sources), len(places.points))
    with naming(places):
        found = await roads.table(region, places.lonlat, rows, columns)
    gone = found.duration_s >= UNREACHABLE
    return Table(
        duration_s=_with_gaps(found.duration_s, gone),
        distance_m=_with_gaps(found.distance_m, gone),
        unreachable=np.argwhere(gone).tolist(),
        travel_time_source=found.source,
        region=region.name,
    )


def _with_gaps(values: np.ndarray, gone: np.ndarray) -> list[list[int | None]]:
    cells = values.astype(object)
    cells[gone] = None
    rows: list[list[int | None]] = cells.tolist()
    return rows
