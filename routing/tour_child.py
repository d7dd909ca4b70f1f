"""The best order without holding up other threads: of many destinations from a process of its own.

Up to ``QUICK_DESTINATIONS`` other threads run meanwhile anyhow, but for a tenth of a second at most while labels are
made, and starting a process takes longer than most answers.
"""

from dataclasses import dataclass
from multiprocessing.connection import Connection

from routing.errors import NoOrder
from routing.process import Packed, Process, packed, unpacked
from routing.tour import LIMIT_S, QUICK_DESTINATIONS, Tour, best_order, quick_order
from routing.types import Matrix

GRACE_S = 5.0
"""How long a child may be overdue; starting one takes about 0.7 s on a quiet machine, with OR-Tools."""


@dataclass(frozen=True, slots=True)
class _Task:
    matrix: Matrix
    return_to_origin: bool
    limit_s: float
    iterations: int | None
    seed: int


def best_order_in_child(
    matrix: Matrix,
    *,
    return_to_origin: bool,
    limit_s: float = LIMIT_S,
    iterations: int | None = None,
    seed: int = 1,
    grace_s: float = GRACE_S,
) -> Tour:
    """``routing.tour.best_order`` without holding up anybody; the same arguments, answer and errors.

    Where the child dies, or is overdue by ``grace_s`` and is ended, the order is built here without a search: never
    slower than the given one, not proven, ``found_by`` "or-opt" or "given".
    """
    if matrix.n_places <= QUICK_DESTINATIONS + 1:
        return best_order(matrix, return_to_origin=return_to_origin, limit_s=limit_s, iterations=iterations, seed=seed)
    child = Process("routing.tour_child", "work")
    try:
        child.line.send(_Task(matrix, return_to_origin, limit_s, iterations, seed))
        answer: Tour | Packed | None = child.line.recv() if child.line.poll(limit_s + grace_s) else None
    except (EOFError, OSError):
        answer = None
    finally:
        child.end()
    if answer is None:
        return quick_order(matrix, return_to_origin=return_to_origin)
    if isinstance(answer, Tour):
        return answer
    raise unpacked(answer)


def work(line: Connection) -> None:
    """Search and answer: the child's whole life."""
    task: _Task = line.recv()
    try:
        answer: Tour | Packed = best_order(
            task.matrix,
            return_to_origin=task.return_to_origin,
            limit_s=task.limit_s,
            iterations=task.iterations,
            seed=task.seed,
        )
    except (NoOrder, ValueError) as fault:
        answer = packed(fault)
    line.send(answer)
