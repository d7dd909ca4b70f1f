"""Random customers of a fleet that is alike."""

from dataclasses import replace

import numpy as np
from routing_cases import T0_AT

from routing.types import Matrix, Problem, Stop, Vehicle, Window

DAY_S = 10_000


def fleet(seed, n_stops=25, n_vehicles=8, **vehicle):
    """Customers with windows and loads around one depot; leaving one out costs more than any route."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 1000, (n_stops + 1, 2))
    duration_s = np.ceil(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))).astype(np.int64)
    opens = rng.integers(0, DAY_S // 2, n_stops)
    stops = tuple(
        Stop(
            f"s{k:02}",
            k,
            int(rng.integers(60, 400)),
            (Window(int(opens[k]), int(opens[k]) + int(rng.integers(800, 4000))),),
            unserved_cost=1_000_000,
            delivers=(int(rng.integers(1, 5)),),
        )
        for k in range(n_stops)
    )
    vehicles = tuple(Vehicle(f"v{k}", n_stops, n_stops, 0, DAY_S, capacity=(25,), **vehicle) for k in range(n_vehicles))
    return Problem(T0_AT, stops, vehicles, Matrix(duration_s, duration_s * 10))


def two_depots(seed, n_vehicles=20, **vehicle):
    """The same from two depots, half of the vehicles each; the second is where the last customer was."""
    problem = fleet(seed, 26, n_vehicles, **vehicle)
    vehicles = tuple(
        replace(v, start_place=25, end_place=25) if k >= n_vehicles // 2 else v for k, v in enumerate(problem.vehicles)
    )
    return replace(problem, stops=problem.stops[:25], vehicles=vehicles)
