"""Reads of the figures of drift (`signals.drift`), of a few weeks at a time."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection, select

from store.rows import read_frame
from store.tables import signals

# Said as a range, for which an index serves in every database; LIKE has none in SQLite.
_DRIFT = (signals.c.metric >= "drift_", signals.c.metric < "drift_\uffff")
FLOATS = {"value": float, "low": float, "high": float, "n": int}


def read_drift_weeks(connection: Connection, limit: int) -> list[date]:
    """Return the newest weeks that drift was computed of, the newest first."""
    week = signals.c.week
    query = select(week).where(signals.c.metric == "drift_p").distinct()
    return list(connection.execute(query.order_by(week.desc()).limit(limit)).scalars())


def read_drift(connection: Connection, weeks: Sequence[date]) -> pd.DataFrame:
    """Return the Signals of drift of some weeks, without the shares of bins."""
    return _read(connection, weeks, shares=False)


def read_drift_shares(connection: Connection, week: date) -> pd.DataFrame:
    """Return the shares of bins of a week."""
    return _read(connection, [week], shares=True)


def _read(connection: Connection, weeks: Sequence[date], *, shares: bool) -> pd.DataFrame:
    table = signals.c
    names = ("week", "slice", "metric", "reason", "value", "low", "high", "n")
    is_share = table.metric == "drift_share"
    query = (
        select(*(table[name] for name in names))
        .where(*_DRIFT, is_share if shares else ~is_share, table.week.in_(weeks))
        .order_by(table.number)
    )
    return read_frame(connection, query, FLOATS)
