"""Trade categories: what people do, and how long it usually takes."""

from collections.abc import Iterable, Mapping

from sqlalchemy import CheckConstraint, Column, Identity, Integer, Table, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from db.types import metadata

DEFAULT_DURATION_S = 3600

trades = Table(
    "trades",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("typical_duration_s", Integer, nullable=False),
    CheckConstraint("typical_duration_s between 60 and 86400", name="typical_duration"),
    CheckConstraint("name <> ''", name="name"),
)


async def ids(tx: AsyncConnection, names: Iterable[str]) -> Mapping[str, int]:
    """The ids of trades by name; names that nobody knows are missing from the answer."""
    found = await tx.execute(select(trades.c.name, trades.c.id).where(trades.c.name.in_(sorted(set(names)))))
    return {row.name: row.id for row in found}


async def ensure(tx: AsyncConnection, names: Iterable[str]) -> tuple[Mapping[str, int], tuple[str, ...]]:
    """The ids of trades by name, made where missing; and which were made."""
    wanted = sorted(set(names))
    if not wanted:
        return {}, ()
    made = await tx.execute(
        insert(trades)
        .values(
            [{"name": name, "title": name.capitalize(), "typical_duration_s": DEFAULT_DURATION_S} for name in wanted]
        )
        .on_conflict_do_nothing()
        .returning(trades.c.name)
    )
    new = tuple(sorted(made.scalars()))
    return await ids(tx, wanted), new


async def names(tx: AsyncConnection) -> tuple[str, ...]:
    """Every trade, sorted by name."""
    return tuple((await tx.execute(select(trades.c.name).order_by(trades.c.name))).scalars())
