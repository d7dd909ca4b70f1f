"""A problem as VROOM's documented JSON, and VROOM's answer as orders.

VROOM knows no prices of jobs but priorities from 0 to 100, whose sum it serves as much of as it can before it looks at
costs. A priority here is the price of leaving the job out, as a share of the dearest one: that way its first
criterion is ours as nearly as a hundred steps allow. Whoever may serve a job is said by skills: one for each distinct
set of people, so that trades, skills, wishes and exclusions all count.
"""

from typing import Any

import numpy as np

from benchmarks.stating import eligible_of
from routing.types import Problem, Stop, Vehicle, Window

FARTHEST_S, LONGEST_SUM_S = 20_000_000, 2_000_000_000
"""Stands for no road, or less where so many would not add up: VROOM counts hundredths of seconds in 32 bits, and sums of
seconds too."""


def vroom_problem(problem: Problem) -> dict[str, Any]:
    """Return the input; ids of jobs and vehicles are positions + 1."""
    eligible = eligible_of(problem)
    groups = {key: number + 1 for number, key in enumerate(sorted({row.tobytes() for row in eligible}))}
    skill = [groups[row.tobytes()] for row in eligible]
    held = [sorted({skill[s] for s in np.flatnonzero(eligible[:, v])}) for v in range(len(problem.vehicles))]
    shift_s = -min([0, *(vehicle.shift_starts_s for vehicle in problem.vehicles)])
    dearest = max([1, *(stop.unserved_cost for stop in problem.stops)])
    delivery = {link.pickup: link.delivery for link in problem.deliveries}
    at = {stop.id: number for number, stop in enumerate(problem.stops)}
    paired = {name for link in problem.deliveries for name in (link.pickup, link.delivery)}
    jobs, shipments = [], []
    for s, stop in enumerate(problem.stops):
        common = {"skills": [skill[s]], "priority": max(1, round(100 * stop.unserved_cost / dearest))}
        if stop.id in delivery:
            other = at[delivery[stop.id]]
            shipments.append(
                common
                | {"pickup": _step(s, stop, shift_s), "delivery": _step(other, problem.stops[other], shift_s)}
                | ({"amount": list(stop.collects)} if stop.collects else {})
            )
        elif stop.id not in paired:
            amounts = {"delivery": list(stop.delivers)} if stop.delivers else {}
            amounts |= {"pickup": list(stop.collects)} if stop.collects else {}
            jobs.append(_step(s, stop, shift_s) | common | amounts)
    vehicles = [_vehicle(v, vehicle, held[v], shift_s) for v, vehicle in enumerate(problem.vehicles)]
    matrix = problem.matrix
    farthest = min(FARTHEST_S, LONGEST_SUM_S // max(1, matrix.n_places))
    car = {
        "durations": np.minimum(matrix.duration_s, farthest).tolist(),
        "distances": np.minimum(matrix.distance_m, farthest).tolist(),
    }
    return {"jobs": jobs, "shipments": shipments, "vehicles": vehicles, "matrices": {"car": car}}


def orders_from_vroom(problem: Problem, solution: dict[str, Any]) -> list[list[int]]:
    """Return the orders of stop positions, by vehicle."""
    orders: list[list[int]] = [[] for _ in problem.vehicles]
    for route in solution["routes"]:
        orders[route["vehicle"] - 1] = [
            int(step["id"]) - 1 for step in route["steps"] if step["type"] in ("job", "pickup", "delivery")
        ]
    return orders


def _step(number: int, stop: Stop, shift_s: int) -> dict[str, Any]:
    made: dict[str, Any] = {"id": number + 1, "location_index": stop.place, "service": stop.service_s}
    if stop.setup_s:
        made["setup"] = stop.setup_s
    windows = [moved for window in stop.windows if (moved := _clipped(window, shift_s)) is not None]
    if stop.windows:
        made["time_windows"] = windows
    return made


def _clipped(window: Window, shift_s: int) -> list[int] | None:
    """A window as VROOM may have it: it knows no times below 0."""
    if window.closes_s + shift_s < 0:
        return None
    return [max(0, window.opens_s + shift_s), window.closes_s + shift_s]


def _vehicle(number: int, vehicle: Vehicle, skills: list[int], shift_s: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": number + 1,
        "time_window": [vehicle.shift_starts_s + shift_s, vehicle.shift_ends_s + shift_s],
        "skills": skills,
        "costs": {
            "fixed": vehicle.cost_fixed,
            "per_hour": vehicle.cost_per_hour,
            "per_km": vehicle.cost_per_km,
        },
        "breaks": [
            {
                "id": b + 1,
                "time_windows": [[pause.earliest_s + shift_s, pause.latest_s + shift_s]],
                "service": pause.duration_s,
            }
            for b, pause in enumerate(vehicle.breaks)
        ],
    }
    if vehicle.start_place is not None:
        made["start_index"] = vehicle.start_place
    if vehicle.end_place is not None:
        made["end_index"] = vehicle.end_place
    limits = {
        "max_tasks": vehicle.max_stops,
        "max_travel_time": vehicle.max_travel_s,
        "max_distance": vehicle.max_distance_m,
        "capacity": list(vehicle.capacity) or None,
    }
    return made | {name: limit for name, limit in limits.items() if limit is not None}
