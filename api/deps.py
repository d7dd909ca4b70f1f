"""What routes ask for: a transaction, a snapshot, who is asking, the roads."""

import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.errors import Unauthorised
from api.region_rows import RegionRows
from api.roads import Roads
from api.settings import Settings
from db import engine as db_engine

BEARER = HTTPBearer(auto_error=False, description="The development key: Authorization: Bearer KEY")
HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="The development key, for tools without Bearer")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking. Until accounts come: anybody, or the holder of the development key."""

    actor: str
    trusted: bool


ANYBODY = Viewer("anonymous", trusted=False)


async def settings(request: Request) -> Settings:
    """The process's settings."""
    return cast("Settings", request.app.state.settings)


async def database(request: Request) -> AsyncEngine:
    """The process's engine, for use cases that open transactions of their own."""
    return cast("AsyncEngine", request.app.state.database)


async def transaction(request: Request) -> AsyncIterator[AsyncConnection]:
    """One transaction, committed before the answer is sent; a repeatable route has opened it already."""
    repeatable = await opened(request)
    if repeatable is not None:
        yield repeatable
        return
    async with db_engine.transaction(request.app.state.database) as tx:
        yield tx


async def opened(request: Request) -> AsyncConnection | None:
    """The transaction that a repeatable route has opened for a key; None without one."""
    return cast("AsyncConnection | None", request.scope.get("state", {}).get("tx"))


async def snapshot(request: Request) -> AsyncIterator[AsyncConnection]:
    """One read-only view."""
    async with db_engine.snapshot(request.app.state.database) as tx:
        yield tx


async def roads(request: Request) -> Roads:
    """The regions and their engines."""
    return cast("Roads", request.app.state.roads)


async def region_rows(request: Request) -> RegionRows:
    """What keeps the table of regions in line with the registry."""
    return cast("RegionRows", request.app.state.region_rows)


async def redis(request: Request) -> Redis:
    """Redis, which may be away."""
    return cast("Redis", request.app.state.redis)


async def viewer(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)] = None,
    header: Annotated[str | None, Security(HEADER)] = None,
) -> Viewer:
    """Whoever asks; a key that is not ours is refused even where none is needed."""
    given = bearer.credentials if bearer is not None else header
    if given is None:
        return ANYBODY
    key = cast("Settings", request.app.state.settings).key
    if key is None or not hmac.compare_digest(given.encode(), key.get_secret_value().encode()):
        raise Unauthorised("The key is not this server's. ./trades up prints the key, or where it lies.")
    return Viewer("development-key", trusted=True)


async def operator(who: Annotated[Viewer, Depends(viewer)]) -> Viewer:
    """Somebody who may read and change everything."""
    if not who.trusted:
        raise Unauthorised("A key is needed: send Authorization: Bearer KEY. ./trades up prints the key.")
    return who


Tx = Annotated[AsyncConnection, Depends(transaction, scope="function")]
"""Commits before the answer is sent; without the scope FastAPI would commit after it, and a failed commit would still
answer 200."""

Snapshot = Annotated[AsyncConnection, Depends(snapshot, scope="function")]
Database = Annotated[AsyncEngine, Depends(database)]
RoadsDep = Annotated[Roads, Depends(roads)]
RegionRowsDep = Annotated[RegionRows, Depends(region_rows)]
RedisDep = Annotated[Redis, Depends(redis)]
Anybody = Annotated[Viewer, Depends(viewer)]
Operator = Annotated[Viewer, Depends(operator)]
SettingsDep = Annotated[Settings, Depends(settings)]
