"""A file of rows, each read by its columns; rows that cannot be used are named with what is wrong with them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from dispatch.cell_values import Cells
from dispatch.sheets.reading import read_sheet
from dispatch.sheets.sheet import Record, Sheet, legible
from dispatch.types import RejectedRow
from routing.errors import UnreadableFile

_LINES_NAMED = 5
"""So that a file whose every row has the same id does not name every line on every line."""

_EXTRA_NAMED = 20


class Identified(Protocol):
    """Whatever a row says, it has an id of its own."""

    @property
    def id(self) -> str:
        """Unique in its file."""
        ...


@dataclass(frozen=True, slots=True)
class Table[Row]:
    """What a file holds.

    Parameters
    ----------
    rows : sorted by id
    rejected : in the order of the file, one for each row that cannot be used
    warnings : about rows that are used all the same, and about the file
    lines : id -> line of the file, for rows that are used; in Excel the number of the row, in GeoJSON the number of
        the feature, from 1
    """

    rows: tuple[Row, ...]
    rejected: tuple[RejectedRow, ...]
    warnings: tuple[str, ...]
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings that mean something, in the order in which faults are told, and those that must be there."""

    known: Sequence[str]
    required: Sequence[str]


def read_table[Row: Identified](
    path: Path, on: date, tz: ZoneInfo, columns: Columns, build: Callable[[Cells], Row | None]
) -> Table[Row]:
    """Read a CSV file, an Excel workbook or a GeoJSON FeatureCollection.

    Parameters
    ----------
    on, tz : the day on whose clocks the times of a row must not contradict each other
    build : makes a row of its cells; None when they hold faults

    Raises
    ------
    UnreadableFile : the file as a whole cannot be used; single rows are rejected instead
    """
    sheet = read_sheet(path, columns.known, columns.required)
    positions, extra_warnings = _positions(path, sheet, columns.required, columns.known)
    warnings = [*sheet.warnings, *extra_warnings]
    lines_of = _lines_of_ids(sheet, positions["id"])
    rows: list[Row] = []
    rejected: list[RejectedRow] = []
    for record in sheet.records:
        row_id = _cell(record, positions["id"])
        faults = [*_twin_faults(record, lines_of.get(row_id, ()), sheet.unit), *_shape_faults(record, sheet)]
        row = None
        # A row of the wrong shape has its texts under the wrong headings: what they say would mislead.
        if not (record.fault or len(record.cells) != len(sheet.heading)):
            cells = Cells({column: _cell(record, at) for column, at in positions.items()}, on, tz)
            row = build(cells)
            found = [*record.faults, *(fault for fault in cells.faults if fault[0] not in record.unread)]
            faults += sorted(found, key=lambda fault: _place_in(columns.known, fault[0]))
            warnings += [
                f"{path.name} {sheet.unit} {record.line}, column {column}, id {row_id}: {sentence}"
                for column, sentence in cells.warnings
                if not faults
            ]
        if row is not None and not faults:
            rows.append(row)
        else:
            reason = "; ".join(f"{sentence}{_where(sheet, record, positions, column)}" for column, sentence in faults)
            rejected.append(RejectedRow(path.name, record.line, faults[0][0], legible(row_id), reason))
    rows.sort(key=lambda row: row.id)
    lines = {row.id: lines_of[row.id][0] for row in rows}
    return Table(tuple(rows), tuple(rejected), tuple(warnings), lines)


def _place_in(known: Sequence[str], column: str) -> int:
    """The order in which faults are told: what is no column, such as the geometry, comes first."""
    return known.index(column) if column in known else -1


def _where(sheet: Sheet, record: Record, positions: Mapping[str, int], column: str) -> str:
    """The cell as its program shows it, where it has a name there."""
    if not sheet.places or column not in positions:
        return ""
    return f" (cell {sheet.places[positions[column]]}{record.line})"


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
    more = f" and {len(extra) - _EXTRA_NAMED:,} more" if len(extra) > _EXTRA_NAMED else ""
    named = f"{', '.join(extra[:_EXTRA_NAMED])}{more}"
    return positions, [f"{path.name}: columns that mean nothing here are ignored: {named}"]


def _cell(record: Record, at: int) -> str:
    return record.cells[at].strip() if at < len(record.cells) else ""


def _lines_of_ids(sheet: Sheet, id_at: int) -> Mapping[str, list[int]]:
    lines_of: dict[str, list[int]] = defaultdict(list)
    for record in sheet.records:
        row_id = _cell(record, id_at)
        if row_id:
            lines_of[row_id].append(record.line)
    return lines_of


def _twin_faults(record: Record, lines: Sequence[int], unit: str) -> list[tuple[str, str]]:
    """Every row that shares its id is refused: nobody can tell which of them is meant."""
    if len(lines) < 2:
        return []
    others = [line for line in lines[: _LINES_NAMED + 1] if line != record.line][:_LINES_NAMED]
    n_more = len(lines) - 1 - len(others)
    named = f"{unit}{'s' if len(others) > 1 else ''} {', '.join(map(str, others))}"
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
