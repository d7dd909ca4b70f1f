"""Breaks as OR-Tools takes them: mandatory intervals, because optional ones would let a route skip its break."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from ortools.constraint_solver import pywrapcp

from routing.model.layout import Layout
from routing.types import BreakTaken, Vehicle


def break_intervals(
    routing: pywrapcp.RoutingModel, layout: Layout, vehicle: int, earliest_s: int
) -> list[pywrapcp.IntervalVar]:
    """A vehicle's breaks in their order, drawn in to its shift and to what is frozen; time counts from earliest_s."""
    driver, solver = layout.vehicles[vehicle], routing.solver()
    free_s = driver.shift_starts_s
    if driver.frozen:
        last = driver.frozen[-1]
        free_s = last.starts_s + int(layout.times_s(vehicle)[0][layout.position[last.stop]])
    intervals: list[pywrapcp.IntervalVar] = []
    for number, (pause, latest_s) in enumerate(zip(driver.breaks, _latest_starts_s(driver), strict=True)):
        name = f"break {number} of {driver.id}"
        opens_s, closes_s = max(pause.earliest_s, free_s) - earliest_s, latest_s - earliest_s
        interval = solver.FixedDurationIntervalVar(opens_s, closes_s, pause.duration_s, False, name)
        for (_, until_s), (again_s, _) in pairwise(pause.windows):
            gap_s = ([until_s + 1 - earliest_s], [again_s - 1 - earliest_s])
            solver.Add(solver.NotMemberCt(interval.StartExpr(), *gap_s))
        if intervals and opens_s + pause.duration_s <= intervals[-1].StartMax():
            # Which break is which goes by their order: a later one must not slip in front.
            solver.Add(interval.StartsAfterEnd(intervals[-1]))
        intervals.append(interval)
    return intervals


def _latest_starts_s(vehicle: Vehicle) -> list[int]:
    """Latest start of each break, drawn in to what the end of the shift and the breaks behind it allow."""
    by_s = vehicle.shift_ends_s
    latest_s: list[int] = []
    for pause in reversed(vehicle.breaks):
        last_s = by_s - pause.duration_s
        by_s = max(min(closes_s, last_s) for opens_s, closes_s in pause.windows if opens_s <= last_s)
        latest_s.append(by_s)
    return latest_s[::-1]


def fixed_intervals(
    routing: pywrapcp.RoutingModel, rests: Sequence[BreakTaken], earliest_s: int
) -> list[pywrapcp.IntervalVar]:
    """Breaks, or pieces of them, that are where they are; time counts from earliest_s."""
    intervals = []
    for rest in rests:
        begins_s, lasts_s = rest.starts_s - earliest_s, rest.ends_s - rest.starts_s
        intervals.append(routing.solver().FixedDurationIntervalVar(begins_s, begins_s, lasts_s, False, "rest"))
    return intervals


def keep_out_of_setup(
    routing: pywrapcp.RoutingModel,
    starts: pywrapcp.RoutingDimension,
    ready: pywrapcp.RoutingDimension,
    vehicle: int,
    intervals: Sequence[pywrapcp.IntervalVar],
    saving: np.ndarray,
) -> None:
    """A set-up that may be saved is part of the leg to OR-Tools, but no break may split it.

    ``saving`` are the stops with such a set-up; it lies between their values in ``starts`` and in ``ready``.
    """
    solver = routing.solver()
    for stop in saving.tolist():
        begins, ends = starts.CumulVar(stop), ready.CumulVar(stop)
        elsewhere = routing.VehicleVar(stop) != vehicle
        for rest in intervals:
            solver.Add(elsewhere + (rest.EndExpr() <= begins) + (rest.StartExpr() >= ends) >= 1)
