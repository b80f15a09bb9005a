"""Reads and writes of audits: which contacts were drawn, which text was shown, what people said."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, delete, select, update

from labels.codebook import REASONS
from labels.frames import audit_columns
from store import tables
from store.rows import chunks, insert_rows, read_frame
from store.session import touch

LABELS = (*map(str, REASONS), "churn_intent", "resolution", "repeat")
_AUDITS = tables.audits
_PRESENT = and_(
    _AUDITS.c.contact_id == tables.contacts.c.contact_id,
    _AUDITS.c.text_digest == tables.contacts.c.text_digest,
    tables.contacts.c.duplicate.is_(False),
)


def read_sample(connection: Connection, week: date) -> pd.DataFrame:
    """Return what was drawn of a week, in order of kind and position.

    Columns: `contact_id`, `kind`, `position`, `text_digest` (of the text that was drawn, or
    labelled since), the labels (None without), and of the contact as it is now `text` and
    `digest` (both None where it is gone).
    """
    contact, table = tables.contacts.c, _AUDITS.c
    labels = (table[name] for name in LABELS)
    query = (
        select(
            *(table.contact_id, table.kind, table.position, table.text_digest, *labels),
            *(contact.text, contact.text_digest.label("digest")),
        )
        .select_from(
            _AUDITS.outerjoin(
                tables.contacts,
                and_(contact.contact_id == table.contact_id, contact.duplicate.is_(False)),
            )
        )
        .where(table.week == week)
        .order_by(table.kind, table.position)
    )
    return read_frame(connection, query)


def save_sample(connection: Connection, week: date, kind: str, contact_ids: Sequence[str]) -> None:
    """Make these contacts, in their random order, what is drawn of a week and kind.

    What was labelled keeps its labels, as long as the text is the one that was labelled.
    """
    table, contact = _AUDITS.c, tables.contacts.c
    old = read_sample(connection, week)
    given = {
        row["contact_id"]: {name: row[name] for name in LABELS}
        for row in old.to_dict("records")
        if row["text_digest"] == row["digest"]
    }
    digests: dict[str, str] = {}
    for part in chunks(contact_ids):
        query = select(contact.contact_id, contact.text_digest).where(contact.contact_id.in_(part))
        digests.update((row[0], row[1]) for row in connection.execute(query))
    connection.execute(delete(_AUDITS).where(table.week == week, table.kind == kind))
    for part in chunks(contact_ids):  # a contact may have been drawn as one of another kind
        moved = table.week == week, table.contact_id.in_(part)
        connection.execute(delete(_AUDITS).where(*moved))
    rows = [
        {
            **{"week": week, "contact_id": one, "kind": kind, "position": position},
            "text_digest": digests[one],
            **given.get(one, dict.fromkeys(LABELS)),
        }
        for position, one in enumerate(contact_ids, start=1)
    ]
    insert_rows(connection, _AUDITS, rows)


def save_labels(connection: Connection, week: date, labels: Iterable[dict[str, Any]]) -> None:
    """Write what people said of drawn contacts: `contact_id`, `text_digest` and the labels."""
    table = _AUDITS.c
    for row in labels:
        values = {name: row[name] for name in (*LABELS, "text_digest")}
        one = (table.week == week, table.contact_id == row["contact_id"])
        connection.execute(update(_AUDITS).where(*one).values(**values))
    touch(connection)


def read_audits(connection: Connection, week: date | None = None) -> pd.DataFrame:
    """Return the labels of texts that are as they were labelled, with `audit_columns()`.

    Those of all weeks, or of one.
    """
    table = _AUDITS.c
    query = (
        select(*(table[name] for name in audit_columns()))
        .select_from(_AUDITS.join(tables.contacts, _PRESENT))
        .where(table.churn_intent.is_not(None))
        .order_by(table.week, table.kind, table.position)
    )
    if week is not None:
        query = query.where(table.week == week)
    bools = dict.fromkeys((*map(str, REASONS), "repeat"), bool)
    return read_frame(connection, query, bools)
