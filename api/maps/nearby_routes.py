"""``GET /maps/contractors/nearby``, and the positions that it follows as long as the server runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from redis.asyncio import Redis

from api.deps import Anybody
from api.errors import register, responses
from api.maps.nearby import Question, Sources, UnknownTrade, soonest
from api.maps.nearby_cursor import BadCursor
from api.maps.nearby_schemas import NearbyIn, NearbyOut
from api.settings import Settings
from db.live import WAIT_MS, LivePositions
from db.reading import Reading

MOST_QUESTIONS = 4
"""Asked of the database at once by one process: with more it would only take longer for each."""

register({UnknownTrade: (422, "unknown_trade"), BadCursor: (422, "bad_cursor")})


@asynccontextmanager
async def _following(app: FastAPI) -> AsyncIterator[None]:
    """Keep up with live positions, on a connection of its own: reading waits longer than other commands may take."""
    settings: Settings = app.state.settings
    app.state.reading = Reading(
        settings.database_url, most=MOST_QUESTIONS, wait_s=settings.pool_wait_s, application="trades serve"
    )
    app.state.live = LivePositions()
    patience_s = 5 + WAIT_MS / 1000
    redis = Redis.from_url(settings.redis_url, socket_timeout=patience_s, socket_connect_timeout=1.0)
    following = asyncio.create_task(app.state.live.follow(redis))
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await redis.aclose()
        await app.state.reading.close()


async def sources(request: Request) -> Sources:
    """What the process answers from; one dependency, and async: FastAPI calls others in a thread, each by itself."""
    state = request.app.state
    return Sources(state.database, state.reading, state.roads, state.live)


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
    known: Annotated[Sources, Depends(sources)],
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
    answer = await soonest(known, asked, now=now)
    return Response(orjson.dumps(answer, option=orjson.OPT_UTC_Z), media_type="application/json")
