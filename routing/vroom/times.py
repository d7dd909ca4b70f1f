"""The timetable of an order of tasks and breaks: exact, when nothing may be late.

A break stands somewhere in the leg between two tasks, and the leg is split before and after it at will. Whoever
takes each break as early as it may begin, driving until then, is never worse off later: at any later moment they
could still do what anybody else does. So one pass forward gives the earliest end, one pass backward from there the
latest leaving, and one more forward from there all times. Waiting is spent before leaving wherever it can be.

Source: forward and backward passes of Savelsbergh (1992), ORSA J. Computing 4(2), 146-154; the exchange argument
for breaks is ours. Times end in ``_u``: whole numbers in a unit of the caller's choice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from routing.vroom.types import Windows

FOREVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Item:
    """A task or a break in an order: when it may begin, how long it takes."""

    windows: Windows
    length_u: int
    is_break: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """An order to be timed.

    Parameters
    ----------
    items : tasks and breaks in order
    legs_u : travel to the first task, between tasks, and from the last to the end: one more than there are tasks
    leaves : earliest and latest start
    returns : earliest and latest end
    """

    items: tuple[Item, ...]
    legs_u: tuple[int, ...]
    leaves: tuple[int, int] = (0, FOREVER)
    returns: tuple[int, int] = (0, FOREVER)


@dataclass(frozen=True, slots=True)
class Times:
    """When everything happens: arrival at each item and its beginning; what is between them is waiting."""

    leaves_u: int
    arrives_u: tuple[int, ...]
    begins_u: tuple[int, ...]
    returns_u: int


def times_of(chain: Chain, whole_u: int = 1) -> Times | None:
    """Return earliest end, then latest start, then earliest beginnings; None when something would be late.

    Parameters
    ----------
    whole_u : the start is a multiple of this where it can be, so that rounded times do not overstate travel
    """
    earliest = _forward(chain, chain.leaves[0])
    if earliest is None:
        return None
    returns_u = max(earliest.returns_u, chain.returns[0])
    leaves_u = min(_latest_start(chain, returns_u), chain.leaves[1])
    leaves_u = max(chain.leaves[0], leaves_u - leaves_u % whole_u)
    return _forward(chain, leaves_u)


def with_breaks(
    tasks: Chain, breaks: Sequence[Item], may: Callable[[int, int], bool] = lambda _task, _pause: True
) -> tuple[int, ...] | None:
    """Say before which task each break is taken so that the end is earliest; None when there is no way.

    Parameters
    ----------
    tasks : an order without breaks
    breaks : in the order in which they are taken
    may : whether break number ``pause`` may be taken once ``task`` tasks are done

    Returns
    -------
    by break, how many tasks are done when it is taken; among equals, breaks lie early
    """
    n_tasks, n_breaks = len(tasks.items), len(breaks)
    ready = [tasks.leaves[0], *[FOREVER] * n_breaks]
    came_from: list[list[int]] = []
    for task in range(n_tasks + 1):
        drive_u = tasks.legs_u[task]
        arrives = [FOREVER] * (n_breaks + 1)
        origin = [0] * (n_breaks + 1)
        for taken in range(n_breaks + 1):
            now_u, rest_u, pause = ready[taken], drive_u, taken
            while now_u < FOREVER:
                if now_u + rest_u <= arrives[pause]:
                    arrives[pause], origin[pause] = now_u + rest_u, taken
                if pause == n_breaks or not may(task, pause):
                    break
                begins_u = first_in(breaks[pause].windows, now_u)
                rest_u -= min(rest_u, begins_u - now_u)
                now_u = min(FOREVER, begins_u + breaks[pause].length_u)
                pause += 1
        came_from.append(origin)
        if task < n_tasks:
            item = tasks.items[task]
            begins = [first_in(item.windows, at_u) if at_u < FOREVER else FOREVER for at_u in arrives]
            ready = [min(FOREVER, at_u + item.length_u) for at_u in begins]
    if arrives[n_breaks] > min(tasks.returns[1], FOREVER - 1):
        return None
    done: list[int] = []
    taken = n_breaks
    for task in range(n_tasks, -1, -1):
        before = came_from[task][taken]
        done[:0] = [task] * (taken - before)
        taken = before
    return tuple(done)


def merged(tasks: Chain, breaks: Sequence[Item], done: Sequence[int]) -> Chain:
    """Put breaks into an order, as ``with_breaks`` says."""
    items: list[Item] = []
    for task in range(len(tasks.items) + 1):
        items += [breaks[pause] for pause, at in enumerate(done) if at == task]
        items += tasks.items[task : task + 1]
    return Chain(tuple(items), tasks.legs_u, tasks.leaves, tasks.returns)


def first_in(windows: Windows, ready_u: int) -> int:
    """First moment from ``ready_u`` on in a window, ``FOREVER`` when the last has closed."""
    if not windows:
        return ready_u
    return next((max(opens_u, ready_u) for opens_u, closes_u in windows if ready_u <= closes_u), FOREVER)


def last_in(windows: Windows, by_u: int) -> int:
    """Last moment up to ``by_u`` in a window, ``-FOREVER`` when none has opened."""
    if not windows:
        return by_u
    return next((min(closes_u, by_u) for opens_u, closes_u in reversed(windows) if opens_u <= by_u), -FOREVER)


def _forward(chain: Chain, leaves_u: int) -> Times | None:
    """Everything as early as it can be after leaving then."""
    arrives, begins = [], []
    now_u, legs = leaves_u, iter(chain.legs_u)
    rest_u = next(legs)
    for item in chain.items:
        if item.is_break:
            begins_u = first_in(item.windows, now_u)
            driven_u = min(rest_u, begins_u - now_u)
            arrives.append(now_u + driven_u)
            rest_u -= driven_u
        else:
            arrives.append(now_u + rest_u)
            begins_u = first_in(item.windows, arrives[-1])
            rest_u = next(legs)
        if begins_u >= FOREVER:
            return None
        begins.append(begins_u)
        now_u = begins_u + item.length_u
    returns_u = now_u + rest_u
    return None if returns_u > chain.returns[1] else Times(leaves_u, tuple(arrives), tuple(begins), returns_u)


def _latest_start(chain: Chain, returns_u: int) -> int:
    """Latest leaving that still returns then; there is one."""
    now_u, legs = returns_u, iter(reversed(chain.legs_u))
    rest_u = next(legs)
    for item in reversed(chain.items):
        if item.is_break:
            begins_u = last_in(item.windows, now_u - item.length_u)
            rest_u -= min(rest_u, now_u - item.length_u - begins_u)
        else:
            begins_u = last_in(item.windows, now_u - rest_u - item.length_u)
            rest_u = next(legs)
        now_u = begins_u
    return now_u - rest_u
