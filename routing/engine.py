"""What every source of travel times promises, whichever way it computes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from routing.types import Matrix

SNAP_LIMIT_M = 1000
"""A point farther than this from any road is refused: OSRM would snap Paris to Monaco without a word."""


@dataclass(frozen=True, slots=True)
class Snaps:
    """Where points meet the road network.

    Parameters
    ----------
    lonlat : float64 array (n, 2), the nearest place on a road; nan where there is none
    distance_m : float64 array (n,), how far that is; inf where there is none
    names : the street's name, empty when it has none
    """

    lonlat: np.ndarray
    distance_m: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoadRoute:
    """A way through points in the given order.

    Parameters
    ----------
    travel_s : int64 array (n - 1,), per leg
    distance_m : int64 array (n - 1,), per leg
    lonlat : float64 array (p, 2), the line to draw
    """

    travel_s: np.ndarray
    distance_m: np.ndarray
    lonlat: np.ndarray


class TravelTimes(Protocol):
    """Travel over one region. ``lonlat`` is a float64 array (n, 2) everywhere.

    Durations are whole seconds and distances whole metres, rounded half up. ``table``, ``route`` raise
    ``OffRoad`` for points more than ``SNAP_LIMIT_M`` from any road, naming each; ``EngineFailed`` is everything
    that is not the caller's fault.
    """

    @property
    def source(self) -> str:
        """Who answers at this moment: "osrm" or "straight"."""

    def table(
        self, lonlat: np.ndarray, sources: Sequence[int] | None = None, targets: Sequence[int] | None = None
    ) -> Matrix:
        """Travel between all points, or from some of them (row order) to some of them (column order).

        Every point takes part in snapping even when it is neither source nor target, so that a part of a
        table equals the same cells of the whole.
        """

    def route(self, lonlat: np.ndarray) -> RoadRoute:
        """The way through the points in order; raises ``NoRoute`` with the first leg that has no road."""

    def nearest(self, lonlat: np.ndarray) -> Snaps:
        """The nearest road of each point, however far; never raises ``OffRoad``."""

    def match(self, lonlat: np.ndarray, at_s: np.ndarray | None = None) -> RoadRoute:
        """The likely road behind a GPS trace of fixes taken ``at_s`` (int64, rising)."""

    def close(self) -> None:
        """Let go of files and child processes; further calls raise ``EngineFailed``."""
