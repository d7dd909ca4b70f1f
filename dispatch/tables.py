"""contractors.csv and jobs.csv, read into people and jobs and written back; rows that cannot be used are named."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.cell_values import Cells
from dispatch.columns import (
    CONTRACTOR_COLUMNS,
    CONTRACTOR_REQUIRED,
    DURATION_MIN_MOST,
    JOB_COLUMNS,
    JOB_REQUIRED,
    PRIORITY_MOST,
    WHOLE_MOST,
    default_unserved_cost,
)
from dispatch.rows import contractor_row, job_row
from dispatch.sheet import Record, Sheet, legible, read_sheet
from dispatch.types import DEFAULT_PRIORITY, Contractor, Job, RejectedRow
from routing.errors import UnreadableFile
from routing.types import DEFAULT_COST_PER_HOUR

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

_LINES_NAMED = 5
"""So that a file whose every row has the same id does not name every line on every line."""


@dataclass(frozen=True, slots=True)
class Table[Row]:
    """What a file holds.

    Parameters
    ----------
    rows : sorted by id
    rejected : in the order of the file, one for each row that cannot be used
    warnings : about rows that are used all the same, and about the file
    lines : id -> line of the file, for rows that are used
    """

    rows: tuple[Row, ...]
    rejected: tuple[RejectedRow, ...]
    warnings: tuple[str, ...]
    lines: Mapping[str, int]


def read_contractors(path: Path, on: date, tz: ZoneInfo) -> Table[Contractor]:
    """The people of contractors.csv.

    Parameters
    ----------
    path : CSV in UTF-8 with the headings ``CONTRACTOR_COLUMNS``, in any order and case
    on, tz : the day that clock times belong to, and whose clocks they are

    Raises
    ------
    UnreadableFile : the file as a whole cannot be used; single rows are rejected instead
    """
    return _read(path, on, tz, CONTRACTOR_REQUIRED, CONTRACTOR_COLUMNS, _contractor)


def read_jobs(path: Path, on: date, tz: ZoneInfo) -> Table[Job]:
    """The jobs of jobs.csv; as ``read_contractors``, with the headings ``JOB_COLUMNS``.

    Raises
    ------
    UnreadableFile : the file as a whole cannot be used; single rows are rejected instead
    """
    return _read(path, on, tz, JOB_REQUIRED, JOB_COLUMNS, _job)


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


def _contractor(cells: Cells) -> Contractor | None:
    """One person, or None with the faults in ``cells``."""
    name = cells.text("name")
    contractor_id = cells.needed("id", "give every contractor an id of its own")
    cells.needed("trades", "write at least one trade, several as plumber;electrician")
    trades = cells.names("trades")
    if cells.text("trades") and not trades:
        cells.fault("trades", f"trades {cells.text('trades')!r} names no trade; write for example plumber;electrician")
    home = cells.point("lon", "lat")
    shift = cells.shift("shift_start", "shift_end")
    end = cells.point("end_lon", "end_lat") if cells.text("end_lon") or cells.text("end_lat") else None
    pause = cells.pause(("break_start", "break_end", "break_min"), shift)
    max_jobs = cells.whole("max_jobs", 1, WHOLE_MOST, "")
    max_travel_min = cells.whole("max_travel_min", 0, WHOLE_MOST, " of minutes")
    cost_per_hour = cells.whole("cost_per_hour", 0, WHOLE_MOST, " of points")
    cost_per_km = cells.whole("cost_per_km", 0, WHOLE_MOST, " of points")
    cost_fixed = cells.whole("cost_fixed", 0, WHOLE_MOST, " of points")
    if cells.faults or contractor_id is None or home is None or shift is None:
        return None
    return Contractor(
        id=contractor_id,
        name=name,
        trades=trades,
        home=home,
        shift=shift,
        end=end,
        skills=cells.names("skills"),
        breaks=() if pause is None else (pause,),
        max_jobs=max_jobs,
        max_travel_s=None if max_travel_min is None else 60 * max_travel_min,
        cost_per_hour=DEFAULT_COST_PER_HOUR if cost_per_hour is None else cost_per_hour,
        cost_per_km=cost_per_km or 0,
        cost_fixed=cost_fixed or 0,
    )


def _job(cells: Cells) -> Job | None:
    """One job, or None with the faults in ``cells``."""
    job_id = cells.needed("id", "give every job an id of its own")
    trade = cells.needed("trade", "write the trade it takes, such as plumber")
    point = cells.point("lon", "lat")
    cells.needed("duration_min", f"write whole minutes from 1 to {DURATION_MIN_MOST}")
    duration_min = cells.whole("duration_min", 1, DURATION_MIN_MOST, " of minutes")
    window = cells.window("window_start", "window_end")
    priority = cells.whole("priority", 0, PRIORITY_MOST, "")
    unserved_cost = cells.whole("unserved_cost", 0, WHOLE_MOST, " of points")
    if cells.faults or job_id is None or trade is None or point is None or duration_min is None:
        return None
    priority = DEFAULT_PRIORITY if priority is None else priority
    return Job(
        id=job_id,
        trade=trade,
        point=point,
        duration_s=60 * duration_min,
        unserved_cost=default_unserved_cost(priority) if unserved_cost is None else unserved_cost,
        address=cells.text("address"),
        window=window,
        priority=priority,
        skills=cells.names("skills"),
        preferred_contractor=cells.text("preferred_contractor") or None,
        required_contractor=cells.text("required_contractor") or None,
        excluded_contractors=cells.names("excluded_contractors"),
        priced=unserved_cost is not None,
    )


def _read[Row: Contractor | Job](
    path: Path,
    on: date,
    tz: ZoneInfo,
    required: Sequence[str],
    columns: Sequence[str],
    build: Callable[[Cells], Row | None],
) -> Table[Row]:
    sheet = read_sheet(path, columns)
    positions, warnings = _positions(path, sheet, required, columns)
    lines_of = _lines_of_ids(sheet, positions["id"])
    rows: list[Row] = []
    rejected: list[RejectedRow] = []
    for record in sheet.records:
        row_id = _cell(record, positions["id"])
        faults = [*_twin_faults(record, lines_of.get(row_id, ())), *_shape_faults(record, sheet)]
        row = None
        # A row of the wrong shape has its texts under the wrong headings: what they say would mislead.
        if not (record.fault or len(record.cells) != len(sheet.heading)):
            cells = Cells({column: _cell(record, at) for column, at in positions.items()}, on, tz)
            row = build(cells)
            faults += sorted(cells.faults, key=lambda fault: columns.index(fault[0]))
            warnings += [
                f"{path.name} line {record.line}, column {column}, id {row_id}: {sentence}"
                for column, sentence in cells.warnings
                if not faults
            ]
        if row is not None and not faults:
            rows.append(row)
        else:
            reason = "; ".join(sentence for _, sentence in faults)
            rejected.append(RejectedRow(path.name, record.line, faults[0][0], legible(row_id), reason))
    rows.sort(key=lambda row: row.id)
    lines = {row.id: lines_of[row.id][0] for row in rows}
    return Table(tuple(rows), tuple(rejected), tuple(warnings), lines)


def _positions(
    path: Path, sheet: Sheet, required: Sequence[str], columns: Sequence[str]
) -> tuple[dict[str, int], list[str]]:
    """Where each known column stands, and a warning about the others."""
    positions: dict[str, int] = {}
    extra = []
    for at, heading in enumerate(sheet.heading):
        column = heading.lower()
        if column not in columns:
            extra.append(heading or f"(column {at + 1}, without a name)")
        elif column in positions:
            raise UnreadableFile(path, sheet.heading_line, f"the heading has {column} twice; keep one of them")
        else:
            positions[column] = at
    missing = [column for column in required if column not in positions]
    if missing:
        raise UnreadableFile(
            path,
            sheet.heading_line,
            f"the heading lacks {', '.join(missing)}; it has: {', '.join(sheet.heading)}."
            f" Needed are {', '.join(required)}",
        )
    if not extra:
        return positions, []
    return positions, [f"{path.name}: columns that mean nothing here are ignored: {', '.join(extra)}"]


def _cell(record: Record, at: int) -> str:
    return record.cells[at].strip() if at < len(record.cells) else ""


def _lines_of_ids(sheet: Sheet, id_at: int) -> Mapping[str, list[int]]:
    lines_of: dict[str, list[int]] = defaultdict(list)
    for record in sheet.records:
        row_id = _cell(record, id_at)
        if row_id:
            lines_of[row_id].append(record.line)
    return lines_of


def _twin_faults(record: Record, lines: Sequence[int]) -> list[tuple[str, str]]:
    """Every row that shares its id is refused: nobody can tell which of them is meant."""
    if len(lines) < 2:
        return []
    others = [line for line in lines[: _LINES_NAMED + 1] if line != record.line][:_LINES_NAMED]
    n_more = len(lines) - 1 - len(others)
    named = f"line{'s' if len(others) > 1 else ''} {', '.join(map(str, others))}"
    more = f" and {n_more:,} more" if n_more else ""
    return [("id", f"id is also that of {named}{more}; give each row its own")]


def _shape_faults(record: Record, sheet: Sheet) -> list[tuple[str, str]]:
    """What keeps the cells of a row from being told apart, counted or decoded."""
    if record.fault:
        return [(sheet.heading[0], record.fault)]
    if sheet.undecodable:
        for heading, cell in zip_longest(sheet.heading, record.cells, fillvalue=""):
            if legible(cell) != cell:
                read = legible(cell)[:60]
                return [(heading, f"{heading} {read!r} holds bytes that are not UTF-8; save the file as CSV UTF-8")]
    n_cells, n_headings = len(record.cells), len(sheet.heading)
    if n_cells < n_headings:
        first = sheet.heading[n_cells]
        return [
            (first, f"the row has {n_cells} of {n_headings} cells, none for {first}; add them, if only as empty ones")
        ]
    if n_cells > n_headings:
        last = sheet.heading[-1]
        return [
            (last, f"the row has {n_cells} cells for {n_headings} headings; put a text with a comma in double quotes")
        ]
    return []


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
