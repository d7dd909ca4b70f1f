"""HTTP/1.1 over plain streams with keep-alive: as little of the machine as a client can take from the server."""

import asyncio
import re
from collections import deque
from dataclasses import dataclass, field

TIMEOUT_S = 30.0
MOST_CONNECTIONS = 256

_SOURCE = re.compile(rb'"travel_time_source": ?"([a-z]+)"')


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: ``path`` with its query, and the body of a POST."""

    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back.

    Parameters
    ----------
    status : as text; "timeout", "refused" or "broken" when there is no answer
    source : the ``travel_time_source`` in it, None without one
    """

    status: str
    source: str | None = None
    body: bytes = b""


@dataclass(slots=True)
class Client:
    """One server, and connections to it that are kept.

    At most ``most_connections`` are open; what is sent beyond them waits for its turn, and its clock runs on.
    """

    host: str
    port: int
    key: str | None
    timeout_s: float = TIMEOUT_S
    most_connections: int = MOST_CONNECTIONS
    _idle: "deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]]" = field(default_factory=deque)
    _turns: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._turns = asyncio.Semaphore(self.most_connections)

    async def send(self, request: Request, *, with_body: bool = False) -> Response:
        """Send one request and read the answer to its end; never raises for what the server does."""
        async with self._turns:
            try:
                async with asyncio.timeout(self.timeout_s):
                    return await self._sent(request, with_body=with_body)
            except TimeoutError:
                return Response("timeout")
            except ConnectionRefusedError:
                return Response("refused")
            except (OSError, EOFError, ValueError, IndexError):
                return Response("broken")

    async def close(self) -> None:
        """Hang up."""
        while self._idle:
            _, writer = self._idle.pop()
            writer.close()

    async def _sent(self, request: Request, *, with_body: bool) -> Response:
        kept = bool(self._idle)
        reader, writer = self._idle.pop() if kept else await asyncio.open_connection(self.host, self.port)
        try:
            try:
                writer.write(self._written(request))
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                if not kept:
                    raise
                # The server has closed a connection that was idle for too long: nothing was answered yet.
                writer.close()
                reader, writer = await asyncio.open_connection(self.host, self.port)
                writer.write(self._written(request))
                head = await reader.readuntil(b"\r\n\r\n")
            body = await _body(reader, head)
        except BaseException:
            writer.close()
            raise
        if b"\r\nconnection: close" in head.lower():
            writer.close()
        else:
            self._idle.append((reader, writer))
        found = _SOURCE.search(body)
        return Response(
            head.split(b" ", 2)[1].decode("ascii"),
            found[1].decode("ascii") if found else None,
            body if with_body else b"",
        )

    def _written(self, request: Request) -> bytes:
        lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        if self.key:
            lines.append(f"Authorization: Bearer {self.key}")
        if request.body or request.method == "POST":
            lines += ["Content-Type: application/json", f"Content-Length: {len(request.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + request.body


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    headers = {
        name.strip().lower(): value.strip()
        for name, colon, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
        if colon
    }
    if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        parts = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(parts)
    return await reader.readexactly(int(headers.get(b"content-length", b"0")))
