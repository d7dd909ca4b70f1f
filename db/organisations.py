"""Firms that contractors work for."""

from sqlalchemy import Column, Table, Text

from db.types import created_column, id_column, metadata

organisations = Table(
    "organisations",
    metadata,
    id_column(),
    Column("name", Text, nullable=False, unique=True),
    created_column(),
)
