"""Orders of destinations, travel tables, ways and traces over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Literal, cast

import orjson
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.openapi.models import Example

from api import errors
from api.deps import Operator, RoadsDep
from api.lane import Lane
from api.maps.answers import drive_out, matched_out, way_out
from api.maps.directions import way_through
from api.maps.errors import NoOrderOfPlaces, NoRoadBehind, NoWay, PlaceOffRoad
from api.maps.matching import matched
from api.maps.matrix import travel_table
from api.maps.optimise import best_drive
from api.maps.places import Places
from api.maps.schemas import (
    BEACH,
    HARBOUR,
    MOST_VIA,
    SQUARE,
    LatLng,
    MatchIn,
    MatchOut,
    MatrixIn,
    MatrixOut,
    OptimiseIn,
    OptimiseOut,
    RouteOut,
    point_of,
)

errors.register(
    {
        PlaceOffRoad: (422, "off_road"),
        NoWay: (422, "no_route"),
        NoRoadBehind: (422, "no_route"),
        NoOrderOfPlaces: (422, "no_order"),
    }
)


_SQUARE, _BEACH, _HARBOUR = (f"{place['lat']},{place['lng']}" for place in (SQUARE, BEACH, HARBOUR))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.orders_lane = Lane("searches for orders")
    yield


router = APIRouter(prefix="/maps", tags=["maps"], responses=errors.responses(401), lifespan=_lifespan)


def orders_lane(request: Request) -> Lane:
    """Where searches for orders wait for each other."""
    return cast("Lane", request.app.state.orders_lane)


@router.post("/optimize-route", summary="The best order of destinations")
async def optimise_route(
    asked: OptimiseIn, roads: RoadsDep, lane: Annotated[Lane, Depends(orders_lane)], _: Operator
) -> OptimiseOut:
    """The fastest order found in which one person can drive to all destinations, never slower than the given one.

    Up to 13 destinations every order is weighed; more are searched for up to `limit_s`, and `proven` says whether no
    order is faster. Codes of 422: `outside_coverage`, `off_road`, `no_order`. 503 `unavailable`: too many searches.
    """
    destinations = [destination.point for destination in asked.destinations]
    return drive_out(
        await best_drive(
            roads,
            lane,
            asked.origin.point,
            destinations,
            return_to_origin=asked.return_to_origin,
            limit_s=asked.limit_s,
        )
    )


@router.post("/matrix", summary="Travel from every source to every target", response_model=MatrixOut)
async def matrix(asked: MatrixIn, roads: RoadsDep, _: Operator) -> Response:
    """Whole seconds and metres by road, null and listed as unreachable where no road leads.

    Codes of 422: `outside_coverage`, `off_road`.
    """
    table = await travel_table(
        roads, [place.point for place in asked.sources], [place.point for place in asked.targets]
    )
    return Response(orjson.dumps(asdict(table)), media_type="application/json")


def _on_ways(*texts: str | list[str]) -> dict[str, Example]:
    """What a parameter is on each of two ways: examples of the same name belong together."""
    return {name: {"value": text} for name, text in zip(("to the harbour", "to the square"), texts, strict=True)}


@router.get("/route", summary="The way from one place to another, turn by turn")
async def route(
    roads: RoadsDep,
    _: Operator,
    start: Annotated[
        LatLng, Query(alias="from", description="latitude,longitude", openapi_examples=_on_ways(_SQUARE, _BEACH))
    ],
    to: Annotated[LatLng, Query(description="latitude,longitude", openapi_examples=_on_ways(_HARBOUR, _SQUARE))],
    via: Annotated[
        list[LatLng] | None,
        Query(
            description="in this order; repeat it for more",
            max_length=MOST_VIA,
            openapi_examples=_on_ways([_BEACH], [_HARBOUR]),
        ),
    ] = None,
    geometry_format: Annotated[
        Literal["polyline6", "geojson"], Query(description="how to write the line", examples=["polyline6"])
    ] = "polyline6",
) -> RouteOut:
    """The fastest way by road, with a sentence for each turn.

    Codes of 422: `outside_coverage`, `off_road`, `no_route`.
    """
    between = via or []
    pointers = ("from", *(f"via/{i}" for i in range(len(between))), "to")
    places = Places(tuple(point_of(text) for text in (start, *between, to)), pointers)
    return way_out(await way_through(roads, places), places, geojson=geometry_format == "geojson")


@router.post("/match", summary="The likely road behind a GPS trace")
async def match(asked: MatchIn, roads: RoadsDep, _: Operator) -> MatchOut:
    """The road that a vehicle with these fixes has probably driven.

    Codes of 422: `outside_coverage`, `off_road` (no fix is near a road), `no_route` (nobody could have driven from one
    fix to the next), `unusable`.
    """
    at = [fix.at for fix in asked.points if fix.at is not None]
    return matched_out(await matched(roads, [fix.point for fix in asked.points], at or None))
