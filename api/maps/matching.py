"""The likely road behind a GPS trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from api.errors import Unusable
from api.maps.errors import NoRoadBehind, faults
from api.maps.places import listed, naming, region_of
from api.roads import Roads
from geo.point import Point
from routing.engine import RoadRoute
from routing.errors import NoRoute

MOST_SPAN_S = 30 * 86_400
"""Of one trace."""

MOST_SHIFT_S = 1.5
"""How far a fix may be moved in time so that no two fall into the same second."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The road and whose it is."""

    road: RoadRoute
    region: str


async def matched(roads: Roads, points: Sequence[Point], at: Sequence[datetime] | None) -> Matched:
    """The likely road.

    Parameters
    ----------
    at : aware, rising, one for each point; None when the times are not known

    Raises
    ------
    OutsideCoverage, PlaceOffRoad : name the places
    NoRoadBehind : the fixes fit no road together
    Unusable : times that OSRM cannot work with
    """
    places = listed(points, "/points")
    at_s = None if at is None else whole_seconds(at)
    region = region_of(roads, places)
    with naming(places):
        try:
            road = await roads.match(region, places.lonlat, at_s)
        except NoRoute as gap:
            raise NoRoadBehind from gap
    return Matched(road, region.name)


def whole_seconds(at: Sequence[datetime]) -> NDArray[np.int64]:
    """Seconds since the first fix, strictly rising: int64 array (n,). Clocks jitter, so a fix may move by a second.

    Raises
    ------
    Unusable : more than one fix a second over a while, or a trace over more than 30 days
    """
    since_s = [(instant - at[0]).total_seconds() for instant in at]
    if since_s[-1] > MOST_SPAN_S:
        said = {f"/points/{len(at) - 1}/at": "comes more than 30 days after the first"}
        raise Unusable(
            "The trace spans more than 30 days; send one for each trip.", errors=faults(said, "trace_too_long")
        )
    seconds: list[int] = []
    for i, exact_s in enumerate(since_s):
        second = round(exact_s)
        if seconds and second <= seconds[-1]:
            second = seconds[-1] + 1
        if second - exact_s > MOST_SHIFT_S:
            pointer = f"/points/{i}/at"
            raise Unusable(
                f"Up to {pointer} there is more than one fix a second; leave some out.",
                errors=faults({pointer: "comes too soon after the fixes before it"}, "fixes_too_close"),
            )
        seconds.append(second)
    return np.array(seconds, np.int64)
