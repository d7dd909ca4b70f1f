"""Whether a solution in VROOM's format keeps what its problem asks; reads both JSONs and shares nothing with us."""

import math
from fractions import Fraction

TASKS = ("job", "pickup", "delivery")


def wrong_with(problem, solution):
    """Everything that is wrong, as sentences; custom matrices and vehicles with ids of their own only."""
    found = []
    tasks = tasks_of(problem)
    seen = [
        (step["type"], step["id"]) for route in solution["routes"] for step in route["steps"] if step["type"] in TASKS
    ]
    left = [(task["type"], task["id"]) for task in solution["unassigned"]]
    if sorted(seen + left) != sorted(tasks):
        found.append(f"served {seen} and left out {left}, of {sorted(tasks)}")
    vehicles = {vehicle["id"]: vehicle for vehicle in problem["vehicles"]}
    for route in solution["routes"]:
        of = vehicles[route["vehicle"]]
        found += [f"vehicle {of['id']}: {said}" for said in _route(problem, of, tasks, route)]
    summary = solution["summary"]
    for name in ("cost", "setup", "service", "duration", "waiting_time", "priority", "distance", "delivery", "pickup"):
        stated = [route[name] for route in solution["routes"] if name in route]
        if name in summary and stated and isinstance(stated[0], int) and summary[name] != sum(stated):
            found.append(f"summary: {name} is {summary[name]}, the routes add up to {sum(stated)}")
    if (summary["unassigned"], summary["routes"]) != (len(left), len(solution["routes"])):
        found.append("summary: numbers of routes and of unassigned tasks")
    return found


def tasks_of(problem):
    """Tasks by (type, id); ends of shipments with what they share, and the amounts under "in" and "out"."""
    n = len(problem["vehicles"][0].get("capacity", []))
    tasks = {}
    for job in problem.get("jobs", []):
        amount = job.get("amount", [0] * n) if not {"delivery", "pickup"} & set(job) else [0] * n
        tasks["job", job["id"]] = job | {"out": job.get("delivery", amount), "in": job.get("pickup", [0] * n)}
    for shipment in problem.get("shipments", []):
        shared = {name: shipment[name] for name in ("skills", "priority") if name in shipment}
        amount = shipment.get("amount", [0] * n)
        mates = {"pickup": {"out": [0] * n, "in": amount}, "delivery": {"out": amount, "in": [0] * n}}
        for name, amounts in mates.items():
            other = "delivery" if name == "pickup" else "pickup"
            tasks[name, shipment[name]["id"]] = (
                shipment[name] | shared | amounts | {"mate": (other, shipment[other]["id"])}
            )
    return tasks


def _route(problem, of, tasks, route):
    steps = route["steps"]
    names = [(step["type"], step.get("id")) for step in steps]
    if names[0][0] != "start" or names[-1][0] != "end":
        yield "does not begin with a start and end with an end"
    yield from _clock(of, tasks, steps)
    yield from _travel(problem, of, tasks, route)
    yield from _loads(of, tasks, steps)
    done = [tasks[name] for name in names if name[0] in TASKS]
    for number, name in enumerate(names):
        mate = tasks[name].get("mate") if name[0] in TASKS else None
        if mate and (mate not in names or (names.index(mate) < number) != (name[0] == "delivery")):
            yield f"{name} without {mate} on the right side"
    if any(not set(task.get("skills", [])) <= set(of.get("skills", [])) for task in done):
        yield "lacks a skill"
    if len(done) > of.get("max_tasks", math.inf):
        yield "has too many tasks"
    breaks = sorted(step["id"] for step in steps if step["type"] == "break")
    if breaks != sorted(pause["id"] for pause in of.get("breaks", [])):
        yield f"takes the breaks {breaks}"
    if route["priority"] != sum(task.get("priority", 0) for task in done):
        yield "priority does not add up"
    for name in ("setup", "service", "waiting_time"):
        if route[name] != sum(step[name] for step in steps):
            yield f"{name} does not add up"
    if route["violations"] or any(step["violations"] for step in steps):
        yield "states a violation"


def _clock(of, tasks, steps):
    """Everything begins in its window, lasts what it takes, and follows from what was before."""
    place = of.get("start_index")
    for number, step in enumerate(steps):
        begins = step["arrival"] + step["waiting_time"]
        windows = [of["time_window"]] if "time_window" in of else []
        if step["type"] in TASKS:
            task, kind = tasks[step["type"], step["id"]], of.get("type")
            setup = task.get("setup_per_type", {}).get(kind, task.get("setup", 0))
            service = task.get("service_per_type", {}).get(kind, task.get("service", 0))
            takes = (0 if place == task["location_index"] else setup, service)
            place = task["location_index"]
            windows = task.get("time_windows", [])
        elif step["type"] == "break":
            pause = next(pause for pause in of["breaks"] if pause["id"] == step["id"])
            takes, windows = (0, pause.get("service", 0)), pause.get("time_windows", [])
            if any(load > most for load, most in zip(step.get("load", []), pause.get("max_load", []), strict=False)):
                yield f"break {step['id']} with {step['load']} on board"
        else:
            takes = (0, 0)
        if (step["setup"], step["service"]) != takes:
            yield f"{step['type']} takes {step['setup']} and {step['service']} s, not {takes}"
        if windows and not any(opens <= begins <= closes for opens, closes in windows):
            yield f"{step['type']} {step.get('id')} begins at {begins}, outside {windows}"
        if step["waiting_time"] < 0:
            yield "waits for less than nothing"
        if number:
            before = steps[number - 1]
            free = before["arrival"] + before["waiting_time"] + before["setup"] + before["service"]
            if step["arrival"] != free + step["duration"] - before["duration"] or step["duration"] < before["duration"]:
                yield f"{step['type']} {step.get('id')} at {step['arrival']} does not follow from {free}"


def _travel(problem, of, tasks, route):
    """Legs take what the matrix says, breaks or not, and cost what the vehicle's costs say."""
    given = problem["matrices"][of.get("profile", "car")]
    speed, costs = of.get("speed_factor", 1.0), of.get("costs", {})
    before, place, metres, price = route["steps"][0], of.get("start_index"), 0, 0
    for step in route["steps"][1:]:
        if step["type"] == "break":
            continue
        there = tasks[step["type"], step["id"]]["location_index"] if step["type"] in TASKS else of.get("end_index")
        seconds = 0
        if place is not None and there is not None:
            seconds = given["durations"][place][there] * round(100 / speed) / 100
            metres += given["distances"][place][there] if "distances" in given else 0
            price += given["costs"][place][there] if "costs" in given else 0
        if abs(step["duration"] - before["duration"] - seconds) >= (1 if speed != 1 else 0.5):
            yield f"the leg to {step['type']} takes {step['duration'] - before['duration']} s, not {seconds}"
        if step.get("distance", metres) != metres:
            yield f"{step['distance']} m at {step['type']}, not {metres}"
        before, place = step, there
    if (route["duration"], route.get("distance", metres)) != (before["duration"], metres):
        yield "duration or distance does not add up"
    if route["duration"] > of.get("max_travel_time", math.inf) or metres > of.get("max_distance", math.inf):
        yield f"drives {route['duration']} s and {metres} m"
    if "costs" not in given:
        price = Fraction(route["duration"] * costs.get("per_hour", 3600), 3600) + Fraction(
            metres * costs.get("per_km", 0), 1000
        )
    worked = (route["setup"] + route["service"]) * costs.get("per_task_hour", 0) // 3600
    due = costs.get("fixed", 0) + math.floor(price + Fraction(1, 2)) + worked
    if route["cost"] != due:
        yield f"costs {due}, not {route['cost']}"


def _loads(of, tasks, steps):
    if "capacity" not in of:
        return
    jobs = [tasks["job", step["id"]]["out"] for step in steps if step["type"] == "job"]
    load = [sum(column) for column in zip([0] * len(of["capacity"]), *jobs, strict=True)]
    for step in steps:
        if step["type"] in TASKS:
            task = tasks[step["type"], step["id"]]
            load = [have + more - less for have, more, less in zip(load, task["in"], task["out"], strict=True)]
        if step["load"] != load or any(have > most for have, most in zip(load, of["capacity"], strict=True)):
            yield f"{step['type']} {step.get('id')}: {load} on board of {of['capacity']}, stated {step['load']}"
