"""The private Redis: on a socket of its own. It holds what may be lost or rebuilt, so it never stands in the way."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress

from db.embedded.account import Account, works_in
from db.embedded.errors import ServerFailed
from db.embedded.places import Places, last_lines, turn_log
from db.embedded.programs import MACHINE, Machine, find_redis

START_WITHIN_S = 20.0
STOP_WITHIN_S = 20.0
LOOK_EVERY_S = 0.01
ANSWER_WITHIN_S = 2.0

SETTINGS = (
    *("--port", "0", "--unixsocketperm", "700", "--daemonize", "no", "--pidfile", "redis.pid"),
    *("--databases", "64", "--maxclients", "1000", "--maxmemory", "512mb", "--maxmemory-policy", "volatile-lru"),
    # A full disk must not keep positions and rate limits from being written to memory.
    *("--save", "300 1", "--appendonly", "no", "--stop-writes-on-bgsave-error", "no"),
)


def is_ready(places: Places) -> bool:
    """Whether it answers and has loaded what it kept."""
    return _say(places, b"PING\r\n") == b"+PONG\r\n"


def pid(places: Places) -> int | None:
    """The running server's process; a stale or foreign number in its pid file does not count."""
    try:
        number = int((places.redis / "redis.pid").read_text())
    except (OSError, ValueError):
        return None
    return number if works_in(number, places.redis) else None


def start(places: Places, account: Account, machine: Machine = MACHINE) -> bool:
    """Have the server running; whether it had to be started. Call it with the home locked.

    Raises
    ------
    ServerMissing, ServerFailed
    """
    program = find_redis(machine)
    if is_ready(places):
        return False
    if pid(places) is not None and not places.redis_socket.exists():
        stop(places)  # somebody removed its socket: nobody can reach it
    log = places.log("redis")
    turn_log(log)
    before = log.stat().st_size if log.exists() else 0
    started = pid(places)
    mine = started is None
    if started is None:
        # What a killed server left, or somebody else: a file that its account may not write would never name it.
        (places.redis / "redis.pid").unlink(missing_ok=True)
        with log.open("ab") as out:
            # A shell puts it into the background: it then belongs to no process of ours, and its log may lie where
            # its account could not open it.
            said = account.run(
                [
                    *("/bin/sh", "-c", 'cd -- "$1" && shift && { "$@" >&2 & echo $!; }', "sh", places.redis),
                    *(program, "--unixsocket", places.redis_socket, "--dir", places.redis, *SETTINGS),
                ],
                log=out,
                answer=subprocess.PIPE,
                within_s=START_WITHIN_S,
            )
        started = int(said.stdout or 0)
    until = time.monotonic() + START_WITHIN_S
    while not is_ready(places):
        if not works_in(started, places.redis) or time.monotonic() > until:
            raise ServerFailed("Redis", "did not start", log, last_lines(log, before))
        time.sleep(LOOK_EVERY_S)
    return mine


def stop(places: Places) -> bool:
    """End the server; whether it was running.

    Raises
    ------
    ServerFailed : it has not ended in time
    """
    running = pid(places)
    if running is None and not is_ready(places):
        return False
    said = _say(places, b"SHUTDOWN\r\n")
    if said.startswith(b"-"):
        _say(places, b"SHUTDOWN NOSAVE\r\n")  # a full disk, say; what it holds may be lost
    elif running is not None and not places.redis_socket.exists():
        with suppress(ProcessLookupError):
            os.kill(running, signal.SIGTERM)
    until = time.monotonic() + STOP_WITHIN_S
    while pid(places) is not None or is_ready(places):
        if time.monotonic() > until:
            log = places.log("redis")
            what = f"has not ended within {STOP_WITHIN_S:.0f} s (process {running})"
            raise ServerFailed("Redis", what, log, last_lines(log))
        time.sleep(LOOK_EVERY_S)
    return True


def version(places: Places) -> str | None:
    """What the running server says it is."""
    for line in _say(places, b"INFO server\r\n", until=b"\r\nredis_mode").decode(errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name in ("redis_version", "valkey_version"):
            return value.strip()
    return None


def empty(places: Places) -> None:
    """Forget everything.

    Raises
    ------
    ServerFailed
    """
    said = _say(places, b"FLUSHALL\r\n")
    if not said.startswith(b"+OK"):
        raise ServerFailed("Redis", "could not be emptied", places.log("redis"), last_lines(places.log("redis")))


def _say(places: Places, command: bytes, until: bytes = b"\r\n") -> bytes:
    """The answer to one command, or nothing. Two lines of protocol cost less than importing a client for them."""
    answer = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.settimeout(ANSWER_WITHIN_S)
            server.connect(os.fspath(places.redis_socket))
            server.sendall(command)
            while until not in answer:
                more = server.recv(4096)
                if not more:
                    break
                answer += more
    except OSError:
        return answer
    return answer
