"""What ./trades ingest contractors, jobs and demo-day do, once their arguments are read."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.ext.asyncio import AsyncConnection

from dispatch.types import RejectedRow
from ingest.contractors import usable_contractors
from ingest.database import database, in_transaction
from ingest.demo_day import write_demo_day
from ingest.filling import fill_contractors, fill_jobs
from ingest.jobs import usable_jobs
from ingest.report import Filled, NothingUsable, RowsRejected
from ingest.usable_rows import Progress, Usable
from routing.dataset import region
from routing.region import Region

type TellRows = Callable[[tuple[RejectedRow, ...], tuple[str, ...]], None]
"""Told of the rows of a file that cannot be used, and of warnings, before anything is written."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where things are, and who listens.

    Parameters
    ----------
    home : TRADES_HOME
    environ : may name a database
    """

    home: Path
    environ: Mapping[str, str]
    progress: Progress = lambda _step, _share: None
    tell_rows: TellRows = lambda _rejected, _warnings: None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add what the block takes to a step."""
        began_s = time.monotonic()
        yield
        self.seconds[step] = round(self.seconds.get(step, 0.0) + time.monotonic() - began_s, 2)


def ingest_contractors(
    setting: Setting, path: Path, region_name: str, tz_name: str | None, *, strict: bool = False
) -> Filled:
    """Write a file of people into the database, all that can be used of it or nothing.

    Raises
    ------
    UnknownRegion, UnreadableFile, ValueError : an argument or the file cannot be used
    NothingUsable, RowsRejected : no row can be, or ``strict`` and some cannot
    db.embedded.ServersError, db.engine.DatabaseError : the database is not there or failed; nothing was written
    """
    of = region(setting.home, region_name)
    tz, warnings = _clocks(of, tz_name)
    with setting.timed("read"):
        found = usable_contractors(path, of, setting.progress)
    _check(setting, path, found, warnings, strict=strict)
    with _database(setting) as url, setting.timed("write"):
        stored, new = in_transaction(url, lambda tx: fill_contractors(tx, of, found.rows, tz.key, setting.progress))
    return Filled(
        of.name,
        "contractors",
        path.name,
        tz.key,
        stored,
        found.rejected,
        (*warnings, *found.warnings),
        new,
        dict(setting.seconds),
    )


def ingest_jobs(
    setting: Setting, path: Path, region_name: str, tz_name: str | None, wanted_on: date | None, *, strict: bool = False
) -> Filled:
    """Write a file of jobs into the database, wanted on a day or (None) on any; as ``ingest_contractors``."""
    of = region(setting.home, region_name)
    tz, warnings = _clocks(of, tz_name)
    with setting.timed("read"):
        found = usable_jobs(path, of, tz, wanted_on, setting.progress)
    _check(setting, path, found, warnings, strict=strict)
    with _database(setting) as url, setting.timed("write"):
        stored, new = in_transaction(url, lambda tx: fill_jobs(tx, of, found.rows, wanted_on, setting.progress))
    return Filled(
        of.name,
        "jobs",
        path.name,
        tz.key,
        stored,
        found.rejected,
        (*warnings, *found.warnings),
        new,
        dict(setting.seconds),
    )


def ingest_demo_day(
    setting: Setting, region_name: str, on: date, *, seed: int, n_jobs: int, n_contractors: int
) -> tuple[Filled, Filled]:
    """Write a made-up day's people and jobs into the database, wanted on that day; both or neither.

    Raises
    ------
    UnknownRegion, TooFewStreets, ValueError : the region or an argument will not do
    db.embedded.ServersError, db.engine.DatabaseError : the database is not there or failed; nothing was written
    """
    of = region(setting.home, region_name)
    tz = ZoneInfo(of.timezone)
    with tempfile.TemporaryDirectory() as folder, setting.timed("make up"):
        setting.progress("make up", 0.0)
        files = write_demo_day(Path(folder), of, on, seed=seed, n_jobs=n_jobs, n_contractors=n_contractors)
        people = usable_contractors(files[0], of, setting.progress)
        jobs = usable_jobs(files[1], of, tz, on, setting.progress)
    for file, found in zip(files, (people, jobs), strict=True):
        _check(setting, file, found, (), strict=False)
    with _database(setting) as url, setting.timed("write"):

        async def work(tx: AsyncConnection) -> tuple[Filled, Filled]:
            # Jobs first: everybody locks a job before a contractor.
            jobs_stored, jobs_new = await fill_jobs(tx, of, jobs.rows, on, setting.progress)
            people_stored, people_new = await fill_contractors(tx, of, people.rows, tz.key, setting.progress)
            return (
                Filled(
                    of.name,
                    "contractors",
                    _MADE_UP,
                    tz.key,
                    people_stored,
                    people.rejected,
                    people.warnings,
                    people_new,
                ),
                Filled(of.name, "jobs", _MADE_UP, tz.key, jobs_stored, jobs.rejected, jobs.warnings, jobs_new),
            )

        filled = in_transaction(url, work)
    people_filled, jobs_filled = (replace(one, seconds=dict(setting.seconds)) for one in filled)
    return people_filled, jobs_filled


_MADE_UP = "a made-up day"


def _clocks(of: Region, tz_name: str | None) -> tuple[ZoneInfo, tuple[str, ...]]:
    """As asked, else the region's; UTC that nobody asked for is said."""
    try:
        tz = ZoneInfo(tz_name or of.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"--tz {tz_name!r} is not a time zone; write for example America/Chicago") from error
    if tz_name is None and of.timezone == "UTC":
        return tz, (f"the time zone of region {of.name} is unknown; clock times are read as UTC (set --tz)",)
    return tz, ()


def _check(setting: Setting, path: Path, found: Usable[Any], warnings: tuple[str, ...], *, strict: bool) -> None:
    """Tell of the rows; raise when there is nothing to write, or nothing is to be written."""
    setting.tell_rows(found.rejected, (*warnings, *found.warnings))
    if not found.rows:
        raise NothingUsable(f"{path.name}: no row of it can be used ({len(found.rejected):,} rejected)")
    if strict and found.rejected:
        n = len(found.rejected)
        raise RowsRejected(
            f"{path.name}: {n:,} row{'s' if n > 1 else ''} cannot be used and --strict was asked for; nothing was written"
        )


@contextmanager
def _database(setting: Setting) -> Iterator[str]:
    setting.progress("database", 0.0)
    with database(setting.home, setting.environ) as url:
        setting.progress("write", 0.0)
        yield url
