"""Plans written down by hand, second by second: what the judge is tested with owes nothing to any solver."""

from dataclasses import replace

from routing_cases import HOUR, T0_AT, line_matrix

from routing.check import violations
from routing.types import BreakTaken, Objective, Plan, Problem, Route, Stop, Vehicle, Visit

PLACES = {"a": 1, "b": 2, "c": 3, "d": 4}


def street(*, ana=None, ben=None, matrix=None, more_matrices=(), deliveries=(), successions=(), crews=(), **stops):
    """Home at 0; a, b, c, d are 10, 20, 30, 40 minutes along the street, at 10 m a second.

    Only the stops named are there; each lasts 10 minutes and costs 1,000 points when left out. Ana, and Ben when
    he is named, have the first eight hours.
    """
    days = [("ana", ana or {})] + ([("ben", ben)] if ben is not None else [])
    return Problem(
        T0_AT,
        tuple(
            Stop(**{"id": n, "place": PLACES[n], "service_s": 600, "unserved_cost": 1000} | s) for n, s in stops.items()
        ),
        tuple(
            Vehicle(**{"id": n, "start_place": 0, "end_place": 0, "shift_starts_s": 0, "shift_ends_s": 8 * HOUR} | day)
            for n, day in days
        ),
        matrix or line_matrix([0, 600, 1200, 1800, 2400]),
        deliveries=deliveries,
        successions=successions,
        crews=crews,
        more_matrices=more_matrices,
    )


def at(stop_id, arrives_s, begins_s, departs_s, drive_s, *, wait_s=0, drive_m=None):
    """One visit; without ``drive_m`` the leg has 10 m a second."""
    leg_m = 10 * drive_s if drive_m is None else drive_m
    return Visit(stop_id, arrives_s, begins_s, departs_s, drive_s, leg_m, wait_s)


def day(vehicle_id, starts_s, visits, ends_s, *, home_s, service_s, wait_s=0, breaks=(), home_m=None):
    """One route; ``home_s`` is the last leg, breaks are (from, to)."""
    home_m = 10 * home_s if home_m is None else home_m
    return Route(
        vehicle_id,
        starts_s,
        ends_s,
        tuple(visits),
        tuple(BreakTaken(*pause) for pause in breaks),
        sum(visit.travel_s for visit in visits) + home_s,
        sum(visit.distance_m for visit in visits) + home_m,
        service_s,
        wait_s,
    )


def plan(*routes, left_out="", **points):
    """Routes, the letters of the stops left out, and the points stated by component."""
    return Plan(tuple(routes), tuple(left_out), Objective(**points))


def to_a(who="ana"):
    """Out at 0, a from 600 to 1200, back at 1800."""
    return day(who, 0, [at("a", 600, 600, 1200, 600)], 1800, home_s=600, service_s=600)


def to_b(who="ben"):
    """Out at 0, b from 1200 to 1800, back at 3000."""
    return day(who, 0, [at("b", 1200, 1200, 1800, 1200)], 3000, home_s=1200, service_s=600)


def to_a_and_b(who="ana"):
    """Out at 0, a from 600 to 1200, b from 1800 to 2400, back at 3600."""
    visits = [at("a", 600, 600, 1200, 600), at("b", 1800, 1800, 2400, 600)]
    return day(who, 0, visits, 3600, home_s=1200, service_s=1200)


def to_b_and_a(who="ana"):
    """Out at 0, b from 1200 to 1800, a from 2400 to 3000, back at 3600."""
    visits = [at("b", 1200, 1200, 1800, 1200), at("a", 2400, 2400, 3000, 600)]
    return day(who, 0, visits, 3600, home_s=600, service_s=1200)


def with_visit(route, number, **changes):
    """The route with one visit changed."""
    visits = list(route.visits)
    visits[number] = replace(visits[number], **changes)
    return replace(route, visits=tuple(visits))


def found(problem, made):
    """What the judge finds, as (kind, subject, amount)."""
    return [(violation.kind, violation.subject, violation.amount) for violation in violations(problem, made)]
