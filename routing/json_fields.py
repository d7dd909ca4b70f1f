"""A frozen dataclass as JSON and back, by its own fields: nothing is dropped, nothing guessed.

Whatever a type declares is what its file says, under the same name. Sets are sorted lists, instants ISO 8601 with
their offset, arrays lists of rows with null for ``UNREACHABLE``. What is read must fit exactly: a whole number is
not a decimal, a flag is not a number, and a field that the type does not have is a fault.
"""

import reprlib
import sys
import types
import typing
from collections.abc import Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from typing import Any

import numpy as np

from routing.errors import Fault
from routing.types import UNREACHABLE

type Steps = tuple[str | int, ...]
"""The way from the outermost object to a value: names of fields and positions in lists."""

_WANTED = {
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
    datetime: "an instant such as 2026-11-24T08:00:00-06:00",
    np.ndarray: "a list of rows",
}


def as_json(value: Any) -> Any:
    """Return a value as what ``json.dumps`` takes: a dataclass becomes an object with all of its fields."""
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return [[None if cell == UNREACHABLE else cell for cell in row] for row in value.tolist()]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value


def path_of(steps: Steps) -> str:
    """Return steps as people write them: ``stops[3].service_s``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


class Reading:
    """Reads one document; collects every fault with the way to it, and goes on."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.ways: list[Steps] = []

    def read(self, kind: Any, found: Any, steps: Steps = ()) -> Any:
        """Return ``found`` as a value of ``kind``, a type as dataclasses declare it; None after any fault in it."""
        if is_dataclass(kind) and isinstance(kind, type):
            return self._object(kind, found, steps)
        if kind is np.ndarray:
            return self._array(found, steps)
        if kind is datetime:
            return self._instant(found, steps)
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin in (types.UnionType, typing.Union):
            (inner,) = (argument for argument in arguments if argument is not types.NoneType)
            return None if found is None else self.read(inner, found, steps)
        if origin is tuple:
            return tuple(self._items(arguments[0], found, steps))
        if origin is frozenset:
            return self._set(arguments[0], found, steps)
        return self._scalar(kind, found, steps)

    def _fault(self, code: str, steps: Steps, value: object, remedy: str) -> None:
        if isinstance(value, dict | list | tuple):
            value = reprlib.repr(value)  # a whole matrix in the wrong place would make a message of megabytes
        self.faults.append(Fault(code, path_of(steps) or "the whole", value, remedy))
        self.ways.append(steps)

    def _wrong(self, kind: Any, found: Any, steps: Steps) -> None:
        self._fault("wrong_type", steps, found, f"must be {_WANTED.get(kind, 'an object in braces')}")

    def _object(self, kind: type[Any], found: Any, steps: Steps) -> Any:
        if not isinstance(found, dict):
            return self._wrong(kind, found, steps)
        before = len(self.faults)
        declared = {field.name: field for field in fields(kind)}
        for name in found:
            if name not in declared:
                remedy = f"no engine knows this field; there are {', '.join(declared)}"
                self._fault("unknown_field", (*steps, str(name)), found[name], remedy)
        hints = typing.get_type_hints(kind)
        values = {}
        for name, field in declared.items():
            if name in found:
                values[name] = self.read(hints[name], found[name], (*steps, name))
            elif _needed(field):
                self._fault("missing", (*steps, name), None, f"is needed: give {_WANTED.get(hints[name], 'it')}")
        return kind(**values) if len(self.faults) == before else None

    def _items(self, kind: Any, found: Any, steps: Steps) -> list[Any]:
        if not isinstance(found, list):
            self._fault("wrong_type", steps, found, "must be a list in brackets")
            return []
        return [self.read(kind, item, (*steps, position)) for position, item in enumerate(found)]

    def _set(self, kind: Any, found: Any, steps: Steps) -> frozenset[Any]:
        items = self._items(kind, found, steps)
        seen: set[Any] = set()
        for position, item in enumerate(items):
            if item is not None and item in seen:
                self._fault("repeated", (*steps, position), item, "each may be named once")
            seen.add(item)
        return frozenset(items)

    def _scalar(self, kind: Any, found: Any, steps: Steps) -> Any:
        if kind is float and type(found) in (int, float):
            # 1e999 is infinity to json.loads, and a whole number of 400 digits is no float at all.
            return float(found) if abs(found) <= sys.float_info.max else self._wrong(kind, found, steps)
        return found if type(found) is kind else self._wrong(kind, found, steps)

    def _instant(self, found: Any, steps: Steps) -> datetime | None:
        try:
            return datetime.fromisoformat(found)
        except (TypeError, ValueError):
            self._wrong(datetime, found, steps)
            return None

    def _array(self, found: Any, steps: Steps) -> np.ndarray | None:
        """Return int64 (n, m); every row is looked at, and the first fault of each is named by its cell."""
        if not isinstance(found, list):
            self._wrong(np.ndarray, found, steps)
            return None
        if not found:
            return np.zeros((0, 0), dtype=np.int64)
        before = len(self.faults)
        rows = [self._row(row, found[0], (*steps, number)) for number, row in enumerate(found)]
        return np.array(rows, dtype=np.int64) if len(self.faults) == before else None

    def _row(self, row: Any, first: Any, steps: Steps) -> Sequence[int]:
        if not isinstance(row, list):
            self._fault("wrong_type", steps, row, "must be a list of whole numbers")
            return ()
        if isinstance(first, list) and len(row) != len(first):
            self._fault("matrix_shape", steps, f"{len(row)} cells", f"the first row has {len(first)}")
            return ()
        cells = [UNREACHABLE if cell is None else cell for cell in row]
        if not all(type(cell) is int and 0 <= cell <= UNREACHABLE for cell in cells):
            self._cell(cells, steps)
        return cells

    def _cell(self, cells: list[Any], steps: Steps) -> None:
        """Name the first cell of a row that is no whole number in range."""
        for number, cell in enumerate(cells):
            if type(cell) is not int:
                return self._fault(
                    "wrong_type", (*steps, number), cell, "must be a whole number, or null where no road leads"
                )
            if not 0 <= cell <= UNREACHABLE:
                return self._fault("matrix_range", (*steps, number), cell, f"must lie in 0..{UNREACHABLE}")
        return None


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
