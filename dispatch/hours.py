"""Shifts, breaks and windows in minutes of the clock, placed on a day. Pure arithmetic, no files.

Minutes count from the local midnight that begins the day; from 1440 on they are those of the next civil day.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from dispatch.clock import DAY_MIN, instant
from dispatch.types import BreakRule, Shift, Window

type Notes = tuple[tuple[str, str], ...]
"""(column, sentence): what changes of clocks do to times, under the headings of the two tables."""


class Unfit(ValueError):
    """Clock times contradict each other on the day; carries the heading to mend and the sentence."""

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column, self.sentence = column, sentence


def minutes_text(minutes: int) -> str:
    """Minutes of the clock as somebody would type them: 450 is "07:30", 1530 is "25:30"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def shift_on(starts_min: int, ends_min: int, on: date, tz: ZoneInfo) -> tuple[Shift, Notes]:
    """From leaving home to being back; an end at or before the start is on the next day.

    Raises
    ------
    Unfit : it lasts more than 24 hours of the clock
    """
    starts_at, start_warning = instant(on, starts_min, tz)
    ends_at, end_warning, last_min = _first_after(starts_at, ends_min, on, tz, inclusive=False)
    if last_min - starts_min > DAY_MIN:
        raise Unfit(
            "shift_end",
            f"shift_end {minutes_text(ends_min)!r}: a shift from {minutes_text(starts_min)} on lasts"
            " at most 24 hours; write an earlier end",
        )
    return Shift(starts_at, ends_at), _notes(shift_start=start_warning, shift_end=end_warning)


def break_on(
    earliest_min: int, latest_min: int, duration_s: int, shift: Shift, on: date, tz: ZoneInfo
) -> tuple[BreakRule, Notes]:
    """A break whose times are the first such clock times at or after the start of the shift.

    Raises
    ------
    Unfit : its latest start comes before its earliest, or the shift ends before it can
    """
    earliest_at, start_warning, _ = _first_after(shift.starts_at, earliest_min, on, tz, inclusive=True)
    latest_at, end_warning, _ = _first_after(shift.starts_at, latest_min, on, tz, inclusive=True)
    earliest, latest = minutes_text(earliest_min), minutes_text(latest_min)
    said = f"break_start {earliest}, break_end {latest}, break_min {duration_s / 60:g}"
    if latest_at < earliest_at:
        raise Unfit(
            "break_end",
            f"{said}: the break may begin from break_start to break_end, and from the start of the shift on"
            f" {latest} comes before {earliest}; write a later break_end",
        )
    if (shift.ends_at - earliest_at).total_seconds() < duration_s:
        raise Unfit(
            "break_start",
            f"{said}: the shift cannot hold such a break, which would begin at {earliest} at the earliest and end"
            " after the shift; write an earlier or shorter one",
        )
    return BreakRule(earliest_at, latest_at, duration_s), _notes(break_start=start_warning, break_end=end_warning)


def window_on(opens_min: int | None, closes_min: int | None, on: date, tz: ZoneInfo) -> tuple[Window | None, Notes]:
    """When service may begin; no window when neither side is given.

    Raises
    ------
    Unfit : it closes before it opens
    """
    check_window(opens_min, closes_min)
    opens_at, opens_warning = (None, None) if opens_min is None else instant(on, opens_min, tz)
    closes_at, closes_warning = (None, None) if closes_min is None else instant(on, closes_min, tz)
    window = None if opens_at is None and closes_at is None else Window(opens_at, closes_at)
    return window, _notes(window_start=opens_warning, window_end=closes_warning)


def check_window(opens_min: int | None, closes_min: int | None) -> None:
    """Raise ``Unfit`` for a window that closes before it opens, on whatever day."""
    if opens_min is None or closes_min is None or opens_min <= closes_min:
        return
    over_midnight = f", or {minutes_text(closes_min + DAY_MIN)} for the next day" if closes_min < DAY_MIN else ""
    raise Unfit(
        "window_end",
        f"window_end {minutes_text(closes_min)}: closes before it opens at {minutes_text(opens_min)};"
        f" write a later time{over_midnight}",
    )


def _first_after(
    start_at: datetime, minutes: int, on: date, tz: ZoneInfo, *, inclusive: bool
) -> tuple[datetime, str | None, int]:
    """The first instant at, or only after, another at which clocks show a time; its warning and minutes."""
    at, warning = instant(on, minutes, tz)
    while at < start_at or (at == start_at and not inclusive):
        minutes += DAY_MIN
        at, warning = instant(on, minutes, tz)
    return at, warning, minutes


def _notes(**warnings: str | None) -> Notes:
    return tuple((column, sentence) for column, sentence in warnings.items() if sentence is not None)
