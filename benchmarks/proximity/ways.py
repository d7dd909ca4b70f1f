"""What a way to find the nearest has to offer, and the two that live in memory."""

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from benchmarks.proximity.fleet import N_TRADES, NEAREST, WITHIN_M, Fleet, Question
from geo.distance import EARTH_RADIUS_M, unit_vector, unit_vectors
from geo.index import CellIndex
from geo.point import Point


@dataclass(frozen=True, slots=True)
class Built:
    """What it took to make a way ready.

    Parameters
    ----------
    build_s : seconds to make the index from what is stored already
    memory_bytes : what the index takes, and what it is made of where it cannot do without
    about : what else a reader may want to know
    """

    build_s: float
    memory_bytes: int
    about: dict[str, Any] = field(default_factory=dict)


class Way(Protocol):
    """One way to find the nearest.

    Attributes
    ----------
    name : as in rows
    writes : what moving people means for it: "cells", "redis", "track" by a writer, see there; "memory": nothing but
        what it does itself, as a ``Mover``; "" when it cannot follow
    share, metres : how far its distances may be from those on the sphere, see ``fleet.is_right``
    """

    name: str
    writes: str
    share: float
    metres: float

    def build(self, of: Fleet) -> Built:
        """Hold a fleet."""
        ...

    def ask(self, question: Question) -> Any:
        """What is measured: one question to its answer in Python."""
        ...

    def numbers(self, answer: Any) -> Sequence[int]:
        """The numbers of contractors in an answer; not measured."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


@runtime_checkable
class Mover(Protocol):
    """A way that lives in this process and takes positions itself."""

    def move(self, who: np.ndarray, lonlat: np.ndarray) -> None:
        """Write positions."""
        ...


class ByCellIndex:
    """``geo.index.CellIndex``, one a trade, in the memory of this process."""

    name, writes, share, metres = "cellindex", "memory", 0.0, 1e-3

    def build(self, of: Fleet) -> Built:
        """Hold a fleet."""
        before, began_s = _resident_bytes(), time.perf_counter()
        self._indexes: list[CellIndex[int]] = [CellIndex() for _ in range(N_TRADES)]
        self._trades = of.trade.tolist()
        for number, (trade, (lon, lat)) in enumerate(zip(self._trades, of.lonlat.tolist(), strict=True)):
            self._indexes[trade].put(number, Point(lon, lat))
        return Built(time.perf_counter() - began_s, _resident_bytes() - before)

    def ask(self, question: Question) -> list[tuple[int, float]]:
        """(number, metres), nearest first."""
        return self._indexes[question.trade].nearest(question.point, NEAREST, within_m=WITHIN_M)

    def numbers(self, answer: list[tuple[int, float]]) -> list[int]:
        """The numbers of contractors in an answer."""
        return [number for number, _ in answer]

    def move(self, who: np.ndarray, lonlat: np.ndarray) -> None:
        """Write positions."""
        for number, (lon, lat) in zip(who.tolist(), lonlat.tolist(), strict=True):
            self._indexes[self._trades[number]].put(number, Point(lon, lat))

    def close(self) -> None:
        """Forget everybody."""
        self._indexes = []


class ByTree:
    """``scipy.spatial.cKDTree`` over directions from the centre of the earth, one a trade. It cannot be changed."""

    name, writes, share, metres = "ckdtree", "", 0.0, 1e-3

    def build(self, of: Fleet) -> Built:
        """Hold a fleet."""
        from scipy.spatial import cKDTree  # type: ignore[import-untyped, unused-ignore]

        before, began_s = _resident_bytes(), time.perf_counter()
        self._trees = []
        for trade in range(N_TRADES):
            who = of.of_trade(trade)
            self._trees.append((cKDTree(unit_vectors(of.lonlat[who]).reshape(-1, 3)), who))
        return Built(time.perf_counter() - began_s, _resident_bytes() - before)

    def ask(self, question: Question) -> np.ndarray:
        """Numbers, nearest first."""
        tree, who = self._trees[question.trade]
        # A chord of the unit sphere is shorter than its arc, and keeps the order.
        chord = 2.0 * np.sin(WITHIN_M / EARTH_RADIUS_M / 2.0)
        _, at = tree.query(unit_vector(question.point), NEAREST, distance_upper_bound=np.nextafter(chord, 1.0))
        return who[at[at < len(who)]]  # type: ignore[no-any-return]  # scipy has no types

    def numbers(self, answer: np.ndarray) -> list[int]:
        """The numbers of contractors in an answer."""
        found: list[int] = answer.tolist()
        return found

    def close(self) -> None:
        """Forget everybody."""
        self._trees = []


def _resident_bytes() -> int:
    """What this process holds in memory; 0 where the system does not say."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096
    except OSError:
        return 0
