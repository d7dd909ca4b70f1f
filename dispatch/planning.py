"""The plan of a day, from people and jobs to routes that the judge accepts, with reasons: the product's main job."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from dispatch.batch import Clock, matrix_of, problem_of, spots_of
from dispatch.day import Day
from dispatch.reasons import why_nobody, why_this_one
from dispatch.types import Contractor, DayPlan, Job, PlannedRoute, PlannedStop, Reason, UnassignedJob
from dispatch.under_way import as_it_stands, rests_of
from geo import polyline
from routing.best import Progress
from routing.check import violations
from routing.engine import TravelTimes
from routing.errors import NoRoute, OffRoad, SolveFailed
from routing.explain import why_served
from routing.explain_shared import why_left_out_on_all_cores
from routing.pool import search_child, solve_in_child
from routing.solver import solve
from routing.types import Plan, Problem, Route, Visit

BEGUN = (Reason("begun", "has begun or is done, and stays as it is"),)
"""Why a stop of a day under way is where it is."""


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


def plan_day(day: Day, engine: TravelTimes, effort: Effort) -> DayPlan:
    """Plan, judge, explain.

    Raises
    ------
    SolveFailed : even the plan by insertion does not pass the judge, which is a fault of ours
    """
    phases = _Phases(effort.on_step)
    people, jobs = {p.id: p for p in day.contractors}, {j.id: j for j in day.jobs}
    spots = spots_of(day.jobs, day.contractors)
    with search_child() as child:
        with phases.phase("matrix"):
            matrix = matrix_of(engine, spots)
        problem = problem_of(day.jobs, day.contractors, spots, matrix, day.clock)
        if day.history is not None:
            problem = as_it_stands(problem, day.history, day.clock)
        with phases.phase("search"):
            plan = solve_in_child(
                problem,
                child,
                limit_s=effort.limit_s,
                iterations=effort.iterations,
                seed=effort.seed,
                on_progress=effort.on_progress,
                cancel=effort.cancel,
            )
    with phases.phase("judge"):
        plan = accepted(problem, plan)
    with phases.phase("reasons"):
        names = {person.id: person.name or person.id for person in day.contractors}
        why = {name: why_this_one(jobs[name], choice, names) for name, choice in why_served(problem, plan).items()}
        begun = frozenset[str]() if day.history is None else day.history.job_ids()
        why |= dict.fromkeys(begun, BEGUN)
        unassigned = tuple(
            UnassignedJob(jobs[case.stop], why_nobody(jobs[case.stop], case, people, day.clock))
            for case in why_left_out_on_all_cores(problem, plan)
        )
    with phases.phase("geometry"):
        routes = []
        for route in plan.routes:
            stops = [_planned_stop(v, jobs[v.stop_id], why[v.stop_id], day.clock) for v in route.visits]
            routes.append(_planned_route(route, people[route.vehicle_id], stops, engine, day))
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
        bound=plan.bound,
        routes=tuple(routes),
        unassigned=unassigned,
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


def _planned_stop(visit: Visit, job: Job, reasons: tuple[Reason, ...], clock: Clock) -> PlannedStop:
    return PlannedStop(
        job=job,
        arrives_at=clock.at(visit.arrives_s),
        service_starts_at=clock.at(visit.service_starts_s),
        departs_at=clock.at(visit.departs_s),
        travel_s=visit.travel_s,
        distance_m=visit.distance_m,
        wait_s=visit.wait_s,
        reasons=reasons,
    )


def _planned_route(
    route: Route, person: Contractor, stops: list[PlannedStop], engine: TravelTimes, day: Day
) -> PlannedRoute:
    clock, breaks = (
        day.clock,
        tuple((day.clock.at(pause.starts_s), day.clock.at(pause.ends_s)) for pause in route.breaks),
    )
    if day.history is not None:
        breaks = rests_of(breaks, day.history.begun.get(person.id), day.history.now)
    points = [person.home, *(stop.job.point for stop in stops), person.end or person.home]
    return PlannedRoute(
        contractor=person,
        starts_at=clock.at(route.starts_s),
        ends_at=clock.at(route.ends_s),
        travel_s=route.travel_s,
        service_s=route.service_s,
        wait_s=route.wait_s,
        distance_m=route.distance_m,
        geometry=geometry(engine, np.array([(point.lon, point.lat) for point in points], dtype=np.float64)),
        breaks=breaks,
        stops=tuple(stops),
    )


def geometry(engine: TravelTimes, lonlat: np.ndarray) -> str:
    """The line to draw; straight between stops where the engine has none, for a picture must not cost the plan."""
    try:
        return polyline.encode(engine.route(lonlat).lonlat, precision=6)
    except (NoRoute, OffRoad):
        return polyline.encode(lonlat, precision=6)
