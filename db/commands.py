"""What ./trades db does, command by command; what a person wants to know goes to stdout."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from db import embedded
from db.embedded import cluster, programs, redis
from db.embedded.places import last_lines, recorded
from db.embedded.urls import given_database, given_redis

MAIN_TABLES = (
    "organisations",
    "accounts",
    "contractors",
    "jobs",
    "plans",
    "assignments",
    "places",
    "positions",
    "events",
)
COUNT_WITHIN_MS = 2_000
LOG_LINES = 40


class NotDone(Exception):
    """A command that would destroy something was not carried out; says what would have to be the case."""


def start(home: Path, environ: Mapping[str, str]) -> int:
    """Have the servers running, and say whether that was so already."""
    found = embedded.start(home, environ)
    database_is_given, redis_is_given = bool(given_database(environ)), bool(given_redis(environ))
    if database_is_given and redis_is_given:
        _say("nothing to start: DATABASE_URL and REDIS_URL name servers that are not ours")
        return 0
    names = " and ".join(
        name for name, given in (("PostgreSQL", database_is_given), ("Redis", redis_is_given)) if not given
    )
    _say(f"{names}: {'started' if found.started else 'running already; attached'}")
    for note in found.notes:
        _say(f"note: {note}")
    _say(f"DATABASE_URL={embedded.without_password(found.database_url)}")
    _say(f"REDIS_URL={embedded.without_password(found.redis_url)}")
    return 0


def stop(home: Path) -> int:
    """End the embedded servers."""
    done = embedded.stop(home)
    for name, was_running in (("PostgreSQL", done.postgres), ("Redis", done.redis)):
        _say(f"{name}: {'stopped' if was_running else 'was not running'}")
    return 0


def status(home: Path, environ: Mapping[str, str]) -> int:
    """Servers, revision and rows; 1 when a server does not answer."""
    servers = embedded.status(home, environ)
    for server in servers:
        whose = "embedded" if server.embedded else "given"
        doing = f"running, {server.version}" if server.answers else str(server.why)
        process = f", process {server.pid}" if server.pid else ""
        _say(f"{server.name:<11} {doing} ({whose}{process})")
        if server.address:
            _say(f"{'':<11} {server.address}")
    places = recorded(home)
    for note in places.notes if places else ():
        _say(f"{'note':<11} {note}")
    if servers[0].answers:
        found = embedded.addresses(home, environ, redis=False)
        _print_revision(found.owner_url)
        _print_rows(found.database_url)
    return 0 if all(server.answers for server in servers) else 1


def logs(home: Path, server: str | None, *, follow: bool) -> int:
    """The end of the servers' logs; with follow, what comes as well."""
    places = recorded(home)
    if places is None:
        raise embedded.NotStarted(home)
    files = [places.log(name) for name in ((server,) if server else ("postgres", "redis"))]
    there = [file for file in files if file.exists()]
    if follow:
        sys.stdout.flush()
        os.execvp("tail", ["tail", "-n", str(LOG_LINES), "-F", *map(str, files)])  # noqa: S606 tail itself, so that Ctrl-C ends it
    for file in there:
        _say(f"==> {file} <==")
        _say("\n".join(last_lines(file, n=LOG_LINES)))
    return 0


def shell(home: Path, environ: Mapping[str, str], role: str, arguments: Sequence[str]) -> NoReturn:
    """Become psql."""
    found = embedded.start(home, environ, redis=False)
    url = {"app": found.database_url, "owner": found.owner_url, "admin": found.admin_url}[role]
    address, password = _for_psql(url)
    variables = {**environ, **({"PGPASSWORD": password} if password else {})}
    client = programs.find_client("psql")
    sys.stdout.flush()
    os.execve(client, ["psql", address, *arguments], variables)  # noqa: S606 psql itself, with the terminal


def migrate(home: Path, environ: Mapping[str, str], to: str, down_to: str | None, *, yes: bool) -> int:
    """Bring the schema to a revision."""
    from db import migrating

    if down_to is not None and not yes:
        raise NotDone("migrating down deletes what the newer tables hold. If that is meant: add --yes")
    found = embedded.start(home, environ, redis=False)
    before = migrating.current(found.owner_url)
    if down_to is None:
        migrating.upgrade(found.owner_url, to)
    else:
        migrating.downgrade(found.owner_url, down_to)
    after = migrating.current(found.owner_url)
    _say(f"schema: {before or 'empty'} -> {after or 'empty'}" if before != after else f"schema: {after}, as it was")
    return 0


def as_sql() -> int:
    """Schema, indexes and seeds as plain SQL."""
    from db import migrating

    sys.stdout.write(migrating.as_sql())
    return 0


def reset(home: Path, environ: Mapping[str, str], *, yes: bool) -> int:
    """Drop the embedded database and make it anew, without tables; empty Redis."""
    if given_database(environ):
        raise NotDone("reset is for the embedded database, and DATABASE_URL names another: drop that one by hand")
    if not yes:
        raise NotDone("reset deletes every job, plan and person in the database. If that is meant: add --yes")
    found = embedded.start(home, environ)
    places = recorded(home)
    if places is None:
        raise embedded.NotStarted(home)
    using = cluster.sessions(places, cluster.DATABASE)
    if using:
        who = ", ".join(f"{program} ({n})" for program, n in using)
        raise NotDone(f"the database is in use by {who}. End that first: ./trades down")
    try:
        with cluster.connect(places, cluster.SUPERUSER, "postgres") as admin:
            cluster.create_empty(admin, cluster.DATABASE)
    except psycopg.errors.ObjectInUse as fault:
        raise NotDone("somebody connected to the database meanwhile. End that first: ./trades down") from fault
    if found.redis_url.startswith("unix://") and not given_redis(environ):
        redis.empty(places)
    _say("the database is empty. Make its tables: ./trades db migrate")
    return 0


def missing(environ: Mapping[str, str], servers: Sequence[str]) -> int:
    """The servers whose programs are needed here and not there, a word a line, for the front door."""
    wanted = servers or ("postgres", "redis")
    lacking = programs.missing(
        postgres="postgres" in wanted and not given_database(environ),
        redis="redis" in wanted and not given_redis(environ),
    )
    for name in lacking.missing if lacking else ():
        _say(name)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _for_psql(url: str) -> tuple[str, str | None]:
    """An address for psql's command line, which everybody on the machine can read, and the password apart."""
    parts = urlsplit(url.replace("postgresql+psycopg://", "postgresql://", 1))
    options = parse_qsl(parts.query)
    password = unquote(parts.password) if parts.password else dict(options).get("password")
    if password is None:
        return url.replace("postgresql+psycopg://", "postgresql://", 1), None
    who, _, where = parts.netloc.rpartition("@")
    query = urlencode([(name, value) for name, value in options if name != "password"])
    return urlunsplit(parts._replace(netloc=f"{who.split(':')[0]}@{where}", query=query)), password


def _print_revision(owner_url: str) -> None:
    from db import migrating

    now, newest = migrating.current(owner_url), migrating.head()
    doing = "up to date" if now == newest else f"newest is {newest}; ./trades db migrate"
    _say(f"{'schema':<11} {now or 'empty'} ({doing})")


def _print_rows(url: str) -> None:
    counted = []
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, connect_timeout=5) as connection:
        connection.execute(f"set statement_timeout = {COUNT_WITHIN_MS:d}")
        for table in MAIN_TABLES:
            row = connection.execute("select to_regclass(%s)", (f"public.{table}",)).fetchone()
            if row is not None and row[0] is not None:
                counted.append(f"{table} {_rows(connection, table)}")
    for at in range(0, len(counted), 4):
        _say(f"{'rows' if at == 0 else '':<11} {', '.join(counted[at : at + 4])}")


def _rows(connection: psycopg.Connection[tuple[object, ...]], table: str) -> str:
    try:
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
    except psycopg.errors.QueryCanceled:
        row = connection.execute(
            "select reltuples::bigint from pg_class where oid = to_regclass(%s)", (table,)
        ).fetchone()
        return f"about {int(str(row[0])):,}" if row else "?"
    except psycopg.errors.InsufficientPrivilege:
        return "not ours to count"
    return f"{int(str(row[0])):,}" if row else "?"
