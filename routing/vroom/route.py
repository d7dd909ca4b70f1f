"""One vehicle's order of tasks and breaks: its legs, loads and times, in VROOM's terms."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from routing.vroom.ground import Ground
from routing.vroom.times import FOREVER, Chain, Item, Times, merged, times_of, with_breaks
from routing.vroom.types import StepKind, Windows

type Order = tuple[tuple[StepKind, int], ...]
"""Tasks and breaks as they follow each other: kind, and position among the tasks or among the vehicle's breaks."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A task or a break at its time; waiting is ``begins_u - arrives_u``."""

    kind: StepKind
    rank: int
    arrives_u: int
    begins_u: int
    setup_s: int
    service_s: int


@dataclass(frozen=True, slots=True)
class Route:
    """A vehicle's route; ``van`` is its position among the vehicles.

    ``ends_u`` is later than ``returns_u`` when a bound on the end says so.
    """

    van: int
    leaves_u: int
    stages: tuple[Stage, ...]
    returns_u: int
    ends_u: int


def scaled(windows: Windows, scale: int) -> Windows:
    """Windows in parts of a second."""
    return tuple((opens_s * scale, closes_s * scale) for opens_s, closes_s in windows)


def places_of(ground: Ground, van: int, order: Order) -> list[int | None]:
    """Start, the place of each task, end."""
    tasks = [ground.task_place[rank] for kind, rank in order if kind != "break"]
    return [ground.start_place[van], *tasks, ground.end_place[van]]


def legs_of(ground: Ground, van: int, order: Order) -> tuple[int, ...]:
    """Travel to the first task, between tasks, and to the end; two legs that lead nowhere when there is no task."""
    places = places_of(ground, van, order)
    return tuple(ground.leg_u(ground.request.vans[van], a, b) for a, b in itertools.pairwise(places))


def actions_of(ground: Ground, van: int, order: Order) -> list[tuple[int, int]]:
    """Set-up and service, in seconds: set-up only where the place before is another one."""
    of, before = ground.request.vans[van], ground.start_place[van]
    actions = []
    for kind, rank in order:
        if kind == "break":
            actions.append((0, of.breaks[rank].service_s))
            continue
        setup_s, service_s = ground.action_s(of, ground.request.tasks[rank])
        actions.append((0 if ground.task_place[rank] == before else setup_s, service_s))
        before = ground.task_place[rank]
    return actions


def chain_of(ground: Ground, van: int, order: Order) -> Chain:
    """An order, ready to be timed."""
    of, scale = ground.request.vans[van], ground.scale
    items = []
    for (kind, rank), (setup_s, service_s) in zip(order, actions_of(ground, van, order), strict=True):
        windows = of.breaks[rank].windows if kind == "break" else ground.request.tasks[rank].windows
        items.append(Item(scaled(windows, scale), (setup_s + service_s) * scale, kind == "break"))
    opens_u, closes_u = (of.window[0] * scale, of.window[1] * scale) if of.window else (0, FOREVER)
    return Chain(tuple(items), legs_of(ground, van, order), (opens_u, closes_u), (0, closes_u))


def loads_of(ground: Ground, order: Order) -> list[tuple[int, ...]]:
    """What is on board at the start and after each step."""
    tasks = ground.request.tasks
    on_board = [0] * ground.request.n_dimensions
    for kind, rank in order:
        if kind == "job":
            on_board = [load + amount for load, amount in zip(on_board, tasks[rank].delivers, strict=True)]
    loads = [tuple(on_board)]
    for kind, rank in order:
        if kind != "break":
            task = tasks[rank]
            on_board = [
                load + collects - delivers
                for load, collects, delivers in zip(on_board, task.collects, task.delivers, strict=True)
            ]
        loads.append(tuple(on_board))
    return loads


def fits(load: Sequence[int], most: Sequence[int]) -> bool:
    """Whether a load stays below a limit in every dimension."""
    return all(amount <= limit for amount, limit in zip(load, most, strict=True))


def route_of(ground: Ground, van: int, order: Order, times: Times, ends_u: int = 0) -> Route:
    """Put an order and its times together."""
    actions = actions_of(ground, van, order)
    stages = tuple(
        Stage(kind, rank, times.arrives_u[i], times.begins_u[i], *actions[i]) for i, (kind, rank) in enumerate(order)
    )
    return Route(van, times.leaves_u, stages, times.returns_u, max(times.returns_u, ends_u))


def timed(ground: Ground, van: int, tasks: Sequence[int]) -> Route | None:
    """Return the route of tasks in this order with all breaks of the vehicle; None when something would be late.

    Ends earliest, then leaves latest; a break is taken only with what its ``max_load`` allows on board.
    """
    of = ground.request.vans[van]
    order: Order = tuple((ground.request.tasks[rank].kind, rank) for rank in tasks)
    chain, loads = chain_of(ground, van, order), loads_of(ground, order)
    pauses = [Item(scaled(p.windows, ground.scale), p.service_s * ground.scale, is_break=True) for p in of.breaks]

    def may(done: int, pause: int) -> bool:
        """Whether the load after so many tasks allows this break."""
        most = of.breaks[pause].max_load
        return most is None or fits(loads[done], most)

    done = with_breaks(chain, pauses, may)
    if done is None:
        return None
    times = times_of(merged(chain, pauses, done), ground.scale)
    if times is None:
        return None
    whole: list[tuple[StepKind, int]] = []
    for task in range(len(order) + 1):
        whole += [("break", pause) for pause, at in enumerate(done) if at == task]
        whole += order[task : task + 1]
    return route_of(ground, van, tuple(whole), times)
