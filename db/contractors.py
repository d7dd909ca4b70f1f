"""Contractors: where they live, what they do and how far they go for it, when they work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

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

from db.types import area_column, created_column, id_column, metadata, point_column, updated_column
from dispatch.roster import Hours, on_day
from dispatch.standing_types import StandingContractor, StandingShift
from dispatch.types import Contractor
from geo.point import Point

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
    Index("ix_contractors_home", "home", postgresql_using="gist", postgresql_where=text("active")),
)

offerings = Table(
    "offerings",
    metadata,
    Column("contractor_id", Uuid, ForeignKey("contractors.id", ondelete="CASCADE"), primary_key=True),
    Column("trade_id", Integer, ForeignKey("trades.id"), primary_key=True),
    point_column("home", comment="the contractor's, so that one index answers who is near"),
    Column("reach_m", Integer, nullable=False, comment="the farthest point of the service area, or the circle"),
    Column("has_area", Boolean, nullable=False, server_default="false"),
    Column(
        "week_min",
        INT4MULTIRANGE,
        nullable=False,
        comment="shifts as minutes of the local week from Monday 00:00, wrapped into one week",
    ),
    Column("timezone", Text, nullable=False),
    # KNN: the trade is an equality, the distance the order. See nearby_statement for what the planner does with it.
    Index("ix_offerings_trade_id_home", "trade_id", "home", postgresql_using="gist"),
    # The largest reach of a trade, at the end of the index, bounds every search.
    Index("ix_offerings_trade_id_reach_m", "trade_id", "reach_m"),
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


@dataclass(frozen=True, slots=True)
class Roster:
    """Who works on a day.

    Parameters
    ----------
    contractors : sorted by id, which is the one of their file and unique in the region
    ids : that id -> the row's
    warnings : about people whose hours a change of clocks moves or makes impossible that day
    """

    contractors: tuple[Contractor, ...]
    ids: Mapping[str, UUID]
    warnings: tuple[str, ...]


async def contractors_on(tx: AsyncConnection, region: str, on_date: date) -> Roster:
    """Everybody active in a region who works on a day, each by the clocks of their own time zone.

    See ``dispatch.roster.on_day`` for what shifts, time off and being on call come to.
    """
    # Two days around cover every time zone, and a shift that begins past midnight and lasts a day.
    midnight = datetime.combine(on_date, time(), UTC)
    span = {"starts_at": midnight - timedelta(days=2), "ends_at": midnight + timedelta(days=5)}
    found = await tx.execute(_ON_DAY, {"region": region, "weekday": on_date.weekday(), **span})
    people: list[Contractor] = []
    ids: dict[str, UUID] = {}
    warnings: list[str] = []
    for row in found:
        hours = Hours(_shifts(row.shifts), _periods(row.off), _periods(row.on_call))
        person, said = on_day(_standing(row, StandingShift(0, 0)), hours, on_date, ZoneInfo(row.timezone))
        warnings += said
        if person is not None:
            people.append(person)
            ids[person.id] = row.id
    return Roster(tuple(people), ids, tuple(warnings))


async def contractors_of(tx: AsyncConnection, region: str) -> list[tuple[UUID, StandingContractor]]:
    """Everybody active in a region, sorted by the id of their file, with the first shift of their week.

    That is the shift of every day for people who came from a file. Who has no shift at all is left out.
    """
    found = await tx.execute(_OF_REGION, {"region": region})
    return [(row.id, _standing(row, _shifts(row.shifts)[0])) for row in found if row.shifts]


def _standing(row: Any, shift: StandingShift) -> StandingContractor:
    return StandingContractor(
        id=row.external_id,
        name=row.name,
        trades=frozenset(row.trades),
        home=Point(row.lon, row.lat),
        shift=shift,
        end=None if row.end_lon is None else Point(row.end_lon, row.end_lat),
        skills=frozenset(row.skills),
        max_jobs=row.max_jobs,
        max_travel_s=row.max_travel_s,
        cost_per_hour=row.cost_per_hour,
        cost_per_km=row.cost_per_km,
        cost_fixed=row.cost_fixed,
    )


def _shifts(rows: Sequence[Sequence[int | None]]) -> tuple[StandingShift, ...]:
    return tuple(StandingShift(*row) for row in rows)  # type: ignore[arg-type]  # the first two are never null


def _periods(rows: Sequence[Sequence[str]]) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at)) for starts_at, ends_at in rows)


_PERSON = """
c.id, c.external_id, c.name, st_x(c.home::geometry) as lon, st_y(c.home::geometry) as lat,
st_x(c.day_end::geometry) as end_lon, st_y(c.day_end::geometry) as end_lat, c.skills, c.timezone, c.max_jobs,
c.max_travel_s, c.cost_per_hour, c.cost_per_km, c.cost_fixed,
array(select t.name from offerings o join trades t on t.id = o.trade_id where o.contractor_id = c.id) as trades,
(
    select coalesce(jsonb_agg(
        jsonb_build_array(starts_min, ends_min, break_earliest_min, break_latest_min, break_s)
        order by weekday, starts_min
    ), '[]')
    from shifts s where s.contractor_id = c.id and (cast(:weekday as integer) is null or s.weekday = :weekday)
) as shifts
"""

# Periods are cut to the days around, so that ends at infinity need no words of their own.
_PERIODS = """
(
    select coalesce(jsonb_agg(jsonb_build_array(
        lower(p.period * around.span), upper(p.period * around.span)) order by p.period), '[]')
    from {table} p where p.contractor_id = c.id and p.period && around.span
)
"""

_OF_REGION = text(f"""
select {_PERSON} from contractors c where c.region = :region and c.active order by c.external_id collate "C"
""").bindparams(weekday=None)  # noqa: S608  # the parts put in are the literals above

_ON_DAY = text(f"""
select {_PERSON}, {_PERIODS.format(table="time_off")} as off, {_PERIODS.format(table="on_call")} as on_call
from contractors c, (select tstzrange(:starts_at, :ends_at) as span) around
where c.region = :region and c.active order by c.external_id collate "C"
""")  # noqa: S608  # the parts put in are the literals above
