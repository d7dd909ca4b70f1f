"""Where contractors were: the track, written in batches. The last known positions live in Redis."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Float, ForeignKey, Table, Uuid
from sqlalchemy.ext.asyncio import AsyncConnection

from db.types import INSTANT, metadata, point_column
from geo.point import Point

positions = Table(
    "positions",
    metadata,
    Column("contractor_id", Uuid, ForeignKey("contractors.id", ondelete="CASCADE"), primary_key=True),
    Column("at", INSTANT, primary_key=True),
    point_column("location"),
    Column("accuracy_m", Float),
)


@dataclass(frozen=True, slots=True)
class PositionRow:
    """Where a contractor was."""

    contractor_id: UUID
    at: datetime
    point: Point
    accuracy_m: float | None


async def trades_of(tx: AsyncConnection, contractor_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """The trades of contractors, sorted; ids that there are not are missing from the answer."""
    rows: Any = await tx.exec_driver_sql(_TRADES_OF, (_array(one.hex for one in contractor_ids),))
    return {contractor_id: tuple(names) for contractor_id, names in rows}


async def add(tx: AsyncConnection, rows: Sequence[PositionRow]) -> list[tuple[UUID, datetime]]:
    """Write positions down; which were new. One that is known already, by person and instant, stays as it was."""
    columns = (
        _array(row.contractor_id.hex for row in rows),
        _array(row.at.isoformat() for row in rows),
        _array(repr(row.point.lon) for row in rows),
        _array(repr(row.point.lat) for row in rows),
        _array("null" if row.accuracy_m is None else repr(row.accuracy_m) for row in rows),
    )
    new: Any = await tx.exec_driver_sql(_ADD, columns)
    return [(contractor_id, at) for contractor_id, at in new]


def _array(values: Iterable[str]) -> str:
    """An array as PostgreSQL reads it: a sixth of what the driver takes over a list, value by value."""
    return f"{{{','.join(values)}}}"


_TRADES_OF = """
select c.id, array(select t.name from offerings o join trades t on t.id = o.trade_id
                   where o.contractor_id = c.id order by t.name)
from contractors c where c.id = any(%s::uuid[])"""

# One statement for a whole batch: the driver sends five arrays instead of thousands of values.
_ADD = """
insert into positions (contractor_id, at, location, accuracy_m)
select id, at, ST_Point(lon, lat)::geography, accuracy_m
from unnest(%s::uuid[], %s::timestamptz[], %s::float8[], %s::float8[], %s::float8[]) as p(id, at, lon, lat, accuracy_m)
on conflict do nothing returning contractor_id, at"""
