"""How Alembic runs our migrations: with a URL from the caller, each in a transaction of its own."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import NullPool, create_engine, text

from db.schema import metadata

LOCK = 7_236_401
"""Of all who start at once, one migrates and the others wait."""


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic should compare an object: not PostGIS's tables, nor the queue's."""
    if kind == "table":
        return name in metadata.tables
    return True


def _configure(**how: object) -> None:
    context.configure(
        target_metadata=metadata,
        include_name=_ours,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
        **how,  # type: ignore[arg-type]
    )


def _online() -> None:
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        _configure(connection=connection)
        context.run_migrations()
    engine.dispose()


if context.is_offline_mode():
    _configure(url=context.config.attributes["url"], literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()
else:
    _online()
