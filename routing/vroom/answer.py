"""Timed routes as VROOM's solution JSON: the same fields, whole seconds and metres."""

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from geo import polyline
from routing.errors import NoRoute, OffRoad
from routing.vroom.ground import Ground, Roads
from routing.vroom.route import Order, Route, places_of
from routing.vroom.types import Location, Task, Van
from routing.vroom.violations import Figures, cost_of, figures_of, summed

POLYLINE_DIGITS = 5
"""Of the lines that VROOM writes."""


def solution(ground: Ground, routes: Sequence[Route], computing_times: dict[str, int]) -> dict[str, Any]:
    """Return the answer to a request.

    Parameters
    ----------
    routes : at most one a vehicle; VROOM lists them in the order of the vehicles
    computing_times : milliseconds by phase
    """
    figures = [figures_of(ground, route) for route in routes]
    shown = [_route(ground, route, found) for route, found in zip(routes, figures, strict=True)]
    served = {stage.rank for route in routes for stage in route.stages if stage.kind != "break"}
    left_out = [task for rank, task in enumerate(ground.request.tasks) if rank not in served]
    summary: dict[str, Any] = {
        "cost": sum(route["cost"] for route in shown),
        "routes": len(shown),
        "unassigned": len(left_out),
    }
    if ground.request.n_dimensions:
        for name in ("delivery", "amount", "pickup"):
            columns = [route[name] for route in shown] or [[0] * ground.request.n_dimensions]
            summary[name] = [sum(column) for column in zip(*columns, strict=True)]
    names = ["setup", "service", "duration", "waiting_time", "priority"]
    names += ["distance"] if ground.knows_distances else []
    summary |= {name: sum(route[name] for route in shown) for name in names}
    summary["violations"] = summed(found.all_causes for found in figures).as_json()
    summary["computing_times"] = computing_times
    return {"code": 0, "summary": summary, "unassigned": [_unassigned(task) for task in left_out], "routes": shown}


def add_geometry(ground: Ground, routes: Sequence[Route], shown: dict[str, Any], engine: Roads) -> None:
    """Write the line along the roads into each route; straight between stops where the engine has none."""
    for route, written in zip(routes, shown["routes"], strict=True):
        order: Order = tuple((stage.kind, stage.rank) for stage in route.stages)
        places = [place for place in places_of(ground, route.van, order) if place is not None]
        line = ground.lonlat[np.array(places, dtype=np.int64)]
        if len(places) > 1:
            with contextlib.suppress(NoRoute, OffRoad):
                line = engine.route(line).lonlat
        written["geometry"] = polyline.encode(line, precision=POLYLINE_DIGITS)


def _route(ground: Ground, route: Route, figures: Figures) -> dict[str, Any]:
    of = ground.request.vans[route.van]
    order: Order = tuple((stage.kind, stage.rank) for stage in route.stages)
    tasks = [ground.request.tasks[rank] for kind, rank in order if kind != "break"]
    shown: dict[str, Any] = {"vehicle": of.id, "cost": cost_of(ground, route, figures)}
    if of.description:
        shown["description"] = of.description
    if ground.request.n_dimensions:
        nothing = [0] * ground.request.n_dimensions
        shown["delivery"] = [sum(column) for column in zip(nothing, *(task.delivers for task in tasks), strict=True)]
        shown["amount"] = shown["delivery"]
        shown["pickup"] = [sum(column) for column in zip(nothing, *(task.collects for task in tasks), strict=True)]
    shown["setup"] = sum(stage.setup_s for stage in route.stages)
    shown["service"] = sum(stage.service_s for stage in route.stages)
    shown["duration"] = figures.travel_s[-1]
    shown["waiting_time"] = sum(figures.waits_s)
    shown["priority"] = sum(task.priority for task in tasks)
    if ground.knows_distances:
        shown["distance"] = figures.distance_m[-1]
    shown["steps"] = _steps(ground, route, figures, of, tasks)
    shown["violations"] = figures.all_causes.as_json()
    return shown


def _steps(ground: Ground, route: Route, figures: Figures, of: Van, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Start, tasks and breaks, end; where the vehicle has no start or end, its first or last task stands for it."""
    ends = [task.location for task in tasks]
    start = of.start or (ends[0] if ends else of.end)
    end = of.end or (ends[-1] if ends else of.start)
    heads: list[dict[str, Any]] = [{"type": "start", **_where(start), "setup": 0, "service": 0}]
    for stage in route.stages:
        thing = of.breaks[stage.rank] if stage.kind == "break" else ground.request.tasks[stage.rank]
        head: dict[str, Any] = {"type": stage.kind}
        if thing.description:
            head["description"] = thing.description
        if isinstance(thing, Task):
            head |= _where(thing.location)
        head |= {"id": thing.id, "setup": stage.setup_s, "service": stage.service_s}
        heads.append(head)
    heads.append({"type": "end", **_where(end), "setup": 0, "service": 0})
    for step, head in enumerate(heads):
        head["waiting_time"] = figures.waits_s[step]
        if head["type"] in ("job", "pickup", "delivery"):
            head["job"] = head["id"]
        if ground.request.n_dimensions:
            head["load"] = list(figures.loads[step])
        head |= {"arrival": figures.arrives_s[step], "duration": figures.travel_s[step]}
        head["violations"] = figures.causes[step].as_json()
        if ground.knows_distances:
            head["distance"] = figures.distance_m[step]
    return heads


def _unassigned(task: Task) -> dict[str, Any]:
    shown = {"id": task.id, **_where(task.location), "type": task.kind}
    return shown | ({"description": task.description} if task.description else {})


def _where(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {}
    shown: dict[str, Any] = {} if location.lonlat is None else {"location": list(location.lonlat)}
    return shown | ({} if location.index is None else {"location_index": location.index})
