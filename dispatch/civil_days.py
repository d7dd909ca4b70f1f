"""Which days may be asked for; light to import, for command lines and servers that need no more than that."""

from datetime import date

from routing.errors import RoutingError

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Days outside are slips of the finger, and no calendar holds the night after 9999-12-31."""


class BadRequest(RoutingError):
    """Arguments that cannot be acted on; the sentence says what to type instead."""


def check_day(on: date) -> None:
    """Raise ``BadRequest`` for a day that nobody can mean."""
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise BadRequest(f"--date {on} lies outside {FIRST_YEAR} to {LAST_YEAR}; write it as 2026-11-24")
