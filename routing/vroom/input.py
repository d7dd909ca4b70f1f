"""VROOM's problem JSON, read whole or refused with every fault.

Fields that VROOM does not know are passed over, as VROOM does. ``null`` is not a way to leave a field out.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from routing.vroom.fields import UINT64, Fields
from routing.vroom.steps import read_steps
from routing.vroom.types import INPUT, Location, Pause, Request, Tables, Task, Van, VroomError, refused

DEFAULT_PROFILE = "car"
DEFAULT_PER_HOUR = 3600
MOST_PRIORITY = 100
FASTEST = 5.0


def read_request(found: Any) -> Request:
    """Return the request that JSON values state.

    Raises
    ------
    VroomError : code 2, with every field that VROOM would refuse
    """
    if not isinstance(found, dict):
        raise VroomError(INPUT, "the whole must be an object in braces, with vehicles and jobs or shipments")
    fields = Fields()
    listed = fields.items(found, "vehicles", "") if "vehicles" in found else None
    n_dimensions = _n_dimensions(listed or [])
    tasks = _tasks(fields, found, n_dimensions)
    vans = [_van(fields, value, f"vehicles[{i}]", n_dimensions) for i, value in enumerate(listed or [])]
    tables = _tables(fields, found)
    if not listed and not any(fault.path == "vehicles" for fault in fields.faults):
        fields.fault("missing", "vehicles", listed, "give at least one vehicle")
    if not tasks and not any(fault.path in ("jobs", "shipments") for fault in fields.faults):
        fields.fault("missing", "jobs", found.get("jobs"), "give at least one job or shipment")
    read = [van for van in vans if van is not None]
    _check_costs(fields, read, tables)
    if len(read) == len(vans):
        raw = [value.get("steps", []) if isinstance(value, dict) else [] for value in listed or []]
        read = read_steps(fields, raw, read, tasks)
    if fields.faults:
        raise refused(fields.faults)
    return Request(tuple(tasks), tuple(read), n_dimensions, tables)


def _n_dimensions(vehicles: Sequence[Any]) -> int:
    """Every amount has as many dimensions as the first vehicle's capacity."""
    first = vehicles[0] if vehicles and isinstance(vehicles[0], dict) else {}
    capacity = first.get("capacity", [])
    return len(capacity) if isinstance(capacity, list) else 0


def _tasks(fields: Fields, found: dict[str, Any], n_dimensions: int) -> list[Task]:
    """Jobs, then both ends of each shipment in turn."""
    tasks: list[Task] = []
    for i, value in enumerate(fields.items(found, "jobs", "")):
        at = f"jobs[{i}]"
        if isinstance(value, dict):
            tasks.append(_job(fields, value, at, n_dimensions))
        else:
            fields.fault("wrong_type", at, value, "must be an object in braces")
    for i, value in enumerate(fields.items(found, "shipments", "")):
        at = f"shipments[{i}]"
        if isinstance(value, dict):
            tasks += _shipment(fields, value, at, n_dimensions, len(tasks))
        else:
            fields.fault("wrong_type", at, value, "must be an object in braces")
    times = Counter((task.kind, task.id) for task in tasks)
    seen: set[tuple[str, int]] = set()
    for task in tasks:
        name = (task.kind, task.id)
        if times[name] > 1 and name in seen:
            fields.fault("id_repeated", f"{task.at}.id", task.id, f"another {task.kind} has this id")
        seen.add(name)
    return tasks


def _job(fields: Fields, value: dict[str, Any], at: str, n_dimensions: int) -> Task:
    # The old name of delivery counts when neither of the new ones is there.
    old = "amount" in value and "delivery" not in value and "pickup" not in value
    return Task(
        kind="job",
        **_anywhere(fields, value, at),
        delivers=fields.amounts(value, "amount" if old else "delivery", at, n_dimensions),
        collects=fields.amounts(value, "pickup", at, n_dimensions),
        skills=frozenset(fields.wholes(value, "skills", at) or ()),
        priority=fields.whole(value, "priority", at, most=MOST_PRIORITY),
    )


def _shipment(fields: Fields, value: dict[str, Any], at: str, n_dimensions: int, rank: int) -> list[Task]:
    ends = [fields.entry(value, name, at, "an object: where, and for how long") for name in ("pickup", "delivery")]
    pickup, delivery = ends
    amount = fields.amounts(value, "amount", at, n_dimensions)
    skills = frozenset(fields.wholes(value, "skills", at) or ())
    priority = fields.whole(value, "priority", at, most=MOST_PRIORITY)
    if pickup is None or delivery is None:
        return []
    nothing = (0,) * n_dimensions
    return [
        Task(
            "pickup",
            **_anywhere(fields, pickup, f"{at}.pickup"),
            delivers=nothing,
            collects=amount,
            skills=skills,
            priority=priority,
            mate=rank + 1,
        ),
        Task(
            "delivery",
            **_anywhere(fields, delivery, f"{at}.delivery"),
            delivers=amount,
            collects=nothing,
            skills=skills,
            priority=priority,
            mate=rank,
        ),
    ]


def _anywhere(fields: Fields, value: dict[str, Any], at: str) -> dict[str, Any]:
    """What a job and an end of a shipment have in common."""
    location = fields.location(value, "location", "location_index", at)
    if location is None:
        remedy = "is needed: give [longitude, latitude], or location_index with custom matrices"
        fields.fault("missing", f"{at}.location", None, remedy)
    return {
        "id": fields.whole(value, "id", at, default=None, most=UINT64),
        "at": at,
        "description": fields.text(value, "description", at),
        "location": location or Location(at, None, None),
        "setup_s": fields.whole(value, "setup", at),
        "service_s": fields.whole(value, "service", at),
        "setup_per_type": fields.per_type(value, "setup_per_type", at),
        "service_per_type": fields.per_type(value, "service_per_type", at),
        "windows": fields.windows(value, at),
    }


def _van(fields: Fields, value: Any, at: str, n_dimensions: int) -> Van | None:
    if not isinstance(value, dict):
        fields.fault("wrong_type", at, value, "must be an object in braces")
        return None
    start = fields.location(value, "start", "start_index", at)
    end = fields.location(value, "end", "end_index", at)
    if start is None and end is None:
        fields.fault("missing", f"{at}.start", None, "is needed, unless there is an end: give one of the two")
    costs = value.get("costs", {})
    if not isinstance(costs, dict):
        fields.fault("wrong_type", f"{at}.costs", costs, "must be an object with fixed, per_hour, per_km")
        costs = {}
    window = fields.window(value["time_window"], f"{at}.time_window") if "time_window" in value else None
    return Van(
        id=fields.whole(value, "id", at, default=None, most=UINT64),
        at=at,
        description=fields.text(value, "description", at),
        profile=fields.text(value, "profile", at) or DEFAULT_PROFILE,
        type=fields.text(value, "type", at),
        start=start,
        end=end,
        capacity=fields.amounts(value, "capacity", at, n_dimensions)
        if "capacity" in value
        else _none(fields, at, n_dimensions),
        skills=frozenset(fields.wholes(value, "skills", at) or ()),
        window=window,
        breaks=_breaks(fields, value, at, n_dimensions, window),
        speed_factor=_speed(fields, value, at),
        max_tasks=fields.most(value, "max_tasks", at),
        max_travel_time_s=fields.most(value, "max_travel_time", at),
        max_distance_m=fields.most(value, "max_distance", at),
        fixed=fields.whole(costs, "fixed", f"{at}.costs"),
        per_hour=fields.whole(costs, "per_hour", f"{at}.costs", default=DEFAULT_PER_HOUR),
        per_task_hour=fields.whole(costs, "per_task_hour", f"{at}.costs"),
        per_km=fields.whole(costs, "per_km", f"{at}.costs"),
        steps=(),
    )


def _none(fields: Fields, at: str, n_dimensions: int) -> tuple[int, ...]:
    if n_dimensions:
        remedy = f"the first vehicle's has {n_dimensions} dimensions: give one number for each"
        fields.fault("dimensions", f"{at}.capacity", None, remedy)
    return (0,) * n_dimensions


def _speed(fields: Fields, value: dict[str, Any], at: str) -> float:
    speed = value.get("speed_factor", 1.0)
    if type(speed) in (int, float) and 0 < speed <= FASTEST:
        return float(speed)
    fields.fault("wrong_type", f"{at}.speed_factor", speed, f"must be a number above 0 and up to {FASTEST:g}")
    return 1.0


def _breaks(
    fields: Fields, van: dict[str, Any], at: str, n_dimensions: int, window: tuple[int, int] | None
) -> tuple[Pause, ...]:
    """Breaks in the order in which they are taken, known to fit into the vehicle's window one after the other."""
    before = len(fields.faults)
    pauses: list[Pause] = []
    for i, value in enumerate(fields.items(van, "breaks", at)):
        where = f"{at}.breaks[{i}]"
        if not isinstance(value, dict):
            fields.fault("wrong_type", where, value, "must be an object in braces")
            continue
        pause = Pause(
            id=fields.whole(value, "id", where, default=None, most=UINT64),
            at=where,
            description=fields.text(value, "description", where),
            windows=fields.windows(value, where),
            service_s=fields.whole(value, "service", where),
            max_load=fields.amounts(value, "max_load", where, n_dimensions) if "max_load" in value else None,
        )
        if any(pause.id == other.id for other in pauses):
            fields.fault("id_repeated", f"{where}.id", pause.id, "another break of this vehicle has this id")
        pauses.append(pause)
    pauses.sort(key=lambda pause: pause.windows[0] if pause.windows else (0, UINT64))
    if len(fields.faults) == before:
        _check_breaks(fields, at, pauses, window)
    return tuple(pauses)


def _check_breaks(fields: Fields, at: str, pauses: Sequence[Pause], window: tuple[int, int] | None) -> None:
    free_s = window[0] if window else 0
    for pause in pauses:
        starts_s = free_s
        if pause.windows:
            starts_s = next((max(opens, free_s) for opens, closes in pause.windows if closes >= free_s), -1)
        if starts_s < 0 or (window and starts_s + pause.service_s > window[1]):
            remedy = f"cannot be taken after the breaks before it and within {at}.time_window"
            fields.fault("break_outside_shift", pause.at, [list(ends) for ends in pause.windows], remedy)
            return
        free_s = starts_s + pause.service_s


def _tables(fields: Fields, found: dict[str, Any]) -> dict[str, Tables]:
    """Custom matrices by profile; the old single matrix counts when there are no others."""
    if "matrices" not in found:
        if "matrix" not in found:
            return {}
        return {DEFAULT_PROFILE: Tables(durations_s=fields.matrix(found["matrix"], "matrix"))}
    matrices = found["matrices"]
    if not isinstance(matrices, dict):
        fields.fault("wrong_type", "matrices", matrices, "must be an object from profile to matrices")
        return {}
    tables = {}
    for profile, given in matrices.items():
        at = f"matrices.{profile}"
        if not isinstance(given, dict):
            fields.fault("wrong_type", at, given, "must be an object with durations, and if you like distances, costs")
            continue
        read = {
            name: fields.matrix(given[name], f"{at}.{name}")
            for name in ("durations", "distances", "costs")
            if name in given
        }
        if "distances" in given and "durations" not in given:
            fields.fault("missing", f"{at}.durations", None, "is needed where distances are given")
        if read:
            tables[profile] = Tables(read.get("durations"), read.get("distances"), read.get("costs"))
    return tables


def _check_costs(fields: Fields, vans: Sequence[Van], tables: dict[str, Tables]) -> None:
    for van in vans:
        own = tables.get(van.profile)
        if own is not None and own.costs is not None and van.per_hour != DEFAULT_PER_HOUR:
            remedy = f"matrices.{van.profile}.costs already says what a leg costs: leave out one of the two"
            fields.fault("costs_twice", f"{van.at}.costs.per_hour", van.per_hour, remedy)
