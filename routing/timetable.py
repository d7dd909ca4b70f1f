"""From the times of an order to its route as a plan states it, and what its times cost."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from routing.arrays import Arrays, static_price
from routing.priced_times import (
    cheapest_times,
    is_priced,
    late_points,
    leave_home_s,
    moved_points,
    overtime_points,
)
from routing.schedule import Times, earliest_times
from routing.types import BreakTaken, Objective, Route, Visit
from routing.way import Way, way_of


def times_of(arrays: Arrays, way: Way) -> Times | None:
    """When an order is best driven; None when it breaks a window, the shift, a break or the working time."""
    if arrays.timed and is_priced(way, arrays.stops):
        return cheapest_times(way, arrays.stops)
    return earliest_times(way)


def timed_points(arrays: Arrays, way: Way, times: Times) -> int:
    """What the times of an order cost: lateness, promises moved, overtime."""
    if not arrays.timed:
        return 0
    total = 0
    for stop, starts_s in zip(way.order, times.starts_s, strict=True):
        total += late_points(arrays.stops[stop], starts_s) + moved_points(arrays.stops[stop], starts_s)
    return total + overtime_points(way, returns_s(way, times))


def returns_s(way: Way, times: Times) -> int:
    """The moment of being back: a break at the end of the last leg is taken at home."""
    free_s = times.starts_s[-1] + way.actions_s[-1]
    return _drive(free_s, way.legs_s[-1], times.breaks[len(way.order)])[1]


def timetable(
    arrays: Arrays, vehicle: int, order: Sequence[int], releases: Mapping[int, int] | None = None
) -> Route | None:
    """The timetable of an order, or None when it breaks a window, the shift, a break or the working time.

    What costs least, then the earliest return, then the earliest breaks; services begin as early as possible; then
    leaving home moves as late as no service start changes. ``releases`` are moments before which a stop may not begin.
    """
    if not order:
        return None
    way = way_of(arrays, vehicle, order, releases)
    times = times_of(arrays, way)
    return None if times is None else route_of(arrays, way, times)


def route_price(arrays: Arrays, way: Way, times: Times) -> Objective:
    """What one route costs, by component."""
    price = static_price(arrays, way.vehicle, way.order)
    late = moved = 0
    for stop, starts_s in zip(way.order, times.starts_s, strict=True):
        late += late_points(arrays.stops[stop], starts_s)
        moved += moved_points(arrays.stops[stop], starts_s)
    overtime = overtime_points(way, returns_s(way, times))
    return replace(price, late=late, stability=price.stability + moved, overtime=overtime)


def route_of(arrays: Arrays, way: Way, times: Times) -> Route:
    """The route as a plan states it."""
    ground, places = arrays.grounds[way.vehicle], arrays.places(way.vehicle, way.order)
    metres = [int(ground.distance_m[a, b]) for a, b in itertools.pairwise(places)]
    starts_s, arrives_s = _first_leg(way, times)
    visits = []
    for i, stop in enumerate(way.order):
        at_s = times.starts_s[i]
        rested_s = _within(times.breaks[i], arrives_s, at_s)
        here_since_s = arrives_s
        free_s = at_s + way.actions_s[i]
        if i + 1 < way.n_frozen:
            departs_s, arrives_s = free_s, min(free_s + way.legs_s[i + 1], times.starts_s[i + 1])
        else:
            departs_s, arrives_s = _drive(free_s, way.legs_s[i + 1], times.breaks[i + 1])
        visits.append(
            Visit(
                stop_id=arrays.stops[stop].id,
                arrives_s=here_since_s,
                service_starts_s=at_s,
                departs_s=departs_s,
                travel_s=way.legs_s[i],
                distance_m=metres[i],
                wait_s=at_s - here_since_s - rested_s,
            )
        )
    ends_s = arrives_s
    breaks = tuple(pause for leg in times.breaks for pause in leg)
    travel_s, service_s = sum(way.legs_s), sum(way.actions_s)
    return Route(
        vehicle_id=way.driver.id,
        starts_s=starts_s,
        ends_s=ends_s,
        visits=tuple(visits),
        breaks=breaks,
        travel_s=travel_s,
        distance_m=sum(metres),
        service_s=service_s,
        wait_s=ends_s - starts_s - travel_s - service_s - _within(breaks, starts_s, ends_s),
    )


def _first_leg(way: Way, times: Times) -> tuple[int, int]:
    """Departure and arrival at the first stop, leaving home as late as its start allows."""
    shift_s, drive_s, first_s = way.driver.shift_starts_s, way.legs_s[0], times.starts_s[0]
    if way.n_frozen:
        leaves_s = max(shift_s, first_s - drive_s)
        return leaves_s, min(leaves_s + drive_s, first_s)
    leaves_s = leave_home_s(drive_s, first_s, times.breaks[0])
    return _drive(leaves_s, drive_s, [pause for pause in times.breaks[0] if pause.starts_s >= leaves_s])


def _within(breaks: Sequence[BreakTaken], from_s: int, to_s: int) -> int:
    return sum(pause.ends_s - pause.starts_s for pause in breaks if pause.starts_s >= from_s and pause.ends_s <= to_s)


def _drive(free_s: int, drive_s: int, breaks: Sequence[BreakTaken]) -> tuple[int, int]:
    """Departure and arrival of a leg: breaks that begin at once delay the departure, others split it."""
    departs_s = free_s
    rest = list(breaks)
    while rest and rest[0].starts_s <= departs_s:
        departs_s = rest.pop(0).ends_s
    arrives_s = departs_s + drive_s
    for pause in rest:
        if pause.starts_s < arrives_s:
            arrives_s += pause.ends_s - pause.starts_s
    return departs_s, arrives_s
