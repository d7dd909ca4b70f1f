"""Contractors in metros, and questions asked from there, from a seed; and the judge of what a way answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geo.distance import one_to_many_m
from geo.point import Point

N_METROS = 300
N_TRADES = 20
SPREAD_M = 15_000.0
"""Standard deviation of where people live around the middle of their metro."""

NEAREST = 20
WITHIN_M = 25_000.0
MOVE_M = 300.0
"""Standard deviation of how far from home a position is written, each way."""

METROS = {"zipf": 0, "shifted": 2}
"""How many people a metro has, as 1 / (rank + shift), by name.

``zipf`` is the rank-size rule: the second has half of the first, the third a third; of 300 the largest holds 16 % of the
people. Source: Gabaix (1999), Zipf's law for cities: an explanation, Quarterly Journal of Economics 114(3), 739-767, who
finds an exponent of 1.005 for the metropolitan areas of the United States. ``shifted`` is Mandelbrot's form of it, whose
head is flatter: the largest holds 7 %, about what
New York has of its country. The larger the largest, the more a search that sorts everybody in
reach has to sort: figures are to be read with the shape beside them."""

_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """Contractors by number, one trade each.

    Parameters
    ----------
    lonlat : float64 array (n, 2)
    trade : int array (n,), 0 to ``N_TRADES`` - 1
    """

    lonlat: np.ndarray
    trade: np.ndarray

    def __len__(self) -> int:
        return len(self.trade)

    def of_trade(self, trade: int) -> np.ndarray:
        """Numbers of those of a trade, int array (m,)."""
        return np.flatnonzero(self.trade == trade)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: who of a trade is nearest to a point."""

    lon: float
    lat: float
    trade: int

    @property
    def point(self) -> Point:
        """Where it is asked."""
        return Point(self.lon, self.lat)


def fleet(n: int, seed: int, metros: str = "zipf") -> Fleet:
    """So many contractors in metros of a shape of ``METROS``."""
    rng = np.random.default_rng([seed, n])
    return Fleet(_in_metros(rng, n, seed, metros), rng.integers(0, N_TRADES, n))


def questions(n: int, seed: int, metros: str = "zipf") -> list[Question]:
    """So many questions, from where people live; the same for every size of fleet."""
    rng = np.random.default_rng([seed, 7])
    lonlat, trade = _in_metros(rng, n, seed, metros), rng.integers(0, N_TRADES, n)
    return [Question(lon, lat, int(t)) for (lon, lat), t in zip(lonlat.tolist(), trade.tolist(), strict=True)]


def moves(of: Fleet, n_batches: int, size: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions as they are written: batches of numbers, each once in a batch, and of lonlat around their homes.

    The same arguments give the same batches in every process; a longer sequence begins like a shorter one.
    """
    for batch in range(n_batches):
        rng = np.random.default_rng([seed, len(of), batch])
        who = np.unique(rng.integers(0, len(of), size))
        yield who, _around(rng, of.lonlat[who], MOVE_M)


def moved(of: Fleet, n_batches: int, size: int, seed: int) -> Fleet:
    """The fleet after so many batches of moves."""
    lonlat = of.lonlat.copy()
    for who, where in moves(of, n_batches, size, seed):
        lonlat[who] = where
    return Fleet(lonlat, of.trade)


def is_right(of: Fleet, question: Question, answer: Sequence[int], share: float, metres: float) -> bool:
    """Whether numbers are the nearest within the radius, by a look at everybody of the trade, on the sphere.

    Parameters
    ----------
    answer : numbers of contractors, in any order
    share, metres : by how much of itself, and by how much, a distance of the way may differ from ours; who is as near
        as the last, or as far as the radius, up to that may be in the answer or not
    """
    numbers = of.of_trade(question.trade)
    found = set(answer)
    if len(found) != len(answer) or len(answer) > NEAREST:
        return False
    if not found:
        nearest_m = one_to_many_m(question.point, of.lonlat[numbers]).min(initial=np.inf)
        return bool(nearest_m > WITHIN_M * (1 - share) - metres)
    away_m = one_to_many_m(question.point, of.lonlat[numbers])
    # With fewer than asked for, the radius is what bounds the answer.
    last_m = min(np.sort(away_m)[NEAREST - 1], WITHIN_M) if len(numbers) >= NEAREST else WITHIN_M
    must = set(numbers[away_m < last_m * (1 - share) - metres].tolist())
    may = set(numbers[away_m <= last_m * (1 + share) + metres].tolist())
    n_least = min(NEAREST, int((away_m <= WITHIN_M * (1 - share) - metres).sum()))
    return must <= found <= may and len(found) >= n_least


def _in_metros(rng: np.random.Generator, n: int, seed: int, metros: str) -> np.ndarray:
    places = np.random.default_rng(seed)
    middles = np.column_stack((places.uniform(-175, 175, N_METROS), places.uniform(-50, 60, N_METROS)))
    weights = 1.0 / (np.arange(N_METROS) + 1.0 + METROS[metros])
    return _around(rng, middles[rng.choice(N_METROS, n, p=weights / weights.sum())], SPREAD_M)


def _around(rng: np.random.Generator, lonlat: np.ndarray, spread_m: float) -> np.ndarray:
    away_deg = rng.normal(0.0, spread_m / _METRES_PER_DEGREE, lonlat.shape)
    away_deg[:, 0] /= np.cos(np.radians(lonlat[:, 1]))
    # Six digits, as positions are sent: 0.1 m.
    return np.round(lonlat + away_deg, 6)
