"""Large days: districts of neighbouring routes, searched each for itself, drawn anew while the temperature falls.

An iteration changes a few rows that lie side by side, but looks at everybody who might come, and the legs of 3,000 stops
are further from the processor than those of 500. So the plan is cut where few rows meet, and cut elsewhere a little
later. Districts need nothing of each other: with more cores they run side by side, and come to the same.

Source: decomposition by barycentres after Santini, Schneider, Vidal & Vigo (2023), "Decomposition strategies for vehicle
routing heuristics", INFORMS Journal on Computing 35(3); here the state of one annealing is cut and put together, no best
plan. On a day of 3,000 stops 267,000 iterations a second instead of 76,000, and 2.7 % less after a minute.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from routing.improve.lanes import Lanes
from routing.improve.lean import columns as at
from routing.improve.lean.ground import Ground
from routing.improve.lean.manner import DAYS, Manner
from routing.improve.lean.part import part_of
from routing.improve.lean.search import Lean

STOPS = 500
"""About so many stops a district. On days of 1,000 stops two districts were 0.5 % better after 5 s than one (three days,
two seeds), three of 340 no better; a day of 3,000 stops see above."""

CUTS = 20
"""How often districts are drawn in one annealing; 40 times gained nothing on the same days."""

type Rows = list[list[int]]


class District(NamedTuple):
    """Vehicles and stops of a part, in the numbers of the whole, and the search of it."""

    vehicles: np.ndarray
    stops: np.ndarray
    lean: Lean


def n_districts(ground: Ground) -> int:
    """How many districts a day is cut into."""
    return max(1, min(round(len(ground.stop) / STOPS), len(ground.vehicle)))


class Districts:
    """One annealing of a large day, a kernel as ``routing.improve.engine`` drives it.

    Parameters
    ----------
    n : districts, about; at least one, no more than there are vehicles
    lanes : districts run in as many lanes; the outcome does not depend on how many
    """

    def __init__(self, ground: Ground, orders: Rows, seed: int, n: int, lanes: Lanes, manner: Manner = DAYS) -> None:
        self.ground, self.n, self.lanes, self.manner = ground, n, lanes, manner
        self.best = Lean(ground, orders, seed).best
        self._best_orders = [list(order) for order in orders]
        self._chance = np.random.Generator(np.random.PCG64(seed))
        self._districts: list[District] = []
        self._due_at = 0.0
        self._cut(self._best_orders)

    def orders(self) -> Rows:
        """Stops of the best plan, by vehicle."""
        return self._best_orders

    def run(self, n_iterations: int, hot: float, cold: float, from_share: float, to_share: float) -> None:
        """Iterate, as ``loop.run`` says, in each district by its share of the stops."""
        if from_share >= self._due_at:
            if from_share > 0.0:
                self._cut(self._together([district.lean.current() for district in self._districts]))
            self._due_at = from_share + 1 / CUTS
        n_stops = len(self.ground.stop)
        self.lanes.run(
            [
                partial(lean.run, max(1, round(n_iterations * len(stops) / n_stops)), hot, cold, from_share, to_share)
                for _, stops, lean in self._districts
            ]
        )
        best = sum(district.lean.best for district in self._districts)
        if best < self.best:
            self.best = best
            self._best_orders = self._together([district.lean.orders() for district in self._districts])

    def _cut(self, orders: Rows) -> None:
        """Draw districts for the plan as it is."""
        self._districts = []
        for vehicles, stops in cut(self.ground, orders, self.n, self._chance):
            number = dict(zip(stops.tolist(), range(len(stops)), strict=True))
            rows = [[number[s] for s in orders[v]] for v in vehicles.tolist()]
            seed = int(self._chance.integers(1 << 31))
            lean = Lean(part_of(self.ground, vehicles, stops), rows, seed, self.manner)
            self._districts.append(District(vehicles, stops, lean))

    def _together(self, rows: list[Rows]) -> Rows:
        """The rows of all districts in the numbers of the whole."""
        orders: Rows = [[] for _ in self.ground.vehicle]
        for (vehicles, stops, _), part in zip(self._districts, rows, strict=True):
            for v, row in zip(vehicles.tolist(), part, strict=True):
                orders[v] = stops[row].tolist() if row else []
        return orders


def cut(ground: Ground, orders: Rows, n: int, chance: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Vehicles and stops of ``n`` districts of about as many stops each, int64, ascending.

    Stops that nobody serves go where the routes around them go, a delivery with its pickup. A district of one vehicle
    is not cut again.
    """
    waits = np.ones(len(ground.stop), dtype=bool)
    for order in orders:
        waits[order] = False
    whole = np.arange(len(orders)), np.flatnonzero(waits & (ground.stop[:, at.FETCHED] < 0))
    districts = []
    for vehicles, left in _halves(ground, orders, *whole, n, chance):
        brought = ground.stop[left, at.BRINGS]
        served = [s for v in vehicles.tolist() for s in orders[v]]
        stops = np.sort(np.concatenate([left, brought[brought >= 0], np.array(served, dtype=np.int64)]))
        districts.append((vehicles, stops))
    return districts


def _halves(
    ground: Ground, orders: Rows, vehicles: np.ndarray, left: np.ndarray, n: int, chance: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cut vehicles, and stops that nobody serves, along a line across the way between two places far apart."""
    served = [s for v in vehicles.tolist() for s in orders[v]]
    if n < 2 or len(vehicles) < 2 or not served:
        return [(vehicles, left)]
    # From anywhere to the farthest place, and from there to the farthest: about the longest way there is.
    anywhere = served[int(chance.integers(len(served)))]
    one = served[int(np.argmax(ground.drive[anywhere, served]))]
    other = served[int(np.argmax(ground.drive[one, served]))]
    nearer = ground.drive_to[one].astype(np.int64) - ground.drive_to[other]
    along = np.array(
        [nearer[orders[v]].mean() if orders[v] else nearer[ground.vehicle[v, at.START]] for v in vehicles.tolist()]
    )
    order = np.argsort(along, kind="stable")
    so_far = np.cumsum([len(orders[v]) for v in vehicles[order].tolist()])
    last = min(int(np.searchsorted(so_far, so_far[-1] * (n // 2) / n)), len(vehicles) - 2)
    edge = (along[order[last]] + along[order[last + 1]]) / 2
    on_this_side = nearer[left] <= edge
    this, that = np.sort(vehicles[order[: last + 1]]), np.sort(vehicles[order[last + 1 :]])
    return [
        *_halves(ground, orders, this, left[on_this_side], n // 2, chance),
        *_halves(ground, orders, that, left[~on_this_side], n - n // 2, chance),
    ]
