"""Migrations, models and the plain SQL say the same schema."""

import subprocess

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from db import migrating
from db.engine import driver_url, libpq_url
from db.schema import metadata


def dumped(url: str, *options: str) -> str:
    """The schema as pg_dump writes it, without what differs from dump to dump."""
    done = subprocess.run(
        ["pg_dump", "--schema-only", "--no-owner", "--no-privileges", *options, libpq_url(url)],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (" ".join(line.split()) for line in done.stdout.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("--", "\\")))


def our_tables(url: str) -> set[str]:
    """Tables, indexes and constraints in any order, without the queue's, Alembic's and PostGIS's."""
    theirs = ("procrastinate*", "alembic_version", "spatial_ref_sys")
    options = ["--table=public.*", *(f"--exclude-table={name}" for name in theirs)]
    return {statement.strip() for statement in dumped(url, *options).split(";\n")}


def run(url: str, sql: str) -> None:
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        connection.connection.driver_connection.execute(sql)
        connection.commit()
    engine.dispose()


def test_migrations_up_down_and_up_again_give_the_same_schema(empty_database_url):
    migrating.upgrade(empty_database_url)
    once = dumped(empty_database_url)
    migrating.downgrade(empty_database_url, "base")
    assert "CREATE TABLE public.jobs" not in dumped(empty_database_url)
    assert "procrastinate" not in dumped(empty_database_url)
    migrating.upgrade(empty_database_url)
    assert dumped(empty_database_url) == once
    assert migrating.current(empty_database_url) == migrating.head()


def test_alembic_finds_nothing_to_change_between_models_and_migrations(empty_database_url):
    migrating.upgrade(empty_database_url)
    command.check(migrating._config(empty_database_url))


def test_tables_made_from_the_models_equal_those_of_the_migrations_with_every_constraint(
    empty_database_url, database_url
):
    engine = create_engine(driver_url(empty_database_url))
    metadata.create_all(engine)
    engine.dispose()
    assert our_tables(empty_database_url) == our_tables(database_url)


def test_the_plain_sql_loads_into_an_empty_database_and_equals_the_migrations(empty_database_url, database_url):
    run(empty_database_url, migrating.as_sql())
    assert dumped(empty_database_url) == dumped(database_url)


def test_twenty_trades_are_known_from_the_start_with_typical_durations(database_url):
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(text("select name, typical_duration_s from trades order by id")).all()
    engine.dispose()
    assert len(rows) == 20
    assert rows[0] == ("plumber", 75 * 60)


def test_the_application_s_role_reads_and_writes_rows_and_cannot_change_the_schema(database_url):
    engine = create_engine(database_url)
    with engine.connect() as connection:
        connection.execute(text("insert into organisations (id, name) values (gen_random_uuid(), 'Pipes Ltd')"))
        with pytest.raises(Exception, match="must be owner of table jobs"):
            connection.execute(text("drop table jobs"))
    engine.dispose()
