"""Parts of a search that need nothing of each other: side by side where there are cores for them, else in turn.

Compiled code runs without the interpreter's lock, so threads will do; a process of its own would spend half a second on
loading that code before it could help.
"""

import math
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from routing.budget import Budget

MOST_LANES = 4
"""Cores that one search takes at most: a fleet has four short chains at least; what more would bring is not measured."""


def cores() -> int:
    """How many cores this process may run on."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(MOST_LANES, allowed))


class Lanes:
    """Shares a budget out to tasks.

    A count of iterations is split over the tasks, the same way whatever the number of lanes: so is the outcome. A clock
    runs for all lanes at once, so there is time for more tasks with more lanes: ``copies`` says of how many of each.

    Parameters
    ----------
    budget : what all tasks may spend; asked from several threads, its ``cancel`` is called by one at a time
    n : lanes, as many as there are cores when not given
    """

    def __init__(self, budget: Budget, n: int | None = None) -> None:
        self.budget, self.n = budget, cores() if n is None else n
        self._lock, self._stopped = threading.Lock(), False

    def copies(self, n_tasks: int) -> int:
        """How often each of some tasks may be done, with another seed each time, so that no lane is idle."""
        return 1 if self.budget.solutions is not None else max(1, self.n // n_tasks)

    def rounds(self, n_tasks: int) -> int:
        """One by how much of a budget each of some tasks may spend."""
        return n_tasks if self.budget.solutions is not None else math.ceil(n_tasks * self.copies(n_tasks) / self.n)

    def part(self, share: float) -> Budget:
        """A share of the whole budget for one task, no more than what is left."""
        left = 1.0 - self.budget.progress()
        part = self.budget.part(min(1.0, share / left) if left > 0 else 1.0)
        if self.budget.solutions is not None:
            # What others have spent by now depends on the lanes.
            part.solutions = max(1, round(self.budget.solutions * share))
        part.cancel = self._cancelled
        return part

    def rest(self) -> Budget:
        """What is left, for each of the last tasks."""
        rest = self.budget.part(1.0)
        rest.cancel = self._cancelled
        return rest

    def run[T](self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """What the tasks return, in their order; what one raises is raised when all have ended."""
        if self.n == 1 or len(tasks) == 1:
            return [task() for task in tasks]
        with ThreadPoolExecutor(self.n) as pool:
            under_way = [pool.submit(task) for task in tasks]
            try:
                return [task.result() for task in under_way]
            except BaseException:
                self._stopped = True
                raise

    def alone[**P](self, told: Callable[P, object]) -> Callable[P, None]:
        """Whatever is told, by one lane at a time."""

        def one_at_a_time(*args: P.args, **kwargs: P.kwargs) -> None:
            with self._lock:
                told(*args, **kwargs)

        return one_at_a_time

    def _cancelled(self) -> bool:
        with self._lock:
            return self._stopped or self.budget.cancelled()
