"""An Excel workbook as rows of text: which sheet is meant, where its heading is, and what its cells say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from openpyxl.utils import get_column_letter

from dispatch.sheets.sheet import ROWS_MOST, Record, Sheet
from dispatch.sheets.workbook_cells import FORMULA, cell_text
from dispatch.sheets.workbook_parts import Merge, Part, RawCell, open_parts
from routing.errors import UnreadableFile

_HEADING_ROWS = 20
"""Among how many filled rows the heading is looked for: titles and dates often stand above a table."""

_LIKELY_HEADING = 2
"""A row with this many names that we know is a heading, if a faulty one."""

_LETTERS_NAMED = 10

type _Row = tuple[int, list[RawCell]]


@dataclass(frozen=True, slots=True)
class _Heading:
    """A row of headings: the column where they begin, from 1, and their texts from there on."""

    part: Part
    line: int
    first_column: int
    texts: tuple[str, ...]


def read_workbook(path: Path, raw: bytes, known: Sequence[str], required: Sequence[str]) -> Sheet:
    """Read the first visible sheet that has a row with all the headings required.

    Parameters
    ----------
    path : for messages
    raw : an .xlsx or .xlsm file
    known, required : headings in lower case; ``required`` are among the ``known``

    Raises
    ------
    UnreadableFile : damaged, protected, no workbook, too large, or no sheet has the headings; names the sheets
    """
    parts, epoch = open_parts(path, raw)
    headings = [_headings(part, epoch) for part in parts if not part.hidden]
    whole = [_first_whole(of_sheet, required) for of_sheet in headings]
    meant = [heading for heading in whole if heading is not None]
    if not meant:
        return _likeliest(path, parts, [heading for of_sheet in headings for heading in of_sheet], required)
    sheet = _sheet(path, meant[0], known, epoch, qualified=len(parts) > 1)
    others = ", ".join(heading.part.title for heading in meant[1:])
    if not others:
        return sheet
    warning = f"{path.name}: of the sheets with these headings {meant[0].part.title} is read; not read: {others}"
    return replace(sheet, warnings=(*sheet.warnings, warning))


def _headings(part: Part, epoch: datetime) -> list[_Heading]:
    """The first filled rows of a sheet, each as if it were the heading."""
    filled = (row for row in part.rows() if any(map(_is_filled, row[1])))
    return [_heading(part, row, epoch) for row in islice(filled, _HEADING_ROWS)]


def _heading(part: Part, row: _Row, epoch: datetime) -> _Heading:
    texts = {cell.column: cell_text(cell.value, cell.kind, epoch)[0].strip() for cell in row[1] if _is_filled(cell)}
    columns = range(min(texts), max(texts) + 1)
    return _Heading(part, row[0], columns.start, tuple(texts.get(column, "") for column in columns))


def _first_whole(headings: Sequence[_Heading], required: Sequence[str]) -> _Heading | None:
    return next((heading for heading in headings if _n_known(heading, required) == len(required)), None)


def _n_known(heading: _Heading, names: Sequence[str]) -> int:
    return len({text.lower() for text in heading.texts} & set(names))


def _likeliest(path: Path, parts: Sequence[Part], headings: Sequence[_Heading], required: Sequence[str]) -> Sheet:
    """The heading that lacks least, for whoever says what it lacks."""
    best = max(headings, key=lambda heading: _n_known(heading, required), default=None)
    if best is not None and _n_known(best, required) >= _LIKELY_HEADING:
        return Sheet(best.texts, best.line, (), unit="row")
    titles = ", ".join(f"{part.title} (hidden, not read)" if part.hidden else part.title for part in parts) or "none"
    raise UnreadableFile(
        path, 0, f"no sheet has the headings {', '.join(required)} among its first rows; its sheets are: {titles}"
    )


def _sheet(path: Path, heading: _Heading, known: Sequence[str], epoch: datetime, *, qualified: bool) -> Sheet:
    """The rows below a heading."""
    columns = range(heading.first_column, heading.first_column + len(heading.texts))
    names = [text.lower() if text.lower() in known else "" for text in heading.texts]
    beyond: set[int] = set()
    records = []
    for line, cells in heading.part.rows():
        if line <= heading.line:
            continue
        filled = [cell for cell in cells if _is_filled(cell)]
        beyond.update(cell.column for cell in filled if cell.column not in columns)
        inside = [cell for cell in filled if cell.column in columns]
        if inside:
            records.append(_record(line, inside, columns.start, names, epoch))
        if len(records) > ROWS_MOST:
            raise UnreadableFile(path, line, f"more than {ROWS_MOST:,} rows; split the table")
    records = _without_merged(records, heading.part.merges, columns, names)
    prefix = f"{heading.part.title}!" if qualified else ""
    places = tuple(f"{prefix}{get_column_letter(column)}" for column in columns)
    letters = ", ".join(get_column_letter(column) for column in sorted(beyond)[:_LETTERS_NAMED])
    warnings = (f"{path.name}: what stands beside the table is ignored, in column {letters}",) if beyond else ()
    return Sheet(heading.texts, heading.line, tuple(records), unit="row", places=places, warnings=warnings)


def _record(line: int, cells: Sequence[RawCell], first_column: int, names: Sequence[str], epoch: datetime) -> Record:
    texts = [""] * len(names)
    faults = []
    for cell in cells:
        name = names[cell.column - first_column]
        if name:
            texts[cell.column - first_column], fault = cell_text(cell.value, cell.kind, epoch)
            if fault is not None:
                faults.append((name, f"{name} {fault}"))
                texts[cell.column - first_column] = ""
    return Record(line, tuple(texts), faults=tuple(faults), unread=frozenset(name for name, _ in faults))


def _without_merged(
    records: Sequence[Record], merges: Sequence[Merge], columns: range, names: Sequence[str]
) -> list[Record]:
    """Find fault with cells that lie under another: what they look like in Excel is not what they hold."""
    coming = sorted(merges, key=lambda merge: merge.first_row, reverse=True)
    over: dict[int, Merge] = {}
    checked = []
    for record in records:
        while coming and coming[-1].first_row <= record.line:
            merge = coming.pop()
            over |= dict.fromkeys(range(merge.first_column, min(merge.last_column + 1, columns.stop)), merge)
        faults = []
        for at, merge in ((column - columns.start, merge) for column, merge in over.items() if column in columns):
            is_first = (record.line, at + columns.start) == (merge.first_row, merge.first_column)
            if names[at] and record.line <= merge.last_row and not is_first and not record.cells[at]:
                first = f"{get_column_letter(merge.first_column)}{merge.first_row}"
                faults.append((names[at], f"{names[at]} is merged with cell {first}; unmerge the cells and fill each"))
        unread = record.unread | {name for name, _ in faults}
        checked.append(replace(record, faults=(*record.faults, *faults), unread=unread) if faults else record)
    return checked


def _is_filled(cell: RawCell) -> bool:
    if isinstance(cell.value, str):
        return bool(cell.value.strip())
    return cell.value is not None or cell.kind == FORMULA
