"""The cells of one row read into values; faults are collected, so that a row is mended in one go."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dispatch.clock import DAY_MIN, BadClock, instant, parse_clock
from dispatch.columns import LIST_SEPARATOR
from dispatch.types import BreakRule, Shift, Window
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

    def shift(self, start_column: str, end_column: str) -> Shift | None:
        """From leaving home to being back; an end at or before the start is on the next day."""
        start_min, end_min = self._clock(start_column, must=True), self._clock(end_column, must=True)
        if start_min is None or end_min is None:
            return None
        starts_at, start_warning = instant(self._on, start_min, self._tz)
        ends_at, end_warning, end_min = self._first_after(starts_at, end_min, inclusive=False)
        if end_min - start_min > DAY_MIN:
            self.fault(
                end_column,
                f"{end_column} {shown(self.text(end_column))}: a shift from {self.text(start_column)} on lasts"
                " at most 24 hours; write an earlier end",
            )
            return None
        self._warn(start_column, start_warning)
        self._warn(end_column, end_warning)
        return Shift(starts_at, ends_at)

    def window(self, opens_column: str, closes_column: str) -> Window | None:
        """When service may begin; None when both cells are empty."""
        opens_min, closes_min = self._clock(opens_column), self._clock(closes_column)
        if opens_min is not None and closes_min is not None and closes_min < opens_min:
            over_midnight = (
                f", or {closes_min // 60 + 24}:{closes_min % 60:02d} for the next day" if closes_min < DAY_MIN else ""
            )
            self.fault(
                closes_column,
                f"{closes_column} {self.text(closes_column)}: closes before it opens at {self.text(opens_column)};"
                f" write a later time{over_midnight}",
            )
            return None
        opens_at, closes_at = self._at(opens_column, opens_min), self._at(closes_column, closes_min)
        return None if opens_at is None and closes_at is None else Window(opens_at, closes_at)

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
        earliest_at, start_warning, _ = self._first_after(shift.starts_at, start_min, inclusive=True)
        latest_at, end_warning, _ = self._first_after(shift.starts_at, end_min, inclusive=True)
        said = f"{start_column} {texts[0]}, {end_column} {texts[1]}, {min_column} {texts[2]}"
        if latest_at < earliest_at:
            self.fault(
                end_column,
                f"{said}: the break may begin from {start_column} to {end_column}, and from the start of the shift on"
                f" {texts[1]} comes before {texts[0]}; write a later {end_column}",
            )
            return None
        if (shift.ends_at - earliest_at).total_seconds() < 60 * length_min:
            self.fault(
                start_column,
                f"{said}: the shift cannot hold such a break, which would begin at {texts[0]} at the earliest and end"
                " after the shift; write an earlier or shorter one",
            )
            return None
        self._warn(start_column, start_warning)
        self._warn(end_column, end_warning)
        return BreakRule(earliest_at, latest_at, 60 * length_min)

    def _first_after(self, start_at: datetime, minutes: int, *, inclusive: bool) -> tuple[datetime, str | None, int]:
        """The first instant at, or only after, another at which clocks show a time; its warning and minutes."""
        at, warning = instant(self._on, minutes, self._tz)
        while at < start_at or (at == start_at and not inclusive):
            minutes += DAY_MIN
            at, warning = instant(self._on, minutes, self._tz)
        return at, warning, minutes

    def _at(self, column: str, minutes: int | None) -> datetime | None:
        if minutes is None:
            return None
        at, warning = instant(self._on, minutes, self._tz)
        self._warn(column, warning)
        return at

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

    def _warn(self, column: str, sentence: str | None) -> None:
        if sentence is not None:
            self.warnings.append((column, sentence))
