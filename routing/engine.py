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
    source : who answered, "osrm" or "straight"
    """

    lonlat: np.ndarray
    distance_m: np.ndarray
    names: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class RoadRoute:
    """A way through points in the given order.

    Parameters
    ----------
    travel_s : int64 array (n - 1,), per leg
    distance_m : int64 array (n - 1,), per leg
    lonlat : float64 array (p, 2), the line to draw
    source : who answered, "osrm" or "straight"
    """

    travel_s: np.ndarray
    distance_m: np.ndarray
    lonlat: np.ndarray
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do on the way, and the road that follows it. ``routing.turns.sentence`` says it in English.

    Parameters
    ----------
    kind : OSRM's type of manoeuvre: "depart", "turn", "new name", "fork", "roundabout", "arrive" …
    modifier : OSRM's direction: "left", "slight right", "straight", "uturn" …; empty when there is none
    street : the road that follows, by its name or else its number; empty when it has neither
    travel_s, distance_m : along that road, until the next step; 0 on arrival
    lonlat : where
    bearing_deg : direction of the road that follows, 0 to 359 clockwise from north; 0 on arrival
    exit_number : which exit of a roundabout, from 1; None elsewhere
    towards : what signs say, empty when there are none
    roundabout : its own name, empty when it has none
    """

    kind: str
    modifier: str
    street: str
    travel_s: int
    distance_m: int
    lonlat: tuple[float, float]
    bearing_deg: int
    exit_number: int | None = None
    towards: str = ""
    roundabout: str = ""


@dataclass(frozen=True, slots=True)
class Directions:
    """A way through points in the given order, turn by turn.

    Parameters
    ----------
    travel_s, distance_m, lonlat, source : as of ``RoadRoute``
    steps : for each leg, from "depart" to "arrive"; their seconds and metres sum up to the leg's
    """

    travel_s: np.ndarray
    distance_m: np.ndarray
    lonlat: np.ndarray
    source: str
    steps: tuple[tuple[Step, ...], ...]


class TravelTimes(Protocol):
    """Travel over one region. ``lonlat`` is a float64 array (n, 2) everywhere.

    Durations are whole seconds and distances whole metres, rounded half up. ``table``, ``route`` and
    ``directions`` raise ``OffRoad`` for points more than ``SNAP_LIMIT_M`` from any road, naming each; ``EngineFailed`` is everything
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

    def directions(self, lonlat: np.ndarray) -> Directions:
        """The same way turn by turn; raises what ``route`` raises."""

    def nearest(self, lonlat: np.ndarray) -> Snaps:
        """The nearest road of each point, however far; never raises ``OffRoad``."""

    def match(self, lonlat: np.ndarray, at_s: np.ndarray | None = None) -> RoadRoute:
        """The likely road behind a GPS trace of fixes taken ``at_s`` (int64, rising)."""

    def close(self) -> None:
        """Let go of files and child processes; further calls raise ``EngineFailed``."""
