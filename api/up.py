"""./trades up and down: the platform's processes as one, watched and restarted, on one TRADES_HOME at a time."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from api import holding, processes
from api.holding import HomeBusy, Running
from api.key import KeyNotUsable, ensure_key
from api.listening import CannotListen, listen, url_of
from api.processes import Child, EndsAtOnce
from api.settings import Settings
from db import embedded
from db.embedded import ServersError

READY_WITHIN_S = 60.0
DOWN_WITHIN_S = processes.STOP_WITHIN_S + 10.0
LOOK_EVERY_S = 0.1
SERVERS_EVERY_S = 2.0
LOG_KEPT_BYTES = 10_000_000
TOLD_LINES = 8


class CannotServe(Exception):
    """The platform cannot be started or stopped; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What whoever serves a home holds; ``up --detach`` hands it on, so that the home is never free in between."""

    watcher: int
    processes: int
    listening: int


@dataclass(slots=True)
class _Wish:
    """Whether to stop: signals say so, and a second one means at once."""

    said: threading.Event = field(default_factory=threading.Event)
    n_times: int = 0

    def hear(self, _number: int, _frame: object) -> None:
        self.n_times += 1
        self.said.set()

    def is_impatient(self) -> bool:
        return self.n_times > 1


def up(settings: Settings, *, workers: int, detach: bool, inherited: Descriptors | None = None) -> int:
    """Serve until told to stop, or in the background; the exit status.

    Parameters
    ----------
    workers : server processes
    detach : return as soon as the server answers
    inherited : what the process that went before holds already

    Raises
    ------
    CannotServe : because of the home, the key, the port or the processes; nothing goes on
    ServersError : because of PostgreSQL or Redis
    """
    home = settings.home
    with _explained(home):
        if inherited is not None:
            with os.fdopen(inherited.watcher, "a"), os.fdopen(inherited.processes, "a") as lock:
                return _serve(settings, socket.socket(fileno=inherited.listening), lock, workers)
        home.mkdir(parents=True, exist_ok=True)
        with holding.held(home) as watcher:
            if watcher is None:
                running = holding.running(home)
                _say(f"already up at {running.url} (process {running.pid}); ./trades down stops it")
                return 0
            ensure_key(home, settings.key)
            with holding.take_processes(home, _say) as lock, listen(settings.host, settings.port) as listening:
                if detach:
                    return _in_background(settings, watcher, lock, listening, workers)
                return _serve(settings, listening, lock, workers)


def down(settings: Settings) -> int:
    """Stop what ``up`` started on this home, and the embedded servers; the exit status.

    Raises
    ------
    CannotServe : something does not end
    ServersError : PostgreSQL or Redis does not
    """
    home = settings.home
    if not home.is_dir():
        _say("nothing was up")
        return 0
    with _explained(home):
        with holding.held(home) as watcher:
            pid = None if watcher is not None else holding.running(home).pid
        if pid is not None:
            _stop(home, pid)
        with holding.held(home) as watcher:
            if watcher is None:
                raise CannotServe("another ./trades up has just begun, and goes on; ./trades down stops it")
            was_up = pid is not None or holding.has_left_behind(home)
            holding.take_processes(home, _say).close()
            holding.forget(home)
            stopped = embedded.stop(home)
    servers = "; PostgreSQL and Redis are stopped" if stopped.postgres or stopped.redis else ""
    _say(f"{'stopped' if was_up else 'nothing was up'}{servers}")
    return 0


def _serve(settings: Settings, listening: socket.socket, lock: IO[str], workers: int) -> int:
    """Keep servers and processes alive until a signal comes."""
    wish, home, url = _Wish(), settings.home, url_of(settings.host, settings.port)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, wish.hear)
    holding.write(home, Running(os.getpid(), url))
    embedded.start(home, os.environ)
    key, file = ensure_key(home, settings.key)
    environment = processes.environment(
        TRADES_HOME=str(home), TRADES_KEY=key, TRADES_HOST=settings.host, TRADES_PORT=str(settings.port)
    )
    with_socket = ["--socket-fd", str(listening.fileno()), "--workers", str(workers)]
    children = [
        Child(["serve", "--with-parent", *with_socket], environment, (lock.fileno(), listening.fileno())),
        Child(["planner", "--with-parent"], environment, (lock.fileno(),)),
    ]
    watching = threading.Thread(target=_keep_servers, args=(home, wish.said), name="servers", daemon=True)
    watching.start()
    is_ready = False
    try:
        while not wish.said.is_set():
            started = [child.keep_alive(has_worked=is_ready, say=_say) for child in children]
            if any(started):
                _note(home, url, children)
            if not is_ready and _answers(url):
                is_ready = True
                _tell(f"up at {url}", file)
            wish.said.wait(LOOK_EVERY_S)
    finally:
        listening.close()  # who comes now is refused by this machine rather than left waiting
        processes.end(children, wish.is_impatient, _say)
        watching.join(5.0)
        with suppress(OSError):
            holding.forget(home)
    return 0


def _note(home: Path, url: str, children: list[Child]) -> None:
    """Write down which processes there are; a disk that has become full is no reason to end them."""
    try:
        holding.write(home, Running(os.getpid(), url, tuple(child.pid for child in children if child.pid is not None)))
    except OSError as fault:
        _say(f"{home / holding.NOTE} cannot be written ({fault.strerror})")


def _keep_servers(home: Path, stop: threading.Event) -> None:
    """Start PostgreSQL and Redis again when one was killed, and keep the log from filling the disk."""
    complaint = ""
    while not stop.wait(SERVERS_EVERY_S):
        try:
            if embedded.start(home, os.environ).started:
                _say("PostgreSQL or Redis was gone; it has been started again")
            complaint = ""
        except (ServersError, OSError) as fault:
            if str(fault) != complaint:
                _say(f"{fault}; trying again")
            complaint = str(fault)
        with suppress(OSError):
            _turn_log(home)


def _turn_log(home: Path) -> None:
    """Keep one old log. Those who write to it append, so that cutting it short does not disturb them."""
    log = _log(home)
    if log.stat().st_size > LOG_KEPT_BYTES and os.path.samestat(log.stat(), os.fstat(sys.stderr.fileno())):
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)


def _in_background(settings: Settings, watcher: IO[str], lock: IO[str], listening: socket.socket, workers: int) -> int:
    """Let another process of this program go on, and wait until its server answers."""
    log, url = _log(settings.home), url_of(settings.host, settings.port)
    log.parent.mkdir(exist_ok=True)
    held = (watcher.fileno(), lock.fileno(), listening.fileno())
    arguments = ["up", "--workers", str(workers), "--inherited", ",".join(map(str, held))]
    address = {"TRADES_HOST": settings.host, "TRADES_PORT": str(settings.port)}
    with log.open("ab") as out:
        began_bytes = out.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "api", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            pass_fds=held,
            start_new_session=True,
            env=processes.environment(TRADES_HOME=str(settings.home), **address),
        )
    try:
        _wait(process, url, log, began_bytes)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    _, file = ensure_key(settings.home, settings.key)
    _tell(f"up at {url} (process {process.pid}, log {log})", file)
    return 0


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path, began_bytes: int) -> None:
    """Until the server answers."""
    until_s = time.monotonic() + READY_WITHIN_S
    while not _answers(url):
        if process.poll() is not None:
            raise CannotServe(f"the server did not come up; the end of {log}:\n{_end_of(log, began_bytes)}")
        if time.monotonic() > until_s:
            raise CannotServe(f"the server has not answered within {READY_WITHIN_S:.0f} s; see {log}")
        time.sleep(LOOK_EVERY_S)


def _stop(home: Path, pid: int) -> None:
    """Tell the watcher to stop, and wait until it has."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    until_s = time.monotonic() + DOWN_WITHIN_S
    while not holding.is_free(home):
        if time.monotonic() > until_s:
            raise CannotServe(f"process {pid} has not ended within {DOWN_WITHIN_S:.0f} s; kill -9 {pid} ends it")
        time.sleep(LOOK_EVERY_S)


@contextmanager
def _explained(home: Path) -> Iterator[None]:
    """What can be wrong with a home or a port, as a sentence."""
    try:
        yield
    except (HomeBusy, KeyNotUsable, CannotListen, EndsAtOnce) as fault:
        raise CannotServe(str(fault)) from fault
    except PermissionError as fault:
        remedy = "Set TRADES_HOME to a folder of your own"
        raise CannotServe(f"{fault.filename or home} cannot be used: {fault.strerror}. {remedy}") from fault
    except OSError as fault:
        remedy = "Make room there, or set TRADES_HOME to a folder that you may write to"
        raise CannotServe(f"{fault.filename or home} cannot be written: {fault.strerror or fault}. {remedy}") from fault


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=1) as answer:  # noqa: S310  # our own address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _log(home: Path) -> Path:
    return home / "logs" / "up.log"


def _end_of(log: Path, since_bytes: int) -> str:
    said = log.read_bytes()[since_bytes:].decode(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in said[-TOLD_LINES:])


def _tell(where: str, key_file: Path | None) -> None:
    _say(where)
    _say(f"the key is in {key_file}" if key_file else "the key is the one of TRADES_KEY")


def _say(text: str) -> None:
    with suppress(OSError):  # a full disk under the log must not end what is running
        sys.stderr.write(f"· {text}\n")
        sys.stderr.flush()
