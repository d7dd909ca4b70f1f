"""``GET /maps/contractors/nearby``, and the positions that it follows as long as the server runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated, cast

import orjson
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from redis.asyncio import Redis

from api.deps import Anybody, Database, RoadsDep
from api.errors import register, responses
from api.maps.nearby import Question, UnknownTrade, soonest
from api.maps.nearby_cursor import BadCursor
from api.maps.nearby_schemas import NearbyIn, NearbyOut
from db.live import WAIT_MS, LivePositions

register({UnknownTrade: (422, "unknown_trade"), BadCursor: (422, "bad_cursor")})


@asynccontextmanager
async def _following(app: FastAPI) -> AsyncIterator[None]:
    """Keep up with live positions, on a connection of its own: reading waits longer than other commands may take."""
    app.state.live = LivePositions()
    patience_s = 5 + WAIT_MS / 1000
    redis = Redis.from_url(app.state.settings.redis_url, socket_timeout=patience_s, socket_connect_timeout=1.0)
    following = asyncio.create_task(app.state.live.follow(redis))
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await redis.aclose()


def live_positions(request: Request) -> LivePositions:
    """The process's live positions."""
    return cast("LivePositions", request.app.state.live)


router = APIRouter(prefix="/maps", tags=["maps"], lifespan=_following)


@router.get(
    "/contractors/nearby",
    summary="Who can be at the door soonest, by road",
    response_model=NearbyOut,
    responses=responses(401),
)
async def nearby_contractors(
    question: Annotated[NearbyIn, Query()],
    viewer: Anybody,
    database: Database,
    roads: RoadsDep,
    live: Annotated[LivePositions, Depends(live_positions)],
) -> Response:
    """People who do the trade and serve the point, by when they can be at the door.

    That is the first moment at which they are free, plus the drive from where they will be then.

    Public. Outside all regions the answer is empty and says ``"covered": false``. An unknown trade is refused with
    the nearest spelling. The pages go through at most 50 people, chosen by the first page.
    """
    now = datetime.now(UTC)
    asked = Question(
        point=question.point,
        trade=question.trade,
        radius_m=question.search_m,
        at=(question.at or now).astimezone(UTC),
        limit=question.limit,
        cursor=question.cursor,
        exact=viewer.trusted,
    )
    answer = await soonest(database, roads, live, asked, now=now)
    return Response(orjson.dumps(answer, option=orjson.OPT_UTC_Z), media_type="application/json")
