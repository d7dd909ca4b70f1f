"""Tiny rows and problems for the benchmarks' own tests."""

from dataclasses import replace

from routing_cases import HOUR, on_a_street

from benchmarks.ledger import Row
from routing.types import Skills, Stop, Vehicle, Window

ROW = Row(
    instance="a",
    engine="trades",
    seed=1,
    cores=1,
    budget_s=5.0,
    wall_s=5.0,
    cpu_s=4.9,
    objective=100,
    travel=90,
    n_routes=2,
    reference=None,
    reference_kind=None,
    gap=None,
    n_unassigned=0,
    violations=0,
)
"""A row that differs in one thing at a time."""


def row(**fields: object) -> Row:
    """``ROW`` with some fields changed."""
    return replace(ROW, **fields)  # type: ignore[arg-type]


def street():
    """Two people at 0, jobs at 10, 20 and 30 minutes; ben has no gas, and the last job opens at noon."""
    stops = [
        Stop("a", 1, 600),
        Stop("b", 2, 600, skills=Skills(all_of=frozenset({"gas"})), unserved_cost=172_800),
        Stop("c", 3, 600, (Window(12 * HOUR, 13 * HOUR),)),
    ]
    people = [
        Vehicle("ana", 0, 0, 8 * HOUR, 16 * HOUR, skills=frozenset({"gas"})),
        Vehicle("ben", 0, 0, 8 * HOUR, 16 * HOUR),
    ]
    return on_a_street(stops, people, [0, 600, 1200, 1800])
