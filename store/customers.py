"""Reads and writes of customers: what the rosters tell of them, file by file and together.

Several rosters may each tell a part of a customer, such as a billing system's and a list of those
who left. Each file's words are kept by its name, so that a file that is read again takes back what
it told before, and nothing of the others; and with the bytes that told them, so that under a mended
profile customers who never were go.
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
    content_id: str | None = None,
) -> Saved:
    """Save what a roster tells of its customers in place of what the file of this name told.

    Only the columns `told` are of the roster. Where several rosters tell a column of a customer,
    the one that was read last counts, and an empty cell tells nothing. `content_id` is of the bytes
    that tell it, for `forget_customers`.
    """
    rows = to_rows(frame[CUSTOMER_COLUMNS])
    ids = [row["customer_id"] for row in rows]
    last = connection.execute(select(func.max(_TOLD.c.number))).scalar()
    for part in chunks(ids):
        mine = _TOLD.c.name == name, _TOLD.c.customer_id.in_(part)
        connection.execute(delete(_TOLD).where(*mine))
    source: Row = {"name": name, "content_id": content_id, "number": (last or 0) + 1}
    insert_rows(connection, _TOLD, [source | _telling(row, told) for row in rows])
    changed = _rebuild(connection, ids)
    return Saved(changed, len(rows) - changed, 0)


def forget_customers(connection: Connection, name: str, content_id: str) -> None:
    """Take back what these bytes told under this name; customers of whom nobody tells go."""
    mine = _TOLD.c.name == name, _TOLD.c.content_id == content_id
    ids = connection.execute(select(_TOLD.c.customer_id).where(*mine)).scalars().all()
    connection.execute(delete(_TOLD).where(*mine))
    _rebuild(connection, ids)


def _rebuild(connection: Connection, ids: Sequence[str]) -> int:
    """Store these customers as all rosters together tell of them; return how many changed."""
    rows = _together(connection, ids)
    fresh = _changed(connection, rows)
    changed = [row["customer_id"] for row in fresh]
    changed += sorted(set(ids) - {row["customer_id"] for row in rows})
    table = tables.customers
    for part in chunks(changed):
        connection.execute(delete(table).where(table.c.customer_id.in_(part)))
    insert_rows(connection, table, fresh)
    if changed:
        touch(connection)
    return len(changed)


def _telling(row: Row, told: Collection[str]) -> Row:
    """Return what a roster tells of a customer, its filled cells as JSON."""
    cells = {
        column: value.isoformat() if isinstance(value, date) else value
        for column, value in row.items()
        if column in told and column != "customer_id" and value is not None
    }
    words = json.dumps(cells, ensure_ascii=False)
    return {"customer_id": row["customer_id"], "told": words}


def _together(connection: Connection, ids: Sequence[str]) -> list[Row]:
    """Return what all rosters together tell of those of these customers that any tells of."""
    found: dict[str, Row] = {}
    for part in chunks(ids):
        query = select(_TOLD.c.customer_id, _TOLD.c.told).where(_TOLD.c.customer_id.in_(part))
        for customer_id, words in connection.execute(query.order_by(_TOLD.c.number)):
            found.setdefault(customer_id, {}).update(json.loads(words))
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
    source: Row = {"name": "", "content_id": None, "number": 0}
    insert_rows(connection, _TOLD, [source | _telling(row, CUSTOMER_COLUMNS) for row in rows])
