"""How the search is compiled: once per machine and version of its code, kept beside the code.

numba looks at one file alone when it asks whether what it kept is still good, although a function holds those that it
calls. So each version of the files together has a folder of its own.
"""

import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numba
from numba import njit

PARTS = ("improve", "live", "proof")
"""Folders of ``routing`` that hold compiled functions; the front door looks at the same ones."""


def _kept_in() -> Path:
    here = Path(__file__).parent
    files = [file for name in PARTS for file in (here.parent / name).rglob("*.py")]
    texts = b"".join(file.read_bytes() for file in sorted(files, key=str))
    return here / "__pycache__" / f"search-{hashlib.sha256(texts).hexdigest()[:12]}"


KEPT_IN = _kept_in() if "NUMBA_CACHE_DIR" not in os.environ and os.access(Path(__file__).parent, os.W_OK) else None
"""Folder of the compiled code, None where numba is told of another or this one cannot be written to."""

if KEPT_IN is not None:
    numba.config.CACHE_DIR = str(KEPT_IN)  # type: ignore[attr-defined]


_UNCOUNTED: dict[str, Any] = {"_nrt": False, "no_cfunc_wrapper": True}
_FOR_COMPILED: dict[str, Any] = {"no_cpython_wrapper": True, **_UNCOUNTED}


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile a function when it is first called, or load what was compiled before.

    Compiled functions allocate nothing, so numba need not count who holds their arrays: each look at an array of a
    tuple would be an atomic instruction, which made up two thirds of an iteration. They hand no array back either.
    They hold no lock of the interpreter, so that lanes run side by side.
    """
    return cast("F", njit(cache=True, nogil=True, **_UNCOUNTED)(function))


def inner[F: Callable[..., Any]](function: F) -> F:
    """Compile a function that compiled ones alone call: what would let Python call it takes half a second to compile.

    Measured on functions of both named tuples of the general kernel: 0.57 s of a processor with it, 0.04 s without.
    """
    return cast("F", njit(cache=True, **_FOR_COMPILED)(function))


def woven[F: Callable[..., Any]](function: F) -> F:
    """Compile a function into those that call it: for what an iteration calls by the hundred.

    numba hands a tuple of arrays over as seven numbers an array; a call with a ground and a state costs more than most
    of what is called does, and made up two thirds of an iteration.
    """
    return cast("F", njit(cache=True, forceinline=True, **_UNCOUNTED)(function))


def inlined[F: Callable[..., Any]](function: F) -> F:
    """Put a function's text where compiled ones call it, so that it may hand back a part of an array."""
    return cast("F", njit(inline="always", **_UNCOUNTED)(function))


def note_warm() -> None:
    """Leave a mark beside the compiled code that it is complete for this Python."""
    if KEPT_IN is not None and KEPT_IN.is_dir():
        (KEPT_IN / f"warm-{platform.python_version()}").touch()
