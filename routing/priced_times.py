"""The times of an order whose price depends on them: lateness, overtime, promises, a limit of working time.

Labels (moment, points so far) are carried along the route, one set per number of breaks taken; of two labels the one
that is neither earlier nor cheaper is dropped. A label may wait for a promise to be kept. Waiting is never bought in
any other way, for later is never cheaper otherwise.

Source: labels with dominance as in resource constrained shortest paths, Desrochers & Soumis (1988), INFOR 26(3).
"""

from collections.abc import Iterator
from typing import NamedTuple

from routing.schedule import Times, breaks_behind
from routing.types import BreakTaken, Stop
from routing.way import NEVER, Way, breaks_on_leg, earliest_start_s, latest_returns

MOST_DEPARTURES = 24
"""How often leaving home is put off to keep the limit of working time; each time removes a wait."""


class _Label(NamedTuple):
    """How far one way of driving the order has come; comparing two compares moments first, then points."""

    clock_s: int
    points: int
    breaks: tuple[tuple[int, int], ...]
    """Leg and start of each break taken."""
    starts_s: tuple[int, ...]


def is_priced(way: Way, stops: tuple[Stop, ...]) -> bool:
    """Whether the price of this order depends on its times, or a limit does."""
    driver = way.driver
    return (
        driver.overtime_cost_per_s > 0
        or driver.max_work_s is not None
        or any(_is_stop_priced(stops[stop]) for stop in way.order)
    )


def _is_stop_priced(stop: Stop) -> bool:
    return stop.late_cost_per_s > 0 or (stop.promise is not None and stop.promise.cost_time > 0)


def late_points(stop: Stop, starts_s: int) -> int:
    """What it costs to begin after the stop is due."""
    return 0 if stop.due_s is None else max(0, starts_s - stop.due_s) * stop.late_cost_per_s


def moved_points(stop: Stop, starts_s: int) -> int:
    """What it costs to begin at another time than promised."""
    promise = stop.promise
    if promise is None or abs(starts_s - promise.starts_s) <= promise.tolerance_s:
        return 0
    return promise.cost_time


def overtime_points(way: Way, returns_s: int) -> int:
    """What it costs to be back late."""
    driver = way.driver
    if driver.overtime_from_s is None:
        return 0
    return max(0, returns_s - driver.overtime_from_s) * driver.overtime_cost_per_s


def cheapest_times(way: Way, stops: tuple[Stop, ...]) -> Times | None:
    """The times that cost least, then bring the vehicle back earliest, then take breaks earliest; None: no way.

    ``stops`` are the problem's, by position.
    """
    if way.driver.max_work_s is None:
        found = min(_ends(way, stops, way.driver.shift_starts_s), key=_rank, default=None)
        return None if found is None else _times(way, found)
    within = [
        case
        for leaves_s in sorted({way.driver.shift_starts_s, *_after_breaks(way)})
        for case in _within_work(way, stops, leaves_s)
    ]
    found = min(within, key=_rank, default=None)
    return None if found is None else _times(way, found)


def _after_breaks(way: Way) -> Iterator[int]:
    """Moments at which somebody who rests at home first may leave."""
    for pause in way.breaks:
        yield from (opens_s + pause.duration_s for opens_s, _ in pause.windows)


def _rank(label: _Label) -> tuple[int, int, tuple[tuple[int, int], ...], tuple[int, ...]]:
    return (label.points, label.clock_s, label.breaks, label.starts_s)


def _within_work(way: Way, stops: tuple[Stop, ...], leaves_s: int) -> list[_Label]:
    """Ways to keep the limit of working time that leave home no earlier than this; the first departure that has any."""
    limit_s = way.driver.max_work_s or 0
    for _ in range(MOST_DEPARTURES):
        ends = list(_ends(way, stops, leaves_s))
        if not ends:
            return []
        good = [case for case in ends if case.clock_s - _left_home_s(way, case) <= limit_s]
        if good or way.n_frozen:
            return good
        # Nobody who leaves earlier than this is back in time: the return moves with the departure.
        leaves_s = max(leaves_s + 1, min(case.clock_s for case in ends) - limit_s)
    return []


def _left_home_s(way: Way, label: _Label) -> int:
    if way.n_frozen:
        return max(way.driver.shift_starts_s, label.starts_s[0] - way.legs_s[0])
    first = [BreakTaken(at_s, at_s + way.breaks[k].duration_s) for k, (leg, at_s) in enumerate(label.breaks) if not leg]
    return leave_home_s(way.allowed_s[0], label.starts_s[0], first)


def leave_home_s(drive_s: int, starts_s: int, breaks: list[BreakTaken]) -> int:
    """Latest departure from home for a service start, around breaks that stay where they are."""
    cursor_s, left_s = starts_s, drive_s
    for pause in reversed(breaks):
        if left_s <= cursor_s - pause.ends_s:
            break
        left_s -= cursor_s - pause.ends_s
        cursor_s = pause.starts_s
    return cursor_s - left_s


def _ends(way: Way, stops: tuple[Stop, ...], leaves_s: int) -> Iterator[_Label]:
    """Undominated ways to drive the order, as they are back, overtime priced."""
    layers: list[list[_Label]] = [[] for _ in range(len(way.breaks) + 1)]
    layers[0].append(_Label(leaves_s, 0, (), ()))
    for leg in range(len(way.order) + 1):
        reached = _driven(way, leg, layers)
        if leg < len(way.order):
            reached = [[done for label in labels for done in _served(way, stops, leg, label)] for labels in reached]
        layers = [_undominated(labels) for labels in reached]
    for labels, limit_s in zip(layers, latest_returns(way), strict=True):
        for label in labels:
            if label.clock_s <= limit_s:
                yield label._replace(points=label.points + overtime_points(way, label.clock_s))


def _driven(way: Way, leg: int, layers: list[list[_Label]]) -> list[list[_Label]]:
    reached: list[list[_Label]] = [[] for _ in layers]
    drive_s = way.allowed_s[leg]
    for k, labels in enumerate(layers):
        for label in labels:
            reached[k].append(label._replace(clock_s=label.clock_s + drive_s))
            if leg < way.n_frozen:
                continue
            for taken, starts_s, done_s in breaks_on_leg(label.clock_s, drive_s, way.breaks, k):
                breaks = (*label.breaks, *((leg, at_s) for at_s in starts_s))
                reached[taken].append(label._replace(clock_s=done_s, breaks=breaks))
    return reached


def _served(way: Way, stops: tuple[Stop, ...], position: int, label: _Label) -> Iterator[_Label]:
    """Begin as early as possible; or wait until a promise is kept."""
    stop, windows = stops[way.order[position]], way.windows[position]
    promise = stop.promise
    starts_s = windows[0][0] if position < way.n_frozen else earliest_start_s(windows, label.clock_s)
    options = {starts_s}
    if promise is not None and promise.cost_time and position >= way.n_frozen:
        kept_s = earliest_start_s(windows, max(label.clock_s, promise.starts_s - promise.tolerance_s))
        if kept_s <= promise.starts_s + promise.tolerance_s:
            options.add(kept_s)
    for at_s in sorted(options):
        if at_s < NEVER:
            points = label.points + late_points(stop, at_s) + moved_points(stop, at_s)
            yield _Label(at_s + way.actions_s[position], points, label.breaks, (*label.starts_s, at_s))


def _undominated(labels: list[_Label]) -> list[_Label]:
    kept: list[_Label] = []
    for label in sorted(labels):
        if not kept or label.points < kept[-1].points:
            kept.append(label)
    return kept


def _times(way: Way, label: _Label) -> Times:
    placed: list[list[BreakTaken]] = [[] for _ in way.allowed_s]
    for number, (leg, at_s) in enumerate(label.breaks):
        placed[leg].append(BreakTaken(at_s, at_s + way.breaks[number].duration_s))
    return Times(list(label.starts_s), [*placed, breaks_behind(way, len(label.breaks), label.clock_s)])
