"""A problem laid out in OR-Tools' nodes: the stops in order, then one start and one end per vehicle."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.types import Crew, Delivery, Problem, Stop, Succession, Vehicle


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each thing of a problem, or of a part of it, lies among the nodes; node and OR-Tools' index are the same.

    Parameters
    ----------
    stops, vehicles, deliveries, successions, crews : of the part
    place : int array (n_nodes,), row of the matrix; 0 for a start or an end that is nowhere
    nowhere : bool array (n_nodes,), starts and ends of routes that begin or end at a stop
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

    def frozen_legs(self) -> list[tuple[int, int]]:
        """Legs that are history: from each node to the frozen stop after it."""
        legs: list[tuple[int, int]] = []
        for vehicle in range(len(self.vehicles)):
            nodes = [self.start(vehicle), *self.frozen(vehicle)]
            legs += itertools.pairwise(nodes)
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
        """Whether a leg to a stop begins at another place, or nowhere: bool array (n_nodes, n_stops)."""
        elsewhere: np.ndarray = self.place[:, None] != self.place[None, : self.n_stops]
        elsewhere[self.nowhere] = True
        return elsewhere

    def by_leg(self, values: np.ndarray) -> np.ndarray:
        """Values of a matrix of places as an array (n_nodes, n_nodes), 0 from and to nowhere and for an unused vehicle."""
        legs: np.ndarray = values[np.ix_(self.place, self.place)]
        if self.nowhere.any():
            legs[self.nowhere] = 0
            legs[:, self.nowhere] = 0
        n_vehicles = len(self.vehicles)
        starts = np.arange(self.n_stops, self.n_stops + n_vehicles)
        legs[starts, starts + n_vehicles] = 0
        return legs


def layout_of(
    problem: Problem, stops: Sequence[Stop] | None = None, vehicles: Sequence[Vehicle] | None = None
) -> Layout:
    """Lay a problem out, or some of its stops and vehicles with the ties between them; O(stops + vehicles).

    A part takes what is frozen by its vehicles along, and either all stops of a tie or none.
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
