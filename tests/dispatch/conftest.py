"""A desk with two files on it, a country where a minute of latitude is a minute of driving, and two small towns."""

import csv
import fcntl
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tiny_extracts import town, write_extract

from dispatch.batch import Clock, matrix_of, problem_of, spots_of
from dispatch.clock import parse_clock
from dispatch.columns import CONTRACTOR_COLUMNS, JOB_COLUMNS
from dispatch.day import Day, usable
from dispatch.reasons import why_nobody
from dispatch.tables import read_contractors, read_jobs
from dispatch.types import Reason, Remedy
from geo.distance import pairwise_m
from ingest.region import ingest_region
from routing import dataset
from routing.arrays import arrays_of
from routing.check import violations
from routing.engine import TravelTimes
from routing.errors import UnknownRegion
from routing.explain import why_left_out
from routing.orders import Orders
from routing.plans import plan_of
from routing.region import Region
from routing.solver import solve
from routing.straight import Straight
from routing.types import Plan, Problem

DES_MOINES, ISLAND = (-93.62, 41.58), (-93.40, 41.58)
"""Corners of a town of 12 x 12 crossings and of one of 4 x 4, 18 km apart, no road between them."""

CHICAGO = ZoneInfo("America/Chicago")

Cells = Mapping[str, object]


@dataclass(frozen=True)
class Desk:
    """contractors.csv and jobs.csv in a folder, for one day in Chicago time."""

    folder: Path
    on: date = date(2026, 11, 24)
    tz: ZoneInfo = CHICAGO

    @property
    def files(self) -> tuple[Path, Path]:
        return self.folder / "contractors.csv", self.folder / "jobs.csv"

    def write(self, people: Sequence[Cells], jobs: Sequence[Cells]) -> "Desk":
        """Rows say only what the test is about; ``min`` is minutes of driving north of everybody's home."""
        for path, columns, rows, usual in (
            (self.files[0], CONTRACTOR_COLUMNS, people, _person),
            (self.files[1], JOB_COLUMNS, jobs, _job),
        ):
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(usual(row) for row in rows)
        return self

    def rows(self) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        people, jobs = (list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) for path in self.files)
        return people, jobs

    def read(self, engine: TravelTimes) -> Day:
        people, jobs = read_contractors(self.files[0], self.on, self.tz), read_jobs(self.files[1], self.on, self.tz)
        return usable(people, jobs, Clock(self.on, self.tz), engine, self.files)

    def arguments(self) -> list[str]:
        """What ./trades plan and check are told about this desk."""
        return ["--contractors", str(self.files[0]), "--jobs", str(self.files[1]), "--date", self.on.isoformat()]


def _placed(cells: Cells) -> dict[str, object]:
    rest = {name: value for name, value in cells.items() if name != "min"}
    return {"lon": -93.6, "lat": 41.0 + int(str(cells.get("min", 0))) / 60, **rest}


def _person(cells: Cells) -> dict[str, object]:
    return {
        "name": cells["id"],
        "trades": "plumber",
        "shift_start": "08:00",
        "shift_end": "16:00",
        **_placed(cells),
    }


def _job(cells: Cells) -> dict[str, object]:
    return {"trade": "plumber", "duration_min": 30, **_placed(cells)}


ONE_LESS = {
    "window_end": -1,
    "window_start": 1,
    "shift_end": -1,
    "shift_start": 1,
    "max_jobs": -1,
    "max_travel_min": -1,
    "priority": -1,
    "unserved_cost": -1,
}
"""What one unit less is, in minutes or in ones, of the fields that hold a measure."""


@dataclass
class Planned:
    """A day planned by insertion, with the reasons for what is left out."""

    desk: Desk
    engine: TravelTimes
    day: Day
    problem: Problem
    plan: Plan
    problem_on: Callable[[Day, TravelTimes], Problem]

    def reasons(self) -> dict[str, tuple[Reason, ...]]:
        jobs, people = {job.id: job for job in self.day.jobs}, {p.id: p for p in self.day.contractors}
        return {
            left.stop: why_nobody(jobs[left.stop], left, people, self.day.clock)
            for left in why_left_out(self.problem, self.plan)
        }

    def takes(self, job_id: str, rows: "tuple[Sequence[Cells], Sequence[Cells]]") -> bool:
        """Whether the plan in force takes the job by insertion once the files say this; the judge has the last word."""
        other = replace(self.desk, folder=self.desk.folder / "again")
        other.folder.mkdir(exist_ok=True)
        other.write(*rows)
        day = other.read(self.engine)
        if day.rejected != self.day.rejected:
            return False
        problem = self.problem_on(day, self.engine)
        at = {stop.id: number for number, stop in enumerate(problem.stops)}
        orders = {route.vehicle_id: [at[visit.stop_id] for visit in route.visits] for route in self.plan.routes}
        inserted = Orders(arrays_of(problem), [orders.get(vehicle.id, []) for vehicle in problem.vehicles])
        place = inserted.cheapest(at[job_id])
        if place is None or place.extra_points >= problem.stops[at[job_id]].unserved_cost:
            return False
        inserted.insert(at[job_id], place)
        after = plan_of(inserted.arrays, inserted.orders)
        return not violations(problem, after) and set(after.unassigned) == set(self.plan.unassigned) - {job_id}

    def typed(self, remedy: Remedy, less: int = 0) -> "tuple[list[Cells], list[Cells]]":
        """Both tables with the remedy in its cell, or with ``less`` of it."""
        people, jobs = self.desk.rows()
        if remedy.field is None:
            return [*people, remedy.to], jobs
        (row,) = [row for row in people + jobs if row["id"] == remedy.subject_id and remedy.field in row]
        assert isinstance(remedy.to, str)
        row[remedy.field] = moved(remedy.to, less) if less else remedy.to
        return people, jobs

    def proves(self, job_id: str, remedy: Remedy) -> None:
        """The remedy works; one unit less, or nothing where there is no unit, does not."""
        assert remedy.verified
        assert self.takes(job_id, self.typed(remedy)), remedy
        less = ONE_LESS.get(remedy.field or "", 0)
        assert not self.takes(job_id, self.typed(remedy, less) if less else self.desk.rows()), remedy


def moved(text: str, by: int) -> str:
    if ":" not in text:
        return str(int(text) + by)
    minutes = (parse_clock(text) + by) % 2880
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@pytest.fixture(scope="session")
def desk_of() -> type[Desk]:
    return Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="session")
def minutes() -> Straight:
    """Roads as straight as a line, where a minute of latitude takes 60 s."""
    return Straight(detour=1.0, speed_mps=float(pairwise_m([[-93.6, 41.0]], [[-93.6, 42.0]])[0, 0]) / 3600)


@pytest.fixture(scope="session")
def problem_on():
    """The problem that a day is, over an engine."""

    def made(day: Day, engine: TravelTimes) -> Problem:
        spots = spots_of(day.jobs, day.contractors)
        return problem_of(day.jobs, day.contractors, spots, matrix_of(engine, spots), day.clock)

    return made


@pytest.fixture
def planned(desk, minutes, problem_on):
    """A day of these rows, planned by insertion."""

    def on(people, jobs, day_of=desk):
        day = day_of.write(people, jobs).read(minutes)
        problem = problem_on(day, minutes)
        return Planned(day_of, minutes, day, problem, solve(problem, iterations=0), problem_on)

    return on


@pytest.fixture(scope="session")
def towns_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that all workers share, with the region "towns"."""
    own = tmp_path_factory.getbasetemp()
    home = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "towns_home"
    home.mkdir(exist_ok=True)
    return home


@pytest.fixture(scope="session")
def towns(towns_home: Path) -> Region:
    """Des Moines in small, and an island that no road leads to."""
    with (towns_home / "towns.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return dataset.region(towns_home, "towns")
        except UnknownRegion:
            here, streets = town(DES_MOINES, 12)
            there, lanes = town(ISLAND, first_id=1001)
            extract = write_extract(towns_home / "towns.osm.pbf", here | there, streets + lanes)
            return ingest_region(towns_home, "towns", extract=extract).region
