"""Rows of JSON Lines, JSON arrays and Parquet."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as parquet

from keshev.errors import ExportError
from store.delimited import read_text
from store.rawrows import (
    MAX_BYTES,
    RAW,
    Cell,
    RawRow,
    RawTable,
    ReadOptions,
    distinct,
    header_name,
)
from store.rejections import Rejection


def read_json(path: Path, options: ReadOptions) -> RawTable:
    """Return the records of JSON Lines, or of a file that is one JSON array of objects.

    Objects are flattened one level (`customer.id`); what lies deeper stays JSON text. The headers
    are the union of all keys in the order of their first appearance.

    Raises:
        ExportError: when the file cannot be read or is an array that is broken.
    """
    decoded = read_text(path, options.encoding)
    text = decoded.text
    if text.lstrip().startswith("["):
        rows = list(_array_rows(path, text))
    else:
        rows = list(_line_rows(text))
    if rows and all(row.problem for row in rows):
        raise ExportError(path, "no line is a JSON record; name the file by what it is (.csv)")
    headers = dict.fromkeys(key for row in rows if not row.problem for key in row.cells)
    return RawTable(tuple(headers), frozenset(), iter(rows), decoded.encoding, from_records=True)


def _line_rows(text: str) -> Iterator[RawRow]:
    for line, record in enumerate(text.split("\n"), start=1):
        stripped = record.strip(" \t\r\x00\x1a\ufeff")
        if stripped:
            yield _record_row(line, stripped)


def _record_row(line: int, record: str) -> RawRow:
    try:
        value = json.loads(record, object_pairs_hook=_unique_keys, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return RawRow(line, {RAW: record}, Rejection.BROKEN_JSON)
    return _flat_row(line, value)


def _array_rows(path: Path, text: str) -> Iterator[RawRow]:
    decoder = json.JSONDecoder(object_pairs_hook=_unique_keys, parse_constant=lambda _: None)
    place = text.index("[") + 1
    line, counted = 1, 0
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        line, counted = line + text.count("\n", counted, place), place
        if text[place : place + 1] == "]":
            return
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            raise ExportError(
                path, f"line {line}: the JSON array is broken here; export it again as JSON Lines"
            ) from error
        if isinstance(value, dict):
            yield _flat_row(line, value)
        else:
            yield RawRow(line, {RAW: text[place:end]}, Rejection.BROKEN_JSON)
        place = end


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a key stands twice; taking one would lose the other")
    return record


def _flat_row(line: int, record: dict[str, Any]) -> RawRow:
    names: list[str] = []
    values: list[Any] = []
    for key, value in record.items():
        inner = value if isinstance(value, dict) and value else {None: value}
        names += [header_name(key if name is None else f"{key}.{name}") for name in inner]
        values += inner.values()
    headers, repeated = distinct(names)
    cells = {name: plain(value) for name, value in zip(headers, values, strict=True)}
    if repeated:
        return RawRow(line, cells, Rejection.BROKEN_JSON)
    return RawRow(line, cells)


def plain(value: object) -> Cell:
    """Return a value as a cell: lists of scalars as lines, deeper structures as JSON text."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    if value is None or isinstance(value, (str, bool, int, float, datetime, date, time, timedelta)):
        return value
    if isinstance(value, Decimal):
        return plain(float(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, list) and all(isinstance(one, (str, int, float)) for one in value):
        return "\n".join(str(one) for one in value)
    return json.dumps(value, ensure_ascii=False, default=str)


def read_parquet(path: Path) -> RawTable:
    """Return the rows of a Parquet file; a row's line is its number, from 1.

    Raises:
        ExportError: when the file is damaged, encrypted, or unpacks to over a gigabyte.
    """
    try:
        file = parquet.ParquetFile(path)
        groups = [file.metadata.row_group(place) for place in range(file.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > MAX_BYTES:
            raise ExportError(path, "unpacks to more than 1 GB; split it by dates")
        rows = list(_parquet_rows(file))
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise ExportError(
            path, "the Parquet file is damaged or encrypted; write it again"
        ) from error
    headers = dict.fromkeys(key for row in rows for key in row.cells) or dict.fromkeys(
        header_name(name) for name in file.schema_arrow.names
    )
    return RawTable(tuple(headers), frozenset(), iter(rows), "parquet")


def _parquet_rows(file: parquet.ParquetFile) -> Iterator[RawRow]:
    line = 0
    for batch in file.iter_batches(batch_size=4096):
        for record in batch.to_pylist():
            line += 1
            yield _flat_row(line, record)
