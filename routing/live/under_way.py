"""A plan at some moment of its day: what has happened is history, and nobody sets out in the past."""

from dataclasses import replace

from routing.arrays import arrays_of
from routing.plans import orders_of, plan_of
from routing.types import Break, Frozen, Plan, Problem, Route, Vehicle


def under_way(problem: Problem, plan: Plan, now_s: int) -> tuple[Problem, Plan]:
    """The problem and the plan as they stand at ``now_s``, the plan having gone as it says so far.

    Frozen are the stops served, being served, and being driven to. Who has not left home does not leave before now;
    who is on the way home after the last stop, or whose shift is over, takes no more. Breaks that have begun stay
    where they are; those before the last frozen stop are history.

    Raises
    ------
    SolveFailed : the plan speaks of stops or vehicles that the problem does not have
    """
    orders = orders_of(problem, plan)
    route_of = {route.vehicle_id: route for route in plan.routes}
    vehicles = tuple(_at(vehicle, route_of.get(vehicle.id), now_s) for vehicle in problem.vehicles)
    then = replace(problem, vehicles=vehicles)
    return then, plan_of(arrays_of(then), orders)


def _at(vehicle: Vehicle, route: Route | None, now_s: int) -> Vehicle:
    if now_s <= vehicle.shift_starts_s:
        return vehicle
    if route is None or route.starts_s > now_s:
        return _at_home(vehicle, route, now_s)
    sets_out_s = [route.starts_s, *(visit.departs_s for visit in route.visits[:-1])]
    done = [visit for visit, leaves_s in zip(route.visits, sets_out_s, strict=True) if leaves_s <= now_s]
    last = done[-1]
    rests = [pause for pause in route.breaks if pause.starts_s >= last.service_starts_s]
    owed = list(vehicle.breaks[len(route.breaks) - len(rests) :])
    if rests and rests[0].starts_s < now_s:
        owed[0] = Break(rests[0].starts_s, rests[0].starts_s, owed[0].duration_s)
    homeward = len(done) == len(route.visits) and last.departs_s <= now_s
    return replace(
        vehicle,
        breaks=tuple(owed),
        frozen=tuple(Frozen(visit.stop_id, visit.service_starts_s) for visit in done),
        max_stops=len(done) if homeward else vehicle.max_stops,
    )


def _at_home(vehicle: Vehicle, route: Route | None, now_s: int) -> Vehicle:
    """Somebody who has not left yet: breaks that have begun by now are taken at home."""
    if now_s >= vehicle.shift_ends_s:
        return replace(vehicle, breaks=(), max_stops=0)
    if route is not None:
        begun = [pause for pause in route.breaks if pause.starts_s < now_s]
        n_begun, free_s = len(begun), max((now_s, *(pause.ends_s for pause in begun)))
    else:
        n_begun = sum(all(closes_s < now_s for _, closes_s in pause.windows) for pause in vehicle.breaks)
        free_s = now_s
    return replace(vehicle, shift_starts_s=free_s, breaks=vehicle.breaks[n_begun:])
