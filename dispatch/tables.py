"""contractors and jobs of a day, read from CSV, Excel or GeoJSON and written as CSV; unusable rows are named."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.columns import CONTRACTOR_COLUMNS, JOB_COLUMNS, default_unserved_cost
from dispatch.rows import contractor_row, job_row
from dispatch.standing import contractor_placed, job_placed, read_standing_contractors, read_standing_jobs
from dispatch.table_reading import Table
from dispatch.types import Contractor, Job

__all__ = [
    "CONTRACTOR_COLUMNS",
    "JOB_COLUMNS",
    "Table",
    "contractor_row",
    "default_unserved_cost",
    "job_row",
    "read_contractors",
    "read_jobs",
    "write_contractors",
    "write_jobs",
]


def read_contractors(path: Path, on: date, tz: ZoneInfo) -> Table[Contractor]:
    """The people of a file.

    Parameters
    ----------
    path : what it holds decides, not its name. CSV in UTF-8 with the headings ``CONTRACTOR_COLUMNS``, in any order
        and case; an Excel workbook with the same headings in one of its sheets; or a GeoJSON FeatureCollection whose
        Points are the homes and whose properties have the same names
    on, tz : the day that clock times belong to, and whose clocks they are

    Raises
    ------
    UnreadableFile : the file as a whole cannot be used; single rows are rejected instead
    """
    standing = read_standing_contractors(path, (on, tz))
    rows = tuple(contractor_placed(row, on, tz)[0] for row in standing.rows)
    return Table(rows, standing.rejected, standing.warnings, standing.lines)


def read_jobs(path: Path, on: date, tz: ZoneInfo) -> Table[Job]:
    """The jobs of a file; as ``read_contractors``, with the headings ``JOB_COLUMNS``.

    Raises
    ------
    UnreadableFile : the file as a whole cannot be used; single rows are rejected instead
    """
    standing = read_standing_jobs(path, (on, tz))
    rows = tuple(job_placed(row, on, tz)[0] for row in standing.rows)
    return Table(rows, standing.rejected, standing.warnings, standing.lines)


def write_contractors(path: Path, contractors: Iterable[Contractor], tz: ZoneInfo, on: date) -> None:
    """Write contractors.csv in the order given; reading it with the same day and zone gives equal people.

    Raises
    ------
    ValueError : somebody holds what CSV cannot say, such as two breaks
    """
    _write(path, CONTRACTOR_COLUMNS, [contractor_row(contractor, on, tz) for contractor in contractors])


def write_jobs(path: Path, jobs: Iterable[Job], tz: ZoneInfo, on: date) -> None:
    """Write jobs.csv in the order given; reading it with the same day and zone gives equal jobs.

    Raises
    ------
    ValueError : a job holds what CSV cannot say, such as a duration of 90 seconds
    """
    _write(path, JOB_COLUMNS, [job_row(job, on, tz) for job in jobs])


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
