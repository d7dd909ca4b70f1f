"""The kinds of change that may get an unserved stop served, each sought in its smallest size that works."""

from collections.abc import Callable
from dataclasses import replace

from routing.arrays import may_serve
from routing.experiment import Case, Change, Experiment
from routing.insertion import place_unit
from routing.types import Skills, Stop, Vehicle

UNIT_S = 60
"""Files speak in minutes: times change by whole ones."""

UNIT_M, FARTHEST_M = 100, 2_000_000
"""Distances change by tenths of a kilometre."""

USUAL_DAY_S = (8 * 3600, 17 * 3600)
USUAL_SHIFT_S = 8 * 3600
LONGEST_SHIFT_S = 86_400
"""A shift that ends at or before its start ends on the next day: a file cannot say more than 24 hours."""

EDGE_S = 2 * 86_400
"""A window lies between midnight and the end of the next day: a file cannot say more."""


def _price(experiment: Experiment) -> Change | None:
    """Possible, but dearer than leaving it out."""
    found = place_unit(experiment.orders, experiment.group)
    if found is None or found.extra_points < experiment.worth:
        return None
    own = experiment.wanted.unserved_cost
    worth = replace(experiment.wanted, unserved_cost=found.extra_points - experiment.worth + own + 1)
    vehicle = next(place.vehicle for stop, place in found.steps if stop == experiment.stop)
    return experiment.verified(
        "price", "unserved_cost", vehicle, (worth, experiment.drivers[vehicle]), worth.unserved_cost
    )


def _window(experiment: Experiment) -> Change | None:
    """Closing later or opening earlier, whichever moves less."""
    wanted = experiment.wanted
    if not wanted.windows:
        return None
    first, last = wanted.windows[0], wanted.windows[-1]

    def later(vehicle: int, units: int) -> Case | None:
        window = replace(last, closes_s=last.closes_s + units * UNIT_S)
        moved = replace(wanted, windows=(*wanted.windows[:-1], window))
        return None if window.closes_s >= EDGE_S else (moved, experiment.drivers[vehicle])

    def earlier(vehicle: int, units: int) -> Case | None:
        window = replace(first, opens_s=first.opens_s - units * UNIT_S)
        moved = replace(wanted, windows=(window, *wanted.windows[1:]))
        return None if window.opens_s < 0 else (moved, experiment.drivers[vehicle])

    ways = {"closes_s": later, "opens_s": earlier}
    return experiment.smallest_of(
        "window", experiment.eligible(), EDGE_S // UNIT_S, ways, lambda v: experiment.window_short_s(v) / UNIT_S
    )


def _shift(experiment: Experiment) -> Change | None:
    """Working longer or beginning earlier, whichever is less."""

    def within(driver: Vehicle) -> Case | None:
        length_s = driver.shift_ends_s - driver.shift_starts_s
        return None if length_s > LONGEST_SHIFT_S or driver.shift_starts_s < 0 else (experiment.wanted, driver)

    def later(vehicle: int, units: int) -> Case | None:
        driver = experiment.drivers[vehicle]
        return within(replace(driver, shift_ends_s=driver.shift_ends_s + units * UNIT_S))

    def earlier(vehicle: int, units: int) -> Case | None:
        driver = experiment.drivers[vehicle]
        return within(replace(driver, shift_starts_s=driver.shift_starts_s - units * UNIT_S))

    ways = {"shift_ends_s": later, "shift_starts_s": earlier}
    return experiment.smallest_of(
        "shift", experiment.eligible(), LONGEST_SHIFT_S // UNIT_S, ways, lambda v: experiment.shift_short_s(v) / UNIT_S
    )


def _max_stops(experiment: Experiment) -> Change | None:
    def roomier(vehicle: int, units: int) -> Case | None:
        driver = experiment.drivers[vehicle]
        return experiment.wanted, replace(driver, max_stops=(driver.max_stops or 0) + units)

    full = [v for v in experiment.eligible() if experiment.drivers[v].max_stops is not None]
    return experiment.smallest_of("max_stops", full, len(experiment.arrays.stops), {"max_stops": roomier})


def _max_travel(experiment: Experiment) -> Change | None:
    def roomier(vehicle: int, units: int) -> Case | None:
        driver = experiment.drivers[vehicle]
        return experiment.wanted, replace(driver, max_travel_s=(driver.max_travel_s or 0) + units * UNIT_S)

    tight = [v for v in experiment.eligible() if experiment.drivers[v].max_travel_s is not None]
    return experiment.smallest_of("max_travel", tight, LONGEST_SHIFT_S // UNIT_S, {"max_travel_s": roomier})


def _max_distance(experiment: Experiment) -> Change | None:
    def roomier(vehicle: int, units: int) -> Case | None:
        driver = experiment.drivers[vehicle]
        return experiment.wanted, replace(driver, max_distance_m=(driver.max_distance_m or 0) + units * UNIT_M)

    tight = [v for v in experiment.eligible() if experiment.drivers[v].max_distance_m is not None]
    return experiment.smallest_of("max_distance", tight, FARTHEST_M // UNIT_M, {"max_distance_m": roomier})


def _max_work(experiment: Experiment) -> Change | None:
    def longer(vehicle: int, units: int) -> Case | None:
        driver = experiment.drivers[vehicle]
        return experiment.wanted, replace(driver, max_work_s=(driver.max_work_s or 0) + units * UNIT_S)

    tight = [v for v in experiment.eligible() if experiment.drivers[v].max_work_s is not None]
    return experiment.smallest_of("max_work", tight, LONGEST_SHIFT_S // UNIT_S, {"max_work_s": longer})


def _capacity(experiment: Experiment) -> Change | None:
    """A van that holds more of one thing."""
    found = []
    for dimension in range(max((len(driver.capacity) for driver in experiment.drivers), default=0)):

        def roomier(vehicle: int, units: int, which: int = dimension) -> Case | None:
            driver = experiment.drivers[vehicle]
            more = tuple(most + units * (number == which) for number, most in enumerate(driver.capacity))
            return experiment.wanted, replace(driver, capacity=more)

        most = sum(sum(stop.delivers) + sum(stop.collects) for stop in experiment.arrays.stops)
        bounded = [v for v in experiment.eligible() if experiment.drivers[v].capacity]
        change = experiment.smallest_of("capacity", bounded, most, {"capacity": roomier})
        found += [change] if change is not None else []
    return min(found, key=lambda change: change.extra_points, default=None)


def _skill(experiment: Experiment) -> Change | None:
    """Somebody learns the one thing that is missing."""
    wanted, cases = experiment.wanted, {}
    for vehicle in experiment.reaching():
        driver = experiment.drivers[vehicle]
        missing = _missing(wanted.skills, driver.skills)
        learned = replace(driver, skills=driver.skills | missing)
        if len(missing) == 1 and may_serve(wanted, learned):
            cases[vehicle] = (wanted, learned)
    return experiment.cheapest("skill", "skills", cases)


def _missing(needs: Skills, held: frozenset[str]) -> frozenset[str]:
    missing = needs.all_of - held
    if needs.one_of and not needs.one_of & held:
        missing |= {min(needs.one_of)}
    return missing


def _required(experiment: Experiment) -> Change | None:
    """The wish for somebody is dropped."""
    wanted = experiment.wanted
    free = replace(wanted, required_vehicles=frozenset())
    others = [v for v in experiment.reaching() if experiment.drivers[v].id not in wanted.required_vehicles]
    cases = {v: (free, experiment.drivers[v]) for v in others if may_serve(free, experiment.drivers[v])}
    return experiment.cheapest("required", "required_vehicles", cases) if wanted.required_vehicles else None


def _excluded(experiment: Experiment) -> Change | None:
    """One of those who must not come may."""
    wanted, cases = experiment.wanted, {}
    for vehicle in experiment.reaching():
        driver = experiment.drivers[vehicle]
        allowed = replace(wanted, excluded_vehicles=wanted.excluded_vehicles - {driver.id})
        if driver.id in wanted.excluded_vehicles and may_serve(allowed, driver):
            cases[vehicle] = (allowed, driver)
    return experiment.cheapest("excluded", "excluded_vehicles", cases)


def _new_vehicle(experiment: Experiment) -> Change | None:
    """Somebody new who lives at the stop and works a day that holds it; a wish for others is widened to them."""
    wanted, names = experiment.wanted, {driver.id for driver in experiment.drivers}
    wished = sorted(wanted.required_vehicles - names)
    name = wished[0] if wished else _free_name(names | wanted.excluded_vehicles)
    starts_s, ends_s = _usual_day(wanted)
    driver = Vehicle(name, wanted.place, wanted.place, starts_s, ends_s, skills=_missing(wanted.skills, frozenset()))
    also = None
    if wanted.required_vehicles - {name}:
        also, wanted = "required_vehicles", replace(wanted, required_vehicles=wanted.required_vehicles | {name})
    change = experiment.with_new(wanted, driver)
    if change is not None and not change.verified and wanted.preferred_vehicles:
        # The price of not being the preferred one is all that is in the way.
        also, wanted = "preferred_vehicles", replace(wanted, preferred_vehicles=wanted.preferred_vehicles | {name})
        change = experiment.with_new(wanted, driver)
    return None if change is None else replace(change, also=also)


def _usual_day(wanted: Stop) -> tuple[int, int]:
    """Start and end of a shift, in whole minutes, within which the stop can be served: from eight to five if it can."""
    opens_s = wanted.windows[0].opens_s if wanted.windows else USUAL_DAY_S[0]
    starts_s = max(0, min(USUAL_DAY_S[0], opens_s // UNIT_S * UNIT_S))
    ends_s = max(USUAL_DAY_S[1], -(-(max(opens_s, starts_s) + wanted.service_s) // UNIT_S) * UNIT_S)
    if ends_s - starts_s <= LONGEST_SHIFT_S:
        return starts_s, ends_s
    starts_s = max(0, opens_s // UNIT_S * UNIT_S)
    return starts_s, starts_s + max(USUAL_SHIFT_S, -(-wanted.service_s // UNIT_S) * UNIT_S)


def _free_name(taken: frozenset[str] | set[str]) -> str:
    return next(f"new-{n}" for n in range(1, len(taken) + 2) if f"new-{n}" not in taken)


KINDS: tuple[Callable[[Experiment], Change | None], ...] = (
    _price,
    _window,
    _shift,
    _max_stops,
    _max_travel,
    _max_distance,
    _max_work,
    _capacity,
    _skill,
    _required,
    _excluded,
    _new_vehicle,
)
"""Kinds of change, each tried once per stop."""
