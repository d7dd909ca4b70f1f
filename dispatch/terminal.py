"""A plan as text for a terminal of 80 columns; no information by colour alone, nothing a name could take over."""

from dataclasses import fields
from datetime import date, datetime, tzinfo
from textwrap import shorten, wrap

from rich import box
from rich.table import Table
from rich.text import Text

from dispatch.types import DayPlan, PlannedRoute, Remedy, Window

TERMINAL_COLUMNS = 80

TO = "\N{EN DASH}"

REASON_LENGTH = 44
"""Characters of a stop's reason; the whole sentence is in plan.json and on the map page."""


def day_table(route: PlannedRoute, tz: tzinfo | None = None) -> Table:
    """One contractor's day, a row per stop.

    Parameters
    ----------
    route : its first instant's zone is the plan's
    tz : whose clocks; None takes that zone

    Returns
    -------
    80 columns wide at most when the terminal is; times of a later day than the first carry ``+1``
    """
    zone = tz or route.starts_at.tzinfo
    day = route.starts_at.astimezone(zone).date()

    def clock(at: datetime) -> str:
        return day_clock_text(at.astimezone(zone), day)

    name = route.contractor.name
    said = [
        f"{_count(len(route.stops), 'stop')}, {clock(route.starts_at)} to {clock(route.ends_at)}",
        f"{minutes_text(route.travel_s)} driving",
        f"{route.distance_m / 1000:,.1f} km",
    ]
    said += [f"break {clock(starts)}{TO}{clock(ends)}" for starts, ends in route.breaks]
    table = _table(f"{name} ({route.contractor.id}): {', '.join(said)}")
    table.add_column("#", justify="right", min_width=2)
    table.add_column("Arrive", min_width=5, no_wrap=True)
    table.add_column("Start", min_width=5, no_wrap=True)
    table.add_column("Window", min_width=11)
    table.add_column("Job", ratio=5, overflow="fold")
    table.add_column("Drive\nmin", justify="right", no_wrap=True)
    table.add_column("Wait\nmin", justify="right", no_wrap=True)
    table.add_column("Why", ratio=5, overflow="fold")
    for order, stop in enumerate(route.stops, start=1):
        table.add_row(
            str(order),
            clock(stop.arrives_at),
            clock(stop.service_starts_at),
            window_text(stop.job.window, day, zone),
            _cell(f"{stop.job.id} {stop.job.address}".rstrip()),
            str(_minutes(stop.travel_s)),
            str(_minutes(stop.wait_s)) if stop.wait_s else "",
            _cell(shorten(stop.reasons[0].message, REASON_LENGTH, placeholder="…") if stop.reasons else ""),
        )
    return table


def unassigned_table(plan: DayPlan) -> Table:
    """The jobs nobody serves, each with its causes and what would change that."""
    if not plan.unassigned:
        return _sentence("Every job is served")
    table = _table(f"{_count(len(plan.unassigned), 'job')} not served")
    table.add_column("Job", ratio=3, overflow="fold")
    table.add_column("Trade", ratio=2, overflow="fold")
    table.add_column("Prio", justify="right")
    table.add_column("Why, and what would change it", ratio=7, overflow="fold")
    for left in plan.unassigned:
        said = []
        for reason in left.reasons:
            said.append(f"{reason.message} ({reason.code})")
            if reason.remedy is not None:
                said.append(f"→ {reason.remedy.message} [{remedy_text(reason.remedy)}]")
        table.add_row(
            _cell(f"{left.job.id} {left.job.address}".rstrip()),
            _cell(left.job.trade),
            str(left.job.priority),
            _cell("\n".join(said)),
        )
    return table


def rejected_table(plan: DayPlan) -> Table:
    """The rows of the input that cannot be used, each with where it is and why."""
    if not plan.rejected_rows:
        return _sentence("No row was rejected")
    table = _table(f"{_count(len(plan.rejected_rows), 'row')} rejected")
    table.add_column("Where", ratio=3, overflow="fold")
    table.add_column("Column", ratio=2, overflow="fold")
    table.add_column("Id", ratio=2, overflow="fold")
    table.add_column("Why", ratio=5, overflow="fold")
    for row in plan.rejected_rows:
        table.add_row(_cell(f"{row.file}:{row.line}"), _cell(row.column), _cell(row.id), _cell(row.reason))
    return table


def summary_lines(plan: DayPlan) -> list[str]:
    """What the plan comes to, in a few lines of at most 80 characters."""
    routes = [route for route in plan.routes if route.stops]
    n_assigned = sum(len(route.stops) for route in routes)
    travel_s, distance_m = sum(route.travel_s for route in routes), sum(route.distance_m for route in routes)
    priced = ((part.name, getattr(plan.objective, part.name)) for part in fields(plan.objective))
    parts = " + ".join(f"{name} {points:,}" for name, points in priced if points)
    wait_s, n_jobs = sum(route.wait_s for route in routes), n_assigned + len(plan.unassigned)
    contractors, search = _count(plan.n_contractors, "contractor"), plan.search
    work = _count(search.iterations, search.iteration_unit)
    lines = [
        f"{plan.on:%a %d %b %Y}, {plan.timezone}",
        f"served     {n_assigned:,} of {_count(n_jobs, 'job')}, by {len(routes):,} of {contractors}",
        f"driving    {minutes_text(travel_s)}, {distance_m / 1000:,.1f} km; waiting {minutes_text(wait_s)}",
        f"objective  {plan.objective.total:,} points{f' = {parts}' if parts else ''}",
        f"search     {search.name} {search.version}, {work}, stopped by {search.stopped_by}, seed {plan.seed}",
    ]
    if plan.travel_time_source == "straight":
        lines.append("roads      not used: travel times are estimated along straight lines")
    if plan.rejected_rows:
        lines.append(f"rejected   {_count(len(plan.rejected_rows), 'row')} could not be used")
    if plan.warnings:
        lines.append(f"warnings   {len(plan.warnings):,}")
    return [wrapped for line in lines for wrapped in _wrapped(line)]


def day_clock_text(at: datetime, day: date) -> str:
    """``HH:MM`` as the instant's own zone has it, with ``+1`` on the day after ``day``."""
    days = (at.date() - day).days
    return f"{at:%H:%M}{f'{days:+d}' if days else ''}"


def window_text(window: Window | None, day: date, tz: tzinfo | None) -> str:
    """When service may begin, by the clocks of ``tz``; an open end is said in words."""
    opens = window.opens_at and day_clock_text(window.opens_at.astimezone(tz), day) if window else None
    closes = window.closes_at and day_clock_text(window.closes_at.astimezone(tz), day) if window else None
    if opens and closes:
        return f"{opens}{TO}{closes}"
    if opens:
        return f"from {opens}"
    return f"until {closes}" if closes else "any time"


def minutes_text(duration_s: int) -> str:
    """A duration for people: ``1 h 05 min``, ``12 min``."""
    hours, minutes = divmod(_minutes(duration_s), 60)
    return f"{hours:,} h {minutes:02d} min" if hours else f"{minutes} min"


def remedy_text(remedy: Remedy) -> str:
    """What to type where, and its price."""
    if isinstance(remedy.to, dict):
        change = f"add {remedy.subject_id}; its row is in plan.json"
    else:
        change = f"{remedy.subject_id} {remedy.field}: {remedy.from_ or 'empty'} → {remedy.to}"
    return f"{change}; {remedy.extra_points:+,} points{'' if remedy.verified else '; not verified'}"


def _table(title: str) -> Table:
    return Table(
        title=_cell(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
        pad_edge=False,
        expand=True,
    )


def _sentence(text: str) -> Table:
    """A table that says there is nothing to list: without columns rich would print an empty line."""
    table = Table.grid()
    table.add_row(text)
    return table


def _cell(text: str) -> Text:
    """Plain text: square brackets are not markup, and what could steer a terminal is shown as a mark."""
    return Text("".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text))


def _minutes(duration_s: int) -> int:
    return (duration_s + 30) // 60


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _wrapped(line: str) -> list[str]:
    return wrap(_cell(line).plain, TERMINAL_COLUMNS, subsequent_indent=" " * 11)
