"""PostGIS: the KNN over the product's own table, cells of H3 in a b-tree, and the whole statement of the product."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.proximity.fleet import NEAREST, WITHIN_M, Fleet, Question
from benchmarks.proximity.scratch import (
    ScratchDatabase,
    driver_connection,
    ewkb_hex,
    ids_of,
    number_of,
    trade_id,
    trade_name,
)
from benchmarks.proximity.ways import Built
from db import nearby
from db.engine import connect, snapshot
from geo.cells import cell_of, cells_within, resolution_for
from geo.point import Point

_POINT = "(select ST_Point(%(lon)s, %(lat)s)::geography)"

# What stands in db.nearby about homes, without what it asks about each person.
KNN = f"""
select contractor_id, home <-> {_POINT} as m from offerings
where trade_id = %(trade)s::integer and ST_DWithin(home, {_POINT}, %(within)s, false)
order by home <-> {_POINT} limit {NEAREST}"""  # noqa: S608  # put together from constants

# The same by the trade's name, as many as one question of the product looks at, and where they live.
KNN_OF_A_TRADE = f"""
select contractor_id, home <-> {_POINT} as m, ST_X(home::geometry), ST_Y(home::geometry) from offerings
where trade_id = (select id from trades where name = %(trade)s) and ST_DWithin(home, {_POINT}, %(within)s, false)
order by home <-> {_POINT} limit {nearby.CANDIDATES}"""  # noqa: S608  # put together from constants

CELLS = f"""
select contractor_id, ST_Distance(home, {_POINT}, false) as m from offering_cells
where trade_id = %(trade)s::integer and cell = any(%(cells)s) and ST_DWithin(home, {_POINT}, %(within)s, false)
order by m limit {NEAREST}"""  # noqa: S608  # put together from constants

RESOLUTION = resolution_for(WITHIN_M)


class _ByStatement:
    """One connection of psycopg's own; a statement is prepared after a few uses, as in the product."""

    share, metres = 0.0, 1e-3

    def __init__(self, database: ScratchDatabase) -> None:
        self.database = database
        self._raw: Any = driver_connection(database.url)

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


class ByGist(_ByStatement):
    """KNN on GiST (trade, home): the index that ``db.nearby`` walks."""

    name, writes = "gist", "offerings"

    def build(self, of: Fleet) -> Built:
        """Hold a fleet, which the database has been loaded with."""
        plan = "\n".join(row[0] for row in self._raw.execute(f"explain {KNN}", self._values(_somewhere(of))))
        index, table = self._bytes("ix_offerings_trade_id_home"), self._bytes("offerings")
        return Built(self.database.load_s["gist"], index, {"table_bytes": table, "plan": plan})

    def ask(self, question: Question) -> list[tuple[Any, ...]]:
        """(contractor_id, metres), nearest first."""
        found: list[tuple[Any, ...]] = self._raw.execute(KNN, self._values(question)).fetchall()
        return found

    def _values(self, question: Question) -> dict[str, Any]:
        return {"lon": question.lon, "lat": question.lat, "trade": trade_id(question.trade), "within": WITHIN_M}


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
        found: list[tuple[Any, ...]] = self._raw.execute(CELLS, values).fetchall()
        return found


class ByProduct:
    """``db.nearby.near`` as the application calls it: a transaction, SQLAlchemy, schedules and all that is asked of people."""

    name, writes, share, metres = "nearby", "offerings", 0.0, 1e-3

    def __init__(self, database: ScratchDatabase) -> None:
        self._runner = asyncio.Runner()
        self._engine = connect(database.url, pool_size=1, overflow=0)
        self._at = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def build(self, _of: Fleet) -> Built:
        """Nothing of its own: it reads what ``gist`` reads, and more."""
        return Built(0.0, 0)

    def ask(self, question: Question) -> nearby.Neighbourhood:
        """The nearest 50, with their schedules."""
        return self._runner.run(self._near(question))

    def numbers(self, answer: nearby.Neighbourhood) -> list[int]:
        """The first of them."""
        return [number_of(row.contractor_id) for row in answer.rows[:NEAREST]]

    def close(self) -> None:
        """Hang up."""
        self._runner.run(self._engine.dispose())
        self._runner.close()

    async def _near(self, question: Question) -> nearby.Neighbourhood:
        async with snapshot(self._engine) as tx:
            return await nearby.near(
                tx,
                question.point,
                trade=trade_name(question.trade),
                radius_m=WITHIN_M,
                at=self._at,
                until=self._at + timedelta(days=1),
            )


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
