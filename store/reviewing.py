"""Reads of single notes as people review them, and of what the model said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from labels.frames import P_REASONS
from store import tables
from store.audits import LABELS
from store.reviews import BOOLS
from store.rows import chunks


@dataclass(frozen=True)
class NoteToReview:
    """A note; `suggested` is what the model said of this text, None where it said nothing.

    That has the labels, `p_<reason>` and `evidence`.
    """

    contact_id: str
    text_digest: str
    text: str
    contacted_at: datetime
    channel: str
    queue: str
    suggested: dict[str, Any] | None


def find_note(connection: Connection, contact_id: str, model_id: str) -> NoteToReview | None:
    """Return a contact's note, None when there is no such contact."""
    contact = tables.contacts.c
    columns = ("contact_id", "text_digest", "text", "contacted_at", "channel", "queue")
    query = select(*(contact[name] for name in columns)).where(contact.contact_id == contact_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    made = tables.predictions.c
    said = (
        connection.execute(
            select(*(made[name] for name in (*LABELS, *P_REASONS, "evidence")))
            .where(made.contact_id == contact_id, made.model_id == model_id)
            .where(made.text_digest == row["text_digest"])
        )
        .mappings()
        .one_or_none()
    )
    values = {**row, "queue": row["queue"] or ""}
    return NoteToReview(**values, suggested=None if said is None else dict(said))


def texts_of(connection: Connection, contact_ids: Sequence[str]) -> dict[str, str]:
    """Return the texts of those contacts that are in the store."""
    contact, found = tables.contacts.c, dict[str, str]()
    for part in chunks(contact_ids):
        query = select(contact.contact_id, contact.text).where(contact.contact_id.in_(part))
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found


def model_labels(connection: Connection, said: pd.DataFrame, model_id: str) -> pd.DataFrame:
    """Return the model's labels of the notes (`contact_id`, `text_digest`), where it has some.

    Columns: the two and `LABELS`, ordered as the notes are.
    """
    made = tables.predictions.c
    names = ("contact_id", "text_digest", *LABELS)
    ids: Sequence[str] = list(said["contact_id"])
    rows = [
        tuple(row)
        for part in chunks(ids)
        for row in connection.execute(
            select(*(made[name] for name in names)).where(
                made.contact_id.in_(part), made.model_id == model_id
            )
        )
    ]
    found = pd.DataFrame(rows, columns=list(names))
    kept = said[["contact_id", "text_digest"]].merge(found, on=["contact_id", "text_digest"])
    return kept.astype(dict.fromkeys(BOOLS, bool))
