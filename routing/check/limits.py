"""What one vehicle can bear: its shift, how much it may drive and work, what it carries, and its breaks."""

import itertools
from collections.abc import Iterator, Mapping

from routing.check.reading import Reading, action_s
from routing.check.violation import Violation
from routing.types import UNREACHABLE, Break, Problem, Stop


def limit_violations(problem: Problem, read: Reading) -> Iterator[Violation]:
    """Everything in one route that is more than its vehicle allows."""
    yield from _shift(read)
    yield from _most(read)
    yield from _loads(problem, read)
    yield from _breaks(problem, read)


def _shift(read: Reading) -> Iterator[Violation]:
    vehicle, route = read.vehicle, read.route
    early_s, late_s = vehicle.shift_starts_s - route.starts_s, route.ends_s - vehicle.shift_ends_s
    if early_s > 0:
        yield Violation("shift_early", vehicle.id, f"{vehicle.id} leaves {early_s} s before the shift", early_s)
    if late_s > 0:
        yield Violation("shift_late", vehicle.id, f"{vehicle.id} is back {late_s} s after the shift", late_s)


def _most(read: Reading) -> Iterator[Violation]:
    vehicle, n_stops = read.vehicle, len(read.stops)
    if vehicle.max_stops is not None and n_stops > vehicle.max_stops:
        message = f"{vehicle.id} has {n_stops} stops and may have {vehicle.max_stops}"
        yield Violation("max_stops", vehicle.id, message, n_stops - vehicle.max_stops)
    work_s = read.route.ends_s - read.route.starts_s
    if vehicle.max_work_s is not None and work_s > vehicle.max_work_s:
        over_s = work_s - vehicle.max_work_s
        yield Violation("max_work", vehicle.id, f"{vehicle.id} is out {over_s} s longer than allowed", over_s)
    travel_s, distance_m = _driven(read)
    if vehicle.max_travel_s is not None and travel_s > vehicle.max_travel_s:
        over_s = travel_s - vehicle.max_travel_s
        yield Violation("max_travel", vehicle.id, f"{vehicle.id} drives {over_s} s more than allowed", over_s)
    if vehicle.max_distance_m is not None and distance_m > vehicle.max_distance_m:
        over_m = distance_m - vehicle.max_distance_m
        yield Violation("max_distance", vehicle.id, f"{vehicle.id} drives {over_m} m more than allowed", over_m)


def _driven(read: Reading) -> tuple[int, int]:
    """Seconds and metres of all legs, or what the route states when that is more.

    A leg without a road is a violation of its own and has no length to add.
    """
    is_history = (*read.frozen, False)
    counted = [leg for number, leg in enumerate(read.drives) if leg[0] < UNREACHABLE or is_history[number]]
    travel_s, distance_m = sum(drive_s for drive_s, _ in counted), sum(drive_m for _, drive_m in counted)
    return max(travel_s, read.route.travel_s), max(distance_m, read.route.distance_m)


def _loads(problem: Problem, read: Reading) -> Iterator[Violation]:
    """The fullest moment of each dimension that is ever too full."""
    capacity = read.vehicle.capacity
    if not capacity or not read.stops:
        return
    brings = {link.delivery: link.pickup for link in problem.deliveries}
    moments = list(zip(["the start", *(stop.id for stop in read.stops)], _carried(read, brings), strict=True))
    for dimension, most in enumerate(capacity):
        where, loads = max(moments, key=lambda moment: moment[1][dimension])
        over = loads[dimension] - most
        if over > 0:
            of_what = f" in dimension {dimension + 1}" if len(capacity) > 1 else ""
            message = f"{read.vehicle.id} carries {loads[dimension]} after {where} and may carry {most}{of_what}"
            yield Violation("capacity", read.vehicle.id, message, over)


def _carried(read: Reading, brings: Mapping[str, str]) -> Iterator[list[int]]:
    """Load per dimension at the start and after each visit."""
    n_dimensions = len(read.vehicle.capacity)

    def amounts(given: tuple[int, ...]) -> tuple[int, ...]:
        return given or (0,) * n_dimensions

    load = [sum(amounts(stop.delivers)[k] for stop in read.stops) for k in range(n_dimensions)]
    yield list(load)
    aboard: dict[str, Stop] = {}
    for stop in read.stops:
        fetched = aboard.pop(brings[stop.id], None) if stop.id in brings else None
        for k in range(n_dimensions):
            load[k] += amounts(stop.collects)[k] - amounts(stop.delivers)[k]
            load[k] -= amounts(fetched.collects)[k] if fetched is not None else 0
        aboard[stop.id] = stop
        yield list(load)


def _breaks(problem: Problem, read: Reading) -> Iterator[Violation]:
    """Each break that is due is taken, in order, at its time and length, within the shift, after what is frozen."""
    vehicle = read.vehicle
    taken = sorted(read.route.breaks, key=lambda pause: (pause.starts_s, pause.ends_s))
    for number, due in enumerate(vehicle.breaks if read.stops else ()):
        if number >= len(taken):
            message = f"{vehicle.id} does not take break {number + 1}"
            yield Violation("break_missing", vehicle.id, message, due.duration_s)
            continue
        yield from _break_times(vehicle.id, number, due, taken[number].starts_s, taken[number].ends_s)
    for before, after in itertools.pairwise(taken):
        if after.starts_s < before.ends_s:
            message = f"two breaks of {vehicle.id} overlap by {before.ends_s - after.starts_s} s"
            yield Violation("break_early", vehicle.id, message, before.ends_s - after.starts_s)
    free_s = _frozen_until_s(problem, read)
    for pause in taken:
        outside_s = max(vehicle.shift_starts_s - pause.starts_s, pause.ends_s - vehicle.shift_ends_s)
        if outside_s > 0:
            message = f"a break of {vehicle.id} lies {outside_s} s outside the shift"
            yield Violation("break_outside_shift", vehicle.id, message, outside_s)
        if free_s is not None and pause.starts_s < free_s:
            early_s = free_s - pause.starts_s
            message = f"a break of {vehicle.id} begins {early_s} s before the frozen stops are done"
            yield Violation("break_early", vehicle.id, message, early_s)


def _frozen_until_s(problem: Problem, read: Reading) -> int | None:
    """When service at the last frozen stop ends, None without one."""
    if not read.vehicle.frozen:
        return None
    last = read.vehicle.frozen[-1]
    stop = next(stop for stop in problem.stops if stop.id == last.stop)
    return last.starts_s + action_s(stop, read.vehicle, set_up=False)


def _break_times(who: str, number: int, due: Break, starts_s: int, ends_s: int) -> Iterator[Violation]:
    name = f"break {number + 1} of {who}"
    spans = [(due.earliest_s, due.latest_s), *((window.opens_s, window.closes_s) for window in due.also)]
    if not any(opens_s <= starts_s <= closes_s for opens_s, closes_s in spans):
        early_s = min((opens_s - starts_s for opens_s, _ in spans if opens_s > starts_s), default=None)
        late_s = min((starts_s - closes_s for _, closes_s in spans if closes_s < starts_s), default=None)
        if late_s is None or (early_s is not None and early_s < late_s):
            yield Violation("break_early", who, f"{name} begins {early_s} s too early", early_s or 0)
        else:
            yield Violation("break_late", who, f"{name} begins {late_s} s too late", late_s)
    if ends_s - starts_s != due.duration_s:
        message = f"{name} lasts {ends_s - starts_s} s instead of {due.duration_s} s"
        yield Violation("break_length", who, message, abs(ends_s - starts_s - due.duration_s))
