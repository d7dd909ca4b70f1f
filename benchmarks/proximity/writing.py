"""A process that moves people while questions are asked: so many positions a second, in batches, to one store.

"redis" is sorted sets, by GEOADD. "cells" is the table of ``h3``. "track" is what the product does with a batch of
positions: it asks for the trades of those people, adds to their tracks, and tells Redis, from where every process has
it: ``api.tracking``, without HTTP around it.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from benchmarks.proximity.by_postgres import RESOLUTION
from benchmarks.proximity.by_redis import write_positions
from benchmarks.proximity.fleet import Fleet, fleet, moves
from benchmarks.proximity.scratch import driver_connection, ids_of
from db import positions
from db.engine import connect
from db.live import LAST_KEY, STREAM_KEY, LiveFix, remember
from db.positions import PositionRow
from dispatch.availability import Fix
from geo.cells import cell_of
from geo.point import Point
from routing.errors import EngineFailed
from routing.process import Process

PER_S = 1000
BATCH = 50
MOST_BATCHES = 1_000_000
PATIENCE_S = 60.0

_CELLS = """
update offering_cells o set home = ST_Point(m.lon, m.lat)::geography, cell = m.cell
from unnest(%s::uuid[], %s::float8[], %s::float8[], %s::bigint[]) as m (contractor_id, lon, lat, cell)
where o.contractor_id = m.contractor_id"""


@dataclass(frozen=True, slots=True)
class Order:
    """Where to write: ``store`` is "cells", "redis" or "track"; under which prefix in Redis; and of which fleet, see there."""

    store: str
    database_url: str
    redis_url: str
    prefix: str
    n: int
    seed: int
    metros: str


class Writer:
    """The process, seen from here."""

    def __init__(self, order: Order) -> None:
        self._child = Process("benchmarks.proximity.writing", "work")
        self._child.line.send(order)
        self._heard()
        self.n_batches = 0
        self.n_late = 0
        """Batches that were due within their second and not written in it: the store could not keep up."""

    def begin(self, seconds: float) -> None:
        """Let it write for so long, from now."""
        self._child.line.send(seconds)

    def ended(self) -> None:
        """Wait for the end of that.

        Raises
        ------
        EngineFailed : the process died, or its store refuses
        """
        written, late = self._heard()
        self.n_batches += written
        self.n_late += late

    def close(self) -> None:
        """Let it go."""
        self._child.end(1.0)

    def _heard(self) -> tuple[int, int]:
        try:
            if not self._child.line.poll(PATIENCE_S):
                raise EngineFailed(f"a writer does not answer within {PATIENCE_S:.0f} s")
            answer: tuple[int, int] | str = self._child.line.recv()
        except (EOFError, OSError) as error:
            raise EngineFailed("a writer died") from error
        if isinstance(answer, str):
            raise EngineFailed(answer)
        return answer


def work(line: Connection) -> None:
    """Write when told to: the child's whole life."""
    order: Order = line.recv()
    try:
        of = fleet(order.n, order.seed, order.metros)
        store = _Store(order, of)
        batches = moves(of, MOST_BATCHES, BATCH, order.seed)
        line.send((0, 0))
        while True:
            line.send(_paced(store, batches, line.recv()))
    except (EOFError, OSError):
        return
    except Exception as error:  # noqa: BLE001  # whatever a store throws is for the one who asked
        line.send(f"{type(error).__name__}: {error}")


def _paced(store: "_Store", batches: Any, seconds: float) -> tuple[int, int]:
    """Batches at their instants, none of them caught up with after the end; how many were written, and how many not."""
    due = round(seconds * PER_S / BATCH)
    began_s = time.perf_counter()
    for number in range(due):
        wait_s = began_s + number * BATCH / PER_S - time.perf_counter()
        if wait_s > 0:
            time.sleep(wait_s)
        elif time.perf_counter() - began_s > seconds:
            return number, due - number
        store.write(*next(batches))
    return due, 0


class _Store:
    """Where batches go."""

    def __init__(self, order: Order, of: Fleet) -> None:
        self._order, self._of = order, of
        if order.store == "redis":
            self._client: Any = Redis.from_url(order.redis_url, socket_timeout=10.0)
        elif order.store == "cells":
            self._client = driver_connection(order.database_url)
        else:
            self._runner = asyncio.Runner()
            self._engine = connect(order.database_url, pool_size=1)
            self._client = AsyncRedis.from_url(order.redis_url, socket_timeout=10.0)

    def write(self, who: np.ndarray, lonlat: np.ndarray) -> None:
        """Write a batch."""
        if self._order.store == "redis":
            write_positions(self._client, self._order.prefix, self._of, who, lonlat)
        elif self._order.store == "cells":
            cells = [cell_of(Point(lon, lat), RESOLUTION) for lon, lat in lonlat.tolist()]
            self._client.execute(_CELLS, [ids_of(who), *lonlat.T.tolist(), cells])
        else:
            now = datetime.now(UTC)
            places = zip(ids_of(who), lonlat.tolist(), strict=True)
            self._runner.run(self._track([PositionRow(one, now, Point(*place), None) for one, place in places]))

    async def _track(self, rows: Sequence[PositionRow]) -> None:
        async with self._engine.begin() as tx:
            trades = await positions.trades_of(tx, [row.contractor_id for row in rows])
            await positions.add(tx, rows)
            fixes = [LiveFix(row.contractor_id, trades[row.contractor_id], Fix(row.point, row.at)) for row in rows]
            await remember(self._client, fixes, prefix=self._order.prefix)


def forget_track(redis_url: str, prefix: str) -> None:
    """Delete what "track" left in Redis; its rows go with the database."""
    with Redis.from_url(redis_url, socket_timeout=10.0) as client:
        client.delete(prefix + LAST_KEY, prefix + STREAM_KEY)
