"""What the map's questions and answers look like over HTTP; ``nearby`` has its own."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from api.fields import Body, Lat, Lng, Number, Place, Switch
from geo.point import Point

MOST_DESTINATIONS = 100
MOST_CELLS = 10_000
MOST_SIDE = 1_000
MOST_VIA = 23
MOST_FIXES = 1_000

SQUARE: dict[str, Any] = {"lat": -29.9027, "lng": -71.2520}
BEACH: dict[str, Any] = {"lat": -29.9146, "lng": -71.2742}
HARBOUR: dict[str, Any] = {"lat": -29.9533, "lng": -71.3363}

_LAT_LNG = re.compile(r" *([+-]?\d{1,3}(?:\.\d{1,20})?) *, *([+-]?\d{1,3}(?:\.\d{1,20})?) *", re.ASCII)

_DESCRIBED = (
    r"^ *[+-]?([0-8]?[0-9](\.[0-9]{1,20})?|90(\.0{1,20})?)"
    r" *, *[+-]?(([0-9]{1,2}|1[0-7][0-9])(\.[0-9]{1,20})?|180(\.0{1,20})?) *$"
)
"""The same with its bounds, for the API's description; a pattern's own message would help nobody."""

type Source = Literal["osrm", "straight"]
"""osrm: by road; straight: an estimate while the road engine does not answer."""


def point_of(text: str) -> Point:
    """The point of ``lat,lng`` text that is known to be one."""
    lat, lng = text.split(",")
    return Point(float(lng), float(lat))


def _lat_lng(text: str) -> str:
    found = _LAT_LNG.fullmatch(text)
    if found is None:
        raise PydanticCustomError("lat_lng", "must be latitude, a comma, longitude in degrees: -29.9027,-71.2520")
    for name, degrees, most in (("latitude", found[1], 90), ("longitude", found[2], 180)):
        if abs(float(degrees)) > most:
            raise PydanticCustomError(
                "lat_lng",
                "{name} {degrees} is outside -{most} to {most} degrees; latitude comes first",
                {"name": name, "degrees": degrees, "most": most},
            )
    return text


LatLng = Annotated[str, Field(max_length=64, json_schema_extra={"pattern": _DESCRIBED}), AfterValidator(_lat_lng)]
"""``lat,lng`` in a query."""


class Destination(BaseModel):
    """A place to go to. Whatever else stands here (an id, a name, a duration) is passed over."""

    model_config = ConfigDict(
        extra="ignore",
        allow_inf_nan=False,
        frozen=True,
        json_schema_extra={"examples": [{"lat": -29.9146, "lng": -71.2742, "id": "pump"}]},
    )

    lat: Annotated[Lat, Number]
    lng: Annotated[Lng, Number]

    @property
    def point(self) -> Point:
        """The same in the order that the core speaks in."""
        return Point(self.lng, self.lat)


class OptimiseIn(Body):
    """Destinations of one person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"origin": SQUARE, "destinations": [{**HARBOUR, "id": "pump"}, BEACH], "return_to_origin": True},
                {"origin": HARBOUR, "destinations": [SQUARE, BEACH]},
            ]
        }
    )

    origin: Place
    destinations: Annotated[list[Destination], Field(min_length=1, max_length=MOST_DESTINATIONS)]
    return_to_origin: Switch = Field(
        default=False, description="count the way back; else the last destination is the end"
    )
    limit_s: Annotated[float, Number] = Field(
        default=2.0, ge=0.1, le=10, description="seconds a search may take where there are many"
    )


class OrderedLegOut(BaseModel):
    """A leg between two destinations."""

    model_config = ConfigDict(populate_by_name=True)

    from_: int = Field(alias="from", description="position in destinations, −1 for the origin", examples=[-1])
    to: int = Field(description="the same", examples=[1])
    travel_s: int = Field(examples=[229])
    distance_m: int = Field(examples=[3492])


class OptimiseOut(BaseModel):
    """An order of destinations that is never slower than the given one."""

    order: list[int] = Field(description="positions in destinations, from 0", examples=[[1, 0]])
    legs: list[OrderedLegOut]
    travel_s: int = Field(description="sum of the legs", examples=[791])
    distance_m: int = Field(description="sum of the legs", examples=[13241])
    geometry: str = Field(
        description="polyline6 of the whole way: latitude first, six decimals", examples=["~jkrx@|cemgC"]
    )
    geometry_source: Source = Field(description="straight: the line is not along roads")
    saved_s: int | None = Field(description="against the given order; null when that cannot be driven", examples=[95])
    proven: bool = Field(description="no order is faster")
    found_by: str = Field(description="held-karp, labels, cp-sat, ortools, or-opt or given", examples=["held-karp"])
    travel_time_source: Source
    region: str = Field(examples=["coquimbo"])


class MatrixIn(Body):
    """Travel from every source to every target; 10,000 pairs at the most."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"sources": [SQUARE, HARBOUR], "targets": [BEACH]},
                {"sources": [SQUARE], "targets": [BEACH, HARBOUR]},
                {"sources": [SQUARE, BEACH, HARBOUR], "targets": [SQUARE, BEACH, HARBOUR]},
            ]
        }
    )

    sources: Annotated[list[Place], Field(min_length=1, max_length=MOST_SIDE)]
    targets: Annotated[list[Place], Field(min_length=1, max_length=MOST_SIDE)]

    @model_validator(mode="after")
    def _few_enough(self) -> Self:
        n_cells = len(self.sources) * len(self.targets)
        if n_cells > MOST_CELLS:
            raise PydanticCustomError(
                "too_many_cells",
                "{n_sources} sources × {n_targets} targets are {n_cells} pairs, the most is {most}; ask for parts",
                {
                    "n_sources": len(self.sources),
                    "n_targets": len(self.targets),
                    "n_cells": n_cells,
                    "most": MOST_CELLS,
                },
            )
        return self


class MatrixOut(BaseModel):
    """Rows are sources, columns are targets."""

    duration_s: list[list[int | None]] = Field(description="null where no road leads", examples=[[[229], [517]]])
    distance_m: list[list[int | None]] = Field(description="null where no road leads", examples=[[[3492], [9274]]])
    unreachable: list[tuple[int, int]] = Field(description="row and column of each null", examples=[[]])
    travel_time_source: Source
    region: str = Field(examples=["coquimbo"])


class StepOut(BaseModel):
    """Something to do on the way, and the road that follows it."""

    sentence: str = Field(examples=["Turn left onto Avenida del Mar"])
    street: str = Field(description="the road that follows; empty without a name", examples=["Avenida del Mar"])
    distance_m: int = Field(description="until the next step", examples=[1204])
    travel_s: int = Field(description="until the next step", examples=[96])
    lat: float = Field(examples=[-29.9146])
    lng: float = Field(examples=[-71.2742])
    type: str = Field(description="OSRM's type of manoeuvre", examples=["turn"])
    modifier: str = Field(description="OSRM's direction; empty when there is none", examples=["left"])


class LatLngOut(BaseModel):
    """A place on earth."""

    lat: float = Field(examples=[-29.9027])
    lng: float = Field(examples=[-71.2520])


class RouteLegOut(BaseModel):
    """A leg between two of the places asked about."""

    model_config = ConfigDict(populate_by_name=True)

    from_: LatLngOut = Field(alias="from")
    to: LatLngOut
    travel_s: int = Field(examples=[791])
    distance_m: int = Field(examples=[13241])
    steps: list[StepOut] = Field(description="from departure to arrival; their sums are the leg's")


class LineOut(BaseModel):
    """A GeoJSON LineString (RFC 7946): longitude comes first there."""

    type: Literal["LineString"] = "LineString"
    coordinates: list[tuple[float, float]] = Field(examples=[[[-71.2520, -29.9027], [-71.3363, -29.9533]]])


class RouteOut(BaseModel):
    """The fastest way through the places in order."""

    legs: list[RouteLegOut]
    travel_s: int = Field(examples=[791])
    distance_m: int = Field(examples=[13241])
    geometry: str | LineOut = Field(
        description="polyline6, or a GeoJSON LineString with geometry_format=geojson", examples=["~jkrx@|cemgC"]
    )
    travel_time_source: Source
    region: str = Field(examples=["coquimbo"])


class Fix(Place):
    """A GPS fix."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lat": -29.90567, "lng": -71.2560}]})

    at: AwareDatetime | None = Field(
        default=None, description="when, with an offset from UTC", examples=["2026-11-24T09:00:05-03:00"]
    )


class MatchIn(Body):
    """A GPS trace: all fixes with their times, or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "points": [
                        {"lat": -29.90567, "lng": -71.2560, "at": "2026-11-24T09:00:00-03:00"},
                        {"lat": -29.90568, "lng": -71.2575, "at": "2026-11-24T09:00:10-03:00"},
                    ]
                },
                {"points": [{"lat": -29.90567, "lng": -71.2560}, {"lat": -29.90568, "lng": -71.2575}]},
            ],
        }
    )

    points: Annotated[list[Fix], Field(min_length=2, max_length=MOST_FIXES)]

    @field_validator("points")
    @classmethod
    def _all_or_none_and_rising(cls, points: list[Fix]) -> list[Fix]:
        timed = [i for i, fix in enumerate(points) if fix.at is not None]
        if timed and len(timed) < len(points):
            missing = next(i for i, fix in enumerate(points) if fix.at is None)
            raise PydanticCustomError(
                "some_without_time",
                "point {i} has no at while others have; give it for all points or for none",
                {"i": missing},
            )
        for i in timed[1:]:
            before, after = points[i - 1].at, points[i].at
            if before is not None and after is not None and after <= before:
                raise PydanticCustomError(
                    "times_not_rising",
                    "at of point {i} does not come after that of the point before; sort by time",
                    {"i": i},
                )
        return points


class MatchedLegOut(BaseModel):
    """From one fix to the next; zeros at a fix that fits no road, and the next that does carries the way."""

    travel_s: int = Field(description="as the road is driven, not as the fixes were taken", examples=[11])
    distance_m: int = Field(examples=[104])


class MatchOut(BaseModel):
    """The likely road behind a trace."""

    geometry: str = Field(description="polyline6", examples=["~jkrx@|cemgC"])
    legs: list[MatchedLegOut] = Field(description="one fewer than points")
    travel_s: int = Field(examples=[11])
    distance_m: int = Field(examples=[104])
    travel_time_source: Source = Field(description="straight: the line joins the fixes, not along roads")
    region: str = Field(examples=["coquimbo"])
