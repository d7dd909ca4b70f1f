"""Rows of a file that can go into a region: those that were read, and whose places stand near a road of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatch.batch import off_road_m
from dispatch.day import off_road_row
from dispatch.table_reading import Identified, Table
from dispatch.types import RejectedRow
from geo.point import Point
from routing.dataset import open_engine
from routing.engine import TravelTimes
from routing.region import Region

PLACES_A_CALL = 5_000

type Progress = Callable[[str, float], None]
"""Told which step is under way and how much of it is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Usable[Row]:
    """What can be written, and why the rest cannot; rejections in the order of the file."""

    rows: tuple[Row, ...]
    rejected: tuple[RejectedRow, ...]
    warnings: tuple[str, ...]


def near_roads[Row: Identified](
    path: Path,
    table: Table[Row],
    region: Region,
    places: Callable[[Row], Sequence[tuple[str, Point]]],
    progress: Progress,
) -> Usable[Row]:
    """Set aside rows with a place farther from every road of the region than anybody walks.

    Parameters
    ----------
    places : of a row, each under the heading where it would be mended

    Raises
    ------
    EngineFailed : the road data do not open
    """
    points = sorted({point for row in table.rows for _, point in places(row)})
    warnings = table.warnings
    far_m: dict[Point, float] = {}
    if points:
        with open_engine(region) as engine:
            far_m = _far_m(engine, points, progress)
            if engine.source != "osrm":
                warnings += ("the road engine failed: rows far from every road were not looked for; ingest again",)
    good: list[Row] = []
    rejected = list(table.rejected)
    for row in table.rows:
        bad = [(column, point) for column, point in places(row) if point in far_m]
        if bad:
            (column, point), line = bad[0], table.lines[row.id]
            rejected.append(off_road_row(path, line, row.id, column, point, far_m[point]))
        else:
            good.append(row)
    return Usable(tuple(good), tuple(sorted(rejected, key=lambda row: row.line)), warnings)


def _far_m(engine: TravelTimes, points: Sequence[Point], progress: Progress) -> dict[Point, float]:
    far_m: dict[Point, float] = {}
    for first in range(0, len(points), PLACES_A_CALL):
        progress("near roads", first / len(points))
        far_m |= off_road_m(engine, points[first : first + PLACES_A_CALL])
    return far_m
