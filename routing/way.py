"""A route laid out position by position: what each leg and stop takes, and when each stop may begin."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from routing.arrays import Arrays, Pause, breaks_of
from routing.types import Vehicle

NEVER = 1 << 60
"""Later than any time: no way to be here in this layer."""


@dataclass(frozen=True, slots=True)
class Way:
    """One vehicle's order of stops.

    Parameters
    ----------
    legs_s : driving, a value per leg, the last one home
    allowed_s : what a leg takes of the timetable: nothing where it leads to a frozen stop, for that is history
    actions_s : service with set-up, by position
    windows : when each stop may begin: its windows from its release on; one moment for a frozen stop
    n_frozen : how many positions at the beginning are frozen
    breaks : with their windows drawn in to what the end of the shift allows
    """

    vehicle: int
    driver: Vehicle
    order: Sequence[int]
    legs_s: list[int]
    allowed_s: list[int]
    actions_s: list[int]
    windows: list[tuple[tuple[int, int], ...]]
    n_frozen: int
    breaks: tuple[Pause, ...]


def way_of(arrays: Arrays, vehicle: int, order: Sequence[int], releases: Mapping[int, int] | None = None) -> Way:
    """Lay an order out; ``releases`` are moments before which a stop may not begin, because of other routes."""
    leg_s: Callable[[int, int], int] = arrays.grounds[vehicle].duration_s.item
    legs_s = [leg_s(a, b) for a, b in itertools.pairwise(arrays.places(vehicle, order))]
    n_frozen = len(arrays.frozen[vehicle])
    windows = [arrays.windows[stop] for stop in order]
    for position, stop in enumerate(order):
        if position < n_frozen:
            at_s = arrays.frozen_at[stop]
            windows[position] = ((at_s, at_s),)
        elif releases and stop in releases:
            from_s = releases[stop]
            windows[position] = tuple((max(o, from_s), c) for o, c in windows[position] if c >= from_s)
    return Way(
        vehicle=vehicle,
        driver=arrays.vehicles[vehicle],
        order=order,
        legs_s=legs_s,
        allowed_s=[0] * n_frozen + legs_s[n_frozen:],
        actions_s=arrays.actions_s(vehicle, order),
        windows=windows,
        n_frozen=n_frozen,
        breaks=breaks_of(arrays.vehicles[vehicle]),
    )


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


def ready_after_leg(departs: list[int], drive_s: int, breaks: Sequence[Pause]) -> list[int]:
    """Earliest readiness at the end of a leg, per layer, from the earliest departures per layer."""
    ready = [t + drive_s for t in departs]
    for k, leaves_s in enumerate(departs[:-1]):
        if leaves_s >= NEVER:
            continue
        for taken, _, done_s in breaks_on_leg(leaves_s, drive_s, breaks, k):
            ready[taken] = min(ready[taken], done_s)
    return ready


def breaks_on_leg(
    leaves_s: int, drive_s: int, breaks: Sequence[Pause], first: int
) -> list[tuple[int, tuple[int, ...], int]]:
    """Ways to take breaks from number ``first`` on while driving: how many are taken then, their starts, readiness."""
    found: list[tuple[int, tuple[int, ...], int]] = []
    free_s, done_s = leaves_s, leaves_s + drive_s
    starts_s: tuple[int, ...] = ()
    for number in range(first, len(breaks)):
        pause = breaks[number]
        at_s = earliest_start_s(pause.windows, free_s)
        if at_s >= NEVER:
            break
        starts_s = (*starts_s, at_s)
        free_s = at_s + pause.duration_s
        done_s = max(done_s, at_s) + pause.duration_s
        found.append((number + 1, starts_s, done_s))
    return found


def latest_departures(latest: list[int], drive_s: int, breaks: Sequence[Pause]) -> list[int]:
    """Latest departure into a leg, per layer, that still ends it by the latest readiness per layer."""
    leave = [t - drive_s for t in latest]
    for taken in range(1, len(breaks) + 1):
        if latest[taken] <= -NEVER // 2:
            continue
        begin_by_s, leave_by_s = latest[taken], latest[taken] - drive_s
        for k in range(taken - 1, -1, -1):
            begin_by_s = latest_start_s(breaks[k].windows, begin_by_s - breaks[k].duration_s)
            leave_by_s -= breaks[k].duration_s
            if begin_by_s <= -NEVER // 2:
                break
            leave[k] = max(leave[k], min(begin_by_s, leave_by_s))
    return leave


def latest_returns(way: Way) -> list[int]:
    """Latest return per layer: the breaks still owed must fit behind it, within the shift."""
    return latest_departures([-NEVER] * len(way.breaks) + [way.driver.shift_ends_s], 0, way.breaks)
