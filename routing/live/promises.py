"""What a plan has promised: by whom, and when; and which promises another plan moves."""

from dataclasses import replace

from routing.types import Plan, Problem, Promise

TOLERANCE_S = 900
"""A start no further than this from what was said counts as kept: people are told a span of half an hour."""


def with_promises(problem: Problem, plan: Plan, points_each: int, *, tolerance_s: int = TOLERANCE_S) -> Problem:
    """The problem with a price on every served stop's person and on its start as the plan has them.

    A stop that both changes pays ``points_each`` twice. Stops that carry a promise already keep it, for it is what
    people were told; frozen ones cannot move and get none. Somebody who is gone is no promise to keep: the start is.

    Parameters
    ----------
    plan : of this problem or of an earlier one; stops that the problem does not have are looked past

    Raises
    ------
    ValueError : points or a tolerance below 0
    """
    if points_each < 0 or tolerance_s < 0:
        raise ValueError(f"points_each {points_each!r} and tolerance_s {tolerance_s!r} must be 0 or more")
    known = {vehicle.id for vehicle in problem.vehicles}
    frozen = {case.stop for vehicle in problem.vehicles for case in vehicle.frozen}
    promised: dict[str, Promise] = {}
    for route in plan.routes:
        before = None
        for visit in route.visits:
            promised[visit.stop_id] = Promise(
                route.vehicle_id,
                visit.service_starts_s,
                before,
                tolerance_s,
                cost_time=points_each,
                cost_vehicle=points_each if route.vehicle_id in known else 0,
            )
            before = visit.stop_id
    stops = tuple(
        replace(stop, promise=promised[stop.id])
        if stop.promise is None and stop.id in promised and stop.id not in frozen
        else stop
        for stop in problem.stops
    )
    return replace(problem, stops=stops)


def moved_promises(
    problem_before: Problem, plan_before: Plan, plan_after: Plan, *, tolerance_s: int = TOLERANCE_S
) -> list[str]:
    """Stops that both plans serve, but by another person, or over ``tolerance_s`` earlier or later; sorted by id."""
    known = {stop.id for stop in problem_before.stops}
    before, after = _served(plan_before), _served(plan_after)
    return sorted(
        stop
        for stop in before.keys() & after.keys() & known
        if before[stop][0] != after[stop][0] or abs(before[stop][1] - after[stop][1]) > tolerance_s
    )


def _served(plan: Plan) -> dict[str, tuple[str, int]]:
    return {
        visit.stop_id: (route.vehicle_id, visit.service_starts_s) for route in plan.routes for visit in route.visits
    }
