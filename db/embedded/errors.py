"""What can go wrong with the servers under TRADES_HOME; each says what to do about it."""

from pathlib import Path


class ServersError(Exception):
    """Something about the embedded servers, or about the addresses given instead of them."""


class ServerMissing(ServersError):
    """A server is to be started and its programs are not on this machine."""

    def __init__(self, missing: tuple[str, ...], packages: tuple[str, ...], reasons: tuple[str, ...] = ()) -> None:
        said = f" ({'; '.join(reasons)})" if reasons else ""
        instead = " and ".join("DATABASE_URL" if name == "postgres" else "REDIS_URL" for name in missing)
        super().__init__(
            f"not found on this machine: {', '.join(missing)}{said}. Install it (as root: apt-get install "
            f"{' '.join(packages)}), or set {instead} to a server that runs elsewhere"
        )
        self.missing, self.packages, self.reasons = missing, packages, reasons


class ServerFailed(ServersError):
    """A server did not do what it was told; carries the last lines of its log."""

    def __init__(self, server: str, what: str, log: Path, last_lines: tuple[str, ...] = ()) -> None:
        said = "".join(f"\n    {line}" for line in last_lines)
        super().__init__(f"{server} {what}{said}\n    log: {log}{_remedy((what, *last_lines))}")
        self.server, self.what, self.log, self.last_lines = server, what, log, last_lines


class OtherVersion(ServersError):
    """The data folder belongs to a major version of PostgreSQL that is not installed."""

    def __init__(self, data: Path, made_by: int, installed: int) -> None:
        super().__init__(
            f"{data} was made by PostgreSQL {made_by}, and PostgreSQL {installed} is what is installed. Install "
            f"postgresql-{made_by}-postgis-3 to use or dump it, convert it with pg_upgrade, or move it away to start "
            "with an empty database"
        )
        self.data, self.made_by, self.installed = data, made_by, installed


class HomeNotUsable(ServersError):
    """No place for the servers' files can be had."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"{folder} cannot be used: {why}. Set TRADES_HOME to a folder of your own")
        self.folder, self.why = folder, why


class Occupied(ServersError):
    """Another process has been starting or stopping the same servers for too long."""

    def __init__(self, lock: Path, waited_s: float) -> None:
        super().__init__(
            f"another process has held {lock} for {waited_s:.0f} s, starting or stopping the servers. Try again; "
            "./trades db logs shows what they are doing"
        )
        self.lock, self.waited_s = lock, waited_s


class NotStarted(ServersError):
    """An address is asked for, and there are no servers under this home."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"there are no servers under {home}. Start them: ./trades db start")
        self.home = home


class AddressNotUnderstood(ServersError):
    """A variable of the environment does not hold an address of the kind that it should."""

    def __init__(self, variable: str, why: str, example: str) -> None:
        super().__init__(f"{variable} {why}. It should look like {example}")
        self.variable, self.why, self.example = variable, why, example


def _remedy(texts: tuple[str, ...]) -> str:
    said = " ".join(texts).lower()
    if any(sign in said for sign in ("no space left", "disk quota", "check free disk space")):
        return "\n    The disk is full: make room there, then run this again."
    if "pre-existing shared memory" in said:
        return "\n    A process of the server before it is still ending: try again in a moment."
    if "could not look up effective user id" in said:
        return "\n    PostgreSQL wants a named account: add this one to /etc/passwd, or set DATABASE_URL."
    if "cannot allocate memory" in said or "could not map anonymous shared memory" in said:
        return "\n    Memory is short: end something else, then run this again."
    return ""
