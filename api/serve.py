"""python -m api serve: uvicorn around the application, on a socket of its own or one that is handed to it."""

import socket
from contextlib import closing

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.listening import listen
from api.parent import end_with_master
from api.settings import Settings, from_environment
from api.telemetry import configure

GRACE_S = 10
"""How long requests under way may take to end when the server is told to stop."""


def serve(settings: Settings, *, workers: int, socket_fd: int | None = None) -> int:
    """Answer HTTP until told to stop (SIGTERM, SIGINT); the exit status.

    Parameters
    ----------
    workers : processes that share the socket
    socket_fd : a listening socket of whoever has started this; None to bind the address of the settings

    Raises
    ------
    CannotListen : the address cannot be had
    """
    config = uvicorn.Config(
        "api.serve:app_of_worker" if workers > 1 else lambda: create_app(settings),
        factory=True,
        workers=workers,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
    )
    with closing(
        listen(settings.host, settings.port) if socket_fd is None else socket.socket(fileno=socket_fd)
    ) as listening:
        if workers > 1:
            Multiprocess(config, sockets=[listening]).run()
            return 0
        server = uvicorn.Server(config)
        server.run(sockets=[listening])
        return 0 if server.started else 1


def app_of_worker() -> FastAPI:
    """What each of several server processes runs."""
    end_with_master()
    settings = from_environment()
    configure(settings.log_level, as_json=settings.environment == "production")
    return create_app(settings)
