"""What a problem asks for, and what of it each engine can state.

A limit that an engine cannot state takes it out of the comparison: its plan would not be one. A price that it cannot
state is left out of its model, and said; the judge prices its plan all the same.
"""

from collections.abc import Callable

import numpy as np

from routing.arrays import may_serve
from routing.types import DEFAULT_COST_PER_HOUR, UNREACHABLE, Problem

LIMITS: dict[str, Callable[[Problem], bool]] = {
    "several windows": lambda p: any(len(stop.windows) > 1 for stop in p.stops),
    "breaks": lambda p: any(v.breaks for v in p.vehicles),
    "max_stops": lambda p: any(v.max_stops is not None for v in p.vehicles),
    "max_travel_s": lambda p: any(v.max_travel_s is not None for v in p.vehicles),
    "max_distance_m": lambda p: any(v.max_distance_m is not None for v in p.vehicles),
    "max_work_s": lambda p: any(v.max_work_s is not None for v in p.vehicles),
    "set-up": lambda p: any(stop.setup_s for stop in p.stops),
    "service by vehicle": lambda p: any(stop.service_for for stop in p.stops),
    "open starts or ends": lambda p: any(v.start_place is None or v.end_place is None for v in p.vehicles),
    "capacity": lambda p: any(v.capacity for v in p.vehicles),
    "deliveries": lambda p: bool(p.deliveries),
    "successions": lambda p: bool(p.successions),
    "crews": lambda p: bool(p.crews),
    "frozen stops": lambda p: any(v.frozen for v in p.vehicles),
    "several matrices": lambda p: bool(p.more_matrices),
}
"""Names of limits, and whether a problem has them."""

PRICES: dict[str, Callable[[Problem], bool]] = {
    "overtime": lambda p: any(v.overtime_cost_per_s for v in p.vehicles),
    "lateness": lambda p: any(stop.late_cost_per_s for stop in p.stops),
    "service hours": lambda p: any(v.cost_per_service_hour for v in p.vehicles),
    "kilometres": lambda p: any(v.cost_per_km for v in p.vehicles),
    "preferred people": lambda p: any(stop.preference_cost for stop in p.stops),
    "levels of skill": lambda p: any(stop.skill_wishes for stop in p.stops),
    "promises": lambda p: any(stop.promise is not None for stop in p.stops),
}
"""Names of prices, and whether a problem has them."""

_EVERYTHING = frozenset(LIMITS) | frozenset(PRICES)
_PLAIN = frozenset({"max_stops", "capacity"})
_ORTOOLS = _PLAIN | {"several windows", "breaks", "max_travel_s", "max_distance_m", "max_work_s", "deliveries"}

STATES: dict[str, frozenset[str]] = {
    "trades": _EVERYTHING,
    "trades-nosearch": _EVERYTHING,
    "ortools": _EVERYTHING,
    "ortools-tutorial": _ORTOOLS | {"preferred people", "kilometres"},
    "vroom-x0": _PLAIN
    | {"several windows", "breaks", "max_travel_s", "max_distance_m", "set-up", "deliveries", "kilometres"},
    "pyvrp": _PLAIN | {"max_travel_s", "max_work_s", "deliveries", "kilometres", "preferred people"},
}
STATES["vroom-x5"] = STATES["vroom-x0"]
"""What each engine is told of; where it cannot, ``unstated`` says so."""


def unstated(problem: Problem, engine: str) -> tuple[list[str], list[str]]:
    """The limits and the prices of a problem that an engine cannot state."""
    limits = [name for name, has in LIMITS.items() if name not in STATES[engine] and has(problem)]
    prices = [name for name, has in PRICES.items() if name not in STATES[engine] and has(problem)]
    if engine == "pyvrp" and LIMITS["max_travel_s"](problem):
        # PyVRP limits the sum of what its legs cost, or nothing.
        if any(v.cost_per_hour != DEFAULT_COST_PER_HOUR or v.cost_per_km for v in problem.vehicles):
            limits.append("max_travel_s beside a price that is not driving time")
        if PRICES["preferred people"](problem):
            prices.append("preferred people")
    return limits, prices


def eligible_of(problem: Problem) -> np.ndarray:
    """Whether a vehicle may come and gets there and back, bool (stops, vehicles)."""
    found = np.zeros((len(problem.stops), len(problem.vehicles)), dtype=bool)
    for v, vehicle in enumerate(problem.vehicles):
        duration = problem.matrix_of(vehicle).duration_s
        for s, stop in enumerate(problem.stops):
            there = vehicle.start_place is None or duration[vehicle.start_place, stop.place] < UNREACHABLE
            back = vehicle.end_place is None or duration[stop.place, vehicle.end_place] < UNREACHABLE
            found[s, v] = there and back and may_serve(stop, vehicle)
    return found


def leg_points(problem: Problem, vehicle: int) -> np.ndarray:
    """What each leg costs with a vehicle, in points, int64 (places, places)."""
    driver = problem.vehicles[vehicle]
    matrix = problem.matrix_of(driver)
    points: np.ndarray = (matrix.duration_s * driver.cost_per_hour + 1800) // 3600
    if matrix.cost_points is not None:
        points = matrix.cost_points
    by_distance: np.ndarray = (matrix.distance_m * driver.cost_per_km + 500) // 1000
    total: np.ndarray = points + by_distance
    return total
