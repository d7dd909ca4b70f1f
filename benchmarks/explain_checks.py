"""What suite explain holds against an explanation: each change is enough, one unit less is not, and none is missing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.explain_insertion import cheapest_spot
from routing.arrays import arrays_of
from routing.check import cost, violations
from routing.errors import RoutingError
from routing.experiment import Change
from routing.explain import LeftOut
from routing.plans import orders_of, plan_of
from routing.types import UNREACHABLE, Plan, Problem, Stop, Vehicle

WITHOUT_REMEDY = frozenset({"unreachable", "too_long"})
"""Codes that may come without a change."""

UNITS = {
    "closes_s": 60,
    "opens_s": -60,
    "shift_ends_s": 60,
    "shift_starts_s": -60,
    "max_stops": 1,
    "max_travel_s": 60,
    "max_distance_m": 100,
}
"""By field, the step in which a file could say it, in the direction that helps."""

OF_KIND = {
    "window": ("closes_s", "opens_s"),
    "shift": ("shift_ends_s", "shift_starts_s"),
    "max_stops": ("max_stops",),
    "max_travel": ("max_travel_s",),
    "max_distance": ("max_distance_m",),
}
"""By kind of change that has a size, the fields that may be meant."""

_DAY_S, _TWO_DAYS_S = 86_400, 2 * 86_400


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing wrong with an explanation; ``day`` and ``stop`` are enough to see it again."""

    day: int
    stop: str
    kind: str
    what: str


class Case:
    """One left-out stop of a plan in force."""

    def __init__(self, day: int, problem: Problem, plan: Plan, told: LeftOut) -> None:
        self.day, self.problem, self.plan, self.told = day, problem, plan, told
        self.orders = orders_of(problem, plan)
        self.stop = next(number for number, stop in enumerate(problem.stops) if stop.id == told.stop)
        self.wanted = problem.stops[self.stop]

    def failures(self) -> Iterator[Failure]:
        """Everything wrong with what was told of this stop."""
        if cheapest_spot(self.problem, self.orders, self.stop) is not None:
            yield self._failure("insertion", "the stop fits and pays as it is")
            return
        yield from self._code()
        for change in self.told.changes:
            yield from self._enough(change)
            yield from self._smallest(change)
        yield from self._missed()

    def _code(self) -> Iterator[Failure]:
        told, vehicles = self.told, self.problem.vehicles
        if not told.code:
            yield self._failure("code", "no reason code")
        if not told.changes and told.code not in WITHOUT_REMEDY:
            yield self._failure("code", f"{told.code} without any change")
        duration = self.problem.matrix.duration_s
        apart = all(
            max(duration[v.start_place, self.wanted.place], duration[self.wanted.place, v.end_place]) >= UNREACHABLE
            for v in vehicles
        )
        longer = all(self.wanted.service_s > v.shift_ends_s - v.shift_starts_s for v in vehicles)
        if (told.code == "unreachable") != apart:
            yield self._failure("code", f"{told.code}, but roads say unreachable = {apart}")
        elif not apart and (told.code == "too_long") != longer:
            yield self._failure("code", f"{told.code}, but shifts say too long = {longer}")
        order = [(change.kind == "vehicle", change.extra_points) for change in told.changes]
        if order != sorted(order):
            yield self._failure("code", "the cheapest change does not come first")

    def _enough(self, change: Change) -> Iterator[Failure]:
        """Applied, the change must give a plan that the judge accepts, with everybody where they were."""
        changed = applied(self.problem, self.stop, change)
        orders = [list(order) for order in self.orders]
        orders += [[] for _ in range(len(changed.vehicles) - len(orders))]
        vehicle = next((v for v, driver in enumerate(changed.vehicles) if driver.id == change.vehicle), None)
        spot = None if vehicle is None else cheapest_spot(changed, orders, self.stop, [vehicle])
        if spot is None:
            yield self._failure(change.kind, f"not enough: {_said(change)}")
            return
        if spot.extra_points != change.extra_points:
            yield self._failure(change.kind, f"costs {spot.extra_points} more, told {change.extra_points}")
        orders[spot.vehicle].insert(spot.position, self.stop)
        try:
            plan = plan_of(arrays_of(changed), orders)
        except RoutingError as error:
            yield self._failure(change.kind, f"no timetable after {_said(change)}: {error}")
            return
        found = violations(changed, plan)
        if found:
            yield self._failure(change.kind, f"the judge refuses {_said(change)}: {found[0].message}")
        if set(plan.unassigned) != set(self.plan.unassigned) - {self.told.stop}:
            yield self._failure(change.kind, f"another stop is lost by {_said(change)}")
        if cost(changed, plan).total >= cost(changed, self.plan).total:
            yield self._failure(change.kind, f"does not pay: {_said(change)}")

    def _smallest(self, change: Change) -> Iterator[Failure]:
        """One unit less, of this or of another field or subject of the kind, must not be enough."""
        if change.kind == "price":
            to = change.to if isinstance(change.to, int) else 0
            cheaper = _with_stop(self.problem, self.stop, replace(self.wanted, unserved_cost=to - 1))
            if cheapest_spot(cheaper, self.orders, self.stop) is not None:
                yield self._failure("price", f"one point less than {to} is enough")
        elif change.kind in OF_KIND and change.field is not None and isinstance(change.to, int):
            units = (change.to - self._value(change)) // UNITS[change.field]
            if units < 1:
                yield self._failure(change.kind, f"{_said(change)} is no change that helps")
                return
            for field in OF_KIND[change.kind]:
                if self._works(field, units - 1):
                    yield self._failure(change.kind, f"{units - 1} units of {field} are enough, told {_said(change)}")
        elif change.kind == "skill" and isinstance(change.to, frozenset):
            held = next(driver.skills for driver in self.problem.vehicles if driver.id == change.subject)
            if len(change.to - held) != 1 or held - change.to:
                yield self._failure("skill", f"{sorted(held)} becomes {sorted(change.to)}: not one skill more")
        elif change.kind == "excluded" and isinstance(change.to, frozenset):
            excluded = self.wanted.excluded_vehicles
            if len(excluded - change.to) != 1 or change.to - excluded:
                yield self._failure("excluded", f"{_said(change)}: not one person fewer")

    def _missed(self) -> Iterator[Failure]:
        """A kind of change that is not offered must not help at its largest."""
        offered = {change.kind for change in self.told.changes}
        for kind, fields in OF_KIND.items():
            if kind not in offered and any(self._works(field, self._most(field)) for field in fields):
                yield self._failure(kind, "not offered, but it would help")
        endless = _with_stop(self.problem, self.stop, replace(self.wanted, unserved_cost=UNREACHABLE))
        if "price" not in offered and cheapest_spot(endless, self.orders, self.stop) is not None:
            yield self._failure("price", "not offered, but it would help")

    def _works(self, field: str, units: int | None) -> bool:
        """Whether so many units of a field, at whoever has it, get the stop served. None: as many as can be said."""
        if units == 0:
            return False
        if field in ("closes_s", "opens_s"):
            moved = _moved_window(self.wanted, field, units)
            if moved is None:
                return False
            return cheapest_spot(_with_stop(self.problem, self.stop, moved), self.orders, self.stop) is not None
        for v, driver in enumerate(self.problem.vehicles):
            roomier = _moved_vehicle(driver, field, units)
            if roomier is not None:
                changed = _with_vehicle(self.problem, v, roomier)
                if cheapest_spot(changed, self.orders, self.stop, [v]) is not None:
                    return True
        return False

    def _most(self, field: str) -> int | None:
        return {"max_stops": len(self.problem.stops), "max_travel_s": 1440, "max_distance_m": 20_000}.get(field)

    def _value(self, change: Change) -> int:
        if change.field == "closes_s":
            return self.wanted.windows[-1].closes_s
        if change.field == "opens_s":
            return self.wanted.windows[0].opens_s
        driver = next(driver for driver in self.problem.vehicles if driver.id == change.subject)
        return int(getattr(driver, change.field or "") or 0)

    def _failure(self, kind: str, what: str) -> Failure:
        return Failure(self.day, self.told.stop, kind, what)


def applied(problem: Problem, stop: int, change: Change) -> Problem:
    """The problem as it would be."""
    wanted = problem.stops[stop]
    to: Any = change.to
    if isinstance(change.to, Vehicle):
        if change.also is not None:
            wanted = replace(wanted, **{change.also: getattr(wanted, change.also) | {change.to.id}})
        return replace(_with_stop(problem, stop, wanted), vehicles=(*problem.vehicles, change.to))
    if change.subject == wanted.id and change.field in ("closes_s", "opens_s"):
        edge = -1 if change.field == "closes_s" else 0
        windows = list(wanted.windows)
        windows[edge] = replace(windows[edge], **{change.field: to})
        return _with_stop(problem, stop, replace(wanted, windows=tuple(windows)))
    field = change.field or ""
    if change.subject == wanted.id:
        return _with_stop(problem, stop, replace(wanted, **{field: to}))
    vehicle = next(v for v, driver in enumerate(problem.vehicles) if driver.id == change.subject)
    return _with_vehicle(problem, vehicle, replace(problem.vehicles[vehicle], **{field: to}))


def _moved_window(wanted: Stop, field: str, units: int | None) -> Stop | None:
    """The stop with its first window opening earlier, or its last closing later; None when a file cannot say it."""
    if not wanted.windows:
        return None
    windows = list(wanted.windows)
    edge = -1 if field == "closes_s" else 0
    value = getattr(windows[edge], field)
    room = (_TWO_DAYS_S - 60 - value) // 60 if field == "closes_s" else value // 60
    steps = room if units is None else units
    if not 0 < steps <= room:
        return None
    windows[edge] = replace(windows[edge], **{field: value + steps * UNITS[field]})
    return replace(wanted, windows=tuple(windows))


def _moved_vehicle(driver: Vehicle, field: str, units: int | None) -> Vehicle | None:
    value = getattr(driver, field)
    if value is None:
        return None
    if field.startswith("shift"):
        room = (_DAY_S - (driver.shift_ends_s - driver.shift_starts_s)) // 60
        if field == "shift_starts_s":
            room = min(room, driver.shift_starts_s // 60)
        steps = room if units is None else units
        return replace(driver, **{field: value + steps * UNITS[field]}) if 0 < steps <= room else None
    return replace(driver, **{field: value + (units or 0) * UNITS[field]})


def _with_stop(problem: Problem, number: int, stop: Stop) -> Problem:
    return replace(problem, stops=(*problem.stops[:number], stop, *problem.stops[number + 1 :]))


def _with_vehicle(problem: Problem, number: int, vehicle: Vehicle) -> Problem:
    return replace(problem, vehicles=(*problem.vehicles[:number], vehicle, *problem.vehicles[number + 1 :]))


def _said(change: Change) -> str:
    return f"{change.subject}.{change.field} to {change.to!r}" if change.field else f"a new {change.subject}"
