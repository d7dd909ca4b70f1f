"""A few routes taken out of a plan, changed, timed anew and judged; the others of the day are not touched."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import numpy as np

from db.plan_store import RouteRow, StopRow
from dispatch.batch import Clock, problem_of, spots_of
from dispatch.types import Contractor, Job
from dispatch.under_way import History, as_it_stands, rests_of
from routing.arrays import arrays_of
from routing.check import Violation, violations
from routing.errors import SolveFailed
from routing.opened import plan_regardless
from routing.plans import plan_of
from routing.types import Matrix, Objective, Plan, Problem, Route, Window


class Ways(Protocol):
    """Roads of one region."""

    async def table(self, lonlat: np.ndarray) -> Matrix:
        """Travel between all points, float64 (n, 2)."""

    async def line(self, lonlat: np.ndarray) -> str:
        """The line to draw through the points, a polyline of precision 6."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some routes of a day as a problem of their own.

    Parameters
    ----------
    problem : the people of these routes and their jobs, and whatever else may be put in
    plan : the routes as they are, timed anew
    """

    jobs: Mapping[str, Job]
    people: Mapping[str, Contractor]
    clock: Clock
    problem: Problem
    plan: Plan
    history: History | None = None


async def part_of(
    ways: Ways,
    jobs: Sequence[Job],
    people: Sequence[Contractor],
    routes: Sequence[RouteRow],
    clock: Clock,
    *,
    history: History | None = None,
) -> Part:
    """Take routes out of a plan.

    Parameters
    ----------
    jobs, people : sorted by id; at least those of the routes
    history : what had begun when the plan was made
    """
    spots = spots_of(jobs, people)
    problem = problem_of(jobs, people, spots, await ways.table(spots.lonlat), clock)
    if history is not None:
        problem = as_it_stands(problem, history.of({person.id for person in people}), clock)
    at = {job.id: number for number, job in enumerate(jobs)}
    orders = {
        str(route.contractor_id): [at[str(stop.job_id)] for stop in route.stops if str(stop.job_id) in at]
        for route in routes
    }
    plan = await asyncio.to_thread(plan_regardless, problem, [orders.get(person.id, []) for person in people])
    return Part({job.id: job for job in jobs}, {it.id: it for it in people}, clock, problem, plan, history)


def without(part: Part, gone: Sequence[UUID], routes: Sequence[RouteRow]) -> tuple[Plan, tuple[Violation, ...]]:
    """The same routes without some stops; the others begin when they would have, if the judge allows it."""
    names = {str(job_id) for job_id in gone}
    starts_s = {
        str(stop.job_id): part.clock.seconds(stop.service_starts_at) for route in routes for stop in route.stops
    }
    at = {stop.id: number for number, stop in enumerate(part.problem.stops)}
    served = {
        str(route.contractor_id): [
            at[name] for stop in route.stops if (name := str(stop.job_id)) in at and name not in names
        ]
        for route in routes
    }
    orders = [served.get(vehicle.id, []) for vehicle in part.problem.vehicles]
    pinned = replace(
        part.problem,
        stops=tuple(
            replace(stop, windows=(Window(starts_s[stop.id], starts_s[stop.id]),)) if stop.id in starts_s else stop
            for stop in part.problem.stops
        ),
    )
    try:
        plan = plan_of(arrays_of(pinned), orders)
    except SolveFailed:
        plan = plan_regardless(part.problem, orders)
    return plan, tuple(violations(part.problem, plan))


def repriced(before: Mapping[str, int] | None, old: Objective, new: Objective) -> dict[str, int] | None:
    """The price of the whole plan after a part of it changed, by component; None when it was not known before."""
    if before is None:
        return None
    now = {name: before.get(name, 0) + value - getattr(old, name) for name, value in asdict(new).items()}
    return {"total": sum(now.values()), **now}


async def rows_of(part: Part, plan: Plan, ways: Ways, reasons: Mapping[str, Sequence[Any]]) -> list[RouteRow]:
    """Routes of a part as rows, one for each of its people; without stops for whoever stays at home.

    Parameters
    ----------
    reasons : job -> reasons, as plan.json has them
    """
    driven = {route.vehicle_id: route for route in plan.routes}
    rows = []
    for name, person in part.people.items():
        route = driven.get(name)
        if route is None or not route.visits:
            rows.append(_at_home(person))
        else:
            rows.append(await _row(part, route, person, ways, reasons))
    return rows


def _at_home(person: Contractor) -> RouteRow:
    at = person.shift.starts_at
    return RouteRow(UUID(person.id), at, at, 0, 0, 0, 0, "", (), ())


def _breaks(part: Part, route: Route) -> tuple[tuple[datetime, datetime], ...]:
    planned = tuple((part.clock.at(pause.starts_s), part.clock.at(pause.ends_s)) for pause in route.breaks)
    if part.history is None:
        return planned
    return rests_of(planned, part.history.begun.get(route.vehicle_id), part.history.now)


async def _row(
    part: Part, route: Route, person: Contractor, ways: Ways, reasons: Mapping[str, Sequence[Any]]
) -> RouteRow:
    points = [
        person.home,
        *(part.jobs[visit.stop_id].point for visit in route.visits),
        person.end or person.home,
    ]
    clock = part.clock
    return RouteRow(
        contractor_id=UUID(person.id),
        starts_at=clock.at(route.starts_s),
        ends_at=clock.at(route.ends_s),
        travel_s=route.travel_s,
        service_s=route.service_s,
        wait_s=route.wait_s,
        distance_m=route.distance_m,
        geometry=await ways.line(np.array([(point.lon, point.lat) for point in points], dtype=np.float64)),
        breaks=_breaks(part, route),
        stops=tuple(
            StopRow(
                job_id=UUID(visit.stop_id),
                arrives_at=clock.at(visit.arrives_s),
                service_starts_at=clock.at(visit.service_starts_s),
                departs_at=clock.at(visit.departs_s),
                travel_s=visit.travel_s,
                distance_m=visit.distance_m,
                wait_s=visit.wait_s,
                reasons=reasons.get(visit.stop_id, ()),
            )
            for visit in route.visits
        ),
    )
