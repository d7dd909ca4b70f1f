"""How columns are named and typed, once for all tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat
from geoalchemy2 import Geography, Geometry
from sqlalchemy import Column, Computed, DateTime, MetaData, Uuid, func
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.types import UserDefinedType

SRID = 4326

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every constraint has a name that errors can be mapped by."""

INSTANT = DateTime(timezone=True)
"""An aware instant; PostgreSQL keeps it in UTC."""


def new_id() -> UUID:
    """A UUIDv7: sorts by time of birth, so that indexes grow at one end."""
    return uuid_utils.compat.uuid7()


def id_column(name: str = "id", **options: Any) -> Column[UUID]:
    """The primary key of a subject."""
    return Column(name, Uuid, primary_key=True, default=new_id, **options)


def instant_column(name: str, **options: Any) -> Column[datetime]:
    """An instant that must be there; ``nullable=True`` for one that need not."""
    return Column(name, INSTANT, nullable=options.pop("nullable", False), **options)


def created_column() -> Column[datetime]:
    """When the row was written, by the database's clock."""
    return instant_column("created_at", server_default=func.now())


def updated_column() -> Column[datetime]:
    """When the row was last written; statements that change a row set it."""
    return instant_column("updated_at", server_default=func.now())


def point_column(name: str, **options: Any) -> Column[Any]:
    """A place on earth; distances are metres on the spheroid. Indexes are declared beside the table."""
    return Column(
        name, Geography("POINT", srid=SRID, spatial_index=False), nullable=options.pop("nullable", False), **options
    )


class _PlainPoint(UserDefinedType[str]):
    """PostgreSQL's own ``point``."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        """The name of the type."""
        return "POINT"


PGDialect.ischema_names["point"] = _PlainPoint
"""SQLAlchemy reads the type of a column that it does not know as none at all."""


def xy_column(name: str, generated_from: str) -> Column[Any]:
    """A place on the plane of ``db.nearest``, kept by the database."""
    comment = "on Mercator's map of a sphere of radius 1"
    return Column(name, _PlainPoint(), Computed(generated_from, persisted=True), nullable=False, comment=comment)


def area_column(name: str, **options: Any) -> Column[Any]:
    """An area on earth, possibly of several parts."""
    return Column(
        name,
        Geography("MULTIPOLYGON", srid=SRID, spatial_index=False),
        nullable=options.pop("nullable", True),
        **options,
    )


def mercator_column(name: str) -> Column[Any]:
    """Any shape as map tiles are cut from it."""
    return Column(name, Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False)
