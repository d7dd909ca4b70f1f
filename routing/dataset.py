"""Road data sets under a home folder: build them, list them, switch to a new version, open one.

``<home>/regions/<name>/versions/<version>/`` holds one version, ``<home>/regions/<name>/current`` points to the one in
force and is replaced in one step. A build works in a folder of its own and is renamed into place at the very end, so
whatever goes wrong, the old version stays in force and nothing is ever written under an open engine.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

import numpy as np
from shapely import MultiPolygon

from routing.build_steps import LOG_FILE, Progress, clear_marks, run_steps
from routing.child import DEADLINE_S, RETRY_AFTER_S, ChildEngine
from routing.errors import BuildFailed, EngineFailed, RoutingError, UnknownRegion, UnreadableFile
from routing.osrm_http import OsrmHttp
from routing.region import ALGORITHMS, Algorithm, Region, Source, checked_name, load, valid_name, write

__all__ = ["Engine", "Region", "build", "fingerprint", "in_force", "load", "open_engine", "region", "regions"]

ALREADY_DONE = "already done"
"""The one step that a build reports when there is nothing to do."""

_BYTES_PER_EXTRACT_BYTE = 30
_BYTES_AT_LEAST = 20_000_000
_DETAILS = {"outline", "timezone", "statistics"}


def regions(home: Path) -> list[Region]:
    """Return the regions that have a version in force, by name. A damaged one is left out; ``region`` says why."""
    found = []
    for name in _names(home):
        try:
            found.append(load(home / "regions" / name))
        except UnreadableFile:
            continue
    return found


def region(home: Path, name: str) -> Region:
    """Return a region as it is in force now.

    Raises
    ------
    UnknownRegion : carries the names there are
    UnreadableFile : it is there, but its description is damaged
    """
    if name not in _names(home):
        raise UnknownRegion(name, _names(home))
    return load(home / "regions" / name)


type Engine = ChildEngine | OsrmHttp


def open_engine(
    region: Region,
    osrm_url: str = "",
    *,
    deadline_s: float = DEADLINE_S,
    retry_after_s: float = RETRY_AFTER_S,
) -> Engine:
    """Open the road data in a child process, or ask the server that has them; close it when done.

    Parameters
    ----------
    osrm_url : of an osrm-routed, as ``OsrmHttp`` takes it; empty for a process of our own
    deadline_s, retry_after_s : as either takes them

    Raises
    ------
    EngineFailed : the files do not open, or the address is none
    """
    if osrm_url:
        return OsrmHttp(osrm_url, region.name, deadline_s=deadline_s, retry_after_s=retry_after_s)
    return ChildEngine(region.base, region.algorithm, deadline_s=deadline_s, retry_after_s=retry_after_s)


def fingerprint(extract: Path) -> Source:
    """Return name, digest and size of an extract; raises ``UnreadableFile``."""
    try:
        with extract.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return Source(extract.name, sha256, extract.stat().st_size)
    except OSError as error:
        raise UnreadableFile(extract, 0, f"{error.strerror}; name an OpenStreetMap extract") from error


def in_force(home: Path, name: str, source: Source, algorithm: Algorithm) -> Region | None:
    """Return the version in force if it is what a build of this extract would give, else None."""
    try:
        current = load(home / "regions" / checked_name(name))
    except UnreadableFile:
        return None
    same = (current.source.sha256, current.algorithm, current.bindings) == (source.sha256, algorithm, _bindings())
    return current if same else None


def build(
    home: Path,
    name: str,
    extract: Path,
    *,
    algorithm: Algorithm = "mld",
    details: Mapping[str, Any],
    progress: Progress | None = None,
    force: bool = False,
    finish: Callable[[Path], None] | None = None,
) -> Region:
    """Build road data from an extract and put it in force.

    Parameters
    ----------
    home : the folder that holds all state
    name : of the region, 1 to 63 of a-z, 0-9, '-', '_'
    extract : .osm.pbf, .osm, .osm.gz or .osm.bz2
    algorithm : "mld" or "ch"
    details : ``outline`` (MultiPolygon), ``timezone`` (IANA) and ``statistics`` (what JSON can hold)
    progress : told about every step
    force : build even though the same extract is in force
    finish : called with the folder before it is put in force, to leave further files in it

    Returns
    -------
    Region now in force. With the same extract and algorithm in force already, that one, and the only step is
    ``ALREADY_DONE``. The version before it is kept, older ones are deleted.

    Raises
    ------
    InvalidRegionName, ValueError : a name, an algorithm or details that cannot be used
    UnreadableFile : the extract is not there
    BuildFailed : another build of the region is under way, the disk is too full, or a step failed; carries the log
    """
    checked_name(name)
    if algorithm not in ALGORITHMS:
        raise ValueError(f"algorithm {algorithm!r} is unknown; take one of {', '.join(ALGORITHMS)}")
    if set(details) != _DETAILS or not isinstance(details["outline"], MultiPolygon):
        raise ValueError(f"details has {sorted(details)}; give {sorted(_DETAILS)}, the outline as a MultiPolygon")
    tell = progress or _silent
    source = fingerprint(extract)
    root = home / "regions" / name
    root.mkdir(parents=True, exist_ok=True)
    with _locked(root, name) as lock:
        same = None if force else in_force(home, name, source, algorithm)
        if same is not None:
            tell(ALREADY_DONE, 1.0)
            return same
        _check_space(root, source)
        working = _working_folder(root, source, algorithm)
        n_threads = len(os.sched_getaffinity(0))
        run_steps(working, extract.resolve(), algorithm, n_threads=n_threads, progress=tell, keep_open=[lock])
        built_at = datetime.now(UTC).replace(microsecond=0)
        version = _version(root, built_at, algorithm)
        built = Region(
            name=name,
            folder=root / "versions" / version,
            algorithm=algorithm,
            version=version,
            built_at=built_at,
            source=source,
            bindings=_bindings(),
            **details,
        )
        tell("switch", 0.0)
        _prove(working, built)
        if finish is not None:
            finish(working)
        _put_in_force(root, working, built)
        tell("switch", 1.0)
        return load(root)


def _names(home: Path) -> list[str]:
    """Every region with a version in force, sorted."""
    return sorted(
        link.parent.name
        for link in home.glob("regions/*/current")
        if valid_name(link.parent.name) and link.is_symlink()
    )


def _silent(step: str, fraction: float) -> None:
    """Progress that nobody wants to hear about."""


def _bindings() -> str:
    return package_version("osrm-bindings")


@contextmanager
def _locked(root: Path, name: str) -> Iterator[int]:
    """Let one build of a region run at a time; yields the lock's descriptor.

    The programs inherit it: when this process is killed the lock stays until the program that still writes has ended.
    """
    lock = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            reason = f"another build of region {name!r} is under way; wait until it has ended"
            raise BuildFailed("lock", reason, None) from error
        yield lock
    finally:
        os.close(lock)


def _check_space(root: Path, source: Source) -> None:
    needed = max(_BYTES_AT_LEAST, source.n_bytes * _BYTES_PER_EXTRACT_BYTE)
    free = shutil.disk_usage(root).free
    if free < needed:
        reason = (
            f"about {needed / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB are free; "
            "free some space or set TRADES_HOME to another disk"
        )
        raise BuildFailed("space check", reason, None)


def _working_folder(root: Path, source: Source, algorithm: Algorithm) -> Path:
    """The folder to build in: that of a killed build if it wanted the same, else a fresh one."""
    working = root / "building"
    request = working / "request.json"
    wanted = {"sha256": source.sha256, "algorithm": algorithm, "osrm_bindings": _bindings()}
    try:
        same = json.loads(request.read_text(encoding="utf-8")) == wanted
    except (OSError, ValueError):
        same = False
    if not same:
        shutil.rmtree(working, ignore_errors=True)
        working.mkdir()
        request.write_text(json.dumps(wanted), encoding="utf-8")
    return working


def _version(root: Path, built_at: datetime, algorithm: Algorithm) -> str:
    stamp = f"{built_at:%Y%m%dT%H%M%SZ}-{algorithm}"
    taken = [int(folder.name.removeprefix(stamp)[1:] or 0) for folder in root.glob(f"versions/{stamp}*")]
    return f"{stamp}-{max(taken) + 1}" if taken else stamp


def _prove(working: Path, built: Region) -> None:
    """Open what was built and ask it something before anybody depends on it."""
    point = built.outline.representative_point() if not built.outline.is_empty else None
    try:
        with closing(ChildEngine(working / built.base.name, built.algorithm)) as engine:
            answer = engine.nearest(np.array([(point.x, point.y) if point else (0.0, 0.0)]))
            if engine.source != "osrm" or not np.isfinite(answer.distance_m).all():
                raise EngineFailed("it holds no road")
    except RoutingError as error:
        clear_marks(working)  # the next build must not begin with what is broken
        raise BuildFailed("switch", f"what was built does not open: {error}", working / LOG_FILE) from error


def _put_in_force(root: Path, working: Path, built: Region) -> None:
    """Rename the finished folder into place, point ``current`` at it in one step, delete what is older."""
    link = root / "current"
    before = link.readlink().name if link.is_symlink() else built.version
    write(built, working)
    clear_marks(working)
    (working / "request.json").unlink()
    built.folder.parent.mkdir(exist_ok=True)
    working.rename(built.folder)
    fresh = root / "current.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path("versions") / built.version)
    fresh.replace(link)
    keep = {built.version, before}
    for folder in (root / "versions").iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
