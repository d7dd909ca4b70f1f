"""Random problems within what the fast kernel states."""

from dataclasses import replace

import numpy as np
from rich_cases import rich_problem

from routing.solver import solve
from routing.types import Promise

FEATURES = ("service", "levels", "open", "frozen")


def plain_problem(seed, n_stops=30, n_vehicles=5):
    """A random problem within what the fast kernel states, loads for half of them."""
    chosen = tuple(name for k, name in enumerate(FEATURES) if seed >> k & 1)
    problem = rich_problem(seed, n_stops, n_vehicles, chosen)
    loads = (seed >> 4) & 1
    stops = tuple(
        replace(
            stop,
            windows=stop.windows[:1],
            delivers=(1 + k % 3,) * loads,
            setup_s=0,
            service_for=tuple(replace(case, setup_s=0) for case in stop.service_for),
        )
        for k, stop in enumerate(problem.stops)
    )
    vehicles = tuple(
        replace(
            vehicle,
            breaks=vehicle.breaks[:1],
            cost_per_hour=2500,
            cost_per_km=333,
            max_distance_m=None,
            cost_per_service_hour=0,
            capacity=(7 + k,) * loads,
        )
        for k, vehicle in enumerate(problem.vehicles)
    )
    return replace(problem, stops=stops, vehicles=vehicles)


def short_days_problem(seed, n_stops=30, n_vehicles=5):
    """The same without breaks, and everybody away for two to eight hours at most."""
    problem = plain_problem(seed, n_stops, n_vehicles)
    vehicles = tuple(
        replace(vehicle, breaks=(), max_work_s=7200 * (1 + (seed + k) % 3 + bool(vehicle.frozen)))
        for k, vehicle in enumerate(problem.vehicles)
    )
    return replace(problem, vehicles=vehicles)


def promised_problem(seed, n_stops=20, n_vehicles=4):
    """The same with times promised: as the first plan has them, or some hours apart."""
    problem = plain_problem(seed & ~0b1000, n_stops, n_vehicles)
    plan = solve(problem, iterations=0)
    starts_s = {visit.stop_id: visit.service_starts_s for route in plan.routes for visit in route.visits}
    rng = np.random.default_rng(seed)
    stops = tuple(
        replace(
            stop, promise=Promise("v0", starts_s.get(stop.id, 40_000) + int(rng.choice((0, 0, 3000))), cost_time=900)
        )
        for stop in problem.stops
    )
    return replace(problem, stops=stops)
