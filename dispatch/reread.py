"""A plan.json as the plan it tells of: what ``present.plan_dict`` wrote, with the people and jobs it names."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from dispatch.types import (
    Contractor,
    DayPlan,
    Job,
    PlannedRoute,
    PlannedStop,
    Reason,
    RejectedRow,
    Remedy,
    UnassignedJob,
)
from routing.types import Improvement, Objective, Search


def day_plan(said: Mapping[str, Any], contractors: Mapping[str, Contractor], jobs: Mapping[str, Job]) -> DayPlan:
    """The plan of a document that ``present.plan_dict`` has written.

    Parameters
    ----------
    said : plan.json, parsed
    contractors, jobs : those that it names, by id

    Raises
    ------
    KeyError : the document names somebody or some job that is not given, or lacks a member
    """
    search = said["solver"]
    return DayPlan(
        on=date.fromisoformat(said["date"]),
        timezone=said["timezone"],
        seed=said["seed"],
        limit_s=said["limit_s"],
        budget_iterations=said["budget_iterations"],
        travel_time_source=said["travel_time_source"],
        search=Search(
            name=search["name"],
            version=search["version"],
            stopped_by=search["stopped_by"],
            iterations=search["iterations"],
            iteration_unit=search["iteration_unit"],
            found_by=search["found_by"],
            history=tuple(Improvement(*step) for step in search["history"]),
        ),
        phases=dict(said["phases"]),
        objective=Objective(**{name: points for name, points in said["objective"].items() if name != "total"}),
        bound=said["bound"],
        routes=tuple(_route(route, contractors[route["contractor_id"]], jobs) for route in said["routes"]),
        unassigned=tuple(
            UnassignedJob(jobs[left["job_id"]], tuple(_reason(reason) for reason in left["reasons"]))
            for left in said["unassigned"]
        ),
        n_contractors=said["summary"]["n_contractors"],
        rejected_rows=tuple(RejectedRow(**row) for row in said["rejected_rows"]),
        warnings=tuple(said["warnings"]),
    )


def _route(said: Mapping[str, Any], contractor: Contractor, jobs: Mapping[str, Job]) -> PlannedRoute:
    return PlannedRoute(
        contractor=contractor,
        starts_at=datetime.fromisoformat(said["starts_at"]),
        ends_at=datetime.fromisoformat(said["ends_at"]),
        travel_s=said["travel_s"],
        service_s=said["service_s"],
        wait_s=said["wait_s"],
        distance_m=said["distance_m"],
        geometry=said["geometry"],
        breaks=tuple(
            (datetime.fromisoformat(pause["starts_at"]), datetime.fromisoformat(pause["ends_at"]))
            for pause in said["breaks"]
        ),
        stops=tuple(_stop(stop, jobs[stop["job_id"]]) for stop in said["stops"]),
    )


def _stop(said: Mapping[str, Any], job: Job) -> PlannedStop:
    return PlannedStop(
        job=job,
        arrives_at=datetime.fromisoformat(said["arrives_at"]),
        service_starts_at=datetime.fromisoformat(said["service_starts_at"]),
        departs_at=datetime.fromisoformat(said["departs_at"]),
        travel_s=said["travel_s"],
        distance_m=said["distance_m"],
        wait_s=said["wait_s"],
        reasons=tuple(_reason(reason) for reason in said["reasons"]),
    )


def _reason(said: Mapping[str, Any]) -> Reason:
    remedy = said.get("remedy")
    if remedy is None:
        return Reason(said["code"], said["message"])
    return Reason(
        said["code"],
        said["message"],
        Remedy(**{"from_" if name == "from" else name: value for name, value in remedy.items()}),
    )
