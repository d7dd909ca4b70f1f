"""Turn an ordered route into a timetable. Pure arithmetic, no engine, no solver.

Each moment of a route is looked at in layers: layer k means that the first k breaks have been taken. Per layer
the earliest time forward and the latest time backward are exact, because a break on a leg that is left at t
ends the leg at max(t + d, earliest) + length, and starting earlier never ends it later.

Source: forward and backward passes of Savelsbergh (1992), ORSA J. Computing 4(2), 146-154, with a layer per break.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from routing.arrays import Arrays, breaks_of
from routing.types import Break, BreakTaken, Route, Visit

NEVER = 1 << 60
"""Later than any time: no way to be here in this layer."""


@dataclass(frozen=True, slots=True)
class Slack:
    """When a route can be where, in layers of breaks taken; what O(1) insertion needs.

    Parameters
    ----------
    departs : departs[i][k], earliest end of service at position i (0 is the start) with k breaks taken
    latest : latest[i][k], latest readiness to begin at position i + 1 (the last is the end) that can still succeed
    """

    departs: list[list[int]]
    latest: list[list[int]]

    @property
    def feasible(self) -> bool:
        """Whether the order can be driven at all."""
        return any(late >= 0 for late in self._margins())

    def _margins(self) -> list[int]:
        return [late - early for late, early in zip(self.latest[-1], self.departs[-1], strict=True)]


def slack(arrays: Arrays, vehicle: int, order: Sequence[int]) -> Slack:
    """Earliest and latest times of an order, whether or not it can be driven."""
    departs = _forward(arrays, vehicle, order)
    return Slack(departs, _backward(arrays, vehicle, order, _latest_returns(arrays, vehicle)))


def timetable(arrays: Arrays, vehicle: int, order: Sequence[int]) -> Route | None:
    """The timetable of an order, or None when it breaks a window, the shift or a break.

    Breaks are placed so that the return is earliest, then so that they begin earliest; services begin as early as
    possible; then leaving home moves as late as no service start changes.
    """
    departs = _forward(arrays, vehicle, order)
    limits = _latest_returns(arrays, vehicle)
    returns = [r for r, limit in zip(departs[-1], limits, strict=True) if r <= limit]
    if not order or not returns:
        return None
    back_s = min(returns)
    latest = _backward(arrays, vehicle, order, [back_s if limit >= back_s else -NEVER for limit in limits])
    return _emit(arrays, vehicle, order, _placed_breaks(arrays, vehicle, order, latest))


def earliest_start_s(windows: tuple[tuple[int, int], ...], ready_s: int) -> int:
    """First moment at or after ready_s when service may begin, NEVER when the last window has closed."""
    for opens_s, closes_s in windows:
        if ready_s <= closes_s:
            return max(ready_s, opens_s)
    return NEVER


def latest_start_s(windows: tuple[tuple[int, int], ...], by_s: int) -> int:
    """Last moment at or before by_s when service may begin, -NEVER when no window has opened."""
    for opens_s, closes_s in reversed(windows):
        if by_s >= opens_s:
            return min(by_s, closes_s)
    return -NEVER


def ready_after_leg(departs: list[int], drive_s: int, breaks: Sequence[Break]) -> list[int]:
    """Earliest readiness at the end of a leg, per layer, from the earliest departures per layer."""
    ready = [t + drive_s for t in departs]
    for k, leaves_s in enumerate(departs[:-1]):
        if leaves_s >= NEVER:
            continue
        free_s, done_s = leaves_s, leaves_s + drive_s
        for taken in range(k, len(breaks)):
            pause = breaks[taken]
            free_s = max(free_s, pause.earliest_s)
            if free_s > pause.latest_s:
                break
            free_s += pause.duration_s
            done_s = max(done_s, pause.earliest_s) + pause.duration_s
            ready[taken + 1] = min(ready[taken + 1], done_s)
    return ready


def latest_departures(latest: list[int], drive_s: int, breaks: Sequence[Break]) -> list[int]:
    """Latest departure into a leg, per layer, that still ends it by the latest readiness per layer."""
    leave = [t - drive_s for t in latest]
    for k in range(len(breaks)):
        rest_s, begin_by_s, ready_s = 0, NEVER, -NEVER
        for taken in range(k, len(breaks)):
            pause = breaks[taken]
            if ready_s > pause.latest_s:
                break
            begin_by_s = min(begin_by_s, pause.latest_s - rest_s)
            rest_s += pause.duration_s
            ready_s = max(ready_s, pause.earliest_s) + pause.duration_s
            if ready_s <= latest[taken + 1]:
                leave[k] = max(leave[k], min(begin_by_s, latest[taken + 1] - drive_s - rest_s))
    return leave


def _legs(arrays: Arrays, vehicle: int, order: Sequence[int]) -> list[int]:
    places = arrays.places(vehicle, order)
    return [arrays.duration[a][b] for a, b in itertools.pairwise(places)]


def _forward(arrays: Arrays, vehicle: int, order: Sequence[int]) -> list[list[int]]:
    """Earliest departures per position and layer; the last entry is the return."""
    driver, breaks = arrays.vehicles[vehicle], breaks_of(arrays.vehicles[vehicle])
    legs = _legs(arrays, vehicle, order)
    departs = [[driver.shift_starts_s] + [NEVER] * len(breaks)]
    for stop, drive_s in zip(order, legs, strict=False):
        windows, service_s = arrays.windows[stop], arrays.service[stop]
        departs.append(
            [
                min(NEVER, earliest_start_s(windows, ready_s) + service_s)
                for ready_s in ready_after_leg(departs[-1], drive_s, breaks)
            ]
        )
    departs.append([min(NEVER, ready_s) for ready_s in ready_after_leg(departs[-1], legs[-1], breaks)])
    return departs


def _latest_returns(arrays: Arrays, vehicle: int) -> list[int]:
    """Latest return per layer: the breaks still owed must fit behind it, within the shift."""
    driver, breaks = arrays.vehicles[vehicle], breaks_of(arrays.vehicles[vehicle])
    return latest_departures([-NEVER] * len(breaks) + [driver.shift_ends_s], 0, breaks)


def _backward(arrays: Arrays, vehicle: int, order: Sequence[int], returns: list[int]) -> list[list[int]]:
    """Latest readiness per position (first stop to end) and layer."""
    breaks = breaks_of(arrays.vehicles[vehicle])
    legs = _legs(arrays, vehicle, order)
    latest = [returns]
    for stop, drive_s in zip(reversed(order), reversed(legs), strict=False):
        windows, service_s = arrays.windows[stop], arrays.service[stop]
        latest.append(
            [
                latest_start_s(windows, leave_s - service_s) if leave_s > -NEVER // 2 else -NEVER
                for leave_s in latest_departures(latest[-1], drive_s, breaks)
            ]
        )
    latest.reverse()
    return latest


def _placed_breaks(
    arrays: Arrays, vehicle: int, order: Sequence[int], latest: list[list[int]]
) -> list[list[BreakTaken]]:
    """Breaks per leg, each as early as the latest times allow; the last entry is after the return."""
    driver, breaks = arrays.vehicles[vehicle], breaks_of(arrays.vehicles[vehicle])
    placed: list[list[BreakTaken]] = []
    clock_s, taken = driver.shift_starts_s, 0
    for i, drive_s in enumerate(_legs(arrays, vehicle, order)):
        chosen: list[BreakTaken] = []
        tried: list[BreakTaken] = []
        free_s = clock_s
        ready_s = done_s = clock_s + drive_s
        for number in range(taken, len(breaks)):
            pause = breaks[number]
            free_s = max(free_s, pause.earliest_s)
            if free_s > pause.latest_s:
                break
            tried.append(BreakTaken(free_s, free_s + pause.duration_s))
            free_s += pause.duration_s
            done_s = max(done_s, pause.earliest_s) + pause.duration_s
            if done_s <= latest[i][number + 1]:
                chosen, ready_s = list(tried), done_s
        placed.append(chosen)
        taken += len(chosen)
        clock_s = ready_s
        if i < len(order):
            clock_s = earliest_start_s(arrays.windows[order[i]], ready_s) + arrays.service[order[i]]
    behind: list[BreakTaken] = []
    for pause in breaks[taken:]:
        clock_s = max(clock_s, pause.earliest_s)
        behind.append(BreakTaken(clock_s, clock_s + pause.duration_s))
        clock_s += pause.duration_s
    return [*placed, behind]


def _emit(arrays: Arrays, vehicle: int, order: Sequence[int], placed: list[list[BreakTaken]]) -> Route:
    driver = arrays.vehicles[vehicle]
    legs = _legs(arrays, vehicle, order)
    distance_m = arrays.problem.matrix.distance_m
    places = arrays.places(vehicle, order)
    starts_s = _leave_home_s(arrays, order[0], driver.shift_starts_s, legs[0], placed[0])
    departs_s, arrives_s, done_s = _drive(
        starts_s, legs[0], [pause for pause in placed[0] if pause.starts_s >= starts_s]
    )
    starts_s = departs_s
    visits: list[Visit] = []
    for i, stop in enumerate(order):
        service_starts_s = earliest_start_s(arrays.windows[stop], done_s)
        rested_s = sum(
            pause.ends_s - pause.starts_s
            for pause in placed[i]
            if pause.starts_s >= arrives_s and pause.ends_s <= service_starts_s
        )
        wait_s = service_starts_s - arrives_s - rested_s
        here_since_s = arrives_s
        departs_s, arrives_s, done_s = _drive(service_starts_s + arrays.service[stop], legs[i + 1], placed[i + 1])
        leg_m = int(distance_m[places[i], places[i + 1]])
        visits.append(Visit(arrays.stops[stop].id, here_since_s, service_starts_s, departs_s, legs[i], leg_m, wait_s))
    breaks = tuple(pause for leg in placed for pause in leg)
    # A break at the end of the last leg is taken at home: being back is the moment of arrival.
    ends_s = arrives_s
    inside_s = sum(p.ends_s - p.starts_s for p in breaks if p.starts_s >= starts_s and p.ends_s <= ends_s)
    travel_s, service_s = sum(legs), sum(arrays.service[stop] for stop in order)
    return Route(
        vehicle_id=driver.id,
        starts_s=starts_s,
        ends_s=ends_s,
        visits=tuple(visits),
        breaks=breaks,
        travel_s=travel_s,
        distance_m=sum(int(distance_m[a, b]) for a, b in itertools.pairwise(places)),
        service_s=service_s,
        wait_s=ends_s - starts_s - travel_s - service_s - inside_s,
    )


def _leave_home_s(arrays: Arrays, first: int, shift_starts_s: int, drive_s: int, breaks: Sequence[BreakTaken]) -> int:
    """Latest departure from home that keeps the first service start, around breaks that stay where they are."""
    _, _, done_s = _drive(shift_starts_s, drive_s, breaks)
    cursor_s = earliest_start_s(arrays.windows[first], done_s)
    left_s = drive_s
    for pause in reversed(breaks):
        if left_s <= cursor_s - pause.ends_s:
            break
        left_s -= cursor_s - pause.ends_s
        cursor_s = pause.starts_s
    return cursor_s - left_s


def _drive(free_s: int, drive_s: int, breaks: Sequence[BreakTaken]) -> tuple[int, int, int]:
    """Departure, arrival and readiness of a leg: breaks that begin at once delay the departure, others split it."""
    departs_s = free_s
    rest = list(breaks)
    while rest and rest[0].starts_s <= departs_s:
        departs_s = rest.pop(0).ends_s
    arrives_s = departs_s + drive_s
    done_s = arrives_s
    for pause in rest:
        if pause.starts_s < arrives_s:
            arrives_s += pause.ends_s - pause.starts_s
            done_s = arrives_s
        else:
            done_s = max(done_s, pause.ends_s)
    return departs_s, arrives_s, done_s
