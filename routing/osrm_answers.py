"""What OSRM answers, in process or by HTTP, as arrays. Its arrays are iterated only: indexing one past its end takes the process down."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.arguments import half_up
from routing.engine import Directions, RoadRoute, Step
from routing.types import UNREACHABLE, Matrix

GPS_PRECISION_M = 15
"""Standard deviation of a fix in a town. OSRM's own 5 m finds no road behind an ordinary phone between houses."""


def whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round half up; ``UNREACHABLE`` for nan.

    Between two points on one piece of road OSRM 6.0 may say a metre less than nothing, which is nothing.
    """
    return half_up(np.where(np.isnan(values), UNREACHABLE, np.maximum(values, 0.0)))


def cells(rows: Iterable[Iterable[float | None]], shape: tuple[int, int]) -> NDArray[np.int64]:
    """Whole numbers of a table, int64 of that shape; ``UNREACHABLE`` where OSRM says None."""
    flat = itertools.chain.from_iterable(rows)
    return whole(np.fromiter(flat, np.float64, shape[0] * shape[1])).reshape(shape)


def table_of(answer: Any, rows: Sequence[int], columns: Sequence[int]) -> Matrix:
    """A table's seconds and metres between points at these positions; a point to itself is 0."""
    shape = len(rows), len(columns)
    itself = np.equal.outer(np.asarray(rows), np.asarray(columns))
    duration_s, distance_m = cells(answer["durations"], shape), cells(answer["distances"], shape)
    unreachable = (duration_s == UNREACHABLE) | (distance_m == UNREACHABLE)
    for values in (duration_s, distance_m):
        values[unreachable] = UNREACHABLE
        values[itself] = 0
    return Matrix(duration_s, distance_m, "osrm")


def joined(routes: Iterable[Any]) -> RoadRoute:
    """Legs and lines of routes or matchings, one after the other."""
    legs: list[tuple[float, float]] = []
    line: list[tuple[float, float]] = []
    for route in routes:
        legs += [(leg["duration"], leg["distance"]) for leg in route["legs"]]
        line += [tuple(place) for place in route["geometry"]["coordinates"]]
    travelled = whole(np.array(legs, np.float64).reshape(-1, 2))
    return RoadRoute(travelled[:, 0].copy(), travelled[:, 1].copy(), np.array(line, np.float64).reshape(-1, 2), "osrm")


def turn_by_turn(routes: Iterable[Any]) -> Directions:
    """Routes with their steps, one after the other."""
    found = list(routes)
    way = joined(found)
    legs = itertools.chain.from_iterable(route["legs"] for route in found)
    steps = tuple(
        _steps(list(leg["steps"]), int(travel_s), int(distance_m))
        for leg, travel_s, distance_m in zip(legs, way.travel_s, way.distance_m, strict=True)
    )
    return Directions(way.travel_s, way.distance_m, way.lonlat, way.source, steps)


def _steps(found: Sequence[Any], leg_s: int, leg_m: int) -> tuple[Step, ...]:
    """Steps in whole seconds and metres that sum up to those of the leg."""
    seconds = _shares([step["duration"] for step in found], leg_s)
    metres = _shares([step["distance"] for step in found], leg_m)
    return tuple(_step(*parts) for parts in zip(found, seconds, metres, strict=True))


def _step(step: Any, travel_s: int, distance_m: int) -> Step:
    turn = step["maneuver"]
    lon, lat = turn["location"]
    return Step(
        kind=turn["type"],
        modifier=_said(turn, "modifier"),
        street=_said(step, "name") or _said(step, "ref"),
        travel_s=travel_s,
        distance_m=distance_m,
        lonlat=(lon, lat),
        bearing_deg=int(turn["bearing_after"]) % 360,
        exit_number=int(turn["exit"]) if "exit" in turn else None,
        towards=_said(step, "destinations"),
        roundabout=_said(step, "rotary_name"),
    )


def _said(part: Any, key: str) -> str:
    return str(part[key]) if key in part else ""


def _shares(parts: Sequence[float], total: int) -> list[int]:
    """Whole parts, of which each run from the first is as near to its sum as the total allows; the last gets nothing."""
    sums = np.minimum(half_up(np.cumsum(parts)), total)
    sums[-2:] = total
    return [int(share) for share in np.diff(sums, prepend=0)]


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
    return RoadRoute(travel_s, distance_m, matched.lonlat, matched.source)
