"""Insertion written a second time, for suite explain: what is offered is checked by code that did not offer it.

Knows windows, breaks, shifts, skills, named wishes and the limits of a day; nothing that ties stops together.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from routing.types import UNREACHABLE, Problem, Stop, Vehicle


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a stop can go, and what the route then costs more."""

    extra_points: int
    vehicle: int
    position: int


def cheapest_spot(
    problem: Problem, orders: Sequence[Sequence[int]], stop: int, vehicles: Sequence[int] | None = None
) -> Spot | None:
    """The cheapest place at which a stop fits and pays, whoever serves it or among some; None without any."""
    spots = [
        spot
        for vehicle in (range(len(problem.vehicles)) if vehicles is None else vehicles)
        if may_come(problem.stops[stop], problem.vehicles[vehicle])
        for spot in _spots(problem, vehicle, list(orders[vehicle]), stop)
    ]
    best = min(spots, key=lambda spot: (spot.extra_points, spot.vehicle, spot.position), default=None)
    return best if best is not None and best.extra_points < problem.stops[stop].unserved_cost else None


def _spots(problem: Problem, vehicle: int, order: list[int], stop: int) -> list[Spot]:
    before = points_of(problem, vehicle, order)
    found = []
    for position in range(len(order) + 1):
        longer = [*order[:position], stop, *order[position:]]
        if can_drive(problem, vehicle, longer):
            found.append(Spot(points_of(problem, vehicle, longer) - before, vehicle, position))
    return found


def may_come(stop: Stop, vehicle: Vehicle) -> bool:
    """Whether skills and named wishes allow it."""
    needs, held = stop.skills, vehicle.skills
    if needs.all_of - held or needs.none_of & held or (needs.one_of and not needs.one_of & held):
        return False
    named = not stop.required_vehicles or vehicle.id in stop.required_vehicles
    return named and vehicle.id not in stop.excluded_vehicles


def points_of(problem: Problem, vehicle: int, order: Sequence[int]) -> int:
    """What a route costs: driving, distance, the fixed part, and wishes for somebody else."""
    if not order:
        return 0
    driver, matrix = problem.vehicles[vehicle], problem.matrix
    total = driver.cost_fixed
    for a, b in _legs(problem, driver, order):
        total += (2 * int(matrix.duration_s[a, b]) * driver.cost_per_hour + 3600) // 7200
        total += (2 * int(matrix.distance_m[a, b]) * driver.cost_per_km + 1000) // 2000
    for number in order:
        stop = problem.stops[number]
        if stop.preferred_vehicles and driver.id not in stop.preferred_vehicles:
            total += stop.preference_cost
    return total


def can_drive(problem: Problem, vehicle: int, order: Sequence[int]) -> bool:
    """Whether an order keeps every limit of its vehicle and the windows of its stops."""
    driver, matrix = problem.vehicles[vehicle], problem.matrix
    legs = _legs(problem, driver, order)
    if any(matrix.duration_s[a, b] >= UNREACHABLE for a, b in legs):
        return False
    limits = (
        (driver.max_stops, len(order)),
        (driver.max_travel_s, sum(int(matrix.duration_s[a, b]) for a, b in legs)),
        (driver.max_distance_m, sum(int(matrix.distance_m[a, b]) for a, b in legs)),
    )
    if any(most is not None and used > most for most, used in limits):
        return False
    # Earliest moment at which the vehicle is free, by how many breaks it has taken: earlier is never worse.
    free: dict[int, int] = {0: driver.shift_starts_s}
    for leg, (a, b) in enumerate(legs):
        ready = _after_leg(driver, free, int(matrix.duration_s[a, b]))
        if leg == len(order):
            return any(_rests(driver, taken, at_s) for taken, at_s in ready.items() if at_s <= driver.shift_ends_s)
        stop = problem.stops[order[leg]]
        free = {
            taken: starts_s + stop.service_s
            for taken, at_s in ready.items()
            if (starts_s := _first_start(stop, at_s)) is not None
        }
    return True


def _legs(problem: Problem, driver: Vehicle, order: Sequence[int]) -> list[tuple[int, int]]:
    places = [driver.start_place or 0, *(problem.stops[number].place for number in order), driver.end_place or 0]
    return list(itertools.pairwise(places)) if order else []


def _after_leg(driver: Vehicle, free: dict[int, int], leg_s: int) -> dict[int, int]:
    """Earliest moment at which service may begin, by breaks taken: none or some on the way or right after arriving."""
    ready: dict[int, int] = {}
    for taken, leaves_s in free.items():
        clock_s, left_s, number = leaves_s, leg_s, taken
        while True:
            ready[number] = min(clock_s + left_s, ready.get(number, clock_s + left_s))
            if number == len(driver.breaks):
                break
            pause = driver.breaks[number]
            begins_s = max(clock_s, pause.earliest_s)
            if begins_s > pause.latest_s:
                break
            left_s = max(0, left_s - (begins_s - clock_s))
            clock_s, number = begins_s + pause.duration_s, number + 1
    return ready


def _rests(driver: Vehicle, taken: int, home_s: int) -> bool:
    """Whether the breaks that are left fit in after coming home."""
    clock_s = home_s
    for pause in driver.breaks[taken:]:
        begins_s = max(clock_s, pause.earliest_s)
        clock_s = begins_s + pause.duration_s
        if begins_s > pause.latest_s or clock_s > driver.shift_ends_s:
            return False
    return True


def _first_start(stop: Stop, ready_s: int) -> int | None:
    if not stop.windows:
        return ready_s
    starts_s = [max(ready_s, window.opens_s) for window in stop.windows if ready_s <= window.closes_s]
    return min(starts_s, default=None)
