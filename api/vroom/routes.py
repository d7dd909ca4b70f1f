"""VROOM over HTTP, as vroom-express answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response

from api import errors
from api.deps import Operator, RoadsDep
from api.vroom.schemas import REQUEST_BODY, VroomErrorOut, VroomSolution
from api.vroom.service import Children, answer


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.vroom_children = Children()
    try:
        yield
    finally:
        app.state.vroom_children.close()


router = APIRouter(tags=["vroom"], lifespan=_lifespan)


def _error(status: int, description: str) -> dict[str, Any]:
    """VROOM's object, or problem details where the server answers in VROOM's place."""
    ours = {} if status == 400 else errors.responses()[status]["content"]
    return {"model": VroomErrorOut, "description": description, "content": ours}


_RESPONSES: dict[int | str, dict[str, Any]] = {
    **errors.responses(401),
    400: _error(400, "The problem cannot be used (code 2), or the roads do not reach its places (3)"),
    413: _error(413, "More tasks or vehicles than are solved here (code 4), or too many bytes"),
    500: _error(500, "A fault of ours (code 1)"),
    503: _error(503, "Too many problems wait, or no answer in time (code 1); no roads (3)"),
}
SOURCE_HEADER = "Travel-Time-Source"
RETRY_AFTER_S = 5


def children(request: Request) -> Children:
    """The processes that solve."""
    return cast("Children", request.app.state.vroom_children)


@router.post(
    "/vroom",
    summary="Solve a problem in VROOM's format",
    response_model=VroomSolution,
    responses=_RESPONSES,
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def vroom(
    request: Request,
    roads: RoadsDep,
    solvers: Annotated[Children, Depends(children)],
    _: Operator,
    region: Annotated[
        str | None,
        Query(
            max_length=63,
            description="whose roads to take; else the region that holds all places",
            examples=["coquimbo"],
        ),
    ] = None,
) -> Response:
    """A drop-in for VROOM behind vroom-express: the same problem JSON, options, solution and error objects.

    Coordinates need a region, matrices of one's own need none. The header `Travel-Time-Source` says `osrm`, `straight`
    (an estimate while the road engine does not answer; the solution then says so in `travel_time_source` too) or
    `given`. One problem is solved at a time; a few wait.
    """
    found = await answer(roads, solvers, await request.body(), region)
    headers = {SOURCE_HEADER: found.travel_time_source}
    if found.status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return Response(found.body, found.status, headers, "application/json")
