"""Regions as the database knows them, in line with the registry of road data; and layers that maps are drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import shapely
from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from db.types import SRID, area_column, instant_column, mercator_column, metadata, updated_column
from routing.region import Region

regions = Table(
    "regions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    area_column("outline", nullable=False),
    Column("statistics", JSONB, nullable=False),
    instant_column("gone_at", nullable=True, comment="when its road data was found missing; null while it is there"),
    updated_column(),
    Index("ix_regions_outline", "outline", postgresql_using="gist"),
)

map_layers = Table(
    "map_layers",
    metadata,
    Column("region", Text, ForeignKey("regions.name", ondelete="CASCADE"), nullable=False),
    Column("version", Text, nullable=False),
    Column("layer", Text, nullable=False),
    Column("min_zoom", Integer, nullable=False, server_default="0"),
    Column("properties", JSONB, nullable=False, server_default="{}"),
    mercator_column("shape"),
    Index("ix_map_layers_shape", "shape", postgresql_using="gist"),
    Index("ix_map_layers_region_version", "region", "version"),
)


@dataclass(frozen=True, slots=True)
class LineReport:
    """What was done to bring regions into line, as names in order; those not named were in line already."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing had to be done."""
        return not (self.added or self.changed or self.returned or self.gone)


async def bring_into_line(tx: AsyncConnection, found: Sequence[Region]) -> LineReport:
    """Make the table say what the registry of road data says.

    Parameters
    ----------
    found : every region of the registry; one that the table knows beyond them is marked as gone, never deleted,
        since people and jobs belong to it. One that comes back loses the mark.
    """
    report = await upsert(tx, found)
    gone = await tx.execute(_MARK_GONE, {"names": [region.name for region in found]})
    return LineReport(report.added, report.changed, report.returned, tuple(sorted(gone.scalars())))


async def upsert(tx: AsyncConnection, found: Sequence[Region]) -> LineReport:
    """Write these regions and leave the others as they are; a row that says the same already is not touched."""
    rows = [_row(region) for region in sorted(found, key=lambda region: region.name)]
    if not rows:
        return LineReport()
    names = [row["name"] for row in rows]
    before = {row.name: row.is_gone for row in await tx.execute(_KNOWN, {"names": names})}
    written = [name for row in rows for name in (await tx.execute(_UPSERT, row)).scalars()]
    return LineReport(
        added=tuple(name for name in written if name not in before),
        changed=tuple(name for name in written if before.get(name) is False),
        returned=tuple(name for name in written if before.get(name) is True),
    )


async def lock(tx: AsyncConnection, name: str) -> bool:
    """Keep others who fill this region waiting until the transaction ends; False when there is no such region.

    Rows that refer to the region can be written meanwhile: a foreign key asks for less than this lock forbids.
    """
    return (await tx.execute(_LOCK, {"name": name})).first() is not None


def _row(region: Region) -> dict[str, object]:
    return {
        "name": region.name,
        "version": region.version,
        "algorithm": region.algorithm,
        "timezone": region.timezone,
        "outline": shapely.to_wkb(shapely.set_srid(region.outline, SRID), hex=True, include_srid=True),
        "statistics": orjson.dumps(dict(region.statistics)).decode(),
    }


_LOCK = text("select true from regions where name = :name for no key update")

_KNOWN = text("select name, gone_at is not null as is_gone from regions where name = any(:names)")

# The condition keeps a row that says the same already from getting a new version, and its readers from looking again.
_UPSERT = text("""
insert into regions (name, version, algorithm, timezone, outline, statistics)
values (:name, :version, :algorithm, :timezone, cast(:outline as geography), cast(:statistics as jsonb))
on conflict (name) do update
set version = excluded.version, algorithm = excluded.algorithm, timezone = excluded.timezone,
    outline = excluded.outline, statistics = excluded.statistics, gone_at = null, updated_at = now()
where (regions.version, regions.algorithm, regions.timezone, regions.outline, regions.statistics)
    is distinct from (excluded.version, excluded.algorithm, excluded.timezone, excluded.outline, excluded.statistics)
   or regions.gone_at is not null
returning name
""")

_MARK_GONE = text("""
update regions set gone_at = now(), updated_at = now()
where gone_at is null and name <> all(cast(:names as text[]))
returning name
""")
