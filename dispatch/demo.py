"""./trades demo: a made-up day on real roads, from who is nearest to a plan that the judge accepts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from dispatch import map_page, present
from dispatch.commands import check_day, given, progress, read_day, tell
from dispatch.day import Day
from dispatch.generate import generate_day
from dispatch.judge import judge
from dispatch.match import Match, nearest_by_road
from dispatch.places import street_places
from dispatch.planning import Effort, plan_day
from dispatch.tables import write_contractors, write_jobs
from dispatch.types import DayPlan
from geo.point import Point
from routing.child import ChildEngine
from routing.dataset import open_engine, region
from routing.roads import read_roads

REGION = "coquimbo"
N_JOBS, N_CONTRACTORS, N_PLACES = 160, 26, 320

CROSSING = Point(-71.2517, -29.90595)
CROSSING_NAME = "Los Carrera and Avenida Francisco de Aguirre"
"""In the centre of La Serena."""


def run(home: Path, console: Console, *, seed: int, limit_s: float, on: date) -> int:
    """Play the main job and print it; 0 when the judge finds nothing wrong."""
    check_day(on)
    of = region(home, REGION)
    folder = home / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    seconds: dict[str, float] = {}
    people_file, jobs_file = folder / "contractors.csv", folder / "jobs.csv"
    with open_engine(of) as engine:
        tz = ZoneInfo(of.timezone)
        with _timed(seconds, "making up a day"):
            places = street_places(engine, of.outline, seed, N_PLACES)
            made_up = generate_day(
                places, on, tz, seed=seed, n_jobs=N_JOBS, n_contractors=N_CONTRACTORS, with_traps=True
            )
            write_contractors(people_file, made_up.contractors, tz, on)
            write_jobs(jobs_file, made_up.jobs, tz, on)
            day = read_day(given(people_file, jobs_file, on, of, None), engine)
        console.rule("[bold]1  Who can be at the door soonest?", align="left")
        with _timed(seconds, "nearest by road"):
            found = nearest_by_road(engine, day.contractors, CROSSING, trade="plumber", limit=10)
        _print_nearest(found, console)
        console.rule("[bold]2  The day, planned", align="left")
        with progress(Console(stderr=True), Effort(limit_s=limit_s, seed=seed)) as effort:
            plan = plan_day(day, engine, effort)
        seconds |= plan.phases
        with _timed(seconds, "files"):
            present.write_json(plan, folder / "plan.json")
            present.write_geojson(plan, folder / "routes.geojson")
            map_page.write(plan, read_roads(of.folder), folder / "map.html", title=f"Coquimbo, {on:%d %b %Y}")
        _print_plan(plan, console)
        return _print_end(folder, day, engine, seconds, console)


def _print_nearest(found: list[Match], console: Console) -> None:
    title = f"Ten plumbers nearest to the crossing of\n{CROSSING_NAME}, by drive time"
    table = Table(box=None, title=title, title_justify="left")
    for heading in ("By road", "Plumber", "Drive", "By air", "Straight", "Changes place"):
        table.add_column(heading, justify="left" if heading in ("Plumber", "Changes place") else "right")
    for match in found:
        moved = match.straight_rank - match.rank
        says = f"{'up' if moved > 0 else 'down'} {abs(moved)}" if moved else ""
        table.add_row(
            str(match.rank),
            f"{match.contractor.name} ({match.contractor.id})",
            f"{match.drive_s / 60:.1f} min",
            str(match.straight_rank),
            f"{match.distance_m / 1000:.1f} km",
            says,
        )
    console.print(table)
    n_moved = sum(match.rank != match.straight_rank for match in found)
    console.print(
        f"{n_moved} of {len(found)} stand elsewhere than the straight line would put them.\n", highlight=False
    )


def _print_plan(plan: DayPlan, console: Console) -> None:
    tell(plan, console)
    busiest = max(plan.routes, key=lambda route: (len(route.stops), route.contractor.id), default=None)
    if busiest is not None:
        console.rule("[bold]3  One contractor's day", align="left")
        console.print(present.day_table(busiest))


def _print_end(folder: Path, day: Day, engine: ChildEngine, seconds: dict[str, float], console: Console) -> int:
    console.rule("[bold]4  Files, and the judge", align="left")
    for name, says in (
        ("plan.json", "the plan"),
        ("routes.geojson", "routes and stops"),
        ("map.html", "a map page; open it in a browser, no network needed"),
        ("contractors.csv", "who works"),
        ("jobs.csv", "what is to be done"),
    ):
        console.print(f"{folder / name}  ({says})", highlight=False, soft_wrap=True)
    with _timed(seconds, "second judgement, from the files"):
        verdict = judge(folder / "plan.json", day, engine)
    took = ", ".join(f"{name} {s:.1f} s" for name, s in seconds.items())
    console.print(f"took: {took}", highlight=False)
    for violation in verdict.violations:
        console.print(f"{violation.kind}: {violation.message}", highlight=False, markup=False)
    console.print(f"judge: {len(verdict.violations)} violations {verdict.digest}", highlight=False, soft_wrap=True)
    return 1 if verdict.violations else 0


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[name] = time.monotonic() - began
