"""The sections of a VRPLIB file as numbers: what stands where, each number with its line.

A file is a list of ``KEY: value`` lines and of sections, which begin with a line that ends in ``_SECTION``. A key or
section that is not understood is refused: what it asks for must not be passed over in silence.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from routing.errors import UnreadableFile
from routing.text_files import read_text

ABOUT = frozenset({"NAME", "COMMENT", "TYPE", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE"})
"""Keys that say nothing that changes a problem."""

KEYS = frozenset(
    {
        "DIMENSION",
        "VEHICLES",
        "CAPACITY",
        "EDGE_WEIGHT_TYPE",
        "EDGE_WEIGHT_FORMAT",
        "SERVICE_TIME",
        "VEHICLES_MAX_DURATION",
        "VEHICLES_MAX_DISTANCE",
    }
)
SECTIONS = frozenset(
    {
        "NODE_COORD",
        "EDGE_WEIGHT",
        "DEMAND",
        "SERVICE_TIME",
        "TIME_WINDOW",
        "DEPOT",
        "VEHICLES_DEPOT",
        "CAPACITY",
        "VEHICLES_MAX_DURATION",
        "VEHICLES_MAX_DISTANCE",
    }
)
FORMATS = (
    "FULL_MATRIX",
    "LOWER_ROW",
    "LOWER_DIAG_ROW",
    "UPPER_ROW",
    "UPPER_DIAG_ROW",
    "LOWER_COL",
    "LOWER_DIAG_COL",
    "UPPER_COL",
    "UPPER_DIAG_COL",
)

_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
_LONGEST = 24
_MOST_NODES = 100_000


@dataclass(slots=True)
class Sections:
    """A file taken apart.

    Parameters
    ----------
    values : key to line and text
    rows : section, without its ending, to lines and cells
    headings : section to the line it begins in
    """

    path: Path
    values: dict[str, tuple[int, str]] = field(default_factory=dict)
    rows: dict[str, list[tuple[int, list[str]]]] = field(default_factory=dict)
    headings: dict[str, int] = field(default_factory=dict)
    n_lines: int = 0

    def refused(self, line: int, reason: str) -> UnreadableFile:
        """Return the error that names this file and a line of it."""
        return UnreadableFile(self.path, line, reason)

    def text(self, key: str, default: str) -> str:
        """Text of a key."""
        return self.values.get(key, (0, default))[1]

    def whole(self, key: str) -> int | None:
        """A key's whole number from 0, None when the file does not state it."""
        if key not in self.values:
            return None
        line, text = self.values[key]
        return _whole(self, line, text, key)

    def needed(self, key: str) -> int:
        """A key's whole number from 1, which must be there."""
        found = self.whole(key)
        if found is None:
            raise self.refused(self.n_lines, f"{key} is missing; add a line {key}: NUMBER")
        if not 1 <= found <= _MOST_NODES:
            raise self.refused(self.values[key][0], f"{key} is {found}; it must lie in 1..{_MOST_NODES}")
        return found

    def table(self, section: str, n_rows: int, n_columns: int, *, what: str) -> np.ndarray | None:
        """Numbers of a section whose rows are numbered from 1, float64 (n_rows, n_columns); None without it."""
        if section not in self.rows:
            return None
        rows = self.rows[section]
        if len(rows) != n_rows:
            line = rows[-1][0] if rows else self.headings[section]
            raise self.refused(
                line, f"{section}_SECTION has {len(rows)} rows; there are {n_rows} {what}, give one each"
            )
        found = np.empty((n_rows, n_columns), dtype=np.float64)
        for row, (line, cells) in enumerate(rows):
            if len(cells) != n_columns + 1:
                raise self.refused(line, f"{len(cells)} cells in {section}_SECTION; give {n_columns + 1}")
            number = _whole(self, line, cells[0], f"the number in {section}_SECTION")
            if number != row + 1:
                raise self.refused(
                    line, f"number {number} in {section}_SECTION; they count up from 1: {row + 1} is due"
                )
            found[row] = [_decimal(self, line, cell, section) for cell in cells[1:]]
        return found

    def cells(self, section: str) -> tuple[list[float], int] | None:
        """All numbers of a section in a row, whatever its lines, and the last line; None without the section."""
        if section not in self.rows:
            return None
        rows = self.rows[section]
        numbers = [_decimal(self, line, cell, section) for line, cells in rows for cell in cells]
        return numbers, rows[-1][0] if rows else self.headings[section]


def read_sections(path: Path) -> Sections:
    """Return the keys and sections of a file.

    Raises
    ------
    UnreadableFile : with the line: a key or section that is unknown or stated twice, numbers outside any section
    """
    text = read_text(path)
    found = Sections(path, n_lines=len(text.rstrip().split("\n")))
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.strip()
        if words == "EOF":
            break
        if not words:
            continue
        if words.upper().removesuffix(":").strip().endswith("_SECTION"):
            section = words.upper().removesuffix(":").strip().removesuffix("_SECTION")
            if section not in SECTIONS:
                known = ", ".join(sorted(f"{name}_SECTION" for name in SECTIONS))
                raise found.refused(number, f"{section}_SECTION is not understood; these are: {known}")
            if section in found.rows:
                raise found.refused(number, f"{section}_SECTION stands here for the second time; keep one")
            found.rows[section], found.headings[section] = [], number
        elif ":" in words:
            _keep(found, number, words)
            section = ""
        elif section:
            found.rows[section].append((number, words.split()))
        else:
            raise found.refused(number, f"{words[:40]!r} stands outside any section; write KEY: value, or a heading")
    return found


def _keep(found: Sections, number: int, words: str) -> None:
    key, _, value = (part.strip() for part in words.partition(":"))
    key = key.upper()
    if key not in KEYS and key not in ABOUT:
        raise found.refused(number, f"{key} is not understood; these are: {', '.join(sorted(KEYS | ABOUT))}")
    if key in found.values and key not in ABOUT:
        raise found.refused(number, f"{key} stands here for the second time; keep one")
    found.values[key] = (number, value)


def matrix_of(numbers: list[float], shape: str, n: int) -> np.ndarray | None:
    """Return float64 (n, n) from the numbers of EDGE_WEIGHT_SECTION; None when they are too many or too few.

    A triangle is mirrored. By columns, the lower one holds the same cells in the same order as the upper by rows.
    """
    if shape == "FULL_MATRIX":
        return np.array(numbers).reshape(n, n) if len(numbers) == n * n else None
    lower = shape.startswith("LOWER") == shape.endswith("ROW")
    diagonal = "_DIAG_" in shape
    rows, columns = np.tril_indices(n, 0 if diagonal else -1) if lower else np.triu_indices(n, 0 if diagonal else 1)
    if len(numbers) != len(rows):
        return None
    found = np.zeros((n, n))
    found[rows, columns] = found[columns, rows] = numbers
    return found


def _whole(of: Sections, line: int, text: str, name: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}(\.0*)?", text):
        raise of.refused(line, f"{name} is {text!r}; give a whole number from 0")
    return int(text.partition(".")[0])


def _decimal(of: Sections, line: int, text: str, section: str) -> float:
    if not _DECIMAL.fullmatch(text) or len(text) > _LONGEST:
        raise of.refused(line, f"{text!r} in {section}_SECTION; give a number of at most {_LONGEST} characters")
    return float(text)
