"""The gate: OR-Tools' own word on any plan, whoever made it, and what it says the plan costs.

Orders, starts of service, breaks, leaving and being back are settled as the plan states them, and OR-Tools is asked
whether that is a solution of the model. Fixed routes depend on each other through ties alone: so they are loaded in
groups, which is exact and, unlike one model of everything, stays quick on large plans.

What a model of orders and times cannot see is looked at first: that the plan speaks of each stop once, and that the
figures it states follow from each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from routing.check import cost
from routing.gate_figures import (
    Known,
    actions_s,
    figures_hold,
    known,
    misshapen,
    pieces,
)
from routing.model import Model, build_part
from routing.model.layout import layout_of
from routing.model.time import Given
from routing.types import Plan, Problem, Route

GROUP_ROUTES = 10
"""Routes loaded at once: a model takes time with the square of its stops."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a plan.

    Parameters
    ----------
    accepted : whether it may be driven as it stands and costs what it states
    points : OR-Tools' objective, None when some group of routes did not load
    refused : ids of the vehicles whose routes are wrong, or that were loaded together with one that is
    """

    accepted: bool
    points: int | None
    refused: tuple[str, ...] = ()


def gate(problem: Problem, plan: Plan) -> Verdict:
    """Load a plan into OR-Tools with its times fixed.

    Says no without a reason: ``routing.check`` gives the reasons, and what each component should be; whether OR-Tools' own
    sum is the same is for the gate to say. About 5 ms at 200 × 20, 30 ms at 1,000 × 100.
    """
    about = known(problem)
    wrong = misshapen(about, plan)
    if wrong is None:
        return Verdict(accepted=False, points=None)
    takes_s = {route.vehicle_id: actions_s(about, route) for route in plan.routes}
    sound = (route for route in plan.routes if route.vehicle_id not in wrong)
    wrong |= {route.vehicle_id for route in sound if not figures_hold(about, route, takes_s[route.vehicle_id])}
    if wrong:
        return Verdict(accepted=False, points=None, refused=_in_order(problem, wrong))
    due = cost(problem, plan)
    points = due.unserved
    for group in _groups(problem, plan):
        costs = _load(about, group, takes_s)
        if costs is None:
            wrong |= {route.vehicle_id for route in group.routes}
        else:
            points += costs
    if wrong:
        return Verdict(accepted=False, points=None, refused=_in_order(problem, wrong))
    return Verdict(accepted=plan.objective == due and points == due.total, points=points)


def _in_order(problem: Problem, names: set[str]) -> tuple[str, ...]:
    return tuple(vehicle.id for vehicle in problem.vehicles if vehicle.id in names)


@dataclass(frozen=True, slots=True)
class _Group:
    """Routes to be loaded together, and the stops left out that are tied to theirs."""

    routes: tuple[Route, ...]
    left_out: tuple[str, ...]


def _groups(problem: Problem, plan: Plan) -> Iterator[_Group]:
    """Routes that are tied to each other in one group, with others up to ``GROUP_ROUTES``."""
    head: dict[str, str] = {}

    def head_of(name: str) -> str:
        while head.setdefault(name, name) != name:
            name = head[name]
        return name

    ties: list[tuple[str, ...]] = [(link.pickup, link.delivery) for link in problem.deliveries]
    ties += [(link.first, link.then) for link in problem.successions]
    ties += [crew.stops for crew in problem.crews]
    routes = [tuple(visit.stop_id for visit in route.visits) for route in plan.routes] if ties else []
    for names in (*ties, *routes):
        for name in names[1:]:
            head[head_of(name)] = head_of(names[0])
    tied = {name for names in ties for name in names}
    parts: dict[str, list[Route]] = {}
    for route in plan.routes:
        parts.setdefault(head_of(route.visits[0].stop_id), []).append(route)
    left_out: dict[str, list[str]] = {}
    for name in plan.unassigned:
        if name in tied:
            left_out.setdefault(head_of(name), []).append(name)
    together: list[Route] = []
    beside: list[str] = []
    for part, members in parts.items():
        if together and len(together) + len(members) > GROUP_ROUTES:
            yield _Group(tuple(together), tuple(beside))
            together, beside = [], []
        together += members
        beside += left_out.get(part, [])
    if together:
        yield _Group(tuple(together), tuple(beside))


def _load(about: Known, group: _Group, takes_s: dict[str, list[int]]) -> int | None:
    """OR-Tools' objective of a group without the price of what it leaves out, None when it does not accept it."""
    served = [visit.stop_id for route in group.routes for visit in route.visits]
    stops = [about.stops[name] for name in (*served, *group.left_out)]
    positions = iter(range(len(served)))
    orders = [[next(positions) for _ in route.visits] for route in group.routes]
    layout = layout_of(about.problem, stops, [about.vehicles[route.vehicle_id] for route in group.routes], orders)
    action_s = [action_s for route in group.routes for action_s in takes_s[route.vehicle_id]]
    given = Given(
        n_served=len(served),
        action_s=np.array([*action_s, *[0] * len(group.left_out)], dtype=np.int64),
        rests=tuple(tuple(pieces(route, takes_s[route.vehicle_id])) for route in group.routes),
    )
    model = build_part(layout, given)
    if not _settle(model, group.routes):
        return None
    assignment = model.assignment(orders)
    if assignment is None:
        return None
    return int(assignment.ObjectiveValue()) - sum(about.stops[name].unserved_cost for name in group.left_out)


def _settle(model: Model, routes: Sequence[Route]) -> bool:
    """Fix every time as the plan states it; False when the model does not allow one of them, or who comes."""
    clock, routing, stop = model.clock, model.routing, 0
    for vehicle, route in enumerate(routes):
        moments_s = {routing.Start(vehicle): route.starts_s, routing.End(vehicle): route.ends_s}
        for visit in route.visits:
            moments_s[stop] = visit.service_starts_s
            if not routing.VehicleVar(stop).Contains(vehicle):
                return False
            stop += 1
        for index, moment_s in moments_s.items():
            cumul = clock.starts.CumulVar(index)
            if not cumul.Contains(moment_s - clock.earliest_s):
                return False
            cumul.SetValue(moment_s - clock.earliest_s)
    return True
