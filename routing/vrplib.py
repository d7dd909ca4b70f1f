"""Reader of VRPLIB files and of their solutions: one or several depots, capacities, windows, durations.

Source: TSPLIB 95 (Reinelt, 1995) with the sections that CVRPLIB and PyVRP's instances add for vehicles, depots,
windows and service times. Customer numbers of a solution are node numbers less one.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from routing.errors import UnreadableFile
from routing.text_files import read_text
from routing.types import UNREACHABLE, Matrix, Problem, Stop, Vehicle, Window
from routing.vrplib_sections import FORMATS, Sections, matrix_of, read_sections

# These instances play on no day; any instant does as their beginning.
_T0_AT = datetime(2000, 1, 1, tzinfo=UTC)

_OF_VEHICLES = ("VEHICLES_DEPOT", "CAPACITY", "VEHICLES_MAX_DURATION", "VEHICLES_MAX_DISTANCE")
"""Sections with a row for each vehicle."""

_ROUTE = re.compile(r"route\s*#?\s*(\d+)\s*:(.*)", re.IGNORECASE)
_COST = re.compile(r"cost\s*:?\s*([0-9]+(\.[0-9]+)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Vrplib:
    """An instance as its file states it, in the file's units; row r is node r + 1.

    Parameters
    ----------
    name : as the file states it, else the stem of the file's name
    weight : float64 (n, n), from row to column, given or straight-line; driving takes as much
    demand, service : float64 (n,), what each node takes and how long; 0 where not stated
    window : float64 (n, 2), when service may begin; None when no node has one
    depots : rows
    vehicle_depot : row of the depot of each vehicle
    capacity, max_duration, max_distance : float64, one a vehicle; None when not limited
    """

    name: str
    weight: np.ndarray
    demand: np.ndarray
    service: np.ndarray
    window: np.ndarray | None
    depots: tuple[int, ...]
    vehicle_depot: tuple[int, ...]
    capacity: np.ndarray | None
    max_duration: np.ndarray | None
    max_distance: np.ndarray | None

    def problem(self, units: int = 1) -> Problem:
        """Return the instance as a problem whose second, metre and point are each a part of the file's unit.

        The cost of a plan that serves everybody is its distance. Leaving out one customer costs more than any driving.
        Stops are named by customer number, as solutions name them; vehicles ``v1`` and so on.

        Parameters
        ----------
        units : seconds, metres and points in one unit of the file; weights are rounded to the nearest one, as TSPLIB
            does (1). PyVRP's multi-depot instances are compared at 1000.

        Raises
        ------
        InvalidProblem : what the file says contradicts itself, such as demands below 0
        """
        weight = _rounded(self.weight, units)
        unserved_cost = 2 * len(weight) * int(weight.max()) + 1
        stops = tuple(
            Stop(
                str(row),
                row,
                int(_rounded(self.service[row], units)),
                () if self.window is None else (Window(*_rounded(self.window[row], units).tolist()),),
                unserved_cost,
                delivers=() if self.capacity is None else (int(_rounded(self.demand[row], 1)),),
            )
            for row in range(len(weight))
            if row not in self.depots
        )
        vehicles = tuple(self._vehicle(k, weight, units) for k in range(len(self.vehicle_depot)))
        return Problem(_T0_AT, stops, vehicles, Matrix(weight, weight.copy()))

    def _vehicle(self, k: int, weight: np.ndarray, units: int) -> Vehicle:
        depot = self.vehicle_depot[k]
        # Without a window nobody is ever late: long enough for one vehicle to serve all.
        span = [0, 2 * len(weight) * int(weight.max()) + int(_rounded(self.service, units).sum()) + 1]
        opens_s, closes_s = span if self.window is None else _rounded(self.window[depot], units).tolist()
        return Vehicle(
            f"v{k + 1}",
            depot,
            depot,
            opens_s,
            closes_s,
            capacity=() if self.capacity is None else (int(_rounded(self.capacity[k], 1)),),
            max_work_s=None if self.max_duration is None else int(_rounded(self.max_duration[k], units)),
            max_distance_m=None if self.max_distance is None else int(_rounded(self.max_distance[k], units)),
        )


@dataclass(frozen=True, slots=True)
class Solution:
    """Routes as a ``.sol`` file states them: customer numbers by vehicle, from the first vehicle on, and the cost."""

    routes: tuple[tuple[int, ...], ...]
    cost: float


def read_vrplib(path: Path) -> Vrplib:
    """Return the instance in a VRPLIB file.

    Raises
    ------
    UnreadableFile : with the line: something is missing, not understood, out of order or no number
    """
    of = read_sections(path)
    n = of.needed("DIMENSION")
    depots = _depots(of, n)
    customers = n - len(depots)
    vehicle_depot = _vehicle_depots(of, depots, customers)
    window = of.table("TIME_WINDOW", n, 2, what="nodes")
    if window is not None and (window[:, 1] < window[:, 0]).any():
        row = int(np.flatnonzero(window[:, 1] < window[:, 0])[0])
        line, cells = of.rows["TIME_WINDOW"][row]
        raise of.refused(line, f"the window closes at {cells[2]} before it opens at {cells[1]}; swap them")
    n_vehicles = len(vehicle_depot)
    service = _column(of, "SERVICE_TIME", n, "nodes")
    if service is not None and "SERVICE_TIME" in of.values:
        service[list(depots)] = 0
    demand = _column(of, "DEMAND", n, "nodes")
    return Vrplib(
        name=of.text("NAME", path.stem),
        weight=_weight(of, n),
        demand=np.zeros(n) if demand is None else demand,
        service=np.zeros(n) if service is None else service,
        window=window,
        depots=depots,
        vehicle_depot=vehicle_depot,
        capacity=_column(of, "CAPACITY", n_vehicles, "vehicles"),
        max_duration=_column(of, "VEHICLES_MAX_DURATION", n_vehicles, "vehicles"),
        max_distance=_column(of, "VEHICLES_MAX_DISTANCE", n_vehicles, "vehicles"),
    )


def read_solution(path: Path) -> Solution:
    """Return the routes and the cost in a ``.sol`` file.

    Raises
    ------
    UnreadableFile : with the line: a route out of order, a customer that is no number, no cost
    """
    routes: list[tuple[int, ...]] = []
    cost: float | None = None
    text = read_text(path)
    for number, line in enumerate(text.split("\n"), 1):
        if found := _ROUTE.fullmatch(line.strip()):
            if int(found[1]) != len(routes) + 1:
                raise UnreadableFile(path, number, f"route {found[1]} stands where {len(routes) + 1} is due")
            cells = found[2].split()
            bad = next((cell for cell in cells if not re.fullmatch("[0-9]{1,9}", cell)), None)
            if bad is not None:
                raise UnreadableFile(path, number, f"{bad!r} is no customer; give whole numbers")
            routes.append(tuple(int(cell) for cell in cells))
        elif found := _COST.fullmatch(line.strip()):
            cost = float(found[1])
        elif line.strip():
            raise UnreadableFile(path, number, f"{line.strip()[:40]!r} is neither a route nor the cost")
    if cost is None:
        raise UnreadableFile(path, len(text.rstrip().split("\n")), "the cost is missing; add a line Cost: NUMBER")
    return Solution(tuple(routes), cost)


def _rounded(values: np.ndarray, units: int) -> np.ndarray:
    """Whole parts of a unit, halves upwards as TSPLIB's ``nint``; what is off the scale is out of reach."""
    scaled = np.floor(np.asarray(values) * units + 0.5)
    return np.minimum(scaled, UNREACHABLE).astype(np.int64)


def _weight(of: Sections, n: int) -> np.ndarray:
    """Return float64 (n, n): given or between coordinates."""
    kind = of.text("EDGE_WEIGHT_TYPE", "EUC_2D" if "NODE_COORD" in of.rows else "EXPLICIT").upper()
    line = of.values.get("EDGE_WEIGHT_TYPE", (of.n_lines, ""))[0]
    if kind == "EUC_2D":
        xy = of.table("NODE_COORD", n, 2, what="nodes")
        if xy is None:
            raise of.refused(line, "EUC_2D needs a NODE_COORD_SECTION; add it")
        apart: np.ndarray = np.sqrt(((xy[:, None] - xy[None, :]) ** 2).sum(axis=2))
        return apart
    if kind != "EXPLICIT":
        raise of.refused(line, f"EDGE_WEIGHT_TYPE is {kind}; EUC_2D and EXPLICIT are understood")
    shape = of.text("EDGE_WEIGHT_FORMAT", "FULL_MATRIX").upper()
    if shape not in FORMATS:
        line = of.values["EDGE_WEIGHT_FORMAT"][0]
        raise of.refused(line, f"EDGE_WEIGHT_FORMAT is {shape}; these are understood: {', '.join(FORMATS)}")
    cells = of.cells("EDGE_WEIGHT")
    if cells is None:
        raise of.refused(line or of.n_lines, "EXPLICIT needs an EDGE_WEIGHT_SECTION; add it")
    found = matrix_of(cells[0], shape, n)
    if found is None:
        raise of.refused(cells[1], f"{len(cells[0])} numbers are not the {shape} of {n} nodes")
    if found.min() < 0:
        raise of.refused(cells[1], f"the weight {found.min():g} must be 0 or more")
    return found


def _depots(of: Sections, n: int) -> tuple[int, ...]:
    """Rows of the depots: the first node when the file does not say. A -1 ends the section where it stands."""
    found = of.cells("DEPOT")
    if found is None:
        return (0,)
    numbers = [int(number) for number in found[0]]
    if -1 in numbers:
        numbers = numbers[: numbers.index(-1)]
    if not numbers or any(not 1 <= number <= n for number in numbers) or len(set(numbers)) < len(numbers):
        raise of.refused(found[1], f"the depots are {numbers}; name each once, by its node from 1 to {n}")
    return tuple(number - 1 for number in numbers)


def _vehicle_depots(of: Sections, depots: tuple[int, ...], customers: int) -> tuple[int, ...]:
    """Where each vehicle starts and ends; without a number there is one for each customer."""
    stated = of.whole("VEHICLES")
    if stated == 0:
        raise of.refused(of.values["VEHICLES"][0], "VEHICLES is 0; give at least one vehicle")
    n_vehicles = max(1, customers) if stated is None else stated
    if not any(section in of.rows for section in _OF_VEHICLES):
        # More vehicles than customers never drive; a slip in the file must not make millions of them.
        n_vehicles = min(n_vehicles, max(1, customers))
    found = of.table("VEHICLES_DEPOT", n_vehicles, 1, what="vehicles")
    if found is None:
        return tuple(depots[0] for _ in range(n_vehicles))
    rows = tuple(int(number) - 1 for number in found[:, 0])
    for (line, cells), row in zip(of.rows["VEHICLES_DEPOT"], rows, strict=True):
        if row not in depots:
            named = ", ".join(str(depot + 1) for depot in depots)
            raise of.refused(
                line, f"vehicle {cells[0]} belongs to node {cells[1]}, which is no depot; these are: {named}"
            )
    return rows


def _column(of: Sections, name: str, n: int, what: str) -> np.ndarray | None:
    """Return float64 (n,): a section of that name, else the key's number for all; None without either."""
    table = of.table(name, n, 1, what=what)
    if table is not None:
        if table.min(initial=0) < 0:
            line = of.rows[name][int(table[:, 0].argmin())][0]
            raise of.refused(line, f"{table.min():g} in {name}_SECTION must be 0 or more")
        column: np.ndarray = table[:, 0].copy()
        return column
    stated = of.whole(name) if name in of.values else None
    return None if stated is None else np.full(n, float(stated))
