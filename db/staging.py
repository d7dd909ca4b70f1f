"""Rows of a file, sent by COPY into a table that lives as long as the transaction, before sets are compared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import Struct

import shapely
from psycopg import sql
from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import driver
from db.types import SRID
from geo.area import Area, polygons_of
from geo.point import Point

TELL_EVERY_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the rows of a file.

    Parameters
    ----------
    added, changed, unchanged : rows by outcome
    kept : ids of rows that differ from the file and were left as they are
    unnamed : rows of the region that the file does not name; they stay
    """

    added: int
    changed: int
    unchanged: int
    kept: tuple[str, ...]
    unnamed: int


async def copy_in(
    tx: AsyncConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[object]],
    tell: Callable[[int], None] = lambda _: None,
) -> None:
    """Make a temporary table and fill it.

    Parameters
    ----------
    columns : name -> type of PostgreSQL; "serial" and constraints are not for here
    rows : values in the order of ``columns``, drawn one at a time
    tell : called with the number of rows sent, now and then
    """
    connection = await driver(tx)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    typed = sql.SQL(", ").join(
        # The types are literals of our own modules, and a name of a type cannot be quoted as one word.
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in columns.items()
    )
    name = sql.Identifier(table)
    async with connection.cursor() as cursor:
        # A second file in the same transaction gets a fresh table.
        await cursor.execute(sql.SQL("drop table if exists pg_temp.{}").format(name))
        await cursor.execute(sql.SQL("create temporary table {} ({}) on commit drop").format(name, typed))
        async with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(name, names)) as copy:
            for number, row in enumerate(rows, 1):
                await copy.write_row(row)
                if number % TELL_EVERY_ROWS == 0:
                    tell(number)
        await cursor.execute(sql.SQL("analyze {}").format(name))


async def run_all(tx: AsyncConnection, statements: Iterable[TextClause], values: Mapping[str, object]) -> None:
    """Execute statements in order, each with those of the values that it names."""
    for statement in statements:
        named = statement.compile().params
        await tx.execute(statement, {name: value for name, value in values.items() if name in named})


def point_text(point: Point | None) -> str | None:
    """A place as PostGIS reads it fastest, with every digit: little-endian EWKB in hexadecimal."""
    return None if point is None else _EWKB_POINT.pack(1, _POINT_WITH_SRID, SRID, point.lon, point.lat).hex()


def area_text(area: Area | None) -> str | None:
    """An area in the same form, always of several parts, as columns hold it."""
    if area is None:
        return None
    parts = shapely.set_srid(shapely.MultiPolygon(polygons_of(area)), SRID)
    return shapely.to_wkb(parts, hex=True, include_srid=True, byte_order=1)


_EWKB_POINT = Struct("<BIIdd")
_POINT_WITH_SRID = 0x20000001
