"""Jobs: work at a place, wanted on a day and at times, and what has become of it."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from db.types import created_column, id_column, metadata, point_column, updated_column

jobs = Table(
    "jobs",
    metadata,
    id_column(),
    Column("serial", BigInteger, Identity(start=1001), nullable=False),
    Column("number", Text, Computed("'J' || serial", persisted=True), nullable=False, unique=True),
    Column("region", Text, ForeignKey("regions.name"), nullable=False),
    Column("external_id", Text, comment="the id in the file it came from; unique in its region"),
    Column("status", Text, nullable=False, server_default="posted"),
    Column("trade_id", Integer, ForeignKey("trades.id"), nullable=False),
    point_column("location"),
    Column("address", Text, nullable=False, server_default=""),
    Column("duration_s", Integer, nullable=False),
    Column("wanted_on", Date, comment="null: any day"),
    Column("window_start_min", Integer, comment="minutes after local midnight of the day; may run past midnight"),
    Column("window_end_min", Integer),
    Column("priority", SmallInteger, nullable=False, server_default="50"),
    Column("unserved_cost", BigInteger, comment="points; null: follows from the priority"),
    Column("skills", ARRAY(Text), nullable=False, server_default="{}"),
    Column("preferred_contractor", Text, comment="external ids: a file may name people who come later"),
    Column("required_contractor", Text),
    Column("excluded_contractors", ARRAY(Text), nullable=False, server_default="{}"),
    created_column(),
    updated_column(),
    UniqueConstraint("region", "external_id"),
    CheckConstraint(
        "status in ('draft', 'posted', 'assigned', 'in_progress', 'completed', 'cancelled')", name="status"
    ),
    CheckConstraint("duration_s between 60 and 86400", name="duration"),
    CheckConstraint("priority between 0 and 100", name="priority"),
    CheckConstraint("unserved_cost >= 0", name="unserved_cost"),
    CheckConstraint("window_start_min <= window_end_min", name="window"),
    # What waits for a contractor is a small part of all that ever was.
    Index("ix_jobs_posted", "region", "wanted_on", postgresql_where=text("status = 'posted'")),
    Index("ix_jobs_location", "location", postgresql_using="gist", postgresql_where=text("status = 'posted'")),
)
