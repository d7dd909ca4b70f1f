"""The plan of a day, from people and jobs to routes that the judge accepts, with reasons: the product's main job."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from dispatch.batch import Clock, Spots, off_road_m, problem_of, spots_of
from dispatch.reasons import why_nobody, why_this_one
from dispatch.tables import Table
from dispatch.types import Contractor, DayPlan, Job, PlannedRoute, PlannedStop, RejectedRow, UnassignedJob
from geo import polyline
from geo.point import Point
from routing.check import violations
from routing.engine import SNAP_LIMIT_M, TravelTimes
from routing.errors import NoRoute, OffRoad, SolveFailed
from routing.explain import why_left_out, why_served
from routing.pool import solve_in_child
from routing.solver import Progress, solve
from routing.types import Matrix, Plan, Problem, Route

OFF_ROAD_COLUMN = "lon"
"""Where an off-road row is said to be wrong; either coordinate may be."""


@dataclass(frozen=True, slots=True)
class Day:
    """What there is to plan: usable rows, each sorted by id, and what was wrong with the others."""

    contractors: tuple[Contractor, ...]
    jobs: tuple[Job, ...]
    clock: Clock
    rejected: tuple[RejectedRow, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search, from where, and whom to tell.

    Parameters
    ----------
    limit_s, iterations : one of the two, as in ``routing.solver.solve``
    on_step : told of each phase as it begins
    on_progress : told of better plans
    """

    limit_s: float | None = 10.0
    iterations: int | None = None
    seed: int = 1
    on_step: Callable[[str], None] = lambda _: None
    on_progress: Callable[[Progress], None] = lambda _: None
    cancel: Callable[[], bool] | None = None


@dataclass(slots=True)
class _Phases:
    """Wall seconds of each phase."""

    tell: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        self.tell(name)
        began = time.monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - began


def usable(
    contractors: Table[Contractor], jobs: Table[Job], clock: Clock, engine: TravelTimes, files: tuple[Path, Path]
) -> Day:
    """Rows that can be planned for: those that were read and stand near a road.

    Parameters
    ----------
    files : contractors.csv and jobs.csv, for the names in the rejections
    """
    points = [point for person in contractors.rows for point in (person.home, person.end) if point]
    points += [job.point for job in jobs.rows]
    far_m = off_road_m(engine, sorted(set(points)))
    rejected = [*contractors.rejected, *jobs.rejected]
    good_people, good_jobs = [], []
    for person in contractors.rows:
        far = [("lon", person.home)] + ([("end_lon", person.end)] if person.end else [])
        bad = [(column, point) for column, point in far if point in far_m]
        if bad:
            rejected.append(
                _off_road(files[0], contractors.lines.get(person.id, 0), person.id, *bad[0], far_m[bad[0][1]])
            )
        else:
            good_people.append(person)
    for job in jobs.rows:
        if job.point in far_m:
            line = jobs.lines.get(job.id, 0)
            rejected.append(_off_road(files[1], line, job.id, OFF_ROAD_COLUMN, job.point, far_m[job.point]))
        else:
            good_jobs.append(job)
    warnings = (*contractors.warnings, *jobs.warnings)
    return Day(tuple(good_people), tuple(good_jobs), clock, tuple(rejected), warnings)


def _off_road(file: Path, line: int, row_id: str, column: str, point: Point, distance_m: float) -> RejectedRow:
    how_far = f"{distance_m:,.0f} m from" if np.isfinite(distance_m) else "nowhere near"
    reason = (
        f"({point.lon}, {point.lat}) is {how_far} the nearest road, more than {SNAP_LIMIT_M:,} m;"
        " check that lon and lat are not swapped and that the region is the right one"
    )
    return RejectedRow(file.name, line, column, row_id, reason)


def matrix_of(engine: TravelTimes, spots: Spots) -> Matrix:
    """Travel between all places of a day."""
    if not len(spots.lonlat):
        return Matrix(np.zeros((0, 0), np.int64), np.zeros((0, 0), np.int64), engine.source)
    return engine.table(spots.lonlat)


def plan_day(day: Day, engine: TravelTimes, effort: Effort) -> DayPlan:
    """Plan, judge, explain.

    Raises
    ------
    SolveFailed : even the plan by insertion does not pass the judge, which is a fault of ours
    """
    phases = _Phases(effort.on_step)
    spots = spots_of(day.jobs, day.contractors)
    with phases.phase("matrix"):
        matrix = matrix_of(engine, spots)
    problem = problem_of(day.jobs, day.contractors, spots, matrix, day.clock)
    with phases.phase("search"):
        plan = solve_in_child(
            problem,
            limit_s=effort.limit_s,
            iterations=effort.iterations,
            seed=effort.seed,
            on_progress=effort.on_progress,
            cancel=effort.cancel,
        )
    with phases.phase("judge"):
        plan = accepted(problem, plan)
    with phases.phase("reasons"):
        choices, left = why_served(problem, plan), why_left_out(problem, plan)
    with phases.phase("geometry"):
        geometry = {route.vehicle_id: _geometry(engine, day, route) for route in plan.routes}
    people, jobs = {p.id: p for p in day.contractors}, {j.id: j for j in day.jobs}
    names = {person.id: person.name or person.id for person in day.contractors}
    point_of = [Point(float(lon), float(lat)) for lon, lat in spots.lonlat]
    place_of = dict(zip(jobs, spots.job_place, strict=True))
    return DayPlan(
        on=day.clock.on,
        timezone=day.clock.tz.key,
        seed=effort.seed,
        limit_s=effort.limit_s,
        budget_iterations=effort.iterations,
        travel_time_source=matrix.source,
        search=plan.search,
        phases=phases.seconds,
        objective=plan.objective,
        bound=None,
        routes=tuple(
            PlannedRoute(
                contractor=people[route.vehicle_id],
                starts_at=day.clock.at(route.starts_s),
                ends_at=day.clock.at(route.ends_s),
                travel_s=route.travel_s,
                service_s=route.service_s,
                wait_s=route.wait_s,
                distance_m=route.distance_m,
                geometry=geometry[route.vehicle_id],
                breaks=tuple((day.clock.at(b.starts_s), day.clock.at(b.ends_s)) for b in route.breaks),
                stops=tuple(
                    PlannedStop(
                        job=jobs[visit.stop_id],
                        arrives_at=day.clock.at(visit.arrives_s),
                        service_starts_at=day.clock.at(visit.service_starts_s),
                        departs_at=day.clock.at(visit.departs_s),
                        travel_s=visit.travel_s,
                        distance_m=visit.distance_m,
                        wait_s=visit.wait_s,
                        reasons=why_this_one(jobs[visit.stop_id], choices[visit.stop_id], names),
                    )
                    for visit in route.visits
                ),
            )
            for route in plan.routes
        ),
        unassigned=tuple(
            UnassignedJob(
                jobs[case.stop], why_nobody(jobs[case.stop], case, people, point_of[place_of[case.stop]], day.clock)
            )
            for case in left
        ),
        n_contractors=len(day.contractors),
        rejected_rows=day.rejected,
        warnings=day.warnings,
    )


def accepted(problem: Problem, plan: Plan) -> Plan:
    """The plan if the judge accepts it, else the plan by insertion if the judge accepts that.

    Raises
    ------
    SolveFailed : neither; the plan must not be shown
    """
    found = violations(problem, plan)
    if not found:
        return plan
    fallback = solve(problem, iterations=0)
    if violations(problem, fallback):
        raise SolveFailed(f"the judge refuses the plan: {found[0].message}; please report this problem")
    return replace(fallback, search=replace(fallback.search, stopped_by=f"judge: {found[0].message}"))


def _geometry(engine: TravelTimes, day: Day, route: Route) -> str:
    """The line to draw; straight between stops where the engine has none, for a picture must not cost the plan."""
    people, jobs = {p.id: p for p in day.contractors}, {j.id: j for j in day.jobs}
    person = people[route.vehicle_id]
    points: Sequence[Point] = [person.home, *(jobs[v.stop_id].point for v in route.visits), person.end or person.home]
    lonlat = np.array([(point.lon, point.lat) for point in points], dtype=np.float64)
    try:
        return polyline.encode(engine.route(lonlat).lonlat, precision=6)
    except (NoRoute, OffRoad):
        return polyline.encode(lonlat, precision=6)
