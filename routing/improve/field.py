"""A problem as the compiled search sees it: flat arrays, positions instead of ids, nothing that Python owns."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from routing.arrays import Arrays, breaks_of
from routing.improve.ties_laid import Laid, laid_out
from routing.types import UNREACHABLE, Stop
from routing.way import NEVER, latest_returns, way_of

N_NEAR = 100
"""Neighbours of a stop that a ruin may reach from it."""

FAR_S = 100_000_000
"""A leg without a road: longer than any shift, short enough to add up."""


class Field(NamedTuple):
    """What does not change while a search runs; s is a stop, v a vehicle, p a place.

    Few arrays on purpose: compiled functions hand each one on in seven parts.

    Parameters
    ----------
    duration, distance : int32 (grounds, p, p), seconds and metres
    points : int64 (price classes, p, p)
    vehicle, stop : int64 (v, columns), (s, columns)
    breaks : int64 (v, number, columns); last_return : (v, layers), latest return with so many breaks taken
    windows : int64 (w, 2), those of a stop from WINDOW_FROM to WINDOW_TO
    service, setup : int64 (v, s)
    capacity : int64 (v, dimensions); loads : (s, 2, dimensions), delivered and collected
    eligible : bool (s, v); surcharge : int64 (s, v)
    near : int64 (s, neighbours), the nearest first
    lists, links : what stops have to do with each other, see ``ties_laid``
    flags : int64, see ``columns``
    """

    duration: np.ndarray
    distance: np.ndarray
    points: np.ndarray
    vehicle: np.ndarray
    stop: np.ndarray
    breaks: np.ndarray
    last_return: np.ndarray
    windows: np.ndarray
    service: np.ndarray
    setup: np.ndarray
    capacity: np.ndarray
    loads: np.ndarray
    eligible: np.ndarray
    surcharge: np.ndarray
    near: np.ndarray
    lists: np.ndarray
    links: np.ndarray
    flags: np.ndarray


def field_of(arrays: Arrays) -> Field:
    """Lay a problem out."""
    stops, vehicles, laid = arrays.stops, arrays.vehicles, laid_out(arrays)
    grounds = list({id(ground): ground for ground in arrays.grounds}.values())
    ground_of = [id(ground) for ground in grounds]
    drawn = [[(b.duration_s, len(b.windows), *chain(*b.windows)) for b in breaks_of(v)] for v in vehicles]
    most_breaks = max(1, *(len(breaks) for breaks in drawn))
    width = max((len(rest) for breaks in drawn for rest in breaks), default=2)
    drawn = [[tuple(_wide(rest, width, 0)) for rest in breaks] for breaks in drawn]
    n_dimensions = max((len(x) for x in (*(v.capacity for v in vehicles), *(s.collects for s in stops))), default=0)
    loads = [[_wide(s.delivers, n_dimensions), _wide(s.collects, n_dimensions)] for s in stops]
    eligible = arrays.eligible.copy()
    for delivery, pickup in laid.loose.items():
        # Whoever has fetched it brings it: a stop of its own that takes something off the load.
        loads[delivery][1] = [-amount for amount in loads[pickup][1]]
        eligible[delivery] &= [pickup in frozen for frozen in arrays.frozen]
    returns = [latest_returns(way_of(arrays, v, arrays.frozen[v])) for v in range(len(vehicles))]
    has_setup = any(any(setups) for setups in set(arrays.setups))
    return Field(
        duration=np.stack([_capped(g.duration_s) for g in grounds]),
        distance=np.stack([_capped(g.distance_m) for g in grounds]),
        points=np.stack([arrays.points[arrays.price_class.index(c)] for c in range(max(arrays.price_class) + 1)]),
        vehicle=np.array([_vehicle_row(arrays, v, ground_of) for v in range(len(vehicles))], dtype=np.int64),
        stop=_stop_rows(arrays, laid),
        breaks=np.array([_wide(breaks, most_breaks, (0,) * width) for breaks in drawn], dtype=np.int64),
        last_return=np.array([_wide(row, most_breaks + 1, -NEVER) for row in returns], dtype=np.int64),
        windows=np.array([window for stop in arrays.windows for window in stop], dtype=np.int64).reshape(-1, 2),
        service=np.array(arrays.services, dtype=np.int64).reshape(len(vehicles), len(stops)),
        setup=np.array(arrays.setups, dtype=np.int64).reshape(len(vehicles), len(stops)),
        capacity=np.array([v.capacity or (NEVER,) * n_dimensions for v in vehicles], dtype=np.int64).reshape(
            len(vehicles), n_dimensions
        ),
        loads=np.array(loads, dtype=np.int64).reshape(len(stops), 2, n_dimensions),
        eligible=eligible,
        surcharge=arrays.surcharges,
        near=_near(arrays),
        lists=laid.lists,
        links=laid.links,
        flags=_flags(arrays, has_setup=has_setup),
    )


def _flags(arrays: Arrays, *, has_setup: bool) -> np.ndarray:
    stops, vehicles, ties = arrays.stops, arrays.vehicles, arrays.ties
    late, overtime = any(s.late_cost_per_s for s in stops), any(v.overtime_cost_per_s for v in vehicles)
    rests, works = any(v.breaks for v in vehicles), any(v.max_work_s is not None for v in vehicles)
    moved = any(s.promise is not None and s.promise.cost_time for s in stops)
    return np.array(
        [
            has_setup,
            late or overtime or works or moved,
            bool(ties.crews or ties.gaps or any(len(unit) > 2 for unit in ties.units.values())),
            works or moved or (rests and (late or overtime)),
            any(s.promise is not None and s.promise.cost_order for s in stops),
        ],
        dtype=np.int64,
    )


def _vehicle_row(arrays: Arrays, v: int, ground_of: list[int]) -> list[int]:
    driver = arrays.vehicles[v]
    return [
        ground_of.index(id(arrays.grounds[v])),
        arrays.price_class[v],
        arrays.starts[v],
        arrays.ends[v],
        driver.shift_starts_s,
        driver.shift_ends_s,
        driver.cost_fixed,
        driver.cost_per_service_hour,
        len(driver.breaks),
        _limit(driver.max_stops),
        _limit(driver.max_travel_s),
        _limit(driver.max_distance_m),
        _limit(driver.overtime_from_s),
        driver.overtime_cost_per_s,
        len(driver.frozen),
        _limit(driver.max_work_s),
    ]


def _stop_rows(arrays: Arrays, laid: Laid) -> np.ndarray:
    """Int64 (s, columns)."""
    known = {stop.id: s for s, stop in enumerate(arrays.stops)}
    rows, begins = [], 0
    for s, stop in enumerate(arrays.stops):
        until = begins + len(arrays.windows[s])
        is_delivery = int(laid.mates[s] >= 0 and s in arrays.ties.pickup_of)
        rows.append(
            [
                *(stop.place, stop.unserved_cost, _limit(stop.due_s), stop.late_cost_per_s),
                *(laid.mates[s], is_delivery, arrays.frozen_at.get(s, -1), begins, until),
                *laid.spans[s],
                *_told(stop, known),
            ]
        )
        begins = until
    return np.array(rows, dtype=np.int64)


def _told(stop: Stop, known: dict[str, int]) -> list[int]:
    """The promise columns of a stop."""
    told = stop.promise
    if told is None:
        return [0, 0, 0, -1, 0]
    follows = -1 if told.after is None else known.get(told.after, -2)
    return [told.starts_s, told.tolerance_s, told.cost_time, follows, told.cost_order]


def _capped(values: np.ndarray) -> np.ndarray:
    return np.where(values >= UNREACHABLE, FAR_S, values).astype(np.int32)


def _limit(value: int | None) -> int:
    return NEVER if value is None else value


def _wide[T](row: Sequence[T], width: int, filler: T = 0) -> list[T]:  # type: ignore[assignment]
    return [*row, *[filler] * (width - len(row))]


def _near(arrays: Arrays) -> np.ndarray:
    """By stop, the nearest others there and back, int64 (n_stops, up to ``N_NEAR``)."""
    places = np.array(arrays.place, dtype=np.int64)
    duration_s = arrays.problem.matrix.duration_s
    there = duration_s[np.ix_(places, places)]
    apart_s = there + there.T
    np.fill_diagonal(apart_s, -1)
    return np.argsort(apart_s, axis=1, kind="stable")[:, 1 : N_NEAR + 1].astype(np.int64)
