"""Who serves a home: one platform at a time, known by locks that end with its processes, described by a small file.

``up.lock`` is held by the process that watches the others; ``processes.lock`` by all of them, so that it stays held when
the watcher is killed and they have not ended yet. ``up.json`` says who they are, and counts only for living holders.
"""

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

WATCHER, PROCESSES, NOTE = "up.lock", "processes.lock", "up.json"
SAYS_WITHIN_S = 20.0
"""How long between holding the lock and saying who one is."""

LEFT_BEHIND_S = 15.0
"""How long the processes of a watcher that was killed may take to end; longer than requests under way are given."""

LOOK_EVERY_S = 0.05


class HomeBusy(Exception):
    """Another process holds a home and cannot be made out."""


@dataclass(frozen=True, slots=True)
class Running:
    """What the watcher of a home has written of itself.

    Attributes
    ----------
    pid : the watcher
    url : where the server answers
    processes : the server and the planner, as they were last started
    """

    pid: int
    url: str
    processes: tuple[int, ...] = ()


@contextmanager
def held(home: Path) -> Iterator[IO[str] | None]:
    """Hold a home's ``up.lock``; None when another process does. Raises OSError where a home cannot be written to."""
    with (home / WATCHER).open("a") as lock:
        yield lock if _take(lock) else None


def is_free(home: Path) -> bool:
    """Whether nobody holds the home at this moment."""
    with held(home) as lock:
        return lock is not None


def has_left_behind(home: Path) -> bool:
    """Whether processes of a watcher that was killed are still there; ask with ``up.lock`` held."""
    with (home / PROCESSES).open("a") as lock:
        return not _take(lock)


def take_processes(home: Path, say: Callable[[str], None]) -> IO[str]:
    """The lock that the processes are to inherit, once those of a killed watcher have ended. Close it when done.

    Raises
    ------
    HomeBusy : they cannot be made out, or killing them does not help
    """
    with ExitStack() as unless_taken:
        lock = unless_taken.enter_context((home / PROCESSES).open("a"))
        if not _take(lock):
            say("waiting for the processes of an earlier ./trades up that was killed")
            if not _taken_within(lock, LEFT_BEHIND_S):
                _kill_left_behind(home)
                if not _taken_within(lock, LEFT_BEHIND_S):
                    raise HomeBusy(f"processes of an earlier ./trades up hold {home / PROCESSES} and do not end")
        unless_taken.pop_all()
    return lock


def write(home: Path, running: Running) -> None:
    """Say who serves the home; whole or not at all."""
    making = home / f"{NOTE}.{os.getpid()}"
    try:
        making.write_text(json.dumps(asdict(running)) + "\n", encoding="utf-8")
        making.replace(home / NOTE)
    finally:
        making.unlink(missing_ok=True)


def forget(home: Path) -> None:
    """Nobody serves the home any more."""
    (home / NOTE).unlink(missing_ok=True)


def running(home: Path) -> Running:
    """Who holds the home's lock; raises ``HomeBusy`` when the holder does not say."""
    until_s = time.monotonic() + SAYS_WITHIN_S
    while True:
        found = _read(home)
        if found is not None and _holds(found.pid, home / WATCHER):
            return found
        if time.monotonic() > until_s:
            raise HomeBusy(f"another process holds {home / WATCHER} and does not say which it is; try again")
        time.sleep(LOOK_EVERY_S)


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _taken_within(lock: IO[str], patience_s: float) -> bool:
    until_s = time.monotonic() + patience_s
    while not _take(lock):
        if time.monotonic() > until_s:
            return False
        time.sleep(LOOK_EVERY_S)
    return True


def _read(home: Path) -> Running | None:
    try:
        found = json.loads((home / NOTE).read_text(encoding="utf-8"))
        return Running(int(found["pid"]), str(found["url"]), tuple(int(pid) for pid in found["processes"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _kill_left_behind(home: Path) -> None:
    found = _read(home)
    pids: Sequence[int] = found.processes if found is not None else ()
    holding = [pid for pid in pids if _holds(pid, home / PROCESSES)]
    if not holding:
        raise HomeBusy(f"processes of an earlier ./trades up hold {home / PROCESSES} and do not end; end them by hand")
    for pid in holding:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _holds(pid: int, lock: Path) -> bool:
    """Whether a process lives and has a lock's file open: numbers are used again, and a note may be an old one."""
    files = Path("/proc") / str(pid) / "fd"
    if not Path("/proc/self/fd").exists():
        with suppress(OSError):
            os.kill(pid, 0)
            return True
        return False
    try:
        return any(_same(file, lock) for file in files.iterdir())
    except OSError:
        return False  # gone, or somebody else's


def _same(file: Path, lock: Path) -> bool:
    with suppress(OSError):
        return file.samefile(lock)
    return False
