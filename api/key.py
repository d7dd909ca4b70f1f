"""The development key: from the environment, else one made once and kept where only the owner can read it."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

KEY_FILE = "key"


def ensure_key(home: Path, given: SecretStr | None) -> tuple[str, Path | None]:
    """The key, and the file it lies in; None when the environment gave it."""
    if given is not None:
        return given.get_secret_value(), None
    file = home / KEY_FILE
    try:
        # O_EXCL: of two that start at once one writes, the other reads.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip(), file
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(24) + "\n")
    return file.read_text(encoding="ascii").strip(), file
