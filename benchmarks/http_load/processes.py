"""What the processes of a running platform have spent, from /proc: who pays for an answer."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from db import embedded

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")

PARTS = ("api", "roads", "planner", "postgres", "redis")
"""``roads`` are OSRM's processes and others that the application started; ``api`` is what serves requests."""


def cpu_of_parts(home: Path, environ: Mapping[str, str]) -> dict[str, float] | None:
    """CPU seconds so far by part; None where /proc or the platform's own note of its process is missing.

    A server that the environment names is somebody else's: its part is missing.
    """
    try:
        up = int(json.loads((home / "up.json").read_text(encoding="utf-8"))["pid"])
        children = _children()
    except (OSError, ValueError, KeyError):
        return None
    if up not in children and not (_PROC / str(up)).exists():
        return None
    spent = {"api": 0.0, "roads": 0.0, "planner": 0.0}
    for pid in children.get(up, []):
        part = "planner" if "planner" in _words(pid) else "api"
        spent[part] += cpu_s(pid)
        for below in _below(pid, children):
            # Further workers of the server are told from engines by what they run.
            spent["roads" if part == "api" and "routing.process" in " ".join(_words(below)) else part] += cpu_s(below)
    for server in embedded.status(home, environ):
        if server.pid is not None:
            part = "postgres" if server.name == "PostgreSQL" else "redis"
            # Connections that have ended are in their parent's account of its children.
            spent[part] = cpu_s(server.pid, ended_children=True) + sum(
                cpu_s(below, ended_children=True) for below in _below(server.pid, children)
            )
    return spent


def cpu_s(pid: int, *, ended_children: bool = False) -> float:
    """CPU seconds of a process so far; 0 when it is gone."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    # utime, stime, cutime, cstime: fields 14 to 17 of proc_pid_stat(5), the first two of which are cut off here.
    return sum(map(int, fields[11 : 15 if ended_children else 13])) / _TICKS_PER_S


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(folder.name))
    return found


def _below(pid: int, children: Mapping[int, list[int]]) -> list[int]:
    found: list[int] = []
    waiting = list(children.get(pid, []))
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def _words(pid: int) -> list[str]:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []
