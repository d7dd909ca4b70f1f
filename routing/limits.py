"""What an order may not do whenever it is driven: who may come, how much, how far, what fits into the van."""

from collections.abc import Sequence

from routing.arrays import Arrays


def fits(arrays: Arrays, vehicle: int, order: Sequence[int]) -> bool:
    """Whether an order keeps every limit of the vehicle that has nothing to do with the clock."""
    driver = arrays.vehicles[vehicle]
    frozen = arrays.frozen[vehicle]
    if tuple(order[: len(frozen)]) != frozen:
        return False
    if not order:
        return True
    if driver.max_stops is not None and len(order) > driver.max_stops:
        return False
    if driver.max_travel_s is not None and arrays.route_travel_s(vehicle, order) > driver.max_travel_s:
        return False
    if driver.max_distance_m is not None and distance_m(arrays, vehicle, order) > driver.max_distance_m:
        return False
    if not all(arrays.eligible[stop, vehicle] for stop in order[len(frozen) :]):
        return False
    return not arrays.timed or (_tied(arrays, order) and _carries(arrays, vehicle, order))


def distance_m(arrays: Arrays, vehicle: int, order: Sequence[int]) -> int:
    """Distance of a route, the way home included."""
    places = arrays.places(vehicle, order)
    return int(arrays.grounds[vehicle].distance_m[places[:-1], places[1:]].sum())


def is_whole(arrays: Arrays, orders: Sequence[Sequence[int]]) -> bool:
    """Whether no stop is served without those it depends on."""
    ties = arrays.ties
    served = {stop for order in orders for stop in order}
    return all(
        all(other in served for other in (*ties.units.get(stop, ()), *ties.after.get(stop, ())))
        for stop in served.intersection(ties.units.keys() | ties.after.keys())
    )


def _tied(arrays: Arrays, order: Sequence[int]) -> bool:
    """A delivery comes after its pickup, in one vehicle; people of one crew come in vehicles of their own."""
    ties = arrays.ties
    if ties.pickup_of:
        seen: set[int] = set()
        for stop in order:
            if stop in ties.pickup_of and ties.pickup_of[stop] not in seen:
                return False
            seen.add(stop)
    return all(len(set(crew).intersection(order)) < 2 for crew in ties.crews)


def _carries(arrays: Arrays, vehicle: int, order: Sequence[int]) -> bool:
    """Whether the load never exceeds the capacity."""
    capacity = arrays.vehicles[vehicle].capacity
    stops, pickup_of = arrays.stops, arrays.ties.pickup_of
    for dimension, most in enumerate(capacity):
        load = sum(stops[stop].delivers[dimension] for stop in order if stops[stop].delivers)
        if load > most:
            return False
        for number in order:
            stop = stops[number]
            load -= stop.delivers[dimension] if stop.delivers else 0
            load += stop.collects[dimension] if stop.collects else 0
            if number in pickup_of and stops[pickup_of[number]].collects:
                load -= stops[pickup_of[number]].collects[dimension]
            if load > most:
                return False
    return True
