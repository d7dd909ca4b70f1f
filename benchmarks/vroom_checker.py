"""Is a solution in VROOM's format a solution? Checked from its steps and VROOM's documentation alone.

Shares no code with whoever made it: neither with VROOM nor with ``routing.vroom``. Where VROOM rounds (it counts in
hundredths of seconds inside), one second a step is allowed.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

ROUNDING_S = 1


@dataclass(frozen=True, slots=True)
class Worth:
    """What a solution is worth, as VROOM compares: priorities, then tasks, then cost."""

    priorities: int
    n_tasks: int
    cost: Fraction

    def beats(self, other: "Worth") -> bool:
        """Whether this is better."""
        return (self.priorities, self.n_tasks, -self.cost) > (other.priorities, other.n_tasks, -other.cost)


@dataclass(slots=True)
class Checked:
    """What was found wrong, and what the solution is worth."""

    faults: list[str] = field(default_factory=list)
    priorities: int = 0
    n_tasks: int = 0
    cost: Fraction = Fraction(0)

    @property
    def worth(self) -> Worth:
        """Its worth."""
        return Worth(self.priorities, self.n_tasks, self.cost)


def checked(problem: dict[str, Any], solution: dict[str, Any]) -> Checked:
    """Everything wrong with a solution, and what it is worth by its own steps."""
    found = Checked()
    tasks = _tasks(problem)
    vehicles = {vehicle["id"]: vehicle for vehicle in problem["vehicles"]}
    served: Counter[tuple[str, int]] = Counter()
    for route in solution["routes"]:
        if route["vehicle"] not in vehicles:
            found.faults.append(f"vehicle {route['vehicle']} is unknown")
            continue
        one = _Route(problem, vehicles[route["vehicle"]], tasks, route["steps"])
        found.faults += [f"vehicle {route['vehicle']}: {fault}" for fault in one.faults()]
        found.cost += one.cost()
        served.update(one.served())
    routed = Counter(route["vehicle"] for route in solution["routes"])
    found.faults += [f"vehicle {name} has {times} routes" for name, times in routed.items() if times > 1]
    left_out = Counter((one["type"], one["id"]) for one in solution["unassigned"])
    for key, task in tasks.items():
        times = served[key] + left_out[key]
        if times != 1:
            found.faults.append(f"{key[0]} {key[1]} stands in the solution {times} times")
        if served[key]:
            found.n_tasks += 1
            # Both ends of a shipment carry its priority; it counts once for each, as VROOM sums it.
            found.priorities += task.get("priority", 0)
    for key in (served + left_out).keys() - tasks.keys():
        found.faults.append(f"{key[0]} {key[1]} is unknown")
    return found


def _tasks(problem: dict[str, Any]) -> dict[tuple[str, int], dict[str, Any]]:
    """Jobs and ends of shipments by type and id, the latter with what their shipment says of both."""
    tasks = {("job", job["id"]): job for job in problem.get("jobs", [])}
    for number, shipment in enumerate(problem.get("shipments", [])):
        shared = {key: shipment[key] for key in ("skills", "priority", "amount") if key in shipment}
        for end in ("pickup", "delivery"):
            tasks[end, shipment[end]["id"]] = shipment[end] | shared | {"shipment": number}
    return tasks


class _Route:
    """One vehicle's steps."""

    def __init__(
        self,
        problem: dict[str, Any],
        vehicle: dict[str, Any],
        tasks: dict[tuple[str, int], dict[str, Any]],
        steps: list[dict[str, Any]],
    ) -> None:
        self.vehicle, self.tasks, self.steps = vehicle, tasks, steps
        self.tables = problem["matrices"][vehicle.get("profile", "car")]
        self.visits = [step for step in steps if step["type"] in ("job", "pickup", "delivery")]
        self.places = [step["location_index"] for step in steps if step["type"] != "break"]

    def served(self) -> list[tuple[str, int]]:
        """Tasks in order."""
        return [(step["type"], step["id"]) for step in self.visits]

    def faults(self) -> Iterator[str]:
        """What is wrong."""
        unknown = [key for key in self.served() if key not in self.tasks]
        if unknown:
            yield f"{unknown[0]} is unknown"
            return
        yield from self._ends()
        yield from self._clock()
        yield from self._tasks_in_time()
        yield from self._loads()
        yield from self._pairs()
        yield from self._breaks()
        yield from self._limits()

    def cost(self) -> Fraction:
        """Fixed, by the hour of driving or by the matrix of costs, by the kilometre."""
        costs = self.vehicle.get("costs", {})
        legs = list(itertools.pairwise(self.places))
        total: Fraction = Fraction(costs.get("fixed", 0))
        if "costs" in self.tables:
            total += Fraction(sum(self.tables["costs"][a][b] for a, b in legs))
        else:
            total += self._travel_s() * Fraction(costs.get("per_hour", 3600), 3600)
        metres = self.tables.get("distances")
        if metres is not None:
            total += Fraction(sum(metres[a][b] for a, b in legs) * costs.get("per_km", 0), 1000)
        return total

    def _slowness(self) -> Fraction:
        """Seconds that a second of the table takes: VROOM keeps two digits of 1 / speed_factor."""
        return Fraction(round(100 / float(self.vehicle.get("speed_factor", 1))), 100)

    def _travel_s(self) -> Fraction:
        seconds = sum(self.tables["durations"][a][b] for a, b in itertools.pairwise(self.places))
        return Fraction(seconds * self._slowness())

    def _ends(self) -> Iterator[str]:
        for kind, field_name, position in (("start", "start_index", 0), ("end", "end_index", -1)):
            step = self.steps[position]
            wanted = self.vehicle.get(field_name)
            if wanted is not None and (step["type"] != kind or step["location_index"] != wanted):
                yield f"does not {kind} at {wanted}"
        opens_s, closes_s = self.vehicle.get("time_window", [0, 2**40])
        if self.steps[0]["arrival"] < opens_s:
            yield f"leaves {opens_s - self.steps[0]['arrival']} s before its time window"
        last = self.steps[-1]
        ends_s = last["arrival"] + last.get("waiting_time", 0) + last.get("setup", 0) + last.get("service", 0)
        if ends_s > closes_s:
            yield f"ends {ends_s - closes_s} s after its time window"

    def _clock(self) -> Iterator[str]:
        """Arrivals follow from departures and the driving between; the driving is the matrix's."""
        slowness = float(self._slowness())
        driven_s, place = 0, None
        for before, step in zip([None, *self.steps], self.steps, strict=False):
            if before is not None:
                leaves_s = before["arrival"] + before.get("waiting_time", 0) + before["setup"] + before["service"]
                drives_s = step["duration"] - before["duration"]
                if drives_s < 0 or abs(step["arrival"] - leaves_s - drives_s) > ROUNDING_S:
                    yield f"arrives at {step['arrival']} after leaving at {leaves_s} and driving {drives_s}"
            if step["type"] == "break":
                continue
            if place is not None:
                leg_s = self.tables["durations"][place][step["location_index"]] * slowness
                if abs(step["duration"] - driven_s - leg_s) > ROUNDING_S:
                    yield f"drives {step['duration'] - driven_s} s on a leg of {leg_s:g} s"
            driven_s, place = step["duration"], step["location_index"]

    def _tasks_in_time(self) -> Iterator[str]:
        place = self.vehicle.get("start_index")
        kind, held = self.vehicle.get("type"), set(self.vehicle.get("skills", []))
        for step in self.visits:
            task, name = self.tasks[step["type"], step["id"]], f"{step['type']} {step['id']}"
            if step["location_index"] != task["location_index"]:
                yield f"{name} is served at {step['location_index']}"
            if not set(task.get("skills", [])) <= held:
                yield f"{name} asks for skills {task['skills']}"
            service_s = task.get("service_per_type", {}).get(kind, task.get("service", 0))
            setup_s = task.get("setup_per_type", {}).get(kind, task.get("setup", 0))
            if place == step["location_index"]:
                setup_s = 0
            if (step["service"], step["setup"]) != (service_s, setup_s):
                yield f"{name} takes {step['service']} + {step['setup']} s, due are {service_s} + {setup_s} s"
            place = step["location_index"]
            begins_s = step["arrival"] + step.get("waiting_time", 0)
            if not _within(task.get("time_windows"), begins_s):
                yield f"{name} begins at {begins_s}, outside {task['time_windows']}"

    def _loads(self) -> Iterator[str]:
        capacity = self.vehicle.get("capacity")
        if capacity is None:
            return
        tasks = [self.tasks[key] for key in self.served()]
        none = [0] * len(capacity)
        load = [
            sum(task.get("delivery", none)[d] for task in tasks if "shipment" not in task) for d in range(len(none))
        ]
        loads = [load]
        for (kind, _), task in zip(self.served(), tasks, strict=True):
            load = list(load)
            for d in range(len(none)):
                if kind == "job":
                    load[d] += task.get("pickup", none)[d] - task.get("delivery", none)[d]
                else:
                    load[d] += task.get("amount", none)[d] * (1 if kind == "pickup" else -1)
            loads.append(load)
        for number, at in enumerate(loads):
            if any(carried > most for carried, most in zip(at, capacity, strict=True)):
                yield f"carries {at} of {capacity} after {number} tasks"
        yield from self._rested_loads(loads)

    def _rested_loads(self, loads: list[list[int]]) -> Iterator[str]:
        most = {pause["id"]: pause["max_load"] for pause in self.vehicle.get("breaks", []) if "max_load" in pause}
        n_done = 0
        for step in self.steps:
            limits = most.get(step["id"], loads[n_done]) if step["type"] == "break" else loads[n_done]
            if any(carried > limit for carried, limit in zip(loads[n_done], limits, strict=True)):
                yield f"carries {loads[n_done]} during break {step['id']}, at most {limits}"
            n_done += step["type"] in ("job", "pickup", "delivery")

    def _pairs(self) -> Iterator[str]:
        at = {key: number for number, key in enumerate(self.served())}
        for (kind, name), number in at.items():
            if kind == "job":
                continue
            shipment = self.tasks[kind, name]["shipment"]
            other = "delivery" if kind == "pickup" else "pickup"
            mates = [n for key, n in at.items() if key[0] == other and self.tasks[key]["shipment"] == shipment]
            if not mates:
                yield f"{kind} {name} without its {other}"
            elif kind == "pickup" and mates[0] < number:
                yield f"delivery before pickup {name}"

    def _breaks(self) -> Iterator[str]:
        due = {pause["id"]: pause for pause in self.vehicle.get("breaks", [])}
        taken = [step for step in self.steps if step["type"] == "break"]
        if sorted(step["id"] for step in taken) != sorted(due):
            yield f"takes breaks {[step['id'] for step in taken]} of {sorted(due)}"
            return
        for step in taken:
            pause = due[step["id"]]
            begins_s = step["arrival"] + step.get("waiting_time", 0)
            if step["service"] != pause.get("service", 0):
                yield f"break {step['id']} lasts {step['service']} s"
            if not _within(pause.get("time_windows"), begins_s):
                yield f"break {step['id']} begins at {begins_s}, outside {pause['time_windows']}"

    def _limits(self) -> Iterator[str]:
        if len(self.visits) > self.vehicle.get("max_tasks", len(self.visits)):
            yield f"has {len(self.visits)} tasks"
        if self._travel_s() > self.vehicle.get("max_travel_time", 2**40) + ROUNDING_S:
            yield f"drives {float(self._travel_s()):g} s"
        metres = self.tables.get("distances")
        if metres is not None and "max_distance" in self.vehicle:
            driven_m = sum(metres[a][b] for a, b in itertools.pairwise(self.places))
            if driven_m > self.vehicle["max_distance"]:
                yield f"drives {driven_m} m"


def _within(windows: list[list[int]] | None, begins_s: int) -> bool:
    return windows is None or any(opens_s <= begins_s <= closes_s for opens_s, closes_s in windows)
