"""What ./trades plan and ./trades check do, once their arguments are read."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console

from dispatch import map_page, present
from dispatch.batch import Clock
from dispatch.civil_days import BadRequest, check_day
from dispatch.day import Day, usable
from dispatch.judge import judge
from dispatch.planning import Effort, plan_day
from dispatch.tables import read_contractors, read_jobs
from dispatch.types import DayPlan
from routing.best import Progress
from routing.dataset import open_engine, region
from routing.engine import TravelTimes
from routing.errors import UnreadableFile
from routing.region import Region, load
from routing.roads import read_roads
from routing.text_files import checked_target


@dataclass(frozen=True, slots=True)
class Given:
    """The files and the day that plan and check speak about; roads are asked of ``osrm_url`` where there is one."""

    contractors: Path
    jobs: Path
    on: date
    region: Region
    tz: ZoneInfo
    tz_guessed: bool
    osrm_url: str = ""


def road_data(home: Path, name: str | None, graph: Path | None) -> Region:
    """The region in force by name, or the one built in a folder."""
    return load(graph) if graph is not None else region(home, name or "")


def given(contractors: Path, jobs: Path, on: date, of: Region, tz_name: str | None, osrm_url: str = "") -> Given:
    """Resolve the time zone: as asked, else the region's, else UTC, which is said."""
    check_day(on)
    try:
        tz = ZoneInfo(tz_name or of.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadRequest(f"--tz {tz_name!r} is not a time zone; write for example America/Chicago") from error
    return Given(contractors, jobs, on, of, tz, tz_guessed=tz_name is None and of.timezone == "UTC", osrm_url=osrm_url)


def _check_targets(*files: Path | None) -> None:
    """What would fail after the search fails before it."""
    for file in files:
        if file is not None:
            checked_target(file)


def read_day(of: Given, engine: TravelTimes) -> Day:
    """Both tables, with the rows that cannot be used set aside.

    Raises
    ------
    UnreadableFile : a file as a whole cannot be used, or nothing in it can
    """
    people, jobs = read_contractors(of.contractors, of.on, of.tz), read_jobs(of.jobs, of.on, of.tz)
    day = usable(people, jobs, Clock(of.on, of.tz), engine, (of.contractors, of.jobs))
    for file, rows in ((of.contractors, day.contractors), (of.jobs, day.jobs)):
        if not rows:
            bad = [row for row in day.rejected if row.file == file.name]
            first = f"; line {bad[0].line}: {bad[0].reason}" if bad else ""
            raise UnreadableFile(file, 0, f"no row of it can be used ({len(bad)} rejected){first}")
    return day


def plan(
    of: Given,
    effort: Effort,
    console: Console,
    *,
    out: Path | None,
    geojson: Path | None,
    map_file: Path | None,
    strict: bool,
) -> int:
    """Plan a day, write what was asked for, tell what came of it; 0 done, 1 rejected rows under ``strict``."""
    _check_targets(out, geojson, map_file)
    with open_engine(of.region, of.osrm_url) as engine:
        if of.tz_guessed:
            console.print("warning: the region's time zone is unknown; clock times are read as UTC (set --tz)")
        day = read_day(of, engine)
        _tell_of_rows(day, console)
        if strict and day.rejected:
            rows = "1 row" if len(day.rejected) == 1 else f"{len(day.rejected)} rows"
            console.print(f"{rows} cannot be used and --strict was asked for: nothing was planned")
            return 1
        with progress(console, effort) as told:
            made = plan_day(day, engine, told)
    if out is None:
        sys.stdout.write(present.as_json(made))
    else:
        present.write_json(made, out)
    if geojson is not None:
        present.write_geojson(made, geojson)
    if map_file is not None:
        map_page.write(made, read_roads(of.region.folder), map_file, title=f"{of.region.name}, {of.on:%d %b %Y}")
    tell(made, console)
    return 0


def check(path: Path, of: Given, console: Console) -> int:
    """Judge a plan file; 0 when there is nothing wrong, else 1."""
    with open_engine(of.region, of.osrm_url) as engine:
        day = read_day(of, engine)
        _tell_of_rows(day, console)
        verdict = judge(path, day, engine)
    for violation in verdict.violations:
        console.print(f"{violation.kind}: {violation.message}", markup=False, highlight=False, soft_wrap=True)
    if verdict.travel_time_source != "osrm":
        console.print("warning: the road engine failed; legs were judged by straight-line estimates")
    if verdict.objective is not None:
        for name, points in asdict(verdict.objective).items():
            console.print(f"  {name:<11}{points:>14,}", highlight=False)
        console.print(f"  {'total':<11}{verdict.objective.total:>14,} points", highlight=False)
    console.print(f"judge: {len(verdict.violations)} violations {verdict.digest}", highlight=False, soft_wrap=True)
    return 1 if verdict.violations else 0


def tell(made: DayPlan, console: Console) -> None:
    """What the plan comes to, and what it leaves out."""
    for line in present.summary_lines(made):
        console.print(line, highlight=False, markup=False)
    if made.unassigned:
        console.print(present.unassigned_table(made))
    took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in made.phases.items())
    console.print(f"took       {took}", highlight=False)


def _tell_of_rows(day: Day, console: Console) -> None:
    for row in day.rejected:
        said = f"rejected {row.file} line {row.line}, {row.column}, id {row.id or '(empty)'}: {row.reason}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    for warning in day.warnings:
        console.print(f"warning: {warning}", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(console: Console, effort: Effort) -> Iterator[Effort]:
    """The effort with somebody listening: one line that changes on a terminal, a line per phase elsewhere."""
    if not console.is_terminal:
        yield _listening(effort, lambda text: console.print(f"· {text}", highlight=False), lambda _: None)
        return
    with console.status("starting") as status:
        began = time.monotonic()

        def better(now: Progress) -> None:
            status.update(now.told(effort.limit_s))

        def step(text: str) -> None:
            status.update(f"{text} … {time.monotonic() - began:.1f} s")

        yield _listening(effort, step, better)


def _listening(effort: Effort, on_step: Callable[[str], None], on_progress: Callable[[Progress], None]) -> Effort:
    return replace(effort, on_step=on_step, on_progress=on_progress)
