"""What an answer to ``nearby`` cannot cost less than: the KNN over homes and one row of travel times, called here."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from benchmarks.http_load.processes import cpu_s
from benchmarks.proximity.by_postgres import KNN_OF_A_TRADE
from benchmarks.proximity.scratch import reading_connection
from geo.point import Point
from routing.osrm import Osrm
from routing.region import Algorithm, Region

N_CALLS = 1000
WITHIN_M = 40_000.0


@dataclass(frozen=True, slots=True)
class BareCost:
    """CPU milliseconds a call: of this process for the statement, of PostgreSQL's backend for it, of the table.

    ``n_targets`` is how many people the statement finds, and the table has, on average; 50 at the most. The table is
    that of the algorithm the region was built for; ``mld_table_ms`` is the same one by MLD, where its data hold that.
    """

    statement_ms: float
    backend_ms: float
    table_ms: float
    n_targets: float
    mld_table_ms: float | None

    @property
    def total_ms(self) -> float:
        """All three."""
        return self.statement_ms + self.backend_ms + self.table_ms


def bare_cost(database_url: str, region: Region, points: Sequence[Point], trades: Sequence[str]) -> BareCost:
    """Ask what ``nearby`` asks, at the same points, without anything around it.

    Raises
    ------
    DatabaseError, EngineFailed, OffRoad
    """
    values = [
        {"lon": point.lon, "lat": point.lat, "within": WITHIN_M, "trade": trades[number % len(trades)]}
        for number, point in enumerate(points)
    ]
    asked = [values[number % len(values)] for number in range(N_CALLS)]
    with reading_connection(database_url) as raw:
        backend = raw.info.backend_pid
        found = [raw.execute(KNN_OF_A_TRADE, one).fetchall() for one in values]
        spent_s, backend_s = time.process_time(), cpu_s(backend)
        for one in asked:
            raw.execute(KNN_OF_A_TRADE, one).fetchall()
        statement_ms = (time.process_time() - spent_s) / N_CALLS * 1000
        backend_ms = (cpu_s(backend) - backend_s) / N_CALLS * 1000
    tables = [
        np.array([(one["lon"], one["lat"]), *((row[2], row[3]) for row in rows)])
        for one, rows in zip(values, found, strict=True)
        if rows
    ]
    table_ms = _table_ms(region, region.algorithm, tables)
    mld_table_ms = _table_ms(region, "mld", tables) if region.has_mld else None
    n_targets = sum(map(len, found)) / len(found)
    return BareCost(statement_ms, backend_ms, table_ms, n_targets, mld_table_ms)


def _table_ms(region: Region, algorithm: Algorithm, tables: Sequence[np.ndarray]) -> float:
    """CPU milliseconds of one row of travel times."""
    with closing(Osrm(region.base, algorithm)) as engine:
        for lonlat in tables[:20]:
            engine.table(lonlat, [0], range(1, len(lonlat)))
        spent_s = time.process_time()
        for number in range(N_CALLS):
            lonlat = tables[number % len(tables)]
            engine.table(lonlat, [0], range(1, len(lonlat)))
        return (time.process_time() - spent_s) / N_CALLS * 1000
