"""Contractors: where they live, what they do and how far they go for it, when they work."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INT4MULTIRANGE, TSTZRANGE, ExcludeConstraint
from sqlalchemy.ext.asyncio import AsyncConnection

from db.nearest import HOME_XY, OFFERED_XY
from db.types import area_column, created_column, id_column, metadata, point_column, updated_column, xy_column

DEFAULT_REACH_M = 40_000
"""How far people go who have not said so: three quarters of an hour of driving."""

contractors = Table(
    "contractors",
    metadata,
    id_column(),
    Column("region", Text, ForeignKey("regions.name"), nullable=False),
    Column("external_id", Text, nullable=False, comment="the id in the file it came from; unique in its region"),
    Column("organisation_id", Uuid, ForeignKey("organisations.id")),
    Column("account_id", Uuid, ForeignKey("accounts.id"), unique=True),
    Column("name", Text, nullable=False),
    point_column("home"),
    xy_column("home_xy", HOME_XY),
    point_column("day_end", nullable=True, comment="where the day ends; null is home"),
    area_column("service_area"),
    Column("reach_m", Integer, nullable=False, server_default=str(DEFAULT_REACH_M)),
    Column("skills", ARRAY(Text), nullable=False, server_default="{}"),
    Column("timezone", Text, nullable=False),
    Column("max_jobs", Integer),
    Column("max_travel_s", Integer),
    Column("cost_per_hour", Integer, nullable=False),
    Column("cost_per_km", Integer, nullable=False, server_default="0"),
    Column("cost_fixed", Integer, nullable=False, server_default="0"),
    Column("rating", Numeric(3, 2)),
    Column("active", Boolean, nullable=False, server_default="true"),
    created_column(),
    updated_column(),
    UniqueConstraint("region", "external_id"),
    CheckConstraint("reach_m between 1 and 1000000", name="reach"),
    CheckConstraint("external_id <> ''", name="external_id"),
    CheckConstraint("max_jobs >= 0 and max_travel_s >= 0", name="limits"),
    CheckConstraint("cost_per_hour >= 0 and cost_per_km >= 0 and cost_fixed >= 0", name="costs"),
    CheckConstraint("rating between 1 and 5", name="rating"),
    # KNN for whoever asks for no trade.
    Index("ix_contractors_home_xy", "home_xy", postgresql_using="spgist", postgresql_where=text("active")),
)

offerings = Table(
    "offerings",
    metadata,
    Column("contractor_id", Uuid, ForeignKey("contractors.id", ondelete="CASCADE"), primary_key=True),
    Column("trade_id", Integer, ForeignKey("trades.id"), primary_key=True),
    point_column("home", comment="the contractor's, so that one index answers who is near"),
    xy_column("home_xy", OFFERED_XY),
    Column("reach_m", Integer, nullable=False, comment="the farthest point of the service area, or the circle"),
    Column("has_area", Boolean, nullable=False, server_default="false"),
    Column(
        "week_min",
        INT4MULTIRANGE,
        nullable=False,
        comment="shifts as minutes of the local week from Monday 00:00, wrapped into one week",
    ),
    Column("timezone", Text, nullable=False),
    # KNN: the trade is an equality, the distance the order. See nearest and nearby_statement.
    Index("ix_offerings_home_xy", "home_xy", postgresql_using="spgist"),
    # The largest reach of a trade, at the end of the index, bounds every search.
    Index("ix_offerings_trade_id_reach_m", "trade_id", "reach_m"),
    # Who works which hours: when hardly anybody is at work, those few are found by theirs.
    Index("ix_offerings_week", "trade_id", "timezone", "week_min"),
)

shifts = Table(
    "shifts",
    metadata,
    Column("contractor_id", Uuid, ForeignKey("contractors.id", ondelete="CASCADE"), primary_key=True),
    Column("weekday", SmallInteger, primary_key=True, comment="0 is Monday"),
    Column("starts_min", Integer, primary_key=True, comment="minutes after local midnight"),
    Column("ends_min", Integer, nullable=False, comment="at or before the start: on the next day"),
    Column("break_earliest_min", Integer),
    Column("break_latest_min", Integer),
    Column("break_s", Integer),
    CheckConstraint("weekday between 0 and 6", name="weekday"),
    CheckConstraint("starts_min between 0 and 2879 and ends_min between 0 and 4319", name="minutes"),
    CheckConstraint("num_nulls(break_earliest_min, break_latest_min, break_s) in (0, 3)", name="break"),
)

time_off = Table(
    "time_off",
    metadata,
    id_column(),
    Column("contractor_id", Uuid, ForeignKey("contractors.id", ondelete="CASCADE"), nullable=False),
    Column("period", TSTZRANGE, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    CheckConstraint("not isempty(period) and not lower_inf(period)", name="period"),
    ExcludeConstraint(("contractor_id", "="), ("period", "&&"), name="ex_time_off_contractor_id_period"),
)

on_call = Table(
    "on_call",
    metadata,
    id_column(),
    Column("contractor_id", Uuid, ForeignKey("contractors.id", ondelete="CASCADE"), nullable=False),
    Column("period", TSTZRANGE, nullable=False, comment="may be sent although no shift says so"),
    CheckConstraint("not isempty(period) and not lower_inf(period) and not upper_inf(period)", name="period"),
    ExcludeConstraint(("contractor_id", "="), ("period", "&&"), name="ex_on_call_contractor_id_period"),
    # Who is on call at an instant, for all of a search at once.
    Index("ix_on_call_period", "period", postgresql_using="gist"),
)


async def refresh_offerings(tx: AsyncConnection, contractor_ids: Sequence[UUID]) -> None:
    """Bring what offerings repeat of their contractors and shifts into line; call it after changing either."""
    await tx.execute(_REFRESH, {"ids": list(contractor_ids)})


# A shift is the stretch [a, b) of minutes from Monday's midnight; what runs past the week's end is Monday's, so each
# is cut once by this week and once by the next. An end at or before the start is on a later day, as on the clock.
WEEK_OF_CONTRACTOR = """
coalesce((
    select range_agg(int4range(greatest(a - week, 0), least(b - week, 10080)))
    from shifts s,
        lateral (select weekday * 1440 + starts_min) begins (a),
        lateral (select a + 1440 - (((starts_min - ends_min) % 1440) + 1440) % 1440) ends (b),
        (values (0), (10080)) weeks (week)
    where s.contractor_id = c.id and a - week < 10080 and b - week > 0
), '{}')
"""

_REFRESH = text(f"""
update offerings o
set home = c.home, reach_m = c.reach_m, has_area = c.service_area is not null, week_min = w.week_min,
    timezone = c.timezone
from contractors c, lateral (select {WEEK_OF_CONTRACTOR} as week_min) w
where o.contractor_id = c.id and c.id = any(:ids)
    and (o.home, o.reach_m, o.has_area, o.week_min, o.timezone)
        is distinct from (c.home, c.reach_m, c.service_area is not null, w.week_min, c.timezone)
""")  # noqa: S608  # the part put in is the literal above
