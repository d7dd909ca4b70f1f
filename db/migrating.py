"""Bring a database's schema up or down, or write it out as SQL."""

import io
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from db.engine import driver_url


def upgrade(url: str, revision: str = "head") -> None:
    """Apply migrations up to a revision; nothing happens when they are applied already.

    Parameters
    ----------
    url : of the role that owns the schema
    """
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to a revision, "base" for all of them. What their tables hold is lost."""
    command.downgrade(_config(url), revision)


def current(url: str) -> str | None:
    """The revision that a database is at; None when no migration was applied."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head() -> str:
    """The newest revision there is."""
    newest = ScriptDirectory.from_config(_config("")).get_current_head()
    if newest is None:
        raise LookupError("there are no migrations beside db/migrating.py; the checkout is incomplete")
    return newest


def as_sql() -> str:
    """Schema, indexes and seeds as plain SQL for an empty database; what the migrations would do."""
    text = io.StringIO()
    command.upgrade(_config("postgresql+psycopg://", text), "head", sql=True)
    return text.getvalue()


def _config(url: str, output: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=output) if output is not None else Config()
    config.set_main_option("script_location", str(files("db") / "migrations"))
    config.attributes["url"] = driver_url(url)
    return config
