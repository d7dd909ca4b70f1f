"""Why a stop is left out and what would change that; why a stop is served by whom it is served.

Every answer is an experiment: change one thing, insert the stop into the plan as it stands, let the judge look. A
change counts when the stop fits, nothing else moves to another vehicle or is lost, and the plan gets cheaper.
"""

from dataclasses import dataclass

import numpy as np

from routing.arrays import arrays_of
from routing.changes import KINDS
from routing.experiment import Change, Experiment
from routing.insertion import Orders
from routing.plans import orders_of
from routing.types import Plan, Problem


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why one stop is not served: a code, and the changes that help, cheapest first, a new vehicle last.

    Code: "unreachable", "too_long", "no_skill" (nobody has what it takes), or the kind of the first change.
    """

    stop: str
    code: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What serving one stop costs where it is, and would cost at the next best vehicles.

    Marginal costs: the route with the stop less the route without; for others the cheapest insertion after removal.
    """

    stop: str
    vehicle: str
    points: int
    others: tuple[tuple[str, int], ...]
    n_eligible: int


def why_served(problem: Problem, plan: Plan, n_others: int = 2) -> dict[str, Choice]:
    """For every served stop the marginal cost of its place and of the next ``n_others`` vehicles."""
    arrays, served = arrays_of(problem), orders_of(problem, plan)
    orders = Orders(arrays, served)
    choices = {}
    for vehicle, order in enumerate(served):
        whole = arrays.route_points(vehicle, order)
        for stop in order:
            eligible = np.flatnonzero(arrays.eligible[stop])
            others: dict[int, int] = {}
            for place in orders.places(stop, [int(other) for other in eligible if other != vehicle]):
                others.setdefault(place.vehicle, place.extra_points)
                if len(others) == n_others:
                    break
            without = arrays.route_points(vehicle, [other for other in order if other != stop])
            name = arrays.stops[stop].id
            named = tuple((arrays.vehicles[other].id, points) for other, points in others.items())
            choices[name] = Choice(name, arrays.vehicles[vehicle].id, whole - without, named, len(eligible))
    return choices


def why_left_out(problem: Problem, plan: Plan) -> list[LeftOut]:
    """For every unserved stop, in order of id, a code and the verified changes that would get it served."""
    arrays = arrays_of(problem)
    orders = Orders(arrays, orders_of(problem, plan))
    index = {stop.id: number for number, stop in enumerate(problem.stops)}
    return [_explained(orders, plan, index[name]) for name in plan.unassigned]


def _explained(orders: Orders, plan: Plan, stop: int) -> LeftOut:
    vehicles, wanted = orders.arrays.vehicles, orders.arrays.stops[stop]
    experiment = Experiment(orders, plan, stop)
    found = [change for kind in KINDS if (change := kind(experiment)) is not None and change.verified]
    found.sort(key=lambda change: (change.kind == "vehicle", change.extra_points, change.kind, change.subject))
    if not experiment.reaching():
        code = "unreachable"
    elif all(v.shift_ends_s - v.shift_starts_s < wanted.service_s for v in vehicles):
        code = "too_long"
    elif not any(wanted.skills.met_by(v.skills) for v in vehicles):
        code = "no_skill"
    else:
        code = found[0].kind if found else "required"
    return LeftOut(wanted.id, code, tuple(found))
