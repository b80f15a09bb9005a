"""Rows of CSV, TSV and other delimited text."""

import csv
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

from keshev.errors import ExportError
from store.encodings import Decoded, decode_stored, find_delimiter
from store.rawrows import MAX_BYTES, Cell, RawRow, RawTable, ReadOptions, distinct, make_row
from store.visual import logical_order

_ONE_COLUMN = "\x1f"  # a delimiter that no text holds
_NAMED_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def read_bytes(path: Path) -> bytes:
    """Return a text file's bytes, unpacked when it is gzip.

    Raises:
        ExportError: when it is damaged or holds more than a gigabyte.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ExportError(path, "cannot be read to its end; copy or export it again") from error
    if len(data) > MAX_BYTES:
        raise ExportError(path, "holds more than 1 GB; split it by dates and give the parts")
    return data


def read_text(path: Path, encoding: str) -> Decoded:
    """Return a text file decoded, visual lines as they are stored.

    Raises:
        ExportError: when the encoding is unknown, or the file cannot be read or has no text.
    """
    try:
        decoded = decode_stored(read_bytes(path), encoding)
    except LookupError as error:
        raise ExportError(
            path, f"the encoding {encoding!r} is unknown; set encoding: auto in the profile"
        ) from error
    if not decoded.text.strip("\x00 \t\r\n\x1a"):
        raise ExportError(path, "the file is empty; export it again")
    return decoded


def read_delimited(path: Path, options: ReadOptions) -> RawTable:
    """Return the rows of a delimited text; its delimiter and its quoting are found.

    Raises:
        ExportError: when the file cannot be read or has no header.
    """
    decoded = read_text(path, options.encoding)
    text = decoded.text.lstrip("\ufeff")
    header_line = next(line for line in io.StringIO(text) if line.strip("\x00 \x1a\r\n"))
    delimiter = _NAMED_DELIMITERS.get(options.delimiter, options.delimiter)
    if delimiter == "auto":
        delimiter = find_delimiter(header_line) or _ONE_COLUMN
    records = _records(text, delimiter, quoted=_is_quoted(text, delimiter))
    if decoded.visual:
        records = ((line, [logical_order(cell) for cell in cells]) for line, cells in records)
    header = next((cells for _, cells in records if any(cell.strip() for cell in cells)), None)
    if header is None:
        raise ExportError(path, "has no header row; export it again with column names")
    while len(header) > 1 and not header[-1].strip():
        header.pop()
    headers, repeated = distinct(header)
    rows = _rows(headers, records)
    return RawTable(headers, repeated, rows, decoded.encoding)


def _rows(headers: tuple[str, ...], records: Iterator[tuple[int, list[str]]]) -> Iterator[RawRow]:
    for line, texts in records:
        if not any(text.strip("\x00\x1a \t\r\n") for text in texts):
            yield RawRow(line, {})
            continue
        cells: list[Cell] = list(texts)
        yield make_row(line, headers, cells)


def _records(text: str, delimiter: str, *, quoted: bool) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the physical line that it begins on."""
    # The module's limit of 131,072 characters is process-wide; long notes are judged later.
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
    )
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def _is_quoted(text: str, delimiter: str) -> bool:
    """Return whether quotes enclose cells here, rather than being part of the words.

    Hebrew abbreviations and speech begin cells with a quote in files that quote nothing. Where
    strict reading fails, the reading that leaves fewer ill-formed rows is right.
    """
    if not re.search(rf'(?:^|{re.escape(delimiter)})"', text, re.M):
        return True
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    strict = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for _ in strict:
            pass
    except csv.Error:
        return _ill_formed(text, delimiter, quoted=True) < _ill_formed(
            text, delimiter, quoted=False
        )
    return True


def _ill_formed(text: str, delimiter: str, *, quoted: bool) -> int:
    widths = [len(cells) for _, cells in _records(text, delimiter, quoted=quoted) if any(cells)]
    return sum(width != widths[0] for width in widths)
