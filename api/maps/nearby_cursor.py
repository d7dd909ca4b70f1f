"""What a page of nearby contractors leaves behind for the next: which people, and after whom to go on."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from geo.point import Point


class BadCursor(Exception):
    """A cursor that this server did not give, or that belongs to another question."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page ended.

    Parameters
    ----------
    at : the instant that the first page was about
    searched_radius_m, widened, within_a_day : which people the pages go through
    n_before : how many came on the pages before
    after : the last of them, as arrivals are ordered
    """

    at: datetime
    searched_radius_m: int
    widened: bool
    within_a_day: bool
    n_before: int
    after: tuple[datetime, int, UUID]


def written(page: Page, question: bytes) -> str:
    """A page as text for a URL."""
    at_door_at, drive_s, contractor_id = page.after
    values = [
        question.hex(),
        page.at.isoformat(),
        page.searched_radius_m,
        int(page.widened),
        int(page.within_a_day),
        page.n_before,
        at_door_at.isoformat(),
        drive_s,
        str(contractor_id),
    ]
    return base64.urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()


def read(text: str, question: bytes) -> Page:
    """The page that a text stands for; raises ``BadCursor``."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        of, at, radius_m, widened, within_a_day, n_before, at_door_at, drive_s, contractor_id = values
        page = Page(
            datetime.fromisoformat(at),
            int(radius_m),
            bool(widened),
            bool(within_a_day),
            int(n_before),
            (datetime.fromisoformat(at_door_at), int(drive_s), UUID(contractor_id)),
        )
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise BadCursor("cursor is not one of ours; take next_cursor of the page before, unchanged") from error
    sane = 0 < page.searched_radius_m <= 2_000_000 and 0 < page.n_before <= 50
    if of != question.hex() or not sane or page.at.tzinfo is None or page.after[0].tzinfo is None:
        raise BadCursor("cursor belongs to another question; send the lat, lng, trade and radius it came with")
    return page


def question(point: Point, trade: str | None, radius_m: float) -> bytes:
    """What a cursor may be used with."""
    said = f"{point.lon!r} {point.lat!r} {trade} {radius_m!r}"
    return hashlib.sha256(said.encode()).digest()[:8]
