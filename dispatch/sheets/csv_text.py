"""A CSV file as a heading and rows of text, however it was saved.

The delimiter (comma, semicolon or tab) is read from the heading alone. Where it is a semicolon, a cell that is a
list, such as ``plumber;hvac``, must stand in double quotes. A row whose quotes do not close is handed on as faulty
and reading resumes on the line after it, so that one stray quote does not swallow the rest of the file.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from dispatch.sheets.sheet import Record, Sheet, legible
from routing.errors import UnreadableFile

_DELIMITERS = (",", ";", "\t")


def read_csv(path: Path, raw: bytes, known: Sequence[str]) -> Sheet:
    """Read a CSV file.

    Parameters
    ----------
    path : for messages
    raw : UTF-8, with or without byte order mark; lines end in LF, CRLF or CR
    known : headings that may be expected, in lower case; they decide what the delimiter is

    Raises
    ------
    UnreadableFile : empty or no text at all; says what to do
    """
    text, undecodable = _text(path, raw, known)
    lines = list(io.StringIO(text, newline=""))
    headings = [_heading(lines, delimiter) for delimiter in _DELIMITERS]
    n_known = [len({cell.lower() for cell in record.cells} & set(known)) for record in headings]
    # The first of equals is the comma: a file of one column has no delimiter to find.
    best = max(range(len(_DELIMITERS)), key=lambda i: (n_known[i], len(headings[i].cells), -i))
    heading = headings[best]
    if heading.fault:
        raise UnreadableFile(path, heading.line, f"the heading cannot be read: {heading.fault}")
    records = _filled(_records(lines, _DELIMITERS[best]))
    next(records)
    return Sheet(heading.cells, heading.line, tuple(records), undecodable)


def _text(path: Path, raw: bytes, known: Sequence[str]) -> tuple[str, bool]:
    """The file's text, and whether some of its bytes are not UTF-8."""
    if b"\0" in raw:
        raise UnreadableFile(path, 0, "holds zero bytes, so it is no text file; save it as CSV UTF-8")
    text = raw.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    if not text.strip():
        raise UnreadableFile(path, 0, f"is empty; its first line must hold headings, such as {','.join(known[:5])}")
    return text, not _is_utf8(raw)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _heading(lines: list[str], delimiter: str) -> Record:
    record = next(_filled(_records(lines, delimiter)), Record(1, (), "it holds no names"))
    return Record(record.line, tuple(legible(cell).strip() for cell in record.cells), record.fault)


def _filled(records: Iterator[Record]) -> Iterator[Record]:
    """Leave out blank lines, and those of empty cells that spreadsheets append."""
    return (record for record in records if record.fault or any(cell.strip() for cell in record.cells))


def _records(lines: list[str], delimiter: str) -> Iterator[Record]:
    """Rows in order; after a faulty one, the very next line is read as the beginning of a row."""
    first = 0
    while first < len(lines):
        begins = first
        rest = (lines[i] for i in range(first, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, skipinitialspace=True, strict=True)
        try:
            for cells in reader:
                yield Record(begins + 1, tuple(cells))
                begins = first + reader.line_num
        except csv.Error as error:
            cells = [cell.strip(' "') for cell in lines[begins].rstrip("\r\n").split(delimiter)]
            yield Record(
                begins + 1,
                tuple(cells),
                f"its cells cannot be told apart ({error}); close every double quote, write one inside quotes twice",
            )
            first = begins + 1
        else:
            return
