"""Clock times that people type, and the instants they mean in a time zone on a day.

Instants are aware and in UTC: two datetimes of one ``ZoneInfo`` are compared and subtracted by their hands on the
clock, which is an hour wrong over a change of clocks; in UTC a difference is elapsed time.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MIN = 1440
"""Minutes of the clock from one midnight to the next, also on a day with a change of clocks."""

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?", re.ASCII)
_LATEST_HOUR = 47


class BadClock(ValueError):
    """A text is no clock time; carries the text."""

    def __init__(self, text: str) -> None:
        shown = text if len(text) <= 40 else text[:40] + "…"
        super().__init__(
            f"{shown!r} is no clock time; write hours and minutes from 00:00 to 47:59,"
            " such as 07:30, or 25:30 for half past one of the next day"
        )
        self.text = text


@lru_cache(maxsize=4096)
def parse_clock(text: str) -> int:
    """Minutes on the clock after the midnight that begins the day.

    Parameters
    ----------
    text : "07:30", "7:30" or "07:30:00"; hours up to 47, so that "25:30" is 01:30 of the next day

    Returns
    -------
    0 to 2879

    Raises
    ------
    BadClock : names the text and what to write instead
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise BadClock(text)
    hours, minutes = int(found[1]), int(found[2])
    if hours > _LATEST_HOUR or minutes > 59:
        raise BadClock(text)
    return 60 * hours + minutes


@lru_cache(maxsize=65536)
def instant(on: date, minutes: int, tz: ZoneInfo) -> tuple[datetime, str | None]:
    """The instant at which clocks in ``tz`` show a time.

    Parameters
    ----------
    on : the day whose midnight ``minutes`` counts from
    minutes : on the clock, 0 or more; from 1440 on it is the clock of the next civil day, however long the day is
    tz : whose clocks

    Returns
    -------
    the instant, aware, in UTC; and a warning when a change of clocks skips the time (the next valid instant is
    taken) or shows it twice (the first occurrence is taken), else None

    Raises
    ------
    ValueError : negative minutes

    Source: the fold of PEP 495; in a gap the offset of fold 0 is smaller than that of fold 1, in an overlap larger.
    """
    if minutes < 0:
        raise ValueError(f"minutes {minutes}: a clock time is 0 or more minutes after midnight")
    days, minute = divmod(minutes, DAY_MIN)
    day = on + timedelta(days=days)
    shown = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=tz)
    first, second = shown.utcoffset(), shown.replace(fold=1).utcoffset()
    if first is None or second is None or first == second:
        return shown.astimezone(UTC), None
    if first > second:
        return shown.astimezone(UTC), (
            f"{shown:%H:%M} on {day} comes twice in {tz.key}, where clocks go back; its first occurrence is used"
        )
    moved_at = _end_of_gap(shown)
    return moved_at, (
        f"{shown:%H:%M} on {day} does not exist in {tz.key}, where clocks go forward;"
        f" {moved_at.astimezone(tz):%H:%M} is used"
    )


def clock_text(at: datetime, on: date, tz: ZoneInfo) -> str:
    """An instant as somebody would type it for the day ``on``; "25:30" when it falls on the next civil day.

    Seconds are cut off. The second occurrence of a doubled time looks like the first.

    Raises
    ------
    ValueError : the instant is not on that day or the next, or is naive
    """
    local = _local(at, tz)
    hours = 24 * (local.date() - on).days + local.hour
    if not 0 <= hours <= _LATEST_HOUR:
        raise ValueError(f"{local.isoformat()} is neither on {on} nor on the day after; no clock time of {on} says it")
    return f"{hours:02d}:{local.minute:02d}"


def wall_text(at: datetime, tz: ZoneInfo) -> str:
    """What a clock on the wall shows at an instant, "HH:MM"; seconds are cut off.

    Raises
    ------
    ValueError : the instant is naive
    """
    return f"{_local(at, tz):%H:%M}"


def _local(at: datetime, tz: ZoneInfo) -> datetime:
    """Refuse naive datetimes: ``astimezone`` would take them for the machine's own zone."""
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no offset from UTC; give an aware datetime")
    return at.astimezone(tz)


def _end_of_gap(skipped: datetime) -> datetime:
    """The instant at which clocks jump over a local time: the first with the later offset."""
    before_s = int(skipped.replace(fold=1).timestamp())
    after_s = int(skipped.replace(fold=0).timestamp())
    tz = skipped.tzinfo
    later = datetime.fromtimestamp(after_s, tz).utcoffset()
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        if datetime.fromtimestamp(middle_s, tz).utcoffset() == later:
            after_s = middle_s
        else:
            before_s = middle_s
    return datetime.fromtimestamp(after_s, UTC)
