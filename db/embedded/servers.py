"""Start, stop and find the servers of a home. Any number of processes may ask; one of them does the work."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from db.embedded import cluster, postgres
from db.embedded import redis as redis_server
from db.embedded.account import server_account
from db.embedded.errors import NotStarted
from db.embedded.places import Places, choose, locked, make_home, recorded
from db.embedded.programs import MACHINE, Machine, missing
from db.embedded.urls import Addresses, given_database, given_redis, of_places

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Stopped:
    """Which servers were running and were ended."""

    postgres: bool = False
    redis: bool = False


def start(
    home: Path, environ: Mapping[str, str] = NOTHING, *, redis: bool = True, machine: Machine = MACHINE
) -> Addresses:
    """Have PostgreSQL and Redis running for a home, but for those that the environment names.

    Does nothing, quickly, when they run. Safe to call from several processes at once, after any crash, as root (the
    servers then run as the account ``postgres``) and as an ordinary user.

    Parameters
    ----------
    home : TRADES_HOME, absolute; made if need be
    environ : DATABASE_URL, POSTGRES_HOST and friends, REDIS_URL; pass ``os.environ`` to heed them
    redis : whether Redis is wanted too; migrations need none

    Raises
    ------
    ServersError : ServerMissing, ServerFailed, OtherVersion, HomeNotUsable, Occupied or AddressNotUnderstood
    """
    database_url, redis_url = given_database(environ), given_redis(environ)
    if database_url and (redis_url or not redis):
        return Addresses(database_url, database_url, database_url, redis_url or "")
    wanted = _Wanted(postgres=not database_url, redis=redis and not redis_url)
    places = recorded(home)
    if places is None or not wanted.are_ready(places):
        lacking = missing(machine, postgres=wanted.postgres, redis=wanted.redis)
        if lacking is not None:
            raise lacking
        make_home(home)
        with locked(home):
            places, started = _start(home, wanted, machine)
    else:
        started = False
    return _with_given(of_places(places, started=started), database_url, redis_url)


def stop(home: Path) -> Stopped:
    """End the servers of a home, if they run. Those that the environment names are nobody's to stop.

    Raises
    ------
    ServerFailed, HomeNotUsable, Occupied
    """
    places = recorded(home)
    if places is None:
        return Stopped()
    with locked(home):
        return Stopped(postgres=postgres.stop(places), redis=redis_server.stop(places))


def remove(home: Path) -> None:
    """Stop the servers of a home and delete everything they keep, wherever it lies; their logs stay.

    Raises
    ------
    ServerFailed, HomeNotUsable, Occupied
    """
    places = recorded(home)
    if places is None:
        return
    with locked(home):
        postgres.stop(places, at_once=True)
        redis_server.stop(places)
        _delete(places)


def addresses(home: Path, environ: Mapping[str, str] = NOTHING, *, redis: bool = True) -> Addresses:
    """Where the servers are reached, without a look whether they run; ``redis_url`` is empty if none is wanted or there.

    Raises
    ------
    NotStarted : an embedded one is meant, and none was ever started
    AddressNotUnderstood
    """
    database_url, redis_url = given_database(environ), given_redis(environ)
    if database_url and (redis_url or not redis):
        return Addresses(database_url, database_url, database_url, redis_url or "")
    places = recorded(home)
    if places is None:
        raise NotStarted(home)
    return _with_given(of_places(places), database_url, redis_url)


def create_database(found: Addresses, name: str) -> None:
    """Make an empty database with the extensions and rights that migrations expect; one of that name is dropped first.

    Raises
    ------
    psycopg.Error
    """
    url = found.admin_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as admin:
        cluster.create_empty(admin, name, force=True)


@dataclass(frozen=True)
class _Wanted:
    postgres: bool
    redis: bool

    def are_ready(self, places: Places) -> bool:
        return (not self.postgres or postgres.is_ready(places)) and (not self.redis or redis_server.is_ready(places))


def _start(home: Path, wanted: _Wanted, machine: Machine) -> tuple[Places, bool]:
    known = recorded(home)
    account = server_account(known.data if known is not None else home / "postgres" / "data")
    places = choose(home, account, machine)
    started = False
    # Looked at again: whoever held the lock may have done the work.
    if wanted.postgres and not postgres.is_ready(places):
        started |= postgres.start(places, account, machine)
    if wanted.redis and not redis_server.is_ready(places):
        started |= redis_server.start(places, account, machine)
    return places, started


def _with_given(found: Addresses, database_url: str | None, redis_url: str | None) -> Addresses:
    if database_url:
        found = replace(found, database_url=database_url, owner_url=database_url, admin_url=database_url)
    return replace(found, redis_url=redis_url) if redis_url else found


def _delete(places: Places) -> None:
    for folder in (places.data.parent, places.redis, places.sockets):
        shutil.rmtree(folder, ignore_errors=True)
    outside = places.data.parent.parent
    if outside != places.home:
        shutil.rmtree(outside, ignore_errors=True)
    (places.home / "servers.json").unlink(missing_ok=True)
