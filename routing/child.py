"""An engine in a process of its own: OSRM holds the interpreter while it computes, and may take its process along.

A child that dies is started again once per question. If that fails too, ``Straight`` answers for the rest of this
engine's life and every answer says so.
"""

import contextlib
import multiprocessing
import signal
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from routing.engine import RoadRoute, Snaps
from routing.errors import EngineFailed, RoutingError
from routing.straight import Straight
from routing.types import Matrix

DEADLINE_S = 300.0
"""For one answer: a table of 3,000 points takes about a minute on one slow core."""


class _Died(Exception):
    """The child is gone, or does not answer in time."""


class ChildEngine:
    """``TravelTimes`` of one road data set, answered by a child process that is started at the first question.

    Parameters
    ----------
    base : path of the data set without a suffix
    algorithm : "mld" or "ch", as it was built
    deadline_s : how long one answer may take before the child counts as dead
    """

    def __init__(self, base: Path, algorithm: str, deadline_s: float = DEADLINE_S) -> None:
        self._base, self._algorithm, self._deadline_s = base, algorithm, deadline_s
        self._lock = threading.Lock()
        self._child: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._fallback: Straight | None = None
        self._closed = False

    def __enter__(self) -> Self:
        """Nothing to do: the child starts at the first question."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    @property
    def source(self) -> str:
        """ "osrm", or "straight" once the child could not be kept alive."""
        return "straight" if self._fallback else "osrm"

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._child.pid if self._child is not None else None

    def table(
        self, lonlat: np.ndarray, sources: Sequence[int] | None = None, targets: Sequence[int] | None = None
    ) -> Matrix:
        """As ``TravelTimes.table``."""
        answer: Matrix = self._ask("table", lonlat, sources, targets)
        return answer

    def route(self, lonlat: np.ndarray) -> RoadRoute:
        """As ``TravelTimes.route``."""
        answer: RoadRoute = self._ask("route", lonlat)
        return answer

    def nearest(self, lonlat: np.ndarray) -> Snaps:
        """As ``TravelTimes.nearest``."""
        answer: Snaps = self._ask("nearest", lonlat)
        return answer

    def match(self, lonlat: np.ndarray, at_s: np.ndarray | None = None) -> RoadRoute:
        """As ``TravelTimes.match``."""
        answer: RoadRoute = self._ask("match", lonlat, at_s)
        return answer

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._closed = True
            self._end()

    def _ask(self, question: str, *arguments: Any) -> Any:  # noqa: ANN401 - as many types as questions
        with self._lock:
            if self._closed:
                raise EngineFailed("the engine is closed")
            for _ in range(2):
                if self._fallback is not None:
                    break
                try:
                    return self._answer(question, arguments)
                except _Died:
                    self._end()
            else:
                self._fallback = Straight()
            return getattr(self._fallback, question)(*arguments)

    def _answer(self, question: str, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401
        try:
            if self._pipe is None:
                self._pipe, self._child = self._started()
            self._pipe.send((question, arguments))
            if not self._pipe.poll(self._deadline_s):
                raise _Died
            good, answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise _Died from error
        if good:
            return answer
        raise answer

    def _started(self) -> tuple[Connection, BaseProcess]:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        child = context.Process(
            target=_serve, args=(str(self._base), self._algorithm, theirs), daemon=True, name="trades-osrm"
        )
        child.start()
        theirs.close()
        return ours, child

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._child is not None:
            self._child.kill()
            self._child.join()
        self._pipe = self._child = None


def _serve(base: str, algorithm: str, pipe: Connection) -> None:
    """The child: one question after the other until the pipe closes. Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from routing.osrm import Osrm  # noqa: PLC0415 - the parent need not load OSRM

    engine: Osrm | None = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            question, arguments = pipe.recv()
            try:
                engine = engine or Osrm(Path(base), algorithm)
                answer = (True, getattr(engine, question)(*arguments))
            except (RoutingError, ValueError, TypeError) as fault:
                answer = (False, fault)
            pipe.send(answer)
