"""A problem as the fast kernel sees it."""

from typing import NamedTuple

import numpy as np

from routing.arrays import Arrays, breaks_of, service_points
from routing.improve.lean import columns as at
from routing.improve.lean.matrices import are_too_dear, costs_of, drives_of, metres_of
from routing.improve.lean.requests import (
    at_pickups,
    brought_of,
    eligible_of,
    has_details,
    has_setups,
    has_several_windows,
    loads_of,
)
from routing.way import latest_returns, way_of

N_NEAR = 100
"""Neighbours of a stop that a ruin may reach from it."""

NEVER = 1 << 29
"""Later than any moment that the kernel counts in; two of them still fit 32 bits."""

NO_ROOM = (1 << 31) - 1
"""Points of a way that there is not; the largest number of 32 bits."""

FARTHEST = 1 << 60
"""Metres of somebody whose distance is not limited."""

WAIT_SHARE = 0.2
"""Of a wait between two stops, how much counts as distance where neighbours are told by time.

Source: measured on Solomon's and Gehring & Homberger's instances."""


class Ground(NamedTuple):
    """What does not change while a search runs; n nodes: stops first, then places where rows begin or end.

    Parameters
    ----------
    drive, drive_to : int32 (matrices x n, n), seconds from row to column, and from column to row; one matrix below the
        other, of which a vehicle has its own
    cost, cost_to : the same in points
    metres : the same from row to column in metres; (0, 0) where nobody's distance is limited
    stop : int64 (stops, columns); worth : int64 (stops), points of not serving it. What concerns both ends of a delivery,
        as its worth and who may serve it, stands at its pickup
    vehicle : int64 (vehicles, columns)
    service : int32 (rows, stops), seconds; surcharge : int64 (rows, stops), points that depend on who comes
    setup : int32 (rows, stops), seconds beside the service where one comes from another place; place : int32 (n)
    spans : int32 (stops, 2 x windows), when service may begin; (0, 0) where there are neither several windows, set-ups
        nor limits of distance, which ``details`` states
    able, able_from : int32, vehicles that may serve a stop, those of class c from able_from[c] to able_from[c + 1]
    may : bool (classes, vehicles)
    promise : int64 (stops, columns), or (0, columns) where no time is promised at a price
    near : int32 (2, stops, neighbours), by distance and by time, the nearest first
    """

    drive: np.ndarray
    drive_to: np.ndarray
    cost: np.ndarray
    cost_to: np.ndarray
    metres: np.ndarray
    stop: np.ndarray
    worth: np.ndarray
    vehicle: np.ndarray
    service: np.ndarray
    setup: np.ndarray
    place: np.ndarray
    spans: np.ndarray
    surcharge: np.ndarray
    able: np.ndarray
    able_from: np.ndarray
    may: np.ndarray
    promise: np.ndarray
    near: np.ndarray


def unstated(arrays: Arrays) -> str:
    """The first thing in a problem that the fast kernel does not state; empty when it states all of it."""
    stops, vehicles = arrays.stops, arrays.vehicles
    if not stops or not vehicles:
        return "nothing to do"
    works = any(v.max_work_s is not None for v in vehicles)
    asked = {
        "crews": bool(arrays.ties.crews),
        "successions": bool(arrays.ties.gaps),
        "several breaks": any(len(v.breaks) > 1 or any(b.also for b in v.breaks) for v in vehicles),
        "late_cost_per_s": any(s.late_cost_per_s for s in stops),
        "overtime_cost_per_s": any(v.overtime_cost_per_s for v in vehicles),
        "cost_per_service_hour with set-up": has_setups(arrays) and any(v.cost_per_service_hour for v in vehicles),
        "max_work_s with breaks": works and any(v.max_work_s is not None and v.breaks for v in vehicles),
        "max_work_s with several windows": works and has_several_windows(arrays),
        "max_work_s with set-up": works and has_setups(arrays),
        "promise.cost_order": any(s.promise is not None and s.promise.cost_order for s in stops),
        "points beyond 32 bits": are_too_dear(arrays),
        "times beyond 32 bits": _latest(arrays) >= NEVER,
    }
    return next((name for name, found in asked.items() if found), "")


def ground_of(arrays: Arrays) -> Ground:
    """Lay a problem out that ``unstated`` has nothing against."""
    n_stops, vehicles = len(arrays.stops), arrays.vehicles
    ends = sorted({*arrays.starts, *arrays.ends})
    node_of = {place: n_stops + k for k, place in enumerate(ends)}
    places = np.array([*arrays.place, *ends], dtype=np.int64)
    drives, metres = drives_of(arrays, places), metres_of(arrays, places)
    costs = costs_of(arrays, places, drives)
    setups = np.array(arrays.setups, np.int32).reshape(len(vehicles), -1)
    takes, service_row = np.unique(
        np.hstack([np.array(arrays.services, np.int32).reshape(len(vehicles), -1), setups]), axis=0, return_inverse=True
    )
    services, setups = np.ascontiguousarray(takes[:, :n_stops]), np.ascontiguousarray(takes[:, n_stops:])
    surcharges, surcharge_row = np.unique(at_pickups(arrays, _by_person(arrays)), axis=0, return_inverse=True)
    may, stop_class = np.unique(eligible_of(arrays), axis=0, return_inverse=True)
    able = [np.flatnonzero(row) for row in may]
    brings = brought_of(arrays)
    fetched = {stop: pickup for pickup, stop in brings.items()}
    loads, capacities = loads_of(arrays)
    stop = np.array(
        [
            [
                max(-NEVER, arrays.windows[s][0][0]),
                min(arrays.windows[s][-1][1], NEVER - 1),
                0 if loads.shape[1] else _demand(arrays, s),
                stop_class.reshape(-1)[s],
                arrays.frozen_at.get(s, -1),
                brings.get(s, -1),
                fetched.get(s, -1),
                *loads[s].tolist(),
            ]
            for s in range(n_stops)
        ],
        dtype=np.int64,
    ).reshape(n_stops, at.LOADS + loads.shape[1])
    rows = [
        [
            *_vehicle_row(arrays, v, node_of, int(service_row.reshape(-1)[v]), int(surcharge_row.reshape(-1)[v])),
            *(drives.begins[v], costs.begins[v], metres.begins[v]),
            FARTHEST if arrays.vehicles[v].max_distance_m is None else arrays.vehicles[v].max_distance_m,
            *capacities[v].tolist(),
        ]
        for v in range(len(vehicles))
    ]
    kinds: dict[tuple[object, ...], int] = {}
    for v, row in enumerate(rows):
        if loads.shape[1]:
            row[at.CAPACITY] = NEVER
        row[at.KIND] = kinds.setdefault((*row, may[:, v].tobytes()), len(kinds))
    n = n_stops
    return Ground(
        drive=drives.values,
        drive_to=drives.turned,
        cost=costs.values,
        cost_to=costs.turned,
        metres=metres.values,
        stop=stop,
        worth=at_pickups(arrays, np.array([s.unserved_cost for s in arrays.stops], dtype=np.int64)),
        vehicle=np.array(rows, dtype=np.int64),
        service=services,
        setup=setups,
        place=places.astype(np.int32),
        spans=_spans(arrays) if has_details(arrays) else np.zeros((0, 0), dtype=np.int32),
        surcharge=surcharges,
        able=np.concatenate(able).astype(np.int32) if able else np.zeros(0, np.int32),
        able_from=np.cumsum([0, *(len(a) for a in able)]).astype(np.int32),
        may=may,
        promise=_promises(arrays),
        near=near_of(drives.values[:n, :n], costs.values[:n, :n], stop, services[0]),
    )


def near_of(drive: np.ndarray, cost: np.ndarray, stop: np.ndarray, service: np.ndarray) -> np.ndarray:
    """Neighbours of each stop, int32 (2, stops, up to ``N_NEAR``): by legs there and back; and by leg and wait."""
    n = len(drive)
    by_leg = cost.astype(np.float64) + cost.T
    earliest, until = stop[:, 0].astype(np.float64), stop[:, 1].astype(np.float64)
    # From i, served as early as may be, to j: how long one waits there, and whether one can be there at all.
    arrives = earliest[:, None] + service[:n, None] + drive
    waits = np.maximum(0.0, earliest[None, :] - (np.maximum(until, earliest)[:, None] + service[:n, None] + drive))
    one_way = np.where(arrives <= until[None, :], cost + WAIT_SHARE * waits, np.inf)
    return np.stack([_nearest(by_leg), _nearest(np.minimum(one_way, one_way.T))])


def _nearest(apart: np.ndarray) -> np.ndarray:
    """By row, the columns with the least, int32; itself is none of them, the first of equals comes first."""
    n = len(apart)
    np.fill_diagonal(apart, np.inf)
    n_near = min(N_NEAR, n - 1)
    if n_near < 1:
        return np.zeros((n, 0), dtype=np.int32)
    # Columns beyond those that are near need no order.
    least = np.sort(np.argpartition(apart, n_near - 1, axis=1)[:, :n_near], axis=1)
    order = np.argsort(np.take_along_axis(apart, least, axis=1), axis=1, kind="stable")
    return np.take_along_axis(least, order, axis=1).astype(np.int32)


def _vehicle_row(arrays: Arrays, v: int, node_of: dict[int, int], service_row: int, surcharge_row: int) -> list[int]:
    driver, rests = arrays.vehicles[v], breaks_of(arrays.vehicles[v])
    returns = latest_returns(way_of(arrays, v, arrays.frozen[v]))
    rest = rests[0] if rests else None
    return [
        node_of[arrays.starts[v]],
        node_of[arrays.ends[v]],
        driver.shift_starts_s,
        _bounded(returns[-1]),
        _bounded(returns[0]) if rest else -NEVER,
        driver.cost_fixed,
        driver.capacity[0] if driver.capacity else NEVER,
        _bounded(driver.max_stops),
        _bounded(driver.max_travel_s),
        0,
        int(rest is not None),
        rest.windows[0][0] if rest else 0,
        rest.windows[0][1] if rest else 0,
        rest.duration_s if rest else 0,
        min(driver.shift_ends_s - driver.shift_starts_s, _bounded(driver.max_work_s))
        - (rest.duration_s if rest else 0),
        service_row,
        surcharge_row,
        len(driver.frozen),
        _bounded(driver.max_work_s),
    ]


def _by_person(arrays: Arrays) -> np.ndarray:
    """Points of who comes, int64 (vehicles, stops): surcharges, and what the service costs where nothing is set up."""
    points: np.ndarray = arrays.surcharges.T.astype(np.int64)
    for v, vehicle in enumerate(arrays.vehicles):
        if vehicle.cost_per_service_hour:
            points[v] += [service_points(s, vehicle.cost_per_service_hour) for s in arrays.services[v]]
    return points


def _spans(arrays: Arrays) -> np.ndarray:
    """Windows by stop, int32 (stops, 2 x windows), filled up with some that open after the end of time."""
    most = max(map(len, arrays.windows))
    spans = np.full((len(arrays.windows), most, 2), (NO_ROOM, -NO_ROOM), dtype=np.int32)
    for s, windows in enumerate(arrays.windows):
        spans[s, : len(windows)] = [(max(-NEVER, a), min(b, NEVER - 1)) for a, b in windows]
    return spans.reshape(len(spans), -1)


def _promises(arrays: Arrays) -> np.ndarray:
    told = [stop.promise for stop in arrays.stops]
    rows = [(0, NEVER, 0) if p is None else (p.starts_s, p.tolerance_s, p.cost_time) for p in told]
    priced = any(cost for _, _, cost in rows)
    return np.array(rows if priced else [], dtype=np.int64).reshape(-1, 3)


def _bounded(value: int | None) -> int:
    return NEVER if value is None else max(-NEVER, min(NEVER, value))


def _demand(arrays: Arrays, s: int) -> int:
    return arrays.stops[s].delivers[0] if arrays.stops[s].delivers else 0


def _latest(arrays: Arrays) -> int:
    longest = sum(
        max((max(row, default=0) for row in set(rows)), default=0) for rows in (arrays.services, arrays.setups)
    )
    return max((v.shift_ends_s for v in arrays.vehicles), default=0) + longest
