"""A process that moves people while questions are asked: so many positions a second, in batches, to one store.

"redis" is sorted sets, by GEOADD. "cells" is the table of ``h3``. "track" is what the product does with messages of
positions, by ``db.tracks`` and without HTTP around it: it gathers them for a second, asks for the trades of those people,
adds to their tracks, and tells Redis, from where every process has it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any, Protocol

import numpy as np
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from benchmarks.proximity.by_postgres import RESOLUTION
from benchmarks.proximity.by_redis import write_positions
from benchmarks.proximity.fleet import Fleet, fleet, moves
from benchmarks.proximity.scratch import driver_connection, ids_of
from db.engine import connect
from db.live import LAST_KEY, STREAM_KEY
from db.positions import PositionRow
from db.tracks import Tracks
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
        store = _STORES[order.store](order, of)
        batches = moves(of, MOST_BATCHES, BATCH, order.seed)
        ready: deque[Any] = deque()
        line.send((0, 0))
        while True:
            seconds = line.recv()
            # Made up before the clock runs: phones cost this machine nothing.
            ready.extend(islice(batches, round(seconds * PER_S / BATCH) - len(ready)))
            line.send(_paced(store, ready, seconds))
    except (EOFError, OSError):
        return
    except Exception as error:  # noqa: BLE001  # whatever a store throws is for the one who asked
        line.send(f"{type(error).__name__}: {error}")


class _Store(Protocol):
    """Where batches go."""

    def write(self, who: np.ndarray, lonlat: np.ndarray) -> None:
        """Write a batch, or take it in to be written soon."""
        ...

    def wait(self, seconds: float) -> None:
        """Until the next one is due."""
        ...

    def end(self) -> None:
        """Have written all that was taken in."""
        ...


def _paced(store: _Store, ready: deque[Any], seconds: float) -> tuple[int, int]:
    """Batches at their instants, none of them caught up with after the end; how many were written, and how many not."""
    due = len(ready)
    began_s = time.perf_counter()
    for number in range(due):
        wait_s = began_s + number * BATCH / PER_S - time.perf_counter()
        if wait_s > 0:
            store.wait(wait_s)
        elif time.perf_counter() - began_s > seconds:
            store.end()
            return number, due - number
        store.write(*ready.popleft())
    store.end()
    return due, 0


class _AtOnce:
    """Each batch is written when it comes."""

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def end(self) -> None:
        pass


class _ToRedis(_AtOnce):
    def __init__(self, order: Order, of: Fleet) -> None:
        self._prefix, self._of = order.prefix, of
        self._redis = Redis.from_url(order.redis_url, socket_timeout=10.0)

    def write(self, who: np.ndarray, lonlat: np.ndarray) -> None:
        write_positions(self._redis, self._prefix, self._of, who, lonlat)


class _ToCells(_AtOnce):
    def __init__(self, order: Order, _of: Fleet) -> None:
        self._raw = driver_connection(order.database_url)

    def write(self, who: np.ndarray, lonlat: np.ndarray) -> None:
        cells = [cell_of(Point(lon, lat), RESOLUTION) for lon, lat in lonlat.tolist()]
        self._raw.execute(_CELLS, [ids_of(who), *lonlat.T.tolist(), cells])


class _ToTracks:
    """An event loop that runs while it waits, as a server's does."""

    def __init__(self, order: Order, _of: Fleet) -> None:
        self._runner = asyncio.Runner()
        redis = AsyncRedis.from_url(order.redis_url, socket_timeout=10.0)
        self._tracks = Tracks(connect(order.database_url, pool_size=1), redis, prefix=order.prefix)
        self._sent: list[asyncio.Task[Any]] = []

    def write(self, who: np.ndarray, lonlat: np.ndarray) -> None:
        now = datetime.now(UTC)
        places = zip(ids_of(who), lonlat.tolist(), strict=True)
        self._runner.run(self._send([PositionRow(one, now, Point(*place), None) for one, place in places]))

    def wait(self, seconds: float) -> None:
        self._runner.run(asyncio.sleep(seconds))

    def end(self) -> None:
        self._runner.run(self._all_written())

    async def _send(self, rows: list[PositionRow]) -> None:
        self._sent.append(asyncio.create_task(self._tracks.write(rows)))
        await asyncio.sleep(0)  # let it begin

    async def _all_written(self) -> None:
        await asyncio.gather(*self._sent)
        self._sent.clear()


_STORES: Mapping[str, Callable[[Order, Fleet], _Store]] = {"redis": _ToRedis, "cells": _ToCells, "track": _ToTracks}


def forget_track(redis_url: str, prefix: str) -> None:
    """Delete what "track" left in Redis; its rows go with the database."""
    with Redis.from_url(redis_url, socket_timeout=10.0) as client:
        client.delete(prefix + LAST_KEY, prefix + STREAM_KEY)
