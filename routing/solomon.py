"""Reader of the text format of Solomon and of Gehring & Homberger: vehicle routing with time windows on a plane.

Source: Solomon (1987), Operations Research 35(2), 254-265; Gehring & Homberger (1999), EUROGEN99, 57-64. Distances
follow the 12th DIMACS Implementation Challenge (2022): truncated to one decimal, kept as whole tenths.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from routing.errors import UnreadableFile
from routing.text_files import read_text
from routing.types import Matrix, Problem, Stop, Vehicle, Window

TENTHS = 10
"""Tenths in a unit of the file."""

# These instances play on no day; any instant does as their beginning.
_T0_AT = datetime(2000, 1, 1, tzinfo=UTC)

_VEHICLE_COLUMNS = "NUMBERCAPACITY"
_CUSTOMER_COLUMNS = "CUSTNOXCOORDYCOORDDEMANDREADYTIMEDUEDATESERVICETIME"
_N_CUSTOMER_COLUMNS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Solomon:
    """An instance as its file states it, in the file's units; row 0 is the depot.

    Parameters
    ----------
    name : first line of the file
    n_vehicles, capacity : at most so many vehicles, each carrying at most so much
    xy : float64 (n, 2), positions on the plane
    demand : int64 (n,), what each customer takes
    window : int64 (n, 2), ready time and due date: when service may begin; the depot's is the horizon
    service : int64 (n,), time spent at each customer
    """

    name: str
    n_vehicles: int
    capacity: int
    xy: np.ndarray
    demand: np.ndarray
    window: np.ndarray
    service: np.ndarray

    def distances(self) -> np.ndarray:
        """Return int64 (n, n): straight-line distances in tenths, rounded down. Driving takes as many tenths."""
        apart = self.xy[:, None] - self.xy[None, :]
        # Scaled before the root is taken: of whole coordinates the square is exact, so 0.1 cannot be lost to rounding.
        tenths: np.ndarray = np.sqrt((apart**2).sum(axis=2) * TENTHS**2).astype(np.int64)
        return tenths

    def problem(self) -> Problem:
        """Return the instance as a problem whose second, metre and point are each a tenth of the file's unit.

        The cost of a plan that serves everybody is therefore its distance in tenths. Leaving out one customer costs
        more than any driving. Stops are named by customer number, vehicles ``v1`` and so on, at most one a customer.
        Demand and capacity are stated where they can bind: where one vehicle could not carry everything.
        """
        distance = self.distances()
        n_places = len(distance)
        unserved_cost = 2 * n_places * int(distance.max()) + 1
        window = (self.window * TENTHS).tolist()
        service = (self.service * TENTHS).tolist()
        binds = int(self.demand.sum()) > self.capacity
        stops = tuple(
            Stop(
                str(row),
                row,
                service[row],
                (Window(*window[row]),),
                unserved_cost,
                delivers=(int(self.demand[row]),) if binds else (),
            )
            for row in range(1, n_places)
        )
        opens_s, closes_s = window[0]
        # More vehicles than customers never drive; a slip in the file must not make millions of them.
        n_vehicles = min(self.n_vehicles, max(1, len(stops)))
        capacity = (self.capacity,) if binds else ()
        vehicles = tuple(
            Vehicle(f"v{number}", 0, 0, opens_s, closes_s, capacity=capacity) for number in range(1, n_vehicles + 1)
        )
        return Problem(_T0_AT, stops, vehicles, Matrix(distance, distance.copy()))


def read_solomon(path: Path) -> Solomon:
    """Return the instance in a file of Solomon's or of Gehring & Homberger's.

    Raises
    ------
    UnreadableFile : with the line: a section or column is missing, a cell is no number, customers out of order,
        a window that closes before it opens, an amount below 0, a depot with demand or service
    """
    return _Lines(path).solomon()


class _Lines:
    """The lines of one file that say something, read from first to last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = read_text(path)
        self.lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        self.n_lines = len(text.rstrip().split("\n"))
        self.at = 0

    def solomon(self) -> Solomon:
        line, name = self._next("the name of the instance")
        if name.upper() == "VEHICLE":
            raise self._refused(line, "the name of the instance is missing; put it on a line before VEHICLE")
        self._heading("VEHICLE", "VEHICLE")
        self._heading(_VEHICLE_COLUMNS, "NUMBER CAPACITY")
        line, text = self._next("number and capacity of the vehicles")
        n_vehicles, capacity = self._whole(line, text.split(), ("NUMBER", "CAPACITY"))
        if n_vehicles < 1:
            raise self._refused(line, f"NUMBER is {n_vehicles}; give at least one vehicle")
        self._heading("CUSTOMER", "CUSTOMER")
        self._heading(_CUSTOMER_COLUMNS, "CUST NO. XCOORD. YCOORD. DEMAND READY TIME DUE DATE SERVICE TIME")
        xy, amounts = self._customers()
        return Solomon(name, n_vehicles, capacity, xy, amounts[:, 0], amounts[:, 1:3], amounts[:, 3])

    def _customers(self) -> tuple[np.ndarray, np.ndarray]:
        """Return xy, float64 (n, 2), and demand, ready time, due date, service time, int64 (n, 4)."""
        xy, amounts = [], []
        if self.at == len(self.lines):
            self._next("the depot, customer 0,")
        for row, (line, text) in enumerate(self.lines[self.at :]):
            cells = text.split()
            if len(cells) != _N_CUSTOMER_COLUMNS:
                raise self._refused(line, f"{len(cells)} cells instead of {_N_CUSTOMER_COLUMNS}")
            number, demand, ready, due, service = self._whole(
                line, [cells[0], *cells[3:]], ("CUST NO.", "DEMAND", "READY TIME", "DUE DATE", "SERVICE TIME")
            )
            if number != row:
                raise self._refused(
                    line, f"CUST NO. is {number}; customers count up from 0, the depot, so {row} is due"
                )
            if due < ready:
                raise self._refused(line, f"DUE DATE {due} lies before READY TIME {ready}")
            if row == 0 and (demand or service):
                raise self._refused(line, f"the depot has DEMAND {demand}, SERVICE TIME {service}; both must be 0")
            xy.append(
                [self._decimal(line, cell, name) for cell, name in zip(cells[1:3], ("XCOORD.", "YCOORD."), strict=True)]
            )
            amounts.append([demand, ready, due, service])
        return np.array(xy, dtype=np.float64), np.array(amounts, dtype=np.int64)

    def _next(self, wanted: str) -> tuple[int, str]:
        if self.at == len(self.lines):
            raise self._refused(self.n_lines, f"the file ends here; {wanted} is missing")
        self.at += 1
        return self.lines[self.at - 1]

    def _heading(self, letters: str, wanted: str) -> None:
        line, text = self._next(f"the heading {wanted}")
        if re.sub("[^A-Z]", "", text.upper()) != letters or re.search(r"\d", text):
            raise self._refused(line, f"{text[:60]!r} stands where the heading {wanted} is due")

    def _whole(self, line: int, cells: list[str], names: tuple[str, ...]) -> list[int]:
        if len(cells) != len(names):
            raise self._refused(line, f"{len(cells)} cells instead of {len(names)}: {', '.join(names)}")
        for cell, name in zip(cells, names, strict=True):
            if not re.fullmatch(r"[0-9]{1,12}", cell):
                raise self._refused(line, f"{name} is {cell!r}; give a whole number from 0")
        return [int(cell) for cell in cells]

    def _decimal(self, line: int, cell: str, name: str) -> float:
        if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", cell) or len(cell) > 12:
            raise self._refused(line, f"{name} is {cell!r}; give a number of at most 12 characters")
        return float(cell)

    def _refused(self, line: int, reason: str) -> UnreadableFile:
        return UnreadableFile(self.path, line, reason)
