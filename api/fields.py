"""Kinds of values that several slices take: coordinates, text, names."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from dispatch.civil_days import FIRST_YEAR, LAST_YEAR
from geo.point import Point

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = r"^(19[7-9]\d|20\d\d|21\d\d)-"
"""FIRST_YEAR to LAST_YEAR for the API's description; what a day is else, its format says."""


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("holds a null character, which cannot be stored; remove it")
    return text


def _as_written(value: Any) -> Any:
    """A day is YYYY-MM-DD: pydantic would read the number 0 as a day of 1970, and midnight as its day."""
    if isinstance(value, int | float) or (isinstance(value, str) and _DAY.fullmatch(value) is None):
        raise PydanticCustomError("day", "must be a day, written as 2026-11-24")
    return value


def _in_years_of_plans(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise PydanticCustomError("day", f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _no_text(value: Any) -> Any:
    if isinstance(value, str | bool):
        raise PydanticCustomError("number", "must be a number, without quotation marks")
    return value


# Plain names, not `type` statements: of those pydantic makes components of the API's description, whose names hold
# the constraints, or the number of an object, which differs from process to process.
Text = Annotated[str, AfterValidator(_without_nul)]
"""What people type. Bound its length where it is used, by ``Field(max_length=...)``; a pattern would not be described."""

Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="degrees north", examples=[-29.9059])]
Lng = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="degrees east", examples=[-71.2517])]
RegionName = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="a region of ./trades ingest", examples=["coquimbo"])
]
Day = Annotated[date, BeforeValidator(_as_written), Field(description="written as 2026-11-24", examples=["2026-11-24"])]
PlanDay = Annotated[Day, AfterValidator(_in_years_of_plans), Field(json_schema_extra={"pattern": _YEARS})]
"""A day that somebody can mean to plan."""

Switch = Annotated[bool, Strict()]
"""true or false in a body; pydantic would take "yes", "off" and 1, too."""

Number = BeforeValidator(_no_text)
"""Marks numbers in a body, where pydantic would take "12" and true, too; in an address everything is text."""

Instant = AwareDatetime


class Body(BaseModel):
    """What comes in: nothing that is not asked for, and no infinities."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Place(Body):
    """A place on earth."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lat": -29.9059, "lng": -71.2517}]})

    lat: Annotated[Lat, Number]
    lng: Annotated[Lng, Number]

    @property
    def point(self) -> Point:
        """The same in the order that the core speaks in."""
        return Point(self.lng, self.lat)
