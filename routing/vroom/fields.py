"""Values of a VROOM request, checked one by one: what VROOM refuses is a fault here, with the field it is in."""

import itertools
import math
import reprlib
from typing import Any

import numpy as np

from routing.errors import Fault
from routing.vroom.types import Location, Windows

UINT32, UINT64 = 2**32 - 1, 2**64 - 1
"""VROOM reads whole numbers into these; ids into the larger."""


class Fields:
    """Reads values out of objects; collects every fault and goes on with a harmless value."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, code: str, at: str, value: object, remedy: str) -> None:
        """Note what is wrong with a field."""
        if isinstance(value, dict | list | tuple | str):
            value = reprlib.repr(value)  # a whole matrix in the wrong place would make a message of megabytes
            self.faults.append(Fault(code, at, _Verbatim(value), remedy))
        else:
            self.faults.append(Fault(code, at, value, remedy))

    def whole(self, found: dict[str, Any], name: str, at: str, default: int | None = 0, most: int = UINT32) -> int:
        """Return a whole number in 0..most; a field without a default must be there."""
        value = found.get(name, default)
        if type(value) is int and 0 <= value <= most:
            return value
        if name not in found:
            self.fault("missing", f"{at}.{name}", None, "is needed: give a whole number")
        else:
            self.fault("wrong_type", f"{at}.{name}", value, f"must be a whole number in 0..{most}")
        return 0

    def most(self, found: dict[str, Any], name: str, at: str) -> int | None:
        """Return a limit, None when there is none."""
        return self.whole(found, name, at) if name in found else None

    def text(self, found: dict[str, Any], name: str, at: str) -> str:
        """Return a text, empty when there is none."""
        value = found.get(name, "")
        if isinstance(value, str):
            return value
        self.fault("wrong_type", f"{at}.{name}", value, "must be a text in quotes")
        return ""

    def items(self, found: dict[str, Any], name: str, at: str) -> list[Any]:
        """Return a list, empty when there is none."""
        value = found.get(name, [])
        if isinstance(value, list):
            return value
        self.fault("wrong_type", f"{at}.{name}".lstrip("."), value, "must be a list in brackets")
        return []

    def entry(self, found: dict[str, Any], name: str, at: str, what: str) -> dict[str, Any] | None:
        """Return an object that must be there."""
        value = found.get(name)
        if isinstance(value, dict):
            return value
        self.fault("missing" if name not in found else "wrong_type", f"{at}.{name}", value, f"must be {what}")
        return None

    def wholes(self, found: dict[str, Any], name: str, at: str) -> tuple[int, ...] | None:
        """Return a list of whole numbers, None when there is none."""
        if name not in found:
            return None
        values = self.items(found, name, at)
        for i, value in enumerate(values):
            if type(value) is not int or not 0 <= value <= UINT32:
                self.fault("wrong_type", f"{at}.{name}[{i}]", value, f"must be a whole number in 0..{UINT32}")
                return None
        return tuple(values)

    def amounts(self, found: dict[str, Any], name: str, at: str, n_dimensions: int) -> tuple[int, ...]:
        """Return an amount for every dimension of the first vehicle's capacity, zeros when there is none."""
        values = self.wholes(found, name, at)
        if values is None:
            return (0,) * n_dimensions
        if len(values) != n_dimensions:
            remedy = f"the first vehicle's capacity has {n_dimensions} dimensions: give one number for each"
            self.fault("dimensions", f"{at}.{name}", list(values), remedy)
            return (0,) * n_dimensions
        return values

    def per_type(self, found: dict[str, Any], name: str, at: str) -> dict[str, int]:
        """Return seconds by type of vehicle."""
        values = found.get(name, {})
        if not isinstance(values, dict):
            self.fault("wrong_type", f"{at}.{name}", values, "must be an object from type of vehicle to seconds")
            return {}
        for kind in values:
            if not kind:
                self.fault("type_empty", f"{at}.{name}", values, "name the type of vehicle")
        return {kind: self.whole(values, kind, f"{at}.{name}") for kind in values}

    def window(self, value: Any, at: str) -> tuple[int, int]:
        """Return opening and closing; whatever follows the two is passed over, as VROOM does."""
        ends = value[:2] if isinstance(value, list) else []
        if len(ends) != 2 or any(type(end) is not int or not 0 <= end <= UINT32 for end in ends):
            self.fault("wrong_type", at, value, f"must be two whole numbers in 0..{UINT32}: [opens, closes]")
            return 0, 0
        if ends[1] < ends[0]:
            self.fault("window_reversed", at, value, "closes before it opens")
        return ends[0], ends[1]

    def windows(self, found: dict[str, Any], at: str) -> Windows:
        """Return windows in order; none means any time."""
        if "time_windows" not in found:
            return ()
        at = f"{at}.time_windows"
        listed = found["time_windows"]
        if not isinstance(listed, list) or not listed:
            self.fault("wrong_type", at, listed, "must be a list of windows; leave it out to mean any time")
            return ()
        windows = sorted(self.window(value, f"{at}[{i}]") for i, value in enumerate(listed))
        for before, after in itertools.pairwise(windows):
            if after[0] <= before[1]:
                self.fault("windows_overlap", at, [list(before), list(after)], "must lie apart from each other")
        return tuple(windows)

    def location(self, found: dict[str, Any], name: str, index_name: str, at: str) -> Location | None:
        """Return where something is; None when neither coordinates nor an index say so."""
        index = self.whole(found, index_name, at) if index_name in found else None
        lonlat = self._lonlat(found[name], f"{at}.{name}") if name in found else None
        return None if index_name not in found and name not in found else Location(f"{at}.{name}", index, lonlat)

    def _lonlat(self, value: Any, at: str) -> tuple[float, float] | None:
        ends = value[:2] if isinstance(value, list) else []
        if len(ends) != 2 or any(type(end) not in (int, float) for end in ends):
            self.fault("wrong_type", at, value, "must be two numbers: [longitude, latitude]")
            return None
        if not all(math.isfinite(end) for end in ends):
            self.fault("wrong_type", at, value, "must be two finite numbers")
            return None
        return float(ends[0]), float(ends[1])

    def matrix(self, rows: Any, at: str) -> np.ndarray | None:
        """Return int64 (n, n); the first fault of a row is named by its cell."""
        if not isinstance(rows, list) or not rows:
            self.fault("wrong_type", at, rows, "must be a list of rows, not empty")
            return None
        before = len(self.faults)
        for i, row in enumerate(rows):
            if not isinstance(row, list) or len(row) != len(rows):
                size = len(row) if isinstance(row, list) else "no list"
                self.fault(
                    "matrix_shape", f"{at}[{i}]", size, f"must have as many cells as there are rows: {len(rows)}"
                )
            elif not all(type(cell) is int and 0 <= cell <= UINT32 for cell in row):
                k, cell = next((k, c) for k, c in enumerate(row) if type(c) is not int or not 0 <= c <= UINT32)
                self.fault("wrong_type", f"{at}[{i}][{k}]", cell, f"must be a whole number in 0..{UINT32}")
        return np.array(rows, dtype=np.int64) if len(self.faults) == before else None


class _Verbatim(str):
    """A text that stands for a value and is not put into quotes once more."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
