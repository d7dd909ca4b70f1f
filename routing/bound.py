"""A lower bound that costs next to nothing: no plan can be cheaper, and most are dearer by far.

Each stop is either left out, at its price, or somebody drives a leg to it. The cheapest such leg by anybody who may
come, with what it costs that they do, is counted once for every stop; legs home, waiting and sharing of people are not.
"""

import numpy as np

from routing.arrays import Arrays, service_points
from routing.types import UNREACHABLE

NOBODY = 1 << 60


def lower_bound(arrays: Arrays) -> int:
    """Points that every plan costs at least; O(stops²) per distinct matrix and prices, O(stops × vehicles)."""
    n_stops, places = len(arrays.stops), np.array(arrays.place, dtype=np.int64)
    cheapest = np.full(n_stops, NOBODY, dtype=np.int64)
    for kind in sorted(set(arrays.price_class)):
        vehicles = [v for v, price_class in enumerate(arrays.price_class) if price_class == kind]
        points, seconds = arrays.points[vehicles[0]], arrays.grounds[vehicles[0]].duration_s
        between = np.where(seconds[np.ix_(places, places)] < UNREACHABLE, points[np.ix_(places, places)], NOBODY)
        np.fill_diagonal(between, NOBODY)
        from_others = between.min(axis=0, initial=NOBODY)
        for vehicle in vehicles:
            start = arrays.starts[vehicle]
            from_home = np.where(seconds[start, places] < UNREACHABLE, points[start, places], NOBODY)
            cost = np.minimum(from_others, from_home) + _coming(arrays, vehicle)
            cost[~(arrays.eligible[:, vehicle] | _frozen_here(arrays, vehicle))] = NOBODY
            cheapest = np.minimum(cheapest, cost)
    unserved = np.array([stop.unserved_cost for stop in arrays.stops], dtype=np.int64)
    unserved[list(arrays.frozen_at)] = NOBODY  # they cannot be left out any more
    best = np.minimum(cheapest, unserved)
    return int(np.where(best >= NOBODY, 0, best).sum())


def _coming(arrays: Arrays, vehicle: int) -> np.ndarray:
    """Int64 by stop: what it costs at least that this vehicle serves it, legs aside."""
    price = arrays.vehicles[vehicle].cost_per_service_hour
    served = [service_points(service_s, price) for service_s in arrays.services[vehicle]] if price else 0
    coming: np.ndarray = arrays.surcharges[:, vehicle] + np.array(served, dtype=np.int64)
    return coming


def _frozen_here(arrays: Arrays, vehicle: int) -> np.ndarray:
    """Bool by stop: whether this vehicle has it frozen."""
    frozen = np.zeros(len(arrays.stops), dtype=np.bool_)
    frozen[list(arrays.frozen[vehicle])] = True
    return frozen
