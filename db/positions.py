"""Where contractors were: the track, written in batches. The last known positions live in Redis."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Float, ForeignKey, Table, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
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
    rows = await tx.execute(_TRADES_OF, {"ids": list(contractor_ids)})
    return {contractor_id: tuple(names) for contractor_id, names in rows}


async def add(tx: AsyncConnection, rows: Sequence[PositionRow]) -> int:
    """Write positions down; how many were new. One that is known already, by person and instant, stays as it was."""
    values = {
        "ids": [row.contractor_id for row in rows],
        "at": [row.at for row in rows],
        "lon": [row.point.lon for row in rows],
        "lat": [row.point.lat for row in rows],
        "accuracy_m": [row.accuracy_m for row in rows],
    }
    return (await tx.execute(_ADD, values)).rowcount


_TRADES_OF = text("""
select c.id, array(select t.name from offerings o join trades t on t.id = o.trade_id
                   where o.contractor_id = c.id order by t.name)
from contractors c where c.id = any(:ids)""").bindparams(bindparam("ids", type_=ARRAY(Uuid)))

# One statement for a whole batch: the driver sends five arrays instead of thousands of values.
_ADD = text("""
insert into positions (contractor_id, at, location, accuracy_m)
select id, at, ST_Point(lon, lat)::geography, accuracy_m
from unnest(:ids, :at, :lon, :lat, :accuracy_m) as p(id, at, lon, lat, accuracy_m)
on conflict do nothing""").bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("at", type_=ARRAY(INSTANT)),
    bindparam("lon", type_=ARRAY(Float)),
    bindparam("lat", type_=ARRAY(Float)),
    bindparam("accuracy_m", type_=ARRAY(Float)),
)
