"""python -m api: the processes of the application, and ./trades up, down and demo."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from datetime import date

import uvicorn
from pydantic import ValidationError
from rich.console import Console

from api import tour
from api.app import create_app
from api.bus import PLANNING
from api.settings import Settings
from api.telemetry import configure
from api.up import CannotServe, down, up
from api.worker import run
from db.embedded import ServersError, addresses
from routing.errors import RoutingError
from routing.search_options import count, seconds

GRACE_S = 10
"""How long requests under way may take to end when the server is told to stop."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a process of the application; 0 done, 1 a judge's violations or nothing to start, 2 an input cannot be used."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "openapi":
            said = create_app(Settings(home=Settings().home)).openapi()
            sys.stdout.write(json.dumps(said, ensure_ascii=False, indent=1) + "\n")
            return 0
        settings = read_settings()
        configure(settings.log_level, as_json=settings.environment == "production")
        return _done(settings, asked)
    except ValidationError as error:
        for fault in error.errors():
            name = str(fault["loc"][0]).upper() if fault["loc"] else "environment"
            sys.stderr.write(f"trades: {name} cannot be used: {fault['msg']}\n")
        return 2
    except (RoutingError, ServersError) as error:
        sys.stderr.write(f"trades {asked.command}: {error}\n")
        return 2
    except CannotServe as error:
        sys.stderr.write(f"trades {asked.command}: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def read_settings() -> Settings:
    """Settings from the environment, with the addresses of the embedded servers where none are given."""
    given = Settings()
    found = addresses(given.home, os.environ)
    return given.model_copy(update={"database_url": found.database_url, "redis_url": found.redis_url})


def app_from_environment() -> object:
    """What uvicorn's workers call, each in a process of its own."""
    settings = read_settings()
    configure(settings.log_level, as_json=settings.environment == "production")
    return create_app(settings)


def _done(settings: Settings, asked: argparse.Namespace) -> int:
    if asked.command == "serve":
        return _serve(settings, asked.workers)
    if asked.command == "planner":
        asyncio.run(run(settings, [PLANNING], concurrency=1))
        return 0
    if asked.command == "tour":
        configure("warning", as_json=False)  # the tour speaks for itself
        return tour.run(settings, Console(), seed=asked.seed, limit_s=asked.limit_s, on=asked.date)
    if asked.command == "down":
        return down(settings)
    chosen = settings.model_copy(update={"port": asked.port or settings.port})
    return up(chosen, workers=asked.workers, detach=asked.detach)


def _serve(settings: Settings, workers: int) -> int:
    uvicorn.run(
        "api.__main__:app_from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./trades", description="The platform's processes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serving = commands.add_parser(
        "up", help="serve and plan until told to stop", epilog="example: ./trades up --detach"
    )
    serving.add_argument("--port", type=_port, help="default: TRADES_PORT, else 8000")
    serving.add_argument("--workers", type=_workers, default=1, metavar="N", help="server processes (default: 1)")
    serving.add_argument("--detach", action="store_true", help="return once the server answers")
    commands.add_parser("down", help="stop what up has started")
    serve = commands.add_parser("serve", help="answer HTTP at TRADES_HOST:TRADES_PORT")
    serve.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes (default: 1)")
    commands.add_parser("planner", help="solve batch runs, one at a time")
    show = commands.add_parser("tour", help="plan a made-up day on the real roads of Coquimbo, Chile")
    show.add_argument("--seed", type=count, default=1, metavar="N", help="which day (default: 1)")
    show.add_argument("--limit-s", type=seconds, default=8.0, metavar="S", help="search this long (default: 8)")
    show.add_argument("--date", type=_day, default=date(2026, 11, 24), metavar="DAY", help="default: 2026-11-24")
    commands.add_parser("openapi", help="print the OpenAPI description")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; take one from 1024 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to 64")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-11-24") from None


if __name__ == "__main__":
    sys.exit(main())
