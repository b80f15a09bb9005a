"""What a file is, by its first bytes; its name decides only between kinds of text."""

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from keshev.errors import ExportError

MAX_UNPACKED = 500 * 1024 * 1024
MAX_RATIO, RATIO_FROM = 200, 50 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 65_536
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE_AS = "save the table as CSV or XLSX and give that file"
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM\x00", "a picture"),
    (b"\x7fELF", "a program"),
    (b"Rar!\x1a", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"SQLite format 3\x00", "a database"),
    (b"{\\rtf", "a text document"),
)
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|head|body)", re.I)
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x19\x1b-\x1f\x7f]")


class FileKind(StrEnum):
    """The kinds of export that can be read."""

    DELIMITED = "delimited"
    JSON = "json"
    SPREADSHEET = "spreadsheet"
    PARQUET = "parquet"


def file_kind(path: Path) -> FileKind:
    """Return what kind of export a file is.

    A text that is named `.xls`, as many systems write it, counts as text.

    Raises:
        ExportError: when the file is missing, empty, encrypted, or no export.
    """
    head = file_bytes(path, _HEAD)
    if not head.strip(b"\x00\xff\xfe\xef\xbb\xbf\t\r\n "):
        raise ExportError(path, "the file is empty; export it again")
    if head.startswith(b"PAR1"):
        return FileKind.PARQUET
    if head.startswith(_OLE):
        _refuse_other_ole(path)
        return FileKind.SPREADSHEET
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        _check_zip(path)
        return FileKind.SPREADSHEET
    _refuse_foreign(path, head)
    name = path.name.lower().removesuffix(".gz")
    is_json = name.endswith((".jsonl", ".ndjson", ".json"))
    return FileKind.JSON if is_json else FileKind.DELIMITED


def file_bytes(path: Path, limit: int = -1) -> bytes:
    """Return a file's first `limit` bytes, or all of them.

    Raises:
        ExportError: when it is missing, a folder, a broken link, or may not be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise ExportError(path, _why_unreadable(path, error)) from error


def _why_unreadable(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        if path.is_symlink():
            return "this is a link to a file that is not there; give the file itself"
        return "there is no such file; check the path"
    if isinstance(error, IsADirectoryError) or _is_folder(path):
        return "this is a folder; give the files in it by name"
    if isinstance(error, PermissionError):
        return (
            "may not be read; close the program that holds it open, or give your user the right"
            " to read it, and run the same command again"
        )
    reason = error.strerror or type(error).__name__
    return f"cannot be read ({reason}); copy it to this computer's disk and give the copy"


def _is_folder(path: Path) -> bool:
    """Windows opens a folder with a PermissionError; is_dir raises one where it may not look."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _refuse_foreign(path: Path, head: bytes) -> None:
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise ExportError(path, f"this is {what} and no export; {_SAVE_AS}")
    if head.startswith(b"MZ") and b"\x00" in head[:128]:
        raise ExportError(path, f"this is a program and no export; {_SAVE_AS}")
    if _MARKUP.match(head):
        raise ExportError(
            path, f"this is a web page or XML and no table; open it in Excel, {_SAVE_AS}"
        )
    if head.startswith((b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")):
        return
    if len(_CONTROL.findall(head)) > 0.05 * len(head):
        half_empty = head.count(b"\x00") > 0.2 * len(head)
        if not half_empty or max(head[::2].count(0), head[1::2].count(0)) == 0:
            raise ExportError(path, f"this is no text that can be read; {_SAVE_AS}")


def _refuse_other_ole(path: Path) -> None:
    data = file_bytes(path)
    if _ENCRYPTED in data:
        raise ExportError(
            path, "the spreadsheet is protected by a password; save it without one and give that"
        )
    if "Workbook".encode("utf-16-le") not in data and "Book".encode("utf-16-le") not in data:
        raise ExportError(path, f"this is an Office document and no spreadsheet; {_SAVE_AS}")


def _check_zip(path: Path) -> None:
    """Refuse what is no workbook, and one that would unpack to more than a computer can hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ExportError(
            path, "the spreadsheet is damaged; open it in Excel, save it again and give that"
        ) from error
    names = {member.filename.lower() for member in members}
    if "xl/workbook.xml" not in names:
        raise ExportError(path, f"this is an archive or document and no spreadsheet; {_SAVE_AS}")
    if any(member.flag_bits & 1 for member in members):
        raise ExportError(path, "the spreadsheet is encrypted; save it without a password")
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked / packed > MAX_RATIO):
        raise ExportError(
            path,
            f"the spreadsheet would unpack to {unpacked // 2**20:,} MB and is refused as a zip"
            " bomb; if it is real, export it as CSV",
        )
