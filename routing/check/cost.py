"""What a plan costs, by component, worked out from the problem, the orders and the stated times."""

from collections.abc import Iterator, Sequence

from routing.check.reading import Reading, readings
from routing.types import Objective, Plan, Problem, Promise, Stop, Vehicle


def cost(problem: Problem, plan: Plan) -> Objective:
    """What a plan costs, by component, in points.

    Legs, services and preferences follow from the order of stops; overtime, lateness and kept promises from the
    times that the plan states. Each leg and each service is rounded half up per component, then summed.

    Raises
    ------
    ValueError : a route speaks of a stop or vehicle that the problem does not have
    """
    read = readings(problem, plan)
    if len(read) != len(plan.routes):
        message = "the plan speaks of stops or vehicles that the problem does not have; violations() names them"
        raise ValueError(message)
    return cost_of(problem, read)


def cost_of(problem: Problem, read: Sequence[Reading]) -> Objective:
    """What a plan costs whose every route has been read."""
    served = {stop.id for route in read for stop in route.stops}
    parts = [route_cost(route) for route in read]
    return Objective(
        travel=sum(part.travel for part in parts),
        distance=sum(part.distance for part in parts),
        service=sum(part.service for part in parts),
        fixed=sum(part.fixed for part in parts),
        overtime=sum(part.overtime for part in parts),
        late=sum(part.late for part in parts),
        stability=sum(part.stability for part in parts),
        preference=sum(part.preference for part in parts),
        unserved=sum(stop.unserved_cost for stop in problem.stops if stop.id not in served),
    )


def route_cost(read: Reading) -> Objective:
    """What one route costs, by component."""
    if not read.stops:
        return Objective()
    vehicle = read.vehicle
    overtime_s = 0 if vehicle.overtime_from_s is None else max(0, read.route.ends_s - vehicle.overtime_from_s)
    return Objective(
        travel=sum(_travel_points(read)),
        distance=sum(_half_up(drive_m * vehicle.cost_per_km, 1000) for _, drive_m in read.drives),
        service=sum(_half_up(action_s * vehicle.cost_per_service_hour, 3600) for action_s in read.actions_s),
        fixed=vehicle.cost_fixed,
        overtime=overtime_s * vehicle.overtime_cost_per_s,
        late=sum(_late_points(read)),
        stability=sum(_stability_points(read)),
        preference=sum(_preference_points(stop, vehicle) for stop in read.stops),
    )


def _half_up(numerator: int, denominator: int) -> int:
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest >= denominator)


def _travel_points(read: Reading) -> Iterator[int]:
    for leg, (drive_s, _) in zip(read.legs, read.drives, strict=True):
        if leg is not None and read.matrix.cost_points is not None:
            yield int(read.matrix.cost_points[leg])
        else:
            yield _half_up(drive_s * read.vehicle.cost_per_hour, 3600)


def _late_points(read: Reading) -> Iterator[int]:
    for visit, stop in zip(read.route.visits, read.stops, strict=True):
        if stop.due_s is not None:
            yield max(0, visit.service_starts_s - stop.due_s) * stop.late_cost_per_s


def _stability_points(read: Reading) -> Iterator[int]:
    before: str | None = None
    for visit, stop in zip(read.route.visits, read.stops, strict=True):
        if stop.promise is not None:
            yield _moved_points(stop.promise, read.vehicle.id, visit.service_starts_s, before)
        before = stop.id


def _moved_points(told: Promise, vehicle_id: str, starts_s: int, before: str | None) -> int:
    points = told.cost_time if abs(starts_s - told.starts_s) > told.tolerance_s else 0
    points += told.cost_vehicle if vehicle_id != told.vehicle else 0
    return points + (told.cost_order if before != told.after else 0)


def _preference_points(stop: Stop, vehicle: Vehicle) -> int:
    held = {level.skill: level.level for level in vehicle.skill_levels}
    points = sum(max(0, wish.level - held.get(wish.skill, 0)) * wish.cost_per_level for wish in stop.skill_wishes)
    if stop.preferred_vehicles and vehicle.id not in stop.preferred_vehicles:
        points += stop.preference_cost
    return points
