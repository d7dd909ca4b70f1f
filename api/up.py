"""./trades up and down: the platform's processes as one, watched and restarted, on one TRADES_HOME at a time."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from api.key import ensure_key
from api.settings import Settings
from db import embedded

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 30.0
LOOK_EVERY_S = 0.2
SERVERS_EVERY_S = 2.0
QUICK_DEATH_S = 5.0
QUICK_DEATHS = 3
"""So many deaths of a process within ``QUICK_DEATH_S`` of its start, one after another, are a fault and not an accident."""


class CannotServe(Exception):
    """The platform cannot be started or stopped; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class _Running:
    """What the process that serves a home wrote of itself."""

    pid: int
    url: str


@dataclass(slots=True)
class _Child:
    """One process, started anew when it dies."""

    arguments: list[str]
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started_s: float = 0.0
    quick_deaths: int = field(default=0)

    def keep_alive(self) -> None:
        """Start it, or start it again; raises ``CannotServe`` when that does not help."""
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            died_young = time.monotonic() - self.started_s < QUICK_DEATH_S
            self.quick_deaths = self.quick_deaths + 1 if died_young else 0
            _say(f"{self.arguments[0]} ended with {self.process.returncode}; starting it again")
            if self.quick_deaths >= QUICK_DEATHS:
                raise CannotServe(f"{self.arguments[0]} ends as soon as it is started; the lines above say why")
        self.process = subprocess.Popen([sys.executable, "-m", "api", *self.arguments], env=self.environment)
        self.started_s = time.monotonic()


def up(settings: Settings, *, workers: int, detach: bool) -> int:
    """Serve until told to stop, or in the background; the exit status."""
    url = f"http://{settings.host}:{settings.port}"
    settings.home.mkdir(parents=True, exist_ok=True)
    with _only_one(settings.home) as mine:
        if not mine:
            running = _running(settings.home)
            _say(f"already up at {running.url} (process {running.pid}); ./trades down stops it")
            return 0
        _check_port(settings)
        key, file = ensure_key(settings.home, settings.key)
        if not detach:
            return _serve(settings, url, key, file, workers)
    # The lock is free again for the process that goes on in the background.
    return _in_background(settings, url, file, workers)


def down(settings: Settings) -> int:
    """Stop what ``up`` started on this home, and the embedded servers; the exit status."""
    with _only_one(settings.home) as mine:
        if not mine:
            pid = _running(settings.home).pid
            os.kill(pid, signal.SIGTERM)
    if not mine:
        until_s = time.monotonic() + STOP_WITHIN_S
        while not _is_free(settings.home):
            if time.monotonic() > until_s:
                raise CannotServe(f"process {pid} has not ended within {STOP_WITHIN_S:.0f} s; kill -9 {pid} ends it")
            time.sleep(LOOK_EVERY_S)
    embedded.stop(settings.home)
    _say("stopped" if not mine else "nothing was up; the embedded servers are stopped")
    return 0


def _serve(settings: Settings, url: str, key: str, file: Path | None, workers: int) -> int:
    """Keep the processes alive until a signal comes."""
    stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    (settings.home / "up.json").write_text(json.dumps({"pid": os.getpid(), "url": url}), encoding="utf-8")
    environment = {
        **os.environ,
        "TRADES_HOME": str(settings.home),
        "TRADES_KEY": key,
        "TRADES_HOST": settings.host,
        "TRADES_PORT": str(settings.port),
    }
    children = [_Child(["serve", "--workers", str(workers)], environment), _Child(["planner"], environment)]
    said, look_at_servers_s = False, 0.0
    try:
        while not stopping:
            if time.monotonic() >= look_at_servers_s:
                embedded.start(settings.home, os.environ)  # quick when they run; anew when one was killed
                look_at_servers_s = time.monotonic() + SERVERS_EVERY_S
            for child in children:
                child.keep_alive()
            if not said and _answers(url):
                _say(f"up at {url}")
                _say(f"the key is in {file}" if file else "the key is the one of TRADES_KEY")
                said = True
            time.sleep(LOOK_EVERY_S)
    finally:
        _end(children)
        (settings.home / "up.json").unlink(missing_ok=True)
    return 0


def _in_background(settings: Settings, url: str, file: Path | None, workers: int) -> int:
    log = settings.home / "logs" / "up.log"
    log.parent.mkdir(exist_ok=True)
    arguments = ["up", "--port", str(settings.port), "--workers", str(workers)]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env={**os.environ, "TRADES_HOME": str(settings.home), "TRADES_HOST": settings.host},
        )
    until_s = time.monotonic() + READY_WITHIN_S
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > until_s:
            tail = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-8:])
            raise CannotServe(f"the server did not come up; the end of {log}:\n{tail}")
        time.sleep(LOOK_EVERY_S)
    _say(f"up at {url} (process {process.pid}, log {log})")
    _say(f"the key is in {file}" if file else "the key is the one of TRADES_KEY")
    return 0


@contextmanager
def _only_one(home: Path) -> Iterator[bool]:
    """Hold the home's lock; False when another process does."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _is_free(home: Path) -> bool:
    with _only_one(home) as mine:
        return mine


def _running(home: Path) -> _Running:
    """What the process that holds the lock wrote of itself."""
    until_s = time.monotonic() + STOP_WITHIN_S
    while True:
        try:
            found = json.loads((home / "up.json").read_text(encoding="utf-8"))
            return _Running(int(found["pid"]), str(found["url"]))
        except (OSError, ValueError, KeyError):
            if time.monotonic() > until_s:
                raise CannotServe(f"another process holds {home / 'up.lock'} and says nothing of itself") from None
            time.sleep(LOOK_EVERY_S)


def _check_port(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise CannotServe(
                f"port {settings.port} of {settings.host} cannot be used ({error.strerror});"
                " take another: ./trades up --port 8001"
            ) from error


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=1) as answer:  # noqa: S310  # our own address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _end(children: list[_Child]) -> None:
    living = [child.process for child in children if child.process is not None and child.process.poll() is None]
    for process in living:
        process.terminate()
    until_s = time.monotonic() + STOP_WITHIN_S
    for process in living:
        try:
            process.wait(max(0.1, until_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _say(text: str) -> None:
    sys.stderr.write(f"· {text}\n")
    sys.stderr.flush()
