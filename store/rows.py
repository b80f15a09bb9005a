"""Between frames and rows: what pandas calls missing is NULL in the database."""

import hashlib
import json
import re
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Row = dict[str, Any]
CHUNK = 500  # SQLite allows 32,766 variables in a statement; this keeps far below
# Neither is a character: UTF-8 has no lone surrogates, and PostgreSQL's texts have no NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def digest(*parts: object) -> str:
    """Return a short, stable digest of values (96 bits: no clash among any store's rows)."""
    joined = json.dumps(parts, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield the items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def parts_of(ids: Collection[str]) -> Iterator[Sequence[str]]:
    """Yield the ids once each, in order, in runs that a statement can hold."""
    return chunks(sorted(set(ids)))


def storable(text: str) -> str:
    """Return text that every database keeps as it is: U+FFFD for each NUL and lone surrogate.

    The length stays, so places in the text stay too.
    """
    return _UNSTORABLE.sub("\ufffd", text)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value


def to_rows(frame: pd.DataFrame) -> list[Row]:
    """Return a frame's rows as dicts of plain Python values, None where missing.

    Texts become `storable`, so that a digest of a row is that of the row in the database.
    """
    names = [str(name) for name in frame.columns]
    columns = (frame[name] for name in frame.columns)
    values = [
        [_plain(value) for value in column.astype(object).where(column.notna(), None).tolist()]
        for column in columns
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, in chunks, within the caller's transaction."""
    for part in chunks(rows):
        connection.execute(insert(table), [dict(row) for row in part])


def put_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Write a row in place of the one with its primary key, where there is one.

    Of two who write it at once the second waits for the first, and what it writes stays. Columns
    that the row does not name are NULL, as in a row that is inserted.
    """
    made = _insert(connection, table).values(**row)
    rest = {column.name: made.excluded[column.name] for column in table.c if not column.primary_key}
    connection.execute(
        made.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)
    )


def add_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless another has its primary key or its value in a unique column.

    Of two who insert it at once the second waits for the first. Returns whether it was inserted.
    """
    made = _insert(connection, table).values(**row).on_conflict_do_nothing()
    return connection.execute(made.returning(*table.primary_key)).first() is not None


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def read_frame(
    connection: Connection, query: Select[Any], dtypes: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Return a query's rows as a frame with None where NULL, and the given column types."""
    return read_together(connection, [query], dtypes)


def read_together(
    connection: Connection, queries: Sequence[Select[Any]], dtypes: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Return the rows of queries for the same columns, one query after the other, as one frame."""
    rows: list[tuple[Any, ...]] = []
    for query in queries:
        rows += map(tuple, connection.execute(query))
    names = [column.key for column in queries[0].selected_columns]
    return typed(pd.DataFrame(rows, columns=names, dtype=object), dtypes or {})


def typed(frame: pd.DataFrame, dtypes: Mapping[str, Any]) -> pd.DataFrame:
    """Return the frame with these columns' types; in floats None becomes NaN."""
    columns: dict[Hashable, Any] = {name: dtype for name, dtype in dtypes.items()}
    return frame.astype(columns)
