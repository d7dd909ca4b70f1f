"""Processes of the platform, started anew when they die, and ended in order."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

QUICK_DEATH_S = 5.0
QUICK_DEATHS = 3
"""So many deaths of a process within ``QUICK_DEATH_S`` of its start, one after another, before anything has worked, are
a fault and not an accident."""

LONGEST_PAUSE_S = 30.0
"""Between two starts of a process that dies again and again."""

STOP_WITHIN_S = 20.0
"""The server gives requests under way 10 s, the planner hands its run back at once."""


class EndsAtOnce(Exception):
    """A process ends as soon as it is started; carries its name and last status."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"the {name} ends as soon as it is started (status {status}); the lines above say why")
        self.name, self.status = name, status


@dataclass(slots=True)
class Child:
    """One process of ours, ``python -m api …``.

    Attributes
    ----------
    arguments : what it is told; the first is its name
    environment : all of its variables
    descriptors : files that it inherits
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]
    descriptors: Sequence[int]
    process: "subprocess.Popen[bytes] | None" = None
    _started_s: float = 0.0
    _again_at_s: float = 0.0
    _quick_deaths: int = field(default=0)

    @property
    def pid(self) -> int | None:
        """Its process id; None while it is dead."""
        return self.process.pid if self.process is not None else None

    def keep_alive(self, *, has_worked: bool, say: Callable[[str], None]) -> bool:
        """Start it if it does not run and its pause is over; whether it was started.

        Parameters
        ----------
        has_worked : the platform has served already, so that whatever ends a process may pass

        Raises
        ------
        EndsAtOnce
        """
        if self.process is not None:
            status = self.process.poll()
            if status is None:
                return False
            self._mourn(status, has_worked=has_worked, say=say)
        if time.monotonic() < self._again_at_s:
            return False
        # Its standard input is the line by which it notices that this process is gone. A group of its own: Ctrl-C is
        # for this process alone, which then ends the others in order.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", *self.arguments],
            env=self.environment,
            stdin=subprocess.PIPE,
            pass_fds=self.descriptors,
            process_group=0,
        )
        self._started_s = time.monotonic()
        return True

    def _mourn(self, status: int, *, has_worked: bool, say: Callable[[str], None]) -> None:
        assert self.process is not None  # noqa: S101  # for the type checker
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None
        died_young = time.monotonic() - self._started_s < QUICK_DEATH_S
        self._quick_deaths = self._quick_deaths + 1 if died_young else 0
        if self._quick_deaths >= QUICK_DEATHS and not has_worked:
            raise EndsAtOnce(self.arguments[0], status)
        pause_s = min(LONGEST_PAUSE_S, 2.0 ** (self._quick_deaths - 1)) if self._quick_deaths else 0.0
        self._again_at_s = time.monotonic() + pause_s
        when = f"in {pause_s:.0f} s" if pause_s else "now"
        say(f"the {self.arguments[0]} has ended (status {status}); it is started again {when}")


def end(children: Sequence[Child], hurry: Callable[[], bool], say: Callable[[str], None]) -> None:
    """Tell all to stop, wait until they have, and kill those that have not in time.

    Parameters
    ----------
    hurry : whether somebody has lost patience meanwhile
    """
    living = [child.process for child in children if child.process is not None]
    for process in living:
        process.terminate()
    until_s = time.monotonic() + STOP_WITHIN_S
    for process in living:
        while True:
            try:
                process.wait(0.1)
                break
            except subprocess.TimeoutExpired:
                if hurry() or time.monotonic() > until_s:
                    say(f"process {process.pid} is killed: it has not ended in time")
                    process.kill()
        if process.stdin is not None:
            process.stdin.close()


def environment(**changes: str) -> dict[str, str]:
    """The variables of this process with changes, for a child."""
    return {**os.environ, **changes}
