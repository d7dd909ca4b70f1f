"""The headings of contractors.csv and jobs.csv, whatever format they are in, and what an empty cell means."""

from typing import Final

from dispatch.types import DEFAULT_PRIORITY
from routing.types import DEFAULT_UNSERVED_COST

CONTRACTOR_REQUIRED: Final = ("id", "name", "trades", "lon", "lat", "shift_start", "shift_end")
CONTRACTOR_OPTIONAL: Final = (
    "end_lon",
    "end_lat",
    "skills",
    "break_start",
    "break_end",
    "break_min",
    "max_jobs",
    "max_travel_min",
    "cost_per_hour",
    "cost_per_km",
    "cost_fixed",
    "service_area",
)
CONTRACTOR_COLUMNS: Final = CONTRACTOR_REQUIRED + CONTRACTOR_OPTIONAL

JOB_REQUIRED: Final = ("id", "trade", "lon", "lat", "duration_min")
JOB_OPTIONAL: Final = (
    "address",
    "window_start",
    "window_end",
    "priority",
    "unserved_cost",
    "skills",
    "preferred_contractor",
    "required_contractor",
    "excluded_contractors",
)
JOB_COLUMNS: Final = JOB_REQUIRED + JOB_OPTIONAL

LIST_SEPARATOR: Final = ";"
LIST_COLUMNS: Final = frozenset({"trades", "skills", "excluded_contractors"})
"""Cells that hold several names; in GeoJSON a list of texts will do as well."""

AREA_COLUMNS: Final = frozenset({"service_area"})
"""Cells that hold a polygon, as well-known text or as the text of a GeoJSON geometry; in GeoJSON itself a geometry."""

AREA_REACH_M_MOST: Final = 1_000_000
"""How far from home an area may lie: nobody drives farther on a day, and one wrong digit lies farther."""

DURATION_MIN_MOST: Final = 1440
"""A job longer than a day is several jobs."""

PRIORITY_MOST: Final = 100

WHOLE_MOST: Final = 1_000_000_000
"""The largest price or limit a cell may hold: 31 years of driving, and sums of thousands still fit 64 bits."""

_DOUBLES_EVERY: Final = 12.5


def default_unserved_cost(priority: int = DEFAULT_PRIORITY) -> int:
    """Points for leaving out a job of this priority when the file gives no price of its own.

    Parameters
    ----------
    priority : 0 to 100

    Returns
    -------
    10,800 points (three hours of driving) at 50, doubling every 12.5: a job of 100 weighs sixteen of 50

    Raises
    ------
    ValueError : the priority is outside 0 to 100
    """
    if not 0 <= priority <= PRIORITY_MOST:
        raise ValueError(f"priority {priority} is outside 0 to {PRIORITY_MOST}")
    return round(DEFAULT_UNSERVED_COST * 2 ** ((priority - DEFAULT_PRIORITY) / _DOUBLES_EVERY))
