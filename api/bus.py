"""Who reacts to what: the table event → subscribers, and nothing clever.

``publish`` writes the event's row and defers one task per subscriber on the caller's own connection: with the caller's
transaction all of it becomes true, or nothing does. The tasks are procrastinate's, rows of the same database; workers
take them at least once, so a handler marks what it has handled in its own transaction, and a duplicate does nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import procrastinate
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.events import CATALOGUE, DispatchRunRequested, Event
from api.settings import Settings
from db import engine as db_engine
from db import event_store

PLANNING = "planning"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who reacts to an event.

    Parameters
    ----------
    consumer : a stable name; handled marks and tasks carry it
    queue : ``PLANNING`` for what a planner does; other queues belong to the worker
    """

    consumer: str
    queue: str


SUBSCRIBERS: Mapping[type[Event], tuple[Subscriber, ...]] = {
    DispatchRunRequested: (Subscriber("planner.plan", PLANNING),),
}

QUEUES = (PLANNING,)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a handler may use."""

    settings: Settings
    database: AsyncEngine


type Handler = Callable[[Parts, Event], Awaitable[None]]


async def publish(tx: AsyncConnection, event: Event, *, actor: str = "system") -> UUID:
    """Tell what happened, in the transaction in which it happens."""
    event_id = await event_store.add(tx, event.wire_name(), event.VERSION, event.payload(), actor)
    for subscriber in SUBSCRIBERS.get(type(event), ()):
        await event_store.defer(tx, subscriber.consumer, subscriber.queue, event_id)
    return event_id


def tasks(app: procrastinate.App, parts: Parts, handlers: Mapping[str, Handler], *, attempts: int = 5) -> None:
    """Register the handlers of a process as tasks of the queue: consumer name → handler.

    A handler that raises is tried again, later and later; after ``attempts`` the task is kept among the failed.
    """
    for consumer, handler in handlers.items():
        retry = procrastinate.RetryStrategy(max_attempts=attempts, exponential_wait=2)

        async def handle(event_id: str, consumer: str = consumer, handler: Handler = handler) -> None:
            async with db_engine.snapshot(parts.database) as tx:
                stored = await event_store.read(tx, UUID(event_id))
                if stored is None or await event_store.was_handled(tx, consumer, stored.id):
                    return
            await handler(parts, CATALOGUE[stored.name].read(stored.payload))
            async with db_engine.transaction(parts.database) as tx:
                await event_store.mark_handled(tx, consumer, stored.id)

        app.task(name=consumer, retry=retry)(handle)


def queue(connector: procrastinate.BaseConnector) -> procrastinate.App:
    """The queue of a process."""
    return procrastinate.App(connector=connector)


def wire(event: Event) -> dict[str, Any]:
    """An event as pages and webhooks see it."""
    return {"name": event.wire_name(), "version": event.VERSION, **event.payload()}
