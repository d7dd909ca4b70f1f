"""The development key: from the environment, else one made once and kept where only the owner can read it."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from api.settings import MIN_KEY_LENGTH

KEY_FILE = "key"


class KeyNotUsable(Exception):
    """The key can neither be read nor made; carries the file and why."""

    def __init__(self, file: Path, why: str, remedy: str) -> None:
        super().__init__(f"{file} cannot be used: {why}. {remedy}, or set TRADES_KEY")
        self.file, self.why = file, why


def ensure_key(home: Path, given: SecretStr | None) -> tuple[str, Path | None]:
    """The key, and the file it lies in; None when the environment gave it.

    Raises
    ------
    KeyNotUsable : the file cannot be written or read, or holds no key
    """
    if given is not None:
        return given.get_secret_value(), None
    file = home / KEY_FILE
    try:
        if not file.exists():
            _make(file)
        key = file.read_text(encoding="ascii").strip()
        _only_for_its_owner(file)
    except OSError as fault:
        raise KeyNotUsable(
            file, fault.strerror or str(fault), "Make room there, or set TRADES_HOME to a folder of your own"
        ) from fault
    except UnicodeDecodeError as fault:
        raise KeyNotUsable(file, "it does not hold plain text", "Delete it, and a new key is made") from fault
    if len(key) < MIN_KEY_LENGTH:
        raise KeyNotUsable(file, f"it holds fewer than {MIN_KEY_LENGTH} characters", "Delete it, and a new key is made")
    return key, file


def _make(file: Path) -> None:
    """Write a key aside and link it into place: of two that start at once one wins, and a full disk leaves no half."""
    descriptor, making = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # for its owner alone
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(24) + "\n")
            out.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(making, file)
    finally:
        Path(making).unlink()


def _only_for_its_owner(file: Path) -> None:
    """A copied home may have lost the file's mode."""
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
