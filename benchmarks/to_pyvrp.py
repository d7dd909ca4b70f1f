"""A problem as plain arrays that ``benchmarks/baselines/pyvrp_peer.py`` makes a PyVRP model of.

Every vehicle that differs in what its legs cost or whom it may visit has a profile of its own; a leg to somebody whom
it may not visit costs more than any prize. Leaving a job out costs its prize; where no driving is worth that, as in
vehicle routing instances, everybody is required. A limit of stops is a dimension of load.
"""

from typing import Any

import numpy as np

from benchmarks.stating import LIMITS, eligible_of, leg_points
from routing.types import UNREACHABLE, Problem, Stop


def pyvrp_problem(problem: Problem) -> dict[str, Any]:
    """Return depots, clients, shipments, vehicle types and profiles.

    Locations are the depots, then the stops in order; vehicle types are vehicles in order. Clients and shipments say
    which stops they are.
    """
    depots = sorted({place for v in problem.vehicles for place in (v.start_place, v.end_place) if place is not None})
    shift_s = -min([0, *(vehicle.shift_starts_s for vehicle in problem.vehicles)])
    longest_s = max([0, *(vehicle.shift_ends_s for vehicle in problem.vehicles)]) + shift_s
    n_dimensions = max([0, *(len(vehicle.capacity) for vehicle in problem.vehicles)])
    limited = LIMITS["max_stops"](problem)
    at = {stop.id: number for number, stop in enumerate(problem.stops)}
    pairs = [(at[link.pickup], at[link.delivery]) for link in problem.deliveries]
    paired = {number for pair in pairs for number in pair}
    visits = [_visit(stop, shift_s, longest_s) for stop in problem.stops]
    none = [0] * n_dimensions
    clients = [
        visits[number]
        | {
            "stop": number,
            "prize": stop.unserved_cost,
            "delivers": (list(stop.delivers) or none) + [1] * limited,
            "collects": (list(stop.collects) or none) + [0] * limited,
        }
        for number, stop in enumerate(problem.stops)
        if number not in paired
    ]
    shipments = [
        {
            "pickup": visits[a] | {"stop": a},
            "delivery": visits[b] | {"stop": b},
            "prize": problem.stops[a].unserved_cost + problem.stops[b].unserved_cost,
            # Two stops, but one of them carries the load of both.
            "amount": (list(problem.stops[a].collects) or none) + [0] * limited,
        }
        for a, b in pairs
    ]
    profiles, profile_of = _profiles(problem, depots)
    vehicles = []
    for v, vehicle in enumerate(problem.vehicles):
        capacity = list(vehicle.capacity) or [sum(map(sum, (s.delivers + s.collects for s in problem.stops)))] * len(
            none
        )
        if limited:
            capacity.append(len(problem.stops) if vehicle.max_stops is None else vehicle.max_stops)
        vehicles.append(
            {
                "start": depots.index(vehicle.start_place or 0),
                "end": depots.index(vehicle.end_place or 0),
                "profile": profile_of[v],
                "shift": [vehicle.shift_starts_s + shift_s, vehicle.shift_ends_s + shift_s],
                "fixed": vehicle.cost_fixed,
                "capacity": capacity,
                "max_points": vehicle.max_travel_s,
                "max_work_s": vehicle.max_work_s,
            }
        )
    return {
        "n_depots": len(depots),
        "n_stops": len(problem.stops),
        "clients": clients,
        "shipments": shipments,
        "required": _required(problem),
        "vehicles": vehicles,
        "profiles": profiles,
    }


def _visit(stop: Stop, shift_s: int, longest_s: int) -> dict[str, Any]:
    opens_s, closes_s = 0, longest_s
    if stop.windows:
        opens_s, closes_s = (max(0, time_s + shift_s) for time_s in (stop.windows[0].opens_s, stop.windows[0].closes_s))
    return {"window": [opens_s, closes_s], "service_s": stop.service_s}


def _required(problem: Problem) -> bool:
    """Whether leaving out anybody costs more than all driving there may be."""
    longest = max(int(leg_points(problem, v).max()) for v in range(len(problem.vehicles)))
    dearest = max(vehicle.cost_fixed for vehicle in problem.vehicles) * len(problem.vehicles)
    least = min((stop.unserved_cost for stop in problem.stops), default=0)
    return least > 2 * len(problem.stops) * longest + dearest


def _profiles(problem: Problem, depots: list[int]) -> tuple[list[dict[str, Any]], list[int]]:
    """Points and seconds of each leg, once for all vehicles that are alike in them; and which is whose."""
    eligible = eligible_of(problem)
    rows = np.array([*depots, *(stop.place for stop in problem.stops)], dtype=np.int64)
    cell = np.ix_(rows, rows)
    forbidden = 10 * max([1_000_000, *(stop.unserved_cost for stop in problem.stops)])
    # A preference is part of a leg's price, and a limit of driving is one of that price.
    preferences = not LIMITS["max_travel_s"](problem)
    known: dict[tuple[Any, ...], int] = {}
    profiles: list[dict[str, Any]] = []
    profile_of = []
    for v, vehicle in enumerate(problem.vehicles):
        extra = tuple(
            stop.preference_cost
            if preferences and stop.preferred_vehicles and vehicle.id not in stop.preferred_vehicles
            else 0
            for stop in problem.stops
        )
        key = (vehicle.cost_per_hour, vehicle.cost_per_km, vehicle.matrix, eligible[:, v].tobytes(), extra)
        if key not in known:
            known[key] = len(profiles)
            seconds = problem.matrix_of(vehicle).duration_s[cell]
            points = leg_points(problem, v)[cell]
            points[:, len(depots) :] += np.array(extra, dtype=np.int64)
            points[:, len(depots) :][:, ~eligible[:, v]] = forbidden
            points[seconds >= UNREACHABLE] = forbidden
            np.fill_diagonal(points, 0)
            profiles.append({"points": points.tolist(), "seconds": np.minimum(seconds, forbidden).tolist()})
        profile_of.append(known[key])
    return profiles, profile_of
