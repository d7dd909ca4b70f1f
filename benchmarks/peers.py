"""Other people's solvers in an environment of their own: installed at first use, asked over pipes.

The product never depends on them: they live under ``TRADES_HOME/peers``, pinned by ``requirements-peers.lock``.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from routing.errors import EngineFailed

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-peers.lock"
GRACE_S = 60.0
"""How long a peer may take beyond its budget: VROOM looks at the clock between neighbourhoods only."""

_BASELINES = ROOT / "benchmarks" / "baselines"
_INSTALL_S = 1800


def python_of_peers(home: Path, tell: Callable[[str], None]) -> Path:
    """The peers' Python; makes their environment when it is not there or the lock has changed.

    Raises
    ------
    EngineFailed : they could not be installed; says why and what to do
    """
    folder = home / "peers"
    python = folder / "bin" / "python"
    wanted = f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {sys.version.split()[0]}"
    stamp = folder / "stamp"
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    tell("installing the peers (VROOM, PyVRP) from requirements-peers.lock, once")
    home.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    log = home / "peers.log"
    steps: list[Sequence[str]] = [
        [sys.executable, "-I", "-m", "venv", "--without-pip", str(folder)],
        [
            *(sys.executable, "-I", "-m", "pip", "--python", str(python), "install", "--disable-pip-version-check"),
            *("--no-input", "--require-hashes", "--no-deps", "-r", str(LOCK)),
        ],
    ]
    with log.open("w", encoding="utf-8") as output:
        for step in steps:
            done = subprocess.run(step, stdout=output, stderr=output, check=False, timeout=_INSTALL_S)
            if done.returncode:
                shutil.rmtree(folder, ignore_errors=True)
                said = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()][-1:]
                why = said[0] if said else f"exit status {done.returncode}"
                raise EngineFailed(
                    f"the peers could not be installed: {why}; go online and run this again, or leave them out with "
                    f"--engines trades,ortools (full log: {log})"
                )
    stamp.write_text(wanted, encoding="utf-8")
    return python


def ask(python: Path, script: str, asked: dict[str, Any], cores: Sequence[int] | None) -> dict[str, Any]:
    """What a baseline answers.

    Parameters
    ----------
    script : its file among the baselines
    asked : carries "budget_s"; the rest is between caller and script
    cores : those that the child keeps to; None leaves it free

    Raises
    ------
    EngineFailed : it died, took far too long, or answered with nothing that can be read
    """
    limit_s = float(asked["budget_s"]) * 2 + GRACE_S
    try:
        done = subprocess.run(
            [str(python), "-I", str(_BASELINES / script)],
            input=json.dumps(asked | {"pinned": cores}),
            capture_output=True,
            text=True,
            check=False,
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineFailed(f"{script} did not end within {limit_s:.0f} s") from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        raise EngineFailed(f"{script} failed: {said[0] if said else f'exit status {done.returncode}'}")
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise EngineFailed(f"{script} answered with no JSON: {done.stdout[:80]!r}") from error
    return answer
