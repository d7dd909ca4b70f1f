"""An engine in a process of its own: OSRM may hold its lock, run for long or crash there without harm here.

A call has a deadline, waiting for its turn included. A child that dies is replaced once a call; if the new one dies too,
or does not open in time, straight lines answer, and ``source`` and the answer say so. After that no child is tried for
a while, so that an outage does not slow every call; one that is only slow goes on, and roads answer when it is ready.
"""

import os
import pickle
import socket
import struct
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
from routing.engine import Directions, RoadRoute, Snaps, TravelTimes
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
    deadline_s : how long a call may take, its turn included, before straight lines answer; a child that has been busy
        with one question for so long is given up
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
        self._pause_until_s = 0.0
        self._source = "osrm"
        self._child: _Child | None = None
        try:
            self._living_child().open(time.monotonic() + _OPENING_S)
        except (_ChildDiedError, _OutOfTimeError) as error:
            self._bury()
            raise EngineFailed(f"road data {base.name!r} does not open: {error}") from error

    @property
    def source(self) -> str:
        """Who answers: "osrm", or "straight" since a call could not be answered by OSRM and until one can."""
        return self._source

    @property
    def pid(self) -> int | None:
        """Process id of the child; None while there is none."""
        child = self._child
        return None if child is None else child.pid

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

    def directions(self, lonlat: ArrayLike) -> Directions:
        """See ``Osrm.directions``."""
        answer: Directions = self._call("directions", checked_lonlat(lonlat))
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
        until_s = time.monotonic() + self._deadline_s
        answer = None
        if self._lock.acquire(timeout=self._deadline_s):
            try:
                if not self._closed:
                    answer = self._by_road((method, arguments), until_s)
            finally:
                self._lock.release()
        if self._closed:
            raise EngineFailed("the engine is closed; open a new one")
        if answer is None:
            self._source = self._fallback.source
            return getattr(self._fallback, method)(*arguments)
        self._source = "osrm"
        failed, value = answer
        if failed:
            raise unpacked(value)
        return value

    def _by_road(self, question: object, until_s: float) -> "_Answer | None":
        """The child's answer; None when there is none in time. Whoever calls has the lock."""
        now_s = time.monotonic()
        if now_s < self._pause_until_s or now_s >= until_s:
            return None
        for _ in range(2):
            try:
                return self._living_child().ask(question, until_s)
            except _OutOfTimeError:
                return None  # it goes on: somebody had too little time left, or it is still opening its files
            except _StuckError:
                self._bury()
                break  # the same question would take as long again
            except _ChildDiedError:
                self._bury()
        self._pause_until_s = time.monotonic() + self._retry_after_s
        return None

    def _living_child(self) -> "_Child":
        if self._child is None:
            self._child = _Child(self._base, self._algorithm, self._deadline_s)
        return self._child

    def _bury(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None


type _Answer = tuple[bool, Any]
"""Whether a question failed, and the answer or the parts of the error."""


class _ChildDiedError(Exception):
    """The child is gone, or cannot open its road data."""


class _StuckError(Exception):
    """The child is alive and has been busy with one question for longer than any may take."""


class _OutOfTimeError(Exception):
    """The child is alive and well, but whoever asks cannot wait any longer."""


class _Child:
    """One child process and the line to it.

    It answers in order, first of all that its files are open. Who runs out of time leaves an answer behind, which the
    next one who asks takes off the line.
    """

    def __init__(self, base: Path, algorithm: Algorithm, patience_s: float) -> None:
        self._patience_s = patience_s
        self._opened = False
        self._awaited_in_vain = False
        self._overdue_at_s = [time.monotonic() + _OPENING_S]  # of each answer that is still to come
        try:
            self._process = Process("routing.child", "serve", str(base), algorithm)
        except OSError as error:
            raise _ChildDiedError(f"no process could be started: {error}") from error
        _limit_waiting(self._process.line, patience_s)

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(self, until_s: float) -> None:
        """Wait until the files are open. After one who waited in vain, nobody waits: there are straight lines."""
        if self._opened:
            return
        try:
            failed, answer = self._receive(time.monotonic() if self._awaited_in_vain else until_s)
        except _StuckError as error:
            raise _ChildDiedError(f"no sign of life within {_OPENING_S:g} s") from error
        except _OutOfTimeError:
            self._awaited_in_vain = True
            raise
        if failed:
            raise _ChildDiedError(str(unpacked(answer)))
        self._opened = True

    def ask(self, question: object, until_s: float) -> _Answer:
        try:
            self.open(until_s)
            while self._overdue_at_s:
                self._receive(until_s)
            try:
                self._process.line.send(question)
            except OSError as error:
                raise _ChildDiedError("the engine's process has ended") from error
            # A little less than the deadline, so that who had no turn to wait for sees it out.
            self._overdue_at_s.append(max(until_s, time.monotonic() + 0.9 * self._patience_s))
            return self._receive(until_s)
        except (_ChildDiedError, _StuckError, _OutOfTimeError):
            raise
        except BaseException:
            self.kill()  # interrupted in the middle of a message: what would come next is not an answer
            raise

    def kill(self) -> None:
        self._process.end()

    def close(self) -> None:
        self._process.end(_CLOSING_S)

    def _receive(self, until_s: float) -> _Answer:
        """The next answer that is still to come."""
        line, overdue_at_s = self._process.line, self._overdue_at_s[0]
        try:
            if not line.poll(max(0.0, min(until_s, overdue_at_s) - time.monotonic())):
                raise _StuckError if time.monotonic() >= overdue_at_s else _OutOfTimeError
            failed, answer = line.recv()
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise _ChildDiedError("the engine's process has ended") from error
        del self._overdue_at_s[0]
        return bool(failed), answer


def _limit_waiting(line: Connection, patience_s: float) -> None:
    """Let a message that stops in the middle, because the other side does, be an ``OSError`` instead of the end."""
    seconds, rest = divmod(max(patience_s, 0.001), 1.0)
    with socket.socket(fileno=os.dup(line.fileno())) as end:
        for way in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            end.setsockopt(socket.SOL_SOCKET, way, struct.pack("ll", int(seconds), round(rest * 1e6)))


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
