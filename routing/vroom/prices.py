"""What a VROOM request costs in points, so that whoever minimises points keeps VROOM's order of aims.

The sum of priorities served comes first, then the number of tasks, then cost. MID points a task outweigh whatever a
whole plan can cost, BIG points a unit of priority outweigh all MIDs. VROOM's costs are fractions of its unit (an hour
of driving may cost 1); a point is as fine a part of the unit as these fractions need, or as keeps every total below
2**62, since OR-Tools adds in int64.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from routing.types import UNREACHABLE
from routing.vroom.ground import Ground
from routing.vroom.types import INPUT, Task, Van, VroomError

MOST_POINTS = 2**62
COARSER = tuple(Fraction(10) ** power for power in range(5, -7, -1))
"""Points a unit of cost, where the number that would be exact is too large."""

type Kind = tuple[object, ...]
"""What two vehicles must share to share a matrix."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Points of a request.

    Parameters
    ----------
    points : how many a unit of VROOM's cost has
    big, mid : what a unit of priority and a task are worth
    """

    ground: Ground
    points: Fraction
    big: int
    mid: int

    def unserved(self, task: Task) -> int:
        """Points for leaving out a task."""
        return task.priority * self.big + self.mid

    def points_of(self, cost: int, scale: int = 1) -> int:
        """A cost in points, or in points a part of a second where it is for a time."""
        return _half_up(cost * self.points / scale)

    def fixed(self, van: Van) -> int:
        """Points for using a vehicle: VROOM has the service of its breaks, which are all taken, cost as tasks do."""
        rest_s = sum(pause.service_s for pause in van.breaks)
        return _half_up((van.fixed + Fraction(rest_s * van.per_task_hour, 3600)) * self.points)

    def by_leg(self, van: Van) -> bool:
        """Whether legs have a price of their own, since hours and kilometres would not say it exactly."""
        return _by_leg(self.ground, self.points, van)

    def kind_of(self, van: Van) -> Kind:
        """Return what the vehicle's matrix depends on."""
        kind: Kind = (van.profile, self.ground.slowness(van))
        return (*kind, van.speed_factor, van.per_hour, van.per_km) if self.by_leg(van) else kind

    def legs(self, van: Van) -> np.ndarray:
        """Points of each leg, int64 array (n, n), rounded half up; 0 where it leads nowhere."""
        return np.floor(_legs(self.ground, van) * float(self.points) + 0.5).astype(np.int64)


def prices_of(ground: Ground) -> Prices:
    """Choose the points of a request.

    Raises
    ------
    VroomError : code 2 when costs are too high to be added up, however coarse the point
    """
    exact = _exact(ground)
    for points in (exact, *(coarser for coarser in COARSER if coarser < exact)):
        prices = _prices(ground, points)
        if prices is not None:
            return prices
    raise VroomError(INPUT, "vehicles.costs, matrices: costs are too high to be added up; give them in a larger unit")


def _prices(ground: Ground, points: Fraction) -> Prices | None:
    """Prices at so many points a unit; None when they would not fit."""
    vans, tasks = ground.request.vans, ground.request.tasks
    n_places = len(ground.lonlat)
    dearest = np.zeros(n_places)
    whole = 0.0
    for van in vans:
        legs = _legs(ground, van) * float(points) + 2  # each leg is rounded, time and distance apart
        if _by_leg(ground, points, van) and legs.max(initial=0) >= UNREACHABLE:
            return None
        dearest = np.maximum(dearest, legs.max(axis=1, initial=0))
    for rank, van in enumerate(vans):
        start = ground.start_place[rank]
        rest_s = sum(pause.service_s for pause in van.breaks)
        fixed = van.fixed + rest_s * van.per_task_hour / 3600
        whole += fixed * float(points) + 1 + (0 if start is None else dearest[start])
    for rank, task in enumerate(tasks):
        hour = max((van.per_task_hour * sum(ground.action_s(van, task)) for van in vans), default=0)
        whole += dearest[ground.task_place[rank]] + float(hour * points) / 3600 + ground.scale
    mid = math.ceil(whole * 1.001) + 1  # floats lose less than that
    big = mid * (len(tasks) + 1)
    total = sum(task.priority * big + mid for task in tasks) + mid
    return Prices(ground, points, big, mid) if total < MOST_POINTS else None


def _exact(ground: Ground) -> Fraction:
    """The least number of points a unit of cost that makes every leg and service a whole number of points."""
    parts = [Fraction(1)]
    for van in ground.request.vans:
        if ground.costs[van.profile] is None:
            parts += [Fraction(van.per_hour, 3600) / Fraction(str(van.speed_factor)), Fraction(van.per_km, 1000)]
        parts.append(Fraction(van.per_task_hour, 3600))
    finest = math.lcm(*(part.denominator for part in parts))
    return Fraction(finest * ground.scale if any(van.per_task_hour for van in ground.request.vans) else finest)


def _by_leg(ground: Ground, points: Fraction, van: Van) -> bool:
    return ground.scale > 1 or points.denominator > 1 or ground.costs[van.profile] is not None


def _legs(ground: Ground, van: Van) -> np.ndarray:
    """What legs cost in VROOM's unit, float64 array (n, n); 0 where they take longer than can be told."""
    duration_s = ground.durations_s[van.profile]
    own, distance_m = ground.costs[van.profile], ground.distances_m[van.profile]
    if own is not None:
        legs = own.astype(np.float64)
    else:
        legs = duration_s * (van.per_hour / 3600 / van.speed_factor)
        legs = legs if distance_m is None else legs + distance_m * (van.per_km / 1000)
    return np.where(duration_s * ground.slowness(van) >= UNREACHABLE, 0.0, legs)


def _half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))
