"""./trades demo: a day of a real town through the database, the server's own answers, the queue and the planner.

Everything that is asked is asked as a page would ask it, over the application's HTTP interface within this process; a
planner takes the run from the queue. What is printed comes from the answers; the judge reads the files.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from rich.console import Console
from rich.status import Status

from api.app import create_app
from api.bus import PLANNING
from api.key import ensure_key
from api.settings import Settings
from api.tour_tables import CROSSING, nearest_table, proposal_lines
from api.worker import run as work
from db import booking, day_rows, labels
from db import engine as db_engine
from dispatch import map_page, present, relabel
from dispatch.civil_days import check_day
from dispatch.commands import given, read_day, tell
from dispatch.day import Day
from dispatch.judge import judge
from dispatch.reread import day_plan
from dispatch.tables import write_contractors, write_jobs
from dispatch.types import Contractor, DayPlan, Job
from routing.dataset import open_engine, region
from routing.engine import TravelTimes
from routing.errors import RoutingError
from routing.region import Region
from routing.roads import read_roads

REGION = "coquimbo"
ASKED_AT = "10:00"
POLL_EVERY_S = 0.2
PLANNER_PATIENCE_S = 120.0


class TourFailed(RoutingError):
    """Something that the tour asked for was refused; the sentence says what and why."""


@dataclass(slots=True)
class _Tour:
    """What the steps share."""

    settings: Settings
    console: Console
    of: Region
    on: date
    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Wall seconds of a step."""
        began_s = time.monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - began_s


def run(settings: Settings, console: Console, *, seed: int, limit_s: float, on: date) -> int:
    """Play the main job and print it; 0 when the judge finds nothing wrong.

    Raises
    ------
    RoutingError : no such region, a day nobody can mean, or a step that was refused
    """
    check_day(on)
    folder = settings.home / "demo"
    tour = _Tour(settings, console, region(settings.home, REGION), on, folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tour.timed("making up a day"):
        _make_up_a_day(tour, seed)
    return asyncio.run(_play(tour, seed, limit_s))


def _make_up_a_day(tour: _Tour, seed: int) -> None:
    """People and jobs into the database, by the command that a person would use."""
    asked = ["demo-day", "--region", REGION, "--date", tour.on.isoformat(), "--seed", str(seed)]
    done = subprocess.run([sys.executable, "-m", "ingest", *asked], capture_output=True, text=True, check=False)
    if done.returncode:
        raise TourFailed(f"the day could not be made up: {done.stderr.strip()}")


async def _play(tour: _Tour, seed: int, limit_s: float) -> int:
    async with _client(tour.settings) as client:
        names, people, jobs = await _rows(tour, client.database)
        tour.console.rule("[bold]1  Who can be at the door soonest?", align="left")
        with tour.timed("nearest by road"):
            found = await _nearest(tour, client)
        for shown in nearest_table(found, names):
            tour.console.print(shown, highlight=False)
        tour.console.rule("[bold]2  The day, planned", align="left")
        run_id = await _planned(tour, client, seed, limit_s)
        with tour.timed("commit"):
            await client.post(f"/dispatch/runs/{run_id}/commit")
        plan = _readable(await client.get(f"/dispatch/runs/{run_id}/plan"), names, people, jobs)
        tell(plan, tour.console)
        busiest = max(plan.routes, key=lambda route: (len(route.stops), route.contractor.id), default=None)
        if busiest is not None:
            tour.console.rule("[bold]3  One contractor's day", align="left")
            ids = {label: row_id for row_id, label in names.items()}
            schedule = await client.get(f"/schedule/{ids[busiest.contractor.id]}/{tour.on}")
            tour.console.print(present.day_table(busiest))
            tour.console.print(
                f"In force: version {schedule['version']} of the day, {len(schedule['stops'])} stops for this contractor.",
                highlight=False,
            )
    tour.seconds |= plan.phases
    return await asyncio.to_thread(_end, tour, plan, people, jobs)


class _Client:
    """The application as a page sees it; a refusal is an error."""

    def __init__(self, http: httpx.AsyncClient, app: FastAPI) -> None:
        self._http, self.database = http, app.state.database

    async def get(self, path: str, **params: Any) -> Any:
        """An answer's JSON."""
        return self._read(await self._http.get(path, params=params))

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """An answer's JSON."""
        return self._read(await self._http.post(path, json=body))

    def _read(self, answer: httpx.Response) -> Any:
        if answer.is_error:
            raise TourFailed(f"{answer.request.method} {answer.request.url.path}: {answer.json()['detail']}")
        return answer.json()


@asynccontextmanager
async def _client(settings: Settings) -> AsyncIterator[_Client]:
    """A server and a planner within this process."""
    key, _ = ensure_key(settings.home, settings.key)
    app = create_app(settings.model_copy(update={"key": SecretStr(key)}))
    ready = asyncio.Event()
    async with app.router.lifespan_context(app):
        planner = asyncio.create_task(work(settings, [PLANNING], concurrency=1, ready=ready, heed_signals=False))
        try:
            await ready.wait()
            headers = {"Authorization": f"Bearer {key}"}
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://trades", headers=headers, timeout=30
            ) as http:
                yield _Client(http, app)
        finally:
            planner.cancel()
            await asyncio.gather(planner, return_exceptions=True)


async def _rows(tour: _Tour, database: Any) -> tuple[Mapping[str, str], dict[str, Contractor], dict[str, Job]]:
    """Labels by id; the day's people and jobs as the database has them, by label."""
    tz = ZoneInfo(tour.of.timezone)
    async with db_engine.snapshot(database) as tx:
        names = await labels.labels(tx, REGION)
        people = [relabel.contractor(p, names) for p in (await day_rows.contractors_on(tx, REGION, tour.on)).things]
        booked = list(await booking.live_on(tx, REGION, tour.on))
        jobs = [relabel.job(j, names) for j in (await day_rows.jobs_wanted(tx, REGION, tour.on, tz, booked)).things]
    return names, {person.id: person for person in people}, {job.id: job for job in jobs}


async def _nearest(tour: _Tour, client: _Client) -> Any:
    at = datetime.fromisoformat(f"{tour.on} {ASKED_AT}").replace(tzinfo=ZoneInfo(tour.of.timezone))
    return await client.get(
        "/maps/contractors/nearby", lat=CROSSING.lat, lng=CROSSING.lon, trade="plumber", limit=10, at=at.isoformat()
    )


async def _planned(tour: _Tour, client: _Client, seed: int, limit_s: float) -> str:
    """A run's id once it has something to show; tells what it proposes."""
    asked = {"region": REGION, "date": tour.on.isoformat(), "limit_s": limit_s, "seed": seed}
    run_id = str((await client.post("/dispatch/runs", asked))["run_id"])
    until_s = time.monotonic() + limit_s + PLANNER_PATIENCE_S
    with Console(stderr=True).status("waiting for the planner") as status:
        while (seen := await client.get(f"/dispatch/runs/{run_id}"))["state"] in ("queued", "running"):
            if time.monotonic() > until_s:
                raise TourFailed(f"the planner has not finished within {limit_s + PLANNER_PATIENCE_S:.0f} s")
            _show(status, seen)
            await asyncio.sleep(POLL_EVERY_S)
    if seen["state"] != "ready":
        raise TourFailed(f"the run ended as {seen['state']}: {(seen['failure'] or {}).get('message', '')}")
    for line in proposal_lines(seen["preview"]):
        tour.console.print(line, highlight=False)
    return run_id


def _show(status: Status, seen: Mapping[str, Any]) -> None:
    best = f", best so far {seen['best']:,} points" if seen["best"] is not None else ""
    status.update(f"{seen['phase'] or seen['state']} ({seen['progress']} %){best}")


def _readable(
    document: Mapping[str, Any], names: Mapping[str, str], people: Mapping[str, Contractor], jobs: Mapping[str, Job]
) -> DayPlan:
    """The plan under the ids of files."""
    return day_plan(relabel.everywhere(document, names), people, jobs)


def _end(tour: _Tour, plan: DayPlan, people: Mapping[str, Contractor], jobs: Mapping[str, Job]) -> int:
    """Write the files, and have the judge read them."""
    console, folder, tz = tour.console, tour.folder, ZoneInfo(tour.of.timezone)
    files = folder / "contractors.csv", folder / "jobs.csv"
    with tour.timed("files"):
        write_contractors(files[0], people.values(), tz, tour.on)
        write_jobs(files[1], jobs.values(), tz, tour.on)
        present.write_json(plan, folder / "plan.json")
        present.write_geojson(plan, folder / "routes.geojson")
        title = f"Coquimbo, {tour.on:%d %b %Y}"
        map_page.write(plan, read_roads(tour.of.folder), folder / "map.html", title=title)
    console.rule("[bold]4  Files, and the judge", align="left")
    for name, says in (
        ("plan.json", "the plan"),
        ("routes.geojson", "routes and stops"),
        ("map.html", "a map page; open it in a browser, no network needed"),
        ("contractors.csv", "who works"),
        ("jobs.csv", "what is to be done"),
    ):
        console.print(f"{folder / name}  ({says})", highlight=False, soft_wrap=True)
    took = ", ".join(f"{name} {s:.1f} s" for name, s in tour.seconds.items())
    console.print(f"took: {took}", highlight=False)
    with open_engine(tour.of) as engine:
        return tell_verdict(
            folder / "plan.json", read_day(given(*files, tour.on, tour.of, None), engine), engine, console
        )


def tell_verdict(path: Path, day: Day, engine: TravelTimes, console: Console) -> int:
    """Judge a plan file and print the verdict; 0 when there is nothing wrong, else 1."""
    verdict = judge(path, day, engine)
    for violation in verdict.violations:
        console.print(f"{violation.kind}: {violation.message}", highlight=False, markup=False)
    console.print(f"judge: {len(verdict.violations)} violations {verdict.digest}", highlight=False, soft_wrap=True)
    return 1 if verdict.violations else 0
