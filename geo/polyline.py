"""Route geometry as a short text: Google's encoded polylines, with longitude first on our side.

Source: https://developers.google.com/maps/documentation/utilities/polylinealgorithm. The text itself holds
latitude first; precision 5 is Google's, 6 is what OSRM and Valhalla call polyline6.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.point import checked_lonlat, out_of_range_reason

_MAX_PRECISION = 10
_MAX_CHUNKS = 12  # 60 bits: more than any delta on earth needs, and no overflow of int64


class InvalidPolyline(ValueError):
    """A text is not an encoded polyline; ``position`` counts its characters from 0."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"polyline, character {position}: {reason}")
        self.position, self.reason = position, reason


def encode(lonlat: ArrayLike, precision: int = 6) -> str:
    """Write a line as text.

    Parameters
    ----------
    lonlat : float array (n, 2), degrees, longitude first
    precision : decimals kept, 1 to 10; 6 is 0.1 m

    Returns
    -------
    ASCII text, empty for an empty line; may hold backslashes

    Raises
    ------
    InvalidLonLat : wrong shape, or a row that is not on earth
    ValueError : precision out of range
    """
    scale = _scale(precision)
    latlon = np.rint(checked_lonlat(lonlat)[:, ::-1] * scale).astype(np.int64)
    deltas = np.diff(latlon, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    # The sign goes into the lowest bit, so that small steps either way make small numbers.
    numbers = np.where(deltas < 0, ~(deltas << 1), deltas << 1)
    rest = numbers[:, None] >> (5 * np.arange(_MAX_CHUNKS + 1))
    wanted = rest[:, :-1] > 0
    wanted[:, 0] = True
    characters = (rest[:, :-1] & 0x1F) + np.where(rest[:, 1:] > 0, 0x20, 0) + 63
    return characters[wanted].astype(np.uint8).tobytes().decode("ascii")


def decode(text: str, precision: int = 6) -> NDArray[np.float64]:
    """Read a line back from its text.

    Parameters
    ----------
    text : as ``encode`` or any routing engine writes it
    precision : decimals it was written with; nothing in the text tells

    Returns
    -------
    float64 array (n, 2), degrees, longitude first

    Raises
    ------
    InvalidPolyline : an illegal character, a text cut short, or a place not on earth, with its position
    ValueError : precision out of range
    """
    scale = _scale(precision)
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.int64) - 63
    illegal = (codes < 0) | (codes > 63)
    if illegal.any():
        position = int(np.argmax(illegal))
        raise InvalidPolyline(position, f"{text[position]!r} is illegal; only '?' (63) to '~' (126) may occur")
    if not len(codes):
        return np.empty((0, 2))
    ends = np.flatnonzero(codes < 0x20)
    if not len(ends) or ends[-1] != len(codes) - 1:
        raise InvalidPolyline(len(codes), "the text is cut short in the middle of a number")
    if len(ends) % 2:
        raise InvalidPolyline(len(codes), "the text is cut short: the last latitude has no longitude")
    starts = np.concatenate(([0], ends[:-1] + 1))
    n_chunks = ends - starts + 1
    if n_chunks.max() > _MAX_CHUNKS:
        position = int(starts[np.argmax(n_chunks > _MAX_CHUNKS)])
        raise InvalidPolyline(position, f"a number longer than {_MAX_CHUNKS} characters; no step on earth is that long")
    shifts = 5 * (np.arange(len(codes)) - np.repeat(starts, n_chunks))
    numbers = np.add.reduceat((codes & 0x1F) << shifts, starts)
    deltas = np.where(numbers & 1, ~(numbers >> 1), numbers >> 1)
    # Summed as floats, absurd steps grow large instead of wrapping round; below 2**53 floats are exact.
    latlon = np.cumsum(deltas.reshape(-1, 2).astype(np.float64), axis=0) / scale
    on_earth = (np.abs(latlon) <= (90.0, 180.0)).all(axis=1)
    if not on_earth.all():
        row = int(np.argmin(on_earth))
        lat, lon = latlon[row].tolist()
        reason = f"point {row} is not on earth: {out_of_range_reason(lon, lat)} (or another precision than {precision})"
        raise InvalidPolyline(int(starts[2 * row]), reason)
    return np.ascontiguousarray(latlon[:, ::-1])


def _scale(precision: int) -> float:
    if not 1 <= precision <= _MAX_PRECISION:
        raise ValueError(f"precision {precision!r} is outside 1 to {_MAX_PRECISION}; 5 and 6 are in use")
    return 10.0**precision
