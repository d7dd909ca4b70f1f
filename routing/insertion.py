"""Cheapest feasible insertion: instant answers, the first plan, the floor under every search.

Stops that are tied, as a part to fetch and its job or two people at one job, go in and out together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from routing.arrays import Arrays
from routing.orders import Orders, Place

BEAM, BEAM_PER_VEHICLE = 12, 3
"""Places of the first stop of a unit from which places for the next are sought, in all and with one vehicle."""


ANYBODY: Mapping[int, Sequence[int]] = {}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the stops of a unit can go, in the order in which they have to be inserted."""

    extra_points: int
    steps: tuple[tuple[int, Place], ...]


def place_unit(orders: Orders, stops: Sequence[int], only: Mapping[int, Sequence[int]] = ANYBODY) -> Placed | None:
    """The cheapest way found to insert all of these stops, None when none is feasible; exact for a single stop.

    ``only`` names, by stop, the vehicles that may take it.
    """
    first, *rest = stops
    if not rest:
        place = orders.cheapest(first, only.get(first))
        return None if place is None else Placed(place.extra_points, ((first, place),))
    best: Placed | None = None
    for place in _beam(orders, first, only.get(first)):
        orders.insert(first, place)
        further = place_unit(orders, rest, only)
        orders.remove(place.vehicle, first)
        if further is not None and (best is None or place.extra_points + further.extra_points < best.extra_points):
            best = Placed(place.extra_points + further.extra_points, ((first, place), *further.steps))
    return best


def _beam(orders: Orders, stop: int, vehicles: Sequence[int] | None) -> list[Place]:
    """The cheapest places, not too many with one vehicle."""
    chosen: list[Place] = []
    n_with: dict[int, int] = {}
    for place in orders.places(stop, vehicles):
        if n_with.get(place.vehicle, 0) < BEAM_PER_VEHICLE:
            chosen.append(place)
            n_with[place.vehicle] = n_with.get(place.vehicle, 0) + 1
        if len(chosen) == BEAM:
            break
    return chosen


def insert_unit(orders: Orders, placed: Placed) -> None:
    """Put a unit where ``place_unit`` found room."""
    for stop, place in placed.steps:
        orders.insert(stop, place)


def first_orders(arrays: Arrays, start: Sequence[Sequence[int]] | None = None) -> Orders:
    """A plan by insertion: stops by price per second of service, each where it is cheapest, if that pays.

    Parameters
    ----------
    start : orders to keep and fill up, by vehicle; from nothing when left out
    """
    orders = Orders(arrays, start)
    fill(orders, dearest_first(arrays, orders.unserved()))
    return orders


def fill(orders: Orders, waiting: Sequence[int]) -> None:
    """Insert what pays, in the order given; again, until nothing more does, for others may lie on the way by then."""
    while waiting:
        served = {stop for order in orders.orders for stop in order}
        for stop in waiting:
            if stop not in served and _inserted(orders, stop, served):
                served = {stop for order in orders.orders for stop in order}
        left = [stop for stop in waiting if stop not in served]
        if len(left) == len(waiting):
            break
        waiting = left


def _inserted(orders: Orders, stop: int, served: set[int]) -> bool:
    """Put a stop, with all that goes with it, where it is cheapest if that pays; with its followers if only that pays."""
    ties = orders.arrays.ties
    unit = ties.unit(stop)
    if any(other not in served and other not in unit for one in unit for other in ties.after.get(one, ())):
        return False
    if _inserted_if_worth(orders, unit):
        return True
    followers = [other for other in ties.followers(stop) if other not in served]
    if len(followers) == len(unit):
        return False
    ready = all(other in served or other in followers for one in followers for other in ties.after.get(one, ()))
    return ready and _inserted_if_worth(orders, followers)


def _inserted_if_worth(orders: Orders, stops: Sequence[int]) -> bool:
    placed = place_unit(orders, stops)
    worth = sum(orders.arrays.stops[stop].unserved_cost for stop in stops)
    if placed is None or placed.extra_points >= worth:
        return False
    insert_unit(orders, placed)
    return True


def dearest_first(arrays: Arrays, stops: Sequence[int]) -> list[int]:
    """Stops by the price of leaving them out per second of service, then by position."""
    return sorted(
        stops, key=lambda stop: (-arrays.stops[stop].unserved_cost / max(1, arrays.stops[stop].service_s), stop)
    )


def settle(orders: Orders, enough: Callable[[], bool] = lambda: False) -> None:
    """Move single stops while that is cheaper: to another place, out of the plan, or into it.

    Unless ``enough`` says to stop earlier, no free stop is dearer afterwards where it is than at the next best vehicle,
    or than leaving it out, and none that is left out fits and pays. Each change lowers the objective, so it ends.
    """
    free = [stop for stop in range(len(orders.arrays.stops)) if is_free(orders.arrays, stop)]
    moved = True
    while moved:
        moved = False
        for vehicle in range(len(orders.orders)):
            for stop in [stop for stop in orders.orders[vehicle] if stop in set(free)]:
                if enough():
                    return
                moved |= _moved(orders, vehicle, stop)
        before = [len(order) for order in orders.orders]
        fill(orders, dearest_first(orders.arrays, orders.unserved()))
        moved |= before != [len(order) for order in orders.orders]


def is_free(arrays: Arrays, stop: int) -> bool:
    """Whether a stop is neither frozen nor tied to others."""
    ties = arrays.ties
    return (
        not (stop in arrays.frozen_at or stop in ties.units or stop in ties.after or stop in ties.before)
        and stop not in ties.pickup_of
    )


def _moved(orders: Orders, vehicle: int, stop: int) -> bool:
    """Take one stop to where it is cheapest, if that is cheaper than here."""
    position, saved = orders.orders[vehicle].index(stop), orders.saved(vehicle, stop)
    if saved is None:
        return False
    orders.remove(vehicle, stop)
    place = orders.cheapest(stop)
    if place is not None and place.extra_points < min(saved, orders.arrays.stops[stop].unserved_cost):
        orders.insert(stop, place)
        return True
    if saved > orders.arrays.stops[stop].unserved_cost:
        return True
    orders.insert(stop, Place(saved, vehicle, position))
    return False
