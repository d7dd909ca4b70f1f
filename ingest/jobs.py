"""A file of jobs into the database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.clock import instant, parse_clock
from dispatch.rows import clock_cell
from dispatch.standing import ORDINARY_DAY, read_standing_jobs
from dispatch.standing_types import StandingJob
from dispatch.types import RejectedRow
from ingest.usable_rows import Progress, Usable, near_roads
from routing.region import Region


def usable_jobs(
    path: Path, region: Region, tz: ZoneInfo, wanted_on: date | None, progress: Progress
) -> Usable[StandingJob]:
    """The jobs of a CSV, Excel or GeoJSON file that stand near a road of the region, by the region's clocks.

    Parameters
    ----------
    tz : whose clocks the file's windows are by
    wanted_on : the day; None for any

    Raises
    ------
    UnreadableFile : the file as a whole cannot be used
    ValueError : other clocks than the region's, and no day on which one could be read as the other
    """
    ours = ZoneInfo(region.timezone)
    if tz.key != ours.key and wanted_on is None:
        raise ValueError(
            f"--tz {tz.key}: windows are kept by the clocks of region {region.name}, {ours.key}, and without a day"
            f" nobody can say what the one is in the other; give --date, or write the file by the clocks of {ours.key}"
        )
    progress("read", 0.0)
    table = read_standing_jobs(path, ORDINARY_DAY if wanted_on is None else (wanted_on, tz))
    found = near_roads(path, table, region, lambda job: [("lon", job.point)], progress)
    if wanted_on is None or tz.key == ours.key:
        return found
    return _by_clocks_of_region(path, found, table.lines, wanted_on, tz, ours)


def _by_clocks_of_region(
    path: Path, found: Usable[StandingJob], lines: Mapping[str, int], on: date, tz: ZoneInfo, ours: ZoneInfo
) -> Usable[StandingJob]:
    """Windows that mean the same instants of the day; a job whose window the region's clocks cannot say is rejected."""
    moved, rejected = [], list(found.rejected)
    for job in found.rows:
        minutes: dict[str, int | None] = {}
        for column, given in (("window_start", job.window_start_min), ("window_end", job.window_end_min)):
            try:
                minutes[column] = None if given is None else _moved_min(given, on, tz, ours)
            except ValueError as fault:
                reason = f"{column}: {fault}; give the --date of the day that it is by the clocks of {ours.key}"
                rejected.append(RejectedRow(path.name, lines[job.id], column, job.id, reason))
                break
        else:
            moved.append(replace(job, window_start_min=minutes["window_start"], window_end_min=minutes["window_end"]))
    return replace(found, rows=tuple(moved), rejected=tuple(sorted(rejected, key=lambda row: row.line)))


def _moved_min(minutes: int, on: date, tz: ZoneInfo, ours: ZoneInfo) -> int:
    return parse_clock(clock_cell(instant(on, minutes, tz)[0], on, ours))
