"""What the judge says: one violation, and every code that one can have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong.

    Parameters
    ----------
    kind : stable code, one of ``KINDS``
    subject : id of the stop or vehicle
    amount : by how much, in the unit that the message names; 1 where there is no measure
    """

    kind: str
    subject: str
    message: str
    amount: int = 1


KINDS = (
    "unknown_stop",
    "unknown_vehicle",
    "vehicle_repeated",
    "stop_repeated",
    "stop_lost",
    "route_empty",
    "skill",
    "required",
    "excluded",
    "unreachable",
    "leg_wrong",
    "leg_short",
    "service_early",
    "service_short",
    "window_early",
    "window_late",
    "wait_wrong",
    "shift_early",
    "shift_late",
    "max_stops",
    "max_travel",
    "max_distance",
    "max_work",
    "capacity",
    "break_missing",
    "break_early",
    "break_late",
    "break_length",
    "break_outside_shift",
    "break_in_service",
    "total_wrong",
    "frozen",
    "delivery_pair",
    "delivery_vehicle",
    "delivery_order",
    "succession",
    "succession_gap",
    "crew",
    "crew_time",
    "crew_vehicle",
    "objective_wrong",
)
"""Every code a violation can have."""
