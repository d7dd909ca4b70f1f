"""The judge: everything that is wrong with a plan, and what the plan costs. Shares no code with any solver.

It reads a plan as a claim. Times must follow from each other and from the matrices, limits must hold, stops that
depend on each other must fit together, and every figure that the plan states is worked out again.
"""

from collections import Counter
from collections.abc import Iterator

from routing.check.cost import cost, cost_of
from routing.check.limits import limit_violations
from routing.check.reading import readings
from routing.check.routes import route_violations, total_violations
from routing.check.ties import tie_violations
from routing.check.violation import KINDS, Violation
from routing.types import Plan, Problem

__all__ = ["KINDS", "Violation", "cost", "violations"]


def violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Everything that is wrong with a plan, in the order of the plan; empty when it may be driven as it stands.

    A route of an unknown vehicle, or with an unknown stop, is named and not read any further; the objective is
    judged when every route could be read.
    """
    found = list(_membership(problem, plan))
    read = readings(problem, plan)
    for route in read:
        found += route_violations(route)
        found += limit_violations(problem, route)
        found += total_violations(route)
    found += tie_violations(problem, plan, read)
    if len(read) == len(plan.routes):
        stated, due = plan.objective, cost_of(problem, read)
        if stated != due:
            message = f"the plan states an objective of {stated.total} points ({stated}); it costs {due.total} ({due})"
            found.append(Violation("objective_wrong", "", message, abs(stated.total - due.total) or 1))
    return found


def _membership(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Everybody and everything is known, vehicles have one route, and each stop stands in the plan once."""
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
