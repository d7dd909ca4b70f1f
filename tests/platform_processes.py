"""The platform's own processes for tests: started as a person starts them, looked at, killed, and ended with the test."""

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
from servers import KEY, end_servers

from db import embedded, migrating

PATIENCE_S = 45.0
OWN_HOMES = "trades-own-"
ROOT = Path(__file__).resolve().parents[1]
OURS = ("TRADES_", "DATABASE_URL", "REDIS_URL", "POSTGRES_", "PORT", "LOG_LEVEL", "NODE_ENV")


@contextmanager
def home_with_servers():
    """A migrated home with PostgreSQL and Redis of its own, for tests that end them; with the addresses.

    Not under pytest's folder, which the servers' account may not enter. What killed runs have left is ended here.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{OWN_HOMES}*"):
        if not Path(f"/proc/{left.name.split('-')[2]}").exists():
            end_servers(left)
    home = Path(tempfile.mkdtemp(prefix=f"{OWN_HOMES}{os.getpid()}-"))
    home.chmod(0o755)
    try:
        found = embedded.start(home)
        migrating.upgrade(found.owner_url)
        yield home, found
    finally:
        end_servers(home)


def until(condition, *, within_s=PATIENCE_S, or_else=lambda: ""):
    """What a condition gives once it holds; asked again and again, since nobody outside a process is told."""
    give_up_s = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < give_up_s, or_else()
        select.select([], [], [], 0.03)
    return found


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home, **given):
    """The variables of a process of ours; nothing of the caller's platform leads it astray."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "TRADES_HOME": str(home), "PYTHONPATH": str(ROOT), **given}


def api(home, *arguments, within_s=PATIENCE_S, before=None, **given):
    """Run ``python -m api`` to its end; its status and what it said."""
    return subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        env=environment(home, **given),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within_s,
        check=False,
        preexec_fn=before,
    )


@contextmanager
def started(home, *arguments, log, **given):
    """A process of ours in a group of its own, as a shell starts it; killed at the end if it still runs."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", *arguments],
            env=environment(home, **given),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def client(port, **how):
    """Somebody with the key."""
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, **{"timeout": 30.0, **how})


def answers(port):
    """Whether a server answers there."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=1.0).status_code == 200
    except httpx.TransportError:
        return False


def is_alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def family(pid):
    """A process and all that it started, directly or not."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found, more = [], [pid]
    while more:
        found += more
        more = [child for one in more for child in children.get(one, ())]
    return found
