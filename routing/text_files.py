"""Text in and out of files: read whole or refused by name, written whole or not at all."""

import os
import uuid
from pathlib import Path

from routing.errors import UnreadableFile


def read_text(path: Path) -> str:
    """Return a file's text, UTF-8, without the mark that some editors put first.

    Raises
    ------
    UnreadableFile : it cannot be opened, or a line of it is not UTF-8
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path, 0, f"{error.strerror}; name a file that can be read") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(path, line, f"byte {content[error.start]:#04x} is not UTF-8; save it as UTF-8") from error


def write_text(path: Path, text: str) -> None:
    """Replace a file by a new text in one step; until then, and whenever writing fails, the old one stays.

    Raises
    ------
    OSError : the folder is missing, full or closed to us
    """
    # Renaming onto a link would replace the link and leave the file it stands for as it was.
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            # A rename may reach the disk before the content does; after a power cut the file would be empty.
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
