"""Random problems with what few days ask for and the fast kernel states: matrices and tariffs by person, and details."""

from dataclasses import replace

import numpy as np
from pair_cases import courier_problem, loaded_problem, paired_problem
from plain_cases import plain_problem, promised_problem
from routing_cases import HOUR

from routing.types import Matrix, ServiceFor, Stop, Window

MATRICES, SETUPS, WINDOWS, DISTANCE, SERVICE = range(5)
"""Bits of a seed."""


def detailed_problem(seed, n_stops=20, n_vehicles=4):
    """A random problem of any kind, with some details."""
    made = (plain_problem, paired_problem, loaded_problem, promised_problem, courier_problem)[seed % 5]
    return with_details(made(seed // 5, n_stops, n_vehicles), seed)


def with_details(problem, seed):
    """The same with some details: by which bits of the seed are set, all where none is."""
    drawn = {bit for bit in range(5) if seed >> bit & 1} or set(range(5))
    rng = np.random.default_rng([seed, 9])
    stops: list[Stop] = []
    for stop in problem.stops:
        stops.append(_stop(rng, stop, drawn, stops, problem.vehicles))
    vehicles = [_vehicle(rng, vehicle, drawn) for vehicle in problem.vehicles]
    more = ()
    if MATRICES in drawn:
        slow = problem.matrix.duration_s * 3 // 2
        short = problem.matrix.distance_m * 9 // 10
        more = (Matrix(slow, short, cost_points=slow.T // 2 + 5), Matrix(problem.matrix.duration_s, short))
    return replace(problem, stops=tuple(stops), vehicles=tuple(vehicles), more_matrices=more)


def _stop(rng, stop, drawn, earlier, vehicles):
    if WINDOWS in drawn and stop.windows and rng.random() < 0.7:
        opens_s = stop.windows[-1].closes_s + 60 * int(rng.integers(5, 90))
        later = Window(opens_s, opens_s + 60 * int(rng.integers(0, 60)))
        last = Window(later.closes_s + 1, later.closes_s + HOUR)
        stop = replace(stop, windows=(*stop.windows, later, last)[: int(rng.integers(2, 4))])
    if SETUPS in drawn:
        if earlier and rng.random() < 0.5:
            stop = replace(stop, place=earlier[int(rng.integers(len(earlier)))].place)
        stop = replace(stop, setup_s=int(rng.integers(5)) * 301)
        if not any(vehicle.frozen for vehicle in vehicles) and rng.random() < 0.5:
            own = ServiceFor(vehicles[0].id, int(rng.integers(5, 50)) * 60, int(rng.integers(4)) * 300)
            stop = replace(stop, service_for=(own,))
    return stop


def _vehicle(rng, vehicle, drawn):
    if MATRICES in drawn:
        vehicle = replace(vehicle, matrix=int(rng.integers(3)), cost_per_hour=int(rng.integers(1, 4)) * 1300)
    if DISTANCE in drawn and not vehicle.frozen:
        vehicle = replace(vehicle, max_distance_m=int(rng.integers(30, 250)) * 400)
    if SERVICE in drawn and SETUPS not in drawn:
        vehicle = replace(vehicle, cost_per_service_hour=int(rng.integers(3)) * 777)
    return replace(vehicle, max_work_s=None) if drawn & {SETUPS, WINDOWS} else vehicle
