"""Random problems over everything the model can say; each draws a few features, so that each meets each other."""

from dataclasses import replace

import numpy as np
from routing_cases import HOUR, random_problem

from routing.types import (
    Break,
    Crew,
    Delivery,
    Frozen,
    Matrix,
    Problem,
    Promise,
    ServiceFor,
    SkillLevel,
    SkillWish,
    Stop,
    Succession,
    Vehicle,
    Window,
)

FEATURES = (
    "late",
    "overtime",
    "distance",
    "work",
    "service",
    "setup",
    "levels",
    "open",
    "matrices",
    "capacity",
    "promises",
    "frozen",
    "resting",
    "deliveries",
    "successions",
    "crews",
)
"""What ``rich_problem`` adds to ``random_problem``."""


def rich_problem(seed: int, n_stops: int = 6, n_vehicles: int = 2, features: tuple[str, ...] | None = None) -> Problem:
    """A random problem with some features, drawn from the seed unless they are named."""
    rng = np.random.default_rng([seed, 77])
    drawn = set(rng.choice(FEATURES, int(rng.integers(1, 6)), replace=False).tolist()) if features is None else features
    problem = random_problem(seed, n_stops, n_vehicles)
    stops, vehicles = list(problem.stops), list(problem.vehicles)
    for number, stop in enumerate(stops):
        stops[number] = _stop(rng, stop, drawn, [vehicle.id for vehicle in vehicles], stops)
    for number, vehicle in enumerate(vehicles):
        vehicles[number] = _vehicle(rng, vehicle, drawn)
    more = ()
    if "matrices" in drawn:
        slow = problem.matrix.duration_s * 3 // 2
        more = (Matrix(slow, problem.matrix.distance_m, cost_points=slow // 2 + 5),)
        vehicles[0] = replace(vehicles[0], matrix=1)
    problem = replace(problem, stops=tuple(stops), vehicles=tuple(vehicles), more_matrices=more)
    problem = _linked(rng, problem, drawn)
    return _with_frozen(rng, problem) if "frozen" in drawn else problem


def _stop(rng, stop: Stop, drawn, names: list[str], stops: list[Stop]) -> Stop:
    often = bool(rng.integers(2))
    if "late" in drawn and often:
        stop = replace(stop, due_s=int(rng.integers(8, 13)) * HOUR, late_cost_per_s=int(rng.integers(1, 4)))
    if "service" in drawn and often:
        special = ServiceFor(str(rng.choice(names)), int(rng.integers(5, 60)) * 61, int(rng.integers(0, 2)) * 300)
        stop = replace(stop, service_for=(special,))
    if "setup" in drawn:
        # Neighbours in the list share a place now and then, so that the set-up is saved.
        place = stops[int(stop.id[1:]) - 1].place if often and stop.id != "s00" else stop.place
        stop = replace(stop, setup_s=int(rng.integers(0, 4)) * 407, place=place)
    if "levels" in drawn:
        stop = replace(stop, skill_wishes=(SkillWish("x", int(rng.integers(0, 101)), int(rng.integers(0, 20))),))
    if "capacity" in drawn:
        amounts = rng.integers(0, 3, (2, 2)).tolist()
        stop = replace(stop, delivers=tuple(amounts[0]), collects=tuple(amounts[1]) if often else ())
    if "promises" in drawn and often:
        others = [other.id for other in stops if other.id != stop.id]
        promise = Promise(
            str(rng.choice(names)),
            int(rng.integers(8 * 60, 15 * 60)) * 60,
            None if rng.integers(3) == 0 else str(rng.choice(others)),
            int(rng.integers(0, 4)) * 900,
            *(int(cost) for cost in rng.choice([0, 350, 2100], 3)),
        )
        stop = replace(stop, promise=promise)
    return stop


def _vehicle(rng, vehicle: Vehicle, drawn) -> Vehicle:
    length_s = vehicle.shift_ends_s - vehicle.shift_starts_s
    if "overtime" in drawn:
        from_s = vehicle.shift_starts_s + length_s // 2
        vehicle = replace(vehicle, overtime_from_s=from_s, overtime_cost_per_s=int(rng.integers(1, 3)))
    if "distance" in drawn:
        vehicle = replace(vehicle, max_distance_m=int(rng.integers(20, 120)) * 1000, cost_per_km=777)
    if "work" in drawn:
        vehicle = replace(vehicle, max_work_s=int(rng.integers(2, 6)) * HOUR + 17)
    if "service" in drawn:
        vehicle = replace(vehicle, cost_per_service_hour=int(rng.choice([0, 1111])))
    if "levels" in drawn:
        vehicle = replace(vehicle, skill_levels=(SkillLevel("x", int(rng.integers(0, 101))),))
    if "resting" in drawn:
        begins_s = vehicle.shift_starts_s + int(rng.integers(0, 8)) * 900
        also = (Window(begins_s + 3600, begins_s + 4500), Window(begins_s + 2 * HOUR, begins_s + 2 * HOUR + 60))
        first = Break(begins_s, begins_s + 600, 1200, also[: int(rng.integers(1, 3))])
        second = Break(begins_s + 1800, begins_s + 2 * HOUR, 600)
        vehicle = replace(vehicle, breaks=(first, second) if rng.integers(2) else (first,))
    if "open" in drawn:
        shape = int(rng.integers(3))
        vehicle = replace(
            vehicle,
            start_place=None if shape == 1 else vehicle.start_place,
            end_place=None if shape else vehicle.end_place,
        )
    if "capacity" in drawn and rng.integers(4):
        vehicle = replace(vehicle, capacity=(int(rng.integers(2, 7)), int(rng.integers(2, 7))))
    return vehicle


def _linked(rng, problem: Problem, drawn) -> Problem:
    """Ties between neighbours in a shuffled list, so that no stop has two of a kind."""
    names = [stop.id for stop in problem.stops]
    rng.shuffle(names)
    stops = {stop.id: stop for stop in problem.stops}
    ties = {}
    if "deliveries" in drawn and len(names) >= 2:
        pickup, delivery = names[0], names[1]
        stops[delivery] = replace(stops[delivery], delivers=(), collects=())
        ties["deliveries"] = (Delivery(pickup, delivery),)
    if "successions" in drawn and len(names) >= 3:
        most_s = None if rng.integers(2) else 4 * HOUR
        ties["successions"] = (Succession(names[1], names[2], int(rng.integers(0, 3)) * 1800, most_s),)
    if "crews" in drawn and len(names) >= 4:
        ties["crews"] = (Crew((names[-1], names[-2])),)
    return replace(problem, stops=tuple(stops.values()), **ties)


def _with_frozen(rng, problem: Problem) -> Problem:
    """The first vehicle has done a stop or two that nothing else depends on; its breaks are still to come."""
    tied = {name for d in problem.deliveries for name in (d.delivery, d.pickup)}
    tied |= {name for crew in problem.crews for name in crew.stops}
    free = [stop for stop in problem.stops if stop.id not in tied][: int(rng.integers(1, 3))]
    driver = problem.vehicles[0]
    clock_s, frozen = driver.shift_starts_s + int(rng.integers(0, 40)) * 60, []
    for stop in free:
        service_s = next((case.service_s for case in stop.service_for if case.vehicle == driver.id), stop.service_s)
        frozen.append(Frozen(stop.id, clock_s))
        clock_s += service_s + int(rng.integers(0, 20)) * 60
    if not frozen or clock_s > driver.shift_ends_s:
        return problem
    later = tuple(pause for pause in driver.breaks if pause.latest_s >= clock_s)
    changed = replace(
        driver,
        frozen=tuple(frozen),
        breaks=later,
        # What is done counts; a limit below it would make every plan wrong.
        max_stops=None,
        max_travel_s=None,
        max_distance_m=None,
        max_work_s=None,
        capacity=(),
    )
    return replace(problem, vehicles=(changed, *problem.vehicles[1:]))
