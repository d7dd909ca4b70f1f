"""Random problems in VROOM's documented format, over every field that plans depend on, for suite vroom."""

from typing import Any

import numpy as np

SIZES = (20, 40, 80, 120, 200)
"""Tasks of a problem, jobs and both ends of shipments; as many problems of each."""

FEATURES = (
    "windows",
    "skills",
    "priorities",
    "amounts",
    "shipments",
    "breaks",
    "max_tasks",
    "max_travel_time",
    "max_distance",
    "costs",
    "profiles",
    "cost_matrix",
    "setup",
    "types",
    "open",
    "speed",
)
"""What a problem draws about half of."""

DAY_S = (8 * 3600, 18 * 3600)


def vroom_case(seed: int, n_tasks: int) -> dict[str, Any]:
    """A problem with custom matrices; the same seed and size, the same problem."""
    rng = np.random.default_rng([seed, n_tasks, 15])
    drawn = _drawn(rng)
    n_places = n_tasks + n_tasks // 10 + 2
    n_shipments = n_tasks // 6 if "shipments" in drawn else 0
    made: dict[str, Any] = {
        "jobs": [_job(rng, number, drawn) for number in range(n_tasks - 2 * n_shipments)],
        "vehicles": [_vehicle(rng, number, n_tasks, drawn) for number in range(max(2, n_tasks // 10))],
        "matrices": _matrices(rng, n_places, drawn),
    }
    if n_shipments:
        first = n_tasks - 2 * n_shipments
        made["shipments"] = [_shipment(rng, number, first + 2 * number, drawn) for number in range(n_shipments)]
    return made


def drawn_fields(seed: int, n_tasks: int) -> set[str]:
    """Which of ``FEATURES`` a problem has."""
    return _drawn(np.random.default_rng([seed, n_tasks, 15]))


def _drawn(rng: np.random.Generator) -> set[str]:
    drawn = {name for name in FEATURES if rng.random() < 0.5}
    # VROOM takes a price an hour or a matrix of prices, not both.
    return drawn - {"costs", "speed"} if "cost_matrix" in drawn else drawn


def _matrices(rng: np.random.Generator, n_places: int, drawn: set[str]) -> dict[str, Any]:
    xy = rng.uniform(0, 3600, (n_places, 2))
    seconds = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)).astype(np.int64)
    seconds += rng.integers(0, 60, seconds.shape)
    metres = seconds * 11 + rng.integers(0, 300, seconds.shape)
    for matrix in (seconds, metres):
        np.fill_diagonal(matrix, 0)
    car: dict[str, Any] = {"durations": seconds.tolist(), "distances": metres.tolist()}
    bike: dict[str, Any] = {"durations": (seconds * 3 // 2).tolist(), "distances": (metres * 9 // 10).tolist()}
    if "cost_matrix" in drawn:
        tolls = seconds + rng.integers(0, 400, seconds.shape)
        np.fill_diagonal(tolls, 0)
        car["costs"], bike["costs"] = tolls.tolist(), (tolls // 2).tolist()
    return {"car": car, "bike": bike} if "profiles" in drawn else {"car": car}


def _timing(rng: np.random.Generator, drawn: set[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"service": int(rng.integers(1, 40)) * 60}
    if "setup" in drawn:
        made["setup"] = int(rng.integers(0, 6)) * 100
    if "types" in drawn and rng.random() < 0.5:
        made["service_per_type"] = {"quick": made["service"] // 2}
        if "setup" in drawn:
            made["setup_per_type"] = {"quick": 0, "slow": made["setup"] + 300}
    if "windows" in drawn and rng.random() < 0.6:
        opens_s = int(rng.integers(DAY_S[0] // 60, DAY_S[1] // 60 - 60)) * 60
        first = [opens_s, opens_s + int(rng.integers(20, 180)) * 60]
        made["time_windows"] = [first]
        if rng.random() < 0.2:
            later_s = first[1] + int(rng.integers(20, 120)) * 60
            made["time_windows"].append([later_s, later_s + 3600])
    return made


def _common(rng: np.random.Generator, drawn: set[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if "skills" in drawn and rng.random() < 0.5:
        made["skills"] = sorted(rng.choice([1, 2, 3, 4], int(rng.integers(1, 3)), replace=False).tolist())
    if "priorities" in drawn:
        made["priority"] = int(rng.choice([0, 0, 5, 10, 40, 100]))
    return made


def _job(rng: np.random.Generator, number: int, drawn: set[str]) -> dict[str, Any]:
    place = int(rng.integers(number)) if number and "setup" in drawn and rng.random() < 0.2 else number
    made = {"id": number + 1, "location_index": place} | _timing(rng, drawn) | _common(rng, drawn)
    if "amounts" in drawn:
        made["delivery"] = rng.integers(0, 4, 2).tolist()
        if rng.random() < 0.4:
            made["pickup"] = rng.integers(0, 4, 2).tolist()
    return made


def _shipment(rng: np.random.Generator, number: int, place: int, drawn: set[str]) -> dict[str, Any]:
    ends = [{"id": number + 1, "location_index": place + end} | _timing(rng, drawn) for end in (0, 1)]
    made = {"pickup": ends[0], "delivery": ends[1]} | _common(rng, drawn)
    if "amounts" in drawn:
        made["amount"] = rng.integers(0, 4, 2).tolist()
    return made


def _vehicle(rng: np.random.Generator, number: int, n_tasks: int, drawn: set[str]) -> dict[str, Any]:
    home = n_tasks + number
    starts_s = DAY_S[0] + int(rng.integers(-4, 5)) * 1800
    made: dict[str, Any] = {"id": number + 1, "start_index": home, "end_index": home}
    made["time_window"] = [starts_s, starts_s + int(rng.integers(6, 11)) * 3600]
    shape = rng.random()
    if "open" in drawn and shape < 0.4:
        del made["start_index" if shape < 0.2 else "end_index"]
    if "profiles" in drawn:
        made["profile"] = str(rng.choice(["car", "bike"]))
    if "amounts" in drawn:
        made["capacity"] = rng.integers(8, 25, 2).tolist()
    if "skills" in drawn:
        made["skills"] = sorted(rng.choice([1, 2, 3, 4], int(rng.integers(1, 5)), replace=False).tolist())
    if "types" in drawn:
        made["type"] = str(rng.choice(["quick", "slow", "usual"]))
    if "speed" in drawn:
        made["speed_factor"] = float(rng.choice([1.0, 0.8, 1.25]))
    if "breaks" in drawn and rng.random() < 0.7:
        middle_s = starts_s + int(rng.integers(2, 4)) * 3600
        made["breaks"] = [{"id": 1, "time_windows": [[middle_s, middle_s + 5400]], "service": 1800}]
        if "amounts" in drawn and rng.random() < 0.2:
            made["breaks"][0]["max_load"] = [20, 20]
    return made | _limits(rng, drawn)


def _limits(rng: np.random.Generator, drawn: set[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if "max_tasks" in drawn:
        made["max_tasks"] = int(rng.integers(4, 14))
    if "max_travel_time" in drawn:
        made["max_travel_time"] = int(rng.integers(90, 300)) * 60
    if "max_distance" in drawn:
        made["max_distance"] = int(rng.integers(60, 250)) * 1000
    if "costs" in drawn:
        made["costs"] = {
            "fixed": int(rng.choice([0, 600, 3600])),
            "per_hour": int(rng.choice([1800, 3600, 5400])),
            "per_km": int(rng.choice([0, 0, 50])),
        }
    return made
