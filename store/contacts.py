"""Reads and writes of contacts, customers, the ledger of files, and the quarantine."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

import pandas as pd
from sqlalchemy import Connection, delete, select

from labels.frames import UTC, Contacts, Customers
from store import tables
from store.rows import Row, chunks, digest, insert_rows, read_frame, to_rows
from store.session import touch

SAME_CONTACT = timedelta(minutes=2)
CONTACT_COLUMNS = [str(name) for name in Contacts.to_schema().columns]
CUSTOMER_COLUMNS = [str(name) for name in Customers.to_schema().columns]


@dataclass(frozen=True)
class FileCounts:
    """What became of one file's rows: read = stored + known + duplicates + quarantined."""

    file_id: str
    name: str
    profile: str
    encoding: str
    read: int
    stored: int
    known: int
    duplicates: int
    quarantined: int


def known_file(connection: Connection, file_id: str) -> FileCounts | None:
    """Return the counts of a file that was read before, None for a new one."""
    row = (
        connection.execute(select(tables.files).where(tables.files.c.file_id == file_id))
        .mappings()
        .one_or_none()
    )
    return FileCounts(**row) if row else None


def record_file(connection: Connection, counts: FileCounts, rejected: pd.DataFrame) -> None:
    """Write a file's line of the ledger and its rejected rows."""
    insert_rows(connection, tables.files, [asdict(counts)])
    rows = [
        {"file_id": counts.file_id, "number": number, **row}
        for number, row in enumerate(to_rows(rejected))
    ]
    insert_rows(connection, tables.quarantine, rows)


@dataclass(frozen=True)
class Saved:
    """How many rows were new or corrected, already there, or another contact's copy."""

    stored: int
    known: int
    duplicates: int


def save_contacts(
    connection: Connection, frame: pd.DataFrame, fingerprint: Callable[[str], str]
) -> Saved:
    """Insert new contacts and update corrected ones; a corrected text loses its predictions.

    `fingerprint` gives the normalised text by which copies are found: a new contact of the same
    customer with the same normalised text within two minutes of a stored one is a duplicate.
    """
    rows = to_rows(frame[CONTACT_COLUMNS])
    for row in rows:
        row["row_digest"] = digest(*(row[name] for name in CONTACT_COLUMNS))
        row["text_digest"] = digest(row["text"])
        row["text_key"] = digest(fingerprint(row["text"]))
    stored = _stored_digests(connection, [row["contact_id"] for row in rows])
    new = [row for row in rows if row["contact_id"] not in stored]
    changed = [
        row for row in rows if stored.get(row["contact_id"], row["row_digest"]) != row["row_digest"]
    ]
    copies = _copies(connection, new)
    fresh = [row for row in new if row["contact_id"] not in copies]
    for part in chunks([row["contact_id"] for row in changed]):
        connection.execute(delete(tables.contacts).where(tables.contacts.c.contact_id.in_(part)))
    insert_rows(connection, tables.contacts, [*fresh, *changed])
    _drop_stale_predictions(connection, changed)
    if fresh or changed:
        touch(connection)
    known = len(rows) - len(new) - len(changed)
    return Saved(len(fresh) + len(changed), known, len(copies))


def _stored_digests(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    table = tables.contacts.c
    found: dict[str, str] = {}
    for part in chunks(ids):
        query = select(table.contact_id, table.row_digest).where(table.contact_id.in_(part))
        found.update((row.contact_id, row.row_digest) for row in connection.execute(query))
    return found


def _copies(connection: Connection, new: Sequence[Row]) -> set[str]:
    """Return the ids of new rows that copy a stored contact of the same customer."""
    table = tables.contacts.c
    with_customer = [row for row in new if row["customer_id"] is not None]
    times: dict[tuple[str, str], list[pd.Timestamp]] = {}
    for part in chunks(sorted({row["text_key"] for row in with_customer})):
        query = select(table.customer_id, table.text_key, table.contacted_at).where(
            table.text_key.in_(part), table.customer_id.is_not(None)
        )
        for row in connection.execute(query):
            times.setdefault((row.customer_id, row.text_key), []).append(row.contacted_at)
    return {
        row["contact_id"]
        for row in with_customer
        if any(
            abs(row["contacted_at"] - moment) <= SAME_CONTACT
            for moment in times.get((row["customer_id"], row["text_key"]), ())
        )
    }


def _drop_stale_predictions(connection: Connection, changed: Sequence[Row]) -> None:
    """Drop predictions whose text is no longer the contact's."""
    table = tables.predictions
    for row in changed:
        connection.execute(
            delete(table).where(
                table.c.contact_id == row["contact_id"],
                table.c.text_digest != row["text_digest"],
            )
        )


def save_customers(connection: Connection, frame: pd.DataFrame) -> Saved:
    """Insert new customers of the roster and update corrected ones."""
    rows = to_rows(frame[CUSTOMER_COLUMNS])
    for row in rows:
        row["row_digest"] = digest(*(row[name] for name in CUSTOMER_COLUMNS))
    table = tables.customers
    found: dict[str, str] = {}
    for part in chunks([row["customer_id"] for row in rows]):
        query = select(table.c.customer_id, table.c.row_digest).where(table.c.customer_id.in_(part))
        found.update((row.customer_id, row.row_digest) for row in connection.execute(query))
    fresh = [row for row in rows if found.get(row["customer_id"]) != row["row_digest"]]
    for part in chunks([row["customer_id"] for row in fresh]):
        connection.execute(delete(table).where(table.c.customer_id.in_(part)))
    insert_rows(connection, table, fresh)
    if fresh:
        touch(connection)
    return Saved(len(fresh), len(rows) - len(fresh), 0)


def read_contacts(connection: Connection) -> pd.DataFrame:
    """Return all contacts as a Contacts frame, ordered by time and id."""
    table = tables.contacts.c
    query = select(*(table[name] for name in CONTACT_COLUMNS)).order_by(
        table.contacted_at, table.contact_id
    )
    floats = {"handle_seconds": float, "nps": float, "csat": float}
    return read_frame(connection, query, {"contacted_at": UTC, **floats})


def read_customers(connection: Connection) -> pd.DataFrame:
    """Return the roster as a Customers frame, ordered by id."""
    table = tables.customers.c
    query = select(*(table[name] for name in CUSTOMER_COLUMNS)).order_by(table.customer_id)
    return read_frame(connection, query, {"monthly_value": float})


def read_files(connection: Connection) -> pd.DataFrame:
    """Return the ledger of files, ordered by name: counts of what became of their rows."""
    return read_frame(
        connection, select(tables.files).order_by(tables.files.c.name, tables.files.c.file_id)
    )


def read_quarantine(connection: Connection) -> pd.DataFrame:
    """Return all quarantined rows, ordered by file and line."""
    table = tables.quarantine.c
    query = select(
        table.file, table.line, table.code, table.reason_he, table.reason_en, table.row
    ).order_by(table.file, table.line, table.number, table.file_id)
    return read_frame(connection, query)
