"""People and jobs as they stand from day to day: clock times instead of instants, no day given."""

from dataclasses import dataclass

from dispatch.types import DEFAULT_PRIORITY
from geo.area import Area
from geo.point import Point
from routing.types import DEFAULT_COST_PER_HOUR


@dataclass(frozen=True, slots=True)
class StandingShift:
    """When somebody works, in minutes of the clock after local midnight.

    Parameters
    ----------
    starts_min, ends_min : leaving home and being back; an end at or before the start is on the next day
    break_earliest_min, break_latest_min : when the break may begin, the first such clock times at or after the start
    break_s : how long it lasts; all three of a break are given or none

    Raises
    ------
    ValueError : a time is negative, or a break is given in part
    """

    starts_min: int
    ends_min: int
    break_earliest_min: int | None = None
    break_latest_min: int | None = None
    break_s: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no day can hold."""
        pause = (self.break_earliest_min, self.break_latest_min, self.break_s)
        if None in pause and pause != (None, None, None):
            raise ValueError(
                f"break_earliest_min, break_latest_min, break_s {pause}: a break needs all three; give all or none"
            )
        if min(self.starts_min, self.ends_min, *(part for part in pause if part is not None)) < 0:
            raise ValueError(f"{self}: minutes count from midnight; give 0 or more")


@dataclass(frozen=True, slots=True)
class StandingContractor:
    """Somebody who can be sent, on any day with this shift; as ``dispatch.types.Contractor``.

    ``area_said``: the file has a column for it, so that no area means anywhere and not that nobody knows.
    """

    id: str
    name: str
    trades: frozenset[str]
    home: Point
    shift: StandingShift
    end: Point | None = None
    skills: frozenset[str] = frozenset()
    max_jobs: int | None = None
    max_travel_s: int | None = None
    cost_per_hour: int = DEFAULT_COST_PER_HOUR
    cost_per_km: int = 0
    cost_fixed: int = 0
    area: Area | None = None
    area_said: bool = False


@dataclass(frozen=True, slots=True)
class StandingJob:
    """Work at a place, on whatever day; as ``dispatch.types.Job``.

    ``window_start_min`` and ``window_end_min`` are minutes of the clock after the day's local midnight and may run
    past the next; ``unserved_cost`` None follows from the priority.
    """

    id: str
    trade: str
    point: Point
    duration_s: int
    address: str = ""
    window_start_min: int | None = None
    window_end_min: int | None = None
    priority: int = DEFAULT_PRIORITY
    unserved_cost: int | None = None
    skills: frozenset[str] = frozenset()
    preferred_contractor: str | None = None
    required_contractor: str | None = None
    excluded_contractors: frozenset[str] = frozenset()
