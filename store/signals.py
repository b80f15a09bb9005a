"""Reads and writes of the figures: threads, signals and the at-risk list, replaced as a whole."""

import json
from datetime import date

import pandas as pd
from sqlalchemy import Connection, delete, select

from labels.frames import UTC
from signals import risk
from store import tables
from store.rows import insert_rows, read_frame, to_rows, typed

_RISK_TYPES: dict[str, object] = {
    "score": float,
    **dict.fromkeys(risk.PARTS, float),
    "last_contacted_at": UTC,
    "contacts": int,
    "monthly_value": float,
    "p_leaving": float,
    "p_said_leaving": float,
}


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
                "row": json.dumps(row, ensure_ascii=False, default=_iso),
            }
            for rank, row in enumerate(to_rows(at_risk), start=1)
        ],
    )


def _iso(day_or_moment: date) -> str:
    return day_or_moment.isoformat()


def read_threads(connection: Connection, definition: str | None = None) -> pd.DataFrame:
    """Return a Threads frame, ordered by definition, thread, position and contact."""
    table = tables.threads.c
    query = select(tables.threads).order_by(
        table.definition, table.thread_id, table.position, table.contact_id
    )
    if definition is not None:
        query = query.where(table.definition == definition)
    return read_frame(connection, query, {"position": int, "gap_days": float})


def read_signals(connection: Connection) -> pd.DataFrame:
    """Return a Signals frame in the order in which it was written."""
    table = tables.signals.c
    columns = [column for column in tables.signals.columns if column.name != "number"]
    types = {"value": float, "low": float, "high": float, "n": int, "provisional": bool}
    return read_frame(connection, select(*columns).order_by(table.number), types)


def read_at_risk(connection: Connection) -> pd.DataFrame:
    """Return the at-risk list as `signals.risk` made it, the most urgent customer first."""
    query = select(tables.at_risk.c.row).order_by(tables.at_risk.c.rank)
    rows = [json.loads(row) for (row,) in connection.execute(query)]
    frame = pd.DataFrame(rows, columns=list(risk.COLUMNS), dtype=object)
    frame["last_contacted_at"] = pd.to_datetime(
        frame["last_contacted_at"], utc=True, format="ISO8601"
    )
    ends = [None if day is None else date.fromisoformat(day) for day in frame["contract_end"]]
    frame["contract_end"] = pd.Series(ends, dtype=object)
    return typed(frame, _RISK_TYPES)
