"""A day's plan as others read it: plan.json, its digest, GeoJSON, and files that are never half-written."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.terminal import day_table, rejected_table, summary_lines, unassigned_table
from dispatch.types import DayPlan, PlannedRoute, PlannedStop, Reason, Remedy, UnassignedJob
from geo import polyline
from geo.point import Point
from routing.text_files import write_text

__all__ = [
    "as_json",
    "day_table",
    "digest",
    "geojson",
    "geometry_lonlat",
    "plan_dict",
    "rejected_table",
    "summary",
    "summary_lines",
    "unassigned_table",
    "write_geojson",
    "write_json",
]

GEOMETRY_PRECISION = 6


def plan_dict(plan: DayPlan) -> dict[str, Any]:
    """The plan as plan.json says it, keys in the order of the contract.

    Parameters
    ----------
    plan : its instants may carry any zone; they are written in the plan's own, with the offset

    Returns
    -------
    dict of JSON types; ``objective`` has the components ``preference`` and ``service`` beside those of the contract, and
    ``summary.priority_unassigned`` is the sum of the priorities of the jobs nobody serves
    """
    zone = ZoneInfo(plan.timezone)
    search = plan.search
    routes = _with_stops(plan.routes)
    return {
        "date": plan.on.isoformat(),
        "timezone": plan.timezone,
        "seed": plan.seed,
        "limit_s": plan.limit_s,
        "budget_iterations": plan.budget_iterations,
        "travel_time_source": plan.travel_time_source,
        "solver": {
            "name": search.name,
            "version": search.version,
            "stopped_by": search.stopped_by,
            "iterations": search.iterations,
            "iteration_unit": search.iteration_unit,
            "found_by": search.found_by,
            "history": [[round(step.elapsed_s, 3), step.total, step.engine] for step in search.history],
        },
        "phases": {name: round(seconds, 3) for name, seconds in plan.phases.items()},
        "objective": {"total": plan.objective.total, **asdict(plan.objective)},
        "bound": plan.bound,
        "routes": [_route_dict(route, zone) for route in routes],
        "unassigned": [
            {"job_id": left.job.id, "reasons": [_reason_with_remedy(reason) for reason in left.reasons]}
            for left in plan.unassigned
        ],
        "summary": summary(plan),
        "rejected_rows": [asdict(row) for row in plan.rejected_rows],
        "warnings": list(plan.warnings),
        "digest": digest(routes, (left.job.id for left in plan.unassigned)),
    }


def summary(plan: DayPlan) -> dict[str, int]:
    """The figures of ``summary`` in plan.json: seconds, metres and counts; rejected rows are not jobs."""
    routes = _with_stops(plan.routes)
    n_assigned = sum(len(route.stops) for route in routes)
    return {
        "n_jobs": n_assigned + len(plan.unassigned),
        "n_assigned": n_assigned,
        "n_contractors": plan.n_contractors,
        "n_contractors_used": len(routes),
        "travel_s": sum(route.travel_s for route in routes),
        "distance_m": sum(route.distance_m for route in routes),
        "wait_s": sum(route.wait_s for route in routes),
        "late_s": sum(_late_s(stop) for route in routes for stop in route.stops),
        "priority_unassigned": sum(left.job.priority for left in plan.unassigned),
    }


def digest(routes: Iterable[PlannedRoute], unassigned: Iterable[str]) -> str:
    """What two plans have in common when they are the same plan: who serves whom when, and who is left out.

    Parameters
    ----------
    routes : those without a stop do not count; their order does not matter
    unassigned : ids of the jobs nobody serves, in any order

    Returns
    -------
    ``"sha256:"`` and 64 hexadecimal digits, of JSON in UTF-8, unescaped, with sorted keys and no spaces
    """
    said = {
        "routes": {
            route.contractor.id: [[stop.job.id, _utc_text(stop.service_starts_at)] for stop in route.stops]
            for route in _with_stops(routes)
        },
        "unassigned": sorted(unassigned),
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def as_json(plan: DayPlan) -> str:
    """The text of plan.json, ending in a newline."""
    return json.dumps(plan_dict(plan), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_json(plan: DayPlan, path: Path) -> None:
    """Write plan.json; raises as ``write_text`` does."""
    write_text(path, as_json(plan))


def write_geojson(plan: DayPlan, path: Path) -> None:
    """Write the plan's GeoJSON; raises as ``write_text`` does."""
    write_text(path, json.dumps(geojson(plan), ensure_ascii=False, allow_nan=False) + "\n")


def geojson(plan: DayPlan) -> dict[str, Any]:
    """The plan as a FeatureCollection (RFC 7946) for any map program.

    Returns
    -------
    ``properties.kind`` says what a feature is: ``route`` (LineString); ``stop``, ``home``, ``end`` (only where
    the day ends elsewhere) and ``unassigned`` (Points). Instants are ISO 8601 in the plan's zone.
    """
    zone = ZoneInfo(plan.timezone)
    features = [feature for route in _with_stops(plan.routes) for feature in _route_features(route, zone)]
    features += [_unassigned_feature(left) for left in plan.unassigned]
    return {"type": "FeatureCollection", "features": features}


def geometry_lonlat(route: PlannedRoute) -> np.ndarray:
    """The line to draw for a route, float64 (p, 2), at least two points.

    A route without geometry is drawn straight from place to place, which is what is known of it.
    """
    line = polyline.decode(route.geometry, precision=GEOMETRY_PRECISION)
    if len(line) >= 2:
        return line
    home, end = route.contractor.home, route.contractor.end or route.contractor.home
    places = [home, *(stop.job.point for stop in route.stops), end]
    return np.array([(place.lon, place.lat) for place in places], dtype=np.float64)


def _with_stops(routes: Iterable[PlannedRoute]) -> list[PlannedRoute]:
    return [route for route in routes if route.stops]


def _late_s(stop: PlannedStop) -> int:
    if stop.job.window is None or stop.job.window.closes_at is None:
        return 0
    return max(0, round((stop.service_starts_at - stop.job.window.closes_at).total_seconds()))


def _utc_text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _local_text(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")


def _route_dict(route: PlannedRoute, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "contractor_id": route.contractor.id,
        "starts_at": _local_text(route.starts_at, zone),
        "ends_at": _local_text(route.ends_at, zone),
        "travel_s": route.travel_s,
        "service_s": route.service_s,
        "wait_s": route.wait_s,
        "distance_m": route.distance_m,
        "geometry": route.geometry,
        "breaks": [
            {"starts_at": _local_text(starts_at, zone), "ends_at": _local_text(ends_at, zone)}
            for starts_at, ends_at in route.breaks
        ],
        "stops": [_stop_dict(stop, zone) for stop in route.stops],
    }


def _stop_dict(stop: PlannedStop, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "job_id": stop.job.id,
        "lon": stop.job.point.lon,
        "lat": stop.job.point.lat,
        "arrives_at": _local_text(stop.arrives_at, zone),
        "service_starts_at": _local_text(stop.service_starts_at, zone),
        "departs_at": _local_text(stop.departs_at, zone),
        "travel_s": stop.travel_s,
        "distance_m": stop.distance_m,
        "wait_s": stop.wait_s,
        "reasons": [{"code": reason.code, "message": reason.message} for reason in stop.reasons],
    }


def _reason_with_remedy(reason: Reason) -> dict[str, Any]:
    remedy = None if reason.remedy is None else _remedy_dict(reason.remedy)
    return {"code": reason.code, "message": reason.message, "remedy": remedy}


def _remedy_dict(remedy: Remedy) -> dict[str, Any]:
    # "from" is a word of Python, so the field carries an underscore that the file must not show.
    return {name.rstrip("_"): value for name, value in asdict(remedy).items()}


def _route_features(route: PlannedRoute, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    who = {"contractor_id": route.contractor.id, "contractor": route.contractor.name}
    line = [[round(float(lon), 6), round(float(lat), 6)] for lon, lat in geometry_lonlat(route)]
    yield {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": line},
        "properties": {
            "kind": "route",
            **who,
            "n_stops": len(route.stops),
            "starts_at": _local_text(route.starts_at, zone),
            "ends_at": _local_text(route.ends_at, zone),
            "travel_s": route.travel_s,
            "service_s": route.service_s,
            "wait_s": route.wait_s,
            "distance_m": route.distance_m,
        },
    }
    yield _point_feature(route.contractor.home, {"kind": "home", **who})
    if route.contractor.end is not None and route.contractor.end != route.contractor.home:
        yield _point_feature(route.contractor.end, {"kind": "end", **who})
    for order, stop in enumerate(route.stops, start=1):
        said = _stop_dict(stop, zone)
        place = {"order": order, "address": stop.job.address, "trade": stop.job.trade}
        times = {name: value for name, value in said.items() if name not in ("lon", "lat")}
        yield _point_feature(stop.job.point, {"kind": "stop", **who, **place, **times})


def _unassigned_feature(left: UnassignedJob) -> dict[str, Any]:
    job = left.job
    return _point_feature(
        job.point,
        {
            "kind": "unassigned",
            "job_id": job.id,
            "trade": job.trade,
            "address": job.address,
            "priority": job.priority,
            "reasons": [_reason_with_remedy(reason) for reason in left.reasons],
        },
    )


def _point_feature(point: Point, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [point.lon, point.lat]},
        "properties": properties,
    }
