"""What goes in and out of ``GET /maps/contractors/nearby``."""

import re
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from api.fields import Instant, Lat, Lng, Text
from db.nearby import CANDIDATES
from geo.point import Point

DEFAULT_RADIUS_KM = 25.0
MOST_RADIUS_KM = 1_000.0
"""As far as anybody may say that they go."""

_PLUS_LOST = re.compile(r"(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?) (\d\d:?\d\d)$")


class NearbyIn(BaseModel):
    """The question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lat: Lat = Field(description="degrees north", examples=[-29.9059])
    lng: Lng | None = Field(None, description="degrees east; lon is taken for the same", examples=[-71.2517])
    lon: Lng | None = Field(None, description="the same as lng; give one of them")
    radius: Annotated[float, Field(gt=0, le=MOST_RADIUS_KM, allow_inf_nan=False)] | None = Field(
        None,
        description="how far people set out from at most, in kilometres; 25 unless given; radius_m takes metres",
        examples=[25],
    )
    radius_m: Annotated[float, Field(gt=0, le=1000 * MOST_RADIUS_KM, allow_inf_nan=False)] | None = Field(
        None, description="the same in metres; give one of them"
    )
    trade: Annotated[Text, Field(min_length=1, max_length=100)] | None = Field(
        None, description="only people who do it", examples=["plumber"]
    )
    at: Annotated[Instant, Field(ge="1970-01-02T00:00:00Z", le="2100-01-01T00:00:00Z")] | None = Field(
        None,
        description="who is free then, with an offset from UTC; now unless given",
        examples=["2026-11-24T09:00:00Z"],
    )
    limit: int = Field(20, ge=1, le=CANDIDATES, description="how many on a page")
    cursor: Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9_-]+$")] | None = Field(
        None, description="next_cursor of the page before, with the same lat, lng, trade and radius; it carries at"
    )

    @field_validator("at", mode="before")
    @classmethod
    def _with_its_plus(cls, value: Any) -> Any:
        """In a query a plus sign means a space; where people forget to write %2B, nothing else can be meant."""
        return _PLUS_LOST.sub(r"\1+\2", value) if isinstance(value, str) else value

    @field_validator("trade")
    @classmethod
    def _as_stored(cls, value: str | None) -> str | None:
        return None if value is None else value.strip().casefold()

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.lng is None) == (self.lon is None):
            raise ValueError("give lng or lon, degrees east, and only one of them")
        if self.radius is not None and self.radius_m is not None:
            raise ValueError("give radius in kilometres or radius_m in metres, not both")
        return self

    @property
    def point(self) -> Point:
        """Where somebody is wanted."""
        return Point(self.lng if self.lng is not None else self.lon or 0.0, self.lat)

    @property
    def search_m(self) -> float:
        """The radius in metres."""
        return self.radius_m if self.radius_m is not None else 1000.0 * (self.radius or DEFAULT_RADIUS_KM)


class ReasonOut(BaseModel):
    """Why somebody stands where they stand: a stable code and a sentence with figures."""

    code: Literal["rank", "waits", "from_stop", "from_live", "nearer_but_later"] = Field(examples=["rank"])
    message: str = Field(examples=["1st at the door, after 7 min 05 s by road; 2nd by straight line: 2.4 km"])


class NearbyContractorOut(BaseModel):
    """Somebody who can come. Where they are is not said."""

    contractor_id: UUID
    name: str = Field(examples=["Rayén Tapia"])
    trades: list[str] = Field(examples=[["plumber"]])
    rating: float | None = Field(description="1 to 5; null: nobody has rated them yet", examples=[4.6])
    distance_m: int = Field(
        description="from the origin in a straight line; rounded up to 100 m without a key", examples=[2400]
    )
    drive_s: int = Field(description="from the origin to the point by road", examples=[425])
    available_from: Instant = Field(description="the first moment at which they can set out")
    at_door_at: Instant = Field(description="available_from + drive_s")
    origin_source: Literal["live", "stop", "home"] = Field(description="what they set out from")
    straight_rank: int = Field(description="from 1, by straight line among all in the answer", examples=[2])
    rank: int = Field(description="from 1, by at_door_at, drive_s, contractor_id; counts on over pages", examples=[1])
    reasons: list[ReasonOut]


class NearbyOut(BaseModel):
    """Who can be at the door, soonest first."""

    covered: bool = Field(description="false: the point lies in no region, and there are no results")
    region: str | None = Field(description="whose roads were asked", examples=["coquimbo"])
    at: Instant
    travel_time_source: Literal["osrm", "straight"] | None = Field(
        description="straight: the road engine is away, and drive times are estimated; null: nobody was timed"
    )
    live_positions: bool = Field(description="false: positions are unavailable, people set out from stops and homes")
    results: list[NearbyContractorOut]
    searched_radius_m: int = Field(description="how far was looked in the end", examples=[25000])
    widened: bool = Field(description="too few people were found within the radius asked for")
    within_a_day: bool = Field(
        description="still too few: people who can set out within 24 hours are among the results"
    )
    next_cursor: str | None = Field(description="null: there are no more")
