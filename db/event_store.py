"""Writing and reading events, deferring the tasks that react to them, and marking what was handled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import procrastinate
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import driver
from db.events import events, handled
from db.types import new_id

# Defers on the caller's connection only; it never opens one of its own.
_DEFERRING = procrastinate.App(connector=procrastinate.PsycopgConnector())


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event's row."""

    id: UUID
    name: str
    version: int
    payload: Mapping[str, Any]


async def add(tx: AsyncConnection, name: str, version: int, payload: Mapping[str, Any], actor: str) -> UUID:
    """Write an event; its id."""
    event_id = new_id()
    await tx.execute(insert(events).values(id=event_id, name=name, version=version, payload=dict(payload), actor=actor))
    return event_id


async def defer(tx: AsyncConnection, task: str, queue: str, event_id: UUID) -> None:
    """Have a task done once this transaction is committed."""
    deferred = _DEFERRING.configure_task(task, queue=queue, connection=await driver(tx))
    await deferred.defer_async(event_id=str(event_id))


async def read(tx: AsyncConnection, event_id: UUID) -> StoredEvent | None:
    """An event by id."""
    row = (
        await tx.execute(
            select(events.c.id, events.c.name, events.c.version, events.c.payload).where(events.c.id == event_id)
        )
    ).one_or_none()
    return None if row is None else StoredEvent(row.id, row.name, row.version, row.payload)


async def was_handled(tx: AsyncConnection, consumer: str, event_id: UUID) -> bool:
    """Whether a consumer is done with an event."""
    found = await tx.execute(
        select(handled.c.consumer).where(handled.c.consumer == consumer, handled.c.event_id == event_id)
    )
    return found.first() is not None


async def mark_handled(tx: AsyncConnection, consumer: str, event_id: UUID) -> bool:
    """Mark an event as handled; False when it was already."""
    made = await tx.execute(
        insert(handled)
        .values(consumer=consumer, event_id=event_id)
        .on_conflict_do_nothing()
        .returning(handled.c.consumer)
    )
    return made.first() is not None
