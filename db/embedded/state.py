"""What the servers of a home are doing, embedded ones and given ones alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from db.embedded import postgres, redis
from db.embedded.places import recorded
from db.embedded.servers import NOTHING
from db.embedded.urls import given_database, given_redis, of_places, without_password

ANSWER_WITHIN_S = 3


@dataclass(frozen=True)
class ServerStatus:
    """One server.

    Attributes
    ----------
    name : ``PostgreSQL`` or ``Redis``
    embedded : whether it is ours to start and stop
    answers : whether it can be worked with now
    address : without password; None when none was ever started
    version : what it says it is; None when it does not answer
    pid : the process of an embedded one
    why : why it does not answer
    """

    name: str
    embedded: bool
    answers: bool
    address: str | None
    version: str | None = None
    pid: int | None = None
    why: str | None = None


def status(home: Path, environ: Mapping[str, str] = NOTHING) -> tuple[ServerStatus, ServerStatus]:
    """PostgreSQL's state and Redis's, each asked now; nothing is started.

    Raises
    ------
    AddressNotUnderstood
    """
    database_url, redis_url = given_database(environ), given_redis(environ)
    return (
        _given_postgres(database_url) if database_url else _embedded_postgres(home),
        _given_redis(redis_url) if redis_url else _embedded_redis(home),
    )


def _embedded_postgres(home: Path) -> ServerStatus:
    places = recorded(home)
    if places is None:
        return ServerStatus("PostgreSQL", True, False, None, why="was never started here")
    url = of_places(places).database_url
    pid = postgres.pid(places)
    if pid is None:
        return ServerStatus("PostgreSQL", True, False, url, why="is stopped")
    version, why = _postgres_version(url)
    return ServerStatus("PostgreSQL", True, version is not None, url, version, pid, why)


def _given_postgres(url: str) -> ServerStatus:
    version, why = _postgres_version(url)
    return ServerStatus("PostgreSQL", False, version is not None, without_password(url), version, why=why)


def _postgres_version(url: str) -> tuple[str | None, str | None]:
    """Its version and PostGIS's, or why it does not answer."""
    try:
        libpq = url.replace("postgresql+psycopg://", "postgresql://", 1)
        with psycopg.connect(libpq, autocommit=True, connect_timeout=ANSWER_WITHIN_S) as connection:
            row = connection.execute(
                "select current_setting('server_version'), "
                "(select extversion from pg_extension where extname = 'postgis')"
            ).fetchone()
    except psycopg.Error as fault:
        return None, "does not answer: " + " ".join(str(fault).split())
    server, postgis = row or ("", None)
    return f"{str(server).split(' ')[0]}, {f'PostGIS {postgis}' if postgis else 'without PostGIS'}", None


def _embedded_redis(home: Path) -> ServerStatus:
    places = recorded(home)
    if places is None:
        return ServerStatus("Redis", True, False, None, why="was never started here")
    url = of_places(places).redis_url
    pid = redis.pid(places)
    if redis.is_ready(places):
        return ServerStatus("Redis", True, True, url, redis.version(places), pid)
    return ServerStatus("Redis", True, False, url, pid=pid, why="does not answer" if pid else "is stopped")


def _given_redis(url: str) -> ServerStatus:
    from redis import Redis, RedisError

    address = without_password(url)
    try:
        with Redis.from_url(url, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S) as client:
            said = client.info("server")
    except (RedisError, OSError, ValueError) as fault:
        return ServerStatus("Redis", False, False, address, why=f"does not answer: {fault}")
    version = said.get("redis_version") if isinstance(said, dict) else None
    return ServerStatus("Redis", False, True, address, str(version) if version else None)
