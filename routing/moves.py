"""Live moves: what a change made by hand would cost, and what it would break, before anybody makes it.

A move that keeps every limit is timed like any plan. One that does not is timed as if windows, shifts and limits were
open, so that the judge can say how much later, longer or fuller everything would be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from routing.arrays import Arrays, arrays_of
from routing.check import Violation, cost, violations
from routing.errors import InvalidMove
from routing.experiment import with_what_it_needs
from routing.insertion import insert_unit, place_unit
from routing.misses import Miss, misses
from routing.opened import plan_regardless
from routing.orders import Orders
from routing.plans import orders_of
from routing.types import Plan, Problem


@dataclass(frozen=True, slots=True)
class Move:
    """A change of a plan as it would be.

    Parameters
    ----------
    plan : with its times; may only be driven when ``breaks`` is empty
    added_points : what the plan would cost more than before; negative when it gets cheaper
    breaks : everything that the judge holds against it, by how much
    """

    plan: Plan
    added_points: int
    breaks: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What one vehicle's serving a stop would mean: a move when it can, what is in the way when it cannot."""

    vehicle: str
    move: Move | None
    miss: Miss | None


def insert(problem: Problem, plan: Plan, stop: str) -> tuple[Offer, ...]:
    """A stop that nobody serves, priced at every vehicle: those who can take it first, cheapest first.

    What it cannot be served without comes with it. Raises ``InvalidMove`` when somebody serves it already.
    """
    arrays = arrays_of(problem)
    orders, number = Orders(arrays, orders_of(problem, plan)), _number(problem, stop)
    if number not in orders.unserved():
        raise InvalidMove("stop", stop, "is served already; move it instead")
    missing = {miss.vehicle: miss for miss in misses(orders, number)}
    group = with_what_it_needs(orders, number)
    offers = []
    for vehicle, driver in enumerate(problem.vehicles):
        placed = place_unit(orders, group, {number: (vehicle,)})
        if placed is None:
            offers.append(Offer(driver.id, None, missing[driver.id]))
            continue
        tried = Orders(arrays, orders.orders)
        insert_unit(tried, placed)
        offers.append(Offer(driver.id, _judged(problem, plan, tried.orders), None))
    return tuple(sorted(offers, key=lambda o: (o.move is None, o.move.added_points if o.move else 0)))


def remove(problem: Problem, plan: Plan, stop: str) -> Move:
    """A served stop left out, with everything that falls with it."""
    arrays, orders, number = *_loaded(problem, plan), _number(problem, stop)
    _served_by(problem, orders, number)
    gone = {*arrays.ties.followers(number)} - set(arrays.frozen_at)
    if number not in gone:
        raise InvalidMove("stop", stop, "is frozen; it can no longer be left out")
    return _judged(problem, plan, [[other for other in order if other not in gone] for order in orders])


def move(problem: Problem, plan: Plan, stop: str, vehicle: str, position: int | None = None) -> Move:
    """A stop served by this vehicle, before the stop that is now at ``position``; the cheapest position when None.

    ``position`` counts from 0 in the vehicle's order without the stop. An unserved stop may be moved in.
    """
    arrays, orders, number = *_loaded(problem, plan), _number(problem, stop)
    target = _vehicle(problem, vehicle)
    orders = [[other for other in order if other != number] for order in orders]
    n_frozen, n_stops = len(arrays.frozen[target]), len(orders[target])
    if number in arrays.frozen_at:
        raise InvalidMove("stop", stop, "is frozen; it stays where it is")
    if position is None:
        places = range(n_frozen, n_stops + 1)
    elif n_frozen <= position <= n_stops:
        places = range(position, position + 1)
    else:
        raise InvalidMove("position", position, f"must lie in {n_frozen}..{n_stops}")
    tried = []
    for place in places:
        changed = [list(order) for order in orders]
        changed[target].insert(place, number)
        tried.append(_judged(problem, plan, changed))
    return min(tried, key=lambda move: (sum(1 for _ in move.breaks), move.added_points))


def swap(problem: Problem, plan: Plan, stop: str, other: str) -> Move:
    """Two served stops in each other's places."""
    arrays, orders = _loaded(problem, plan)
    one, two = _number(problem, stop), _number(problem, other)
    for number in (one, two):
        _served_by(problem, orders, number)
        if number in arrays.frozen_at:
            raise InvalidMove("stop", problem.stops[number].id, "is frozen; it stays where it is")
    exchanged = {one: two, two: one}
    return _judged(problem, plan, [[exchanged.get(number, number) for number in order] for order in orders])


def _loaded(problem: Problem, plan: Plan) -> tuple[Arrays, list[list[int]]]:
    return arrays_of(problem), orders_of(problem, plan)


def _number(problem: Problem, stop: str) -> int:
    found = next((number for number, case in enumerate(problem.stops) if case.id == stop), None)
    if found is None:
        raise InvalidMove("stop", stop, "no stop of the problem has this id")
    return found


def _vehicle(problem: Problem, vehicle: str) -> int:
    found = next((number for number, case in enumerate(problem.vehicles) if case.id == vehicle), None)
    if found is None:
        raise InvalidMove("vehicle", vehicle, "no vehicle of the problem has this id")
    return found


def _served_by(problem: Problem, orders: Sequence[Sequence[int]], number: int) -> int:
    found = next((vehicle for vehicle, order in enumerate(orders) if number in order), None)
    if found is None:
        raise InvalidMove("stop", problem.stops[number].id, "is not served; insert it instead")
    return found


def _judged(problem: Problem, plan: Plan, orders: list[list[int]]) -> Move:
    """The plan of these orders, whatever it breaks."""
    changed = plan_regardless(problem, orders)
    added = changed.objective.total - cost(problem, plan).total
    return Move(changed, added, tuple(violations(problem, changed)))
