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
    """Write a file so that whoever reads ``path`` finds the old text or the new one, never a part.

    Links are followed; a device such as ``/dev/stdout`` is written to as it is.

    Raises
    ------
    OSError : names the path; the file that was there stays as it was
    """
    target = checked_target(path)
    if target.exists() and not target.is_file():
        target.write_text(text, encoding="utf-8")
        return
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        # Mode "x" takes the user's umask, as a plain open would; mkstemp would leave the file private.
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            # A rename may reach the disk before the content does; after a power cut the file would be empty.
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def checked_target(path: Path) -> Path:
    """Where a write to ``path`` ends up: renaming onto a link would replace the link and leave its file as it was.

    Raises
    ------
    OSError : it is a folder, or there is no folder to put it in; says what to do
    """
    target = path.resolve()
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder; give the name of a file in it")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: there is no folder {path.parent}; make it first")
    return target
