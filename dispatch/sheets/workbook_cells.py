"""One cell of an Excel sheet as the text that somebody would type into a CSV file, or why it is none."""

from datetime import date, datetime, time, timedelta

from openpyxl.utils.datetime import to_excel

from dispatch.hours import minutes_text
from dispatch.sheets.sheet import number_text, unwritable

FORMULA, ERROR = "f", "e"
"""Kinds of cell, as openpyxl calls them: here a formula is one without a value beside it."""

_DAY_S = 86_400
_HOURS_DAYS = 2
"""Excel has times, no clock times past midnight: 25:30 is stored as one day and an hour and a half."""


def cell_text(value: object, kind: str, epoch: datetime) -> tuple[str, str | None]:
    """What a cell says.

    Parameters
    ----------
    value : as openpyxl reads it; None when the cell is empty
    kind : openpyxl's type of cell
    epoch : the day that the workbook's dates count from

    Returns
    -------
    the text; and what is wrong with the cell, as the rest of a sentence that begins with its heading, else None
    """
    if kind == FORMULA:
        return "", "is a formula without a value; open the file in Excel and save it, or paste the value itself"
    if kind == ERROR:
        return "", f"shows the error {str(value)[:20]}; mend it or empty the cell"
    if value is None:
        return "", None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE", None
    if isinstance(value, int | float):
        return number_text(value), None
    if isinstance(value, date | time | timedelta):
        return _clock_text(value, epoch)
    text = str(value)
    return text, unwritable(text)


def _clock_text(value: date | time | timedelta, epoch: datetime) -> tuple[str, str | None]:
    """A time of day or a number of hours, to the minute; a date is neither."""
    days: float = to_excel(value, epoch)  # type: ignore[no-untyped-call]
    if isinstance(value, date) and not 0 <= days < _HOURS_DAYS:
        shown = value.isoformat(" ", "minutes") if isinstance(value, datetime) else value.isoformat()
        return "", f"holds the date {shown.removesuffix(' 00:00')}; format the cell as text and type it again"
    # Excel counts in parts of a day, so 08:30 is 0.354166…, a little more or less than a whole second.
    minutes, rest_s = divmod(round(days * _DAY_S), 60)
    if minutes < 0:
        return "", "holds a negative time; write a clock time such as 07:30"
    text = minutes_text(minutes)
    if rest_s:
        return "", f"holds {text}:{rest_s:02d}; write a time of whole minutes"
    return text, None
