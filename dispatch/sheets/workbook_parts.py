"""The sheets of an Excel workbook, cell by cell, with bounds on what a file may unpack to.

A workbook is a zip file of XML. openpyxl reads everything but the rows: its own way through a sheet stumbles over
faulty print settings and colours that nobody here needs, leaves out which cells are merged, and shows a formula
without a value as an empty cell.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import iterparse
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, MERGE_TAG, ROW_TAG, VALUE_TAG, WorkSheetParser

from dispatch.sheets.sheet import FILE_BYTES_MOST
from dispatch.sheets.workbook_cells import FORMULA
from routing.errors import UnreadableFile

ROW_MOST = 1_048_576
"""The last row of an Excel sheet."""

_PARTS_BYTES_MOST = 32_000_000
"""Styles, themes and properties are held in memory as a whole."""

_ELEMENTS_MOST = 500_000
"""Held at once: those of a row, which in Excel has 16,384 cells, and all that stands above or below the rows."""

_STRICT = b"http://purl.oclc.org/ooxml/"
"""How the names in a workbook begin that was saved as Strict Open XML, which openpyxl takes for empty."""

_SAVE_AGAIN = "open it in Excel and save it as Excel workbook (.xlsx) or CSV UTF-8"


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell of a row: its column from 1, its value and its kind as openpyxl reads them."""

    column: int
    value: object
    kind: str


@dataclass(frozen=True, slots=True)
class Merge:
    """A block of cells shown as one, whose value stands in the first; rows and columns from 1, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class Part:
    """A sheet of a workbook; ``merges`` are known once its rows have been read to the end."""

    def __init__(self, path: Path, book: Any, sheet: Any) -> None:
        self._path, self._book, self._sheet = path, book, sheet
        self.title: str = sheet.title
        self.hidden: bool = sheet.sheet_state != "visible"
        self.merges: list[Merge] = []

    def rows(self) -> Iterator[tuple[int, list[RawCell]]]:
        """Rows from the top, each with its number as Excel shows it; empty ones may be missing.

        Raises
        ------
        UnreadableFile : the sheet is damaged, or claims more rows or cells than Excel has
        """
        try:
            # The path inside the archive has no public name.
            with self._book._archive.open(self._sheet._worksheet_path) as source:  # noqa: SLF001
                yield from self._rows(source)
        except UnreadableFile:
            raise
        except Exception as error:
            raise UnreadableFile(self._path, 0, _damaged(error)) from error

    def _rows(self, source: IO[bytes]) -> Iterator[tuple[int, list[RawCell]]]:
        parser = _Cells(
            source,
            self._sheet._shared_strings,  # noqa: SLF001
            data_only=True,
            epoch=self._book.epoch,
            date_formats=self._book._date_formats,  # noqa: SLF001
            timedelta_formats=self._book._timedelta_formats,  # noqa: SLF001
        )
        n_elements = 0
        # The archive's size is bounded, and expat bounds what entities expand to.
        for _, element in iterparse(source):  # noqa: S314
            n_elements += 1
            if n_elements > _ELEMENTS_MOST:
                raise UnreadableFile(self._path, 0, f"has a row wider than Excel's sheets are; {_SAVE_AGAIN}")
            if element.tag == ROW_TAG:
                with warnings.catch_warnings():
                    # Dates out of range, which come out as error cells.
                    warnings.simplefilter("ignore")
                    line, cells = parser.parse_row(element)  # type: ignore[arg-type]
                if line > ROW_MOST:
                    raise UnreadableFile(self._path, line, f"Excel has {ROW_MOST:,} rows; {_SAVE_AGAIN}")
                yield line, [RawCell(cell["column"], cell["value"], cell["data_type"]) for cell in cells]
                element.clear()
                n_elements = 0
            elif element.tag == MERGE_TAG:
                self.merges = [_merge(child.get("ref", "")) for child in element]


class _Cells(WorkSheetParser):
    """openpyxl's reading of a cell, which tells a formula that nobody has calculated from an empty cell."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            # An empty value is a result only where the result is a text; programs that calculate nothing write one too.
            is_text = element.get("t") == "str" and element.find(VALUE_TAG) is not None
            cell["data_type"] = cell["data_type"] if is_text else FORMULA
        return cell


def open_parts(path: Path, raw: bytes) -> tuple[list[Part], datetime]:
    """The sheets of a workbook in its order, and the day its dates count from.

    Raises
    ------
    UnreadableFile : damaged, protected, no workbook, or larger than ``FILE_BYTES_MOST`` when unpacked
    """
    try:
        with ZipFile(BytesIO(raw)) as archive:
            _check_archive(path, archive)
        with warnings.catch_warnings():
            # Extensions and styles that openpyxl would lose on saving; nothing is saved.
            warnings.simplefilter("ignore")
            book = load_workbook(BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    except UnreadableFile:
        raise
    except BadZipFile as error:
        raise UnreadableFile(path, 0, f"is no Excel workbook, or a damaged one ({error}); {_SAVE_AGAIN}") from error
    # Parsers raise whatever a damaged file makes them stumble over, KeyError and TypeError included.
    except Exception as error:
        raise UnreadableFile(path, 0, _damaged(error)) from error
    return [Part(path, book, sheet) for sheet in book.worksheets], book.epoch


def _check_archive(path: Path, archive: ZipFile) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile(path, 0, f"is a zip file protected by a password; {_SAVE_AGAIN}")
    if "xl/workbook.bin" in names:
        raise UnreadableFile(path, 0, f"is a binary Excel workbook (.xlsb); {_SAVE_AGAIN}")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        other = "an OpenDocument file" if "mimetype" in names else "a zip file"
        raise UnreadableFile(path, 0, f"is {other}, no Excel workbook; save the table as .xlsx or CSV UTF-8")
    _check_size(path, members)
    if "xl/workbook.xml" in names and _STRICT in archive.read("xl/workbook.xml"):
        raise UnreadableFile(path, 0, "is a Strict Open XML workbook; save it as plain Excel workbook (.xlsx)")


def _check_size(path: Path, members: Sequence[ZipInfo]) -> None:
    # zipfile unpacks no more than a member claims, so that what is claimed can be relied on.
    unpacked = sum(member.file_size for member in members)
    if unpacked > FILE_BYTES_MOST:
        raise UnreadableFile(
            path,
            0,
            f"is an Excel file of {unpacked // 10**6:,} MB unpacked, more than {FILE_BYTES_MOST // 10**6};"
            " split it, or take out pictures and other sheets",
        )
    loaded = sum(
        member.file_size
        for member in members
        if member.filename.endswith((".xml", ".rels"))
        and not member.filename.startswith(("xl/worksheets/", "xl/sharedStrings", "xl/pivotCache/", "xl/drawings/"))
    )
    if loaded > _PARTS_BYTES_MOST:
        raise UnreadableFile(
            path, 0, f"is an Excel file with {loaded // 10**6:,} MB of styles; copy the table into a new workbook"
        )


def _merge(reference: str) -> Merge:
    first_column, first_row, last_column, last_row = range_boundaries(reference)
    return Merge(first_row or 1, first_column or 1, last_row or ROW_MOST, last_column or first_column or 1)


def _damaged(error: Exception) -> str:
    said = " ".join(str(error).split())[:120]
    return f"is a damaged Excel workbook, or one written by a program that Excel can read and this cannot ({said}); {_SAVE_AGAIN}"
