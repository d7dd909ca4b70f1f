"""Days for suite field: dense enough that a tenth of the jobs finds nobody, priced by four classes of priority.

The mixture follows what a trade business of a metropolitan area plans: everybody has one to three of six trades, half
of the jobs have a window of two to four hours, a visit takes half an hour to two hours. Whether people owe a lunch
break is a day of its own, for not every engine can state it.
"""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from routing.types import Break, Matrix, Problem, Skills, Stop, Vehicle, Window

TRADES = ("plumber", "electrician", "hvac", "appliance", "roofer", "locksmith")

SHARES_OF_TRADES = (0.27, 0.22, 0.19, 0.14, 0.11, 0.07)

PRICES, SHARES_OF_PRICES = (10_800, 21_600, 54_000, 216_000), (0.68, 0.20, 0.09, 0.03)
"""Points of leaving a job out: an ordinary one is worth three hours of driving."""

SERVICES_MIN, SHARES_OF_SERVICES = (30, 45, 60, 90, 120), (0.35, 0.25, 0.20, 0.12, 0.08)

_MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def field_day(matrix: Matrix, n_jobs: int, n_people: int, seed: int, *, with_breaks: bool) -> Problem:
    """A day over a matrix whose first places are homes and whose others are jobs.

    Raises
    ------
    ValueError : the matrix joins fewer places than people and jobs
    """
    if matrix.n_places < n_jobs + n_people:
        raise ValueError(f"{matrix.n_places} places for {n_people} people and {n_jobs} jobs: each needs one")
    # One stream a subject: breaks leave jobs and shifts as they are.
    of_people, of_jobs, of_breaks = (
        np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence(seed).spawn(3)
    )
    vehicles = [_person(of_people, v, _lunch(of_breaks) if with_breaks else ()) for v in range(n_people)]
    held = sorted(set().union(*(vehicle.skills for vehicle in vehicles)))
    stops = [_job(of_jobs, s, n_people + s, held) for s in range(n_jobs)]
    return Problem(_MIDNIGHT, tuple(stops), tuple(vehicles), matrix)


def _person(rng: np.random.Generator, number: int, breaks: tuple[Break, ...]) -> Vehicle:
    starts_s = 60 * int(rng.choice(np.arange(390, 541, 30)))
    ends_s = starts_s + 3600 * int(rng.choice((8, 9, 10)))
    trades = rng.choice(TRADES, int(rng.choice((1, 2, 3))), replace=False, p=SHARES_OF_TRADES)
    return Vehicle(
        f"C{number + 1:03d}", number, number, starts_s, ends_s, breaks, frozenset(str(trade) for trade in trades)
    )


def _lunch(rng: np.random.Generator) -> tuple[Break, ...]:
    earliest_s = 60 * int(rng.choice((690, 720, 750)))
    return (Break(earliest_s, earliest_s + 60 * int(rng.choice((60, 90, 120))), 60 * int(rng.choice((30, 45, 60)))),)


def _job(rng: np.random.Generator, number: int, place: int, held: list[str]) -> Stop:
    shares = np.array([SHARES_OF_TRADES[TRADES.index(trade)] for trade in held])
    trade = str(rng.choice(held, p=shares / shares.sum()))
    service_s = 60 * int(rng.choice(SERVICES_MIN, p=SHARES_OF_SERVICES))
    price = int(rng.choice(PRICES, p=SHARES_OF_PRICES))
    opens_s, lasts_s = 60 * int(rng.choice(np.arange(420, 901, 30))), 60 * int(rng.choice((120, 180, 240)))
    windows = (Window(opens_s, opens_s + lasts_s),) if rng.random() < 0.5 else ()
    wanted: dict[str, Any] = {"windows": windows, "unserved_cost": price, "skills": Skills(frozenset({trade}))}
    return Stop(f"J{number + 1:04d}", place, service_s, **wanted)
