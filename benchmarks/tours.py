"""Suite tours: how soon the best day of one person is proven, on made-up days by roads of a town, with and without windows."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.ledger import Ledger
from routing.proof.day import HORIZON_S, Day, day_of
from routing.proof.one_day import prove_order, warm

TOWN_M = 15_000
"""Length and width of the town."""

DETOUR = 1.35
"""Road metres for each metre as the crow flies; 1.2 to 1.4 in towns."""

SPEED_M_PER_S = (7.0, 13.0)
"""Slowest and fastest leg, 25 to 47 km/h: drawn for each direction, so that there and back differ."""

ENDS_S = (30.0, 120.0)
"""Least and most of setting off and parking, in each leg."""

SERVICE_S = (600, 1500)
"""Shortest and longest service."""

WINDOW_S = (7200, 14_400)
"""Shortest and longest window: two to four hours, about a time of service that keeps the day feasible."""

WINDOW_SHARE = 0.5
"""Of the stops, how many have a window."""

WITHIN_S = 0.05
"""What somebody who waits does not notice."""


WANTED = {15: 1.0, 20: 0.95, 25: 0.75}
"""By number of stops, the share of days to be proven within ``WITHIN_S``."""

CASES = 200
"""Days of each kind and seed."""

FIRST_SEED = 1000
"""What is added to a seed of the suite: the proofs were tuned on days of small seeds."""


@dataclass(frozen=True, slots=True)
class Row:
    """Days of one size.

    Parameters
    ----------
    n_stops, windows, n_days : what they are
    proven, proven_within : how many were proven, and how many within ``WITHIN_S``
    median_s, longest_s : wall seconds of a day, from its table of legs on
    median_labels, most_labels : unfinished orders looked at
    """

    n_stops: int
    windows: bool
    n_days: int
    proven: int
    proven_within: int
    median_s: float
    longest_s: float
    median_labels: int
    most_labels: int


def run_tours(n_days: int, seeds: Sequence[int], ledger: Ledger, tell: Callable[[str], None]) -> int:
    """Prove days of each size and seed that is not in the ledger; 0."""
    found = ledger.found.setdefault("tours", {})
    for seed in seeds:
        for n_stops in WANTED:
            name = f"{n_stops}_{seed}"
            if name not in found:
                tell(f"{n_days} days of {n_stops} stops with and without windows, seed {seed}")
                found[name] = [asdict(row) for row in measured(n_days, (n_stops,), FIRST_SEED + seed)]
                ledger.write()
    return 0


def tell_tours(ledger: Ledger, console: Console) -> None:
    """A line for each size and kind of day, seeds together."""
    kinds: dict[tuple[int, bool], list[dict[str, float]]] = {}
    for rows in ledger.found.get("tours", {}).values():
        for row in rows:
            kinds.setdefault((row["n_stops"], row["windows"]), []).append(row)
    table = Table(box=None)
    table.add_column("stops")
    for heading in (
        "days",
        f"proven in {1000 * WITHIN_S:.0f} ms %",
        "wanted %",
        "in the end %",
        "p50 ms",
        "longest ms",
    ):
        table.add_column(heading, justify="right")
    for (n_stops, windows), rows in sorted(kinds.items()):
        n_days = sum(row["n_days"] for row in rows)
        table.add_row(
            f"{n_stops}{' windows' if windows else ''}",
            str(n_days),
            f"{100 * sum(row['proven_within'] for row in rows) / n_days:.1f}",
            f"{100 * WANTED[n_stops]:.0f}",
            f"{100 * sum(row['proven'] for row in rows) / n_days:.1f}",
            f"{1000 * float(np.median([row['median_s'] for row in rows])):.1f}",
            f"{1000 * max(row['longest_s'] for row in rows):.0f}",
        )
    console.print(table)


def measured(n_instances: int, sizes: Sequence[int], seed: int) -> list[Row]:
    """A row for each size without windows, and one with: so many days each, in one warm process."""
    warm()
    return [_row(n_stops, seed, n_instances, windows=w) for n_stops in sizes for w in (False, True)]


def _row(n_stops: int, seed: int, n_instances: int, *, windows: bool) -> Row:
    took_s, labels, proven = [], [], []
    for tables in _days(n_stops, seed, n_instances, windows=windows):
        began = time.perf_counter()
        proof = prove_order(_day(*tables))
        took_s.append(time.perf_counter() - began)
        labels.append(proof.n_labels)
        proven.append(proof.proven)
    return Row(
        n_stops,
        windows,
        n_instances,
        sum(proven),
        sum(done and seconds <= WITHIN_S for done, seconds in zip(proven, took_s, strict=True)),
        float(np.median(took_s)),
        max(took_s),
        int(np.median(labels)),
        max(labels),
    )


def _day(legs_s: NDArray[np.int64], gap_s: NDArray[np.int64], windows_s: NDArray[np.int64]) -> Day:
    return day_of(legs_s, gap_s, *windows_s.T) if len(windows_s) else day_of(legs_s)


def _days(
    n_stops: int, seed: int, n_instances: int, *, windows: bool
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Legs and gaps by node, home first and last, and windows by node: none of them, or all."""
    for number in range(n_instances):
        rng = np.random.default_rng([seed, n_stops, number])
        at_m = rng.uniform(0, TOWN_M, (n_stops + 1, 2))
        at_m = at_m[[*range(n_stops + 1), 0]]
        apart_m = DETOUR * np.hypot(*(at_m[:, None] - at_m[None]).transpose(2, 0, 1))
        legs_s = (apart_m / rng.uniform(*SPEED_M_PER_S, apart_m.shape) + rng.uniform(*ENDS_S, apart_m.shape)).astype(
            np.int64
        )
        gap_s = legs_s.copy()
        gap_s[1:-1] += rng.integers(*SERVICE_S, n_stops)[:, None]
        yield legs_s, gap_s, _windows(legs_s, gap_s, rng) if windows else np.empty((0, 2), np.int64)


def _windows(legs_s: NDArray[np.int64], gap_s: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Windows that an order keeps in which somebody goes on to a stop that is about the nearest."""
    end = len(legs_s) - 1
    order, left = [0], list(range(1, end))
    while left:
        order.append(left.pop(int(np.argmin(legs_s[order[-1], left] * rng.uniform(0.7, 1.6, len(left))))))
    windows_s = np.array([(0, HORIZON_S)] * (end + 1))
    clock_s = 0
    for before, stop in pairwise(order):
        clock_s += int(gap_s[before, stop])
        if rng.random() < WINDOW_SHARE:
            length_s = int(rng.integers(WINDOW_S[0], WINDOW_S[1] + 1))
            opens_s = max(0, clock_s - int(rng.uniform(0, length_s)))
            windows_s[stop] = opens_s, opens_s + length_s
    windows_s[end, 1] = clock_s + gap_s[order[-1], end] + 1800  # half an hour to spare
    return windows_s
