"""A plan as one HTML file: map, timetable and reasons, open to anybody with a browser and no network.

Everything lies in the file: script, style, data and the roads themselves. Its content security policy allows the
scripts written here, by their hash, and no request of any kind.
"""

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from dispatch import present
from dispatch.map_roads import Road, pack, road_layer, simplified
from dispatch.terminal import day_clock_text, minutes_text, window_text
from dispatch.types import JOB_REMEDIES, DayPlan, Job, PlannedRoute, PlannedStop, Reason, Remedy
from geo.point import Point
from routing.text_files import write_text

_HERE = Path(__file__).parent
_SCRIPTS = ("map_page_view.js", "map_page_draw.js", "map_page_lists.js", "map_page_card.js", "map_page_timeline.js")

ATTRIBUTION = "© OpenStreetMap contributors"


def write(plan: DayPlan, roads: Sequence[Road], path: Path, *, title: str) -> None:
    """Write the page; a reader sees the old file or the new one, never a part.

    Parameters
    ----------
    plan : of one day; it says "judged" when ``phases`` has ``judge``
    roads : (``highway`` value, float64 (n, 2) line) each; may be empty
    path : the HTML file
    title : shown as text, whatever it holds

    Raises
    ------
    OSError : as ``routing.text_files.write_text``
    """
    write_text(path, page(plan, roads, title=title))


def page(plan: DayPlan, roads: Sequence[Road], *, title: str) -> str:
    """The text of the page; parameters as in ``write``."""
    style = (_HERE / "map_page.css").read_text(encoding="utf-8")
    script = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    script = f'(() => {{\n"use strict";\n{script}\n}})();\n'
    filled = {
        "title": html.escape(title),
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "attribution": html.escape(ATTRIBUTION),
        "data": _data_text(page_data(plan, roads, title=title)),
    }
    template = (_HERE / "map_page.html").read_text(encoding="utf-8")
    # One pass: a name that looks like a place-holder stays a name.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: filled[match[1]], template)


def page_data(plan: DayPlan, roads: Sequence[Road], *, title: str) -> dict[str, Any]:
    """What the scripts draw: texts ready to show, places in degrees, instants as (epoch seconds, clock time)."""
    zone = ZoneInfo(plan.timezone)
    clock = _Clock(plan, zone)
    routes = [route for route in plan.routes if route.stops]
    lines = [simplified(present.geometry_lonlat(route)) for route in routes]
    spots = [(left.job.point.lon, left.job.point.lat) for left in plan.unassigned]
    places = np.concatenate([*lines, np.array(spots, dtype=np.float64).reshape(-1, 2)])
    layer = road_layer(roads, places)
    search = asdict(plan.search)
    return {
        "title": title,
        "day": f"{plan.on:%a} {plan.on.day} {plan.on:%b %Y}",
        "timezone": plan.timezone,
        "travel_time_source": plan.travel_time_source,
        "judged": "judge" in plan.phases,
        "figures": present.summary(plan),
        "objective": {"total": plan.objective.total, **asdict(plan.objective)},
        "bound": plan.bound,
        "digest": present.digest(routes, (left.job.id for left in plan.unassigned)),
        "search": {name: value for name, value in search.items() if name != "history"},
        "n_improvements": len(plan.search.history),
        "seed": plan.seed,
        "phases": plan.phases,
        "warnings": list(plan.warnings),
        "rejected": [asdict(row) for row in plan.rejected_rows],
        "ticks": clock.ticks(routes),
        "routes": [_route_data(route, line, clock) for route, line in zip(routes, lines, strict=True)],
        "unassigned": [
            {**_job_data(left.job, clock), "reasons": [_reason_data(reason) for reason in left.reasons]}
            for left in plan.unassigned
        ],
        "roads": [asdict(rank) for rank in layer.ranks],
        "n_roads_left_out": layer.n_left_out,
    }


class _Clock:
    """Instants of one plan as the page shows them: the zone's own clock, days counted from the plan's."""

    def __init__(self, plan: DayPlan, zone: ZoneInfo) -> None:
        self.day, self.zone = plan.on, zone

    def pair(self, at: datetime) -> list[int | str]:
        return [round(at.timestamp()), day_clock_text(at.astimezone(self.zone), self.day)]

    def window(self, job: Job) -> dict[str, Any]:
        ends = (job.window.opens_at, job.window.closes_at) if job.window else (None, None)
        text = window_text(job.window, self.day, self.zone)
        return {"window": text, "window_at": [at and round(at.timestamp()) for at in ends]}

    def ticks(self, routes: Sequence[PlannedRoute]) -> list[list[int | str]]:
        """Every full hour from before the first shift to after the last."""
        if not routes:
            return []
        first = min(min(route.contractor.shift.starts_at, route.starts_at) for route in routes)
        last = max(max(route.contractor.shift.ends_at, route.ends_at) for route in routes)
        # Stepping in absolute time keeps hours apart where the clock is put back.
        from_s = round(first.astimezone(self.zone).replace(minute=0, second=0, microsecond=0).timestamp())
        n_hours = math.ceil((last.timestamp() - from_s) / 3600)
        return [self.pair(datetime.fromtimestamp(from_s + 3600 * n, tz=self.zone)) for n in range(n_hours + 1)]


def _route_data(route: PlannedRoute, line: np.ndarray, clock: _Clock) -> dict[str, Any]:
    who, packed = route.contractor, pack([line])
    end = who.end if who.end is not None and who.end != who.home else None
    return {
        "id": who.id,
        "name": who.name or who.id,
        "trades": sorted(who.trades),
        "home": _lonlat(who.home),
        "end": end and _lonlat(end),
        "line": asdict(packed),
        "starts": clock.pair(route.starts_at),
        "ends": clock.pair(route.ends_at),
        "shift": [clock.pair(who.shift.starts_at), clock.pair(who.shift.ends_at)],
        "travel_s": route.travel_s,
        "service_s": route.service_s,
        "wait_s": route.wait_s,
        "distance_m": route.distance_m,
        "breaks": [[clock.pair(starts_at), clock.pair(ends_at)] for starts_at, ends_at in route.breaks],
        "stops": [_stop_data(stop, clock) for stop in route.stops],
    }


def _stop_data(stop: PlannedStop, clock: _Clock) -> dict[str, Any]:
    done_at = stop.service_starts_at + timedelta(seconds=stop.job.duration_s)
    return {
        **_job_data(stop.job, clock),
        "arrives": clock.pair(stop.arrives_at),
        "begins": clock.pair(stop.service_starts_at),
        "done": clock.pair(done_at),
        "departs": clock.pair(stop.departs_at),
        "travel_s": stop.travel_s,
        "distance_m": stop.distance_m,
        "wait_s": stop.wait_s,
        "reasons": [reason.message for reason in stop.reasons],
    }


def _job_data(job: Job, clock: _Clock) -> dict[str, Any]:
    return {
        "job": job.id,
        "trade": job.trade,
        "address": job.address,
        "at": _lonlat(job.point),
        "duration": minutes_text(job.duration_s),
        "priority": job.priority,
        "unserved_cost": job.unserved_cost,
        "skills": sorted(job.skills),
        **clock.window(job),
    }


def _reason_data(reason: Reason) -> dict[str, Any]:
    remedy = None if reason.remedy is None else _remedy_data(reason.remedy)
    return {"code": reason.code, "message": reason.message, "remedy": remedy}


def _remedy_data(remedy: Remedy) -> dict[str, Any]:
    return {
        "file": "jobs.csv" if remedy.kind in JOB_REMEDIES else "contractors.csv",
        "kind": remedy.kind,
        "subject": remedy.subject_id,
        "field": remedy.field,
        "from": remedy.from_,
        "to": remedy.to,
        "message": remedy.message,
        "extra_points": remedy.extra_points,
        "verified": remedy.verified,
    }


def _lonlat(point: Point) -> list[float]:
    return [round(point.lon, 6), round(point.lat, 6)]


def _data_text(data: dict[str, Any]) -> str:
    """JSON that no HTML parser can mistake for markup: inside a script element only ``<`` could end it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
