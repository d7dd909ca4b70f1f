"""What is wrong with a timed route, in VROOM's names: step by step, and summed up."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from routing.vroom.ground import Ground
from routing.vroom.route import Order, Route, fits, loads_of, places_of
from routing.vroom.types import Van, Windows

CAUSES = (
    "lead_time",
    "delay",
    "load",
    "max_tasks",
    "skills",
    "precedence",
    "missing_break",
    "max_travel_time",
    "max_distance",
    "max_load",
)
"""Every cause there is; the first two have a duration."""


@dataclass(slots=True)
class Causes:
    """Causes of violation, each with seconds, 0 where it has no measure."""

    seconds: dict[str, int] = field(default_factory=dict)

    def add(self, cause: str, by_s: int = 0) -> None:
        """Note a cause, or more of it."""
        self.seconds[cause] = self.seconds.get(cause, 0) + by_s

    def as_json(self) -> list[dict[str, object]]:
        """Return VROOM's list of objects."""
        named = [cause for cause in CAUSES if cause in self.seconds]
        return [
            {"cause": cause, "duration": self.seconds[cause]} if cause in ("lead_time", "delay") else {"cause": cause}
            for cause in named
        ]


def summed(parts: Iterable[Causes]) -> Causes:
    """Causes of several parts as one."""
    whole = Causes()
    for part in parts:
        for cause, by_s in part.seconds.items():
            whole.add(cause, by_s)
    return whole


@dataclass(frozen=True, slots=True)
class Figures:
    """What a route comes to, step by step from start to end, in whole seconds and metres.

    Parameters
    ----------
    arrives_s, waits_s, travel_s, distance_m : travel and distance since the start; a break's distance is its share of
        the leg it splits
    loads : on board after each step
    causes : what is wrong at each step
    missing : breaks that are not taken
    """

    arrives_s: list[int]
    waits_s: list[int]
    travel_s: list[int]
    distance_m: list[int]
    loads: list[tuple[int, ...]]
    causes: list[Causes]
    missing: Causes

    @property
    def all_causes(self) -> Causes:
        """Everything that is wrong with the route."""
        return summed([*self.causes, self.missing])


def figures_of(ground: Ground, route: Route) -> Figures:
    """Work out what VROOM reports of a route."""
    of, scale = ground.request.vans[route.van], ground.scale
    order: Order = tuple((stage.kind, stage.rank) for stage in route.stages)
    loads = loads_of(ground, order)
    loads.append(loads[-1])
    arrives_s = [
        route.leaves_u // scale,
        *(stage.arrives_u // scale for stage in route.stages),
        route.returns_u // scale,
    ]
    begins_s = [arrives_s[0], *(stage.begins_u // scale for stage in route.stages), route.ends_u // scale]
    actions_s = [0, *(stage.setup_s + stage.service_s for stage in route.stages), 0]
    travel_s = [0]
    for step in range(1, len(arrives_s)):
        travel_s.append(travel_s[-1] + arrives_s[step] - begins_s[step - 1] - actions_s[step - 1])
    distance_m = _distances(ground, route.van, order, travel_s)
    causes = [Causes() for _ in arrives_s]
    if of.window:
        _early(causes[0], of.window[0] - begins_s[0])
        _late(causes[-1], begins_s[-1] - of.window[1])
    for step, found in enumerate(causes):
        if not fits(loads[step], of.capacity):
            found.add("load")
        if of.max_travel_time_s is not None and travel_s[step] > of.max_travel_time_s:
            found.add("max_travel_time")
        if of.max_distance_m is not None and distance_m[step] > of.max_distance_m:
            found.add("max_distance")
    _steps(ground, of, order, begins_s, loads, causes)
    _precedence(ground, order, causes)
    missing = Causes()
    if {rank for kind, rank in order if kind == "break"} != set(range(len(of.breaks))):
        missing.add("missing_break")
    waits_s = [begins - arrives for begins, arrives in zip(begins_s, arrives_s, strict=True)]
    return Figures(arrives_s, waits_s, travel_s, distance_m, loads, causes, missing)


def cost_of(ground: Ground, route: Route, figures: Figures) -> int:
    """What a route costs, from the figures that are reported of it, the service of its breaks included.

    Travel is rounded half up, tasks down, as VROOM does when there are windows; without any it rounds travel down.
    """
    of, own = ground.request.vans[route.van], ground.costs[ground.request.vans[route.van].profile]
    worked_s = sum(stage.setup_s + stage.service_s for stage in route.stages)
    if own is None:
        travel = Fraction(figures.travel_s[-1] * of.per_hour, 3600) + Fraction(figures.distance_m[-1] * of.per_km, 1000)
    else:
        places = places_of(ground, route.van, tuple((stage.kind, stage.rank) for stage in route.stages))
        legs = [(a, b) for a, b in itertools.pairwise(places) if a is not None and b is not None]
        travel = Fraction(sum(int(own[a, b]) for a, b in legs))
    return of.fixed + math.floor(travel + Fraction(1, 2)) + worked_s * of.per_task_hour // 3600


def _distances(ground: Ground, van: int, order: Order, travel_s: Sequence[int]) -> list[int]:
    """Distance since the start, at each step; on the way to a break, in proportion to time."""
    of = ground.request.vans[van]
    places = places_of(ground, van, order)
    legs_m = [ground.leg_m(of, a, b) for a, b in itertools.pairwise(places)]
    whole_m, at_m, leg, left_s = 0, [0], 0, 0
    for step in range(1, len(travel_s)):
        if step <= len(order) and order[step - 1][0] == "break":
            places_u = ground.leg_u(of, places[leg], places[leg + 1])
            share = min(1.0, (travel_s[step] - left_s) * ground.scale / places_u) if places_u else 0.0
            at_m.append(whole_m + round(legs_m[leg] * share))
            continue
        whole_m += legs_m[leg]
        at_m.append(whole_m)
        leg, left_s = leg + 1, travel_s[step]
    return at_m


def _steps(
    ground: Ground,
    of: Van,
    order: Order,
    begins_s: Sequence[int],
    loads: Sequence[tuple[int, ...]],
    causes: Sequence[Causes],
) -> None:
    """What tasks and breaks ask for: their windows, skills, number, load."""
    n_tasks = 0
    for step, (kind, rank) in enumerate(order, 1):
        if kind == "break":
            pause = of.breaks[rank]
            _outside(causes[step], pause.windows, begins_s[step])
            if pause.max_load is not None and not fits(loads[step], pause.max_load):
                causes[step].add("max_load")
            continue
        task = ground.request.tasks[rank]
        n_tasks += 1
        _outside(causes[step], task.windows, begins_s[step])
        if not task.skills <= of.skills:
            causes[step].add("skills")
        if of.max_tasks is not None and n_tasks > of.max_tasks:
            causes[step].add("max_tasks")


def _precedence(ground: Ground, order: Order, causes: Sequence[Causes]) -> None:
    """Either end of a shipment whose other end is missing, or on the wrong side."""
    tasks = ground.request.tasks
    step_of = {rank: step for step, (kind, rank) in enumerate(order, 1) if kind != "break"}
    for rank, step in step_of.items():
        mate = tasks[rank].mate
        if mate is None:
            continue
        other = step_of.get(mate)
        if other is None or (other < step) != (tasks[rank].kind == "delivery"):
            causes[step].add("precedence")


def _outside(causes: Causes, windows: Windows, begins_s: int) -> None:
    """How far a beginning lies from the nearest window; behind the one before where both are as near."""
    if not windows or any(opens_s <= begins_s <= closes_s for opens_s, closes_s in windows):
        return
    late_s = min((begins_s - closes_s for _, closes_s in windows if closes_s < begins_s), default=None)
    early_s = min((opens_s - begins_s for opens_s, _ in windows if opens_s > begins_s), default=None)
    if early_s is None or (late_s is not None and late_s <= early_s):
        _late(causes, late_s or 0)
    else:
        _early(causes, early_s)


def _early(causes: Causes, by_s: int) -> None:
    if by_s > 0:
        causes.add("lead_time", by_s)


def _late(causes: Causes, by_s: int) -> None:
    if by_s > 0:
        causes.add("delay", by_s)
