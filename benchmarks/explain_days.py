"""Over-full random days for suite explain: every limit that a file of people and jobs can state, in odd numbers."""

from datetime import UTC, datetime

import numpy as np

from routing.types import UNREACHABLE, Break, Matrix, Problem, Skills, Stop, Vehicle, Window

_T0_AT = datetime(2026, 11, 24, tzinfo=UTC)
_MINUTE = 60
_TAGS = ("gas", "heights", "roof", "wiring")
_METRES_PER_S = 9


def random_day(seed: int) -> Problem:
    """A day of 2 to 5 people and more jobs than they can do; the same seed, the same day."""
    rng = np.random.default_rng([seed, 2026])
    n_vehicles = int(rng.integers(2, 6))
    n_stops = int(rng.integers(4, 9)) * n_vehicles
    names = [f"p{number}" for number in range(n_vehicles)]
    return Problem(
        _T0_AT,
        tuple(_stop(rng, number, names) for number in range(n_stops)),
        tuple(_vehicle(rng, number, n_stops, n_vehicles) for number in range(n_vehicles)),
        _matrix(rng, n_stops, n_vehicles),
    )


def price_of(priority: int) -> int:
    """Points for leaving out a job of a priority from 0 to 100."""
    return round(10_800 * 2 ** ((priority - 50) / 12.5))


def _matrix(rng: np.random.Generator, n_stops: int, n_vehicles: int) -> Matrix:
    """Odd travel times on a plane; now and then somebody lives where no road leads."""
    n_places = n_stops + n_vehicles
    xy = rng.uniform(0, float(rng.choice([1200, 3000, 6000])), (n_places, 2))
    duration_s = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)).astype(np.int64)
    duration_s += rng.integers(0, 90, duration_s.shape)
    distance_m = duration_s * _METRES_PER_S + rng.integers(0, 200, duration_s.shape)
    np.fill_diagonal(duration_s, 0)
    np.fill_diagonal(distance_m, 0)
    if rng.random() < 0.15:
        island = int(rng.integers(n_stops))
        for matrix in (duration_s, distance_m):
            matrix[island, :] = matrix[:, island] = UNREACHABLE
            matrix[island, island] = 0
    return Matrix(duration_s, distance_m)


def _stop(rng: np.random.Generator, number: int, names: list[str]) -> Stop:
    wish, long = rng.random(), rng.random() < 0.02
    needs = rng.choice(_TAGS, int(rng.choice([0, 1, 2], p=[0.5, 0.4, 0.1])), replace=False).tolist()
    named = str(rng.choice(names))
    return Stop(
        f"j{number:02}",
        number,
        int(rng.integers(15 * 60, 16 * 60)) * _MINUTE if long else int(rng.integers(2, 25)) * 5 * _MINUTE,
        _windows(rng),
        unserved_cost=int(rng.choice([300, 1500, *(price_of(p) for p in (10, 30, 50, 50, 70, 90, 100))])),
        skills=Skills(all_of=frozenset(needs), one_of=frozenset(_TAGS[:2] if wish > 0.95 else ())),
        required_vehicles=frozenset({named} if wish < 0.06 else ()),
        excluded_vehicles=frozenset({named} if 0.06 <= wish < 0.2 else ()),
        preferred_vehicles=frozenset({named} if 0.2 <= wish < 0.3 else ()),
        preference_cost=900,
    )


def _windows(rng: np.random.Generator) -> tuple[Window, ...]:
    kind, opens_min = rng.random(), int(rng.integers(5 * 60, 19 * 60))
    if kind < 0.35:
        return ()
    first = Window(opens_min * _MINUTE, (opens_min + int(rng.integers(0, 180))) * _MINUTE)
    if kind < 0.9:
        return (first,)
    opens_s = first.closes_s + int(rng.integers(20, 200)) * _MINUTE
    return (first, Window(opens_s, opens_s + int(rng.integers(0, 120)) * _MINUTE))


def _vehicle(rng: np.random.Generator, number: int, n_stops: int, n_vehicles: int) -> Vehicle:
    starts_s = int(rng.integers(6 * 60, 12 * 60)) * _MINUTE
    ends_s = starts_s + int(rng.integers(4 * 60, 11 * 60)) * _MINUTE
    pauses: tuple[Break, ...] = ()
    if rng.random() < 0.6:
        earliest_s = starts_s + int(rng.integers(60, 180)) * _MINUTE
        latest_s = min(earliest_s + int(rng.integers(0, 120)) * _MINUTE, ends_s - 45 * _MINUTE)
        pauses = (Break(earliest_s, latest_s, int(rng.choice([15, 30, 45])) * _MINUTE),)
    limits = rng.random(3)
    home = n_stops + number
    return Vehicle(
        f"p{number}",
        home,
        n_stops + int(rng.integers(n_vehicles)) if rng.random() < 0.1 else home,
        starts_s,
        ends_s,
        pauses,
        frozenset(rng.choice(_TAGS, int(rng.integers(0, 4)), replace=False).tolist()),
        max_stops=int(rng.integers(1, 6)) if limits[0] < 0.35 else None,
        max_travel_s=int(rng.integers(10, 120)) * _MINUTE if limits[1] < 0.35 else None,
        max_distance_m=int(rng.integers(5, 60)) * 1000 if limits[2] < 0.15 else None,
        cost_per_hour=int(rng.choice([3600, 3600, 2500, 7777])),
        cost_per_km=int(rng.choice([0, 0, 333])),
        cost_fixed=int(rng.choice([0, 0, 1500])),
    )
