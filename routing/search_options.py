"""How long to search and from where, as every command that searches asks it."""

import argparse

MOST_SECONDS = 86_400
MOST_ITERATIONS = 1_000_000_000


def add_search_options(parser: argparse.ArgumentParser, default_s: float) -> None:
    """Add --limit-s or --budget-iterations, and --seed."""
    budget = parser.add_mutually_exclusive_group()
    says = f"search this long (default: {default_s:g})"
    budget.add_argument("--limit-s", type=seconds, default=default_s, metavar="S", help=says)
    says = "look at N plans instead: the same answer each time"
    budget.add_argument("--budget-iterations", type=_iterations, metavar="N", help=says)
    parser.add_argument("--seed", type=count, default=1, metavar="N", help="where the search starts (default: 1)")


def seconds(text: str) -> float:
    """Seconds of search, up to a day."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} must be seconds from 0 to {MOST_SECONDS}")
    return found


def count(text: str) -> int:
    """A whole number, 0 or more."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, 0 or more")
    return int(text)


def _iterations(text: str) -> int:
    found = count(text)
    if found > MOST_ITERATIONS:
        raise argparse.ArgumentTypeError(f"{text} is more than {MOST_ITERATIONS:,}; write fewer")
    return found
