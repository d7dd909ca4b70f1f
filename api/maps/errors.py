"""What cannot be answered about places, with the fields that say which places."""

from collections.abc import Mapping, Sequence

from api.errors import ApiError

type FieldFault = Mapping[str, str]
"""``pointer`` of the field, ``message``, ``code``."""


class PlaceOffRoad(ApiError):
    """Places lie farther from any road than a vehicle may be taken to stand."""

    def __init__(self, distance_m: Mapping[str, float], limit_m: int) -> None:
        far = {
            pointer: "has no road at all" if metres == float("inf") else f"is {metres:,.0f} m from the nearest road"
            for pointer, metres in distance_m.items()
        }
        named = "; ".join(f"{pointer} {said}" for pointer, said in list(far.items())[:5])
        more = f"; and {len(far) - 5} more" if len(far) > 5 else ""
        super().__init__(
            f"Farther than {limit_m:,} m from any road: {named}{more}. Move the places to a road, or leave them out.",
            errors=faults(far, "off_road"),
            limit_m=limit_m,
        )


class NoWay(ApiError):
    """No road leads from one place to the next."""

    def __init__(self, pointers: tuple[str, str]) -> None:
        before, after = pointers
        super().__init__(
            f"No road leads from {before} to {after}. Leave one of them out, or ask for the way to another place.",
            errors=faults(dict.fromkeys(pointers, "is at an end of the leg without a road"), "no_route"),
        )


class NoRoadBehind(ApiError):
    """Fixes are near roads, but nobody could have driven from one to the next."""

    def __init__(self) -> None:
        super().__init__(
            "The points are near roads, but no vehicle could have driven from one to the next. Are they in order, and"
            " less than a minute apart?",
            errors=faults({"/points": "fit no road together"}, "no_route"),
        )


class NoOrderOfPlaces(ApiError):
    """Destinations that no order takes in."""

    def __init__(self, message: str, pointers: Sequence[str]) -> None:
        super().__init__(
            f"{message[0].upper()}{message[1:]}. Leave these destinations out.",
            errors=faults(dict.fromkeys(pointers, "cannot be taken in"), "no_order"),
        )


def faults(said: Mapping[str, str], code: str) -> list[FieldFault]:
    """The members of ``errors``, as problem details have them."""
    return [{"pointer": pointer, "message": message, "code": code} for pointer, message in said.items()]
