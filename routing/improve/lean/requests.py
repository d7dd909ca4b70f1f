"""What few days ask for and the fast kernel knows: stops that go together, loads that are more than one number, details."""

import numpy as np

from routing.arrays import Arrays

UNLIMITED = 1 << 29
"""More than any vehicle carries, in 32 bits with room to spare."""


def brought_of(arrays: Arrays) -> dict[int, int]:
    """By pickup that is still to be made, its delivery: both are served by one vehicle, in this order, or neither."""
    return {pickup: stop for stop, pickup in arrays.ties.pickup_of.items() if pickup not in arrays.frozen_at}


def eligible_of(arrays: Arrays) -> np.ndarray:
    """Who may serve a stop, bool (stops, vehicles): of a delivery whoever may serve both ends, or holds it already."""
    eligible: np.ndarray = arrays.eligible.copy()
    for pickup, stop in brought_of(arrays).items():
        eligible[pickup] &= eligible[stop]
        eligible[stop] = eligible[pickup]
    holder = {stop: v for v, frozen in enumerate(arrays.frozen) for stop in frozen}
    for stop, pickup in arrays.ties.pickup_of.items():
        if pickup in holder and stop not in holder:
            eligible[stop] &= np.arange(len(arrays.vehicles)) == holder[pickup]
    return eligible


def at_pickups(arrays: Arrays, points: np.ndarray) -> np.ndarray:
    """Points by stop, int64 (..., stops), with what both ends of a delivery cost at its pickup."""
    moved = points.copy()
    for pickup, stop in brought_of(arrays).items():
        moved[..., pickup] += moved[..., stop]
        moved[..., stop] = 0
    return moved


def loads_of(arrays: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """What each stop gives and takes, int64 (stops, 2 x dimensions), and what each vehicle carries, (vehicles, dimensions).

    No dimensions where loads are one number that is delivered: that is known of a row as a sum.
    """
    stops, vehicles = arrays.stops, arrays.vehicles
    asked = [len(amount) for s in stops for amount in (s.delivers, s.collects)] + [len(v.capacity) for v in vehicles]
    n = max(asked, default=0)
    if not any(v.capacity for v in vehicles) or (n <= 1 and not any(any(s.collects) for s in stops)):
        n = 0
    loads = np.zeros((len(stops), n, 2), dtype=np.int64)
    for s, stop in enumerate(stops):
        fetched = arrays.ties.pickup_of.get(s)
        loads[s, : len(stop.delivers), 0] = stop.delivers[:n]
        loads[s, : len(stop.collects), 1] = stop.collects[:n]
        if fetched is not None:
            collected = stops[fetched].collects[:n]
            loads[s, : len(collected), 1] -= np.array(collected, dtype=np.int64)
    unlimited = (UNLIMITED,) * n
    capacities = np.array([(v.capacity or unlimited)[:n] for v in vehicles], dtype=np.int64)
    return loads.reshape(len(stops), 2 * n), capacities.reshape(len(vehicles), n)


def has_setups(arrays: Arrays) -> bool:
    """Whether anything is set up once per place."""
    return any(any(setups) for setups in set(arrays.setups))


def has_several_windows(arrays: Arrays) -> bool:
    """Whether a stop may begin in one window or another."""
    return any(len(windows) > 1 for windows in arrays.windows)


def has_details(arrays: Arrays) -> bool:
    """Whether rows are laid out by ``details``."""
    far = any(vehicle.max_distance_m is not None for vehicle in arrays.vehicles)
    return far or has_setups(arrays) or has_several_windows(arrays)


def tied_or_detailed(arrays: Arrays) -> str:
    """What of a problem stands in these figures, for code that knows rows without them; empty where nothing does."""
    asked = {
        "deliveries": bool(arrays.ties.pickup_of),
        "loads to collect or of several dimensions": loads_of(arrays)[0].shape[1] > 0,
        "several windows": has_several_windows(arrays),
        "set-up": has_setups(arrays),
        "max_distance_m": has_details(arrays),
    }
    return next((name for name, found in asked.items() if found), "")
