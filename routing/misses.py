"""How near each vehicle comes to serving a stop that nobody serves: what is in the way first, by how much at least."""

from dataclasses import dataclass

import numpy as np

from routing.arrays import Arrays
from routing.orders import Orders
from routing.types import UNREACHABLE


@dataclass(frozen=True, slots=True)
class Miss:
    """What keeps one vehicle from serving a stop.

    Parameters
    ----------
    code : "skill", "required", "excluded", "unreachable" (``least`` is 1); "max_stops" (stops too many); "max_travel"
        (seconds), "max_distance" (metres); "window" (seconds after it closes, or before it opens), "shift" (seconds
        that the day is too short); "price" (points dearer than leaving it out); "limits" (fits by the clock alone)
    least : by how much at least, in the unit of the code: no smaller change of that one thing can help
    """

    vehicle: str
    code: str
    least: int


def misses(orders: Orders, stop: int) -> tuple[Miss, ...]:
    """What is in the way by vehicle, in the order of the problem."""
    arrays = orders.arrays
    cheapest: dict[int, int] = {}
    for place in orders.places(stop):
        cheapest.setdefault(place.vehicle, place.extra_points)
    found = []
    for vehicle, driver in enumerate(arrays.vehicles):
        code, least = _refused(arrays, stop, vehicle)
        if not code and vehicle in cheapest:
            code, least = "price", cheapest[vehicle] - arrays.stops[stop].unserved_cost
        if not code:
            code, least = _short(orders, stop, vehicle)
        found.append(Miss(driver.id, code, least))
    return tuple(found)


def _refused(arrays: Arrays, stop: int, vehicle: int) -> tuple[str, int]:
    """What a plan cannot change: who may come, and who gets there; an empty code when nothing is in the way."""
    wanted, driver = arrays.stops[stop], arrays.vehicles[vehicle]
    here, duration = arrays.place[stop], arrays.grounds[vehicle].duration
    checks = {
        "skill": wanted.skills.met_by(driver.skills),
        "required": not wanted.required_vehicles or driver.id in wanted.required_vehicles,
        "excluded": driver.id not in wanted.excluded_vehicles,
        "unreachable": max(duration[arrays.starts[vehicle]][here], duration[here][arrays.ends[vehicle]]) < UNREACHABLE,
    }
    return next(((code, 1) for code, fine in checks.items() if not fine), ("", 0))


def _short(orders: Orders, stop: int, vehicle: int) -> tuple[str, int]:
    """The limit that the best gap breaks least: counts and sums first, then the clock, breaks left out of account."""
    arrays, driver = orders.arrays, orders.arrays.vehicles[vehicle]
    row, here, ground = orders.row(vehicle), arrays.place[stop], arrays.grounds[vehicle]
    if driver.max_stops is not None and len(orders.orders[vehicle]) >= driver.max_stops:
        return "max_stops", len(orders.orders[vehicle]) + 1 - driver.max_stops
    for code, limit, sums, used, gaps in (
        ("max_travel", driver.max_travel_s, ground.duration_s, row.travel_s, row.gap_s),
        ("max_distance", driver.max_distance_m, ground.distance_m, row.distance_m, row.gap_m),
    ):
        least = int((sums[row.before, here] + sums[here, row.after] - gaps).min()) + used
        if limit is not None and least > limit:
            return code, least - limit
    arrives_s, begin_by_s = spans_s(orders, stop, vehicle)
    roomy = arrives_s <= begin_by_s
    if not roomy.any():
        return "shift", int((arrives_s - begin_by_s).min())
    late_s = np.min([np.abs(outside_s(arrives_s, begin_by_s, window)) for window in arrays.windows[stop]], axis=0)
    least = int(late_s[roomy].min())
    return ("window", least) if least else ("limits", 1)


def spans_s(orders: Orders, stop: int, vehicle: int) -> tuple[np.ndarray, np.ndarray]:
    """By gap, when the vehicle is at the stop and when service has to begin there; breaks left out of account."""
    arrays, row, here = orders.arrays, orders.row(vehicle), orders.arrays.place[stop]
    duration_s = arrays.grounds[vehicle].duration_s
    arrives_s = row.leaves_s + duration_s[row.before, here]
    begin_by_s = row.latest_s - duration_s[here, row.after] - arrays.services[vehicle][stop]
    # A set-up behind the stop may fall away.
    behind = orders.orders[vehicle][row.way.n_frozen :]
    return arrives_s, begin_by_s + np.array([*(arrays.setups[vehicle][other] for other in behind), 0])


def outside_s(arrives_s: np.ndarray, begin_by_s: np.ndarray, window: tuple[int, int]) -> np.ndarray:
    """By gap, how far the span in which service could begin lies from a window; 0 where they meet."""
    opens_s, closes_s = window
    outside: np.ndarray = np.maximum(0, np.maximum(arrives_s - closes_s, opens_s - begin_by_s))
    return outside
