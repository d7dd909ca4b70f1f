"""Addresses and named places of a region, for search."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from db.types import id_column, metadata, point_column

places = Table(
    "places",
    metadata,
    id_column(),
    Column("region", Text, ForeignKey("regions.name", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("house_number", Text, nullable=False, server_default=""),
    Column("street", Text, nullable=False, server_default=""),
    Column("city", Text, nullable=False, server_default=""),
    Column("postcode", Text, nullable=False, server_default=""),
    point_column("location"),
    CheckConstraint("kind in ('house', 'street', 'crossing', 'place')", name="kind"),
    Index("ix_places_location", "location", postgresql_using="gist"),
    Index("ix_places_street", "street", postgresql_using="gin", postgresql_ops={"street": "gin_trgm_ops"}),
    Index("ix_places_region", "region"),
)
