"""VROOM's plan mode: routes are given, times are chosen, and what is wrong with them is said.

Windows become soft, the bounds of a step (service_at, service_after, service_before) are hard. Times minimise, in
this order: lead time + delay; how many steps have either; the end; then the route leaves as late and works as early
as it can, and travel that breaks split is done early. Where nothing need be late, passes over the route give this
(``routing.vroom.times``); else CP-SAT does, one aim after the other, independent of any of our searches.

Source: the mathematical model in VROOM's documentation (src/algorithms/validation/mip.tex), whose second aim is the
span of the route.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from routing.vroom.ground import Ground
from routing.vroom.route import Order, Route, chain_of, route_of
from routing.vroom.times import FOREVER, Chain, Item, Times, times_of
from routing.vroom.types import INPUT, INTERNAL, Step, VroomError, Windows

EFFORT = 10.0
"""Deterministic seconds of CP-SAT for one aim: a hundred times what any took; the best so far is used after that."""


def planned(ground: Ground) -> list[Route]:
    """Time the given routes.

    Raises
    ------
    VroomError : code 2, a step's bounds cannot be kept
    """
    return [_timed(ground, van) for van, of in enumerate(ground.request.vans) if of.steps]


def _timed(ground: Ground, van: int) -> Route:
    of = ground.request.vans[van]
    order: Order = tuple((step.kind, step.rank) for step in of.steps if step.kind not in ("start", "end"))
    bounds = [_bounds(step, ground.scale) for step in of.steps if step.kind not in ("start", "end")]
    start = next((_bounds(step, ground.scale) for step in of.steps if step.kind == "start"), (0, FOREVER))
    end = next((_bounds(step, ground.scale) for step in of.steps if step.kind == "end"), (0, FOREVER))
    chain = chain_of(ground, van, order)
    strict = _bounded(chain, bounds, start, end)
    times = None if strict is None else times_of(strict, ground.scale)
    if times is None:
        times = soft_times(chain, bounds, start, end)
    if times is None:
        raise VroomError(
            INPUT, f"{of.at}.steps: no timetable keeps service_at, service_after and service_before; widen them"
        )
    return route_of(ground, van, order, times, end[0])


def _bounds(step: Step, scale: int) -> tuple[int, int]:
    """Earliest and latest beginning that a step allows."""
    after = [bound for bound in (step.service_at_s, step.service_after_s) if bound is not None]
    before = [bound for bound in (step.service_at_s, step.service_before_s) if bound is not None]
    return max(after, default=0) * scale, min(before) * scale if before else FOREVER


def _bounded(
    chain: Chain, bounds: Sequence[tuple[int, int]], start: tuple[int, int], end: tuple[int, int]
) -> Chain | None:
    """The chain with windows cut to what the bounds allow; None when nothing of one is left."""
    items = []
    for item, (after, before) in zip(chain.items, bounds, strict=True):
        windows = item.windows or ((0, FOREVER - 1),)
        cut = tuple((max(a, after), min(b, before)) for a, b in windows if max(a, after) <= min(b, before))
        if not cut:
            return None
        items.append(replace(item, windows=cut))
    leaves = (max(chain.leaves[0], start[0]), start[1])
    returns = (end[0], min(chain.returns[1], end[1]))
    if leaves[0] > leaves[1] or returns[0] > returns[1]:
        return None
    return Chain(tuple(items), chain.legs_u, leaves, returns)


@dataclass(frozen=True, slots=True)
class _Variables:
    """What CP-SAT decides: beginnings from start to end, travel before each step, and how wrong each step is."""

    begins: list[Any]
    travel: list[Any]
    wrong: list[Any]
    off: list[Any]


def soft_times(
    chain: Chain, bounds: Sequence[tuple[int, int]], start: tuple[int, int], end: tuple[int, int]
) -> Times | None:
    """Times of an order in which something must be early or late; None when hard bounds exclude each other."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    low, high = _horizon(chain, [*bounds, start, end])
    steps = [start, *bounds, end]
    if any(max(after, low) > min(before, high) for after, before in steps):
        return None
    begins = [model.new_int_var(max(a, low), min(b, high), "") for a, b in steps]
    travel = _travel(model, chain, begins)
    has = _Variables(begins, travel, [], [])
    _soft(model, has, begins[0], ((chain.leaves[0], FOREVER),), high - low)
    for begin, item in zip(begins[1:-1], chain.items, strict=True):
        _soft(model, has, begin, item.windows, high - low)
    _soft(model, has, begins[-1], ((-FOREVER, chain.returns[1]),), high - low)
    early = sum((step * driven for step, driven in enumerate(travel)), start=0)
    aims = [
        sum(has.wrong),
        sum(has.off),
        begins[-1],
        -begins[0],
        sum(begins[1:-1], start=0),
        early,
    ]
    values = _solved(model, aims, [*begins, *travel])
    if values is None:
        return None
    chosen, driven = values[: len(begins)], values[len(begins) :]
    lengths = [0, *(item.length_u for item in chain.items)]
    arrives = [chosen[i] + lengths[i] + driven[i] for i in range(len(driven))]
    return Times(chosen[0], tuple(arrives[:-1]), tuple(chosen[1:-1]), arrives[-1])


def _horizon(chain: Chain, bounds: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The earliest and the latest moment that matter: no route gains by working farther from all that is asked."""
    asked = [bound for pair in bounds for bound in pair if 0 < bound < FOREVER]
    asked += [end for item in chain.items for window in item.windows for end in window if end < FOREVER]
    asked += [end for end in (chain.leaves[0], chain.returns[1]) if end < FOREVER]
    span = sum(chain.legs_u) + sum(item.length_u for item in chain.items)
    return max(0, min(asked, default=0) - span), max(asked, default=0) + span


def _travel(model: Any, chain: Chain, begins: Sequence[Any]) -> list[Any]:
    """Travel done just before each step but the start; legs are split by breaks, and steps follow each other."""
    travel: list[Any] = []
    leg: list[Any] = []
    legs = iter(chain.legs_u)
    left = next(legs)
    for step, item in enumerate((*chain.items, Item((), 0))):
        driven = model.new_int_var(0, left, "")
        travel.append(driven)
        leg.append(driven)
        length_u = chain.items[step - 1].length_u if step else 0
        model.add(begins[step + 1] >= begins[step] + length_u + driven)
        if not item.is_break:
            model.add(sum(leg) == left)
            leg, left = [], next(legs, 0)
    return travel


def _soft(model: Any, has: _Variables, begin: Any, windows: Windows, most: int) -> None:
    """A step may begin outside its windows, at the price of the distance to the one chosen."""
    if not windows:
        return
    wrong, off = model.new_int_var(0, most, ""), model.new_bool_var("")
    has.wrong.append(wrong)
    has.off.append(off)
    model.add(wrong == 0).only_enforce_if(~off)
    chosen: list[Any] = [model.new_bool_var("") for _ in windows] if len(windows) > 1 else [1]
    if len(windows) > 1:
        model.add(sum(chosen) == 1)
    # Linear in the choice, not enforced window by window: the relaxation sees more of it.
    opens_u = sum(window[0] * pick for window, pick in zip(windows, chosen, strict=True))
    closes_u = sum(window[1] * pick for window, pick in zip(windows, chosen, strict=True))
    if windows[0][0] > -FOREVER:
        model.add(begin + wrong >= opens_u)
    if windows[-1][1] < FOREVER:
        model.add(begin - wrong <= closes_u)


def _solved(model: Any, aims: Sequence[Any], wanted: Sequence[Any]) -> list[int] | None:
    """Minimise one aim after the other and return the wanted values."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = EFFORT
    # Without the linear relaxation, some routes of ten steps kept it without a bound for a minute; with it and a search
    # that follows the bound, 2,100 aims over routes of up to 120 steps took 0.04 s at most.
    solver.parameters.linearization_level = 2
    solver.parameters.optimize_with_lb_tree_search = True
    for aim in aims:
        model.minimize(aim)
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return None
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            raise VroomError(INTERNAL, "no times found for a given route; please report this problem")
        if not isinstance(aim, int):
            model.add(aim <= round(solver.objective_value))
        model.clear_hints()
        for value in wanted:
            model.add_hint(value, solver.value(value))
    return [solver.value(value) for value in wanted]
