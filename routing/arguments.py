"""What every engine checks about its arguments in the same words, and the one way it rounds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def positions(chosen: Sequence[int] | None, n_points: int, field: str) -> list[int]:
    """Return the chosen positions, or all of them.

    Raises
    ------
    ValueError : a position outside 0..n_points - 1; negative ones do not count from the end
    """
    if chosen is None:
        return list(range(n_points))
    for position in chosen:
        if not 0 <= position < n_points:
            raise ValueError(f"{field} has {position}, but there are {n_points} points; count from 0")
    return [int(position) for position in chosen]


def rising(at_s: ArrayLike, n_points: int) -> NDArray[np.int64]:
    """Return the times of fixes: int64 array (n_points,), seconds.

    Raises
    ------
    ValueError : not one whole number for each fix, or times that stand still or go back; names the first
    """
    times = np.asarray(at_s)
    if times.shape != (n_points,) or not np.issubdtype(times.dtype, np.integer):
        raise ValueError(
            f"at_s is {times.dtype} of shape {times.shape}; give {n_points} whole seconds, one for each fix"
        )
    (standing,) = np.nonzero(np.diff(times) <= 0)
    if standing.size:
        at = int(standing[0]) + 1
        raise ValueError(f"at_s[{at}] = {times[at]} does not come after {times[at - 1]}; sort the fixes by time")
    return times.astype(np.int64)


def at_least(n_needed: int, points: NDArray[np.float64]) -> None:
    """Raise ``ValueError`` when there are fewer points than an answer needs."""
    if len(points) < n_needed:
        raise ValueError(f"lonlat has {len(points)} points; give at least {n_needed}")


def half_up(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round to whole numbers, halves up (numpy's own rounding sends them to the even neighbour)."""
    return np.floor(values + 0.5).astype(np.int64)
