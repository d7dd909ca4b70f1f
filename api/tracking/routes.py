"""``POST /tracking/positions``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from api.deps import opened, operator
from api.errors import register, responses
from api.repeatable import Repeatable
from api.tracking.schemas import PositionsIn, PositionsOut
from api.tracking.service import FromTheFuture, refuse_the_future
from db.positions import PositionRow
from db.tracks import Tracks, UnknownContractors
from geo.point import Point

register({UnknownContractors: (422, "unknown_contractors"), FromTheFuture: (422, "from_the_future")})


@asynccontextmanager
async def _taking_in(app: FastAPI) -> AsyncIterator[None]:
    """Gather positions as long as the server runs."""
    app.state.tracks = Tracks(app.state.database, app.state.redis)
    try:
        yield
    finally:
        await app.state.tracks.close()


async def tracks(request: Request) -> Tracks:
    """Where the process's positions go."""
    return cast("Tracks", request.app.state.tracks)


router = APIRouter(prefix="/tracking", tags=["tracking"], route_class=Repeatable, lifespan=_taking_in)


@router.post(
    "/positions", summary="Where contractors are", dependencies=[Depends(operator)], responses=responses(401, 409)
)
async def record_positions(
    body: PositionsIn,
    tracks: Annotated[Tracks, Depends(tracks)],
    tx: Annotated[AsyncConnection | None, Depends(opened)],
) -> PositionsOut:
    """Takes up to 1,000 positions, all or nothing. The same batch twice adds nothing.

    A position of the last ten minutes is where nearby searches start from. Under load the answer may take a second:
    positions of several senders are written together.
    """
    rows = [
        PositionRow(one.contractor_id, one.at.astimezone(UTC), Point(one.lng, one.lat), one.accuracy_m)
        for one in body.positions
    ]
    refuse_the_future(rows, datetime.now(UTC))
    written = await tracks.write(rows, tx)
    return PositionsOut(received=len(rows), added=written.added, live=written.live)
