"""Why a stop is left out and what would change that; why a stop is served by whom it is served.

Every answer is an experiment: change one thing, insert the stop into the plan as it stands, let the judge look. A
change counts when the stop fits, nothing else moves to another vehicle or is lost, and the plan gets cheaper.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.arrays import Arrays, arrays_of, may_serve
from routing.check import cost, violations
from routing.insertion import Orders, Place
from routing.solver import orders_of, plan_of
from routing.types import UNREACHABLE, Matrix, Plan, Problem, Skills, Stop, Vehicle, Window

UNIT_S = 60
"""Files speak in minutes: times change by whole ones."""

USUAL_SHIFT_S = 8 * 3600
LONGEST_SHIFT_S = 86_400
"""A shift that ends at or before its start ends on the next day: a file cannot say more than 24 hours."""

EDGE_S = 2 * 86_400
"""A window lies between midnight and the end of the next day: a file cannot say more."""


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change of one kind with which a stop is served.

    Parameters
    ----------
    kind : "window", "shift", "max_stops", "max_travel", "skill", "required", "excluded", "price", "vehicle"
    subject : id of the stop or vehicle that changes
    field : attribute that changes; None for a new vehicle
    to : its new value: seconds, a count, points, a set of names, or a whole ``Vehicle``
    vehicle : who then serves the stop
    starts_s : when service then begins
    extra_points : what the routes cost more
    verified : the judge has accepted the plan
    also : attribute of the stop that has to name a new vehicle too, None when the one change is enough
    """

    kind: str
    subject: str
    field: str | None
    to: int | frozenset[str] | Vehicle
    vehicle: str
    starts_s: int
    extra_points: int
    verified: bool
    also: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why one stop is not served: a code, and the changes that help, cheapest first, a new vehicle last.

    Code: "unreachable", "too_long", "no_skill" (nobody has what it takes), or the kind of the first change.
    """

    stop: str
    code: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What serving one stop costs where it is, and would cost at the next best vehicles.

    Marginal costs: the route with the stop less the route without; for others the cheapest insertion after removal.
    """

    stop: str
    vehicle: str
    points: int
    others: tuple[tuple[str, int], ...]
    n_eligible: int


def why_served(problem: Problem, plan: Plan, n_others: int = 2) -> dict[str, Choice]:
    """For every served stop the marginal cost of its place and of the next ``n_others`` vehicles."""
    arrays, served = arrays_of(problem), orders_of(problem, plan)
    orders = Orders(arrays, served)
    choices = {}
    for vehicle, order in enumerate(served):
        whole = arrays.route_points(vehicle, order)
        for stop in order:
            eligible = np.flatnonzero(arrays.eligible[stop])
            others: dict[int, int] = {}
            for place in orders.places(stop, [int(other) for other in eligible if other != vehicle]):
                others.setdefault(place.vehicle, place.extra_points)
                if len(others) == n_others:
                    break
            without = arrays.route_points(vehicle, [other for other in order if other != stop])
            name = arrays.stops[stop].id
            named = tuple((arrays.vehicles[other].id, points) for other, points in others.items())
            choices[name] = Choice(name, arrays.vehicles[vehicle].id, whole - without, named, len(eligible))
    return choices


def why_left_out(problem: Problem, plan: Plan) -> list[LeftOut]:
    """For every unserved stop, in order of id, a code and the verified changes that would get it served."""
    arrays = arrays_of(problem)
    orders = Orders(arrays, orders_of(problem, plan))
    index = {stop.id: number for number, stop in enumerate(problem.stops)}
    return [_explained(orders, plan, index[name]) for name in plan.unassigned]


def _explained(orders: Orders, plan: Plan, stop: int) -> LeftOut:
    arrays = orders.arrays
    wanted = arrays.stops[stop]
    experiment = _Experiment(orders, plan, stop)
    found = [change for kind in KINDS for change in kind(experiment)]
    verified = [change for change in found if change.verified]
    verified.sort(key=lambda change: (change.kind == "vehicle", change.extra_points, change.kind, change.subject))
    if not any(_gets_there(arrays, stop, vehicle) for vehicle in range(len(arrays.vehicles))):
        return LeftOut(wanted.id, "unreachable", tuple(verified))
    if all(v.shift_ends_s - v.shift_starts_s < wanted.service_s for v in arrays.vehicles):
        return LeftOut(wanted.id, "too_long", tuple(verified))
    if not any(wanted.skills.met_by(v.skills) for v in arrays.vehicles):
        return LeftOut(wanted.id, "no_skill", tuple(verified))
    return LeftOut(wanted.id, verified[0].kind if verified else "required", tuple(verified))


def _gets_there(arrays: Arrays, stop: int, vehicle: int) -> bool:
    here, driver = arrays.place[stop], arrays.vehicles[vehicle]
    there, back = arrays.duration[driver.start_place][here], arrays.duration[here][driver.end_place]
    return there < UNREACHABLE and back < UNREACHABLE


class _Experiment:
    """One unserved stop beside the plan in force; tries changes on one route at a time."""

    def __init__(self, orders: Orders, plan: Plan, stop: int) -> None:
        self.orders, self.plan, self.stop = orders, plan, stop
        self.arrays = orders.arrays
        self.wanted: Stop = self.arrays.stops[stop]

    def vehicles(self) -> list[int]:
        """Everybody who gets there and back."""
        return [v for v in range(len(self.arrays.vehicles)) if _gets_there(self.arrays, self.stop, v)]

    def eligible(self) -> list[int]:
        """Those of them whom skills and wishes allow."""
        return [v for v in self.vehicles() if self.arrays.eligible[self.stop, v]]

    def place(self, vehicle: int, wanted: Stop, driver: Vehicle) -> Place | None:
        """Where the stop goes in one route once stop and vehicle are changed; None when it does not fit or pay."""
        order = self.orders.orders[vehicle]
        stops = [*(self.arrays.stops[other] for other in order), wanted]
        places = np.array([driver.start_place, driver.end_place, *(stop.place for stop in stops)])
        matrix = self.arrays.problem.matrix
        cell = np.ix_(places, places)
        small = Problem(
            self.arrays.problem.t0_at,
            tuple(replace(stop, place=number + 2) for number, stop in enumerate(stops)),
            (replace(driver, start_place=0, end_place=1),),
            Matrix(matrix.duration_s[cell], matrix.distance_m[cell]),
        )
        found = Orders(arrays_of(small), [list(range(len(order)))]).cheapest(len(order))
        return found if found is not None and found.extra_points < wanted.unserved_cost else None

    def smallest(
        self, vehicles: Sequence[int], most: int, changed: Callable[[int, int], tuple[Stop, Vehicle] | None]
    ) -> tuple[int, int] | None:
        """The fewest units with which some vehicle takes the stop, and which; None when ``most`` are too few.

        More units never hurt, so each vehicle is first asked for one unit less than the best so far.
        """

        def works(vehicle: int, units: int) -> bool:
            case = changed(vehicle, units)
            return case is not None and self.place(vehicle, *case) is not None

        best: tuple[int, int] | None = None
        for vehicle in vehicles:
            most_here = _first_from(0, most, lambda units, v=vehicle: changed(v, units + 1) is None)  # type: ignore[misc]
            high = min(most_here, most if best is None else best[0] - 1)
            if high > 0 and works(vehicle, high):
                best = (_first_from(1, high, lambda units, v=vehicle: works(v, units)), vehicle)  # type: ignore[misc]
        return best

    def verified(
        self, kind: str, field: str | None, vehicle: int, wanted: Stop, driver: Vehicle, to: int | frozenset[str]
    ) -> Change | None:
        """The change as the judge sees it in the whole plan."""
        place = self.place(vehicle, wanted, driver)
        if place is None:
            return None
        arrays = self.arrays
        stops, vehicles = list(arrays.stops), list(arrays.vehicles)
        stops[self.stop], vehicles[vehicle] = wanted, driver
        orders = [list(order) for order in self.orders.orders]
        orders[vehicle].insert(place.position, self.stop)
        subject = wanted.id if wanted != arrays.stops[self.stop] else driver.id
        return self._judged(
            replace(arrays.problem, stops=tuple(stops), vehicles=tuple(vehicles)),
            orders,
            driver,
            Change(kind, subject, field, to, driver.id, 0, place.extra_points, verified=False),
        )

    def with_new(self, wanted: Stop, driver: Vehicle) -> Change | None:
        """The same for somebody new."""
        stops = list(self.arrays.stops)
        stops[self.stop] = wanted
        problem = replace(self.arrays.problem, stops=tuple(stops), vehicles=(*self.arrays.vehicles, driver))
        orders = [*(list(order) for order in self.orders.orders), [self.stop]]
        if not may_serve(wanted, driver):
            return None
        extra = arrays_of(problem).route_points(len(problem.vehicles) - 1, [self.stop])
        change = Change("vehicle", driver.id, None, driver, driver.id, 0, extra, verified=False)
        return self._judged(problem, orders, driver, change)

    def _judged(self, problem: Problem, orders: list[list[int]], driver: Vehicle, change: Change) -> Change | None:
        arrays = arrays_of(problem)
        if not all(Orders(arrays, orders).feasible(vehicle) for vehicle in range(len(orders))):
            return None
        plan = plan_of(arrays, orders)
        before = replace(self.plan, objective=cost(problem, self.plan))
        good = not violations(problem, plan) and plan.objective.total < before.objective.total
        starts_s = next(
            visit.service_starts_s
            for route in plan.routes
            if route.vehicle_id == driver.id
            for visit in route.visits
            if visit.stop_id == self.wanted.id
        )
        return replace(change, starts_s=starts_s, verified=good)


def _first_from(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """First number in low..high from which on something holds, high when only there or nowhere."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high


def _price(experiment: _Experiment) -> Iterator[Change]:
    """Possible, but dearer than leaving it out."""
    wanted = experiment.wanted
    place = experiment.orders.cheapest(experiment.stop)
    if place is not None:
        worth = replace(wanted, unserved_cost=place.extra_points + 1)
        driver = experiment.arrays.vehicles[place.vehicle]
        change = experiment.verified("price", "unserved_cost", place.vehicle, worth, driver, worth.unserved_cost)
        yield from [change] if change else []


def _window(experiment: _Experiment) -> Iterator[Change]:
    """Closing later or opening earlier, whichever moves less."""
    wanted = experiment.wanted
    if not wanted.windows:
        return
    drivers = experiment.arrays.vehicles
    first, last = wanted.windows[0], wanted.windows[-1]

    def later(vehicle: int, units: int) -> tuple[Stop, Vehicle] | None:
        window = Window(last.opens_s, last.closes_s + units * UNIT_S)
        moved = replace(wanted, windows=(*wanted.windows[:-1], window))
        return None if window.closes_s >= EDGE_S else (moved, drivers[vehicle])

    def earlier(vehicle: int, units: int) -> tuple[Stop, Vehicle] | None:
        window = Window(first.opens_s - units * UNIT_S, first.closes_s)
        moved = replace(wanted, windows=(window, *wanted.windows[1:]))
        return None if window.opens_s < 0 else (moved, drivers[vehicle])

    eligible = experiment.eligible()
    options = []
    for field, moved in (("closes_s", later), ("opens_s", earlier)):
        found = experiment.smallest(eligible, EDGE_S // UNIT_S, moved)
        if found is not None:
            options.append((found[0], field, moved, found[1]))
    if options:
        units, field, moved, vehicle = min(options, key=lambda option: option[:2])
        case = moved(vehicle, units)
        if case is not None:
            windows = case[0].windows
            to = windows[-1].closes_s if field == "closes_s" else windows[0].opens_s
            change = experiment.verified("window", field, vehicle, *case, to)
            yield from [change] if change else []


def _shift(experiment: _Experiment) -> Iterator[Change]:
    """Working longer or beginning earlier, whichever is less."""
    drivers, wanted = experiment.arrays.vehicles, experiment.wanted

    def later(vehicle: int, units: int) -> tuple[Stop, Vehicle] | None:
        driver = drivers[vehicle]
        ends_s = driver.shift_ends_s + units * UNIT_S
        return (
            None if ends_s - driver.shift_starts_s > LONGEST_SHIFT_S else (wanted, replace(driver, shift_ends_s=ends_s))
        )

    def earlier(vehicle: int, units: int) -> tuple[Stop, Vehicle] | None:
        driver = drivers[vehicle]
        starts_s = driver.shift_starts_s - units * UNIT_S
        if starts_s < 0 or driver.shift_ends_s - starts_s > LONGEST_SHIFT_S:
            return None
        return wanted, replace(driver, shift_starts_s=starts_s)

    options = []
    for field, moved in (("shift_ends_s", later), ("shift_starts_s", earlier)):
        found = experiment.smallest(experiment.eligible(), LONGEST_SHIFT_S // UNIT_S, moved)
        if found is not None:
            options.append((found[0], field, moved, found[1]))
    if options:
        units, field, moved, vehicle = min(options, key=lambda option: option[:2])
        case = moved(vehicle, units)
        if case is not None:
            change = experiment.verified("shift", field, vehicle, *case, getattr(case[1], field))
            yield from [change] if change else []


def _max_stops(experiment: _Experiment) -> Iterator[Change]:
    drivers, wanted = experiment.arrays.vehicles, experiment.wanted
    full = [v for v in experiment.eligible() if drivers[v].max_stops is not None]
    found = experiment.smallest(
        full,
        len(experiment.arrays.stops),
        lambda v, units: (wanted, replace(drivers[v], max_stops=(drivers[v].max_stops or 0) + units)),
    )
    if found is not None:
        driver = replace(drivers[found[1]], max_stops=(drivers[found[1]].max_stops or 0) + found[0])
        change = experiment.verified("max_stops", "max_stops", found[1], wanted, driver, driver.max_stops or 0)
        yield from [change] if change else []


def _max_travel(experiment: _Experiment) -> Iterator[Change]:
    drivers, wanted = experiment.arrays.vehicles, experiment.wanted
    tight = [v for v in experiment.eligible() if drivers[v].max_travel_s is not None]

    def roomier(vehicle: int, units: int) -> Vehicle:
        return replace(drivers[vehicle], max_travel_s=(drivers[vehicle].max_travel_s or 0) + units * UNIT_S)

    found = experiment.smallest(tight, LONGEST_SHIFT_S // UNIT_S, lambda v, units: (wanted, roomier(v, units)))
    if found is not None:
        driver = roomier(found[1], found[0])
        change = experiment.verified("max_travel", "max_travel_s", found[1], wanted, driver, driver.max_travel_s or 0)
        yield from [change] if change else []


def _skill(experiment: _Experiment) -> Iterator[Change]:
    """Somebody learns the one thing that is missing, whoever drives least for it."""
    drivers, wanted = experiment.arrays.vehicles, experiment.wanted
    options = []
    for vehicle in experiment.vehicles():
        driver = drivers[vehicle]
        missing = _missing(wanted.skills, driver.skills)
        learned = replace(driver, skills=driver.skills | missing)
        if len(missing) == 1 and may_serve(wanted, learned):
            place = experiment.place(vehicle, wanted, learned)
            if place is not None:
                options.append((place.extra_points, vehicle, learned))
    if options:
        _, vehicle, learned = min(options, key=lambda option: option[:2])
        change = experiment.verified("skill", "skills", vehicle, wanted, learned, learned.skills)
        yield from [change] if change else []


def _missing(needs: Skills, held: frozenset[str]) -> frozenset[str]:
    missing = needs.all_of - held
    if needs.one_of and not needs.one_of & held:
        missing |= {min(needs.one_of)}
    return missing


def _wishes(experiment: _Experiment) -> Iterator[Change]:
    """Dropping the one wanted person, or one of the unwanted."""
    drivers, wanted = experiment.arrays.vehicles, experiment.wanted
    cases: list[tuple[str, str, int, Stop, frozenset[str]]] = []
    for vehicle in experiment.vehicles():
        name = drivers[vehicle].id
        if wanted.required_vehicles and name not in wanted.required_vehicles | wanted.excluded_vehicles:
            free = replace(wanted, required_vehicles=frozenset())
            cases.append(("required", "required_vehicles", vehicle, free, frozenset()))
        elif name in wanted.excluded_vehicles and not wanted.required_vehicles - {name}:
            rest = wanted.excluded_vehicles - {name}
            cases.append(("excluded", "excluded_vehicles", vehicle, replace(wanted, excluded_vehicles=rest), rest))
    for kind in ("required", "excluded"):
        options = []
        for case in cases:
            place = experiment.place(case[2], case[3], drivers[case[2]]) if case[0] == kind else None
            if place is not None:
                options.append((place.extra_points, case[2], case))
        if options:
            _, _, (_, field, vehicle, stop, rest) = min(options, key=lambda option: option[:2])
            change = experiment.verified(kind, field, vehicle, stop, drivers[vehicle], rest)
            yield from [change] if change else []


def _new_vehicle(experiment: _Experiment) -> Iterator[Change]:
    """Somebody new who lives at the stop and works a day that holds it; a wish for others is widened to them."""
    wanted, arrays = experiment.wanted, experiment.arrays
    names = {vehicle.id for vehicle in arrays.vehicles}
    wished = sorted(wanted.required_vehicles - names)
    name = wished[0] if wished else _free_name(names | wanted.excluded_vehicles)
    day_s, opens_s = (8 * 3600, 17 * 3600), wanted.windows[0].opens_s if wanted.windows else 8 * 3600
    starts_s = max(0, min(day_s[0], opens_s // UNIT_S * UNIT_S))
    ends_s = max(day_s[1], -(-(max(opens_s, starts_s) + wanted.service_s) // UNIT_S) * UNIT_S)
    # A day that would be too long begins when the window opens.
    if ends_s - starts_s > LONGEST_SHIFT_S:
        starts_s = max(0, opens_s // UNIT_S * UNIT_S)
        ends_s = starts_s + max(USUAL_SHIFT_S, -(-wanted.service_s // UNIT_S) * UNIT_S)
    driver = Vehicle(name, wanted.place, wanted.place, starts_s, ends_s, skills=_missing(wanted.skills, frozenset()))
    also = None
    if wanted.required_vehicles - {name}:
        also, wanted = "required_vehicles", replace(wanted, required_vehicles=wanted.required_vehicles | {name})
    change = experiment.with_new(wanted, driver)
    if change is not None and not change.verified and wanted.preferred_vehicles:
        # The price of not being the preferred one is all that is in the way.
        also, wanted = "preferred_vehicles", replace(wanted, preferred_vehicles=wanted.preferred_vehicles | {name})
        change = experiment.with_new(wanted, driver)
    yield from [replace(change, also=also)] if change else []


def _free_name(taken: frozenset[str] | set[str]) -> str:
    return next(f"new-{n}" for n in range(1, len(taken) + 2) if f"new-{n}" not in taken)


KINDS: tuple[Callable[[_Experiment], Iterator[Change]], ...] = (
    _price,
    _window,
    _shift,
    _max_stops,
    _max_travel,
    _skill,
    _wishes,
    _new_vehicle,
)
"""Kinds of change, each tried once per stop."""
