"""The trades of made-up days: how long their work takes, what it asks for, and who does which of them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TradeProfile:
    """What is usual in a trade.

    Parameters
    ----------
    minutes : durations of its jobs, each as likely
    skill : what some of its jobs ask for as well; None when nothing is
    """

    minutes: tuple[int, ...]
    skill: str | None = None


TRADES: Final = {
    "carpenter": TradeProfile((45, 60, 90, 120)),
    "cleaner": TradeProfile((60, 90, 120), "heights"),
    "electrician": TradeProfile((30, 45, 60, 90), "solar"),
    "glazier": TradeProfile((45, 60, 90), "heights"),
    "hvac": TradeProfile((45, 60, 90, 120), "refrigerant"),
    "locksmith": TradeProfile((30, 45, 60)),
    "plumber": TradeProfile((30, 45, 60, 75, 90), "gas"),
    "roofer": TradeProfile((60, 90, 120), "heights"),
}

CREW: Final = (
    ("plumber",),
    ("electrician",),
    ("plumber", "hvac"),
    ("roofer", "carpenter"),
    ("plumber",),
    ("glazier",),
    ("plumber", "carpenter"),
    ("electrician", "hvac"),
    ("plumber",),
    ("cleaner", "carpenter"),
    ("plumber", "locksmith"),
    ("electrician",),
    ("plumber", "hvac"),
    ("roofer",),
    ("plumber",),
    ("electrician", "hvac"),
    ("plumber", "electrician"),
    ("locksmith", "carpenter"),
    ("plumber", "hvac"),
    ("cleaner",),
    ("plumber", "cleaner", "carpenter"),
    ("electrician",),
    ("plumber",),
    ("roofer", "carpenter"),
    ("plumber", "hvac"),
    ("electrician", "hvac"),
)
"""Who does what, over and over for a larger crew: every second one a plumber, one glazier among 26."""

SCARCE_TRADE: Final = "glazier"
"""The trade that is asked for more than its people can do."""
