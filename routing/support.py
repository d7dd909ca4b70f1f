"""What a day can ask for, and which search states it: the table that the README prints.

*Fast* is ``improve.lean``, *general* the rest of ``improve``, both compiled. What one part of a problem needs holds for
the whole problem: the slower decides.
"""

from typing import NamedTuple

FAST, GENERAL = "fast", "general"


class Support(NamedTuple):
    """A line: what it is, the fields of ``routing.types`` that say it, and which search states it."""

    what: str
    fields: tuple[str, ...]
    search: str


TABLE = (
    Support("Hard windows, one or several a stop", ("windows",), FAST),
    Support("Soft windows, a price a second late", ("due_s", "late_cost_per_s"), GENERAL),
    Support("Skills: all of, one of, none of", ("skills",), FAST),
    Support("Levels as a preference with a price", ("skill_wishes", "skill_levels"), FAST),
    Support(
        "Required, excluded, preferred people",
        ("required_vehicles", "excluded_vehicles", "preferred_vehicles", "preference_cost"),
        FAST,
    ),
    Support("Priorities and prizes", ("unserved_cost",), FAST),
    Support("One break with a window", ("breaks",), FAST),
    Support("Several breaks, each with windows", ("breaks",), GENERAL),
    Support("Most jobs, most driving, most distance", ("max_stops", "max_travel_s", "max_distance_m"), FAST),
    Support("Most working time", ("max_work_s",), f"{FAST}, with breaks, set-ups or several windows {GENERAL}"),
    Support("Overtime with a price", ("overtime_from_s", "overtime_cost_per_s"), GENERAL),
    Support("Costs by the hour, the km, the day, of each person", ("cost_per_hour", "cost_per_km", "cost_fixed"), FAST),
    Support("Costs of service", ("cost_per_service_hour",), f"{FAST}, with set-ups {GENERAL}"),
    Support("Service time by person", ("service_for",), FAST),
    Support("Set-up once per place", ("setup_s",), FAST),
    Support("Start and end anywhere, or open", ("start_place", "end_place"), FAST),
    Support("A matrix of one's own, legs with a price of their own", ("matrix", "more_matrices", "cost_points"), FAST),
    Support("Loads of any dimensions, delivered and collected", ("delivers", "collects", "capacity"), FAST),
    Support("Fetch the part, then do the job", ("deliveries",), FAST),
    Support("B after A, with a gap", ("successions",), GENERAL),
    Support("Several people at one job at the same time", ("crews",), GENERAL),
    Support("Stops visited or under way", ("frozen",), FAST),
    Support("A price per moved promise: time, person", ("promise",), FAST),
    Support("A price per moved promise: order", ("promise",), GENERAL),
)


def as_markdown() -> str:
    """The table as the README shows it."""
    rows = ["| what | field | search |", "| --- | --- | --- |"]
    for line in TABLE:
        fields = ", ".join(f"`{name}`" for name in line.fields)
        rows.append(f"| {line.what} | {fields} | {line.search} |")
    return "\n".join(rows)
