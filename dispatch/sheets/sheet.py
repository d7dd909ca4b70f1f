"""A heading and rows of text below it, as every format is read into; nothing here knows what the columns mean."""

import re
from dataclasses import dataclass

_HALF = re.compile("[\ud800-\udfff]")
_UNDECODED = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")

FILE_BYTES_MOST = 200_000_000
"""How large a workbook unpacked, or a GeoJSON file, may be: some five million cells."""

ROWS_MOST = 1_000_000

LARGE_WHOLE = 1e15
"""From here on a number with a decimal point no longer holds every whole number."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row.

    Parameters
    ----------
    line : where it begins, from 1, in the file's own count: line of a CSV file, row of Excel, number of a feature
    cells : text under each heading
    fault : why its cells could not be told apart, so that none of them means anything
    faults : (column, sentence) for single cells that could not be turned into text
    unread : columns whose cells are empty here because of ``faults``; that they are empty means nothing
    """

    line: int
    cells: tuple[str, ...]
    fault: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A heading as it was typed, less surrounding blanks, and the rows below it that are not blank.

    Parameters
    ----------
    heading_line : 0 where there is no row of headings, as in GeoJSON
    undecodable : some byte was not UTF-8; such bytes stand in the cells as lone surrogates
    unit : what ``Record.line`` counts
    places : what a column is called beside its heading, such as "E"; empty when columns have no other name
    warnings : about the file as a whole
    """

    heading: tuple[str, ...]
    heading_line: int
    records: tuple[Record, ...]
    undecodable: bool = False
    unit: str = "line"
    places: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def legible(text: str) -> str:
    """The text with a replacement character for each byte that was not UTF-8."""
    return text.translate(_UNDECODED)


def number_text(value: float) -> str:
    """A number so that it reads back equal: 3.0 is "3", as people write it; -71.2519 keeps every digit."""
    if abs(value) < LARGE_WHOLE and float(value).is_integer():
        return str(int(value))
    return repr(value)


def unwritable(text: str) -> str | None:
    """Why a text cannot be stored or written as UTF-8; None when it can."""
    if "\0" in text:
        return "holds a zero character; remove it"
    if _HALF.search(text):
        return "holds half of a character of two parts; type it again"
    return None
