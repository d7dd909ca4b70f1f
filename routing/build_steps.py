"""The steps that turn an extract into road data, each run by one of OSRM's own programs.

A finished step leaves a mark in the working folder, so that a build that was killed goes on where it stopped.
"""

import errno
import importlib.util
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from routing.errors import BuildFailed
from routing.region import Algorithm

type Progress = Callable[[str, float], None]
"""Called with a step and how much of it is done, 0.0 when it starts and 1.0 when it has ended."""

STEPS: dict[Algorithm, tuple[str, ...]] = {
    "mld": ("extract", "partition", "customize"),
    "ch": ("extract", "partition", "customize", "contract"),
}
"""Road data for tables hold both: MLD's part takes seconds to make, and answers from close by sooner than CH's. CH's
comes last, because partition numbers the nodes anew."""

LOG_FILE = "build.log"

_BASE = "region.osrm"
_KEPT = "extracted"
_POLL_S = 0.25
_LOW_DISK_BYTES = 1 << 20
_PERCENT = re.compile(rb"(\d{1,3})%")
_FULL = (os.strerror(errno.ENOSPC), "No space left on device", "bad_alloc: No space")
_TOO_LARGE = os.strerror(errno.EFBIG)


def run_steps(
    folder: Path,
    extract: Path,
    algorithm: Algorithm,
    *,
    n_threads: int,
    progress: Progress,
    keep_open: Sequence[int] = (),
) -> None:
    """Run every step that has no mark yet.

    Parameters
    ----------
    folder : working folder; holds the data (``region.osrm.*``), the marks and the log
    extract : the file to read
    n_threads : for the programs
    progress : told about every step, also about those that were done before (0.0, then 1.0 at once)
    keep_open : file descriptors to hand to the programs, so that a lock outlives a parent that is killed

    Raises
    ------
    BuildFailed : names the step, the cause in words and the log
    """
    log = folder / LOG_FILE
    for step in STEPS[algorithm]:
        progress(step, 0.0)
        mark = folder / f"{step}.done"
        if not mark.exists():
            with _restorable(folder) if step == "partition" else _untouched():
                _run(step, _command(step, folder, extract, n_threads), log, progress, keep_open)
            mark.touch()
        progress(step, 1.0)
    shutil.rmtree(folder / _KEPT, ignore_errors=True)


def clear_marks(folder: Path) -> None:
    """Forget which steps are done: the folder is about to become a version, or is not worth going on with."""
    for mark in folder.glob("*.done"):
        mark.unlink()


def failure_in_words(returncode: int, tail: str, folder: Path) -> str:
    """Say why a program ended as it did, from its exit status, the end of its log and the disk.

    Parameters
    ----------
    returncode : as ``subprocess`` gives it, negative for a signal
    tail : the last lines the program wrote
    folder : where it was writing
    """
    free_bytes = shutil.disk_usage(folder).free
    if any(words in tail for words in _FULL) or (returncode and free_bytes < _LOW_DISK_BYTES):
        return f"the disk is full ({free_bytes / 1e6:,.0f} MB free); free some space and run it again"
    if _TOO_LARGE in tail or returncode == -signal.SIGXFSZ:
        return "a file grew past the size this process may write; raise the limit (ulimit -f) and run it again"
    if "There are no edges remaining" in tail:
        return "the extract holds no road a car may use; check the area and that it was not filtered"
    if returncode == -signal.SIGKILL:
        return "it was killed (SIGKILL), most often because memory ran out; run it again, it goes on where it stopped"
    spoken: list[str] = re.findall(r"(?:what\(\):|\[error\])\s+(.+)", tail)
    if spoken:
        return spoken[-1].strip()
    if returncode < 0:
        return f"it was ended by {signal.Signals(-returncode).name}; run it again, it goes on where it stopped"
    return f"exit status {returncode}"


def _run(step: str, command: list[str], log: Path, progress: Progress, keep_open: Sequence[int]) -> None:
    with log.open("ab") as out:
        out.write(f"=== {step}\n".encode())
        out.flush()
        begins = out.tell()
        try:
            running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, pass_fds=keep_open)
        except OSError as error:
            raise BuildFailed(
                step, f"{command[0]} does not start: {error.strerror}; run ./trades setup", log
            ) from error
        try:
            while running.poll() is None:
                try:
                    running.wait(_POLL_S)
                except subprocess.TimeoutExpired:
                    progress(step, _fraction(log, begins))
        finally:
            if running.returncode is None:
                running.kill()
                running.wait()
    if running.returncode:
        tail = _tail(log, begins).decode(errors="replace")
        raise BuildFailed(step, failure_in_words(running.returncode, tail, log.parent), log)


def _command(step: str, folder: Path, extract: Path, n_threads: int) -> list[str]:
    package = _osrm_package()
    program = str(package / "bin" / f"osrm-{step}")
    base = str(folder / _BASE)
    if step == "extract":
        profile = str(package / "share" / "profiles" / "car.lua")
        return [program, "-p", profile, "-t", str(n_threads), "-o", base, str(extract)]
    return [program, "-t", str(n_threads), base]


def _osrm_package() -> Path:
    found = importlib.util.find_spec("osrm")
    if found is None or found.origin is None:
        raise BuildFailed("extract", "the package osrm-bindings is not installed; run ./trades setup", None)
    return Path(found.origin).parent


@contextmanager
def _restorable(folder: Path) -> Iterator[None]:
    """Keep what the extract step wrote until the block has ended: partition renumbers those files in place.

    Killed half-way it would leave a mixture that a second run takes without complaint.
    """
    kept = folder / _KEPT
    if kept.exists():
        for file in kept.iterdir():
            shutil.copy2(file, folder / file.name)
    else:
        half = folder / f"{_KEPT}.half"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir()
        for file in folder.glob(f"{_BASE}.*"):
            shutil.copy2(file, half / file.name)
        half.rename(kept)
    yield


@contextmanager
def _untouched() -> Iterator[None]:
    yield


def _fraction(log: Path, begins: int) -> float:
    found = _PERCENT.findall(_tail(log, begins))
    return min(int(found[-1]), 99) / 100 if found else 0.0


def _tail(log: Path, begins: int, n_bytes: int = 4000) -> bytes:
    with log.open("rb") as lines:
        size = lines.seek(0, os.SEEK_END)
        lines.seek(max(begins, size - n_bytes))
        return lines.read()
