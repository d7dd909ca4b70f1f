"""The cells of one row read into values; faults are collected, so that a row is mended in one go."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from dispatch.clock import DAY_MIN, BadClock, parse_clock
from dispatch.columns import AREA_REACH_M_MOST, LIST_SEPARATOR
from dispatch.hours import Notes, Unfit, break_on, shift_on, window_on
from dispatch.types import BreakRule, Shift, Window
from geo.area import Area, InvalidArea, reach_m
from geo.area import from_geojson as area_from_geojson
from geo.area import from_wkt as area_from_wkt
from geo.point import Point

_WHOLE = re.compile(r"([+-]?[0-9]{1,18})(?:\.0*)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_LON_DEG, _LAT_DEG = 180.0, 90.0
_SHOWN_CHARACTERS = 60


def shown(text: str) -> str:
    """A cell's text in quotes, cut when it is long."""
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")


class Cells:
    """One row: each method reads a column, or notes a fault under that column and gives None.

    Parameters
    ----------
    texts : column to text without surrounding blanks; a column that the file lacks reads as empty
    on, tz : the day and the clocks that times mean

    ``faults`` and ``warnings`` are (column, sentence) in the order in which columns were read.
    """

    __slots__ = ("_on", "_texts", "_tz", "faults", "warnings")

    def __init__(self, texts: Mapping[str, str], on: date, tz: ZoneInfo) -> None:
        """Hold a row without reading any of it."""
        self._texts, self._on, self._tz = texts, on, tz
        self.faults: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []

    def text(self, column: str) -> str:
        """The text as it stands; empty when there is none."""
        return self._texts.get(column, "")

    def needed(self, column: str, what: str) -> str | None:
        """A text that must be there; ``what`` says what to write."""
        text = self.text(column)
        if not text:
            self.fault(column, f"{column} is empty; {what}")
            return None
        return text

    def names(self, column: str) -> frozenset[str]:
        """A list: parts between semicolons, less blanks, without the empty ones."""
        text = self.text(column)
        if not text:
            return frozenset()
        return frozenset(part.strip() for part in text.split(LIST_SEPARATOR)) - {""}

    def whole(self, column: str, least: int, most: int, unit: str) -> int | None:
        """A whole number from ``least`` to ``most``; "60.0", as some programs write it, is one. Empty is None."""
        text = self.text(column)
        if not text:
            return None
        found = _WHOLE.fullmatch(text)
        if found is None or not least <= int(found[1]) <= most:
            self.fault(column, f"{column} {shown(text)}: write a whole number{unit} from {least:,} to {most:,}")
            return None
        return int(found[1])

    def point(self, lon_column: str, lat_column: str) -> Point | None:
        """A place from two columns in degrees."""
        lon, lat = self._degrees(lon_column), self._degrees(lat_column)
        if lon is None or lat is None:
            return None
        if abs(lon) <= _LON_DEG and abs(lat) <= _LAT_DEG:
            return Point(lon, lat)
        swapped = abs(lon) <= _LAT_DEG and abs(lat) <= _LON_DEG
        hint = f"; {lon_column} and {lat_column} look swapped" if swapped else ""
        for column, value, limit in ((lon_column, lon, _LON_DEG), (lat_column, lat, _LAT_DEG)):
            if not abs(value) <= limit:
                self.fault(column, f"{column} {self.text(column)}: write degrees from -{limit:g} to {limit:g}{hint}")
        return None

    def has(self, column: str) -> bool:
        """Whether the file has the column at all."""
        return column in self._texts

    def area(self, column: str, home: Point | None) -> Area | None:
        """A polygon of a service area, within reach of a home; None when the cell is empty."""
        text = self.text(column)
        if not text:
            return None
        try:
            area = area_from_geojson(json.loads(text)) if text.startswith("{") else area_from_wkt(text)
        except InvalidArea as wrong:
            self.fault(column, f"{column} {wrong}")
        except ValueError:
            self.fault(column, f"{column} {shown(text)} is no JSON; write a GeoJSON Polygon, or POLYGON((lon lat, …))")
        else:
            if home is None or (far_m := reach_m(area, home)) <= AREA_REACH_M_MOST:
                return area
            km = f"{far_m / 1000:,.0f} km from home"
            self.fault(column, f"{column} reaches {km}, more than {AREA_REACH_M_MOST // 1000:,}; is longitude first?")
        return None

    def shift(self, start_column: str, end_column: str) -> Shift | None:
        """From leaving home to being back; an end at or before the start is on the next day."""
        start_min, end_min = self._clock(start_column, must=True), self._clock(end_column, must=True)
        if start_min is None or end_min is None:
            return None
        return self._placed(lambda: shift_on(start_min, end_min, self._on, self._tz))

    def window(self, opens_column: str, closes_column: str) -> Window | None:
        """When service may begin; None when both cells are empty."""
        opens_min, closes_min = self._clock(opens_column), self._clock(closes_column)
        return self._placed(lambda: window_on(opens_min, closes_min, self._on, self._tz))

    def pause(self, columns: tuple[str, str, str], shift: Shift | None) -> BreakRule | None:
        """A break: earliest start, latest start, minutes. Times are the first such at or after the shift's start."""
        texts = [self.text(column) for column in columns]
        if not any(texts):
            return None
        missing = [column for column, text in zip(columns, texts, strict=True) if not text]
        if missing:
            self.fault(missing[0], f"{missing[0]} is empty; a break needs {', '.join(columns)}: fill all three or none")
        start_column, end_column, min_column = columns
        start_min, end_min = self._clock(start_column), self._clock(end_column)
        length_min = self.whole(min_column, 1, DAY_MIN, " of minutes")
        if shift is None or start_min is None or end_min is None or length_min is None:
            return None
        return self._placed(lambda: break_on(start_min, end_min, 60 * length_min, shift, self._on, self._tz))

    def minutes(self, column: str) -> int | None:
        """A clock time as minutes after midnight; None when it is empty or a fault, which is noted elsewhere."""
        text = self.text(column)
        try:
            return parse_clock(text) if text else None
        except BadClock:
            return None

    def _placed[Value](self, place: Callable[[], tuple[Value, Notes]]) -> Value | None:
        """What times are on the day, with its warnings; None and a fault when they contradict each other."""
        try:
            value, warnings = place()
        except Unfit as unfit:
            self.fault(unfit.column, unfit.sentence)
            return None
        self.warnings.extend(warnings)
        return value

    def _clock(self, column: str, *, must: bool = False) -> int | None:
        text = self.text(column)
        if not text:
            if must:
                self.fault(column, f"{column} is empty; write a clock time such as 07:30")
            return None
        try:
            return parse_clock(text)
        except BadClock as error:
            self.fault(column, f"{column} {error}")
            return None

    def _degrees(self, column: str) -> float | None:
        text = self.text(column)
        if _DECIMAL.fullmatch(text):
            return float(text)
        comma = "; write a decimal point, not a comma" if _DECIMAL.fullmatch(text.replace(",", ".")) else ""
        wrong = f"{shown(text)} is not a number" if text else "is empty"
        self.fault(column, f"{column} {wrong}; write degrees such as -71.2519{comma}")
        return None

    def fault(self, column: str, sentence: str) -> None:
        """Note that a column cannot be used, and why."""
        self.faults.append((column, sentence))
