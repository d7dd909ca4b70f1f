"""./trades db: the servers that keep the data, and the schema in them."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from db import commands
from db.embedded.errors import ServersError

EXAMPLES = """\
examples:
  ./trades db start
  ./trades db status
  ./trades db logs --follow postgres
  ./trades db shell -c "select id, status from jobs limit 5"
  ./trades db migrate
  ./trades db sql > schema.sql
  ./trades db stop

PostgreSQL with PostGIS and Redis run under TRADES_HOME, on sockets that only
you can reach. DATABASE_URL (or POSTGRES_HOST, _PORT, _USER, _PASSWORD, _DB)
and REDIS_URL name others to use instead; those are never started or stopped.

Exit status: 0 done, 1 a server does not answer, 2 it could not be done.
"""

SHELL_EXAMPLES = """\
examples:
  ./trades db shell
  ./trades db shell -c "select count(*) from jobs where status = 'posted'"
  ./trades db shell --role owner -f changes.sql

All options but --role are psql's.
"""

MIGRATE_EXAMPLES = """\
examples:
  ./trades db migrate
  DATABASE_URL=postgresql://owner@host/trades ./trades db migrate
  ./trades db migrate --down-to base --yes
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 a server does not answer, 2 it could not be done, 130 interrupted."""
    parser = _parser()
    given, rest = parser.parse_known_args(arguments)
    if rest and given.command != "shell":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    home = Path(os.environ.get("TRADES_HOME") or Path(__file__).parent.parent / ".trades").absolute()
    try:
        return _run(given, rest, home)
    except (ServersError, commands.NotDone, OSError) as fault:
        sys.stderr.write(f"trades db {given.command}: {fault}\n")
        return 2
    except Exception as fault:  # a driver's own: what it says is worth more here than where it was raised
        if type(fault).__module__.split(".")[0] not in ("psycopg", "sqlalchemy", "alembic"):
            raise
        sys.stderr.write(f"trades db {given.command}: {str(fault).strip()}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130


def _run(given: argparse.Namespace, rest: list[str], home: Path) -> int:
    environ = dict(os.environ)
    does: dict[str, Callable[[], int]] = {
        "start": lambda: commands.start(home, environ),
        "stop": lambda: commands.stop(home),
        "status": lambda: commands.status(home, environ),
        "logs": lambda: commands.logs(home, given.server, follow=given.follow),
        "shell": lambda: commands.shell(home, environ, given.role, rest[1:] if rest[:1] == ["--"] else rest),
        "migrate": lambda: commands.migrate(home, environ, given.to, given.down_to, yes=given.yes),
        "sql": commands.as_sql,
        "reset": lambda: commands.reset(home, environ, yes=given.yes),
        "missing": lambda: commands.missing(environ, given.servers),
    }
    return does[given.command]()


def _parser() -> argparse.ArgumentParser:
    says = "The servers that keep the data, and the schema in them."
    parser = argparse.ArgumentParser(
        prog="./trades db",
        description=says,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.suggest_on_error = True  # type: ignore[attr-defined, unused-ignore]
    of = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _command(of, "start", "Start the servers, or attach to them.")
    _command(of, "stop", "Stop the servers; what is stored stays.")
    _command(of, "status", "What runs where, revision, rows.")
    logs = _command(of, "logs", "The end of the servers' logs.")
    logs.add_argument("server", nargs="?", choices=("postgres", "redis"), help="default: both")
    logs.add_argument("--follow", "-f", action="store_true", help="go on as more is written")
    shell = _command(of, "shell", "psql on the database.", SHELL_EXAMPLES)
    shell.add_argument(
        "--role",
        choices=("app", "owner", "admin"),
        default="app",
        help="app may read and write rows (default), owner may change tables, admin is the superuser on postgres",
    )
    migrate = _command(of, "migrate", "Bring the schema up to date.", MIGRATE_EXAMPLES)
    migrate.add_argument("--to", default="head", metavar="REVISION", help="no further than this (default: head)")
    migrate.add_argument("--down-to", metavar="REVISION", help="undo what came after this; base undoes all")
    migrate.add_argument("--yes", action="store_true", help="yes, undoing may delete")
    _command(of, "sql", "Print schema, indexes and seeds as plain SQL.")
    reset = _command(of, "reset", "Delete everything in the embedded database.")
    reset.add_argument("--yes", action="store_true", help="yes, delete")
    missing = of.add_parser("missing")  # for the front door
    missing.add_argument("servers", nargs="*")
    return parser


def _command(
    of: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, says: str, examples: str = ""
) -> argparse.ArgumentParser:
    return of.add_parser(
        name,
        help=says,
        description=says,
        epilog=examples or f"example:\n  ./trades db {name}\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


if __name__ == "__main__":
    sys.exit(main())
