"""A contractor's day over HTTP."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Response

from api import errors
from api.deps import Operator, Snapshot
from api.examples import CONTRACTOR, DAY
from api.fields import Day
from api.schedule import service
from api.schedule.schemas import ScheduleOut
from api.schedule.service import NoSuchContractor

errors.register({NoSuchContractor: (404, "unknown_contractor")})

router = APIRouter(prefix="/schedule", tags=["schedule"], responses=errors.responses(401, 404))


@router.get(
    "/{contractor_id}/{date}",
    summary="A contractor's day: stops, times, reasons, the line to drive",
    response_model=ScheduleOut,
    responses={304: {"description": "Nothing has changed since the ETag of If-None-Match"}},
)
async def read_schedule(
    contractor_id: Annotated[UUID, Path(description="whose day", examples=[CONTRACTOR])],
    on: Annotated[Day, Path(alias="date", description="the day on which the shift begins", examples=[DAY])],
    tx: Snapshot,
    _: Operator,
    if_none_match: Annotated[str | None, Header(max_length=1000, description="ETag of an earlier answer")] = None,
) -> Response:
    """As the plan in force has it; 200 without stops for a day without one. 404 `unknown_contractor`."""
    body = ScheduleOut.of(await service.read(tx, contractor_id, on)).model_dump_json().encode()
    # Of the whole answer: an address or a status may change without a new version of the plan.
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and _names(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _names(if_none_match: str, etag: str) -> bool:
    """Whether the header names this tag; weak tags compare like strong ones here (RFC 9110, 13.1.2)."""
    named = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in named or "*" in named
