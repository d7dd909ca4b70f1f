"""Which format a file is in, seen from its first bytes and, where they do not tell, from its name."""

from collections.abc import Sequence
from pathlib import Path

from dispatch.sheets.csv_text import read_csv
from dispatch.sheets.geojson import read_geojson
from dispatch.sheets.sheet import Sheet
from routing.errors import UnreadableFile

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""How a workbook with a password names its contents: it is packed as old Office files are."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_WORKBOOK_NAMES = {".xlsx", ".xlsm", ".xltx", ".xltm"}
_JSON_NAMES = {".geojson", ".json"}
_BLANKS = b"\xef\xbb\xbf \t\r\n"


def read_sheet(path: Path, known: Sequence[str], required: Sequence[str]) -> Sheet:
    """Read a CSV file, an Excel workbook or a GeoJSON FeatureCollection.

    Parameters
    ----------
    path : what it holds decides: a zip file is read as a workbook, a leading ``{`` as GeoJSON, the rest as CSV
    known : headings that may be expected, in lower case
    required : those of them without which nothing can be read; they tell which sheet of a workbook is meant

    Raises
    ------
    UnreadableFile : missing, a folder, empty, damaged, protected or of a format that is not read; says what to do
    """
    raw = _bytes(path)
    suffix = path.suffix.lower()
    if raw.startswith(_ZIP):
        # openpyxl takes a quarter of a second to import.
        from dispatch.sheets.workbook import read_workbook

        return read_workbook(path, raw, known, required)
    if raw.startswith(_OLD_OFFICE):
        raise UnreadableFile(path, 0, _old_office(raw))
    if raw.startswith(_UTF_16):
        raise UnreadableFile(path, 0, "is UTF-16; save it as CSV UTF-8")
    if raw.lstrip(_BLANKS).startswith(b"{") or (suffix in _JSON_NAMES and raw):
        return read_geojson(path, raw, known, required)
    if suffix in _WORKBOOK_NAMES and raw:
        raise UnreadableFile(
            path,
            0,
            f"is named {suffix} but is no Excel workbook; save it from Excel again, or name it .csv if it is text",
        )
    return read_csv(path, raw, known)


def _bytes(path: Path) -> bytes:
    """All of it at once: what comes through a pipe can be read only once."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(path, 0, "there is no such file; check the path") from None
    except IsADirectoryError:
        raise UnreadableFile(path, 0, "is a folder; name the CSV, Excel or GeoJSON file inside it") from None
    except OSError as error:
        raise UnreadableFile(path, 0, f"cannot be opened: {error.strerror}") from None


def _old_office(raw: bytes) -> str:
    if _ENCRYPTED in raw:
        return (
            "is an Excel file protected by a password; take the password off"
            " (Excel: File, Info, Protect Workbook, Encrypt with Password) and save it again"
        )
    return "is an old Excel file; save it as Excel workbook (.xlsx) or CSV UTF-8"
