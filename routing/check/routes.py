"""One route alone: who comes, whether the legs can be driven, whether services follow, and what the route states."""

from collections.abc import Iterator

from routing.check.reading import Reading
from routing.check.violation import Violation
from routing.types import UNREACHABLE, Stop


def route_violations(read: Reading) -> Iterator[Violation]:
    """Everything wrong with people, legs, services and windows of one route.

    Of a frozen stop the drive to it, its windows, and who may serve it are history and are not judged; what is
    stated of its leg and the length of its service are.
    """
    yield from _who(read)
    yield from _legs(read)
    yield from _services(read)


def _who(read: Reading) -> Iterator[Violation]:
    vehicle = read.vehicle
    for stop, is_history in zip(read.stops, read.frozen, strict=True):
        if is_history:
            continue
        yield from _skills(read, stop)
        if stop.required_vehicles and vehicle.id not in stop.required_vehicles:
            only = ", ".join(sorted(stop.required_vehicles))
            yield Violation("required", stop.id, f"{stop.id} must be served by {only}, not {vehicle.id}")
        if vehicle.id in stop.excluded_vehicles:
            yield Violation("excluded", stop.id, f"{stop.id} must not be served by {vehicle.id}")


def _skills(read: Reading, stop: Stop) -> Iterator[Violation]:
    held = read.vehicle.skills
    missing = sorted(stop.skills.all_of - held)
    choice = sorted(stop.skills.one_of) if stop.skills.one_of and not stop.skills.one_of & held else []
    unwanted = sorted(stop.skills.none_of & held)
    if missing or choice or unwanted:
        says = [f"lacks {', '.join(missing)}"] if missing else []
        says += [f"has none of {', '.join(choice)}"] if choice else []
        says += [f"has the unwanted {', '.join(unwanted)}"] if unwanted else []
        yield Violation("skill", stop.id, f"{read.vehicle.id} {' and '.join(says)} for {stop.id}")


def _legs(read: Reading) -> Iterator[Violation]:
    """Every leg exists, is stated as the matrix has it, and has that time between departure and arrival."""
    route, last = read.route, len(read.stops)
    leaves_s, left_s, left_m = route.starts_s, route.travel_s, route.distance_m
    for number in range(len(read.legs)):
        if number < last:
            visit = route.visits[number]
            where = to = visit.stop_id
            arrives_s, stated_s, stated_m = visit.arrives_s, visit.travel_s, visit.distance_m
            is_history = read.frozen[number]
        else:
            where, to = read.vehicle.id, "the end"
            # The last leg is what the route states beyond the legs before: so its sums are judged as well.
            arrives_s, stated_s, stated_m, is_history = route.ends_s, left_s, left_m, False
        yield from _stated_leg(read, number, where, to, (stated_s, stated_m))
        drive_s = 0 if is_history else read.drives[number][0]
        short_s = drive_s - (arrives_s - leaves_s - read.rested_s(leaves_s, arrives_s))
        if drive_s < UNREACHABLE and short_s > 0:
            message = f"{short_s} s are missing for the drive to {to}"
            if arrives_s < leaves_s:
                message = f"{to} is reached {leaves_s - arrives_s} s before driving off; {message}"
            yield Violation("leg_short", where, message, short_s)
        left_s, left_m = left_s - stated_s, left_m - stated_m
        if number < last:
            leaves_s = route.visits[number].departs_s


def _stated_leg(read: Reading, number: int, where: str, to: str, stated: tuple[int, int]) -> Iterator[Violation]:
    (stated_s, stated_m), (drive_s, drive_m) = stated, read.drives[number]
    is_history = number < len(read.stops) and read.frozen[number]
    if drive_s >= UNREACHABLE and not is_history:
        yield Violation("unreachable", where, f"no road leads {read.vehicle.id} to {to}")
    elif (stated_s, stated_m) != (drive_s, drive_m):
        message = f"the leg to {to} is stated as {stated_s} s, {stated_m} m; it is {drive_s} s, {drive_m} m"
        yield Violation("leg_wrong", where, message, max(abs(stated_s - drive_s), abs(stated_m - drive_m)))


def _services(read: Reading) -> Iterator[Violation]:
    for number, (visit, stop) in enumerate(zip(read.route.visits, read.stops, strict=True)):
        begins_s = visit.service_starts_s
        ends_s = begins_s + read.actions_s[number]
        if begins_s < visit.arrives_s:
            early_s = visit.arrives_s - begins_s
            message = f"service at {stop.id} begins {early_s} s before arrival"
            yield Violation("service_early", stop.id, message, early_s)
        if visit.departs_s < ends_s:
            short_s = ends_s - visit.departs_s
            yield Violation("service_short", stop.id, f"{stop.id} is left {short_s} s before service ends", short_s)
        if not read.frozen[number]:
            yield from _window(stop, begins_s)
        waits_s = begins_s - visit.arrives_s - read.rested_s(visit.arrives_s, begins_s)
        if visit.wait_s != waits_s:
            message = f"the wait at {stop.id} is stated as {visit.wait_s} s; it is {waits_s} s"
            yield Violation("wait_wrong", stop.id, message, abs(visit.wait_s - waits_s))
        rested_s = read.rested_s(begins_s, ends_s)
        if rested_s:
            message = f"{rested_s} s of a break fall into service at {stop.id}"
            yield Violation("break_in_service", stop.id, message, rested_s)


def _window(stop: Stop, begins_s: int) -> Iterator[Violation]:
    if not stop.windows or any(window.opens_s <= begins_s <= window.closes_s for window in stop.windows):
        return
    late_s = [begins_s - window.closes_s for window in stop.windows if begins_s > window.closes_s]
    early_s = [window.opens_s - begins_s for window in stop.windows if begins_s < window.opens_s]
    if late_s and (not early_s or min(late_s) <= min(early_s)):
        message = f"service at {stop.id} begins {min(late_s)} s after its window closes"
        yield Violation("window_late", stop.id, message, min(late_s))
    else:
        message = f"service at {stop.id} begins {min(early_s)} s before its window opens"
        yield Violation("window_early", stop.id, message, min(early_s))


def total_violations(read: Reading) -> Iterator[Violation]:
    """Sums that the route states; driving and distance are judged leg by leg, the last leg being the rest."""
    route, name = read.route, read.vehicle.id
    service_s = sum(read.actions_s)
    span_s = route.ends_s - route.starts_s
    wait_s = span_s - route.travel_s - service_s - read.rested_s(route.starts_s, route.ends_s)
    for what, stated_s, due_s in (("service", route.service_s, service_s), ("wait", route.wait_s, wait_s)):
        if stated_s != due_s:
            message = f"{what} of {name} is stated as {stated_s} s; it is {due_s} s"
            yield Violation("total_wrong", name, message, abs(stated_s - due_s))
    if read.stops and read.vehicle.end_place is None and route.ends_s > route.visits[-1].departs_s:
        later_s = route.ends_s - route.visits[-1].departs_s
        message = f"{name} has no place to end at: the route ends {later_s} s after its last stop is left"
        yield Violation("total_wrong", name, message, later_s)
