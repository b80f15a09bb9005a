"""Reads and writes of the words of notes, from which the desk's search is made.

A row stands for a contact as it is stored and classified. When the contact is corrected or goes, or
another model classifies, the row goes and may come back under a new number: so who has read the
rows up to a number only needs the newer ones, and the numbers that are left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    select,
)

from labels.codebook import REASONS
from store import tables
from store.predictions import matching_prediction
from store.rows import insert_rows
from store.session import get_meta, set_meta

LAST = "last_note_number"  # the store's note of the highest number that was given
STATE = "notes_indexed"  # counts the changes of the index
_WORDS = tables.note_words
FACTS = ("contacted_at", "customer_id", "queue", "channel", "product", "team")
LABELS = (*map(str, REASONS), "churn_intent", "resolution", "unclear", "issue")


@dataclass(frozen=True, slots=True)
class Unindexed:
    """A classified contact that is not in the index."""

    contact_id: str
    row_digest: str
    text: str


def _searchable(model_id: str) -> ColumnElement[bool]:
    """Return when a contact's row of the index is of the contact as it is."""
    contact, words = tables.contacts.c, _WORDS.c
    return and_(
        words.contact_id == contact.contact_id,
        words.row_digest == contact.row_digest,
        words.model_id == model_id,
    )


def drop_stale_words(connection: Connection, model_id: str) -> int:
    """Remove what is not of a contact as it is stored and classified; return how many rows."""
    contact = tables.contacts.c
    present = (
        select(contact.contact_id)
        .join(tables.predictions, matching_prediction(model_id))
        .where(_searchable(model_id), contact.duplicate.is_(False))
        .correlate(_WORDS)
    )
    return connection.execute(delete(_WORDS).where(~present.exists())).rowcount


def drop_all_words(connection: Connection) -> None:
    """Empty the index."""
    connection.execute(delete(_WORDS))


def unindexed(
    connection: Connection, model_id: str, limit: int, after: str | None = None
) -> list[Unindexed]:
    """Return the next classified contacts without a row, ordered by id, `after` an id."""
    contact = tables.contacts.c
    query = (
        select(contact.contact_id, contact.row_digest, contact.text)
        .join(tables.predictions, matching_prediction(model_id))
        .outerjoin(_WORDS, _WORDS.c.contact_id == contact.contact_id)
        .where(contact.duplicate.is_(False), _WORDS.c.contact_id.is_(None))
        .order_by(contact.contact_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(contact.contact_id > after)
    return [Unindexed(*row) for row in connection.execute(query)]


def save_words(
    connection: Connection, model_id: str, notes: Sequence[Unindexed], words: Sequence[str]
) -> None:
    """Insert the words of these contacts, `words` in the same order."""
    last = int(get_meta(connection, LAST) or 0)
    rows = [
        {
            "contact_id": note.contact_id,
            "number": number,
            "row_digest": note.row_digest,
            "model_id": model_id,
            "words": said,
        }
        for number, (note, said) in enumerate(zip(notes, words, strict=True), start=last + 1)
    ]
    insert_rows(connection, _WORDS, rows)
    set_meta(connection, LAST, str(last + len(rows)))


def change_state(connection: Connection) -> None:
    """Record that the index changed, so that who holds it in memory reads what is new."""
    set_meta(connection, STATE, str(state(connection) + 1))


def state(connection: Connection) -> int:
    """Return a number that rises with every change of the index."""
    return int(get_meta(connection, STATE) or 0)


def numbers(connection: Connection) -> list[int]:
    """Return the numbers of all rows, rising."""
    return list(connection.execute(select(_WORDS.c.number).order_by(_WORDS.c.number)).scalars())


def indexed_notes(
    connection: Connection, model_id: str, after: int, limit: int
) -> Sequence[Row[Any]]:
    """Return the next rows after a number with what search filters by.

    Columns: `number`, `contact_id`, `words`, then `FACTS` and `LABELS`.
    """
    contact, made = tables.contacts.c, tables.predictions.c
    query = (
        select(
            _WORDS.c.number,
            _WORDS.c.contact_id,
            _WORDS.c.words,
            *(contact[name] for name in FACTS),
            *(made[name] for name in LABELS),
        )
        .select_from(_WORDS)
        .join(tables.contacts, _searchable(model_id))
        .join(tables.predictions, matching_prediction(model_id))
        .where(_WORDS.c.number > after)
        .order_by(_WORDS.c.number)
        .limit(limit)
    )
    return connection.execute(query).all()


def number_of(connection: Connection, contact_id: str) -> int | None:
    """Return a contact's number in the index, None for one that is not in it."""
    found: int | None = connection.execute(
        select(_WORDS.c.number).where(_WORDS.c.contact_id == contact_id)
    ).scalar_one_or_none()
    return found
