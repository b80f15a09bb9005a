"""Reads and writes of the figures: threads, signals and the at-risk list, replaced as a whole."""

import json

import pandas as pd
from sqlalchemy import Connection, delete, select

from store import tables
from store.rows import insert_rows, read_frame, to_rows


def replace_figures(
    connection: Connection, threads: pd.DataFrame, signals: pd.DataFrame, at_risk: pd.DataFrame
) -> None:
    """Replace all figures by these, within the caller's transaction."""
    for table in (tables.threads, tables.signals, tables.at_risk):
        connection.execute(delete(table))
    insert_rows(connection, tables.threads, to_rows(threads))
    numbered = [{"number": n, **row} for n, row in enumerate(to_rows(signals))]
    insert_rows(connection, tables.signals, numbered)
    insert_rows(
        connection,
        tables.at_risk,
        [
            {
                "rank": rank,
                "customer_id": row["customer_id"],
                "row": json.dumps(row, ensure_ascii=False, default=str),
            }
            for rank, row in enumerate(to_rows(at_risk), start=1)
        ],
    )


def read_threads(connection: Connection) -> pd.DataFrame:
    """Return a Threads frame, ordered by definition, thread and position."""
    table = tables.threads.c
    query = select(tables.threads).order_by(table.definition, table.thread_id, table.position)
    return read_frame(connection, query, {"position": int, "gap_days": float})


def read_signals(connection: Connection) -> pd.DataFrame:
    """Return a Signals frame in the order in which it was written."""
    table = tables.signals.c
    columns = [column for column in tables.signals.columns if column.name != "number"]
    types = {"value": float, "low": float, "high": float, "n": int, "provisional": bool}
    return read_frame(connection, select(*columns).order_by(table.number), types)


def read_at_risk(connection: Connection) -> pd.DataFrame:
    """Return the at-risk list, the most urgent customer first."""
    query = select(tables.at_risk.c.row).order_by(tables.at_risk.c.rank)
    return pd.DataFrame([json.loads(row) for (row,) in connection.execute(query)])
