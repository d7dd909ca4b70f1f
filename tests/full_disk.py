"""A database that has no room left in one of its tables: the server refuses each write there as it does on a full disk."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from db.embedded import Addresses

REFUSE = """
create function no_room() returns trigger language plpgsql as $$
begin
    raise exception 'could not extend file "base/1/2": No space left on device'
        using errcode = 'disk_full', hint = 'Check free disk space.';
end $$
"""


@contextmanager
def full_disk(servers: Addresses, database_url: str, table: str) -> Iterator[None]:
    """Refuse what is written to a table of a database, for as long as the block lasts.

    Message, hint and SQLSTATE are PostgreSQL's own. No disk of the machine that tests run on may be filled, and only
    root could mount a small one.
    """
    owner = make_url(servers.owner_url).set(database=make_url(database_url).database)
    engine = create_engine(owner, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(REFUSE))
        try:
            refused = f"before insert or update on {table} for each statement execute function no_room()"
            connection.execute(text(f"create trigger no_room {refused}"))
            yield
        finally:
            connection.execute(text("drop function no_room cascade"))
    engine.dispose()
