"""Turn an ordered route into a timetable. Pure arithmetic, no engine, no solver.

Each moment of a route is looked at in layers: layer k means that the first k breaks have been taken. Per layer
the earliest time forward and the latest time backward are exact, because a break on a leg that is left at t
ends the leg at max(t + d, earliest) + length, and starting earlier never ends it later.

Source: forward and backward passes of Savelsbergh (1992), ORSA J. Computing 4(2), 146-154, with a layer per break.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from routing.types import BreakTaken
from routing.way import (
    NEVER,
    Way,
    earliest_start_s,
    latest_departures,
    latest_returns,
    latest_start_s,
    ready_after_leg,
)


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
        return any(early <= late for early, late in zip(self.departs[-1], self.latest[-1], strict=True))


@dataclass(frozen=True, slots=True)
class Times:
    """When an order is driven.

    Parameters
    ----------
    starts_s : of service, by position
    breaks : by leg, the last entry after the return
    """

    starts_s: list[int]
    breaks: list[list[BreakTaken]]


def slack(way: Way) -> Slack:
    """Earliest and latest times of an order, whether or not it can be driven."""
    return Slack(_forward(way), _backward(way, latest_returns(way)))


def earliest_times(way: Way) -> Times | None:
    """The times of an order whose prices do not depend on them, or None when it cannot be driven.

    Breaks are placed so that the return is earliest, then so that they begin earliest; services begin as early as
    possible.
    """
    departs, limits = _forward(way), latest_returns(way)
    returns = [r for r, limit in zip(departs[-1], limits, strict=True) if r <= limit]
    if not returns:
        return None
    back_s = min(returns)
    latest = _backward(way, [back_s if limit >= back_s else -NEVER for limit in limits])
    return _placed(way, latest)


def _forward(way: Way) -> list[list[int]]:
    """Earliest departures per position and layer; the last entry is the return."""
    departs = [[way.driver.shift_starts_s] + [NEVER] * len(way.breaks)]
    for position, windows in enumerate(way.windows):
        if position < way.n_frozen:
            departs.append([windows[0][0] + way.actions_s[position]] + [NEVER] * len(way.breaks))
            continue
        ready = ready_after_leg(departs[-1], way.allowed_s[position], way.breaks)
        action_s = way.actions_s[position]
        departs.append([min(NEVER, earliest_start_s(windows, ready_s) + action_s) for ready_s in ready])
    departs.append([min(NEVER, r) for r in ready_after_leg(departs[-1], way.allowed_s[-1], way.breaks)])
    return departs


def _backward(way: Way, returns: list[int]) -> list[list[int]]:
    """Latest readiness per position (first stop to end) and layer."""
    latest = [returns]
    for position in range(len(way.order) - 1, -1, -1):
        windows, action_s = way.windows[position], way.actions_s[position]
        leave = latest_departures(latest[-1], way.allowed_s[position + 1], way.breaks)
        ready = [latest_start_s(windows, leave_s - action_s) if leave_s > -NEVER // 2 else -NEVER for leave_s in leave]
        latest.append([ready[0]] + [-NEVER] * len(way.breaks) if position < way.n_frozen else ready)
    latest.reverse()
    return latest


def _placed(way: Way, latest: Sequence[Sequence[int]]) -> Times:
    """Each break as early as the latest times allow."""
    starts_s: list[int] = []
    placed: list[list[BreakTaken]] = []
    clock_s, taken = way.driver.shift_starts_s, 0
    for i, drive_s in enumerate(way.allowed_s):
        chosen: list[BreakTaken] = []
        tried: list[BreakTaken] = []
        free_s = clock_s
        ready_s = done_s = clock_s + drive_s
        for number in range(taken, 0 if i < way.n_frozen else len(way.breaks)):
            pause = way.breaks[number]
            at_s = earliest_start_s(pause.windows, free_s)
            if at_s >= NEVER:
                break
            free_s = at_s + pause.duration_s
            tried.append(BreakTaken(at_s, free_s))
            done_s = max(done_s, at_s) + pause.duration_s
            if done_s <= latest[i][number + 1]:
                chosen, ready_s = list(tried), done_s
        placed.append(chosen)
        taken += len(chosen)
        clock_s = ready_s
        if i < len(way.order):
            starts_s.append(earliest_start_s(way.windows[i], ready_s))
            clock_s = starts_s[-1] + way.actions_s[i]
    return Times(starts_s, [*placed, breaks_behind(way, taken, clock_s)])


def breaks_behind(way: Way, taken: int, clock_s: int) -> list[BreakTaken]:
    """The breaks still owed at the return, one after the other."""
    behind: list[BreakTaken] = []
    for pause in way.breaks[taken:]:
        clock_s = earliest_start_s(pause.windows, clock_s)
        behind.append(BreakTaken(clock_s, clock_s + pause.duration_s))
        clock_s += pause.duration_s
    return behind
