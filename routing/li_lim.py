"""Reader of the text format of Li & Lim: pickups and deliveries with time windows on a plane.

Source: Li & Lim (2001), "A metaheuristic for the pickup and delivery problem with time windows", ICTAI 2001, 160-167.
Its published best results put the number of vehicles first and the distance second.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from routing.errors import UnreadableFile
from routing.text_files import read_text
from routing.types import Delivery, Matrix, Problem, Stop, Vehicle, Window

THOUSANDTHS = 1000
"""Seconds, metres and points in a unit of the file."""

# These instances play on no day; any instant does as their beginning.
_T0_AT = datetime(2000, 1, 1, tzinfo=UTC)

_HEAD = ("number of vehicles", "capacity", "speed")
_COLUMNS = ("task", "x", "y", "demand", "earliest", "latest", "service", "pickup", "delivery")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_WHOLE = re.compile(r"[+-]?[0-9]{1,12}")


@dataclass(frozen=True, slots=True, eq=False)
class LiLim:
    """An instance as its file states it, in the file's units; row 0 is the depot.

    Parameters
    ----------
    name : stem of the file's name
    n_vehicles, capacity : at most so many vehicles, each carrying at most so much
    xy : float64 (n, 2), positions on the plane
    demand : int64 (n,), what is collected at each task; what a delivery brings is below 0
    window : int64 (n, 2), when service may begin; the depot's is the horizon
    service : int64 (n,), time spent at each task
    pairs : (pickup, delivery) rows, in order of the pickups
    """

    name: str
    n_vehicles: int
    capacity: int
    xy: np.ndarray
    demand: np.ndarray
    window: np.ndarray
    service: np.ndarray
    pairs: tuple[tuple[int, int], ...]

    def distances(self) -> np.ndarray:
        """Return int64 (n, n): straight-line distances in thousandths, rounded down. Driving takes as many.

        Rounded down, so that every plan that keeps the windows in exact arithmetic keeps them here.
        """
        apart = self.xy[:, None] - self.xy[None, :]
        # Scaled before the root is taken: of whole coordinates the square is exact.
        thousandths: np.ndarray = np.sqrt((apart**2).sum(axis=2) * THOUSANDTHS**2).astype(np.int64)
        return thousandths

    def problem(self) -> Problem:
        """Return the instance as a problem whose second, metre and point are each a thousandth of the file's unit.

        A vehicle more costs more than all driving, a task left out more than all vehicles: serving everybody comes
        first, then few vehicles, then little distance, which is ``objective.travel``. Stops are named by task number,
        vehicles ``v1`` and so on, at most one a pair.
        """
        distance = self.distances()
        all_driving = 2 * len(distance) * int(distance.max()) + 1
        n_vehicles = min(self.n_vehicles, max(1, len(self.pairs)))
        unserved_cost = (n_vehicles + 1) * all_driving
        window = (self.window * THOUSANDTHS).tolist()
        service = (self.service * THOUSANDTHS).tolist()
        collected = {pickup: (int(self.demand[pickup]),) for pickup, _ in self.pairs}
        stops = tuple(
            Stop(
                str(row),
                row,
                service[row],
                (Window(*window[row]),),
                unserved_cost,
                collects=collected.get(row, ()),
            )
            for row in range(1, len(distance))
        )
        opens_s, closes_s = window[0]
        vehicles = tuple(
            Vehicle(f"v{number}", 0, 0, opens_s, closes_s, cost_fixed=all_driving, capacity=(self.capacity,))
            for number in range(1, n_vehicles + 1)
        )
        deliveries = tuple(Delivery(str(pickup), str(delivery)) for pickup, delivery in self.pairs)
        return Problem(_T0_AT, stops, vehicles, Matrix(distance, distance.copy()), deliveries=deliveries)


def read_li_lim(path: Path) -> LiLim:
    """Return the instance in a file of Li & Lim's. The speed is read and passed over, as the published results do.

    Raises
    ------
    UnreadableFile : with the line: a cell is missing or no number, tasks out of order, a window that closes before
        it opens, a pair that does not name each other or does not bring what it fetches
    """
    lines = [(number, line.split()) for number, line in enumerate(read_text(path).split("\n"), 1) if line.strip()]
    if len(lines) < 2:
        raise UnreadableFile(path, 0, f"no tasks; the first line is {', '.join(_HEAD)}, then one line a task")
    head = _wholes(path, *lines[0], _HEAD)
    if head[0] < 1:
        raise UnreadableFile(path, lines[0][0], f"the number of vehicles is {head[0]}; give at least one")
    rows = [_task(path, line, cells, row) for row, (line, cells) in enumerate(lines[1:])]
    amounts = np.array([row[1] for row in rows], dtype=np.int64)
    return LiLim(
        name=path.stem,
        n_vehicles=head[0],
        capacity=head[1],
        xy=np.array([row[0] for row in rows], dtype=np.float64),
        demand=amounts[:, 0],
        window=amounts[:, 1:3],
        service=amounts[:, 3],
        pairs=_pairs(path, amounts.tolist(), [line for line, _ in lines[1:]]),
    )


def _task(path: Path, line: int, cells: list[str], row: int) -> tuple[list[float], list[int]]:
    """Position and, from demand on, the whole numbers of one task."""
    if len(cells) != len(_COLUMNS):
        raise UnreadableFile(path, line, f"{len(cells)} cells instead of {len(_COLUMNS)}: {', '.join(_COLUMNS)}")
    task, *amounts = _wholes(path, line, [cells[0], *cells[3:]], (_COLUMNS[0], *_COLUMNS[3:]))
    if task != row:
        raise UnreadableFile(path, line, f"task is {task}; tasks count up from 0, the depot, so {row} is due")
    demand, earliest, latest, service, pickup, delivery = amounts
    if latest < earliest:
        raise UnreadableFile(path, line, f"latest {latest} lies before earliest {earliest}; swap them")
    if service < 0 or earliest < 0:
        raise UnreadableFile(path, line, f"earliest {earliest} and service {service} must be 0 or more")
    if row == 0 and (demand or service or pickup or delivery):
        raise UnreadableFile(path, line, "the depot has demand, service or a sibling; all of them must be 0")
    if row and (pickup == 0) == (delivery == 0):
        reason = f"pickup is {pickup} and delivery {delivery}; one of the two names the sibling, the other is 0"
        raise UnreadableFile(path, line, reason)
    if row and (demand < 0) == (delivery > 0) and demand:
        what = "a pickup collects, so its demand is above 0" if delivery else "a delivery's demand is below 0"
        raise UnreadableFile(path, line, f"demand is {demand}; {what}")
    for cell, name in zip(cells[1:3], _COLUMNS[1:3], strict=True):
        if not _DECIMAL.fullmatch(cell) or len(cell) > 12:
            raise UnreadableFile(path, line, f"{name} is {cell!r}; give a number of at most 12 characters")
    return [float(cells[1]), float(cells[2])], amounts


def _pairs(path: Path, amounts: list[list[int]], lines: list[int]) -> tuple[tuple[int, int], ...]:
    """Pickup and delivery rows that name each other and carry the same."""
    found = []
    for row, (demand, _, _, _, pickup, delivery) in enumerate(amounts):
        sibling = pickup or delivery
        if not row:
            continue
        if not 0 < sibling < len(amounts):
            raise UnreadableFile(path, lines[row], f"the sibling {sibling} is no task; there are {len(amounts) - 1}")
        other = amounts[sibling]
        if (other[4] if delivery else other[5]) != row:
            reason = f"task {row} names {sibling} as its sibling, which names another; let them name each other"
            raise UnreadableFile(path, lines[row], reason)
        if other[0] != -demand:
            reason = f"demand is {demand}, that of its sibling {sibling} is {other[0]}; make it {-demand}"
            raise UnreadableFile(path, lines[row], reason)
        if delivery:
            found.append((row, sibling))
    return tuple(found)


def _wholes(path: Path, line: int, cells: list[str], names: tuple[str, ...]) -> list[int]:
    if len(cells) != len(names):
        raise UnreadableFile(path, line, f"{len(cells)} cells instead of {len(names)}: {', '.join(names)}")
    for cell, name in zip(cells, names, strict=True):
        if not _WHOLE.fullmatch(cell):
            raise UnreadableFile(path, line, f"{name} is {cell!r}; give a whole number")
    return [int(cell) for cell in cells]
