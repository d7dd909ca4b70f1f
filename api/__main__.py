"""python -m api: the processes of the application, and ./trades up, down and demo."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date

from pydantic import ValidationError

from api.listening import CannotListen
from api.parent import end_with_parent
from api.settings import Settings, from_environment
from api.up import CannotServe, Descriptors, down, up
from db.embedded import ServersError
from routing.errors import RoutingError
from routing.search_options import count, seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a process of the application; 0 done, 1 a judge's violations or nothing to start, 2 an input cannot be used."""
    asked = _parser().parse_args(arguments)
    try:
        return _done(asked)
    except ValidationError as error:
        for fault in error.errors():
            name = str(fault["loc"][0]).upper() if fault["loc"] else "environment"
            sys.stderr.write(f"trades: {name} cannot be used: {fault['msg']}\n")
        return 2
    except (RoutingError, ServersError) as error:
        sys.stderr.write(f"trades {asked.command}: {error}\n")
        return 2
    except (CannotServe, CannotListen) as error:
        sys.stderr.write(f"trades {asked.command}: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _done(asked: argparse.Namespace) -> int:
    # The server, the planner and the tour take seconds to import, which up and down need not wait for.
    if asked.command == "up":
        settings = Settings()
        chosen = settings.model_copy(update={"port": asked.port or settings.port})
        return up(chosen, workers=asked.workers, detach=asked.detach, inherited=asked.inherited)
    if asked.command == "down":
        return down(Settings())
    if asked.command == "serve":
        return _serve(asked)
    if asked.command == "planner":
        return _plan(asked)
    if asked.command == "tour":
        return _show(asked)
    from api.app import create_app

    said = create_app(Settings()).openapi()
    sys.stdout.write(json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    return 0


def _serve(asked: argparse.Namespace) -> int:
    from api import serve
    from api.telemetry import configure

    settings = from_environment()
    configure(settings.log_level, as_json=settings.environment == "production")
    if asked.with_parent:
        end_with_parent()
    return serve.serve(settings, workers=asked.workers, socket_fd=asked.socket_fd)


def _plan(asked: argparse.Namespace) -> int:
    import asyncio

    from api.bus import PLANNING
    from api.telemetry import configure
    from api.worker import run

    settings = from_environment()
    configure(settings.log_level, as_json=settings.environment == "production")
    if asked.with_parent:
        end_with_parent()
    asyncio.run(run(settings, [PLANNING], concurrency=1))
    return 0


def _show(asked: argparse.Namespace) -> int:
    from rich.console import Console

    from api import tour
    from api.telemetry import configure

    configure("warning", as_json=False)  # the tour speaks for itself
    return tour.run(from_environment(), Console(), seed=asked.seed, limit_s=asked.limit_s, on=asked.date)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./trades", description="The platform's processes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serving = commands.add_parser(
        "up", help="serve and plan until told to stop", epilog="example: ./trades up --detach"
    )
    serving.add_argument("--port", type=_port, help="default: TRADES_PORT, else 8000")
    serving.add_argument("--workers", type=_workers, default=1, metavar="N", help="server processes (default: 1)")
    serving.add_argument("--detach", action="store_true", help="return once the server answers")
    serving.add_argument("--inherited", type=_descriptors, help=argparse.SUPPRESS)
    commands.add_parser("down", help="stop what up has started")
    serve = commands.add_parser("serve", help="answer HTTP at TRADES_HOST:TRADES_PORT")
    serve.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes (default: 1)")
    serve.add_argument("--socket-fd", type=int, help=argparse.SUPPRESS)
    planner = commands.add_parser("planner", help="solve batch runs, one at a time")
    for process in (serve, planner):
        process.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
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


def _descriptors(text: str) -> Descriptors:
    return Descriptors(*(int(number) for number in text.split(",")))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-11-24") from None


if __name__ == "__main__":
    sys.exit(main())
