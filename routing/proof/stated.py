"""A problem of one vehicle as a day, and what of a problem a day does not state."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from routing.arrays import HORIZON_S, arrays_of
from routing.proof.day import FAR, MOST_STOPS, Day, day_of
from routing.types import UNREACHABLE, Problem


@dataclass(frozen=True, slots=True)
class Stated:
    """One person's day by node: 0 the start, then the stops, then the end; int64 arrays as ``day.day_of`` takes them.

    Parameters
    ----------
    cost, gap_s, opens_s, closes_s : points of legs; seconds
    constant_points : what the plan costs besides, whatever the order
    """

    cost: NDArray[np.int64]
    gap_s: NDArray[np.int64]
    opens_s: NDArray[np.int64]
    closes_s: NDArray[np.int64]
    constant_points: int

    def with_clock(self) -> Day:
        """The day with its shift and windows."""
        return day_of(self.cost, self.gap_s, self.opens_s, self.closes_s)

    def without_clock(self) -> Day:
        """The day as if nobody looked at the clock."""
        return day_of(self.cost)

    def in_time(self, order: tuple[int, ...]) -> bool:
        """Whether an order of stops, from 0, keeps shift and windows."""
        clock_s = int(self.opens_s[0])
        for i, j in pairwise([0, *(stop + 1 for stop in order), len(self.cost) - 1]):
            clock_s = max(clock_s + int(self.gap_s[i, j]), int(self.opens_s[j]))
            if clock_s > self.closes_s[j]:
                return False
        return True


def unstated(problem: Problem) -> str:
    """The first thing in a problem that a day does not state; empty when it states all of it."""
    stops, n_vehicles = problem.stops, len(problem.vehicles)
    if n_vehicles != 1:
        return f"{n_vehicles} vehicles"
    driver = problem.vehicles[0]
    asked = {
        f"more than {MOST_STOPS} stops": len(stops) > MOST_STOPS,
        "deliveries": bool(problem.deliveries),
        "successions": bool(problem.successions),
        "crews": bool(problem.crews),
        "breaks": bool(driver.breaks),
        "frozen stops": bool(driver.frozen),
        "several windows": any(len(stop.windows) > 1 for stop in stops),
        "set-ups": any(stop.setup_s or any(case.setup_s for case in stop.service_for) for stop in stops),
        "loads": bool(driver.capacity) and any(any(stop.delivers) or any(stop.collects) for stop in stops),
        "late_cost_per_s": any(stop.late_cost_per_s for stop in stops),
        "promised times": any(s.promise is not None and (s.promise.cost_time or s.promise.cost_order) for s in stops),
        "overtime_cost_per_s": bool(driver.overtime_cost_per_s),
        "max_travel_s": driver.max_travel_s is not None,
        "max_distance_m": driver.max_distance_m is not None,
        "max_work_s": driver.max_work_s is not None,
    }
    return next((name for name, is_asked in asked.items() if is_asked), "")


def refuse_unstated(problem: Problem) -> None:
    """Raise ``ValueError``, with its name, for what a day does not state."""
    name = unstated(problem)
    if name:
        raise ValueError(f"the proof of one day does not state {name}")


def stated(problem: Problem) -> Stated | None:
    """The day of a problem's one vehicle; None when it may not serve all stops whatever the time."""
    arrays, driver = arrays_of(problem), problem.vehicles[0]
    n = len(arrays.stops)
    if not arrays.eligible.all() or (driver.max_stops is not None and n > driver.max_stops):
        return None
    places = arrays.places(0, range(n))
    legs = np.ix_(places, places)
    cost = arrays.points[0][legs].astype(np.int64)
    gap_s = arrays.grounds[0].duration_s[legs].astype(np.int64)
    cost[gap_s >= UNREACHABLE] = FAR
    gap_s[1:-1] += np.array(arrays.services[0], np.int64)[:, None]
    windows = [(driver.shift_starts_s, HORIZON_S), *(window for (window,) in arrays.windows)]
    windows.append((driver.shift_starts_s, driver.shift_ends_s))
    opens_s, closes_s = np.array(windows, np.int64).T
    order = list(range(n))
    along = int(arrays.points[0][places[:-1], places[1:]].sum())
    return Stated(cost, gap_s, opens_s, closes_s, arrays.route_points(0, order) - along)
