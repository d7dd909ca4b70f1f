"""Stops that depend on each other: deliveries, successions, crews, and the frozen beginning of a route."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from routing.check.reading import Reading
from routing.check.violation import Violation
from routing.types import Crew, Delivery, Plan, Problem, Route, Succession, Vehicle


@dataclass(frozen=True, slots=True)
class _Served:
    """Who serves a stop, as which of the plan's visits, and from when to when."""

    vehicle_id: str
    number: int
    starts_s: int
    ends_s: int


def tie_violations(problem: Problem, plan: Plan, read: Sequence[Reading]) -> Iterator[Violation]:
    """Everything wrong between stops; ties to stops of a route that cannot be read are not judged."""
    yield from _frozen(problem, plan)
    served = _visits(read)
    unread = {visit.stop_id for route in plan.routes for visit in route.visits} - set(served)
    freezes = {case.stop: vehicle.id for vehicle in problem.vehicles for case in vehicle.frozen}
    for delivery in problem.deliveries:
        if not unread & {delivery.pickup, delivery.delivery}:
            yield from _delivery(delivery, served, freezes)
    for succession in problem.successions:
        if succession.then not in freezes and not unread & {succession.first, succession.then}:
            yield from _succession(succession, served)
    for crew in problem.crews:
        if not freezes.keys() & set(crew.stops) and not unread & set(crew.stops):
            yield from _crew(crew, served)


def _visits(read: Sequence[Reading]) -> dict[str, _Served]:
    """The first visit to each stop; a second one is a violation of its own."""
    served: dict[str, _Served] = {}
    number = 0
    for route in read:
        for visit, action_s in zip(route.route.visits, route.actions_s, strict=True):
            starts_s = visit.service_starts_s
            served.setdefault(visit.stop_id, _Served(route.vehicle.id, number, starts_s, starts_s + action_s))
            number += 1
    return served


def _frozen(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Each frozen stop is where and when its vehicle froze it."""
    routes: dict[str, Route] = {}
    for route in plan.routes:
        routes.setdefault(route.vehicle_id, route)
    for vehicle in problem.vehicles:
        if vehicle.frozen:
            yield from _frozen_of(vehicle, routes.get(vehicle.id))


def _frozen_of(vehicle: Vehicle, route: Route | None) -> Iterator[Violation]:
    visits = () if route is None else route.visits
    for number, case in enumerate(vehicle.frozen):
        if number >= len(visits) or visits[number].stop_id != case.stop:
            message = f"{case.stop} is frozen as stop {number + 1} of {vehicle.id} and is not there"
            yield Violation("frozen", case.stop, message)
        elif visits[number].service_starts_s != case.starts_s:
            moved_s = visits[number].service_starts_s - case.starts_s
            when = f"{abs(moved_s)} s {'later' if moved_s > 0 else 'earlier'}"
            message = f"service at {case.stop} is frozen at {case.starts_s} s and begins {when}"
            yield Violation("frozen", case.stop, message, abs(moved_s))


def _delivery(link: Delivery, served: Mapping[str, _Served], freezes: Mapping[str, str]) -> Iterator[Violation]:
    fetched, brought = served.get(link.pickup), served.get(link.delivery)
    if brought is None:
        # What was fetched for good may stay aboard.
        if fetched is not None and link.pickup not in freezes:
            message = f"{link.pickup} is fetched, but {link.delivery}, where it goes, is not served"
            yield Violation("delivery_pair", link.delivery, message)
        return
    if fetched is None:
        message = f"{link.delivery} is served, but {link.pickup}, which is fetched for it, is not"
        yield Violation("delivery_pair", link.pickup, message)
    holder = freezes.get(link.pickup, (brought if fetched is None else fetched).vehicle_id)
    if brought.vehicle_id != holder:
        message = f"what {holder} fetches at {link.pickup} is brought to {link.delivery} by {brought.vehicle_id}"
        yield Violation("delivery_vehicle", link.delivery, message)
    elif fetched is not None and brought.vehicle_id == fetched.vehicle_id and brought.number < fetched.number:
        n_stops = fetched.number - brought.number
        message = f"{link.delivery} is served before {link.pickup}, which is fetched for it"
        yield Violation("delivery_order", link.delivery, message, n_stops)


def _succession(link: Succession, served: Mapping[str, _Served]) -> Iterator[Violation]:
    first, then = served.get(link.first), served.get(link.then)
    if then is None:
        return
    if first is None:
        message = f"{link.then} is served, but {link.first}, which must come before, is not"
        yield Violation("succession", link.then, message)
        return
    gap_s = then.starts_s - first.ends_s
    if gap_s < link.least_s:
        message = f"{link.then} begins {link.least_s - gap_s} s too early after {link.first}"
        yield Violation("succession_gap", link.then, message, link.least_s - gap_s)
    if link.most_s is not None and gap_s > link.most_s:
        message = f"{link.then} begins {gap_s - link.most_s} s too late after {link.first}"
        yield Violation("succession_gap", link.then, message, gap_s - link.most_s)


def _crew(crew: Crew, served: Mapping[str, _Served]) -> Iterator[Violation]:
    present = [name for name in crew.stops if name in served]
    if not present:
        return
    for name in crew.stops:
        if name not in served:
            message = f"{name} is not served, but {present[0]} of the same crew is"
            yield Violation("crew", name, message)
    first = min(present, key=lambda name: served[name].starts_s)
    last = max(present, key=lambda name: served[name].starts_s)
    apart_s = served[last].starts_s - served[first].starts_s
    if apart_s:
        message = f"{last} begins {apart_s} s after {first} of the same crew"
        yield Violation("crew_time", last, message, apart_s)
    comes: dict[str, str] = {}
    for name in present:
        other = comes.setdefault(served[name].vehicle_id, name)
        if other != name:
            message = f"{other} and {name} of the same crew are both served by {served[name].vehicle_id}"
            yield Violation("crew_vehicle", name, message)
