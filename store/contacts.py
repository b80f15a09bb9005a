"""Reads and writes of contacts; reads of the ledger of files and the quarantine.

Which readings of files count, and what becomes of older ones: see store/readings.py.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, and_, delete, select, true
from sqlalchemy.sql import ColumnElement

from labels.frames import UTC, Contacts
from store import tables
from store.copies import mark_copies
from store.rows import (
    Row,
    chunks,
    digest,
    insert_rows,
    parts_of,
    read_frame,
    read_together,
    to_rows,
)
from store.session import touch

CONTACT_COLUMNS = [str(name) for name in Contacts.to_schema().columns]


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


FILE_COLUMNS = [column.name for column in fields(FileCounts)]


@dataclass(frozen=True)
class Saved:
    """How many rows were new or corrected, already there, or another contact's copy.

    Until a row is corrected, the `stored` of all that was saved is the number of contacts.
    `known_ids` are the contacts that were there as they are.
    """

    stored: int
    known: int
    duplicates: int
    known_ids: frozenset[str] = field(default=frozenset(), compare=False, repr=False)


def save_contacts(
    connection: Connection, frame: pd.DataFrame, fingerprint: Callable[[str], str]
) -> Saved:
    """Insert new contacts and update corrected ones; a corrected text loses its predictions.

    `fingerprint` gives the normalised text by which copies are found: of the same customer's
    contacts with the same normalised text within two minutes, only the first is counted.
    """
    rows = _contact_rows(frame, fingerprint)
    stored = _stored(connection, [row["contact_id"] for row in rows])
    new = [row for row in rows if row["contact_id"] not in stored]
    changed = [
        row
        for row in rows
        if row["contact_id"] in stored and stored[row["contact_id"]][0] != row["row_digest"]
    ]
    ids = [row["contact_id"] for row in changed]
    for part in chunks(ids):
        connection.execute(delete(tables.contacts).where(tables.contacts.c.contact_id.in_(part)))
    insert_rows(connection, tables.contacts, changed)
    drop_stale_predictions(connection, ids)
    before = [stored[contact_id][1] for contact_id in ids]
    mark_copies(connection, [*before, *(row["copy_key"] for row in changed)])
    insert_rows(connection, tables.contacts, new)
    # A new row can make an older one the copy; it is this row by which the store did not grow.
    copies = mark_copies(connection, [row["copy_key"] for row in new])
    if new or changed:
        touch(connection)
    fresh = {row["contact_id"] for row in (*new, *changed)}
    known_ids = frozenset(row["contact_id"] for row in rows) - fresh
    known = len(rows) - len(new) - len(changed)
    return Saved(len(new) + len(changed) - copies, known, copies, known_ids)


def _contact_rows(frame: pd.DataFrame, fingerprint: Callable[[str], str]) -> list[Row]:
    rows = to_rows(frame[CONTACT_COLUMNS])
    for row in rows:
        customer, text = row["customer_id"], row["text"]
        row["row_digest"] = digest(*(row[name] for name in CONTACT_COLUMNS))
        row["text_digest"] = digest(text)
        row["copy_key"] = None if customer is None else digest(customer, fingerprint(text))
        row["duplicate"] = False
    return rows


def _stored(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Return row digest and copy key of those contacts that are stored."""
    table = tables.contacts.c
    found: dict[str, tuple[str, str | None]] = {}
    for part in chunks(ids):
        query = select(table.contact_id, table.row_digest, table.copy_key).where(
            table.contact_id.in_(part)
        )
        found.update((row[0], (row[1], row[2])) for row in connection.execute(query))
    return found


def drop_contacts(connection: Connection, ids: Sequence[str]) -> None:
    """Remove contacts; what was hidden as their copy comes to light.

    Their predictions stay for contacts that come back: see `drop_stale_predictions`.
    """
    table = tables.contacts.c
    keys: list[str | None] = []
    for part in chunks(ids):
        query = select(table.copy_key).where(table.contact_id.in_(part))
        keys += connection.execute(query).scalars()
        connection.execute(delete(tables.contacts).where(table.contact_id.in_(part)))
    mark_copies(connection, keys)
    if ids:
        touch(connection)


def drop_stale_predictions(connection: Connection, ids: Sequence[str]) -> None:
    """Drop these contacts' predictions of a text that is not, or no longer, theirs."""
    made, contact = tables.predictions.c, tables.contacts.c
    present = select(contact.contact_id).where(
        contact.contact_id == made.contact_id, contact.text_digest == made.text_digest
    )
    for part in chunks(ids):
        connection.execute(
            delete(tables.predictions).where(made.contact_id.in_(part), ~present.exists())
        )


def read_contacts(connection: Connection) -> pd.DataFrame:
    """Return all contacts but copies as a Contacts frame, ordered by time and id."""
    return _contacts(connection, [true()])


def read_some_contacts(
    connection: Connection,
    begin: datetime,
    end: datetime,
    until: datetime,
    beside: Collection[str] = (),
) -> pd.DataFrame:
    """Return the contacts of a time, and those of the ids `beside`, as `read_contacts` does.

    The time is from `begin` to before `end`; none is later than `until`.
    """
    table = tables.contacts.c
    within = and_(table.contacted_at >= begin, table.contacted_at < end)
    wanted = [within, *(and_(table.contact_id.in_(part), ~within) for part in parts_of(beside))]
    return _contacts(connection, [and_(one, table.contacted_at <= until) for one in wanted])


def _contacts(connection: Connection, wanted: Sequence[ColumnElement[bool]]) -> pd.DataFrame:
    """Return the contacts of conditions that exclude each other."""
    table = tables.contacts.c
    query = (
        select(*(table[name] for name in CONTACT_COLUMNS))
        .where(table.duplicate.is_(False))
        .order_by(table.contacted_at, table.contact_id)
    )
    floats = {"handle_seconds": float, "nps": float, "csat": float}
    queries = [query.where(one) for one in wanted]
    frame = read_together(connection, queries, {"contacted_at": UTC, **floats})
    if len(queries) == 1:
        return frame
    return frame.sort_values(["contacted_at", "contact_id"], ignore_index=True)


def newest_contact(connection: Connection) -> datetime | None:
    """Return when the newest contact was, None without any."""
    table = tables.contacts.c
    query = select(table.contacted_at).where(table.duplicate.is_(False))
    newest = query.order_by(table.contacted_at.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none()


def has_customers(connection: Connection, until: datetime) -> bool:
    """Return whether any contact up to a moment says whose it is."""
    table = tables.contacts.c
    query = select(table.contact_id).where(
        table.customer_id.is_not(None), table.contacted_at <= until, table.duplicate.is_(False)
    )
    return connection.execute(query.limit(1)).first() is not None


def read_files(connection: Connection) -> pd.DataFrame:
    """Return the ledger of files, ordered by name: counts of what became of their rows."""
    table = tables.files.c
    columns = (table[name] for name in FILE_COLUMNS)
    return read_frame(connection, select(*columns).order_by(table.name, table.file_id))


def read_quarantine(connection: Connection) -> pd.DataFrame:
    """Return all quarantined rows, ordered by file and line."""
    table = tables.quarantine.c
    query = select(
        table.file, table.line, table.code, table.reason_he, table.reason_en, table.row
    ).order_by(table.file, table.line, table.number, table.file_id)
    return read_frame(connection, query)
