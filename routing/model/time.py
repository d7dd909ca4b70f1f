"""When things may happen: service, set-up, windows, shifts, breaks, and what being late costs.

The dimension "time" holds, at a stop, the start of its service; at the ends of a route, leaving and being back. OR-Tools
wants times from 0, so its clock starts with the first shift. Where a set-up can be saved by coming from the same place,
a second dimension "ready" holds the end of the set-up: what a leg costs in time then depends on the leg alone.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.constraint_solver import pywrapcp

from routing.model.breaks import break_intervals, fixed_intervals, keep_out_of_setup
from routing.model.layout import Layout, classes
from routing.types import BreakTaken


@dataclass(frozen=True, slots=True)
class Given:
    """What is settled already when a plan is loaded and not searched for.

    Parameters
    ----------
    n_served : how many of the stops, the first ones, are in the routes
    action_s : set-up and service of each stop, seconds
    rests : by vehicle, the pieces of its breaks, in order
    """

    n_served: int
    action_s: np.ndarray
    rests: tuple[tuple[BreakTaken, ...], ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """The dimensions of time.

    Parameters
    ----------
    starts : of service starts
    ready : of ends of set-up; the same as ``starts`` when every set-up is part of the service
    earliest_s, horizon_s : seconds after t0 of OR-Tools' 0, and how far it counts from there
    busy_s : by vehicle, int array (n_stops,), from ``ready`` to the end of service
    breaks : by vehicle, when its breaks are
    """

    starts: pywrapcp.RoutingDimension
    ready: pywrapcp.RoutingDimension
    earliest_s: int
    horizon_s: int
    busy_s: tuple[np.ndarray, ...]
    breaks: tuple[list[pywrapcp.IntervalVar], ...]


def state_time(routing: pywrapcp.RoutingModel, layout: Layout, given: Given | None) -> Clock:
    """State everything about time that does not tie stops together."""
    earliest_s = min((vehicle.shift_starts_s for vehicle in layout.vehicles), default=0)
    horizon_s = max((vehicle.shift_ends_s for vehicle in layout.vehicles), default=0) - earliest_s
    saving = np.zeros(layout.n_stops, dtype=bool) if given is not None else _savers(layout)
    if given is not None:
        all_busy_s = tuple(given.action_s for _ in layout.vehicles)
    else:
        times_s = [layout.times_s(vehicle) for vehicle in range(len(layout.vehicles))]
        all_busy_s = tuple(service_s + np.where(saving, 0, setup_s) for service_s, setup_s in times_s)
    legs = _Legs(routing, layout, horizon_s, all_busy_s, saving, alike=given is not None)
    starts = legs.dimension("time")
    _state_windows(routing, layout, starts, earliest_s, horizon_s)
    ready = starts
    if saving.any():
        ready = legs.dimension("ready", with_setup=True)
        _tie_ready(routing, layout, starts, ready, saving)
    breaks = tuple(
        break_intervals(routing, layout, vehicle, earliest_s)
        if given is None
        else fixed_intervals(routing, given.rests[vehicle], earliest_s)
        for vehicle in range(len(layout.vehicles))
    )
    clock = Clock(starts, ready, earliest_s, horizon_s, all_busy_s, breaks)
    _state_shifts(routing, layout, clock)
    for vehicle, intervals in enumerate(breaks):
        if intervals:
            busy_s = [*clock.busy_s[vehicle].tolist(), *[0] * (layout.n_nodes - layout.n_stops)]
            ready.SetBreakIntervalsOfVehicle(intervals, vehicle, busy_s)
            keep_out_of_setup(routing, starts, ready, vehicle, intervals, np.flatnonzero(saving))
    _state_lateness(routing, layout, clock)
    return clock


def _savers(layout: Layout) -> np.ndarray:
    """Stops with a set-up that some vehicle saves by coming from the same place: bool array (n_stops,)."""
    saving = layout.setup_s > 0
    for case in itertools.chain.from_iterable(layout.special.values()):
        saving[case[0]] |= case[2] > 0
    if saving.any():
        saving &= _before_here(layout).any(axis=0)
    return saving


def _before_here(layout: Layout) -> np.ndarray:
    """Whether a node can come just before a stop and lies at the same place: bool array (n_nodes, n_stops)."""
    here: np.ndarray = ~layout.from_elsewhere()[:, : layout.n_stops]
    here[layout.end(0) :] = False
    here[np.arange(layout.n_stops), np.arange(layout.n_stops)] = False
    return here


@dataclass(frozen=True, slots=True)
class _Legs:
    """Makes dimensions of time out of the legs of each vehicle."""

    routing: pywrapcp.RoutingModel
    layout: Layout
    horizon_s: int
    busy_s: tuple[np.ndarray, ...]
    saving: np.ndarray
    alike: bool

    def dimension(self, name: str, *, with_setup: bool = False) -> pywrapcp.RoutingDimension:
        """Add a dimension from the end of one busy time to the next; vehicles that are alike share a matrix."""
        evaluators = [0] * len(self.layout.vehicles)
        keys = [self._class(vehicle) for vehicle in range(len(self.layout.vehicles))]
        for alike in classes(keys).values():
            matrix = self.layout.register(self.routing, self._transit_s(alike[0], with_setup=with_setup))
            for vehicle in alike:
                evaluators[vehicle] = matrix
        self.routing.AddDimensionWithVehicleTransits(evaluators, self.horizon_s, self.horizon_s, False, name)
        return self.routing.GetDimensionOrDie(name)

    def _class(self, vehicle: int) -> tuple[int, str]:
        name = self.layout.vehicles[vehicle].id
        return self.layout.vehicles[vehicle].matrix, name if name in self.layout.special and not self.alike else ""

    def _transit_s(self, vehicle: int, *, with_setup: bool) -> np.ndarray:
        layout = self.layout
        transit_s = layout.by_leg(layout.problem.matrix_of(layout.vehicles[vehicle]).duration_s)
        if layout.frozen_by:
            transit_s[layout.history()] = 0
        if with_setup:
            setup_s = layout.by_node(np.where(self.saving, layout.times_s(vehicle)[1], 0))
            transit_s += layout.from_elsewhere() * setup_s[layout.target]
        transit_s += layout.by_node(self.busy_s[vehicle])[layout.origin]
        # Longer than all shifts is never; OR-Tools need not add up a billion.
        capped_s: np.ndarray = np.minimum(transit_s, self.horizon_s + 1)
        return capped_s


def _state_windows(
    routing: pywrapcp.RoutingModel,
    layout: Layout,
    starts: pywrapcp.RoutingDimension,
    earliest_s: int,
    horizon_s: int,
) -> None:
    """When service may begin; a stop that is frozen begins when it began."""
    for node, stop in enumerate(layout.stops):
        if node in layout.frozen_by or not stop.windows:
            continue
        cumul = starts.CumulVar(node)
        windows = [(window.opens_s - earliest_s, window.closes_s - earliest_s) for window in stop.windows]
        windows = [
            (max(0, opens_s), min(horizon_s, closes_s))
            for opens_s, closes_s in windows
            if closes_s >= 0 and opens_s <= horizon_s
        ]
        if not windows:
            routing.VehicleVar(node).SetValue(-1)
            continue
        cumul.SetRange(windows[0][0], windows[-1][1])
        for (_, closes_s), (opens_s, _) in itertools.pairwise(windows):
            cumul.RemoveInterval(closes_s + 1, opens_s - 1)
    for vehicle in layout.vehicles:
        for case in vehicle.frozen:
            starts.CumulVar(layout.position[case.stop]).SetValue(case.starts_s - earliest_s)


def _tie_ready(
    routing: pywrapcp.RoutingModel,
    layout: Layout,
    starts: pywrapcp.RoutingDimension,
    ready: pywrapcp.RoutingDimension,
    saving: np.ndarray,
) -> None:
    """The set-up lies between the start of service and being ready, if the vehicle comes from elsewhere."""
    solver = routing.solver()
    setups_s = [layout.times_s(vehicle)[1] for vehicle in range(len(layout.vehicles))]
    here = _before_here(layout)
    for node in range(layout.n_stops):
        if not saving[node]:
            solver.Add(ready.CumulVar(node) == starts.CumulVar(node))
            continue
        same = [routing.NextVar(int(before)) == node for before in np.flatnonzero(here[:, node])]
        setup_s = by_vehicle(routing, node, [int(setup_s[node]) for setup_s in setups_s])
        spent_s = setup_s * (routing.ActiveVar(node) - solver.Sum(same))
        solver.Add(ready.CumulVar(node) == starts.CumulVar(node) + spent_s)
    for vehicle in range(len(layout.vehicles)):
        for index in (routing.Start(vehicle), routing.End(vehicle)):
            solver.Add(ready.CumulVar(index) == starts.CumulVar(index))


def by_vehicle(routing: pywrapcp.RoutingModel, node: int, values: Sequence[int]) -> "int | pywrapcp.IntExpr":
    """A value that depends on who serves a stop; when nobody does, 0 unless it is the same for all."""
    if len(set(values)) == 1:
        return values[0]
    return routing.solver().Element([0, *values], routing.VehicleVar(node) + 1)


def _state_shifts(routing: pywrapcp.RoutingModel, layout: Layout, clock: Clock) -> None:
    for vehicle, driver in enumerate(layout.vehicles):
        begins_s, finishes_s = driver.shift_starts_s - clock.earliest_s, driver.shift_ends_s - clock.earliest_s
        for index in (routing.Start(vehicle), routing.End(vehicle)):
            clock.starts.CumulVar(index).SetRange(begins_s, finishes_s)
            clock.ready.CumulVar(index).SetRange(begins_s, finishes_s)
        if driver.max_work_s is not None and driver.max_work_s < finishes_s - begins_s:
            clock.ready.SetSpanUpperBoundForVehicle(driver.max_work_s, vehicle)


def _state_lateness(routing: pywrapcp.RoutingModel, layout: Layout, clock: Clock) -> None:
    """Points for each second after a due time, and for each second of overtime."""
    due = [(node, stop.due_s, stop.late_cost_per_s) for node, stop in enumerate(layout.stops) if stop.due_s is not None]
    for vehicle, driver in enumerate(layout.vehicles):
        if driver.overtime_from_s is not None:
            # What lies before the shift is in the price of being used.
            from_s = max(driver.overtime_from_s, driver.shift_starts_s)
            due.append((routing.End(vehicle), from_s, driver.overtime_cost_per_s))
    for index, due_s, cost_per_s in due:
        if cost_per_s:
            clock.starts.SetCumulVarSoftUpperBound(index, due_s - clock.earliest_s, cost_per_s)
