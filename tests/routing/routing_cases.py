"""Tiny problems that can be checked in the head, and random ones for invariants."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from routing.types import Break, Matrix, Problem, Skills, Stop, Vehicle, Window

T0_AT = datetime(2026, 11, 24, tzinfo=UTC)
HOUR = 3600


def line_matrix(positions_s: Sequence[int], metres_per_s: int = 10) -> Matrix:
    """Places on a straight street; positions in seconds of driving from its beginning."""
    at = np.array(positions_s, dtype=np.int64)
    duration_s = np.abs(at[:, None] - at[None, :])
    return Matrix(duration_s, duration_s * metres_per_s)


def on_a_street(stops: Sequence[Stop], vehicles: Sequence[Vehicle], positions_s: Sequence[int]) -> Problem:
    """A problem on a straight street; ``place`` of stops and vehicles are indices into the positions."""
    return Problem(T0_AT, tuple(stops), tuple(vehicles), line_matrix(positions_s))


def four_jobs(**vehicle: object) -> Problem:
    """Home at 0; four jobs of 10 minutes at 10, 20, 30, 40 minutes along the street; one shift of 8 hours."""
    stops = [Stop(name, place + 1, 600) for place, name in enumerate("abcd")]
    driver = Vehicle("ana", 0, 0, 8 * HOUR, 16 * HOUR, **vehicle)  # type: ignore[arg-type]
    return on_a_street(stops, [driver], [0, 600, 1200, 1800, 2400])


def random_problem(seed: int, n_stops: int = 8, n_vehicles: int = 3) -> Problem:
    """Everything the model can say, in odd numbers."""
    rng = np.random.default_rng(seed)
    n_places = n_stops + n_vehicles + 1
    xy = rng.uniform(0, 3000, (n_places, 2))
    duration_s = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)).astype(np.int64)
    duration_s += rng.integers(0, 60, duration_s.shape)
    np.fill_diagonal(duration_s, 0)
    names = [f"v{number}" for number in range(n_vehicles)]
    tags = ["x", "y", "z"]
    stops = []
    for number in range(n_stops):
        opens_s = int(rng.integers(8, 14)) * HOUR
        first = Window(opens_s, opens_s + int(rng.integers(0, 4)) * 1800)
        windows = ((), (first,), (first, Window(first.closes_s + 1800, first.closes_s + 5400)))[rng.integers(3)]
        wish = int(rng.integers(8))
        stops.append(
            Stop(
                f"s{number:02}",
                number,
                int(rng.integers(1, 9)) * 600 + int(rng.integers(0, 7)),
                windows,
                unserved_cost=int(rng.choice([700, 3000, 10_800, 170_000])),
                skills=Skills(
                    all_of=frozenset(rng.choice(tags, int(rng.integers(0, 2)), replace=False).tolist()),
                    one_of=frozenset({"x", "y"} if wish == 1 else ()),
                    none_of=frozenset({"z"} if wish == 2 else ()),
                ),
                required_vehicles=frozenset({names[0]} if wish == 3 else ()),
                excluded_vehicles=frozenset({names[-1]} if wish == 4 else ()),
                preferred_vehicles=frozenset({names[1 % n_vehicles]} if wish == 5 else ()),
                preference_cost=400,
            )
        )
    vehicles = []
    for number, name in enumerate(names):
        starts_s = 7 * HOUR + int(rng.integers(0, 4)) * 1800
        pauses = (
            (),
            (Break(11 * HOUR, 13 * HOUR, 1800),),
            (Break(10 * HOUR, 11 * HOUR, 900), Break(13 * HOUR, 14 * HOUR, 2700)),
        )[rng.integers(3)]
        vehicles.append(
            Vehicle(
                name,
                n_stops + number,
                n_stops + int(rng.integers(0, n_vehicles + 1)),
                starts_s,
                starts_s + int(rng.integers(5, 10)) * HOUR,
                tuple(
                    b for b in pauses if b.latest_s + b.duration_s <= starts_s + 5 * HOUR and b.earliest_s >= starts_s
                ),
                frozenset(rng.choice(tags, 2, replace=False).tolist()),
                max_stops=[None, 3][rng.integers(2)],
                max_travel_s=[None, 5000][rng.integers(2)],
                cost_per_hour=int(rng.choice([3600, 2500, 7777])),
                cost_per_km=int(rng.choice([0, 333])),
                cost_fixed=int(rng.choice([0, 1500])),
            )
        )
    return Problem(T0_AT, tuple(stops), tuple(vehicles), Matrix(duration_s, duration_s * 11))
