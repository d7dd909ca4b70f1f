"""The judge on a plan that came of another one: only routes that differ are read."""

from dataclasses import fields, replace

from routing.check.cost import route_cost
from routing.check.limits import limit_violations
from routing.check.membership import membership
from routing.check.reading import readings
from routing.check.routes import route_violations, total_violations
from routing.check.ties import tie_violations
from routing.check.violation import Violation
from routing.types import Objective, Plan, Problem


def change_violations(problem: Problem, before: Plan, after: Plan) -> list[Violation] | None:
    """Everything that is wrong with a plan, told from one that the judge has accepted for the same problem.

    Routes that are the same in both were judged with it, and cost what they did; all others are read as ever, and who
    is served is counted in the whole plan. None where stops depend on stops of other routes: then all have to be read.
    """
    if problem.deliveries or problem.successions or problem.crews:
        return None
    old = {route.vehicle_id: route for route in before.routes}
    new = [route for route in after.routes if old.get(route.vehicle_id) is not route]
    new = [route for route in new if old.get(route.vehicle_id) != route]
    driven = {route.vehicle_id for route in after.routes} - {route.vehicle_id for route in new}
    gone = [route for route in before.routes if route.vehicle_id not in driven]
    found = list(membership(problem, after))
    read = readings(problem, replace(after, routes=tuple(new)))
    for route in read:
        found += route_violations(route)
        found += limit_violations(problem, route)
        found += total_violations(route)
    found += tie_violations(problem, after, read)  # without ties: what is frozen
    if len(read) == len(new) and not any(one.kind.startswith("unknown") for one in found):
        costs = [(1, route_cost(route)) for route in read]
        costs += [(-1, route_cost(route)) for route in readings(problem, replace(before, routes=tuple(gone)))]
        parts = {
            part.name: getattr(before.objective, part.name)
            + sum(sign * getattr(cost, part.name) for sign, cost in costs)
            for part in fields(Objective)
        }
        served = {visit.stop_id for route in after.routes for visit in route.visits}
        parts["unserved"] = sum(stop.unserved_cost for stop in problem.stops if stop.id not in served)
        found += objective_violations(after.objective, Objective(**parts))
    return found


def objective_violations(stated: Objective, due: Objective) -> list[Violation]:
    """Whether a plan states what it costs."""
    if stated == due:
        return []
    message = f"the plan states an objective of {stated.total} points ({stated}); it costs {due.total} ({due})"
    return [Violation("objective_wrong", "", message, abs(stated.total - due.total) or 1)]
