"""Positions as devices send them."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.examples import CONTRACTOR
from api.fields import Body, Instant, Lat, Lng, Number

MOST_POSITIONS = 1_000


class PositionIn(Body):
    """Where a contractor was at an instant."""

    contractor_id: UUID = Field(examples=[CONTRACTOR])
    lat: Annotated[Lat, Number] = Field(examples=[-29.9059])
    lng: Annotated[Lng, Number] = Field(examples=[-71.2517])
    at: Annotated[
        Instant,
        Field(
            ge="2000-01-01T00:00:00Z",
            description="when, with an offset from UTC; not ahead of now",
            examples=["2026-01-15T09:30:00-03:00"],
        ),
    ]
    accuracy_m: Annotated[float | None, Number] = Field(
        None, ge=0, le=100_000, description="the fix's own estimate", examples=[12]
    )


class PositionsIn(Body):
    """A batch, in any order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "positions": [
                        {
                            "contractor_id": CONTRACTOR,
                            "lat": -29.9059,
                            "lng": -71.2517,
                            "at": "2026-01-15T09:30:00-03:00",
                            "accuracy_m": 12,
                        }
                    ]
                }
            ]
        }
    )

    positions: list[PositionIn] = Field(min_length=1, max_length=MOST_POSITIONS)


class PositionsOut(BaseModel):
    """What became of a batch."""

    received: int = Field(description="positions in the batch", examples=[120])
    added: int = Field(description="written to the track; the others were there already", examples=[120])
    live: bool = Field(description="false: Redis is away, and nobody is found where they are now")
