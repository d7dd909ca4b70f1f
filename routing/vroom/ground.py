"""Where a VROOM request takes place: locations as rows of travel tables, custom ones or those of a region's roads.

Time is counted in hundredths of a second where a vehicle has a ``speed_factor``, as VROOM counts it, else in whole
seconds: ``scale`` says how many parts a second has. Names that end in ``_u`` are in this unit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from geo.point import InvalidLonLat
from routing.engine import RoadRoute
from routing.errors import EngineFailed, Fault, OffRoad
from routing.types import UNREACHABLE, Matrix
from routing.vroom.fields import UINT32
from routing.vroom.input import DEFAULT_PROFILE
from routing.vroom.types import INPUT, ROUTING, Location, Request, Tables, Task, Van, VroomError, refused

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Ground:
    """A request whose locations are places 0..n_places - 1.

    Parameters
    ----------
    scale : parts of a second that times are counted in: 1 or 100
    task_place : by task
    start_place, end_place : by vehicle; None where the route begins at its first task or ends at its last
    lonlat : float64 array (n_places, 2), nan where nothing is known
    durations_s : by profile, int64 array (n_places, n_places)
    distances_m, costs : the same; None where nothing is known
    """

    request: Request
    scale: int
    task_place: tuple[int, ...]
    start_place: tuple[int | None, ...]
    end_place: tuple[int | None, ...]
    lonlat: np.ndarray
    durations_s: dict[str, np.ndarray]
    distances_m: dict[str, np.ndarray | None]
    costs: dict[str, np.ndarray | None]

    @property
    def knows_distances(self) -> bool:
        """Whether every vehicle's distances are known."""
        return all(table is not None for table in self.distances_m.values())

    def slowness(self, van: Van) -> int:
        """Parts of a second that a second of the table takes; VROOM keeps two digits of 1 / ``speed_factor``."""
        return 1 if self.scale == 1 else round(HUNDREDTHS / van.speed_factor)

    def leg_u(self, van: Van, a: int | None, b: int | None) -> int:
        """Duration of a leg; nothing where the route has no such end."""
        if a is None or b is None:
            return 0
        return int(self.durations_s[van.profile][a, b]) * self.slowness(van)

    def leg_m(self, van: Van, a: int | None, b: int | None) -> int:
        """Distance of a leg; 0 where nothing is known."""
        table = self.distances_m[van.profile]
        return 0 if a is None or b is None or table is None else int(table[a, b])

    @staticmethod
    def action_s(van: Van, task: Task) -> tuple[int, int]:
        """Set-up, wherever it is due, and service of this vehicle at a task."""
        return (
            task.setup_per_type.get(van.type, task.setup_s),
            task.service_per_type.get(van.type, task.service_s),
        )


class Roads(Protocol):
    """What VROOM's answers ask of an engine; every ``TravelTimes`` has it."""

    def table(self, lonlat: np.ndarray) -> Matrix:
        """Travel between all points, see ``TravelTimes.table``."""

    def route(self, lonlat: np.ndarray) -> RoadRoute:
        """The way through the points in order, see ``TravelTimes.route``."""


def ground_of(request: Request, engine: Roads | None, *, geometry: bool = False) -> Ground:
    """Settle where everything is and how far apart.

    Parameters
    ----------
    engine : roads of a region, for whatever the request does not state; they stand for the profile "car"
    geometry : lines along the roads will be asked for

    Raises
    ------
    VroomError : code 2 for locations that do not fit the matrices, code 3 where roads are needed and missing
    """
    found = _Places(custom=bool(request.tables))
    task_place = tuple(found.place_of(task.location) for task in request.tasks)
    start_place = tuple(None if van.start is None else found.place_of(van.start) for van in request.vans)
    end_place = tuple(None if van.end is None else found.place_of(van.end) for van in request.vans)
    if found.faults:
        raise refused(found.faults)
    if geometry:
        found.check_lonlat("geometry along the roads (-g)")
    durations_s: dict[str, np.ndarray] = {}
    distances_m: dict[str, np.ndarray | None] = {}
    costs: dict[str, np.ndarray | None] = {}
    asked: list[tuple[np.ndarray, np.ndarray]] = []

    def roads(why: str, profile: str, at: str) -> tuple[np.ndarray, np.ndarray]:
        """Durations and distances of the region, asked once."""
        if not asked:
            found.check_lonlat(why)
            asked.append(_of_region(engine, found, why))
        if profile != DEFAULT_PROFILE:
            remedy = f"the region's roads are for {DEFAULT_PROFILE!r}: give matrices.{profile}.durations"
            raise refused([Fault("profile_unknown", f"{at}.profile", profile, remedy)])
        return asked[0]

    for van in request.vans:
        if van.profile in durations_s:
            continue
        own = request.tables.get(van.profile, Tables())
        found.check_size(van.profile, own)
        picked = found.picker()
        if own.durations_s is None:
            why = f"travel times of profile {van.profile!r}"
            durations_s[van.profile], distances_m[van.profile] = roads(why, van.profile, van.at)
        else:
            durations_s[van.profile] = picked(own.durations_s)
            distances_m[van.profile] = None if own.distances_m is None else picked(own.distances_m)
        costs[van.profile] = None if own.costs is None else picked(own.costs)
    for van in request.vans:
        needs = [("costs.per_km", van.per_km)] if van.per_km else []
        needs += [("max_distance", van.max_distance_m)] if van.max_distance_m is not None else []
        if (needs or geometry) and distances_m[van.profile] is None:
            what = f"{van.at}.{needs[0][0]}" if needs else "geometry along the roads (-g)"
            distances_m[van.profile] = roads(f"distances for {what}", van.profile, van.at)[1]
    _check_sum(request, task_place, (*start_place, *end_place), [durations_s, costs])
    scale = HUNDREDTHS if any(van.speed_factor != 1 for van in request.vans) else 1
    return Ground(request, scale, task_place, start_place, end_place, found.lonlat(), durations_s, distances_m, costs)


def _check_sum(
    request: Request,
    task_place: Sequence[int],
    ends: Sequence[int | None],
    tables: Sequence[Mapping[str, np.ndarray | None]],
) -> None:
    """Refuse what VROOM refuses as too high: when the dearest legs of all tasks and ends add up to more than it holds."""
    given = [table for of in tables for table in of.values() if table is not None]
    leaving = np.max([table.max(axis=1) for table in given], axis=0)
    arriving = np.max([table.max(axis=0) for table in given], axis=0)
    starts, stops = ends[: len(request.vans)], ends[len(request.vans) :]
    total = max(int(leaving[list(task_place)].sum()), int(arriving[list(task_place)].sum()))
    total += sum(int(leaving[place]) for place in starts if place is not None)
    total += sum(int(arriving[place]) for place in stops if place is not None)
    if total > UINT32:
        remedy = f"the dearest legs of all tasks add up to {total}, VROOM's most is {UINT32}: give smaller numbers"
        raise VroomError(INPUT, f"matrices: {remedy}")


class _Places:
    """Distinct locations, in order of appearance: by row of the custom matrices, or by coordinates."""

    def __init__(self, *, custom: bool) -> None:
        self.custom = custom
        self.places: dict[int | tuple[float, float], int] = {}
        self.named: list[Location] = []
        self.faults: list[Fault] = []

    def place_of(self, location: Location) -> int:
        """Return the place of a location, a new one where it is the first there."""
        key = location.index if self.custom else location.lonlat
        if key is None or (not self.custom and location.index is not None):
            index = _index_field(location.at)
            if self.custom:
                self.faults.append(Fault("missing", index, None, "is needed with custom matrices: give a row of them"))
            else:
                remedy = "there are no custom matrices that it could be a row of: give matrices, or coordinates alone"
                self.faults.append(Fault("index_unknown", index, location.index, remedy))
            return 0
        place = self.places.setdefault(key, len(self.places))
        if place == len(self.named):
            self.named.append(location)
        elif self.named[place].lonlat is None:
            self.named[place] = location
        return place

    def check_size(self, profile: str, own: Tables) -> None:
        """Raise code 2 where an index lies outside a matrix."""
        for name, table in (("durations", own.durations_s), ("distances", own.distances_m), ("costs", own.costs)):
            if table is not None:
                remedy = f"matrices.{profile}.{name} has {len(table)} rows, counted from 0"
                outside = [place for place in self.named if place.index is not None and place.index >= len(table)]
                if outside:
                    raise refused([Fault("index_unknown", _index_field(of.at), of.index, remedy) for of in outside])

    def check_lonlat(self, why: str) -> None:
        """Raise code 2 where coordinates are missing."""
        remedy = f"coordinates are needed for {why}"
        without = [Fault("missing", place.at, None, remedy) for place in self.named if place.lonlat is None]
        if without:
            raise refused(without)

    def picker(self) -> Callable[[np.ndarray], np.ndarray]:
        """Return what cuts the rows and columns of the places out of a custom matrix."""
        rows = [place.index or 0 for place in self.named]
        return lambda table: table[np.ix_(rows, rows)]

    def lonlat(self) -> np.ndarray:
        """Return coordinates, nan where there are none."""
        unknown = (np.nan, np.nan)
        return np.array([place.lonlat or unknown for place in self.named], dtype=np.float64).reshape(-1, 2)


def _index_field(at: str) -> str:
    """The field that holds the row where ``at`` holds the coordinates."""
    return f"{at}_index"


def _of_region(engine: Roads | None, found: _Places, why: str) -> tuple[np.ndarray, np.ndarray]:
    if engine is None:
        message = (
            f"{why} must come from roads: name a region (--region NAME; ./trades ingest region makes one), "
            "or give matrices.PROFILE.durations, and distances, with location_index"
        )
        raise VroomError(ROUTING, message)
    lonlat = found.lonlat()
    if len(lonlat) == 1:
        return np.zeros((1, 1), dtype=np.int64), np.zeros((1, 1), dtype=np.int64)
    try:
        table = engine.table(lonlat)
    except OffRoad as off:
        raise VroomError(ROUTING, _far(off, found.named)) from off
    except InvalidLonLat as invalid:
        raise VroomError(INPUT, f"a location is not on earth: {invalid}") from invalid
    except EngineFailed as failed:
        raise VroomError(ROUTING, f"the road engine failed: {failed}") from failed
    cut_off = np.argwhere(table.duration_s >= UNREACHABLE)
    if len(cut_off):
        a, b = cut_off[0]
        raise VroomError(
            ROUTING, f"no road leads from {found.named[a].at} to {found.named[b].at}: leave one of them out"
        )
    return table.duration_s, table.distance_m


def _far(off: OffRoad, named: Sequence[Location]) -> str:
    faults = [
        f"{named[index].at} = {list(named[index].lonlat or ())} ({distance_m:,.0f} m)"
        for index, distance_m in zip(off.indices, off.distance_m, strict=True)
    ]
    return f"farther than {off.limit_m:,} m from any road: {'; '.join(faults)}"
