"""What people call a row: the id of the file it came from, else a job's number; and texts in which rows go by that."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatch import relabel

# A number that a file of the region uses as an id would name two jobs: the one without a file goes by its id then.
_LABELS = text("""
select cast(id as text) as id, external_id as label
from contractors where region = :region and (cast(:only as uuid[]) is null or id = any(:only))
union all
select cast(j.id as text), coalesce(j.external_id, case when not exists (
    select from jobs other where other.region = j.region and other.external_id = j.number
) then j.number else cast(j.id as text) end)
from jobs j where j.region = :region and (cast(:only as uuid[]) is null or j.id = any(:only))
""")


async def labels(tx: AsyncConnection, region: str, only: Collection[UUID] | None = None) -> Mapping[str, str]:
    """The label of every contractor and job of a region, or of these alone, by id as text."""
    values = {"region": region, "only": None if only is None else list(only)}
    return {row.id: row.label for row in await tx.execute(_LABELS, values)}


async def readable[Said](tx: AsyncConnection, region: str, said: Said) -> Said:
    """Give a text or a JSON document back, people and jobs going by their labels in what is written for people.

    See ``dispatch.relabel.texts`` for what that is; ids in fields of ids stay.
    """
    named = relabel.ids_in(said)
    return relabel.texts(said, await labels(tx, region, [UUID(name) for name in named])) if named else said
