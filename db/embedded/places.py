"""Which folders the servers of a home use: inside it where that works, elsewhere where it does not, and said which."""

import fcntl
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from db.embedded.account import Account
from db.embedded.errors import HomeNotUsable, Occupied
from db.embedded.programs import Machine

LONGEST_SOCKET_BYTES = 107 if sys.platform == "linux" else 103
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432"
LOCK_WAIT_S = 180.0
LOG_KEPT_BYTES = 10_000_000
# PostgreSQL and libpq take the folder of a socket as a list parted by commas, with quotes around odd ones.
UNFIT_FOR_SOCKETS = set(',"\\\n\r')


@dataclass(frozen=True)
class Places:
    """The folders of one home's servers.

    Attributes
    ----------
    home : TRADES_HOME
    data : PostgreSQL's data folder
    redis : what Redis keeps
    sockets : both servers' sockets, entered by their account only (and root)
    logs : one file a server, written through the caller's hand
    notes : what is not where one would look for it, and why
    """

    home: Path
    data: Path
    redis: Path
    sockets: Path
    logs: Path
    notes: tuple[str, ...] = ()

    @property
    def redis_socket(self) -> Path:
        """Where Redis listens."""
        return self.sockets / "redis.sock"

    def log(self, server: str) -> Path:
        """The log of ``postgres`` or ``redis``."""
        return self.logs / f"{server}.log"


def recorded(home: Path) -> Places | None:
    """The places that were chosen for a home; None when there are none, or they were another home's.

    A home that was moved keeps a database that lies outside it; a copy of a home gets one of its own.
    """
    try:
        kept = json.loads((home / "servers.json").read_text(encoding="utf-8"))
        notes = tuple(str(note) for note in kept.pop("notes"))
        places = Places(notes=notes, **{name: Path(value) for name, value in kept.items()})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if places.home == home:
        return places
    outside = not places.data.is_relative_to(places.home)
    if not outside or places.home.exists() or not places.data.exists():
        return None
    return Places(home, places.data, places.redis, places.sockets, home / "logs", places.notes)


def choose(home: Path, account: Account, machine: Machine) -> Places:
    """Find, make and record the places of a home's servers.

    Raises
    ------
    HomeNotUsable : neither the home nor what stands in for it will do
    """
    known = recorded(home)
    notes: tuple[str, ...] = ()
    if known is not None and (known.data / "PG_VERSION").exists():
        base = known.data.parent.parent
        notes = tuple(note for note in known.notes if not note.startswith("sockets"))
    else:
        base, notes = _base(home, account, machine)
    for folder in (base / "postgres", base / "redis"):
        _make(folder)
        account.own(folder)
    sockets = base / "run"
    if not _fits_a_socket(sockets):
        sockets = machine.socket_folder / f"trades-{account.uid}-{_digest(home)}"
        notes += (f"sockets are in {sockets}, since the path of {base} is too long or too odd for one",)
    _make_private(sockets, account)
    places = Places(home, base / "postgres" / "data", base / "redis", sockets, home / "logs", notes)
    _make(places.logs)
    if places != known:
        _record(places)
    return places


@contextmanager
def locked(home: Path, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
    """One process at a time starts or stops the servers of a home.

    Raises
    ------
    HomeNotUsable, Occupied
    """
    path = home / "servers.lock"
    try:
        lock = path.open("a")
    except OSError as fault:
        raise HomeNotUsable(home, f"{path.name} there cannot be written to ({fault.strerror})") from fault
    with lock:
        until = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Occupied(path, wait_s) from None
                time.sleep(0.02)
        yield


def make_home(home: Path) -> None:
    """The home itself.

    Raises
    ------
    HomeNotUsable : not absolute, or cannot be made
    """
    if not home.is_absolute():
        raise HomeNotUsable(home, "it is not an absolute path")
    _make(home)


def turn_log(log: Path) -> None:
    """Put a log that has grown large aside, keeping one."""
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_name(log.name + ".1"))


def last_lines(log: Path, since_bytes: int = 0, n: int = 6) -> tuple[str, ...]:
    """The last lines that a log got after a position."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(since_bytes if since_bytes <= size else 0, size - 8192))
            text = file.read().decode(errors="replace")
    except OSError:
        return ()
    return tuple(line for line in text.splitlines() if line.strip())[-n:]


def _base(home: Path, account: Account, machine: Machine) -> tuple[Path, tuple[str, ...]]:
    if account.is_caller:
        return home, ()
    if account.can_enter(home):
        try:
            _make(home / "postgres")
            account.own(home / "postgres")
        except (HomeNotUsable, OSError) as fault:
            why = f"{home} cannot hold folders of {account.name} ({fault})"
        else:
            return home, ()
    else:
        why = f"{account.name} cannot enter {home}"
    if (home / "postgres" / "data" / "PG_VERSION").exists():  # an empty one elsewhere must not take its place
        raise HomeNotUsable(home, f"it holds a database, and {why} (chmod o+x lets it in)")
    base = machine.state_folder / f"trades-{_digest(home)}"
    _make(base)
    if base.is_symlink() or base.stat().st_uid not in (0, account.uid):
        raise HomeNotUsable(base, "it is somebody else's")
    if not account.can_enter(base):
        raise HomeNotUsable(base, f"{account.name} cannot enter it, nor {home}")
    return base, (f"data are in {base}, since {why}",)


def _fits_a_socket(folder: Path) -> bool:
    too_long = len(os.fsencode(folder)) + len(LONGEST_SOCKET_NAME) > LONGEST_SOCKET_BYTES
    return not too_long and not UNFIT_FOR_SOCKETS & set(str(folder))


def _make_private(folder: Path, account: Account) -> None:
    """Folders under /tmp have names that can be guessed: one that somebody else made is not used."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as fault:
        raise HomeNotUsable(folder, f"it cannot be made ({fault.strerror})") from fault
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid not in (os.geteuid(), account.uid):
        raise HomeNotUsable(folder, "it is somebody else's")
    account.own(folder)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise HomeNotUsable(folder, f"it cannot be made ({fault.strerror})") from fault


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def _record(places: Places) -> None:
    kept = {name: list(value) if name == "notes" else str(value) for name, value in asdict(places).items()}
    making = places.home / f"servers.json.{os.getpid()}"
    making.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    making.replace(places.home / "servers.json")
