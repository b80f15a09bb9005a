"""`keshev export`: the store's tables as CSV, Parquet or JSON Lines, by the file's ending.

The same store gives the same bytes.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection

from keshev.errors import StoreError
from store.contacts import read_contacts, read_quarantine
from store.customers import read_customers
from store.files import replaced
from store.predictions import read_predictions
from store.signals import read_at_risk, read_signals, read_threads
from store.themes import read_themes

# Full-width signs too: a spreadsheet set up for East Asia takes them for the plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TABLES = (
    "contacts",
    "customers",
    "predictions",
    "threads",
    "signals",
    "themes",
    "at-risk",
    "quarantine",
)
DESK_TABLES = ("outcomes",)  # of the desk store: see store/cases.py
ENDINGS = (".csv", ".parquet", ".jsonl")


def read_table(connection: Connection, name: str, model_id: str) -> pd.DataFrame:
    """Return one of `TABLES` as a frame, in a fixed order of rows."""
    readers: dict[str, Callable[[Connection], pd.DataFrame]] = {
        "contacts": read_contacts,
        "customers": read_customers,
        "predictions": lambda c: read_predictions(c, model_id),
        "threads": read_threads,
        "signals": read_signals,
        "themes": lambda c: read_themes(c, model_id),
        "at-risk": read_at_risk,
        "quarantine": read_quarantine,
    }
    return readers[name](connection)


def inert(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe before = + - @."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with moments and dates as ISO text."""
    plain = frame.copy()
    for name in plain.columns:
        if isinstance(plain[name].dtype, pd.DatetimeTZDtype):
            plain[name] = plain[name].map(
                lambda moment: None if pd.isna(moment) else moment.isoformat()
            )
    return plain


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    # The mark at the start makes spreadsheets read the Hebrew as UTF-8.
    guarded = _plain(frame)
    for name in guarded.select_dtypes(object).columns:
        guarded[name] = guarded[name].map(inert)
    # With CRLF as the row's end, Python also quotes a cell that holds a lone CR.
    guarded.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _write_jsonl(frame: pd.DataFrame, path: Path) -> None:
    plain = _plain(frame).astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame by the file's ending: .csv, .parquet or .jsonl; whole or not at all.

    Raises:
        StoreError: when the ending is another one, or the file cannot be written.
    """
    writers = {".csv": _write_csv, ".parquet": _write_parquet, ".jsonl": _write_jsonl}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise StoreError(f"{path}: the ending must be one of {', '.join(ENDINGS)}")
    with replaced(path) as scratch:
        write(frame, scratch)
