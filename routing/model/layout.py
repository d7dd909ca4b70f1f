"""A problem laid out in OR-Tools' nodes: the stops in order, then one start and one end per vehicle.

Who is to search is told every leg from node to node. A plan that is only loaded takes one leg from each node, and no
other is worked out: then a number by node says what a matrix would.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.constraint_solver import pywrapcp

from routing.types import Crew, Delivery, Problem, Stop, Succession, Vehicle


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each thing of a problem, or of a part of it, lies among the nodes; node and OR-Tools' index are the same.

    Parameters
    ----------
    stops, vehicles, deliveries, successions, crews : of the part
    place : int array (n_nodes,), row of the matrix; 0 for a start or an end that is nowhere
    nowhere : bool array (n_nodes,), starts and ends of routes that begin or end at a stop
    origin, target : nodes that legs lead from and to: int arrays (n_nodes, 1) and (1, n_nodes), or both (n_nodes,) where
        the routes are given; what is said of legs has the shape of both together
    service_s, setup_s : int arrays (n_stops,), what most vehicles take; what is frozen takes no set-up
    special : by id of a vehicle, (stop, service_s, setup_s) where it takes another time
    position : stop by its id
    frozen_by : vehicle by the stops that it has frozen
    """

    problem: Problem
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    deliveries: tuple[Delivery, ...]
    successions: tuple[Succession, ...]
    crews: tuple[Crew, ...]
    place: np.ndarray
    nowhere: np.ndarray
    origin: np.ndarray
    target: np.ndarray
    service_s: np.ndarray
    setup_s: np.ndarray
    special: dict[str, list[tuple[int, int, int]]]
    position: dict[str, int]
    frozen_by: dict[int, int]

    @property
    def n_stops(self) -> int:
        """How many nodes are stops."""
        return len(self.stops)

    @property
    def n_nodes(self) -> int:
        """Stops, starts and ends."""
        return len(self.place)

    def start(self, vehicle: int) -> int:
        """Node where a vehicle's route begins."""
        return self.n_stops + vehicle

    def end(self, vehicle: int) -> int:
        """Node where a vehicle's route ends."""
        return self.n_stops + len(self.vehicles) + vehicle

    def ends(self) -> range:
        """Nodes where routes end."""
        return range(self.end(0), self.n_nodes)

    def frozen(self, vehicle: int) -> list[int]:
        """Stops that a vehicle's route begins with."""
        return [self.position[case.stop] for case in self.vehicles[vehicle].frozen]

    def history(self) -> np.ndarray:
        """Whether a leg is history, since it leads to a frozen stop from the node before it: bool array."""
        before = np.full(self.n_nodes, -1)
        for vehicle in range(len(self.vehicles)):
            for a, b in itertools.pairwise([self.start(vehicle), *self.frozen(vehicle)]):
                before[b] = a
        legs: np.ndarray = before[self.target] == self.origin
        return legs

    def times_s(self, vehicle: int) -> tuple[np.ndarray, np.ndarray]:
        """Service without set-up, and set-up, of each stop for a vehicle: two int arrays (n_stops,)."""
        special = self.special.get(self.vehicles[vehicle].id)
        if special is None:
            return self.service_s, self.setup_s
        service_s, setup_s = self.service_s.copy(), self.setup_s.copy()
        for stop, stop_service_s, stop_setup_s in special:
            service_s[stop], setup_s[stop] = stop_service_s, stop_setup_s
        return service_s, setup_s

    def from_elsewhere(self) -> np.ndarray:
        """Whether a leg begins at another place than where it leads to, or nowhere: bool array."""
        elsewhere: np.ndarray = (self.place[self.origin] != self.place[self.target]) | self.nowhere[self.origin]
        return elsewhere

    def by_leg(self, values: np.ndarray) -> np.ndarray:
        """Values of a matrix of places by leg, 0 from and to nowhere and for an unused vehicle."""
        legs: np.ndarray = values[self.place[self.origin], self.place[self.target]]
        unused = (self.target >= self.end(0)) & (self.origin == self.target - len(self.vehicles))
        legs[unused | self.nowhere[self.origin] | self.nowhere[self.target]] = 0
        return legs

    def by_node(self, of_stops: np.ndarray) -> np.ndarray:
        """Values of stops as values of nodes, 0 where a route begins or ends."""
        return np.concatenate((of_stops, np.zeros(self.n_nodes - self.n_stops, dtype=of_stops.dtype)))

    def register(self, routing: pywrapcp.RoutingModel, values: np.ndarray) -> int:
        """Tell OR-Tools a value of each leg; its number for them."""
        if values.ndim == 1:
            return int(routing.RegisterUnaryTransitVector(values.tolist()))
        return int(routing.RegisterTransitMatrix(values.tolist()))


def layout_of(
    problem: Problem,
    stops: Sequence[Stop] | None = None,
    vehicles: Sequence[Vehicle] | None = None,
    routes: Sequence[Sequence[int]] | None = None,
) -> Layout:
    """Lay a problem out, or some of its stops and vehicles with the ties between them; O(stops + vehicles).

    A part takes what is frozen by its vehicles along, and either all stops of a tie or none. With ``routes``, the stops
    of every vehicle in order and none without any, nothing is said of legs that they do not take.
    """
    stops = problem.stops if stops is None else tuple(stops)
    vehicles = problem.vehicles if vehicles is None else tuple(vehicles)
    places: list[int | None] = [stop.place for stop in stops]
    places += [vehicle.start_place for vehicle in vehicles]
    places += [vehicle.end_place for vehicle in vehicles]
    position = {stop.id: number for number, stop in enumerate(stops)}
    frozen_by = {position[case.stop]: number for number, vehicle in enumerate(vehicles) for case in vehicle.frozen}
    special: dict[str, list[tuple[int, int, int]]] = {}
    for number, stop in enumerate(stops):
        for case in stop.service_for:
            case_setup_s = 0 if number in frozen_by else case.setup_s
            special.setdefault(case.vehicle, []).append((number, case.service_s, case_setup_s))
    nodes = np.arange(len(places))
    origin, target = nodes[:, None], nodes[None, :]
    if routes is not None:
        origin, target = nodes, nodes.copy()
        for number, route in enumerate(routes):
            target[[len(stops) + number, *route]] = [*route, len(stops) + len(vehicles) + number]
    service_s = [stop.service_s for stop in stops]
    setup_s = [0 if number in frozen_by else stop.setup_s for number, stop in enumerate(stops)]
    return Layout(
        problem=problem,
        stops=stops,
        vehicles=vehicles,
        deliveries=tuple(link for link in problem.deliveries if link.pickup in position),
        successions=tuple(link for link in problem.successions if link.first in position),
        crews=tuple(crew for crew in problem.crews if crew.stops[0] in position),
        place=np.array([place or 0 for place in places], dtype=np.int64),
        nowhere=np.array([place is None for place in places], dtype=bool),
        origin=origin,
        target=target,
        service_s=np.array(service_s, dtype=np.int64),
        setup_s=np.array(setup_s, dtype=np.int64),
        special=special,
        position=position,
        frozen_by=frozen_by,
    )


def classes[Key](keys: Sequence[Key]) -> dict[Key, list[int]]:
    """Vehicles by what they have in common."""
    found: dict[Key, list[int]] = {}
    for vehicle, key in enumerate(keys):
        found.setdefault(key, []).append(vehicle)
    return found
