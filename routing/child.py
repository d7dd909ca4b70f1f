"""An engine in a process of its own: OSRM may hold its lock, run for long or crash there without harm here.

A call has a deadline. A child that dies is replaced once a call; if the new one dies too, straight lines answer, and
``source`` and the answer say so. After that no child is tried for a while, so that an outage does not slow every call.
"""

import pickle
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from geo.point import checked_lonlat
from routing.engine import RoadRoute, Snaps, TravelTimes
from routing.errors import EngineFailed
from routing.process import Process, packed, unpacked
from routing.region import Algorithm
from routing.straight import Straight
from routing.types import Matrix

DEADLINE_S = 300.0
"""For one answer: a table of 3,000 points of Columbus took 62 s with mld and 12 s with ch, on one core."""

RETRY_AFTER_S = 30.0
_CLOSING_S = 2.0
_OPENING_S = 30.0


class ChildEngine:
    """``TravelTimes`` answered by OSRM in a child process. Threads may share it; their calls take turns.

    Parameters
    ----------
    base, algorithm : as ``Osrm`` takes them
    deadline_s : how long a call may take before the child is given up and straight lines answer
    retry_after_s : how long straight lines go on answering before a new child is tried
    fallback : answers when OSRM cannot

    Raises
    ------
    EngineFailed : the road data does not open; nothing has worked yet, so nothing falls back
    """

    def __init__(
        self,
        base: Path,
        algorithm: Algorithm,
        *,
        deadline_s: float = DEADLINE_S,
        retry_after_s: float = RETRY_AFTER_S,
        fallback: TravelTimes | None = None,
    ) -> None:
        self._base, self._algorithm = base, algorithm
        self._deadline_s, self._retry_after_s = deadline_s, retry_after_s
        self._fallback: TravelTimes = fallback or Straight()
        self._lock = threading.Lock()
        self._closed = False
        self._down_until_s: float | None = None
        try:
            self._child: _Child | None = _Child(base, algorithm)
        except _ChildDiedError as error:
            raise EngineFailed(f"road data {base.name!r} does not open: {error}") from error

    @property
    def source(self) -> str:
        """Who answers: "osrm", or "straight" since a call could not be answered by OSRM and until one can."""
        return "osrm" if self._down_until_s is None else self._fallback.source

    @property
    def pid(self) -> int | None:
        """Process id of the child; None while there is none."""
        return None if self._child is None else self._child.pid

    def table(
        self, lonlat: ArrayLike, sources: Sequence[int] | None = None, targets: Sequence[int] | None = None
    ) -> Matrix:
        """See ``Osrm.table``; the matrix says in ``source`` who answered."""
        answer: Matrix = self._call("table", checked_lonlat(lonlat), sources, targets)
        return answer

    def route(self, lonlat: ArrayLike) -> RoadRoute:
        """See ``Osrm.route``."""
        answer: RoadRoute = self._call("route", checked_lonlat(lonlat))
        return answer

    def nearest(self, lonlat: ArrayLike) -> Snaps:
        """See ``Osrm.nearest``."""
        answer: Snaps = self._call("nearest", checked_lonlat(lonlat))
        return answer

    def match(self, lonlat: ArrayLike, at_s: ArrayLike | None = None) -> RoadRoute:
        """See ``Osrm.match``."""
        answer: RoadRoute = self._call("match", checked_lonlat(lonlat), None if at_s is None else np.asarray(at_s))
        return answer

    def close(self) -> None:
        """End the child; further calls raise ``EngineFailed``. Closing twice is harmless."""
        with self._lock:
            self._closed = True
            if self._child is not None:
                self._child.close()
                self._child = None

    def __enter__(self) -> Self:
        """Give the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _call(self, method: str, *arguments: object) -> Any:
        with self._lock:
            if self._closed:
                raise EngineFailed("the engine is closed; open a new one")
            if self._down_until_s is None or time.monotonic() >= self._down_until_s:
                for _ in range(2):
                    try:
                        failed, answer = self._living_child().ask((method, arguments), self._deadline_s)
                    except _DeadlinePassedError:
                        self._bury()
                        break  # the same question would take as long again
                    except _ChildDiedError:
                        self._bury()
                        continue
                    self._down_until_s = None
                    if failed:
                        raise unpacked(answer)
                    return answer
                self._down_until_s = time.monotonic() + self._retry_after_s
            return getattr(self._fallback, method)(*arguments)

    def _living_child(self) -> "_Child":
        if self._child is None:
            self._child = _Child(self._base, self._algorithm)
        return self._child

    def _bury(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None


class _ChildDiedError(Exception):
    """The child is gone, or cannot open its road data."""


class _DeadlinePassedError(Exception):
    """The child is alive but has not answered in time."""


class _Child:
    """One child process and the line to it."""

    def __init__(self, base: Path, algorithm: Algorithm) -> None:
        self._process = Process("routing.child", "serve", str(base), algorithm)
        try:
            failed, answer = self._receive(_OPENING_S)
        except _DeadlinePassedError as error:
            self.kill()
            raise _ChildDiedError(f"no sign of life within {_OPENING_S:g} s") from error
        except _ChildDiedError:
            self.kill()
            raise
        if failed:
            self.kill()
            raise _ChildDiedError(str(unpacked(answer)))

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, question: object, deadline_s: float) -> tuple[bool, Any]:
        """Whether it failed, and the answer or the parts of the error."""
        try:
            self._process.line.send(question)
        except OSError as error:
            raise _ChildDiedError("the engine's process has ended") from error
        return self._receive(deadline_s)

    def kill(self) -> None:
        self._process.end()

    def close(self) -> None:
        self._process.end(_CLOSING_S)

    def _receive(self, deadline_s: float) -> tuple[bool, Any]:
        line = self._process.line
        try:
            if not line.poll(deadline_s):
                raise _DeadlinePassedError
            failed, answer = line.recv()
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise _ChildDiedError("the engine's process has ended") from error
        return bool(failed), answer


def serve(line: Connection, base: str, algorithm: Algorithm) -> None:
    """Answer questions until the other side hangs up: the child's whole life."""
    from routing.osrm import Osrm

    with line:
        try:
            engine = Osrm(Path(base), algorithm)
            line.send((False, None))
            while True:
                method, arguments = line.recv()
                try:
                    answer = (False, getattr(engine, method)(*arguments))
                except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever asked
                    answer = (True, packed(error))
                line.send(answer)
        except EngineFailed as error:
            line.send((True, packed(error)))
        except (EOFError, OSError):
            return
