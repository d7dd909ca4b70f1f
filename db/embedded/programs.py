"""Where the machine keeps the programs of PostgreSQL and Redis, and where state may go when the home will not do."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from db.embedded.errors import OtherVersion, ServerMissing, ServersError

NEEDED_EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
_VERSION = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Machine:
    """What differs between computers; tests describe one that lacks things.

    Attributes
    ----------
    postgres_patterns : globs of folders that may hold ``postgres``, ``initdb`` and ``pg_ctl``, one folder a version
    path : searched for programs as by a shell; None for the environment's PATH
    state_folder : where data go when root's servers cannot enter the home
    socket_folder : where sockets go when the home's path is too long for one; short, and the same in every session
    """

    postgres_patterns: tuple[str, ...] = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
    path: str | None = None
    state_folder: Path = Path("/var/lib")
    socket_folder: Path = Path("/tmp")  # noqa: S108 the folder made there is checked: ours, 0700, no link


@dataclass(frozen=True)
class Postgres:
    """One installed version of PostgreSQL."""

    bin: Path
    major: int


MACHINE = Machine()


def find_postgres(machine: Machine = MACHINE, major: int | None = None, data: Path | None = None) -> Postgres:
    """The newest PostgreSQL that has PostGIS, or the one of a given major version.

    Parameters
    ----------
    major : the version that a data folder was made by
    data : that folder, for the error

    Raises
    ------
    ServerMissing : there is none; says which were looked at and what each lacks
    OtherVersion : there are some, but not of this version
    """
    found, reasons = [], []
    for folder in _postgres_folders(machine):
        version = _major(folder)
        lacking = [name for name in NEEDED_EXTENSIONS if not _has_extension(folder, name)]
        if version is None:
            reasons.append(f"{folder} does not say its version")
        elif lacking:
            reasons.append(f"PostgreSQL {version} is there, but lacks {', '.join(lacking)}")
        else:
            found.append(Postgres(folder, version))
    if not found:
        raise ServerMissing(("postgres",), (postgis_package(),), tuple(reasons))
    newest = max(found, key=lambda one: one.major)
    if major is None:
        return newest
    same = next((one for one in found if one.major == major), None)
    if same is None:
        raise OtherVersion(data or Path(), major, newest.major)
    return same


def find_redis(machine: Machine = MACHINE) -> Path:
    """redis-server, or Valkey's.

    Raises
    ------
    ServerMissing
    """
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name, path=machine.path)
        if found:
            return Path(found)
    raise ServerMissing(("redis",), ("redis-server",))


def missing(machine: Machine = MACHINE, *, postgres: bool = True, redis: bool = True) -> ServerMissing | None:
    """Everything that is missing in one error, so that one installation remedies all of it."""
    faults = []
    for wanted, find in ((postgres, find_postgres), (redis, find_redis)):
        try:
            if wanted:
                find(machine)
        except ServerMissing as fault:
            faults.append(fault)
    if not faults:
        return None
    return ServerMissing(
        tuple(name for fault in faults for name in fault.missing),
        tuple(name for fault in faults for name in fault.packages),
        tuple(reason for fault in faults for reason in fault.reasons),
    )


def find_client(name: str, machine: Machine = MACHINE) -> Path:
    """Psql and its like, which need not be of the server's own version.

    Raises
    ------
    ServerMissing
    """
    for folder in sorted(_postgres_folders(machine), key=lambda one: _major(one) or 0, reverse=True):
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name, path=machine.path)
    if not found:
        raise ServersError(f"{name} is not on this machine. Install it (as root: apt-get install postgresql-client)")
    return Path(found)


def postgis_package() -> str:
    """What apt calls PostgreSQL with PostGIS, as far as can be said without asking it."""
    return "'postgresql-[0-9]+-postgis-3$'"


def _postgres_folders(machine: Machine) -> list[Path]:
    folders = [folder for pattern in machine.postgres_patterns for folder in Path("/").glob(pattern.lstrip("/"))]
    on_path = shutil.which("postgres", path=machine.path)
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    programs = ("postgres", "initdb", "pg_ctl")
    return [
        folder for folder in dict.fromkeys(folders) if all(os.access(folder / program, os.X_OK) for program in programs)
    ]


def _major(folder: Path) -> int | None:
    """From the folder's name where packages put it there, else from the program itself."""
    named = _VERSION.search(folder.parent.name)
    if named:
        return int(named[1])
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    stated = _VERSION.search(said.stdout)
    return int(stated[1]) if stated else None


def _has_extension(folder: Path, name: str) -> bool:
    prefix = folder.parent
    places = [prefix / "share" / "extension", prefix / "share" / "postgresql" / "extension"]
    if len(prefix.parents) > 2:  # Debian: /usr/lib/postgresql/15/bin beside /usr/share/postgresql/15
        places.append(prefix.parents[2] / "share" / "postgresql" / prefix.name / "extension")
    return any((place / f"{name}.control").exists() for place in places)
