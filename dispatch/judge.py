"""Judge a plan.json, ours or anybody's: read it as a claim, route every leg anew, say what is wrong and what it costs."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dispatch.batch import Clock, matrix_of, problem_of, spots_of
from dispatch.day import Day
from routing.check import Violation, cost, violations
from routing.engine import TravelTimes
from routing.errors import UnreadableFile
from routing.types import BreakTaken, Objective, Plan, Problem, Route, Visit


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found. ``objective`` is worked out anew; None when the plan speaks of people or jobs unknown."""

    violations: tuple[Violation, ...]
    objective: Objective | None
    digest: str
    travel_time_source: str


def judge(path: Path, day: Day, engine: TravelTimes) -> Verdict:
    """Judge a plan file against the two tables and the roads.

    Raises
    ------
    UnreadableFile : not JSON, or a field that a plan needs is missing or of the wrong kind; names it
    """
    said = _read(path)
    spots = spots_of(day.jobs, day.contractors)
    matrix = matrix_of(engine, spots)
    problem = problem_of(day.jobs, day.contractors, spots, matrix, day.clock)
    plan = _plan(path, said, problem, day.clock)
    found = violations(problem, plan)
    known = not any(v.kind in ("unknown_stop", "unknown_vehicle") for v in found)
    due = cost(problem, plan) if known else None
    if "objective" not in said:
        found = [v for v in found if v.kind != "objective_wrong"]
    elif due is not None and said["objective"].get("total") != due.total and plan.objective == due:
        stated = said["objective"].get("total")
        found.append(Violation("objective_wrong", "", f"objective.total is stated as {stated}; it is {due.total}"))
    digest = _digest(said)
    if "digest" in said and said["digest"] != digest:
        found.append(Violation("digest_wrong", "", f"the digest is stated as {said['digest']}; it is {digest}"))
    found += _summary(said, plan, day, problem)
    return Verdict(tuple(found), due, digest, matrix.source)


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableFile(path, 0, f"{error.strerror}; name a plan that ./trades plan --out wrote") from error
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        raise UnreadableFile(path, line, f"it is not JSON ({error})") from error
    if not isinstance(said, dict):
        raise UnreadableFile(path, 0, "it is not a plan: a JSON object with routes and unassigned is needed")
    return said


def _plan(path: Path, said: dict[str, Any], problem: Problem, clock: Clock) -> Plan:
    """The claim as routing speaks of it; figures that a hand-made plan leaves out are filled in, not judged."""
    field = "routes"
    try:
        routes = []
        for number, route in enumerate(said["routes"]):
            field = f"routes[{number}]"
            routes.append(_route(route, problem, clock))
        field = "unassigned"
        unassigned = tuple(str(left["job_id"]) for left in said["unassigned"])
        field = "objective"
        stated = said.get("objective", {})
        objective = Objective(**{f.name: int(stated.get(f.name, 0)) for f in fields(Objective)})
        field = "summary"
        dict(said.get("summary", {}))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else f"cannot be read ({error})"
        raise UnreadableFile(path, 0, f"{field} {what}; see plan.json in ARCHITECTURE.md") from error
    return Plan(tuple(routes), unassigned, objective)


def _route(said: dict[str, Any], problem: Problem, clock: Clock) -> Route:
    def seconds(text: str) -> int:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(f"{text!r} has no offset from UTC")
        return clock.seconds(at)

    stops = {stop.id: stop for stop in problem.stops}
    driver = next((v for v in problem.vehicles if v.id == str(said["contractor_id"])), None)
    visits: list[Visit] = []
    before = driver.start_place if driver else 0
    breaks = tuple(BreakTaken(seconds(b["starts_at"]), seconds(b["ends_at"])) for b in said.get("breaks", ()))
    for stop in said["stops"]:
        known = stops.get(str(stop["job_id"]))
        here = known.place if known else before
        arrives_s, begins_s = seconds(stop["arrives_at"]), seconds(stop["service_starts_at"])
        rested_s = sum(max(0, min(begins_s, b.ends_s) - max(arrives_s, b.starts_s)) for b in breaks)
        visits.append(
            Visit(
                stop_id=str(stop["job_id"]),
                arrives_s=arrives_s,
                service_starts_s=begins_s,
                departs_s=seconds(stop["departs_at"]),
                travel_s=int(stop.get("travel_s", problem.matrix.duration_s[before, here])),
                distance_m=int(stop.get("distance_m", problem.matrix.distance_m[before, here])),
                wait_s=int(stop.get("wait_s", begins_s - arrives_s - rested_s)),
            )
        )
        before = here
    home = driver.end_place if driver else before
    starts_s, ends_s = seconds(said["starts_at"]), seconds(said["ends_at"])
    last_s, last_m = int(problem.matrix.duration_s[before, home]), int(problem.matrix.distance_m[before, home])
    travel_s = int(said.get("travel_s", sum(visit.travel_s for visit in visits) + last_s))
    service_s = sum(stops[visit.stop_id].service_s for visit in visits if visit.stop_id in stops)
    service_s = int(said.get("service_s", service_s))
    rested_s = sum(max(0, min(ends_s, b.ends_s) - max(starts_s, b.starts_s)) for b in breaks)
    return Route(
        vehicle_id=str(said["contractor_id"]),
        starts_s=starts_s,
        ends_s=ends_s,
        visits=tuple(visits),
        breaks=breaks,
        travel_s=travel_s,
        distance_m=int(said.get("distance_m", sum(visit.distance_m for visit in visits) + last_m)),
        service_s=service_s,
        wait_s=int(said.get("wait_s", ends_s - starts_s - travel_s - service_s - rested_s)),
    )


def _digest(said: dict[str, Any]) -> str:
    """The digest of the contract, from the file alone: the judge shares nothing with the writer, not even this."""

    def utc(text: str) -> str:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    routes = {
        str(route["contractor_id"]): [[str(stop["job_id"]), utc(stop["service_starts_at"])] for stop in route["stops"]]
        for route in said["routes"]
        if route["stops"]
    }
    claim = {"routes": routes, "unassigned": sorted(str(left["job_id"]) for left in said["unassigned"])}
    text = json.dumps(claim, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _summary(said: dict[str, Any], plan: Plan, day: Day, problem: Problem) -> list[Violation]:
    stated = said.get("summary", {})
    n_assigned = sum(len(route.visits) for route in plan.routes)
    closes_s = {stop.id: stop.windows[-1].closes_s for stop in problem.stops if stop.windows}
    late_s = [
        visit.service_starts_s - closes_s.get(visit.stop_id, visit.service_starts_s)
        for route in plan.routes
        for visit in route.visits
    ]
    due = {
        "n_jobs": n_assigned + len(plan.unassigned),
        "n_assigned": n_assigned,
        "n_contractors": len(day.contractors),
        "n_contractors_used": sum(bool(route.visits) for route in plan.routes),
        "travel_s": sum(route.travel_s for route in plan.routes),
        "distance_m": sum(route.distance_m for route in plan.routes),
        "wait_s": sum(route.wait_s for route in plan.routes),
        "late_s": sum(max(0, one_s) for one_s in late_s),
        "priority_unassigned": sum(job.priority for job in day.jobs if job.id in plan.unassigned),
    }
    return [
        Violation("summary_wrong", "", f"summary.{name} is stated as {stated[name]}; it is {value}")
        for name, value in due.items()
        if name in stated and stated[name] != value
    ]
