"""Who serves what in which order, and where one more stop would go: what every search of ours moves about.

Positions are scanned for all routes at once with numpy. Where nothing depends on the clock but windows, shift and
breaks, the cheapest few are then tested exactly, in O(breaks²), against the layered times of their route; elsewhere
each is timed anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from routing.arrays import HORIZON_S, Arrays, service_points
from routing.evaluation import Evaluation, driven_orders
from routing.limits import distance_m, fits, is_whole
from routing.schedule import Slack, slack
from routing.way import NEVER, Way, earliest_start_s, ready_after_leg, way_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stop can go: before position ``position`` of a vehicle's order, for ``extra_points`` more."""

    extra_points: int
    vehicle: int
    position: int


@dataclass(frozen=True, slots=True)
class Row:
    """One vehicle's route as scanned; arrays have a value per gap behind the frozen stops."""

    way: Way
    slack: Slack
    before: np.ndarray
    after: np.ndarray
    leaves_s: np.ndarray
    latest_s: np.ndarray
    gap_points: np.ndarray
    gap_s: np.ndarray
    gap_m: np.ndarray
    travel_s: int
    distance_m: int


class Orders:
    """The order of stops of every vehicle, with what insertion needs to know about it.

    Parameters
    ----------
    arrays : the problem
    orders : by vehicle, positions of stops, frozen ones first; only those when left out
    """

    def __init__(self, arrays: Arrays, orders: Sequence[Sequence[int]] | None = None) -> None:
        self.arrays = arrays
        self.orders = [list(order) for order in (arrays.frozen if orders is None else orders)]
        self.evaluation = Evaluation(arrays, self.orders)
        self._rows: list[Row | None] = [None] * len(arrays.vehicles)

    def under(self, arrays: Arrays) -> "Orders":
        """The same orders where a stop that nobody serves has other wishes; what is known of the routes is kept."""
        changed = Orders(arrays, self.orders)
        changed._rows = [self.row(vehicle) for vehicle in range(len(self.orders))]
        return changed

    def unserved(self) -> list[int]:
        """Stops in nobody's order, ascending."""
        served = {stop for order in self.orders for stop in order}
        return [stop for stop in range(len(self.arrays.stops)) if stop not in served]

    def insert(self, stop: int, place: Place) -> None:
        """Put a stop where ``places`` found room."""
        self.orders[place.vehicle].insert(place.position, stop)
        self._forget(place.vehicle)

    def remove(self, vehicle: int, stop: int) -> None:
        """Take a stop out of a vehicle's order."""
        self.orders[vehicle].remove(stop)
        self._forget(vehicle)

    def replace(self, vehicle: int, order: list[int]) -> None:
        """Give a vehicle another order."""
        self.orders[vehicle] = list(order)
        self._forget(vehicle)

    def _forget(self, vehicle: int) -> None:
        self._rows[vehicle] = None
        self.evaluation.settle([vehicle])

    def feasible(self, vehicle: int) -> bool:
        """Whether the order as it stands keeps every limit of the vehicle; says nothing of other routes."""
        return fits(self.arrays, vehicle, self.orders[vehicle]) and self.row(vehicle).slack.feasible

    def holds(self, vehicle: int) -> bool:
        """Whether a vehicle's order, with those that ties lead to, can be driven as it stands."""
        return self.evaluation.points(vehicle) is not None if self.arrays.timed else self.feasible(vehicle)

    def drivable(self) -> bool:
        """Whether all orders as they stand keep every limit and tie."""
        return is_whole(self.arrays, self.orders) and driven_orders(self.arrays, self.orders) is not None

    def points(self) -> int:
        """Objective of the orders in points: routes, and the price of every unserved stop."""
        return self.routes_points() + sum(self.arrays.stops[stop].unserved_cost for stop in self.unserved())

    def routes_points(self) -> int:
        """What all routes cost."""
        return sum(self.vehicle_points(vehicle) for vehicle in range(len(self.orders)))

    def vehicle_points(self, vehicle: int) -> int:
        """What one route costs; of one that cannot be driven, what its legs and stops cost."""
        points = self.evaluation.points(vehicle) if self.arrays.timed else None
        return self.arrays.route_points(vehicle, self.orders[vehicle]) if points is None else points

    def saved(self, vehicle: int, stop: int) -> int | None:
        """What the plan would cost less without this stop, None when the others could not be driven then."""
        left = [other for other in self.orders[vehicle] if other != stop]
        if self.arrays.timed:
            extra = self.evaluation.added({vehicle: left})
            return None if extra is None else -extra
        saved = self.arrays.route_points(vehicle, self.orders[vehicle]) - self.arrays.route_points(vehicle, left)
        # Where going round by a stop is quicker than driving past it, the others may not do without it.
        without = fits(self.arrays, vehicle, left) and slack(way_of(self.arrays, vehicle, left)).feasible
        return saved if without else None

    def places(self, stop: int, vehicles: Iterable[int] | None = None) -> Iterator[Place]:
        """Feasible places for a stop, cheapest first; ties by vehicle, then position."""
        candidates = self._candidates(stop, vehicles)
        if self.arrays.timed:
            timed = (self._timed(stop, place) for place in candidates)
            found = [place for place in timed if place is not None]
            yield from sorted(found, key=lambda place: (place.extra_points, place.vehicle, place.position))
            return
        yield from (place for place in candidates if self._fits(stop, place.vehicle, place.position))

    def cheapest(self, stop: int, vehicles: Iterable[int] | None = None) -> Place | None:
        """The cheapest feasible place, or None."""
        if not self.arrays.timed:
            return next(self.places(stop, vehicles), None)
        best: Place | None = None
        for place in self._candidates(stop, vehicles):
            # Time prices rise with every stop, or nearly always: what is dearer by its legs alone is not tried.
            if best is not None and place.extra_points >= best.extra_points:
                break
            timed = self._timed(stop, place)
            if timed is not None and (best is None or timed.extra_points < best.extra_points):
                best = timed
        return best

    def _timed(self, stop: int, place: Place) -> Place | None:
        """The place with its exact price, None when it does not fit."""
        order = list(self.orders[place.vehicle])
        order.insert(place.position, stop)
        extra = self.evaluation.added({place.vehicle: order})
        return None if extra is None else Place(extra, place.vehicle, place.position)

    def _candidates(self, stop: int, vehicles: Iterable[int] | None) -> list[Place]:
        """Places by the price of their legs that a look without breaks does not rule out."""
        eligible = self.arrays.eligible[stop]
        named = np.flatnonzero(eligible) if vehicles is None else [v for v in vehicles if eligible[v]]
        chosen = np.array([v for v in named if self._has_room(int(v))], dtype=int)
        if not len(chosen):
            return []
        extra, owner, gap = self._scan(stop, chosen, [self.row(int(vehicle)) for vehicle in chosen])
        return [Place(int(extra[i]), int(owner[i]), int(gap[i])) for i in np.lexsort((gap, owner, extra))]

    def _has_room(self, vehicle: int) -> bool:
        most = self.arrays.vehicles[vehicle].max_stops
        return most is None or len(self.orders[vehicle]) < most

    def _scan(self, stop: int, candidates: np.ndarray, rows: list[Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Extra points, vehicle and gap of each place that a look without breaks does not rule out."""
        arrays, here = self.arrays, self.arrays.place[stop]
        n_gaps = [len(row.before) for row in rows]
        owner = np.repeat(candidates, n_gaps)
        gap = np.concatenate([np.arange(n) + len(arrays.frozen[v]) for n, v in zip(n_gaps, candidates, strict=True)])
        before = np.concatenate([row.before for row in rows])
        after = np.concatenate([row.after for row in rows])
        to_s, from_s, to_m, from_m, extra = self._legs(here, owner, before, after)
        windows = arrays.windows[stop]
        service_s = np.repeat([arrays.services[v][stop] for v in candidates], n_gaps)
        starts_s = np.maximum(np.concatenate([row.leaves_s for row in rows]) + to_s, windows[0][0])
        ends_s = starts_s + service_s + from_s
        possible = starts_s <= windows[-1][1]
        if not arrays.timed:
            # A set-up that falls away behind the new stop may make up for a late end: then only timing tells.
            possible &= ends_s <= np.concatenate([row.latest_s for row in rows])
        for extra_travel, limit, name in (
            (to_s + from_s - np.concatenate([row.gap_s for row in rows]), "max_travel_s", "travel_s"),
            (to_m + from_m - np.concatenate([row.gap_m for row in rows]), "max_distance_m", "distance_m"),
        ):
            room = [self._room(int(v), row, limit, name) for v, row in zip(candidates, rows, strict=True)]
            possible &= extra_travel <= np.repeat(room, n_gaps)
        extra -= np.concatenate([row.gap_points for row in rows])
        extra += np.repeat([self._once_points(stop, int(v)) for v in candidates], n_gaps)
        return extra[possible], owner[possible], gap[possible]

    def _legs(
        self, here: int, owner: np.ndarray, before: np.ndarray, after: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Seconds and metres to and from a place, and the points of both legs, by gap."""
        arrays = self.arrays
        legs = [np.empty(len(owner), dtype=np.int64) for _ in range(5)]
        kinds = np.array(arrays.price_class)[owner]
        for kind in np.unique(kinds):
            mine = kinds == kind
            vehicle = arrays.price_class.index(int(kind))
            ground, points, a, b = arrays.grounds[vehicle], arrays.points[vehicle], before[mine], after[mine]
            legs[0][mine], legs[1][mine] = ground.duration_s[a, here], ground.duration_s[here, b]
            legs[2][mine], legs[3][mine] = ground.distance_m[a, here], ground.distance_m[here, b]
            legs[4][mine] = points[a, here] + points[here, b]
        return legs[0], legs[1], legs[2], legs[3], legs[4]

    def _once_points(self, stop: int, vehicle: int) -> int:
        """What the stop costs wherever it stands in this vehicle's order."""
        driver = self.arrays.vehicles[vehicle]
        fixed = 0 if self.orders[vehicle] else driver.cost_fixed
        served = service_points(self.arrays.services[vehicle][stop], driver.cost_per_service_hour)
        return fixed + served + int(self.arrays.surcharges[stop, vehicle])

    def _room(self, vehicle: int, row: Row, limit: str, name: str) -> int:
        most = getattr(self.arrays.vehicles[vehicle], limit)
        return HORIZON_S if most is None else most - getattr(row, name)

    def _fits(self, stop: int, vehicle: int, position: int) -> bool:
        """Whether windows, shift and breaks hold with the stop at that position; exact."""
        arrays, row = self.arrays, self.row(vehicle)
        breaks, here, duration = row.way.breaks, arrays.place[stop], arrays.grounds[vehicle].duration
        gap = position - row.way.n_frozen
        ready = ready_after_leg(row.slack.departs[position], duration[row.before[gap]][here], breaks)
        service_s, windows = arrays.services[vehicle][stop], arrays.windows[stop]
        leaves = [min(NEVER, earliest_start_s(windows, ready_s) + service_s) for ready_s in ready]
        ready = ready_after_leg(leaves, duration[here][row.after[gap]], breaks)
        return any(early <= late for early, late in zip(ready, row.slack.latest[position], strict=True))

    def row(self, vehicle: int) -> Row:
        """What is known of a vehicle's route as it stands."""
        row = self._rows[vehicle]
        if row is None:
            row = self._rows[vehicle] = self._scanned(vehicle)
        return row

    def _scanned(self, vehicle: int) -> Row:
        arrays, order = self.arrays, self.orders[vehicle]
        way, ground = way_of(arrays, vehicle, order), arrays.grounds[vehicle]
        times = slack(way)
        first = way.n_frozen
        places = np.array(arrays.places(vehicle, order))
        before, after = places[first:-1], places[first + 1 :]
        # An empty day costs and drives nothing, whatever lies between its start and its end.
        used = 1 if order else 0
        return Row(
            way=way,
            slack=times,
            before=before,
            after=after,
            leaves_s=np.array([min(layers) for layers in times.departs[first:-1]]),
            latest_s=np.array([max(layers) for layers in times.latest[first:]]),
            gap_points=arrays.points[vehicle][before, after] * used,
            gap_s=ground.duration_s[before, after] * used,
            gap_m=ground.distance_m[before, after] * used,
            travel_s=arrays.route_travel_s(vehicle, order) * used,
            distance_m=distance_m(arrays, vehicle, order) * used,
        )
