"""The judge: everything that is wrong with a plan, and what the plan costs. Shares no code with any solver.

It reads a plan as a claim. Times must follow from each other and from the matrix, limits must hold, and every
figure that the plan states is worked out again.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from routing.types import UNREACHABLE, Break, Objective, Plan, Problem, Route, Stop, Vehicle


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong.

    Parameters
    ----------
    kind : stable code, one of ``KINDS``
    subject : id of the stop or vehicle
    amount : by how much, in the unit that the message names; 1 where there is no measure
    """

    kind: str
    subject: str
    message: str
    amount: int = 1


KINDS = (
    "unknown_stop",
    "unknown_vehicle",
    "vehicle_repeated",
    "stop_repeated",
    "stop_lost",
    "route_empty",
    "skill",
    "required",
    "excluded",
    "unreachable",
    "leg_wrong",
    "leg_short",
    "service_early",
    "service_short",
    "window_early",
    "window_late",
    "wait_wrong",
    "shift_early",
    "shift_late",
    "max_stops",
    "max_travel",
    "break_missing",
    "break_early",
    "break_late",
    "break_length",
    "break_outside_shift",
    "break_in_service",
    "total_wrong",
    "objective_wrong",
)
"""Every code a violation can have."""


def violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Everything that is wrong with a plan, in the order of the plan; empty when it may be driven as it stands."""
    found = list(_membership(problem, plan))
    stops = {stop.id: stop for stop in problem.stops}
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    for route in plan.routes:
        vehicle = vehicles.get(route.vehicle_id)
        if vehicle is None or any(visit.stop_id not in stops for visit in route.visits):
            continue
        visited = [stops[visit.stop_id] for visit in route.visits]
        found += _who(vehicle, visited)
        found += _legs(problem, vehicle, route, visited)
        found += _services(route, visited)
        found += _shift(vehicle, route)
        found += _breaks(vehicle, route, visited)
        found += _totals(vehicle, route, visited)
    known = all(violation.kind not in ("unknown_stop", "unknown_vehicle") for violation in found)
    if known:
        stated, due = plan.objective, cost(problem, plan)
        if stated != due:
            message = f"the plan states an objective of {stated.total} points ({stated}); it costs {due.total} ({due})"
            found.append(Violation("objective_wrong", "", message, abs(stated.total - due.total) or 1))
    return found


def cost(problem: Problem, plan: Plan) -> Objective:
    """What a plan costs, by component, from the matrix and the order of stops alone.

    Each leg is rounded half up per component, then summed. Stops and vehicles must be known to the problem.
    """
    stops = {stop.id: stop for stop in problem.stops}
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    travel = distance = fixed = preference = 0
    served = set()
    for route in plan.routes:
        vehicle = vehicles[route.vehicle_id]
        for a, b in _steps(vehicle, [stops[visit.stop_id] for visit in route.visits]):
            travel += _half_up(int(problem.matrix.duration_s[a, b]) * vehicle.cost_per_hour, 3600)
            distance += _half_up(int(problem.matrix.distance_m[a, b]) * vehicle.cost_per_km, 1000)
        if route.visits:
            fixed += vehicle.cost_fixed
        for visit in route.visits:
            stop = stops[visit.stop_id]
            served.add(stop.id)
            if stop.preferred_vehicles and vehicle.id not in stop.preferred_vehicles:
                preference += stop.preference_cost
    unserved = sum(stop.unserved_cost for stop in problem.stops if stop.id not in served)
    return Objective(travel=travel, distance=distance, fixed=fixed, preference=preference, unserved=unserved)


def _half_up(numerator: int, denominator: int) -> int:
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest >= denominator)


def _steps(vehicle: Vehicle, visited: list[Stop]) -> list[tuple[int, int]]:
    if not visited:
        return []
    stations = [vehicle.start_place]
    stations.extend(stop.place for stop in visited)
    stations.append(vehicle.end_place)
    return [(stations[i], stations[i + 1]) for i in range(len(stations) - 1)]


def _membership(problem: Problem, plan: Plan) -> Iterator[Violation]:
    known_stops, known_vehicles = {s.id for s in problem.stops}, {v.id for v in problem.vehicles}
    for name, n_times in Counter(route.vehicle_id for route in plan.routes).items():
        if name not in known_vehicles:
            yield Violation("unknown_vehicle", name, f"no vehicle is called {name!r}")
        if n_times > 1:
            yield Violation("vehicle_repeated", name, f"{name} has {n_times} routes", n_times)
    mentions = Counter(visit.stop_id for route in plan.routes for visit in route.visits)
    mentions.update(plan.unassigned)
    for name, n_times in mentions.items():
        if name not in known_stops:
            yield Violation("unknown_stop", name, f"no stop is called {name!r}")
        if n_times > 1:
            yield Violation("stop_repeated", name, f"{name} stands in the plan {n_times} times", n_times)
    for name in sorted(known_stops - set(mentions)):
        yield Violation("stop_lost", name, f"{name} is neither served nor listed as unassigned")
    for route in plan.routes:
        if not route.visits:
            yield Violation("route_empty", route.vehicle_id, f"{route.vehicle_id} has a route without stops")


def _who(vehicle: Vehicle, visited: list[Stop]) -> Iterator[Violation]:
    for stop in visited:
        missing = sorted(stop.skills.all_of - vehicle.skills)
        choice = sorted(stop.skills.one_of) if stop.skills.one_of and not stop.skills.one_of & vehicle.skills else []
        unwanted = sorted(stop.skills.none_of & vehicle.skills)
        if missing or choice or unwanted:
            says = [f"lacks {', '.join(missing)}"] if missing else []
            says += [f"has none of {', '.join(choice)}"] if choice else []
            says += [f"has the unwanted {', '.join(unwanted)}"] if unwanted else []
            yield Violation("skill", stop.id, f"{vehicle.id} {' and '.join(says)} for {stop.id}")
        if stop.required_vehicles and vehicle.id not in stop.required_vehicles:
            only = ", ".join(sorted(stop.required_vehicles))
            yield Violation("required", stop.id, f"{stop.id} must be served by {only}, not {vehicle.id}")
        if vehicle.id in stop.excluded_vehicles:
            yield Violation("excluded", stop.id, f"{stop.id} must not be served by {vehicle.id}")


def _legs(problem: Problem, vehicle: Vehicle, route: Route, visited: list[Stop]) -> Iterator[Violation]:
    """Every leg exists, takes the time of the matrix and has that time between departure and arrival."""
    leaves_s, stated_s, stated_m = route.starts_s, 0, 0
    for i, (a, b) in enumerate(_steps(vehicle, visited)):
        drive_s, drive_m = int(problem.matrix.duration_s[a, b]), int(problem.matrix.distance_m[a, b])
        last = i == len(visited)
        where = vehicle.id if last else visited[i].id
        arrives_s = route.ends_s if last else route.visits[i].arrives_s
        leg_s = route.travel_s - stated_s if last else route.visits[i].travel_s
        leg_m = route.distance_m - stated_m if last else route.visits[i].distance_m
        if drive_s >= UNREACHABLE:
            yield Violation("unreachable", where, f"no road leads {vehicle.id} to {'the end' if last else where}")
        elif (leg_s, leg_m) != (drive_s, drive_m):
            message = f"the leg to {'the end' if last else where} is stated as {leg_s} s, {leg_m} m; it is {drive_s} s, {drive_m} m"
            yield Violation("leg_wrong", where, message, max(abs(leg_s - drive_s), abs(leg_m - drive_m)))
        rested_s = _overlap_s(route, leaves_s, arrives_s)
        short_s = drive_s - (arrives_s - leaves_s - rested_s)
        if drive_s < UNREACHABLE and short_s > 0:
            message = f"{short_s} s are missing for the drive to {'the end' if last else where}"
            yield Violation("leg_short", where, message, short_s)
        stated_s, stated_m = stated_s + leg_s, stated_m + leg_m
        if not last:
            leaves_s = route.visits[i].departs_s


def _overlap_s(route: Route, from_s: int, to_s: int) -> int:
    return sum(max(0, min(to_s, pause.ends_s) - max(from_s, pause.starts_s)) for pause in route.breaks)


def _services(route: Route, visited: list[Stop]) -> Iterator[Violation]:
    for visit, stop in zip(route.visits, visited, strict=True):
        begins_s, ends_s = visit.service_starts_s, visit.service_starts_s + stop.service_s
        if begins_s < visit.arrives_s:
            early_s = visit.arrives_s - begins_s
            yield Violation(
                "service_early", stop.id, f"service at {stop.id} begins {early_s} s before arrival", early_s
            )
        if visit.departs_s < ends_s:
            short_s = ends_s - visit.departs_s
            yield Violation("service_short", stop.id, f"{stop.id} is left {short_s} s before service ends", short_s)
        yield from _window(stop, begins_s)
        waits_s = begins_s - visit.arrives_s - _overlap_s(route, visit.arrives_s, begins_s)
        if visit.wait_s != waits_s:
            message = f"the wait at {stop.id} is stated as {visit.wait_s} s; it is {waits_s} s"
            yield Violation("wait_wrong", stop.id, message, abs(visit.wait_s - waits_s))
        worked_s = _overlap_s(route, begins_s, ends_s)
        if worked_s:
            yield Violation(
                "break_in_service", stop.id, f"{worked_s} s of a break fall into service at {stop.id}", worked_s
            )


def _window(stop: Stop, begins_s: int) -> Iterator[Violation]:
    if not stop.windows or any(window.opens_s <= begins_s <= window.closes_s for window in stop.windows):
        return
    late_s = [begins_s - window.closes_s for window in stop.windows if begins_s > window.closes_s]
    early_s = [window.opens_s - begins_s for window in stop.windows if begins_s < window.opens_s]
    if late_s and (not early_s or min(late_s) <= min(early_s)):
        message = f"service at {stop.id} begins {min(late_s)} s after its window closes"
        yield Violation("window_late", stop.id, message, min(late_s))
    else:
        message = f"service at {stop.id} begins {min(early_s)} s before its window opens"
        yield Violation("window_early", stop.id, message, min(early_s))


def _shift(vehicle: Vehicle, route: Route) -> Iterator[Violation]:
    early_s, late_s = vehicle.shift_starts_s - route.starts_s, route.ends_s - vehicle.shift_ends_s
    if early_s > 0:
        yield Violation("shift_early", vehicle.id, f"{vehicle.id} leaves {early_s} s before the shift", early_s)
    if late_s > 0:
        yield Violation("shift_late", vehicle.id, f"{vehicle.id} is back {late_s} s after the shift", late_s)
    if vehicle.max_stops is not None and len(route.visits) > vehicle.max_stops:
        over = len(route.visits) - vehicle.max_stops
        message = f"{vehicle.id} has {len(route.visits)} stops and may have {vehicle.max_stops}"
        yield Violation("max_stops", vehicle.id, message, over)
    if vehicle.max_travel_s is not None and route.travel_s > vehicle.max_travel_s:
        over_s = route.travel_s - vehicle.max_travel_s
        yield Violation("max_travel", vehicle.id, f"{vehicle.id} drives {over_s} s more than allowed", over_s)


def _breaks(vehicle: Vehicle, route: Route, visited: list[Stop]) -> Iterator[Violation]:
    """Each break that is due is taken, in order, at its time and length, within the shift."""
    taken = sorted(route.breaks, key=lambda pause: (pause.starts_s, pause.ends_s))
    for number, due in enumerate(vehicle.breaks if visited else ()):
        if number >= len(taken):
            yield Violation(
                "break_missing", vehicle.id, f"{vehicle.id} does not take break {number + 1}", due.duration_s
            )
            continue
        yield from _break_times(vehicle, number, due, taken[number].starts_s, taken[number].ends_s)
    for before, after in itertools.pairwise(taken):
        if after.starts_s < before.ends_s:
            message = f"two breaks of {vehicle.id} overlap by {before.ends_s - after.starts_s} s"
            yield Violation("break_early", vehicle.id, message, before.ends_s - after.starts_s)
    for pause in taken:
        outside_s = max(vehicle.shift_starts_s - pause.starts_s, pause.ends_s - vehicle.shift_ends_s)
        if outside_s > 0:
            message = f"a break of {vehicle.id} lies {outside_s} s outside the shift"
            yield Violation("break_outside_shift", vehicle.id, message, outside_s)


def _break_times(vehicle: Vehicle, number: int, due: Break, starts_s: int, ends_s: int) -> Iterator[Violation]:
    name = f"break {number + 1} of {vehicle.id}"
    if starts_s < due.earliest_s:
        early_s = due.earliest_s - starts_s
        yield Violation("break_early", vehicle.id, f"{name} begins {early_s} s too early", early_s)
    if starts_s > due.latest_s:
        late_s = starts_s - due.latest_s
        yield Violation("break_late", vehicle.id, f"{name} begins {late_s} s too late", late_s)
    if ends_s - starts_s != due.duration_s:
        message = f"{name} lasts {ends_s - starts_s} s instead of {due.duration_s} s"
        yield Violation("break_length", vehicle.id, message, abs(ends_s - starts_s - due.duration_s))


def _totals(vehicle: Vehicle, route: Route, visited: list[Stop]) -> Iterator[Violation]:
    """Sums that the route states; driving and distance are judged leg by leg, the last leg being the rest."""
    service_s = sum(stop.service_s for stop in visited)
    span_s = route.ends_s - route.starts_s
    wait_s = span_s - route.travel_s - service_s - _overlap_s(route, route.starts_s, route.ends_s)
    for name, stated_s, due_s in (("service", route.service_s, service_s), ("wait", route.wait_s, wait_s)):
        if stated_s != due_s:
            message = f"{name} of {vehicle.id} is stated as {stated_s} s; it is {due_s} s"
            yield Violation("total_wrong", vehicle.id, message, abs(stated_s - due_s))
