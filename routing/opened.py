"""A timetable for orders that break a limit: as if windows, shifts and limits were open, for the judge to hold to them."""

from collections.abc import Sequence
from dataclasses import replace

from routing.arrays import arrays_of
from routing.check import cost
from routing.orders import Orders
from routing.plans import plan_of
from routing.types import Break, Plan, Problem, Skills, Stop, Vehicle, Window

LATE_S = 3 * 86_400
"""How far windows and shifts are opened."""


def plan_regardless(problem: Problem, orders: Sequence[Sequence[int]]) -> Plan:
    """The plan of these orders, by vehicle: as good as any if it can be driven, else one that is late or too full."""
    arrays = arrays_of(problem)
    if Orders(arrays, orders).drivable():
        return plan_of(arrays, orders)
    plan = plan_of(arrays_of(_opened(problem)), orders)
    return replace(plan, objective=cost(problem, plan))


def _opened(problem: Problem) -> Problem:
    """The problem without the limits that a move may break; what is frozen, and how long things take, stays."""
    return replace(
        problem,
        stops=tuple(_opened_stop(stop) for stop in problem.stops),
        vehicles=tuple(_opened_vehicle(vehicle) for vehicle in problem.vehicles),
        deliveries=(),
        successions=(),
        crews=(),
    )


def _opened_stop(stop: Stop) -> Stop:
    windows = stop.windows
    if windows:
        windows = (*windows[:-1], Window(windows[-1].opens_s, windows[-1].closes_s + LATE_S))
    return replace(stop, windows=windows, skills=Skills(), required_vehicles=frozenset(), excluded_vehicles=frozenset())


def _opened_break(pause: Break) -> Break:
    if not pause.also:
        return replace(pause, latest_s=pause.latest_s + LATE_S)
    last = pause.also[-1]
    return replace(pause, also=(*pause.also[:-1], Window(last.opens_s, last.closes_s + LATE_S)))


def _opened_vehicle(vehicle: Vehicle) -> Vehicle:
    return replace(
        vehicle,
        shift_ends_s=vehicle.shift_ends_s + LATE_S,
        breaks=tuple(_opened_break(pause) for pause in vehicle.breaks),
        max_stops=None,
        max_travel_s=None,
        max_distance_m=None,
        max_work_s=None,
        capacity=(),
    )
