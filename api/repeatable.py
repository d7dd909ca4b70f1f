"""POSTs that may be sent twice: with an Idempotency-Key the first answer is stored in the transaction that it is about.

A repeated key with the same request gets the stored answer, marked ``Idempotency-Replayed: true``; with another
request it is refused. Of two at the same time the second waits for the first. An error stores nothing.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncConnection

from api.errors import KeyReused, Unusable
from db import engine, idempotency

HEADER = "Idempotency-Key"
DESCRIPTION = (
    f"With `{HEADER}` in a header (1 to 255 visible ASCII characters, such as a UUID) it can be sent again and is done"
    " once; 422 `idempotency_key_reused` if another request had that key."
)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Repeatable(APIRoute):
    """The route class of slices that write: ``APIRouter(route_class=Repeatable)``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, inside the transaction that its key is stored in."""
        once = super().get_route_handler()

        async def handle(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method != "POST":
                return await once(request)
            if not _KEY.fullmatch(key):
                raise Unusable(f"{HEADER} must be 1 to 255 visible ASCII characters; a UUID is a good choice")
            async with engine.transaction(request.app.state.database) as tx:
                return await _answered_once(request, once, tx, key)

        return handle


async def _answered_once(
    request: Request, once: Callable[[Request], Awaitable[Response]], tx: AsyncConnection, key: str
) -> Response:
    credential = request.headers.get("Authorization") or request.headers.get("X-API-Key") or ""
    actor = hashlib.sha256(credential.encode()).hexdigest()
    asked = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).digest()
    stored = await idempotency.claim(tx, actor, key, asked)
    if stored is not None:
        if stored.request_hash != asked:
            raise KeyReused(f"{HEADER} {key!r} came with another request before; take a new key for a new request")
        headers = {"Idempotency-Replayed": "true"}
        return Response(stored.body, stored.status, headers, stored.media_type)
    request.state.tx = tx
    answer = await once(request)
    await idempotency.store(tx, actor, key, answer.status_code, answer.headers["content-type"], bytes(answer.body))
    return answer
