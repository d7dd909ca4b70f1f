"""Kinds of values that several slices take: coordinates, text, names."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from geo.point import Point


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("holds a null character, which cannot be stored; remove it")
    return text


type Text = Annotated[str, AfterValidator(_without_nul)]
"""What people type. Bound its length where it is used."""

type Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="degrees north", examples=[-29.9059])]
type Lng = Annotated[
    float, Field(ge=-180, le=180, allow_inf_nan=False, description="degrees east", examples=[-71.2517])
]
type RegionName = Annotated[
    Text, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="a region of ./trades ingest", examples=["coquimbo"])
]
type Instant = AwareDatetime


class Body(BaseModel):
    """What comes in: nothing that is not asked for, and no infinities."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Place(Body):
    """A place on earth."""

    lat: Lat
    lng: Lng

    @property
    def point(self) -> Point:
        """The same in the order that the core speaks in."""
        return Point(self.lng, self.lat)
