"""Who and what a plan speaks of."""

from collections import Counter
from collections.abc import Iterator

from routing.check.violation import Violation
from routing.types import Plan, Problem


def membership(problem: Problem, plan: Plan) -> Iterator[Violation]:
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
