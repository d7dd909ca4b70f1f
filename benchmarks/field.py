"""Suite field: days of ./trades plan, from files on real road networks or generated on the sample region.

``--data DIR`` holds ``cases/NAME/{contractors,jobs}.csv`` and ``osm/*.pbf``; the extract of a case is the one whose
name begins with the same word. Without it, days are made up on the sample region.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.choices import BadChoice
from benchmarks.contest import Instance, Opening
from dispatch.batch import Clock, matrix_of, problem_of, spots_of
from dispatch.commands import given, read_day
from dispatch.day import Day
from dispatch.generate import generate_day, street_places
from routing.dataset import open_engine, region
from routing.errors import EngineFailed, UnknownRegion
from routing.region import Region

ON = date(2026, 11, 24)
"""The day that is planned."""

SAMPLE = "coquimbo"
SIZES = ((60, 10), (160, 26), (300, 45))
"""Jobs and people of the generated days."""

DAYS = ("1", "2", "3", "plain")
"""Seeds of the generated days; the plain one is the first without breaks, which not every engine can state."""

_INGEST_S = 1800
_PROJECT = Path(__file__).resolve().parents[1]


def field_names(data: Path | None) -> list[str]:
    """Names of the cases there are.

    Raises
    ------
    BadChoice : the folder holds none
    """
    if data is None:
        return [f"{SAMPLE}_{jobs}x{people}_{day}" for jobs, people in SIZES for day in DAYS]
    names = sorted(file.parent.name for file in (data / "cases").glob("*/jobs.csv"))
    if not names:
        raise BadChoice(f"--data {data} holds no cases/NAME/jobs.csv; name a folder that does, or leave --data out")
    return names


def field_instances(
    names: list[str], data: Path | None, home: Path, tell: Callable[[str], None]
) -> Iterator[tuple[str, Opening]]:
    """Cases by name, each made when it is its turn."""
    for name in names:
        if data is None:
            yield name, lambda name=name: _generated(name, home, tell)
        else:
            yield name, lambda name=name: _from_files(name, data, home, tell)


def _from_files(name: str, data: Path, home: Path, tell: Callable[[str], None]) -> Instance:
    word = name.partition("_")[0]
    extracts = sorted((data / "osm").glob(f"{word}*.pbf"))
    if not extracts:
        raise BadChoice(f"--data {data} has no osm/{word}*.pbf, the roads of case {name}; add the extract")
    of = _region(f"bench-{word}", ["--pbf", str(extracts[0])], home, tell)
    folder = data / "cases" / name
    files = given(folder / "contractors.csv", folder / "jobs.csv", ON, of, None)
    with open_engine(of) as engine:
        return _instance(name, read_day(files, engine), of)


def _generated(name: str, home: Path, tell: Callable[[str], None]) -> Instance:
    _, size, day = name.split("_")
    n_jobs, n_people = (int(number) for number in size.split("x"))
    of = _region(SAMPLE, ["--sample", SAMPLE], home, tell)
    tz = ZoneInfo(of.timezone)
    seed = 1 if day == "plain" else int(day)
    with open_engine(of) as engine:
        places = street_places(engine, of.outline, seed, 2 * (n_jobs + n_people))
    made = generate_day(places, ON, tz, seed=seed, n_jobs=n_jobs, n_contractors=n_people)
    if day == "plain":
        made = replace(made, contractors=tuple(replace(person, breaks=()) for person in made.contractors))
    return _instance(name, Day(made.contractors, made.jobs, Clock(ON, tz)), of)


def _instance(name: str, day: Day, of: Region) -> Instance:
    spots = spots_of(day.jobs, day.contractors)
    with open_engine(of) as engine:
        began_s = time.perf_counter()
        matrix = matrix_of(engine, spots)
        took_s = time.perf_counter() - began_s
    if matrix.source != "osrm":
        raise EngineFailed(f"the road engine failed on {name}: straight-line estimates are no benchmark")
    problem = problem_of(day.jobs, day.contractors, spots, matrix, day.clock)
    about = {
        "class": of.name.removeprefix("bench-"),
        "n_stops": len(day.jobs),
        "n_vehicles": len(day.contractors),
        "n_rejected_rows": len(day.rejected),
        "n_places": int(np.asarray(matrix.duration_s).shape[0]),
        "matrix_s": round(took_s, 3),
    }
    return Instance(name, problem, about)


def _region(name: str, source: list[str], home: Path, tell: Callable[[str], None]) -> Region:
    """Road data in force, built by ./trades ingest when there is none yet: the same extract twice changes nothing."""
    tell(f"road data of {name}")
    program = [sys.executable, "-P", "-m", "ingest", "region", name, *source, "--json"]
    path = os.pathsep.join([str(_PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"TRADES_HOME": str(home), "PYTHONPATH": path}
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=_INGEST_S, env=environment)
    try:
        return region(home, name)
    except UnknownRegion as error:
        said = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        raise EngineFailed(
            f"the road data of {name} could not be built: {said[0] if said else 'no word why'}"
        ) from error
