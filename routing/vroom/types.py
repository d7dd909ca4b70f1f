"""What a request in VROOM's format says, once it is read: its names in our units, nothing worked out yet.

Source: VROOM's documentation of its API (docs/API.md of version 1.15). A "task" is a job, a pickup or a delivery.
Ids are VROOM's: unique among the jobs, among the pickups, and among the deliveries, and vehicles may share one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from routing.errors import Fault, RoutingError

type TaskKind = Literal["job", "pickup", "delivery"]
type StepKind = Literal["start", "job", "pickup", "delivery", "break", "end"]
type Windows = tuple[tuple[int, int], ...]
"""When something may begin: opening and closing in seconds, both included, in order; empty means any time."""

INTERNAL, INPUT, ROUTING = 1, 2, 3
"""VROOM's codes, which are its exit statuses too: a fault of ours, of the request, of the roads."""

_FAULTS_NAMED = 10


class VroomError(RoutingError):
    """A request that gets ``{"code", "error"}`` instead of a solution."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

    def answer(self) -> dict[str, object]:
        """Return what VROOM would print."""
        return {"code": self.code, "error": self.message}


def refused(faults: Sequence[Fault], code: int = INPUT) -> VroomError:
    """Return the error that names all faults, or the first ten of very many."""
    told = "; ".join(str(fault) for fault in faults[:_FAULTS_NAMED])
    n_more = len(faults) - _FAULTS_NAMED
    return VroomError(code, f"{told}; and {n_more} more" if n_more > 0 else told)


@dataclass(frozen=True, slots=True)
class Location:
    """Where something is: a row of the custom matrices, longitude and latitude in degrees, or both.

    ``at`` is the field that says so.
    """

    at: str
    index: int | None
    lonlat: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Task:
    """A job, or one end of a shipment.

    Parameters
    ----------
    at : the field that it was read from, for messages
    setup_per_type, service_per_type : seconds by type of vehicle, in place of ``setup_s`` and ``service_s``
    delivers, collects : amounts; what a pickup collects its delivery delivers
    mate : position among the tasks of the other end of the shipment; None for a job
    """

    kind: TaskKind
    id: int
    at: str
    description: str
    location: Location
    setup_s: int
    service_s: int
    setup_per_type: dict[str, int]
    service_per_type: dict[str, int]
    delivers: tuple[int, ...]
    collects: tuple[int, ...]
    skills: frozenset[int]
    priority: int
    windows: Windows
    mate: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A break: begins in one of its windows, with no more on board than ``max_load``."""

    id: int
    at: str
    description: str
    windows: Windows
    service_s: int
    max_load: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a route that was given.

    Parameters
    ----------
    rank : position among the tasks, or among the vehicle's breaks; 0 for start and end
    service_at_s, service_after_s, service_before_s : bounds that only plan mode heeds, as hard ones
    """

    kind: StepKind
    rank: int = 0
    service_at_s: int | None = None
    service_after_s: int | None = None
    service_before_s: int | None = None


@dataclass(frozen=True, slots=True)
class Van:
    """A vehicle.

    Parameters
    ----------
    breaks : in the order in which they are taken: by their first window
    fixed, per_hour, per_task_hour, per_km : what it costs, in VROOM's units
    steps : the route given for it; empty when none was
    """

    id: int
    at: str
    description: str
    profile: str
    type: str
    start: Location | None
    end: Location | None
    capacity: tuple[int, ...]
    skills: frozenset[int]
    window: tuple[int, int] | None
    breaks: tuple[Pause, ...]
    speed_factor: float
    max_tasks: int | None
    max_travel_time_s: int | None
    max_distance_m: int | None
    fixed: int
    per_hour: int
    per_task_hour: int
    per_km: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """Custom matrices of a profile, from row to column: int64 arrays (n, n), None where none was given."""

    durations_s: np.ndarray | None = None
    distances_m: np.ndarray | None = None
    costs: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A problem in VROOM's format.

    Parameters
    ----------
    n_dimensions : of every amount and capacity
    tables : custom matrices by profile
    """

    tasks: tuple[Task, ...]
    vans: tuple[Van, ...]
    n_dimensions: int
    tables: dict[str, Tables]
