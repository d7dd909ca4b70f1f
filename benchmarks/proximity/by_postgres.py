"""PostGIS: the product's KNN with positions beside it, the same over geographies, cells of H3, and the product's whole statement."""

import asyncio
import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks.proximity.fleet import N_TRADES, NEAREST, WITHIN_M, Fleet, Question
from benchmarks.proximity.scratch import (
    ScratchDatabase,
    ewkb_hex,
    ids_of,
    number_of,
    reading_connection,
    trade_id,
    trade_name,
)
from benchmarks.proximity.ways import Built
from db import nearby
from db.live import LiveFix, LivePositions
from db.nearest import APART, HOME_M, MARGIN, around, homes_in_box, look_again_m, walk, walked
from db.reading import Reading
from dispatch.availability import Fix
from geo.cells import cell_of, cells_within, resolution_for
from geo.index import CellIndex
from geo.point import Point

_POINT = "(select ST_Point(%(lon)s, %(lat)s)::geography)"
_OFFERINGS = f"select contractor_id, {HOME_M} as home_m, {APART} as apart from offerings where trade_id"  # noqa: S608
_TRADE, _WITHIN = "%(trade)s::integer", "%(within)s::float8"
_NEAR_ENOUGH = f"o.home_m <= {_WITHIN}"
_ASKED = """
with asked as materialized (
  select lon, lat, ST_Point(lon, lat)::geography as point from (select %(lon)s::float8 as lon, %(lat)s::float8 as lat) a)"""


def _walked(k: int, trade: str) -> str:
    """Its walk, without what it asks about each person."""
    return f"""{_ASKED}, {around(_WITHIN, trade)},
{walked("walked", f"{walk(f'{_OFFERINGS} = {trade}')} offset 0", _NEAR_ENOUGH, k)}"""


SIZES = tuple(NEAREST * 3**step // 2**step for step in range(12))
"""How many homes are asked for, the fewest that will do: some of them are of people who were seen elsewhere."""

KNN = {k: f"{_walked(k, _TRADE)} select contractor_id, m, apart from walked" for k in SIZES}  # noqa: S608
IN_BOX = {
    k: f"""{_ASKED}, {homes_in_box(k, "%(again)s::float8", f"{_OFFERINGS} = {_TRADE}", _NEAR_ENOUGH, _TRADE)}
select contractor_id, m from homes"""  # noqa: S608  # put together from constants
    for k in SIZES
}

# As many as one question of the product looks at, by the trade's name, and where they live.
KNN_OF_A_TRADE = f"""{_walked(nearby.CANDIDATES, "(select id from trades where name = %(trade)s)")}
select h.contractor_id, h.m, ST_X(c.home::geometry), ST_Y(c.home::geometry)
from walked h join contractors c on c.id = h.contractor_id order by h.m limit {nearby.CANDIDATES}"""  # noqa: S608

# What the documentation of PostGIS shows, and ``ST_DWithin`` so that empty country is not walked through.
GIST = f"""
select contractor_id, home <-> {_POINT} as m from offering_homes
where trade_id = %(trade)s::integer and ST_DWithin(home, {_POINT}, %(within)s, false)
order by home <-> {_POINT} limit %(k)s"""  # noqa: S608  # put together from constants

CELLS = f"""
select contractor_id, ST_Distance(home, {_POINT}, false) as m from offering_cells
where trade_id = %(trade)s::integer and cell = any(%(cells)s) and ST_DWithin(home, {_POINT}, %(within)s, false)
order by m limit {NEAREST}"""  # noqa: S608  # put together from constants

RESOLUTION = resolution_for(WITHIN_M)

_BY_METRES = itemgetter(1)


class _ByStatement:
    """One connection of psycopg's own, with the settings and the binary values that the application reads with."""

    share, metres = 0.0, 1e-3

    def __init__(self, database: ScratchDatabase) -> None:
        self.database = database
        self._raw: Any = reading_connection(database.url)

    def numbers(self, answer: Sequence[Any]) -> list[int]:
        """The numbers of contractors in an answer."""
        return [number_of(row[0]) for row in answer]

    def close(self) -> None:
        """Hang up."""
        self._raw.close()

    def _bytes(self, *relations: str) -> int:
        """What relations take on disk and in the server's memory."""
        sizes = [self._raw.execute("select pg_relation_size(%s)", [name]).fetchone()[0] for name in relations]
        return int(sum(sizes))


class ByKnn(_ByStatement):
    """The product's way: KNN on the plane for homes, a ``CellIndex`` a trade for who was seen elsewhere.

    Positions do not touch homes, here as in the application: they go to tracks and over Redis into each process, where
    they are put into the index. A writer does the one while people move, ``move`` the other.
    """

    name, writes = "knn", "track"

    def build(self, of: Fleet) -> Built:
        """Hold a fleet, which the database has been loaded with."""
        self._trades = of.trade.tolist()
        self._seen: list[CellIndex[int]] = [CellIndex() for _ in range(N_TRADES)]
        self._moved: set[int] = set()
        plan = "\n".join(row[0] for row in self._raw.execute(f"explain {KNN[NEAREST]}", self._values(_somewhere(of))))
        index, table = self._bytes("ix_offerings_home_xy"), self._bytes("offerings")
        return Built(self.database.load_s["knn"], index, {"table_bytes": table, "plan": plan})

    def move(self, who: np.ndarray, lonlat: np.ndarray) -> None:
        """Take positions in."""
        for number, (lon, lat) in zip(who.tolist(), lonlat.tolist(), strict=True):
            self._seen[self._trades[number]].put(number, Point(lon, lat))
            self._moved.add(number)

    def ask(self, question: Question) -> list[tuple[int, float]]:
        """(number, metres), nearest first."""
        found = self._at_home(question)
        index = self._seen[question.trade]
        if not len(index):
            return found
        # With enough people at home only who was seen nearer than the last of them matters.
        within_m = found[-1][1] if len(found) == NEAREST else WITHIN_M
        seen = index.nearest(question.point, NEAREST, within_m=within_m)
        return sorted([*found, *seen], key=_BY_METRES)[:NEAREST]

    def numbers(self, answer: Sequence[Any]) -> list[int]:
        """The numbers of contractors in an answer."""
        return [number for number, _ in answer]

    def _at_home(self, question: Question) -> list[tuple[int, float]]:
        """Who is nearest at home and was not seen elsewhere."""
        for k in SIZES[self._likely_enough() :]:
            rows = self._asked(k, question)
            found = [(number, away_m) for who, away_m in rows if (number := number_of(who)) not in self._moved]
            if len(found) >= NEAREST or len(rows) < k:
                return found[:NEAREST]
        raise LookupError(f"of {SIZES[-1]} people nearest at home too few are there")

    def _asked(self, k: int, question: Question) -> list[tuple[UUID, float]]:
        """The k nearest homes, their order proven as ``db.nearby`` does it."""
        values = self._values(question)
        walked = self._raw.execute(KNN[k], values, prepare=True, binary=True).fetchall()
        ended = walked[-1][2] if len(walked) == k + MARGIN else None
        rows = sorted(((who, away_m) for who, away_m, _ in walked), key=_BY_METRES)[:k]
        again_m = look_again_m(question.point, WITHIN_M, ended, rows[-1][1] if rows else None)
        if again_m is None:
            return rows
        values["again"] = again_m
        found: list[tuple[UUID, float]] = self._raw.execute(IN_BOX[k], values, prepare=True, binary=True).fetchall()
        return found

    def _likely_enough(self) -> int:
        """Which of ``SIZES`` leaves enough at home, by three standard deviations of a draw of who was seen elsewhere."""
        share = len(self._moved) / len(self._trades)
        enough = (step for step, k in enumerate(SIZES) if k * (1 - share) - 3 * math.sqrt(k * share) >= NEAREST)
        return next(enough, len(SIZES) - 1)

    def _values(self, question: Question) -> dict[str, Any]:
        return {"lon": question.lon, "lat": question.lat, "trade": trade_id(question.trade), "within": WITHIN_M}


class ByGist(ByKnn):
    """The same with KNN on GiST (trade, home) over geographies, in a table of its own: the product's index is another."""

    name = "gist"

    def build(self, of: Fleet) -> Built:
        """Hold a fleet, which the database has been loaded with."""
        super().build(of)
        self._raw.execute("drop table if exists offering_homes")
        self._raw.execute("create table offering_homes as select contractor_id, trade_id, home from offerings")
        began_s = time.perf_counter()
        self._raw.execute("create index ix_offering_homes on offering_homes using gist (trade_id, home)")
        index_s = time.perf_counter() - began_s
        self._raw.execute("vacuum (analyze) offering_homes")
        index, table = self._bytes("ix_offering_homes"), self._bytes("offering_homes")
        return Built(index_s, index, {"table_bytes": table})

    def _asked(self, k: int, question: Question) -> list[tuple[UUID, float]]:
        """The k nearest homes; ``<->`` orders geographies by their distance on the sphere."""
        values = self._values(question) | {"k": k}
        found: list[tuple[UUID, float]] = self._raw.execute(GIST, values, prepare=True, binary=True).fetchall()
        return found


class ByCells(_ByStatement):
    """A cover of the circle by cells of H3, looked up in a b-tree (trade, cell), and the distance of what is in them."""

    name, writes = "h3", "cells"

    def build(self, of: Fleet) -> Built:
        """Hold a fleet in a table of its own: the product's has no cells."""
        began_s = time.perf_counter()
        cells = [cell_of(Point(lon, lat), RESOLUTION) for lon, lat in of.lonlat.tolist()]
        cells_s = time.perf_counter() - began_s
        self._raw.execute("drop table if exists offering_cells")
        self._raw.execute(
            "create table offering_cells"
            " (contractor_id uuid not null, trade_id integer not null, cell bigint not null, home geography(point, 4326) not null)"
        )
        rows = zip(ids_of(np.arange(len(of))), of.trade.tolist(), cells, ewkb_hex(of.lonlat), strict=True)
        with self._raw.cursor() as cursor, cursor.copy("copy offering_cells from stdin") as copy:
            copy.write("".join(f"{who}\t{trade_id(trade)}\t{cell}\t{home}\n" for who, trade, cell, home in rows))
        began_s = time.perf_counter()
        self._raw.execute("create index ix_offering_cells on offering_cells (trade_id, cell)")
        index_s = time.perf_counter() - began_s
        # Writers find their rows by this one; questions do not use it.
        self._raw.execute("alter table offering_cells add primary key (contractor_id)")
        self._raw.execute("vacuum (analyze) offering_cells")
        index, table = self._bytes("ix_offering_cells"), self._bytes("offering_cells")
        cover_ms, n_cells = _cover_cost(of)
        about = {"table_bytes": table, "resolution": RESOLUTION, "cover_ms": cover_ms, "n_cells": n_cells}
        return Built(cells_s + index_s, index, about)

    def ask(self, question: Question) -> list[tuple[Any, ...]]:
        """(contractor_id, metres), nearest first; the cover is part of the question."""
        values = {
            "lon": question.lon,
            "lat": question.lat,
            "trade": trade_id(question.trade),
            "within": WITHIN_M,
            "cells": cells_within(question.point, WITHIN_M, RESOLUTION).tolist(),
        }
        found: list[tuple[Any, ...]] = self._raw.execute(CELLS, values, prepare=True, binary=True).fetchall()
        return found


class ByProduct:
    """``db.nearby.near`` as the application calls it: its reading connection, schedules and all that is asked of people."""

    name, writes, share, metres = "nearby", "track", 0.0, 1e-3

    def __init__(self, database: ScratchDatabase) -> None:
        self._runner = asyncio.Runner()
        self._reading = Reading(database.url, most=1, wait_s=60.0)
        self._positions = LivePositions()
        self._at = self._clock = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def build(self, of: Fleet) -> Built:
        """Nothing of its own: it reads what ``gist`` reads, and more."""
        self._trades = of.trade.tolist()
        return Built(0.0, 0)

    def move(self, who: np.ndarray, lonlat: np.ndarray) -> None:
        """Take positions in, as they come from Redis; each a moment later than the one before."""
        for number, (lon, lat) in zip(who.tolist(), lonlat.tolist(), strict=True):
            self._clock += timedelta(microseconds=1)
            fix = Fix(Point(lon, lat), self._clock)
            self._positions.take((LiveFix(UUID(int=number), (trade_name(self._trades[number]),), fix),))

    def ask(self, question: Question) -> nearby.Neighbourhood:
        """The nearest 50, with their schedules."""
        return self._runner.run(self._near(question))

    def numbers(self, answer: nearby.Neighbourhood) -> list[int]:
        """The first of them."""
        return [number_of(row.contractor_id) for row in answer.rows[:NEAREST]]

    def close(self) -> None:
        """Hang up."""
        self._runner.run(self._reading.close())
        self._runner.close()

    async def _near(self, question: Question) -> nearby.Neighbourhood:
        trade = trade_name(question.trade)
        seen = self._positions.nearest(question.point, trade, nearby.MOST_LIVE, within_m=WITHIN_M, now=self._at)

        async def near(connection: Any) -> nearby.Neighbourhood:
            return await nearby.near(
                connection,
                question.point,
                trade=trade,
                radius_m=WITHIN_M,
                at=self._at,
                until=self._at + timedelta(days=1),
                seen=seen,
            )

        return await self._reading.ask(near)


def _somewhere(of: Fleet) -> Question:
    lon, lat = of.lonlat[0].tolist()
    return Question(lon, lat, int(of.trade[0]))


def _cover_cost(of: Fleet) -> tuple[float, int]:
    """Milliseconds of a cover, and cells in it."""
    point = _somewhere(of).point
    began_s = time.perf_counter()
    for _ in range(20):
        cells = cells_within(point, WITHIN_M, RESOLUTION)
    return round((time.perf_counter() - began_s) / 20 * 1000, 3), len(cells)
