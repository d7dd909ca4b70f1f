"""Requests in VROOM's format: tiny ones to be checked in the head, random ones over every documented field."""

import numpy as np

STREET = [[0, 5, 6], [5, 0, 7], [6, 7, 0]]
"""Seconds between a depot and two doors."""


def two_jobs(**vehicle):
    """Jobs 7 and 8 at the doors 1 and 2, one vehicle from and to the depot; 18 s whichever way round."""
    return {
        "vehicles": [{"id": 1, "start_index": 0, "end_index": 0, **vehicle}],
        "jobs": [{"id": 7, "location_index": 1}, {"id": 8, "location_index": 2}],
        "matrices": {"car": {"durations": STREET}},
    }


def one_shipment(**shipment):
    """Fetch at door 1, bring to door 2."""
    problem = two_jobs()
    problem["jobs"] = []
    problem["shipments"] = [
        {"pickup": {"id": 1, "location_index": 1}, "delivery": {"id": 1, "location_index": 2}, **shipment}
    ]
    return problem


def random_request(seed, n_jobs=7, n_shipments=3, n_vehicles=3, *, speeds=True):
    """A random problem; each draws some of the documented fields, so that each meets each other."""
    rng = np.random.default_rng([seed, 4711])
    has = {name: rng.random() < 0.5 for name in FEATURES}
    has["speed"] = has["speed"] and speeds
    n_places = n_jobs + 2 * n_shipments + n_vehicles
    n_dimensions = int(rng.integers(1, 3)) if has["amounts"] else 0
    horizon = 4000
    profiles = ["car", "bike"] if has["profiles"] else ["car"]
    problem = {
        "vehicles": [_vehicle(rng, has, v, n_places, n_dimensions, horizon, profiles) for v in range(n_vehicles)],
        "jobs": [_job(rng, has, j, n_places, n_dimensions, horizon) for j in range(n_jobs)],
        "matrices": {profile: _matrices(rng, has, n_places) for profile in profiles},
    }
    if has["shipments"]:
        problem["shipments"] = [_shipment(rng, has, s, n_places, n_dimensions, horizon) for s in range(n_shipments)]
    if has["cost_matrix"]:
        for vehicle in problem["vehicles"]:
            vehicle.get("costs", {}).pop("per_hour", None)
    return problem


FEATURES = (
    *("amounts", "shipments", "skills", "priorities", "windows", "setup", "types", "open", "capacity", "shift"),
    *("breaks", "loose_breaks", "max_tasks", "max_travel_time", "max_distance", "speed", "costs", "profiles"),
    *("cost_matrix", "descriptions", "same_place"),
)
"""What a random request may have."""


def with_random_steps(problem, seed):
    """The same problem with a random route for each vehicle, whether or not it can be driven."""
    rng = np.random.default_rng([seed, 99])
    steps = [{"type": "job", "id": job["id"]} for job in problem["jobs"]]
    for shipment in problem.get("shipments", []):
        steps += [{"type": name, "id": shipment[name]["id"]} for name in ("pickup", "delivery")]
    owner = rng.integers(0, len(problem["vehicles"]) + 1, len(steps))
    for number, vehicle in enumerate(problem["vehicles"]):
        own = [steps[k] for k in rng.permutation(len(steps)) if owner[k] == number]
        breaks = sorted(vehicle.get("breaks", []), key=lambda pause: min(pause["time_windows"]))
        for pause in breaks if rng.random() < 0.8 else breaks[1:]:
            own.insert(int(rng.integers(0, len(own) + 1)), {"type": "break", "id": pause["id"]})
        if any(step["type"] != "break" for step in own):
            vehicle["steps"] = [{"type": "start"}, *own, {"type": "end"}]
    return problem


def _matrices(rng, has, n_places):
    xy = rng.uniform(0, 600, (n_places, 2))
    if has["same_place"]:
        xy[1] = xy[0]
    seconds = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)).astype(np.int64)
    seconds += rng.integers(0, 30, seconds.shape)
    np.fill_diagonal(seconds, 0)
    matrices = {"durations": seconds.tolist()}
    if has["max_distance"] or has["costs"]:
        matrices["distances"] = (seconds * int(rng.integers(8, 14))).tolist()
    if has["cost_matrix"]:
        matrices["costs"] = (seconds * 2 + 5).tolist()
    return matrices


def _windows(rng, horizon, most=3):
    ends = np.sort(rng.choice(horizon, 2 * int(rng.integers(1, most + 1)), replace=False)).tolist()
    return [list(pair) for pair in zip(ends[::2], ends[1::2], strict=True)]


def _task(rng, has, name, n_places, horizon):
    task = {"id": name, "location_index": int(rng.integers(n_places)), "service": int(rng.integers(0, 200))}
    if has["setup"]:
        task["setup"] = int(rng.integers(0, 90))
    if has["types"]:
        task["service_per_type"] = {"fast": int(rng.integers(0, 60))}
        task["setup_per_type"] = {"slow": int(rng.integers(0, 120))}
    if has["windows"] and rng.random() < 0.6:
        task["time_windows"] = _windows(rng, horizon)
    if has["descriptions"]:
        task |= {"description": f"task {name}", "location": [float(name), 1.5]}
    return task


def _amount(rng, n_dimensions):
    return rng.integers(0, 4, n_dimensions).tolist()


def _wishes(rng, has):
    wishes = {}
    if has["skills"]:
        wishes["skills"] = rng.choice(3, int(rng.integers(0, 2)), replace=False).tolist()
    if has["priorities"]:
        wishes["priority"] = int(rng.choice([0, 0, 1, 5, 10, 100]))
    return wishes


def _job(rng, has, number, n_places, n_dimensions, horizon):
    job = _task(rng, has, number + 1, n_places, horizon) | _wishes(rng, has)
    if n_dimensions:
        job[str(rng.choice(["delivery", "pickup", "amount"]))] = _amount(rng, n_dimensions)
    return job


def _shipment(rng, has, number, n_places, n_dimensions, horizon):
    shipment = {name: _task(rng, has, number + 1, n_places, horizon) for name in ("pickup", "delivery")}
    if n_dimensions:
        shipment["amount"] = _amount(rng, n_dimensions)
    return shipment | _wishes(rng, has)


def _vehicle(rng, has, number, n_places, n_dimensions, horizon, profiles):
    vehicle = {"id": number + 1, "start_index": int(rng.integers(n_places)), "end_index": int(rng.integers(n_places))}
    if has["open"] and rng.random() < 0.6:
        del vehicle[str(rng.choice(["start_index", "end_index"]))]
    if n_dimensions:
        most = 12 if has["capacity"] else 60
        vehicle["capacity"] = rng.integers(most // 2, most, n_dimensions).tolist()
    if has["shift"]:
        starts = int(rng.integers(0, horizon // 4))
        vehicle["time_window"] = [starts, starts + int(rng.integers(horizon // 2, horizon))]
    if has["breaks"] and rng.random() < 0.7:
        vehicle["breaks"] = _breaks(rng, has, n_dimensions, *vehicle.get("time_window", [0, horizon]))
    drawn = {
        "skills": ("skills", rng.choice(3, int(rng.integers(0, 4)), replace=False).tolist()),
        "types": ("type", str(rng.choice(["fast", "slow", "other"]))),
        "max_tasks": ("max_tasks", int(rng.integers(1, 7))),
        "max_travel_time": ("max_travel_time", int(rng.integers(200, 2500))),
        "max_distance": ("max_distance", int(rng.integers(2000, 25_000))),
        "speed": ("speed_factor", float(rng.choice([1.0, 0.7, 1.3, 2.0]))),
        "costs": ("costs", _costs(rng)),
        "profiles": ("profile", str(rng.choice(profiles))),
        "descriptions": ("description", f"van {number}"),
    }
    return vehicle | dict(field for name, field in drawn.items() if has[name])


def _costs(rng):
    return {
        "fixed": int(rng.integers(0, 500)),
        "per_hour": int(rng.choice([3600, 1800, 100])),
        "per_task_hour": int(rng.choice([0, 360])),
        "per_km": int(rng.choice([0, 7])),
    }


def _breaks(rng, has, n_dimensions, opens, closes):
    """One or two breaks that fit one after the other."""
    middle = (opens + closes) // 2
    breaks = []
    for number, (a, b) in enumerate([(opens, middle - 200), (middle, closes - 200)][: int(rng.integers(1, 3))]):
        pause = {"id": number + 1, "time_windows": [[a + (b - a) // 4, b]], "service": int(rng.integers(1, 150))}
        if has["loose_breaks"]:
            pause["time_windows"] = [[a, a + (b - a) // 5], [a + (b - a) // 2, b]]
            pause["service"] = int(rng.choice([0, 60]))
            if n_dimensions:
                pause["max_load"] = rng.integers(0, 8, n_dimensions).tolist()
        breaks.append(pause)
    return breaks
