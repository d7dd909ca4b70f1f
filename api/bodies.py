"""Bodies on their way in: none larger than the server takes, and JSON whatever its Content-Type says."""

from collections.abc import MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect, Request

from api.errors import Problem
from api.telemetry import App, Receive, Scope, Send

_KEPT_TYPES = (b"application/json", b"multipart/form-data")


class Bodies:
    """ASGI middleware: answers 413 to bodies of more than ``max_bytes``, announced or not.

    A Content-Type other than JSON's and that of file uploads becomes JSON's: curl calls every body a form.
    """

    def __init__(self, app: App, max_bytes: int) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > self._max_bytes:
            await self._refuse(scope, receive, send)
            return
        n_bytes = 0

        async def counted() -> MutableMapping[str, Any]:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            return message if n_bytes <= self._max_bytes else {"type": "http.disconnect"}

        async def sending(message: MutableMapping[str, Any]) -> None:
            if n_bytes <= self._max_bytes:  # else it is about a client that has hung up, which it has not
                await send(message)

        scope["headers"] = _as_json(scope["headers"])
        try:
            await self._app(scope, counted, sending)
        except ClientDisconnect:
            if n_bytes <= self._max_bytes:
                raise
        if n_bytes > self._max_bytes:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"The body is larger than {self._max_bytes:,} bytes; send less at a time."
        answer = Problem(413, "body_too_large", detail, details={"max_bytes": self._max_bytes})
        await answer.response(Request(dict(scope)))(scope, receive, send)


def _as_json(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [
        (name, value if name != b"content-type" or value.lower().startswith(_KEPT_TYPES) else b"application/json")
        for name, value in headers
    ]
