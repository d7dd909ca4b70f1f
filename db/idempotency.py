"""Keys that make a POST repeatable, and the answers they got."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from db.events import idempotency_keys

KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a key was answered before."""

    request_hash: bytes
    status: int
    media_type: str
    body: bytes


async def claim(tx: AsyncConnection, actor: str, key: str, request_hash: bytes) -> StoredAnswer | None:
    """Take a key for this transaction; None when it is ours now, else the answer it got before.

    Waits while another transaction holds the same key: if that one commits, its answer is returned.
    """
    table = idempotency_keys
    taken = await tx.execute(
        insert(table)
        .values(actor=actor, key=key, request_hash=request_hash, status=0, media_type="", body=b"")
        .on_conflict_do_nothing()
        .returning(table.c.key)
    )
    if taken.first() is not None:
        return None
    row = (
        await tx.execute(
            select(table.c.request_hash, table.c.status, table.c.media_type, table.c.body).where(
                table.c.actor == actor, table.c.key == key
            )
        )
    ).one()
    return StoredAnswer(bytes(row.request_hash), row.status, row.media_type, bytes(row.body))


async def store(tx: AsyncConnection, actor: str, key: str, status: int, media_type: str, body: bytes) -> None:
    """Keep the answer of a key that this transaction has claimed."""
    table = idempotency_keys
    await tx.execute(
        update(table)
        .where(table.c.actor == actor, table.c.key == key)
        .values(status=status, media_type=media_type, body=body)
    )


async def forget_old(tx: AsyncConnection) -> int:
    """Delete keys that nobody will repeat any more; how many there were."""
    table = idempotency_keys
    gone = await tx.execute(delete(table).where(table.c.created_at < func.now() - KEPT_FOR))
    return gone.rowcount
