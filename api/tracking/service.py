"""What a batch of positions must be like before it is written."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from db.positions import PositionRow

CLOCKS_APART = timedelta(seconds=30)
"""How far a device's clock may be ahead of ours."""


class FromTheFuture(Exception):
    """A position is ahead of this server's clock; carries which and by how much. Nothing was written."""

    def __init__(self, position: int, ahead_s: int) -> None:
        super().__init__(
            f"positions[{position}].at is {ahead_s} s ahead of the server's clock, more than"
            f" {int(CLOCKS_APART.total_seconds())} s; set the device's clock, or send an offset from UTC"
        )
        self.details = {"position": position, "ahead_s": ahead_s}


def refuse_the_future(rows: Sequence[PositionRow], now: datetime) -> None:
    """Raise ``FromTheFuture`` at the first that has not happened yet."""
    for position, row in enumerate(rows):
        if row.at - now > CLOCKS_APART:
            raise FromTheFuture(position, round((row.at - now).total_seconds()))
