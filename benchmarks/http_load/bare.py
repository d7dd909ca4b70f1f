"""What an answer to ``nearby`` cannot cost less than: the KNN over homes and one row of travel times, called here."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from benchmarks.http_load.processes import cpu_s
from benchmarks.proximity.by_postgres import KNN_OF_A_TRADE
from benchmarks.proximity.scratch import ScratchDatabase
from geo.point import Point
from routing.osrm import Osrm
from routing.region import Region

N_CALLS = 1000
N_TARGETS = 50
WITHIN_M = 40_000.0


@dataclass(frozen=True, slots=True)
class BareCost:
    """CPU milliseconds a call: of this process for the statement, of PostgreSQL's backend for it, of the table."""

    statement_ms: float
    backend_ms: float
    table_ms: float

    @property
    def total_ms(self) -> float:
        """All three."""
        return self.statement_ms + self.backend_ms + self.table_ms


def bare_cost(database_url: str, region: Region, points: Sequence[Point], trades: Sequence[str]) -> BareCost:
    """Ask what ``nearby`` asks, at the same points, without anything around it.

    Raises
    ------
    DatabaseError, EngineFailed
    """
    with ScratchDatabase(database_url).connection() as raw:
        backend = raw.info.backend_pid
        values = [
            {"lon": point.lon, "lat": point.lat, "within": WITHIN_M, "trade": trades[number % len(trades)]}
            for number, point in enumerate(points)
        ]
        for one in values[:20]:
            raw.execute(KNN_OF_A_TRADE, one).fetchall()
        spent_s, backend_s = time.process_time(), cpu_s(backend)
        for number in range(N_CALLS):
            raw.execute(KNN_OF_A_TRADE, values[number % len(values)]).fetchall()
        statement_ms = (time.process_time() - spent_s) / N_CALLS * 1000
        backend_ms = (cpu_s(backend) - backend_s) / N_CALLS * 1000
    lonlat = np.array([(point.lon, point.lat) for point in points])
    with closing(Osrm(region.base, region.algorithm)) as engine:
        rng = np.random.default_rng(1)
        rows = [lonlat[rng.integers(0, len(lonlat), 1 + N_TARGETS)] for _ in range(N_CALLS)]
        targets = list(range(1, 1 + N_TARGETS))
        for row in rows[:20]:
            engine.table(row, [0], targets)
        spent_s = time.process_time()
        for row in rows:
            engine.table(row, [0], targets)
        table_ms = (time.process_time() - spent_s) / N_CALLS * 1000
    return BareCost(statement_ms, backend_ms, table_ms)
