"""What came of a file: for people on stderr, for programs as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console

from db.staging import Stored
from dispatch.types import RejectedRow

_IDS_NAMED = 10


class NothingUsable(ValueError):
    """No row of a file can be used; what is wrong with each was told before."""


class RowsRejected(ValueError):
    """Some rows cannot be used, and nothing was to be written then."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A file, or a made-up day, in the database.

    Parameters
    ----------
    subject : "contractors" or "jobs"
    source : the file's name without its folder
    new_trades : trades that nobody knew before -> the known one they may have been meant for
    seconds : by step
    """

    region: str
    subject: str
    source: str
    timezone: str
    stored: Stored
    rejected: tuple[RejectedRow, ...] = ()
    warnings: tuple[str, ...] = ()
    new_trades: Mapping[str, str | None] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "region": self.region,
            "subject": self.subject,
            "source": self.source,
            "timezone": self.timezone,
            **{name: list(value) if name == "kept" else value for name, value in asdict(self.stored).items()},
            "new_trades": [{"name": name, "near": near} for name, near in sorted(self.new_trades.items())],
            "rejected_rows": [asdict(row) for row in self.rejected],
            "warnings": list(self.warnings),
            "seconds": dict(self.seconds),
        }


def tell_rows(console: Console, rejected: tuple[RejectedRow, ...], warnings: tuple[str, ...]) -> None:
    """Each row that cannot be used, with where and why; and what else is worth knowing of the file."""
    for row in rejected:
        _say(console, f"rejected {row.file} line {row.line}, {row.column}, id {row.id or '(empty)'}: {row.reason}")
    for warning in warnings:
        _say(console, f"warning: {warning}")


def tell_filled(console: Console, filled: Filled) -> None:
    """What was written, and what was left as it is."""
    for name, near in sorted(filled.new_trades.items()):
        meant = f"; if {near!r} was meant, mend the file and ingest it again" if near else ""
        _say(console, f"warning: trade {name!r} was not known and is now{meant}")
    stored = filled.stored
    if stored.kept:
        named = ", ".join(stored.kept[:_IDS_NAMED])
        more = f" and {len(stored.kept) - _IDS_NAMED:,} more" if len(stored.kept) > _IDS_NAMED else ""
        _say(
            console,
            f"warning: {len(stored.kept):,} jobs differ from the file and were kept as they are, since they are"
            f" assigned, under way or over: {named}{more}",
        )
    unnamed = f"; {stored.unnamed:,} more in the region that this file does not name" if stored.unnamed else ""
    rejected = f", {len(filled.rejected):,} rejected" if filled.rejected else ""
    _say(
        console,
        f"· {filled.subject} of {filled.region} from {filled.source}: {stored.added:,} added,"
        f" {stored.changed:,} changed, {stored.unchanged:,} unchanged{rejected}{unnamed}",
    )


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
