"""The account of the operating system that the servers run as, and what may be asked about their processes."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from db.embedded.errors import HomeNotUsable, ServersError

SERVER_ACCOUNT = "postgres"
"""Debian's package makes it; PostgreSQL refuses to run as root."""


@dataclass(frozen=True)
class Account:
    """Who the servers run as: whoever calls, or an account that root drops to."""

    name: str
    uid: int
    gid: int

    @property
    def is_caller(self) -> bool:
        """Whether nothing has to be dropped."""
        return self.uid == os.geteuid()

    def own(self, folder: Path) -> None:
        """Give a folder to this account, for nobody else to enter."""
        if folder.is_symlink() or not folder.is_dir():
            raise HomeNotUsable(folder, "it is not a folder")
        if folder.stat().st_uid != self.uid:
            if os.geteuid() != 0:
                raise HomeNotUsable(folder, f"it belongs to {_name(folder.stat().st_uid)}, not to {self.name}")
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)
        if folder.stat().st_mode & 0o777 != 0o700:
            folder.chmod(0o700)

    def can_enter(self, folder: Path) -> bool:
        """Whether a process of this account gets into a folder; tried rather than worked out from its mode."""
        if self.is_caller:
            return os.access(folder, os.X_OK)
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]).returncode == 0

    def run(
        self,
        command: Sequence[str | Path],
        *,
        log: IO[bytes] | int = subprocess.DEVNULL,
        answer: int | None = None,
        variables: Mapping[str, str] | None = None,
        within_s: float = 60.0,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program as this account, away from the caller's terminal, folder and variables.

        Parameters
        ----------
        log : where it writes; a file and never a pipe, which a server that stays behind would hold open
        answer : ``subprocess.PIPE`` when its standard output is wanted rather than logged
        variables : added to the few that it gets; PGPORT and friends of the caller must not lead it astray
        within_s : it is ended after that

        Raises
        ------
        ServersError : root may not change accounts here, or the program took too long
        """
        drop: dict[str, Any] = {}
        if not self.is_caller:
            drop = {"user": self.uid, "group": self.gid, "extra_groups": []}
        try:
            return subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log if answer is None else answer,
                stderr=log,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC", **(variables or {})},
                timeout=within_s,
                check=False,
                umask=0o077,
                **drop,
            )
        except PermissionError as fault:
            raise ServersError(f"{command[0]} cannot be run as {self.name}: {fault.strerror}") from fault
        except subprocess.TimeoutExpired as fault:
            raise ServersError(f"{command[0]} was ended after {within_s:.0f} s without a result") from fault


def caller() -> Account:
    """Whoever runs this."""
    return Account(_name(os.geteuid()), os.geteuid(), os.getegid())


def server_account(data: Path | None = None) -> Account:
    """The account for the servers: the caller, or for root whoever owns the data already, or ``postgres``.

    Raises
    ------
    ServersError : root calls, and there is no such account
    """
    if os.geteuid() != 0:
        return caller()
    if data is not None and data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return Account(_name(owner.st_uid), owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        raise ServersError(
            f"PostgreSQL does not run as root, and there is no account {SERVER_ACCOUNT}. Make it (useradd --system "
            f"--shell /usr/sbin/nologin {SERVER_ACCOUNT}), or run this as an ordinary user"
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def works_in(pid: int, folder: Path) -> bool:
    """Whether a process lives and stands in a folder, as both servers stand in their own.

    Numbers of processes are used again, after a restart of a container at once: a pid file alone proves nothing.
    """
    if pid <= 1:
        return False
    if Path("/proc/self").exists():
        try:
            return (Path("/proc") / str(pid) / "cwd").readlink() == folder.resolve()
        except OSError:
            return False  # gone, a zombie, or somebody else's
    said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return "postgres" in said or "redis" in said or "valkey" in said


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
