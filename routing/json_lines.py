"""The lines of a JSON text: one record a line when it is written, and which line a fault is in when it is read."""

import json
import re
from pathlib import Path
from typing import Any

from routing.errors import UnreadableFile

_SPACE = re.compile(r"[ \t\r\n]*")


def parsed(text: str, path: Path) -> Any:
    """Return a JSON text as Python values.

    Raises
    ------
    UnreadableFile : not JSON, with the line; a key twice in one object, NaN or Infinity, which readers elsewhere
        would each take in their own way
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise UnreadableFile(path, error.lineno, f"not JSON: {error.msg} (column {error.colno})") from error
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UnreadableFile(path, 0, f"not JSON that can be relied on: {reason}") from error


def laid_out(value: Any, n_levels: int) -> str:
    """Return JSON with the outer levels, and matrices, on lines of their own; whatever is deeper stays on its line.

    Raises
    ------
    ValueError : a number that JSON cannot say (nan, inf)
    """
    return _spread(value, n_levels) + "\n"


def line_of(text: str, steps: tuple[str | int, ...]) -> int:
    """Return the line, from 1, of the value at the end of the way, or of the last that is there.

    ``text`` is known to be JSON.
    """
    at = _after_space(text, 0)
    for step in steps:
        child = _child(text, at, step)
        if child is None:
            break
        at = child
    return text.count("\n", 0, at) + 1


def _spread(value: Any, n_levels: int) -> str:
    table = isinstance(value, list) and bool(value) and isinstance(value[0], list)
    if not isinstance(value, dict | list) or not value or (n_levels <= 0 and not table):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, dict):
        entries = [
            f"{json.dumps(key, ensure_ascii=False)}: {_spread(item, n_levels - 1)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(entries) + "\n}"
    return "[\n" + ",\n".join(_spread(item, n_levels - 1) for item in value) + "\n]"


def _child(text: str, at: int, step: str | int) -> int | None:
    """Where the value of a key, or at a position, begins; None when the value at ``at`` has no such child."""
    if text[at] != ("{" if isinstance(step, str) else "["):
        return None
    # Plain, unlike ``parsed``: values on the way have been looked at already.
    decoder = json.JSONDecoder()
    at, position = _after_space(text, at + 1), 0
    while text[at] not in "]}":
        key: str | int = position
        if isinstance(step, str):
            key, at = decoder.raw_decode(text, at)
            at = _after_space(text, _after_space(text, at) + 1)
        if key == step:
            return at
        _, at = decoder.raw_decode(text, at)
        at, position = _after_space(text, at), position + 1
        if text[at] == ",":
            at = _after_space(text, at + 1)
    return None


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object; keep one")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
