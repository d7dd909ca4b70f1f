"""What a problem may not say: every contradiction at once, each with a stable code and the field it is in."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from routing.errors import Fault
from routing.types import UNREACHABLE, Break, Matrix, Problem, Stop, Vehicle
from routing.validity_links import frozen_service_s, link_faults

MOST_LEVEL = 100

NOT_YET = {
    "n_days": 1,
    "balance_cost_per_hour": 0,
    "territories": (),
    "travel_by_hour": (),
}
"""Fields that no engine supports yet, and the one value that may be given."""

STOP_AMOUNTS = ("service_s", "setup_s", "unserved_cost", "preference_cost", "late_cost_per_s")
VEHICLE_AMOUNTS = (
    "max_stops",
    "max_travel_s",
    "max_distance_m",
    "max_work_s",
    "cost_per_hour",
    "cost_per_km",
    "cost_per_service_hour",
    "cost_fixed",
    "overtime_cost_per_s",
)


def faults_of(problem: Problem) -> list[Fault]:
    """Everything that is wrong with a problem, in the order of its fields."""
    faults: list[Fault] = []
    if problem.t0_at.tzinfo is None:
        faults.append(Fault("naive_time", "t0_at", str(problem.t0_at), "give an instant with its offset from UTC"))
    for name, matrix in _matrices(problem):
        faults += _matrix_faults(name, matrix, problem.matrix.n_places)
    n_dimensions = _n_dimensions(problem)
    stop_ids, vehicle_ids = [s.id for s in problem.stops], [v.id for v in problem.vehicles]
    faults += _repeated(stop_ids, "stops")
    for i, stop in enumerate(problem.stops):
        faults += _stop_faults(f"stops[{i}]", stop, problem.matrix.n_places, n_dimensions)
    faults += _repeated(vehicle_ids, "vehicles")
    for i, vehicle in enumerate(problem.vehicles):
        faults += _vehicle_faults(f"vehicles[{i}]", vehicle, problem, n_dimensions)
    faults += link_faults(problem)
    faults += [
        Fault("not_supported", name, getattr(problem, name), f"no engine does this yet; leave it at {usual!r}")
        for name, usual in NOT_YET.items()
        if getattr(problem, name) != usual
    ]
    return faults


def _matrices(problem: Problem) -> Iterator[tuple[str, Matrix]]:
    yield "matrix", problem.matrix
    for i, matrix in enumerate(problem.more_matrices):
        yield f"more_matrices[{i}]", matrix


def _n_dimensions(problem: Problem) -> int:
    """Dimensions of capacity that anybody speaks of."""
    amounts = [vehicle.capacity for vehicle in problem.vehicles]
    amounts += [amount for stop in problem.stops for amount in (stop.delivers, stop.collects)]
    return max((len(amount) for amount in amounts), default=0)


def _matrix_faults(name: str, matrix: Matrix, n_places: int) -> Iterator[Fault]:
    shape = matrix.duration_s.shape
    shapes = {shape, matrix.distance_m.shape, *(() if matrix.cost_points is None else (matrix.cost_points.shape,))}
    if len(shapes) != 1 or len(shape) != 2 or shape[0] != shape[1]:
        yield Fault("matrix_shape", name, " and ".join(str(s) for s in sorted(shapes)), "all must be (n, n)")
        return
    if shape[0] != n_places:
        yield Fault("matrix_shape", name, shape, f"all matrices join the same {n_places} places")
    sound = True
    for part in ("duration_s", "distance_m", "cost_points"):
        values = getattr(matrix, part)
        if values is None:
            continue
        if not np.issubdtype(values.dtype, np.integer):
            yield Fault("matrix_type", f"{name}.{part}", str(values.dtype), "round it to integers first")
            sound = False
        elif values.size and (values.min() < 0 or values.max() > UNREACHABLE):
            worst = values.min() if values.min() < 0 else values.max()
            yield Fault("matrix_range", f"{name}.{part}", int(worst), f"must lie in 0..{UNREACHABLE}")
            sound = False
    if sound and ((matrix.duration_s == UNREACHABLE) != (matrix.distance_m == UNREACHABLE)).any():
        yield Fault("matrix_holes", name, "a pair with one of the two", "no road means neither")


def _stop_faults(at: str, stop: Stop, n_places: int, n_dimensions: int) -> Iterator[Fault]:
    if not 0 <= stop.place < n_places:
        yield Fault("place_unknown", f"{at}.place", stop.place, f"the matrix has {n_places} places")
    yield from _negative(at, stop, STOP_AMOUNTS)
    for w, window in enumerate(stop.windows):
        where = f"{at}.windows[{w}]"
        if window.closes_s < window.opens_s:
            yield Fault("window_reversed", where, (window.opens_s, window.closes_s), "closes before it opens")
        if w and window.opens_s <= stop.windows[w - 1].closes_s:
            yield Fault("windows_overlap", where, window.opens_s, "list windows in order, apart from each other")
    if stop.late_cost_per_s and stop.due_s is None:
        yield Fault("due_missing", f"{at}.due_s", None, "say from when on late_cost_per_s is to be paid")
    yield from _repeated([special.vehicle for special in stop.service_for], f"{at}.service_for", "vehicle")
    for i, special in enumerate(stop.service_for):
        yield from _negative(f"{at}.service_for[{i}]", special, ("service_s", "setup_s"))
    yield from _repeated([wish.skill for wish in stop.skill_wishes], f"{at}.skill_wishes", "skill")
    for i, wish in enumerate(stop.skill_wishes):
        yield from _level(f"{at}.skill_wishes[{i}]", wish.level)
        yield from _negative(f"{at}.skill_wishes[{i}]", wish, ("cost_per_level",))
    for name in ("delivers", "collects"):
        yield from _amounts(f"{at}.{name}", getattr(stop, name), n_dimensions)
    if stop.promise is not None:
        names = ("tolerance_s", "cost_time", "cost_vehicle", "cost_order")
        yield from _negative(f"{at}.promise", stop.promise, names)


def _vehicle_faults(at: str, vehicle: Vehicle, problem: Problem, n_dimensions: int) -> Iterator[Fault]:
    n_places = problem.matrix.n_places
    for name in ("start_place", "end_place"):
        place = getattr(vehicle, name)
        if place is not None and not 0 <= place < n_places:
            yield Fault("place_unknown", f"{at}.{name}", place, f"the matrix has {n_places} places")
    if not 0 <= vehicle.matrix <= len(problem.more_matrices):
        remedy = f"must lie in 0..{len(problem.more_matrices)}"
        yield Fault("matrix_unknown", f"{at}.matrix", vehicle.matrix, remedy)
    if vehicle.shift_ends_s <= vehicle.shift_starts_s:
        remedy = "must come after the shift starts"
        yield Fault("shift_reversed", f"{at}.shift_ends_s", vehicle.shift_ends_s, remedy)
    yield from _negative(at, vehicle, VEHICLE_AMOUNTS)
    if vehicle.overtime_cost_per_s and vehicle.overtime_from_s is None:
        remedy = "say from when on overtime_cost_per_s is to be paid"
        yield Fault("overtime_missing", f"{at}.overtime_from_s", None, remedy)
    yield from _repeated([level.skill for level in vehicle.skill_levels], f"{at}.skill_levels", "skill")
    for i, level in enumerate(vehicle.skill_levels):
        yield from _level(f"{at}.skill_levels[{i}]", level.level)
    if vehicle.capacity:
        yield from _amounts(f"{at}.capacity", vehicle.capacity, n_dimensions)
    yield from _break_faults(at, vehicle, problem)


def _break_faults(at: str, vehicle: Vehicle, problem: Problem) -> Iterator[Fault]:
    free_s = vehicle.shift_starts_s
    if vehicle.frozen:
        last = vehicle.frozen[-1]
        stop = next((stop for stop in problem.stops if stop.id == last.stop), None)
        free_s = last.starts_s + (0 if stop is None else frozen_service_s(stop, vehicle))
    for b, pause in enumerate(vehicle.breaks):
        where = f"{at}.breaks[{b}]"
        if pause.duration_s <= 0 or pause.latest_s < pause.earliest_s:
            remedy = "needs a length and a latest start after its earliest"
            yield Fault("break_reversed", where, (pause.earliest_s, pause.latest_s, pause.duration_s), remedy)
            continue
        if b and pause.earliest_s < vehicle.breaks[b - 1].earliest_s:
            yield Fault("breaks_unordered", where, pause.earliest_s, "list breaks by their earliest start")
        yield from _also_faults(where, pause)
        starts_s = next((max(free_s, opens_s) for opens_s, closes_s in pause.windows if closes_s >= free_s), None)
        if starts_s is None or starts_s + pause.duration_s > vehicle.shift_ends_s:
            remedy = "no such break fits into what the frozen stops leave of the shift" if vehicle.frozen else ""
            remedy = remedy or "no such break fits into the shift"
            yield Fault("break_outside_shift", where, (pause.earliest_s, pause.latest_s), remedy)
        else:
            free_s = starts_s + pause.duration_s


def _also_faults(where: str, pause: Break) -> Iterator[Fault]:
    for w, ((_, closes_s), (opens_s, until_s)) in enumerate(pairwise(pause.windows)):
        if until_s < opens_s:
            yield Fault("window_reversed", f"{where}.also[{w}]", (opens_s, until_s), "closes before it opens")
        if opens_s <= closes_s:
            yield Fault(
                "windows_overlap", f"{where}.also[{w}]", opens_s, "list windows in order, apart from each other"
            )


def _negative(at: str, thing: object, names: Sequence[str]) -> Iterator[Fault]:
    for name in names:
        value = getattr(thing, name)
        if value is not None and value < 0:
            yield Fault("negative", f"{at}.{name}", value, "must be 0 or more")


def _level(at: str, level: int) -> Iterator[Fault]:
    if not 0 <= level <= MOST_LEVEL:
        yield Fault("level_range", f"{at}.level", level, f"must lie in 0..{MOST_LEVEL}")


def _amounts(at: str, amounts: tuple[int, ...], n_dimensions: int) -> Iterator[Fault]:
    if amounts and len(amounts) != n_dimensions:
        remedy = f"others speak of {n_dimensions} dimensions: give one amount for each"
        yield Fault("dimensions", at, amounts, remedy)
    if min(amounts, default=0) < 0:
        yield Fault("negative", at, amounts, "must be 0 or more")


def _repeated(names: Sequence[str], path: str, field: str = "id") -> Iterator[Fault]:
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            what = "ids must be unique" if field == "id" else "each may be named once"
            yield Fault("id_repeated", f"{path}[{i}].{field}", name, what)
        seen.add(name)
