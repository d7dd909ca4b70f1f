"""``POST /tracking/positions``."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends

from api.deps import RedisDep, Tx, operator
from api.errors import register, responses
from api.repeatable import Repeatable
from api.tracking.schemas import PositionsIn, PositionsOut
from api.tracking.service import FromTheFuture, UnknownContractors, record
from db.positions import PositionRow
from geo.point import Point

register({UnknownContractors: (422, "unknown_contractors"), FromTheFuture: (422, "from_the_future")})

router = APIRouter(prefix="/tracking", tags=["tracking"], route_class=Repeatable)


@router.post(
    "/positions", summary="Where contractors are", dependencies=[Depends(operator)], responses=responses(401, 409)
)
async def record_positions(body: PositionsIn, tx: Tx, redis: RedisDep) -> PositionsOut:
    """Takes up to 1,000 positions, all or nothing. The same batch twice adds nothing.

    A position of the last ten minutes is where nearby searches start from.
    """
    rows = [
        PositionRow(one.contractor_id, one.at.astimezone(UTC), Point(one.lng, one.lat), one.accuracy_m)
        for one in body.positions
    ]
    added, live = await record(tx, redis, rows, now=datetime.now(UTC))
    return PositionsOut(received=len(rows), added=added, live=live)
