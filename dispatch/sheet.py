"""A CSV file as a heading and rows of text, however it was saved; nothing here knows what the columns mean.

The delimiter (comma, semicolon or tab) is read from the heading alone. Where it is a semicolon, a cell that is a
list, such as ``plumber;hvac``, must stand in double quotes. A row whose quotes do not close is handed on as faulty
and reading resumes on the line after it, so that one stray quote does not swallow the rest of the file.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from routing.errors import UnreadableFile

_DELIMITERS = (",", ";", "\t")
_UNDECODED = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")
_NOT_CSV = {
    b"PK": "is an Excel or zip file; save it as CSV (Excel: Save As, CSV UTF-8); Excel comes later",
    b"\xd0\xcf\x11\xe0": "is an old Excel file; save it as CSV (Excel: Save As, CSV UTF-8)",
    b"\xff\xfe": "is UTF-16; save it as CSV UTF-8",
    b"\xfe\xff": "is UTF-16; save it as CSV UTF-8",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One row; ``line`` is where it begins, from 1; ``fault`` says why its cells could not be told apart."""

    line: int
    cells: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A heading as it was typed, less surrounding blanks, and the rows below it that are not blank.

    ``undecodable`` says that some byte was not UTF-8; such bytes stand in the cells as lone surrogates.
    """

    heading: tuple[str, ...]
    heading_line: int
    records: tuple[Record, ...]
    undecodable: bool


def read_sheet(path: Path, known: Sequence[str]) -> Sheet:
    """Read a CSV file.

    Parameters
    ----------
    path : UTF-8, with or without byte order mark; lines end in LF, CRLF or CR
    known : headings that may be expected, in lower case; they decide what the delimiter is

    Raises
    ------
    UnreadableFile : missing, a folder, empty, Excel, UTF-16 or no text at all; says what to do
    """
    text, undecodable = _text(path, known)
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


def legible(text: str) -> str:
    """The text with a replacement character for each byte that was not UTF-8."""
    return text.translate(_UNDECODED)


def _text(path: Path, known: Sequence[str]) -> tuple[str, bool]:
    """The file's text, and whether some of its bytes are not UTF-8."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(path, 0, "there is no such file; check the path") from None
    except IsADirectoryError:
        raise UnreadableFile(path, 0, "is a folder; name the CSV file inside it") from None
    except OSError as error:
        raise UnreadableFile(path, 0, f"cannot be opened: {error.strerror}") from None
    for start, reason in _NOT_CSV.items():
        if raw.startswith(start):
            raise UnreadableFile(path, 0, reason)
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
