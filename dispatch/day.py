"""What there is to plan on one day: the rows of the two tables that can be used, and why the others cannot."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dispatch.batch import Clock, off_road_m
from dispatch.tables import Table
from dispatch.types import Contractor, Job, RejectedRow
from dispatch.under_way import History
from geo.point import Point
from routing.engine import SNAP_LIMIT_M, TravelTimes

OFF_ROAD_COLUMN = "lon"
"""Where an off-road row is said to be wrong; either coordinate may be."""


@dataclass(frozen=True, slots=True)
class Day:
    """What there is to plan: usable rows, each sorted by id, and what was wrong with the others.

    ``history`` is what has happened of a day that is under way; its jobs and people are among the rows.
    """

    contractors: tuple[Contractor, ...]
    jobs: tuple[Job, ...]
    clock: Clock
    rejected: tuple[RejectedRow, ...] = ()
    warnings: tuple[str, ...] = ()
    history: History | None = None


def usable(
    contractors: Table[Contractor], jobs: Table[Job], clock: Clock, engine: TravelTimes, files: tuple[Path, Path]
) -> Day:
    """Rows that can be planned for: those that were read and stand near a road.

    Parameters
    ----------
    files : contractors.csv and jobs.csv, for the names in the rejections
    """
    points = [point for person in contractors.rows for point in (person.home, person.end) if point]
    points += [job.point for job in jobs.rows]
    far_m = off_road_m(engine, sorted(set(points)))
    rejected = [*contractors.rejected, *jobs.rejected]
    good_people, good_jobs = [], []
    for person in contractors.rows:
        far = [("lon", person.home)] + ([("end_lon", person.end)] if person.end else [])
        bad = [(column, point) for column, point in far if point in far_m]
        if bad:
            rejected.append(
                off_road_row(files[0], contractors.lines.get(person.id, 0), person.id, *bad[0], far_m[bad[0][1]])
            )
        else:
            good_people.append(person)
    for job in jobs.rows:
        if job.point in far_m:
            line = jobs.lines.get(job.id, 0)
            rejected.append(off_road_row(files[1], line, job.id, OFF_ROAD_COLUMN, job.point, far_m[job.point]))
        else:
            good_jobs.append(job)
    warnings = (*contractors.warnings, *jobs.warnings)
    return Day(tuple(good_people), tuple(good_jobs), clock, tuple(rejected), warnings)


def off_road_row(file: Path, line: int, row_id: str, column: str, point: Point, distance_m: float) -> RejectedRow:
    """Why a row whose place is too far from any road cannot be used, ``distance_m`` from the nearest."""
    how_far = f"{distance_m:,.0f} m from" if np.isfinite(distance_m) else "nowhere near"
    reason = (
        f"({point.lon}, {point.lat}) is {how_far} the nearest road, more than {SNAP_LIMIT_M:,} m;"
        " check that lon and lat are not swapped and that the region is the right one"
    )
    return RejectedRow(file.name, line, column, row_id, reason)
