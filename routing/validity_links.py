"""What the ties between stops may not say: deliveries, successions, crews, and the stops that are frozen."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from routing.errors import Fault
from routing.types import Problem, Stop, Vehicle


def link_faults(problem: Problem) -> list[Fault]:
    """Everything that is wrong with the ties of a problem."""
    stops = {stop.id: stop for stop in problem.stops}
    frozen = {case.stop for vehicle in problem.vehicles for case in vehicle.frozen}
    return [
        *_unknown(problem, stops),
        *_deliveries(problem, stops, frozen),
        *_successions(problem),
        *_crews(problem, frozen),
        *_frozen(problem, stops),
    ]


def _unknown(problem: Problem, stops: dict[str, Stop]) -> Iterator[Fault]:
    named = [(f"deliveries[{i}].pickup", d.pickup) for i, d in enumerate(problem.deliveries)]
    named += [(f"deliveries[{i}].delivery", d.delivery) for i, d in enumerate(problem.deliveries)]
    named += [(f"successions[{i}].first", s.first) for i, s in enumerate(problem.successions)]
    named += [(f"successions[{i}].then", s.then) for i, s in enumerate(problem.successions)]
    named += [(f"crews[{i}].stops[{k}]", name) for i, c in enumerate(problem.crews) for k, name in enumerate(c.stops)]
    named += [
        (f"vehicles[{i}].frozen[{k}].stop", case.stop)
        for i, vehicle in enumerate(problem.vehicles)
        for k, case in enumerate(vehicle.frozen)
    ]
    for path, name in named:
        if name not in stops:
            yield Fault("stop_unknown", path, name, "no stop has this id")


def _deliveries(problem: Problem, stops: dict[str, Stop], frozen: set[str]) -> Iterator[Fault]:
    times = Counter(name for d in problem.deliveries for name in (d.pickup, d.delivery))
    for i, link in enumerate(problem.deliveries):
        at = f"deliveries[{i}]"
        for name in sorted({link.pickup, link.delivery}):
            if times[name] > 1:
                yield Fault("delivery_shared", at, name, "a stop may belong to one delivery, as one end of it")
        brought = stops.get(link.delivery)
        if brought is not None and (any(brought.delivers) or any(brought.collects)):
            remedy = "what it brings is what its pickup collects; leave delivers and collects empty"
            yield Fault("delivery_load", f"{at}.delivery", link.delivery, remedy)
        if link.delivery in frozen and not _frozen_before(problem, link.pickup, link.delivery):
            remedy = "its delivery is frozen: freeze it as well, before it in the same vehicle"
            yield Fault("frozen_delivery", f"{at}.pickup", link.pickup, remedy)


def _frozen_before(problem: Problem, pickup: str, delivery: str) -> bool:
    done = [[case.stop for case in vehicle.frozen] for vehicle in problem.vehicles]
    return any(delivery in names and pickup in names and names.index(pickup) < names.index(delivery) for names in done)


def _successions(problem: Problem) -> Iterator[Fault]:
    follows: dict[str, list[str]] = {}
    for i, link in enumerate(problem.successions):
        at = f"successions[{i}]"
        if link.least_s < 0:
            yield Fault("negative", f"{at}.least_s", link.least_s, "must be 0 or more")
        if link.most_s is not None and link.most_s < link.least_s:
            yield Fault("gap_reversed", f"{at}.most_s", link.most_s, f"must be {link.least_s} or more")
        follows.setdefault(link.first, []).append(link.then)
    for name in sorted(follows):
        if _leads_back(name, follows):
            yield Fault("succession_circle", "successions", name, "a stop cannot come after itself")


def _leads_back(name: str, follows: dict[str, list[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(follows[name])
    while waiting:
        other = waiting.pop()
        if other == name:
            return True
        if other not in seen:
            seen.add(other)
            waiting += follows.get(other, [])
    return False


def _crews(problem: Problem, frozen: set[str]) -> Iterator[Fault]:
    times = Counter(name for crew in problem.crews for name in crew.stops)
    for i, crew in enumerate(problem.crews):
        at = f"crews[{i}].stops"
        if len(crew.stops) < 2:
            yield Fault("crew_small", at, crew.stops, "name two stops or more")
        for name in sorted(set(crew.stops)):
            if times[name] > 1:
                yield Fault("crew_shared", at, name, "a stop may belong to one crew, once")
        if 0 < len(frozen.intersection(crew.stops)) < len(set(crew.stops)):
            yield Fault("frozen_crew", at, crew.stops, "freeze all of them or none")


def _frozen(problem: Problem, stops: dict[str, Stop]) -> Iterator[Fault]:
    times = Counter(case.stop for vehicle in problem.vehicles for case in vehicle.frozen)
    for i, vehicle in enumerate(problem.vehicles):
        free_s = vehicle.shift_starts_s
        for k, case in enumerate(vehicle.frozen):
            at = f"vehicles[{i}].frozen[{k}]"
            if times[case.stop] > 1:
                yield Fault("frozen_repeated", f"{at}.stop", case.stop, "a stop is frozen once")
            if case.starts_s < free_s:
                remedy = f"begins before the shift, or before what is frozen earlier ends, at {free_s}"
                yield Fault("frozen_early", f"{at}.starts_s", case.starts_s, remedy)
            free_s = case.starts_s + (frozen_service_s(stops[case.stop], vehicle) if case.stop in stops else 0)
        if vehicle.frozen and free_s > vehicle.shift_ends_s:
            remedy = "service ends after the shift: let the shift end later"
            yield Fault("frozen_late", f"vehicles[{i}].frozen", vehicle.frozen[-1].stop, remedy)
        elif vehicle.frozen and all(case.stop in stops for case in vehicle.frozen):
            yield from _over_limits(problem, stops, vehicle, f"vehicles[{i}]", free_s)


def _over_limits(problem: Problem, stops: dict[str, Stop], vehicle: Vehicle, at: str, free_s: int) -> Iterator[Fault]:
    """Limits that are broken by what is frozen and the way home alone, so that no plan could keep them."""
    n_places = problem.matrix.n_places
    if not 0 <= vehicle.matrix <= len(problem.more_matrices):
        return
    matrix = problem.matrix_of(vehicle)
    places = [place for place in (vehicle.start_place,) if place is not None]
    places += [stops[case.stop].place for case in vehicle.frozen]
    places += [place for place in (vehicle.end_place,) if place is not None]
    if not all(0 <= place < n_places for place in places) or len(matrix.duration_s) != n_places:
        return
    legs = list(pairwise(places))
    home_s = 0 if vehicle.end_place is None else int(matrix.duration_s[legs[-1]])
    first_s = 0 if vehicle.start_place is None else int(matrix.duration_s[legs[0]])
    left_s = max(vehicle.shift_starts_s, vehicle.frozen[0].starts_s - first_s)
    used = {
        "shift_ends_s": free_s + home_s,
        "max_stops": len(vehicle.frozen),
        "max_travel_s": sum(int(matrix.duration_s[leg]) for leg in legs),
        "max_distance_m": sum(int(matrix.distance_m[leg]) for leg in legs),
        "max_work_s": free_s + home_s - left_s,
    }
    for name, least in used.items():
        most = getattr(vehicle, name)
        if most is not None and least > most:
            remedy = f"what is frozen and the way home take {least}: give no less"
            yield Fault("frozen_limit", f"{at}.{name}", most, remedy)
    loads = _most_loaded(problem, [stops[case.stop] for case in vehicle.frozen])
    if any(load > most for load, most in zip(loads, vehicle.capacity, strict=False)):
        yield Fault(
            "frozen_limit", f"{at}.capacity", vehicle.capacity, f"what is frozen takes {tuple(loads)}: give no less"
        )


def _most_loaded(problem: Problem, done: list[Stop]) -> list[int]:
    """By dimension, the most that is in the vehicle while it serves these stops."""
    pickup_of = {link.delivery: link.pickup for link in problem.deliveries}
    collected = {stop.id: stop.collects for stop in done}
    n_dimensions = max((len(amount) for stop in done for amount in (stop.delivers, stop.collects)), default=0)
    most = []
    for dimension in range(n_dimensions):
        load = sum(stop.delivers[dimension] for stop in done if stop.delivers)
        loads = [load]
        for stop in done:
            brought = collected.get(pickup_of.get(stop.id, ""), ())
            load -= (stop.delivers[dimension] if stop.delivers else 0) + (brought[dimension] if brought else 0)
            load += stop.collects[dimension] if stop.collects else 0
            loads.append(load)
        most.append(max(loads))
    return most


def frozen_service_s(stop: "Stop", vehicle: "Vehicle") -> int:
    """What a frozen stop takes: service alone, the set-up being history."""
    return next((case.service_s for case in stop.service_for if case.vehicle == vehicle.id), stop.service_s)
