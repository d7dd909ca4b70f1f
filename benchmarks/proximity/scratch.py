"""A database of the suite's own on the platform's server: made, filled with a fleet, and dropped again."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import batched
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import NullPool, create_engine, make_url, text

from benchmarks.choices import BadChoice
from benchmarks.proximity.fleet import N_TRADES, WITHIN_M, Fleet
from db import migrating
from db.embedded import Addresses, create_database
from db.engine import DatabaseError, driver_url

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 600_000
SETTINGS = ("server_version", "shared_buffers", "work_mem", "fsync", "synchronous_commit", "jit")
REGION = "bench"
_ROWS_AT_ONCE = 10_000


def reading_connection(url: str) -> Any:
    """As ``driver_connection``, with the plans that the application reads by: one for all questions, see ``db.reading``."""
    return driver_connection(url, "plan_cache_mode=force_generic_plan")


def driver_connection(url: str, *options: str) -> Any:
    """Psycopg's own connection, each statement a transaction, prepared once it comes often, as everywhere.

    Parameters
    ----------
    options : settings of the session, as in ``work_mem=64MB``

    Raises
    ------
    DatabaseError
    """
    given = " ".join(f"-c {option}" for option in (f"statement_timeout={STATEMENT_TIMEOUT_MS}", "jit=off", *options))
    connect_args = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "trades bench", "options": given}
    engine = create_engine(driver_url(url), poolclass=NullPool, connect_args=connect_args)
    lent = engine.raw_connection()
    raw: Any = lent.driver_connection
    lent.detach()
    raw.autocommit = True
    return raw


class ScratchDatabase:
    """A migrated database, and the fleet in it.

    Attributes
    ----------
    url : of the role that owns the schema
    load_s : seconds that COPY, indexes and VACUUM ANALYZE of the last fleet took, by step
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.load_s: dict[str, float] = {}

    def load(self, of: Fleet) -> None:
        """Have these people and nobody else in the tables of the product, with statistics.

        Everybody is at work at every hour and goes as far as the questions ask, so that the product's own statement
        has the same answers.
        """
        self.load_s = {}
        with driver_connection(self.url) as raw:
            with self._step("copy"):
                raw.execute("truncate contractors cascade")
                raw.execute("drop index ix_offerings_home_xy")
                raw.execute(
                    "insert into regions (name, version, algorithm, timezone, outline, statistics) values (%s, '1', 'ch',"
                    " 'UTC', 'MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))', '{}') on conflict do nothing",
                    [REGION],
                )
                raw.execute(
                    "insert into trades (id, name, title, typical_duration_s)"
                    " select 1000 + n, 'bench_' || n, 'Bench', 3600 from generate_series(0, %s) n on conflict do nothing",
                    [N_TRADES - 1],
                )
                _copy(
                    raw,
                    "contractors (id, region, external_id, name, home, reach_m, timezone, cost_per_hour)",
                    of,
                    _person,
                )
                _copy(raw, "offerings (contractor_id, trade_id, home, reach_m, week_min, timezone)", of, _offering)
            with self._step("knn"):
                raw.execute("create index ix_offerings_home_xy on offerings using spgist (home_xy)")
            with self._step("vacuum"):
                raw.execute("vacuum (analyze) contractors")
                raw.execute("vacuum (analyze) offerings")

    def settings(self) -> dict[str, str]:
        """What the server says of itself and of what changes figures."""
        with driver_connection(self.url) as raw:
            found = dict(
                raw.execute(
                    "select name, setting || coalesce(unit, '') from pg_settings where name = any(%s)", [list(SETTINGS)]
                ).fetchall()
            )
            found["postgis"] = raw.execute("select postgis_lib_version()").fetchone()[0]
        return found

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began_s = time.perf_counter()
        yield
        self.load_s[name] = round(time.perf_counter() - began_s, 3)


@contextmanager
def scratch_database(addresses: Addresses) -> Iterator[ScratchDatabase]:
    """Make one, and drop it in the end.

    Raises
    ------
    BadChoice : the server does not let us; says what it lacks
    """
    name = f"trades_bench_{os.getpid()}"
    try:
        _check_rights(addresses.admin_url)
        create_database(addresses, name)
        url = make_url(addresses.owner_url).set(database=name).render_as_string(hide_password=False)
        try:
            migrating.upgrade(url)
            yield ScratchDatabase(url)
        finally:
            _as_admin(addresses.admin_url, f"drop database if exists {name} with (force)")
    except DatabaseError as error:
        raise BadChoice(f"PostgreSQL: {str(error).splitlines()[0]}") from error


def number_of(contractor_id: UUID) -> int:
    """The number of a contractor by the id it has here."""
    return contractor_id.int


def ids_of(who: np.ndarray) -> list[UUID]:
    """The ids that contractors have here."""
    return [UUID(int=number) for number in who.tolist()]


def trade_name(trade: int) -> str:
    """The name of a trade in the database."""
    return f"bench_{trade}"


def trade_id(trade: int) -> int:
    """The id of a trade in the database."""
    return 1000 + trade


def ewkb_hex(lonlat: np.ndarray) -> list[str]:
    """Points as PostGIS reads them fastest: float array (n, 2) to EWKB in hexadecimal."""
    packed = np.zeros(len(lonlat), dtype=[("order", "u1"), ("kind", "<u4"), ("srid", "<u4"), ("xy", "<f8", 2)])
    packed["order"], packed["kind"], packed["srid"], packed["xy"] = 1, 0x20000001, 4326, lonlat
    digits, width = packed.tobytes().hex(), 2 * packed.itemsize
    return [digits[first : first + width] for first in range(0, len(digits), width)]


def _person(number: int, _trade: int, home: str) -> str:
    return f"{UUID(int=number)}\t{REGION}\t{number}\tn{number}\t{home}\t{WITHIN_M:.0f}\tUTC\t3600\n"


def _offering(number: int, trade: int, home: str) -> str:
    return f"{UUID(int=number)}\t{trade_id(trade)}\t{home}\t{WITHIN_M:.0f}\t{{[0,10080)}}\tUTC\n"


def _copy(raw: Any, into: str, of: Fleet, line: Any) -> None:
    rows = zip(range(len(of)), of.trade.tolist(), ewkb_hex(of.lonlat), strict=True)
    with raw.cursor() as cursor, cursor.copy(f"copy {into} from stdin") as copy:
        for some in batched(rows, _ROWS_AT_ONCE):  # the last may be shorter; Python 3.12 has no word for it
            copy.write("".join(line(*row) for row in some))


def _check_rights(admin_url: str) -> None:
    engine = create_engine(
        driver_url(admin_url), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_TIMEOUT_S}
    )
    with engine.connect() as lent:
        may = lent.execute(text("select rolcreatedb or rolsuper from pg_roles where rolname = current_user")).scalar()
    if not may:
        raise BadChoice(
            "the role of DATABASE_URL may not create a database, and this suite needs one of its own; "
            "alter role … createdb, or unset DATABASE_URL to use the embedded server"
        )


def _as_admin(url: str, statement: str) -> None:
    engine = create_engine(driver_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as lent:
        lent.execute(text(statement))
