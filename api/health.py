"""Whether the process is alive, and whether it can answer what people ask."""

import asyncio
from collections.abc import Awaitable
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from redis.exceptions import RedisError

from api.deps import Database, RedisDep, RegionRowsDep, RoadsDep
from db import engine as db_engine

router = APIRouter(tags=["system"])

PATIENCE_S = 2.0


class HealthOut(BaseModel):
    """The process runs."""

    status: Literal["ok"] = "ok"


class ReadyOut(BaseModel):
    """What answers and what does not."""

    status: Literal["ready", "degraded", "unavailable"] = Field(
        description="degraded: answers, without something; unavailable: the database is away"
    )
    database: bool
    redis: bool = Field(description="without it, live positions and rate limits are missing")
    regions: list[str]
    regions_in_database: bool = Field(description="whether the database knows these regions, and no other as present")
    travel_time_sources: dict[str, str] = Field(description="osrm or straight, of each region that is open")


@router.get("/health", summary="The process is alive")
async def health() -> HealthOut:
    """Answers 200 as long as the process runs, whatever else is broken."""
    return HealthOut()


@router.get(
    "/ready",
    summary="What answers and what does not",
    responses={503: {"model": ReadyOut, "description": "The database does not answer"}},
)
async def ready(
    response: Response, database: Database, redis: RedisDep, roads: RoadsDep, rows: RegionRowsDep
) -> ReadyOut:
    """Answers 503 when the database is away; without Redis, OSRM or rows for its regions it only degrades."""
    has_database = await _within(PATIENCE_S, db_engine.answers(database))
    has_redis = await _within(PATIENCE_S, redis.ping())
    sources = roads.sources()
    in_line = rows.are_in_line()
    degraded = not has_redis or not in_line or "straight" in sources.values()
    if not has_database:
        response.status_code = 503
    return ReadyOut(
        status="unavailable" if not has_database else "degraded" if degraded else "ready",
        database=has_database,
        redis=has_redis,
        regions=roads.names(),
        regions_in_database=in_line,
        travel_time_sources=sources,
    )


async def _within(patience_s: float, question: Awaitable[object]) -> bool:
    """Whether a part answers in time."""
    try:
        async with asyncio.timeout(patience_s):
            return bool(await question)
    except (OSError, TimeoutError, RedisError, db_engine.DatabaseError):
        return False
