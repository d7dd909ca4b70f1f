"""Why a stop is left out and what would change that; why a stop is served by whom it is served.

Every answer is an experiment: change one thing, insert the stop into the plan as it stands, let the judge look. A
change counts when the stop fits, nothing else moves to another vehicle or is lost, and the plan gets cheaper.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.arrays import arrays_of
from routing.changes import KINDS
from routing.experiment import Change, Experiment
from routing.insertion import is_free
from routing.misses import Miss, misses
from routing.orders import Orders
from routing.plans import orders_of
from routing.types import Plan, Problem


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why one stop is not served.

    Parameters
    ----------
    code : "unreachable", "too_long", "no_skill" (nobody has what it takes), "waits" (for a stop that is not served
        either), or the kind of the first change
    changes : the changes that help, cheapest first, a new vehicle last
    misses : by vehicle in the order of the problem, what is in the way, by how much at least
    """

    stop: str
    code: str
    changes: tuple[Change, ...]
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What serving one stop costs where it is, and would cost at the next best vehicles.

    Marginal costs: the plan with the stop less the plan without; for others the cheapest insertion after removal. A stop
    that is frozen, or tied to others, is not compared: ``others`` is empty.
    """

    stop: str
    vehicle: str
    points: int
    others: tuple[tuple[str, int], ...]
    n_eligible: int


def why_served(problem: Problem, plan: Plan, n_others: int = 3) -> dict[str, Choice]:
    """For every served stop the marginal cost of its place and of the next ``n_others`` vehicles."""
    arrays = arrays_of(problem)
    orders = Orders(arrays, orders_of(problem, plan))
    choices = {}
    for vehicle, order in enumerate([list(order) for order in orders.orders]):
        for position, stop in enumerate(order):
            eligible = np.flatnonzero(arrays.eligible[stop])
            others: dict[int, int] = {}
            if is_free(arrays, stop):
                others = _elsewhere(orders, vehicle, stop, eligible, n_others)
            saved = orders.saved(vehicle, stop)
            if saved is None:
                saved = arrays.route_points(vehicle, order) - arrays.route_points(
                    vehicle, [*order[:position], *order[position + 1 :]]
                )
            name = arrays.stops[stop].id
            named = tuple((arrays.vehicles[other].id, points) for other, points in others.items())
            choices[name] = Choice(name, arrays.vehicles[vehicle].id, saved, named, len(eligible))
    return choices


def _elsewhere(orders: Orders, vehicle: int, stop: int, eligible: np.ndarray, n_others: int) -> dict[int, int]:
    """Points by vehicle of the cheapest insertion with others, cheapest first."""
    others: dict[int, int] = {}
    for place in orders.places(stop, [int(other) for other in eligible if other != vehicle]):
        others.setdefault(place.vehicle, place.extra_points)
        if len(others) == n_others:
            break
    return others


def why_left_out(problem: Problem, plan: Plan, names: Sequence[str] | None = None) -> list[LeftOut]:
    """For every unserved stop, in order of id, a code, the verified changes that would get it served, and the misses.

    Parameters
    ----------
    names : only these of the unserved stops, in their order
    """
    arrays = arrays_of(problem)
    orders = Orders(arrays, orders_of(problem, plan))
    at_ease = Orders(arrays.at_ease(), orders.orders)
    index = {stop.id: number for number, stop in enumerate(problem.stops)}
    return [_explained(orders, at_ease, plan, index[name]) for name in (plan.unassigned if names is None else names)]


def _explained(orders: Orders, at_ease: Orders, plan: Plan, stop: int) -> LeftOut:
    arrays = orders.arrays
    vehicles, wanted = arrays.vehicles, arrays.stops[stop]
    experiment = Experiment(orders, at_ease, plan, stop)
    found = [change for kind in KINDS if (change := kind(experiment)) is not None and change.verified]
    found.sort(key=lambda change: (change.kind == "vehicle", change.extra_points, change.kind, change.subject))
    if not experiment.reaching():
        code = "unreachable"
    elif all(v.shift_ends_s - v.shift_starts_s < arrays.services[number][stop] for number, v in enumerate(vehicles)):
        code = "too_long"
    elif not any(wanted.skills.met_by(v.skills) for v in vehicles):
        code = "no_skill"
    elif found:
        code = found[0].kind
    else:
        code = "waits" if len(experiment.group) > 1 else "required"
    return LeftOut(wanted.id, code, tuple(found), misses(orders, stop))
