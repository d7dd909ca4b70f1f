"""How long a run has to go: what it has taken so far tells what the rest will take."""

import re
import threading
import time
from collections.abc import Iterable
from statistics import fmean

type Key = tuple[str, str, int, int, float]
"""Instance, engine, seed, cores, seconds of budget: what makes two rows the same measurement."""

STARTING_S = 1.5
"""Seconds that a process needs to begin, until some have told."""

ENDS_EARLY_S = 5.0
"""What somebody who ends by himself is thought to need, until he has told."""


class Remaining:
    """Counts measurements that are due, and tells for how long they will go on.

    Parameters
    ----------
    due : what is to be measured
    n_lanes : how many are measured at once
    """

    def __init__(self, due: Iterable[Key], n_lanes: int = 1) -> None:
        self._due = list(due)
        self._n, self._n_lanes = len(self._due), n_lanes
        self._began = time.monotonic()
        self._took: dict[tuple[str, str, float], list[float]] = {}
        self._lock = threading.Lock()

    @property
    def n_done(self) -> int:
        """How many have been measured or dropped."""
        return self._n - len(self._due)

    def found(self, key: Key, wall_s: float) -> None:
        """Hear what a measurement took."""
        with self._lock:
            self._took.setdefault(_like(key), []).append(wall_s)
            self._strike(key)

    def dropped(self, key: Key) -> None:
        """Hear that a measurement will not be made."""
        with self._lock:
            self._strike(key)

    def _strike(self, key: Key) -> None:
        if key in self._due:
            self._due.remove(key)

    def left_s(self) -> float:
        """Seconds that the rest will take about."""
        with self._lock:
            walls = [wall_s for took in self._took.values() for wall_s in took]
            beside_s = STARTING_S
            if walls:
                spent_s = (time.monotonic() - self._began) * self._n_lanes
                beside_s = max(0.0, spent_s - sum(walls)) / len(walls)
            return sum(self._expected_s(key) + beside_s for key in self._due) / self._n_lanes

    def _expected_s(self, key: Key) -> float:
        took = self._took.get(_like(key))
        if took:
            return fmean(took)
        return min(key[4], ENDS_EARLY_S) if key[1].startswith("vroom") else key[4]

    def says(self) -> str:
        """How many are done, and how long the rest will take."""
        left_s = self.left_s()
        return f"{self.n_done}/{self._n}" + (f", {spoken(left_s)} left" if left_s else "")


def spoken(seconds: float) -> str:
    """Seconds as people say them: 40 s, 12 min, 1.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _like(key: Key) -> tuple[str, str, float]:
    """What measurements that take about as long have in common: all but the last number of an instance's name."""
    return re.sub(r"\d+b?$", "", key[0]), key[1], key[4]
