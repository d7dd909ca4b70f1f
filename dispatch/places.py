"""Places on streets with names, drawn at random within an outline: where made-up people live and work is done."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from routing.engine import TravelTimes
from routing.errors import RoutingError

NEAR_STREET_M = 200
"""A random point farther than this from a street lies in fields or in the sea."""

_POINTS_A_DRAW = 512
_DRAWS_MOST = 200
"""Before giving up; and one more for each place wanted, so that only a yield below a fifth of a percent fails."""

_DECIMALS = 6
"""Of degrees: 0.1 m, and coordinates that a person can read."""


class TooFewStreets(RoutingError):
    """An outline holds too few streets with a name; carries how many places were wanted and found."""

    def __init__(self, wanted: int, found: int) -> None:
        super().__init__(
            f"only {found} of {wanted} random places lie within {NEAR_STREET_M} m of a street with a name;"
            " ask for fewer places, or give an outline of a town whose streets have names"
        )
        self.wanted, self.found = wanted, found


@dataclass(frozen=True, slots=True)
class Places:
    """Positions on streets.

    Parameters
    ----------
    lonlat : float64 array (n, 2)
    street_names : of each position

    Raises
    ------
    ValueError : the two differ in length, or ``lonlat`` is not (n, 2)
    """

    lonlat: np.ndarray
    street_names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse names that do not belong to positions."""
        if self.lonlat.shape != (len(self.street_names), 2):
            raise ValueError(
                f"lonlat has the shape {self.lonlat.shape} beside {len(self.street_names)} street names; give (n, 2) for n"
            )


def street_places(engine: TravelTimes, outline: Polygon | MultiPolygon, seed: int, n: int) -> Places:
    """Draw places on named streets; the first of n are the same whatever n is asked for beyond.

    Parameters
    ----------
    engine : knows the streets; an estimate by straight line has none
    outline : degrees, longitude first; random points are drawn evenly from it
    seed : same seed, outline and roads give the same places
    n : how many

    Returns
    -------
    n places, each moved to the nearest street, which is less than ``NEAR_STREET_M`` away and has a name

    Raises
    ------
    ValueError : n below 1, or an empty outline
    TooFewStreets : hardly any random point is near a street with a name
    """
    if n < 1 or outline.is_empty:
        raise ValueError(f"n {n}, outline of {outline.area:g} square degrees: both must be above 0")
    rng = np.random.Generator(np.random.PCG64(seed))
    west, south, east, north = outline.bounds
    kept = np.empty((0, 2))
    names: list[str] = []
    for _ in range(_DRAWS_MOST + n):
        # As many each time, so that asking for more places does not change the first ones.
        drawn = rng.uniform((west, south), (east, north), (_POINTS_A_DRAW, 2))
        inside = drawn[shapely.contains_xy(outline, drawn)]
        if not len(inside):
            continue
        snaps = engine.nearest(inside)
        good = (snaps.distance_m < NEAR_STREET_M) & np.array([bool(name) for name in snaps.names], dtype=bool)
        kept = np.vstack((kept, snaps.lonlat[good]))
        names += [name for name, taken in zip(snaps.names, good, strict=True) if taken]
        if len(kept) >= n:
            return Places(kept[:n].round(_DECIMALS), tuple(names[:n]))
    raise TooFewStreets(n, len(kept))
