"""A Python process of our own at the other end of a line: started, spoken with, ended.

Not ``multiprocessing``: its children import the caller's main module, which may be a script read from a pipe, and
find what lies where the caller stands before what is ours.
"""

import os
import pickle
import signal
import socket
import subprocess
import sys
import weakref
from multiprocessing.connection import Connection
from pathlib import Path

from routing.errors import EngineFailed

_PROJECT = Path(__file__).resolve().parents[1]
_PROGRAM = (
    "import sys; from routing.process import connected; from {module} import {function};"
    " {function}(connected(int(sys.argv[1])), *sys.argv[2:])"
)


class Process:
    """A child that runs one of our functions; it ends with this object at the latest.

    Parameters
    ----------
    module, function : what the child calls, with the line as its first argument
    arguments : the further ones, as text
    """

    def __init__(self, module: str, function: str, *arguments: str) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-c", _PROGRAM.format(module=module, function=function)),
                    *(str(theirs.fileno()), *arguments),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=os.environ | {"PYTHONPATH": os.pathsep.join([str(_PROJECT), *_inherited_path()])},
            )
        self.line = Connection(ours.detach())
        """Objects go in and come out; ``EOFError`` or ``OSError`` when the child is gone."""
        self._end = weakref.finalize(self, _end, self._popen, self.line, 0.0)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._popen.poll() is None

    def end(self, patience_s: float = 0.0) -> None:
        """Hang up, which asks the child to leave; kill it when it has not left in time. Twice is harmless."""
        if self._end.detach():
            _end(self._popen, self.line, patience_s)


def connected(descriptor: int) -> Connection:
    """The child's end of the line. Ctrl-C reaches the whole group; only the parent decides what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return Connection(descriptor)


type Packed = tuple[type[Exception], tuple[object, ...], dict[str, object]]
"""An error as it crosses the line: its class, arguments and attributes."""


def packed(error: Exception) -> Packed:
    """An error that the other side can have: ours pickle as calls of their class with a message they do not take."""
    try:
        pickle.dumps((type(error), error.args, vars(error)))
    except Exception:  # noqa: BLE001 - anything at all may fail here
        return EngineFailed, (f"{type(error).__name__}: {error}",), {}
    return type(error), error.args, dict(vars(error))


def unpacked(parts: Packed) -> Exception:
    """The error as it was raised over there."""
    kind, arguments, attributes = parts
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(attributes)
    return error


def _end(popen: "subprocess.Popen[bytes]", line: Connection, patience_s: float) -> None:
    line.close()
    try:
        popen.wait(patience_s)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()


def _inherited_path() -> list[str]:
    return [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
