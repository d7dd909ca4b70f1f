"""An urgent job into a plan in force: a free place, room made by lesser visits, a short search, or a reason."""

import time
from dataclasses import dataclass, field, replace

import numpy as np

from routing.check import change_violations, violations
from routing.errors import SolveFailed
from routing.experiment import with_what_it_needs
from routing.explain import LeftOut, why_left_out
from routing.improve.lean import columns as at
from routing.insertion import insert_unit, place_unit
from routing.live.day import LiveDay, Rows
from routing.live.places import begin, cheapest_place, keep, make_room, mildest_place, place
from routing.live.promises import moved_promises
from routing.live.search import search
from routing.orders import Orders
from routing.types import Plan

RUNS_TRIED = 16
"""Of the runs of lesser visits that would make room, how many are tried with what is in them going elsewhere."""

SEARCH_S = 0.02
"""Seconds of ruin and recreate when neither a free place nor lesser visits make room: a person still waits at the phone."""


@dataclass(frozen=True, slots=True)
class Inserted:
    """What became of an urgent job.

    Parameters
    ----------
    stop : its id
    how : "place" (between two stops), "eviction" (in place of lesser visits), "search", or "refused"
    plan : the plan with the job, which the judge has accepted; the one in force when refused
    vehicle, starts_s : who comes, and when service begins; None when refused
    evicted : stops that nobody serves any more
    moved : served stops that another person serves now, or that begin over a quarter of an hour from before
    reason : when refused, why, with changes that the judge has verified
    unstated : what the fast kernel does not state of the problem: then only free places were looked for, in Python
    seconds : by step: "place", "eviction", "search", "timetable", "judge", "reason"
    """

    stop: str
    how: str
    plan: Plan
    vehicle: str | None = None
    starts_s: int | None = None
    evicted: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    reason: LeftOut | None = None
    unstated: str = ""
    seconds: dict[str, float] = field(default_factory=dict, compare=False)


class _Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._since
        self._since = now


def insert(day: LiveDay, stop: str, *, evict: bool = True, search_s: float = SEARCH_S, commit: bool = True) -> Inserted:
    """Put an urgent job into the plan in force behind what is frozen, or say why that cannot be.

    A free place is taken where it is cheapest, if that costs less than leaving the job out. Otherwise a run of visits
    that together weigh less than the job gives way, each going elsewhere where it can; then ruin and recreate around
    the job has ``search_s`` seconds. No step leaves the plan dearer than it was with the job left out.

    Parameters
    ----------
    stop : id of a stop of the day that the plan does not serve
    evict : whether lesser visits may give way, some of them for good; without it there is no search either
    search_s : seconds of the search; 0 for none
    commit : put the new plan in force; otherwise the day stays as it is

    Raises
    ------
    ValueError : an unknown stop, one that is served, or seconds below 0
    SolveFailed : the judge refuses the new plan, which is a fault of ours; the day stays as it is
    """
    number = day.stop_at.get(stop)
    if number is None:
        raise ValueError(f"no stop of this day is called {stop!r}")
    if stop not in day.plan.unassigned:
        raise ValueError(f"stop {stop!r} is served already")
    if not search_s >= 0.0:
        raise ValueError(f"search_s {search_s!r} must be 0 or more")
    clock = _Clock()
    if day.rows is None:
        how, changed = "place", _by_hand(day, number)
        clock.lap("place")
        plan = None if changed is None else day.with_orders(changed)
        clock.lap("timetable")
    else:
        how, plan, changed = _by_kernel(day, day.rows, number, clock, search_s if evict else -1.0)
    if plan is None or changed is None:
        return _refused(day, stop, clock)
    found = change_violations(day.problem, day.plan, plan)
    if found is None:
        found = violations(day.problem, plan)
    clock.lap("judge")
    if found and day.rows is not None:
        day.rows.go_back()
    if found:
        raise SolveFailed(f"the judge refuses the plan with {stop}: {found[0].message}; please report this problem")
    route, visit = next((route, v) for route in plan.routes for v in route.visits if v.stop_id == stop)
    told = Inserted(
        stop,
        how,
        plan,
        route.vehicle_id,
        visit.service_starts_s,
        tuple(sorted(set(plan.unassigned) - set(day.plan.unassigned))),
        tuple(moved_promises(day.problem, *_differing(day.plan, plan))),
        unstated=day.unstated,
        seconds=clock.seconds,
    )
    if commit:
        day.take(plan, changed)
    elif day.rows is not None:
        day.rows.go_back()
    return told


def _by_kernel(
    day: LiveDay, rows: Rows, stop: int, clock: _Clock, search_s: float
) -> tuple[str, Plan | None, dict[int, list[int]] | None]:
    """The first step that finds room; the rows are as it leaves them, or as they were. Below 0 nothing gives way."""
    ground, state = rows.ground, rows.state
    worth = int(ground.worth[stop])
    look = mildest_place if len(ground.promise) else cheapest_place
    added, vehicle, position = look(ground, state, stop)
    clock.lap("place")
    rows.remember()
    if added < worth:
        begin(state)
        place(ground, state, stop, vehicle, position)
        keep(state, added - worth)
        plan, changed = _timed(day, rows, clock)
        if plan is not None:
            return "place", plan, changed
    if search_s < 0.0:
        return "refused", None, None
    gained = make_room(ground, state, stop, np.empty((RUNS_TRIED, 4), np.int64))
    clock.lap("eviction")
    if gained < 0:
        keep(state, gained)
        plan, changed = _timed(day, rows, clock)
        if plan is not None:
            return "eviction", plan, changed
    placed = search_s > 0.0 and search(rows, stop, search_s)
    clock.lap("search")
    if not placed:
        return "refused", None, None
    plan, changed = _timed(day, rows, clock)
    if plan is None:
        return "refused", None, None
    rows.settle(plan.objective.total)
    return "search", plan, changed


def _timed(day: LiveDay, rows: Rows, clock: _Clock) -> tuple[Plan | None, dict[int, list[int]]]:
    """The plan of the rows and the orders that are new in it; None, and the rows as they were, when it is no cheaper.

    The kernel's word on promised times is a bound, and the search's sum counts rows that have since gone back.
    """
    changed = {v: rows.order(v) for v in rows.changed()}
    plan = day.with_orders(changed)
    if plan.objective.total >= day.plan.objective.total:
        rows.go_back()
        clock.lap("timetable")
        return None, changed
    rows.state.numbers[[at.TOTAL, at.BEST]] = plan.objective.total
    clock.lap("timetable")
    return plan, changed


def _differing(before: Plan, after: Plan) -> tuple[Plan, Plan]:
    """Two plans without the routes that are the same in both."""
    same = {id(route) for route in before.routes} & {id(route) for route in after.routes}
    one, other = (replace(p, routes=tuple(r for r in p.routes if id(r) not in same)) for p in (before, after))
    return one, other


def _by_hand(day: LiveDay, stop: int) -> dict[int, list[int]] | None:
    """Orders by vehicle with the stop, and what it cannot be served without, where it is cheapest if that pays."""
    orders = Orders(day.arrays, day.orders)
    group = with_what_it_needs(orders, stop)
    placed = place_unit(orders, group)
    if placed is None or placed.extra_points >= sum(day.arrays.stops[other].unserved_cost for other in group):
        return None
    insert_unit(orders, placed)
    return {place.vehicle: orders.orders[place.vehicle] for _, place in placed.steps}


def _refused(day: LiveDay, stop: str, clock: _Clock) -> Inserted:
    reason = why_left_out(day.problem, day.plan, [stop])[0]
    clock.lap("reason")
    return Inserted(stop, "refused", day.plan, reason=reason, unstated=day.unstated, seconds=clock.seconds)
