"""Reads and writes of customers: what the rosters tell of them, file by file and together.

Several rosters may each tell a part of a customer, such as a billing system's and a list of those
who left. Each file's words are kept by its name, so that a file that is read again takes back what
it told before, and nothing of the others.
"""

import json
from collections.abc import Collection, Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection, delete, func, select

from labels.frames import Customers
from store import tables
from store.contacts import Saved
from store.rows import Row, chunks, digest, insert_rows, read_frame, to_rows
from store.session import touch

CUSTOMER_COLUMNS = [str(name) for name in Customers.to_schema().columns]
DATES = ("customer_since", "contract_end", "churned_at")
_TOLD = tables.roster_rows


def save_customers(
    connection: Connection,
    frame: pd.DataFrame,
    told: Collection[str] = CUSTOMER_COLUMNS,
    name: str = "",
) -> Saved:
    """Save what a roster tells of its customers in place of what the file of this name told.

    Only the columns `told` are of the roster. Where several rosters tell a column of a customer,
    the one that was read last counts, and an empty cell tells nothing.
    """
    rows = to_rows(frame[CUSTOMER_COLUMNS])
    ids = [row["customer_id"] for row in rows]
    last = connection.execute(select(func.max(_TOLD.c.number))).scalar()
    for part in chunks(ids):
        mine = _TOLD.c.name == name, _TOLD.c.customer_id.in_(part)
        connection.execute(delete(_TOLD).where(*mine))
    insert_rows(connection, _TOLD, [_telling(row, told, name, (last or 0) + 1) for row in rows])
    fresh = _changed(connection, _together(connection, ids))
    table = tables.customers
    for part in chunks([row["customer_id"] for row in fresh]):
        connection.execute(delete(table).where(table.c.customer_id.in_(part)))
    insert_rows(connection, table, fresh)
    if fresh:
        touch(connection)
    return Saved(len(fresh), len(rows) - len(fresh), 0)


def _telling(row: Row, told: Collection[str], name: str, number: int) -> Row:
    """Return a roster's words about a customer as a row: its filled cells as JSON."""
    cells = {
        column: value.isoformat() if isinstance(value, date) else value
        for column, value in row.items()
        if column in told and column != "customer_id" and value is not None
    }
    words = json.dumps(cells, ensure_ascii=False)
    return {"name": name, "customer_id": row["customer_id"], "number": number, "told": words}


def _together(connection: Connection, ids: Sequence[str]) -> list[Row]:
    """Return what all rosters together tell of these customers, in their order."""
    found: dict[str, Row] = {one: {} for one in ids}
    for part in chunks(ids):
        query = select(_TOLD.c.customer_id, _TOLD.c.told).where(_TOLD.c.customer_id.in_(part))
        for customer_id, words in connection.execute(query.order_by(_TOLD.c.number)):
            found[customer_id] |= json.loads(words)
    blank = dict.fromkeys(CUSTOMER_COLUMNS)
    rows = [{**blank, **cells, "customer_id": one} for one, cells in found.items()]
    for row in rows:
        row |= {name: date.fromisoformat(row[name]) for name in DATES if row[name]}
    return rows


def _changed(connection: Connection, rows: Sequence[Row]) -> list[Row]:
    """Return those rows that the store has otherwise or not at all, with their digests."""
    table = tables.customers.c
    stored: dict[str, str] = {}
    for part in chunks([row["customer_id"] for row in rows]):
        query = select(table.customer_id, table.row_digest).where(table.customer_id.in_(part))
        stored.update((row[0], row[1]) for row in connection.execute(query))
    for row in rows:
        row["row_digest"] = digest(*(row[name] for name in CUSTOMER_COLUMNS))
    return [row for row in rows if stored.get(row["customer_id"]) != row["row_digest"]]


def read_customers(connection: Connection) -> pd.DataFrame:
    """Return the customers as a Customers frame, ordered by id."""
    table = tables.customers.c
    query = select(*(table[name] for name in CUSTOMER_COLUMNS)).order_by(table.customer_id)
    return read_frame(connection, query, {"monthly_value": float})


def read_companies(connection: Connection) -> pd.DataFrame:
    """Return `company` and the last day on which one of its customers left, `churned_at`.

    One row a company, and one for the customers of none; no row without customers.
    """
    table = tables.customers.c
    left = func.max(table.churned_at).label("churned_at")
    query = select(table.company, left).group_by(table.company).order_by(table.company)
    return read_frame(connection, query)


def keep_as_told(connection: Connection) -> None:
    """Enter the customers of an older schema as a nameless roster's, before all others."""
    rows = to_rows(read_customers(connection))
    insert_rows(connection, _TOLD, [_telling(row, CUSTOMER_COLUMNS, "", 0) for row in rows])
