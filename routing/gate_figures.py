"""What a plan states beside orders and starts of service: whether it is one, and whether its figures follow."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from routing.types import BreakTaken, Plan, Problem, Route, Stop, Vehicle


@dataclass(frozen=True, slots=True)
class Known:
    """A problem by its ids."""

    problem: Problem
    stops: dict[str, Stop]
    vehicles: dict[str, Vehicle]


def known(problem: Problem) -> Known:
    """Look a problem's ids up."""
    return Known(problem, {stop.id: stop for stop in problem.stops}, {v.id: v for v in problem.vehicles})


def misshapen(about: Known, plan: Plan) -> set[str] | None:
    """Vehicles whose routes cannot be loaded at all; None when the plan as a whole cannot.

    Every stop stands in the plan once, every vehicle has one route at most and not an empty one, and what is frozen
    stands at the front of its route.
    """
    named = Counter(visit.stop_id for route in plan.routes for visit in route.visits)
    named.update(plan.unassigned)
    once = named.keys() == about.stops.keys() and all(times == 1 for times in named.values())
    drivers = Counter(route.vehicle_id for route in plan.routes)
    if not once or not drivers.keys() <= about.vehicles.keys() or any(times > 1 for times in drivers.values()):
        return None
    routes = {route.vehicle_id: route for route in plan.routes}
    wrong = {name for name, route in routes.items() if not route.visits}
    for vehicle in about.problem.vehicles:
        if vehicle.frozen:
            begun = routes[vehicle.id].visits[: len(vehicle.frozen)] if vehicle.id in routes else ()
            held = tuple((case.stop, case.starts_s) for case in vehicle.frozen)
            if tuple((visit.stop_id, visit.service_starts_s) for visit in begun) != held:
                wrong.add(vehicle.id)
    return wrong


def actions_s(about: Known, route: Route) -> list[int]:
    """Set-up and service of each visit, seconds: the set-up is saved at the place of the visit before, or of home."""
    vehicle = about.vehicles[route.vehicle_id]
    takes_s, before = [], vehicle.start_place
    for number, visit in enumerate(route.visits):
        stop = about.stops[visit.stop_id]
        case = next((case for case in stop.service_for if case.vehicle == vehicle.id), stop)
        saved = before == stop.place or number < len(vehicle.frozen)
        takes_s.append(case.service_s + (0 if saved else case.setup_s))
        before = stop.place
    return takes_s


def legs(about: Known, route: Route) -> list[tuple[int, int] | None]:
    """Places that each leg joins, the way home last; None for a leg from or to nowhere."""
    vehicle = about.vehicles[route.vehicle_id]
    places = [vehicle.start_place, *(about.stops[visit.stop_id].place for visit in route.visits), vehicle.end_place]
    return [None if a is None or b is None else (a, b) for a, b in itertools.pairwise(places)]


def figures_hold(about: Known, route: Route, takes_s: Sequence[int]) -> bool:
    """Whether arrivals, departures, waits, legs, breaks and sums of a route follow from each other."""
    return (
        _legs_hold(about, route)
        and _visits_hold(route, takes_s)
        and _breaks_hold(about, route, takes_s)
        and _sums_hold(route, takes_s)
    )


def _legs_hold(about: Known, route: Route) -> bool:
    """Each leg is stated as the matrix has it, and there is time for it beside breaks, unless it is history."""
    vehicle = about.vehicles[route.vehicle_id]
    matrix = about.problem.matrix_of(vehicle)
    leaves_s = [route.starts_s, *(visit.departs_s for visit in route.visits)]
    arrives_s = [*(visit.arrives_s for visit in route.visits), route.ends_s]
    stated = [(visit.travel_s, visit.distance_m) for visit in route.visits]
    stated.append((route.travel_s - sum(leg[0] for leg in stated), route.distance_m - sum(leg[1] for leg in stated)))
    for number, leg in enumerate(legs(about, route)):
        drive_s, drive_m = (0, 0) if leg is None else (int(matrix.duration_s[leg]), int(matrix.distance_m[leg]))
        on_the_road_s = arrives_s[number] - leaves_s[number] - _rest_s(route, leaves_s[number], arrives_s[number])
        needed_s = 0 if number < len(vehicle.frozen) else drive_s
        if stated[number] != (drive_s, drive_m) or on_the_road_s < needed_s:
            return False
    return vehicle.end_place is not None or route.ends_s == route.visits[-1].departs_s


def _visits_hold(route: Route, takes_s: Sequence[int]) -> bool:
    """Service lies between arrival and departure, and the wait is what is left before it."""
    return all(
        visit.arrives_s <= visit.service_starts_s
        and visit.service_starts_s + action_s <= visit.departs_s
        and visit.wait_s
        == visit.service_starts_s - visit.arrives_s - _rest_s(route, visit.arrives_s, visit.service_starts_s)
        for visit, action_s in zip(route.visits, takes_s, strict=True)
    )


def _breaks_hold(about: Known, route: Route, takes_s: Sequence[int]) -> bool:
    """All breaks are taken, in order, at their times and lengths, within the shift, after what is frozen."""
    vehicle = about.vehicles[route.vehicle_id]
    taken = in_order(route)
    n_frozen = len(vehicle.frozen)
    free_s = vehicle.shift_starts_s
    if n_frozen:
        free_s = route.visits[n_frozen - 1].service_starts_s + takes_s[n_frozen - 1]
    return (
        len(taken) >= len(vehicle.breaks)
        and all(
            any(opens_s <= rest.starts_s <= closes_s for opens_s, closes_s in due.windows)
            and rest.ends_s - rest.starts_s == due.duration_s
            for due, rest in zip(vehicle.breaks, taken, strict=False)
        )
        and all(before.ends_s <= after.starts_s for before, after in itertools.pairwise(taken))
        and all(free_s <= rest.starts_s and rest.ends_s <= vehicle.shift_ends_s for rest in taken)
    )


def in_order(route: Route) -> list[BreakTaken]:
    """Breaks by the time they begin."""
    return sorted(route.breaks, key=lambda rest: (rest.starts_s, rest.ends_s))


def _sums_hold(route: Route, takes_s: Sequence[int]) -> bool:
    rest_s = _rest_s(route, route.starts_s, route.ends_s)
    wait_s = route.ends_s - route.starts_s - route.travel_s - sum(takes_s) - rest_s
    return route.service_s == sum(takes_s) and route.wait_s == wait_s


def _rest_s(route: Route, from_s: int, to_s: int) -> int:
    return sum(max(0, min(to_s, rest.ends_s) - max(from_s, rest.starts_s)) for rest in route.breaks)


def pieces(route: Route, takes_s: Sequence[int]) -> Iterator[BreakTaken]:
    """The breaks, cut at moments that last no time: leaving, being back, and services of 0 s take nothing from a break.

    To OR-Tools such a moment is a visit, and none may fall into a break.
    """
    moments = {route.starts_s, route.ends_s}
    moments.update(
        visit.service_starts_s for visit, action_s in zip(route.visits, takes_s, strict=True) if not action_s
    )
    for rest in in_order(route):
        cuts = sorted(moment for moment in moments if rest.starts_s < moment < rest.ends_s)
        for from_s, to_s in itertools.pairwise([rest.starts_s, *cuts, rest.ends_s]):
            if from_s < to_s:
                yield BreakTaken(from_s, to_s)
