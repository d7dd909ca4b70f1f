"""A contractor or a job as the cells that somebody would type into contractors.csv or jobs.csv."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from dispatch.clock import DAY_MIN, clock_text, instant, parse_clock, wall_text
from dispatch.columns import LIST_SEPARATOR, default_unserved_cost
from dispatch.types import DEFAULT_PRIORITY, Contractor, Job
from geo.area import to_wkt
from routing.types import DEFAULT_COST_PER_HOUR


def contractor_row(contractor: Contractor, on: date, tz: ZoneInfo) -> dict[str, str]:
    """The cells of a contractor under ``CONTRACTOR_COLUMNS``; what is as usual stays empty.

    Raises
    ------
    ValueError : something that a cell cannot say (two breaks, seconds, a blank id), with what to do
    """
    who = f"contractor {contractor.id!r}"
    if len(contractor.breaks) > 1:
        raise ValueError(f"{who} has {len(contractor.breaks)} breaks; a row holds one: write a problem.json instead")
    starts_at = contractor.shift.starts_at
    pause = contractor.breaks[0] if contractor.breaks else None
    end = contractor.end
    return {
        "id": _needed(f"{who}, id", contractor.id),
        "name": _text(f"{who}, name", contractor.name),
        "trades": _needed(f"{who}, trades", _names(f"{who}, trades", contractor.trades)),
        "lon": repr(float(contractor.home.lon)),
        "lat": repr(float(contractor.home.lat)),
        "shift_start": clock_cell(starts_at, on, tz),
        "shift_end": _cell_after(starts_at, contractor.shift.ends_at, on, tz, inclusive=False),
        "end_lon": "" if end is None else repr(float(end.lon)),
        "end_lat": "" if end is None else repr(float(end.lat)),
        "skills": _names(f"{who}, skills", contractor.skills),
        "break_start": "" if pause is None else _cell_after(starts_at, pause.earliest_at, on, tz, inclusive=True),
        "break_end": "" if pause is None else _cell_after(starts_at, pause.latest_at, on, tz, inclusive=True),
        "break_min": "" if pause is None else _minutes(f"{who}, break", pause.duration_s),
        "max_jobs": "" if contractor.max_jobs is None else str(contractor.max_jobs),
        "max_travel_min": ""
        if contractor.max_travel_s is None
        else _minutes(f"{who}, max_travel_s", contractor.max_travel_s),
        "cost_per_hour": _unless(DEFAULT_COST_PER_HOUR, contractor.cost_per_hour),
        "cost_per_km": _unless(0, contractor.cost_per_km),
        "cost_fixed": _unless(0, contractor.cost_fixed),
        "service_area": "" if contractor.area is None else to_wkt(contractor.area),
    }


def job_row(job: Job, on: date, tz: ZoneInfo) -> dict[str, str]:
    """The cells of a job under ``JOB_COLUMNS``; what is as usual stays empty.

    Raises
    ------
    ValueError : something that a cell cannot say (seconds, a blank id), with what to do
    """
    what = f"job {job.id!r}"
    opens_at, closes_at = (None, None) if job.window is None else (job.window.opens_at, job.window.closes_at)
    return {
        "id": _needed(f"{what}, id", job.id),
        "trade": _needed(f"{what}, trade", job.trade),
        "lon": repr(float(job.point.lon)),
        "lat": repr(float(job.point.lat)),
        "duration_min": _minutes(f"{what}, duration_s", job.duration_s),
        "address": _text(f"{what}, address", job.address),
        "window_start": "" if opens_at is None else clock_cell(opens_at, on, tz),
        "window_end": "" if closes_at is None else clock_cell(closes_at, on, tz),
        "priority": _unless(DEFAULT_PRIORITY, job.priority),
        "unserved_cost": str(job.unserved_cost)
        if job.priced
        else _unless(default_unserved_cost(job.priority), job.unserved_cost),
        "skills": _names(f"{what}, skills", job.skills),
        "preferred_contractor": _text(f"{what}, preferred_contractor", job.preferred_contractor or ""),
        "required_contractor": _text(f"{what}, required_contractor", job.required_contractor or ""),
        "excluded_contractors": _names(f"{what}, excluded_contractors", job.excluded_contractors),
    }


def clock_cell(at: datetime, on: date, tz: ZoneInfo) -> str:
    """The clock time that means exactly this instant on the day ``on``; "25:30" on the next civil day.

    Raises
    ------
    ValueError : none does: it has seconds, is neither that day nor the next, or is the second of a doubled time
    """
    text = clock_text(at, on, tz)
    if instant(on, parse_clock(text), tz)[0] != at:
        raise ValueError(f"{at.astimezone(tz).isoformat()} is not what the clock time {text} means; use a whole minute")
    return text


def _cell_after(start_at: datetime, at: datetime, on: date, tz: ZoneInfo, *, inclusive: bool) -> str:
    """The clock time whose first occurrence from ``start_at`` on is ``at``: as on the wall, or else past 24."""
    # Only asked for when the wall's time will not do: past the next civil day there is no clock time beyond 24.
    for said in (partial(wall_text, at, tz), partial(clock_text, at, on, tz)):
        text = said()
        minutes = parse_clock(text)
        while instant(on, minutes, tz)[0] < start_at or (not inclusive and instant(on, minutes, tz)[0] == start_at):
            minutes += DAY_MIN
        if instant(on, minutes, tz)[0] == at:
            return text
    raise ValueError(
        f"{at.astimezone(tz).isoformat()} is not the first such clock time from"
        f" {start_at.astimezone(tz).isoformat()} on; use a whole minute within a day of the shift's start"
    )


def _text(field: str, text: str) -> str:
    if text != text.strip():
        raise ValueError(f"{field} {text!r} begins or ends with a blank, which is not kept in a table; remove it")
    return text


def _needed(field: str, text: str) -> str:
    if not text:
        raise ValueError(f"{field} is empty; a table row needs it")
    return _text(field, text)


def _names(field: str, names: Iterable[str]) -> str:
    names = sorted(names)
    for name in names:
        if LIST_SEPARATOR in name:
            raise ValueError(f"{field}: {name!r} holds {LIST_SEPARATOR!r}, which separates names in a list; rename it")
        _needed(field, name)
    return LIST_SEPARATOR.join(names)


def _minutes(field: str, duration_s: int) -> str:
    minutes, rest_s = divmod(duration_s, 60)
    if rest_s:
        raise ValueError(f"{field} {duration_s} s is not a number of whole minutes; round it")
    return str(minutes)


def _unless(usual: int, value: int) -> str:
    return "" if value == usual else str(value)
