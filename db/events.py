"""What happened, told once: event rows, messages from outside, keys that make a POST repeatable, handled marks."""

from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from db.types import created_column, id_column, instant_column, metadata

events = Table(
    "events",
    metadata,
    id_column(),
    Column("name", Text, nullable=False, comment="as in job.assigned"),
    Column("version", SmallInteger, nullable=False, server_default="1"),
    Column("payload", JSONB, nullable=False, comment="ids and figures, no personal data"),
    Column("actor", Text, nullable=False, server_default="system"),
    created_column(),
    Index("ix_events_created_at", "created_at"),
)

handled = Table(
    "handled",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    created_column(),
)

inbox = Table(
    "inbox",
    metadata,
    id_column(),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    instant_column("handled_at", nullable=True),
    created_column(),
    UniqueConstraint("source", "external_id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False, comment="SHA-256 of method, path and body"),
    Column("status", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    created_column(),
    Index("ix_idempotency_keys_created_at", "created_at"),
)
