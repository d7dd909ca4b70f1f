"""What OSRM answers, as arrays. Its arrays are iterated only: indexing one past its end takes the process down."""

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.arguments import half_up
from routing.engine import RoadRoute
from routing.types import UNREACHABLE


def whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round half up; ``UNREACHABLE`` for nan."""
    return half_up(np.where(np.isnan(values), UNREACHABLE, values))


def cells(rows: Iterable[Iterable[float | None]], shape: tuple[int, int]) -> NDArray[np.int64]:
    """Whole numbers of a table, int64 of that shape; ``UNREACHABLE`` where OSRM says None."""
    flat = itertools.chain.from_iterable(rows)
    return whole(np.fromiter(flat, np.float64, shape[0] * shape[1])).reshape(shape)


def joined(routes: Iterable[Any]) -> RoadRoute:
    """Legs and lines of routes or matchings, one after the other."""
    legs: list[tuple[float, float]] = []
    line: list[tuple[float, float]] = []
    for route in routes:
        legs += [(leg["duration"], leg["distance"]) for leg in route["legs"]]
        line += [tuple(place) for place in route["geometry"]["coordinates"]]
    travelled = whole(np.array(legs, np.float64).reshape(-1, 2))
    return RoadRoute(travelled[:, 0].copy(), travelled[:, 1].copy(), np.array(line, np.float64).reshape(-1, 2))


def spread(matched: RoadRoute, answer: Any) -> RoadRoute:
    """Give every fix its leg, also those that fit no road."""
    fixes = [None if fix is None else int(fix["matchings_index"]) for fix in answer["tracepoints"]]
    travel_s, distance_m = np.zeros(len(fixes) - 1, np.int64), np.zeros(len(fixes) - 1, np.int64)
    leg, before = 0, None
    for i, matching in enumerate(fixes):
        if matching is None:
            continue
        if matching == before:
            travel_s[i - 1], distance_m[i - 1] = matched.travel_s[leg], matched.distance_m[leg]
            leg += 1
        before = matching
    return RoadRoute(travel_s, distance_m, matched.lonlat)
