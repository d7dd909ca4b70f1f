"""What a process tells about itself: structured logs with a request's id, health, readiness."""

import logging
import re
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

from db.types import new_id

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_QUIET = ("/health", "/ready")


class _Stderr:
    """Standard error as it is when something is written, for programs and tests put another in its place.

    On a full disk a line of the log is lost, and not the answer that it is about.
    """

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError):
            sys.stderr.flush()


def configure(level: str, *, as_json: bool) -> None:
    """Logs go to stderr, one line an event: JSON for machines, coloured text for people."""
    number = logging.getLevelNamesMapping()[level.upper()]
    stderr = cast("TextIO", _Stderr())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=stderr, force=True)


class RequestLog:
    """Gives every request an id, taken over from ``X-Request-ID`` if it is a plain one, and logs how it ended.

    Neither query nor body is logged: both may hold what is nobody's business.
    """

    def __init__(self, app: App) -> None:
        self._app, self._log = app, structlog.get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given.decode("ascii") if _REQUEST_ID.fullmatch(given) else str(new_id())
        scope["request_id"] = request_id
        began_s = time.perf_counter()
        status = 500

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode("ascii"))]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, sending)
            finally:
                if scope["path"] not in _QUIET:
                    took_ms = round((time.perf_counter() - began_s) * 1000, 1)
                    route = scope.get("route")
                    path = getattr(route, "path", scope["path"])
                    self._log.info("request", method=scope["method"], path=path, status=status, took_ms=took_ms)
