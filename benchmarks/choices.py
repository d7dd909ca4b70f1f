"""What somebody asked to be measured: seeds, budgets, engines, and instances by name."""

import difflib
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from routing.errors import RoutingError

ENGINES = ("trades", "trades-nosearch", "ortools", "ortools-tutorial", "vroom-x0", "vroom-x5", "pyvrp")
"""Everything that can be asked for a plan."""

ALIASES = {"vroom": "vroom-x5"}
DETERMINISTIC = frozenset({"trades-nosearch", "ortools-tutorial", "vroom-x0", "vroom-x5"})
"""Engines that take no seed: they run once, with the first one."""

BUDGETLESS = frozenset({"trades-nosearch"})
"""Engines that take no budget either."""

MOST_SEEDS = 1000
LONGEST_BUDGET_S = 86_400.0
_EXTENSION = re.compile(r"\.(txt|vrp|json|csv|pbf)$")
_WHOLE = re.compile(r"[0-9]{1,9}")


class BadChoice(RoutingError):
    """Something asked for that cannot be measured; the sentence says what to type instead."""


def seeds_of(text: str) -> tuple[int, ...]:
    """Seeds of a text like ``1..3`` or ``1,2,7``, in order and each once."""
    found: list[int] = []
    for part in text.split(","):
        first, dots, last = (piece.strip() for piece in part.partition(".."))
        ends = (first, last) if dots else (first,)
        if not all(_WHOLE.fullmatch(end) for end in ends):
            raise BadChoice(f"--seeds {text!r}: {part!r} is no seed; write 1..3 or 1,2,7")
        low, high = int(ends[0]), int(ends[-1])
        if high < low or high - low >= MOST_SEEDS:
            raise BadChoice(f"--seeds {text!r}: {part!r} must count up, over {MOST_SEEDS} seeds at most")
        found += range(low, high + 1)
    return tuple(dict.fromkeys(found))


def budgets_of(text: str) -> tuple[float, ...]:
    """Seconds of a text like ``1,5,0.5``, in order and each once."""
    found = []
    for part in text.split(","):
        try:
            seconds = float(part)
        except ValueError:
            seconds = -1.0
        if not 0 < seconds <= LONGEST_BUDGET_S:
            raise BadChoice(f"--budget-s {text!r}: {part!r} must be seconds above 0, such as 1,5")
        found.append(seconds)
    return tuple(dict.fromkeys(found))


def engines_of(text: str, able: Sequence[str] = ENGINES) -> tuple[str, ...]:
    """Names of engines, with what people call them for short.

    Parameters
    ----------
    able : engines that the suite can run
    """
    found = []
    for part in text.split(","):
        name = ALIASES.get(part.strip().lower(), part.strip().lower())
        if name not in able:
            close = difflib.get_close_matches(name, able, 1)
            meant = f"did you mean {close[0]}? " if close else ""
            raise BadChoice(f"--engines {text!r}: there is no {part!r} here; {meant}there are: {', '.join(able)}")
        found.append(name)
    return tuple(dict.fromkeys(found))


def chosen(names: Iterable[str], globs: str | None) -> list[str]:
    """The names that any of the patterns, separated by commas, matches; all of them without patterns.

    A pattern without a folder looks at the last part of a name. Case and extension do not matter.

    Raises
    ------
    BadChoice : a pattern that matches nothing; says what there is
    """
    names = list(names)
    if globs is None:
        return names
    found: dict[str, None] = {}
    for glob in globs.split(","):
        matched = [name for name in names if _matches(name, glob)]
        if not matched:
            some = ", ".join(names[:6]) + (f", and {len(names) - 6} more" if len(names) > 6 else "")
            raise BadChoice(f"--instances {glob!r} matches nothing; there are: {some or 'none at all'}")
        found |= dict.fromkeys(matched)
    return [name for name in names if name in found]


def plain(name: str) -> str:
    """A name as it is compared: small letters, no extension."""
    return _EXTENSION.sub("", name.strip().lower().removeprefix("./"))


def _matches(name: str, glob: str) -> bool:
    name, glob = plain(name), plain(glob)
    return fnmatchcase(name, glob) or fnmatchcase(name.rpartition("/")[2], glob)
