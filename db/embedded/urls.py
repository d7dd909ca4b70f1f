"""Where the servers are reached: what the environment names, else the sockets of the embedded ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from db.embedded import cluster
from db.embedded.errors import AddressNotUnderstood
from db.embedded.places import Places

POSTGRES_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
POSTGRES_EXAMPLE = "postgresql://USER:PASSWORD@HOST:5432/trades"
REDIS_SCHEMES = ("redis", "rediss", "unix")
REDIS_EXAMPLE = "redis://HOST:6379/0"
_PASSWORD_OPTION = re.compile(r"([?&]password=)[^&]*")


@dataclass(frozen=True)
class Addresses:
    """How to reach the servers.

    Attributes
    ----------
    database_url : for the application, whose role may not change tables; ``postgresql+psycopg://…``
    owner_url : for migrations, by the role that owns the database. On a server given by DATABASE_URL, the same
    admin_url : for making and dropping databases: the superuser on the database ``postgres``. On a given server, the same
    redis_url : ``unix://…``, or what REDIS_URL says
    started : whether this call had to start a server; False when it found them running
    notes : what a person should know: folders that are not where one would look for them
    """

    database_url: str
    owner_url: str
    admin_url: str
    redis_url: str
    started: bool = False
    notes: tuple[str, ...] = ()


def given_database(environ: Mapping[str, str]) -> str | None:
    """The PostgreSQL that the environment names by DATABASE_URL or POSTGRES_HOST; None when it names none.

    Raises
    ------
    AddressNotUnderstood
    """
    url = environ.get("DATABASE_URL", "").strip()
    if url:
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in POSTGRES_SCHEMES:
            why = f"names {scheme!r}, which is not PostgreSQL by psycopg" if separator else "is not a URL"
            raise AddressNotUnderstood("DATABASE_URL", why, POSTGRES_EXAMPLE)
        if not _path(url).strip("/"):
            raise AddressNotUnderstood("DATABASE_URL", "names no database", POSTGRES_EXAMPLE)
        return f"postgresql+psycopg://{rest}"
    host = environ.get("POSTGRES_HOST", "").strip()
    if not host:
        return None
    port = environ.get("POSTGRES_PORT", "").strip() or "5432"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise AddressNotUnderstood("POSTGRES_PORT", f"is {port!r}, which is not a port", "5432")
    user = quote(environ.get("POSTGRES_USER", "") or cluster.APP, safe="")
    password = quote(environ.get("POSTGRES_PASSWORD", ""), safe="")
    who = f"{user}:{password}" if password else user
    database = quote(environ.get("POSTGRES_DB", "") or cluster.DATABASE, safe="")
    if host.startswith("/"):  # a folder with a socket, as psql takes it
        return f"postgresql+psycopg://{who}@/{database}?host={quote(host, safe='')}&port={port}"
    bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"postgresql+psycopg://{who}@{bracketed}:{port}/{database}"


def given_redis(environ: Mapping[str, str]) -> str | None:
    """The Redis that REDIS_URL names; None when it names none.

    Raises
    ------
    AddressNotUnderstood
    """
    url = environ.get("REDIS_URL", "").strip()
    if not url:
        return None
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in REDIS_SCHEMES:
        why = f"names {scheme!r}, which is not Redis" if separator else "is not a URL"
        raise AddressNotUnderstood("REDIS_URL", why, REDIS_EXAMPLE)
    return url


def of_places(places: Places, *, started: bool = False) -> Addresses:
    """The sockets of a home's own servers."""
    # The port names the socket, and a PGPORT of the caller's must not change it.
    socket = f"host={quote(str(places.sockets), safe='')}&port={cluster.PORT}"
    return Addresses(
        database_url=f"postgresql+psycopg://{cluster.APP}@/{cluster.DATABASE}?{socket}",
        owner_url=f"postgresql+psycopg://{cluster.OWNER}@/{cluster.DATABASE}?{socket}",
        admin_url=f"postgresql+psycopg://{cluster.SUPERUSER}@/postgres?{socket}",
        redis_url=f"unix://{quote(str(places.redis_socket))}",
        started=started,
        notes=places.notes,
    )


def without_password(url: str) -> str:
    """An address that may be shown and logged."""
    shown = _PASSWORD_OPTION.sub(r"\1***", url)
    parts = urlsplit(shown)
    if parts.password is None:
        return shown
    who, _, where = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{who.split(':')[0]}:***@{where}"))


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError as fault:
        raise AddressNotUnderstood("DATABASE_URL", f"is not a URL ({fault})", POSTGRES_EXAMPLE) from fault
