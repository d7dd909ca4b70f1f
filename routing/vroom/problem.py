"""A VROOM request as a ``Problem``: the same limits, and prices that give VROOM's order of aims.

VROOM serves the largest sum of priorities, then the most tasks, then costs least. A task left out therefore costs
``priority * BIG + MID`` points (``routing.vroom.prices``), the same for each end of a shipment, as VROOM counts.

Breaks that ``routing.types`` cannot state (a ``max_load``, no length) are "loose": they are stated
wider than they are, or, on demand, narrower; ``routing.vroom.plan`` sees to it that no answer breaks them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from routing.types import UNREACHABLE, Break, Delivery, Matrix, Problem, ServiceFor, Skills, Stop, Vehicle, Window
from routing.vroom.ground import Ground
from routing.vroom.prices import Prices, prices_of
from routing.vroom.types import Pause, Task, Van, Windows


@dataclass(frozen=True, slots=True)
class Stated:
    """A request as a problem.

    Parameters
    ----------
    problem : stops in the order of the tasks; its times count from ``origin_u``
    vans : by vehicle of the problem, which of the request it is; vehicles that can do nothing are left out
    """

    problem: Problem
    vans: tuple[int, ...]
    origin_u: int


def stated(ground: Ground, *, narrow: bool = False) -> Stated:
    """State a request.

    Parameters
    ----------
    narrow : state loose breaks narrower than they are instead of wider: in their first window that fits, with no more
        than ``max_load`` on board all day

    Raises
    ------
    VroomError : code 2 when costs are too high to be added up
    """
    request, prices, horizon = ground.request, prices_of(ground), _horizon_of(ground)
    kinds = {key: k for k, key in enumerate(dict.fromkeys(prices.kind_of(van) for van in request.vans))}
    found = {}
    for rank, van in enumerate(request.vans):
        vehicle = _vehicle(ground, horizon, prices, rank, kinds[prices.kind_of(van)], narrow=narrow)
        if vehicle is not None:
            found[rank] = vehicle
    examples = [next(van for van in request.vans if prices.kind_of(van) == key) for key in kinds]
    matrices = [_matrix(ground, prices, van) for van in examples]
    problem = Problem(
        datetime(1970, 1, 1, tzinfo=UTC),
        tuple(_stop(ground, horizon, prices, rank) for rank in range(len(request.tasks))),
        tuple(found.values()),
        matrices[0],
        deliveries=tuple(
            Delivery(stop_id(task), stop_id(request.tasks[task.mate]))
            for task in request.tasks
            if task.kind == "pickup" and task.mate is not None
        ),
        more_matrices=tuple(matrices[1:]),
    )
    return Stated(problem, tuple(found), horizon.origin_u)


def stop_id(task: Task) -> str:
    """Name a task among the stops."""
    return f"{task.kind} {task.id}"


def vehicle_id(rank: int) -> str:
    """Name a vehicle; VROOM's own ids need not be unique."""
    return f"vehicle {rank}"


def is_loose(pause: Pause) -> bool:
    """Whether the problem cannot state this break as it is."""
    return pause.max_load is not None or pause.service_s == 0


@dataclass(frozen=True, slots=True)
class _Horizon:
    """From when to when anything worth doing happens: every order that can be driven at all can be within it.

    Driven as early as it can be, a route ends no later than ``span_u`` after the last opening that it waits for.
    """

    origin_u: int
    opens_u: int
    span_u: int


def _horizon_of(ground: Ground) -> _Horizon:
    request, scale = ground.request, ground.scale
    longest_u = max((int(table.max(initial=0, where=table < UNREACHABLE)) for table in _durations(ground)), default=0)
    work_s = sum(max((sum(ground.action_s(van, task)) for van in request.vans), default=0) for task in request.tasks)
    rest_s = max((sum(max(1, pause.service_s) for pause in van.breaks) for van in request.vans), default=0)
    span_u = longest_u * (len(request.tasks) + 1) + (work_s + rest_s) * scale
    opens_s = [task.windows[-1][0] for task in request.tasks if task.windows]
    first_s = [task.windows[0][0] for task in request.tasks if task.windows]
    for van in request.vans:
        opens_s += [pause.windows[-1][0] for pause in van.breaks if pause.windows]
        first_s += [pause.windows[0][0] for pause in van.breaks if pause.windows]
        opens_s += [van.window[0]] if van.window else []
        first_s += [van.window[0]] if van.window else []
    origin_u = max(0, min(first_s, default=0) * scale - span_u)
    return _Horizon(origin_u, max(max(opens_s, default=0) * scale - origin_u, 0), span_u)


def _durations(ground: Ground) -> list[np.ndarray]:
    """Every vehicle's travel in the problem's unit; ``UNREACHABLE`` where it takes longer than can be told."""
    kinds = {(van.profile, ground.slowness(van)) for van in ground.request.vans}
    return [np.minimum(ground.durations_s[profile] * slowness, UNREACHABLE) for profile, slowness in sorted(kinds)]


def _matrix(ground: Ground, prices: Prices, van: Van) -> Matrix:
    duration_u = ground.durations_s[van.profile] * ground.slowness(van)
    given = ground.distances_m[van.profile]
    distance_m = np.zeros_like(duration_u) if given is None else given
    cost_points = prices.legs(van) if prices.by_leg(van) else None
    closed = (duration_u >= UNREACHABLE) | (distance_m >= UNREACHABLE)
    duration_u, distance_m = (np.where(closed, UNREACHABLE, part) for part in (duration_u, distance_m))
    if cost_points is not None:
        cost_points = np.where(closed, UNREACHABLE, cost_points)
    return Matrix(duration_u, distance_m, "given", cost_points)


def _stop(ground: Ground, horizon: _Horizon, prices: Prices, rank: int) -> Stop:
    task, scale, last_u = ground.request.tasks[rank], ground.scale, horizon.opens_u + horizon.span_u
    special = []
    for number, van in enumerate(ground.request.vans):
        setup_s, service_s = ground.action_s(van, task)
        if (setup_s, service_s) != (task.setup_s, task.service_s):
            special.append(ServiceFor(vehicle_id(number), service_s * scale, setup_s * scale))
    return Stop(
        stop_id(task),
        ground.task_place[rank],
        task.service_s * scale,
        tuple(Window(a, min(b, last_u)) for a, b in _shifted(task.windows, scale, horizon)),
        unserved_cost=prices.unserved(task),
        skills=Skills(all_of=frozenset(str(skill) for skill in task.skills)),
        setup_s=task.setup_s * scale,
        service_for=tuple(special),
        # What a pickup collects leaves the vehicle at its delivery, which the Delivery says.
        delivers=task.delivers if task.kind == "job" else (),
        collects=task.collects if task.kind != "delivery" else (),
    )


def _vehicle(
    ground: Ground, horizon: _Horizon, prices: Prices, rank: int, matrix: int, *, narrow: bool
) -> Vehicle | None:
    """A vehicle, or None when it can do nothing: its window is a moment, or its narrow breaks do not fit."""
    van, scale = ground.request.vans[rank], ground.scale
    starts_u, ends_u = 0, horizon.opens_u + horizon.span_u
    if van.window:
        ((starts_u, closes_u),) = _shifted((van.window,), scale, horizon)
        ends_u = min(closes_u, ends_u)
    if ends_u <= starts_u:
        return None
    breaks = _breaks(ground, horizon, van, (starts_u, ends_u), narrow=narrow)
    if breaks is None:
        return None
    limits = [pause.max_load for pause in van.breaks if narrow and pause.max_load is not None]
    capacity = tuple(min(column) for column in zip(van.capacity, *limits, strict=True))
    return Vehicle(
        vehicle_id(rank),
        ground.start_place[rank],
        ground.end_place[rank],
        starts_u,
        ends_u,
        breaks=breaks,
        skills=frozenset(str(skill) for skill in van.skills),
        max_stops=van.max_tasks,
        max_travel_s=None if van.max_travel_time_s is None else van.max_travel_time_s * scale,
        max_distance_m=van.max_distance_m,
        cost_per_hour=0 if prices.by_leg(van) else prices.points_of(van.per_hour),
        cost_per_km=0 if prices.by_leg(van) else prices.points_of(van.per_km),
        cost_fixed=prices.fixed(van),
        cost_per_service_hour=prices.points_of(van.per_task_hour, scale),
        capacity=capacity,
        matrix=matrix,
    )


def _breaks(
    ground: Ground, horizon: _Horizon, van: Van, shift_u: tuple[int, int], *, narrow: bool
) -> tuple[Break, ...] | None:
    breaks: list[Break] = []
    free_u = shift_u[0]
    for pause in van.breaks:
        windows: Windows = _shifted(pause.windows, ground.scale, horizon) or (shift_u,)
        length_u = pause.service_s * ground.scale
        if narrow and is_loose(pause):
            length_u = max(1, length_u)
        elif not length_u:
            continue
        # One break comes after the other, so none begins before the one listed ahead of it can.
        first_u = max(free_u, breaks[-1].earliest_s if breaks else 0)
        last_u = shift_u[1] - length_u
        spans = [(max(opens, first_u), min(closes, last_u)) for opens, closes in windows]
        spans = [(opens, closes) for opens, closes in spans if opens <= closes]
        if not spans:
            return None
        breaks.append(Break(*spans[0], length_u, tuple(Window(*span) for span in spans[1:])))
        free_u = spans[0][0] + length_u
    return tuple(breaks)


def _shifted(windows: Windows, scale: int, horizon: _Horizon) -> Windows:
    """Windows in parts of a second after the origin."""
    return tuple(
        (opens_s * scale - horizon.origin_u, closes_s * scale - horizon.origin_u) for opens_s, closes_s in windows
    )
