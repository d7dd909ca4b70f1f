"""Jobs: work at a place, wanted on a day and at times, and what has become of it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

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
from sqlalchemy.ext.asyncio import AsyncConnection

from db.types import created_column, id_column, metadata, point_column, updated_column
from dispatch.standing_types import StandingJob
from geo.point import Point

STATUSES = ("draft", "posted", "assigned", "in_progress", "completed", "cancelled")

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


class WantedJob(NamedTuple):
    """A job as planning takes it; ``job.id`` is the one of its file, or its number when it came from none."""

    id: UUID
    number: str
    job: StandingJob


async def jobs_wanted(
    tx: AsyncConnection, region: str, on_date: date, statuses: Sequence[str] = ("posted",)
) -> list[WantedJob]:
    """The jobs of a region wanted on a day or on any day, sorted by ``job.id``; windows are by the region's clocks.

    A number that another job of the answer has as its file's id is not used: that job goes by its UUID.
    """
    found = (await tx.execute(_WANTED, {"region": region, "on_date": on_date, "statuses": list(statuses)})).all()
    taken = {row.external_id for row in found}
    wanted = []
    for row in found:
        called = row.external_id or (row.number if row.number not in taken else str(row.id))
        job = StandingJob(
            id=called,
            trade=row.trade,
            point=Point(row.lon, row.lat),
            duration_s=row.duration_s,
            address=row.address,
            window_start_min=row.window_start_min,
            window_end_min=row.window_end_min,
            priority=row.priority,
            unserved_cost=row.unserved_cost,
            skills=frozenset(row.skills),
            preferred_contractor=row.preferred_contractor,
            required_contractor=row.required_contractor,
            excluded_contractors=frozenset(row.excluded_contractors),
        )
        wanted.append(WantedJob(row.id, row.number, job))
    return sorted(wanted, key=lambda found: found.job.id)


# For the posted, the partial index on (region, wanted_on); the day and its absence are two scans of it in one bitmap.
_WANTED = text("""
select j.id, j.number, j.external_id, t.name as trade, st_x(j.location::geometry) as lon,
    st_y(j.location::geometry) as lat, j.duration_s, j.address, j.window_start_min, j.window_end_min, j.priority,
    j.unserved_cost, j.skills, j.preferred_contractor, j.required_contractor, j.excluded_contractors
from jobs j join trades t on t.id = j.trade_id
where j.region = :region and (j.wanted_on = :on_date or j.wanted_on is null) and j.status = any(:statuses)
""")
