"""Random problems with deliveries and loads, within what the fast kernel states."""

from dataclasses import replace

import numpy as np
from plain_cases import plain_problem, short_days_problem
from routing_cases import HOUR

from routing.types import DEFAULT_COST_PER_HOUR, Delivery, Skills


def paired_problem(seed, n_stops=20, n_vehicles=4):
    """People's days: a third of the stops is brought what another one has; loads of no, one or two dimensions.

    Half of the days have limits of working time in place of breaks; parts may have been fetched already.
    """
    made = short_days_problem if seed % 2 else plain_problem
    problem = made(seed, n_stops, n_vehicles)
    rng = np.random.default_rng([seed, 5])
    n_loads = seed % 3
    done = {case.stop for vehicle in problem.vehicles for case in vehicle.frozen}
    names = [stop.id for stop in problem.stops if stop.id not in done]
    rng.shuffle(names)
    n_pairs = n_stops // 3
    deliveries = names[:n_pairs]
    pickups = [*names[n_pairs : 2 * n_pairs - len(done)], *sorted(done)][:n_pairs]
    stops = []
    for stop in problem.stops:
        amounts = rng.integers(0, 3, (2, n_loads)).tolist()
        given, taken = (tuple(amounts[0]), tuple(amounts[1])) if stop.id not in deliveries else ((), ())
        stops.append(replace(stop, delivers=given if rng.integers(2) else (), collects=taken))
    vehicles = tuple(
        replace(vehicle, capacity=(30 if vehicle.frozen else 6 + k,) * n_loads)
        for k, vehicle in enumerate(problem.vehicles)
    )
    pairs = tuple(Delivery(*pair) for pair in zip(pickups, deliveries, strict=False))
    return replace(problem, stops=tuple(stops), vehicles=vehicles, deliveries=pairs)


def loaded_problem(seed, n_stops=20, n_vehicles=4):
    """The same without deliveries."""
    return replace(paired_problem(seed, n_stops, n_vehicles), deliveries=())


def courier_problem(seed, n_stops=20, n_vehicles=6, cost_fixed=0):
    """Vehicles that are alike and carry everything from somewhere to somewhere else; all is meant to be served."""
    problem = paired_problem(6 * (seed % 1000) + 4, n_stops, n_vehicles)
    names = [stop.id for stop in problem.stops]
    stops = tuple(
        replace(
            stop,
            windows=stop.windows if k % 2 else (),
            unserved_cost=10_000_000,
            delivers=(),
            collects=() if k % 2 else (1 + k % 3,),
            required_vehicles=frozenset(),
            excluded_vehicles=frozenset(),
            preferred_vehicles=frozenset(),
            skills=Skills(),
            service_for=(),
            promise=None,
        )
        for k, stop in enumerate(problem.stops)
    )
    first = replace(
        problem.vehicles[-1],
        skills=frozenset("xyz"),
        max_stops=None,
        max_travel_s=None,
        max_work_s=None,
        breaks=(),
        frozen=(),
        shift_starts_s=0,
        shift_ends_s=24 * HOUR,
        cost_fixed=cost_fixed,
        cost_per_hour=DEFAULT_COST_PER_HOUR,
        cost_per_km=0,
        capacity=(6,),
    )
    vehicles = tuple(replace(first, id=vehicle.id) for vehicle in problem.vehicles)
    deliveries = tuple(Delivery(a, b) for a, b in zip(names[::2], names[1::2], strict=False))
    return replace(problem, stops=stops, vehicles=vehicles, deliveries=deliveries)
