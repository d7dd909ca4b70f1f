"""What is inside the cluster before any migration: roles, extensions, rights, the database."""

from typing import LiteralString

import psycopg
from psycopg import sql

from db.embedded.places import Places
from db.embedded.programs import NEEDED_EXTENSIONS

PORT = 5432
"""Names the socket; there is no port."""
SUPERUSER = "postgres"
OWNER = "trades_owner"
APP = "trades_app"
DATABASE = "trades"

# template1 is what CREATE DATABASE copies: every database of this cluster, a test's too, is born with all of this.
_IN_TEMPLATE: tuple[LiteralString, ...] = (
    "revoke create on schema public from public",
    "grant usage on schema public to public",
    "grant create on schema public to trades_owner",
    (
        "alter default privileges for role trades_owner in schema public "
        "grant select, insert, update, delete on tables to trades_app"
    ),
    "alter default privileges for role trades_owner in schema public grant usage, select on sequences to trades_app",
)


def connect(places: Places, role: str, database: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection to the embedded server that commits each statement.

    Raises
    ------
    psycopg.OperationalError
    """
    return psycopg.connect(
        host=str(places.sockets), port=PORT, user=role, dbname=database, autocommit=True, connect_timeout=5
    )


def prepare(places: Places) -> None:
    """Make roles, rights, extensions and the database, each if it is not there; the database comes last.

    Raises
    ------
    psycopg.Error
    """
    with connect(places, SUPERUSER, "postgres") as postgres:
        if _exists(postgres, "select from pg_database where datname = %s", DATABASE):
            return
        if not _exists(postgres, "select from pg_roles where rolname = %s", OWNER):
            postgres.execute("create role trades_owner login createdb")
        if not _exists(postgres, "select from pg_roles where rolname = %s", APP):
            postgres.execute("create role trades_app login")
        with connect(places, SUPERUSER, "template1") as template, template.transaction():
            for name in NEEDED_EXTENSIONS:
                template.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(name)))
            for statement in _IN_TEMPLATE:
                template.execute(statement)
        _create(postgres, DATABASE)


def create_empty(admin: psycopg.Connection[tuple[object, ...]], name: str, *, force: bool = False) -> None:
    """Drop a database if it is there, and make it anew with the extensions and rights, and no table.

    Parameters
    ----------
    force : break off sessions that use it; without, they are a reason not to

    Raises
    ------
    psycopg.errors.ObjectInUse
    """
    drop = sql.SQL("drop database if exists {} with (force)" if force else "drop database if exists {}")
    admin.execute(drop.format(sql.Identifier(name)))
    _create(admin, name)


def sessions(places: Places, name: str) -> list[tuple[str, int]]:
    """Who uses a database: the names that programs gave, and how many connections each has."""
    with connect(places, SUPERUSER, "postgres") as postgres:
        rows = postgres.execute(
            "select coalesce(nullif(application_name, ''), 'unnamed'), count(*) from pg_stat_activity "
            "where datname = %s and backend_type = 'client backend' group by 1 order by 1",
            (name,),
        ).fetchall()
    return [(str(program), int(str(n))) for program, n in rows]


def _create(admin: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    admin.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER)))


def _exists(connection: psycopg.Connection[tuple[object, ...]], query: LiteralString, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None
