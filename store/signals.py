"""Reads and writes of the figures: threads, signals and the at-risk list, replaced as a whole."""

import json
from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection, and_, delete, false, or_, select, true
from sqlalchemy.sql import ColumnElement

from labels.frames import UTC
from signals import risk
from signals.journeys import ORDEAL
from store import tables
from store.rows import insert_rows, parts_of, read_frame, read_together, to_rows, typed

WHOLE = ("all", "survey")
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


def read_ordeals(
    connection: Connection, definition: str, begin: datetime, end: datetime
) -> pd.DataFrame:
    """Return a Threads frame of the threads that reached `ORDEAL` contacts in a time, whole.

    The time is from `begin` to before `end`. Ordered as `read_threads` has them.
    """
    table, contact = tables.threads.c, tables.contacts.c
    query = (
        select(table.thread_id)
        .join(tables.contacts, contact.contact_id == table.contact_id)
        .where(table.definition == definition, table.position >= ORDEAL)
        .where(contact.contacted_at >= begin, contact.contacted_at < end)
    )
    parts = parts_of(connection.execute(query).scalars().all())
    whole = select(tables.threads).where(table.definition == definition)
    queries = [whole.where(table.thread_id.in_(part)) for part in parts]
    types = {"position": int, "gap_days": float}
    frame = read_together(connection, queries or [whole.where(false())], types)
    return frame.sort_values(["thread_id", "position", "contact_id"], ignore_index=True)


def read_signals(connection: Connection) -> pd.DataFrame:
    """Return a Signals frame in the order in which it was written."""
    return _signals(connection, true())


def read_some_signals(
    connection: Connection, first: date, last: date, always: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the signals of the week `last`, and of weeks since `first` those of no breakdown.

    These are of the slices `all` and `survey`. Metrics that begin with one of the words `always`
    are of any week. Ordered as `read_signals` has them.
    """
    table = tables.signals.c
    earlier = and_(table.week >= first, table.week < last, table.slice.in_(WHOLE))
    # Said as a range, for which an index serves in every database; LIKE has none in SQLite.
    named = [and_(table.metric >= word, table.metric < f"{word}\uffff") for word in always]
    return _signals(connection, or_(table.week == last, earlier, *named))


def read_shares(connection: Connection, weeks: Sequence[date]) -> pd.DataFrame:
    """Return the signals of reasons, of all contacts and of surveys, in some weeks."""
    table = tables.signals.c
    metrics = ("reason_count", "reason_share", "audited")
    own = and_(table.metric.in_(metrics), table.slice.in_(WHOLE))
    return _signals(connection, and_(own, table.week.in_(weeks)))


def _signals(connection: Connection, wanted: ColumnElement[bool]) -> pd.DataFrame:
    columns = [column for column in tables.signals.columns if column.name != "number"]
    types = {"value": float, "low": float, "high": float, "n": int, "provisional": bool}
    query = select(*columns).where(wanted).order_by(tables.signals.c.number)
    return read_frame(connection, query, types)


def read_weeks(connection: Connection) -> list[date]:
    """Return the weeks that have contacts, among those that were counted, the oldest first."""
    table = tables.signals.c
    query = select(table.week).where(table.metric == "contacts", table.slice == "all")
    return list(connection.execute(query.distinct().order_by(table.week)).scalars())


def read_names_at_risk(connection: Connection) -> pd.DataFrame:
    """Return the `customer_id` of the at-risk list, the most urgent customer first."""
    query = select(tables.at_risk.c.customer_id).order_by(tables.at_risk.c.rank)
    return read_frame(connection, query)


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
