"""What people call a row: the id of the file it came from, else a job's number."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_LABELS = text("""
select cast(id as text) as id, external_id as label from contractors where region = :region
union all
select cast(id as text), coalesce(external_id, number) from jobs where region = :region
""")


async def labels(tx: AsyncConnection, region: str) -> Mapping[str, str]:
    """The label of every contractor and job of a region, by id as text."""
    return {row.id: row.label for row in await tx.execute(_LABELS, {"region": region})}
