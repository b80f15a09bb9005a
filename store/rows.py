"""Between frames and rows: what pandas calls missing is NULL in the database."""

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select, Table, insert

T = TypeVar("T")
Row = dict[str, Any]
CHUNK = 500  # SQLite allows 32,766 variables in a statement; this keeps far below


def digest(*parts: object) -> str:
    """Return a short, stable digest of values (96 bits: no clash among any store's rows)."""
    joined = json.dumps(parts, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield the items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _plain(value: object) -> object:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        moment: datetime = value.to_pydatetime()
        return moment
    return value.item() if isinstance(value, np.generic) else value


def to_rows(frame: pd.DataFrame) -> list[Row]:
    """Return a frame's rows as dicts of plain Python values, None where missing."""
    columns = [str(name) for name in frame.columns]
    values = (frame[name].tolist() for name in frame.columns)
    return [
        dict(zip(columns, map(_plain, row), strict=True)) for row in zip(*values, strict=True)
    ]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, in chunks, within the caller's transaction."""
    for part in chunks(rows):
        connection.execute(insert(table), [dict(row) for row in part])


def read_frame(
    connection: Connection, query: Select[Any], dtypes: Mapping[Hashable, Any] | None = None
) -> pd.DataFrame:
    """Return a query's rows as a frame with None where NULL, and the given column types."""
    result = connection.execute(query)
    frame = pd.DataFrame(result.fetchall(), columns=list(result.keys()), dtype=object)
    frame = frame.where(frame.notna(), None)
    return frame.astype(dtypes) if dtypes else frame
