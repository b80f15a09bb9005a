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
    Select,
    and_,
    case,
    delete,
    select,
)

from labels.codebook import REASONS
from store import tables
from store.predictions import matching
from store.rows import insert_rows
from store.session import get_meta, set_meta

LAST = "last_note_number"  # the store's note of the highest number that was given
STATE = "notes_indexed"  # counts the changes of the index
REASON_IDS = tuple(map(str, REASONS))
_WORDS = tables.note_words
FACTS = ("contacted_at", "customer_id", "queue", "channel", "product", "team")
LABELS = ("churn_intent", "resolution", "unclear")


@dataclass(frozen=True, slots=True)
class Unindexed:
    """A classified contact that is not in the index."""

    contact_id: str
    row_digest: str
    text: str


def _is_of(model_id: str | None = None) -> ColumnElement[bool]:
    """Return when a row of the index is of the contact as it is (and of this model)."""
    contact, words = tables.contacts.c, _WORDS.c
    same = and_(words.contact_id == contact.contact_id, words.row_digest == contact.row_digest)
    return same if model_id is None else and_(same, words.model_id == model_id)


def drop_stale_words(connection: Connection, model_id: str) -> int:
    """Remove what is not of a contact as it is stored and classified; return how many rows."""
    contact = tables.contacts.c
    present = (
        select(contact.contact_id)
        .join(tables.predictions, matching(model_id))
        .where(_is_of(model_id), contact.duplicate.is_(False))
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
        .join(tables.predictions, matching(model_id))
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


def model_of(connection: Connection) -> str:
    """Return the model of the index, an empty text for an empty index."""
    found: str | None = connection.execute(select(_WORDS.c.model_id).limit(1)).scalar()
    return found or ""


def indexed_notes(connection: Connection, after: int, limit: int) -> Sequence[Row[Any]]:
    """Return the next rows after a number with what search filters by.

    Columns: `number`, `contact_id`, `words`, `FACTS`, `LABELS`, `issue`, and `reasons`, a number
    with a bit a reason, in the codebook's order.
    """
    made = tables.predictions.c
    bits = [case((made[reason], 1 << place), else_=0) for place, reason in enumerate(REASON_IDS)]
    reasons = sum(bits[1:], bits[0]).label("reasons")
    query = _notes((*FACTS, "contact_id"), (*LABELS, "issue"))
    query = query.add_columns(_WORDS.c.words, reasons)
    numbered = query.where(_WORDS.c.number > after).order_by(_WORDS.c.number).limit(limit)
    return connection.execute(numbered).all()


def shown_notes(connection: Connection, numbers: Sequence[int]) -> dict[int, Row[Any]]:
    """Return what is shown of these rows, by number; without those that are gone by now."""
    query = _notes((*FACTS, "contact_id", "text"), (*LABELS, *REASON_IDS, "evidence"))
    found = connection.execute(query.where(_WORDS.c.number.in_(numbers)))
    return {row.number: row for row in found}


def _notes(facts: Sequence[str], labels: Sequence[str]) -> Select[Any]:
    """Return the query of the index' rows with columns of their contacts and predictions."""
    contact, made = tables.contacts.c, tables.predictions.c
    columns = (*(contact[name] for name in facts), *(made[name] for name in labels))
    labelled = and_(
        made.contact_id == contact.contact_id,
        made.model_id == _WORDS.c.model_id,
        made.text_digest == contact.text_digest,
    )
    return (
        select(_WORDS.c.number, *columns)
        .select_from(_WORDS)
        .join(tables.contacts, _is_of())
        .join(tables.predictions, labelled)
    )


def number_of(connection: Connection, contact_id: str) -> int | None:
    """Return a contact's number in the index, None for one that is not in it."""
    found: int | None = connection.execute(
        select(_WORDS.c.number).where(_WORDS.c.contact_id == contact_id)
    ).scalar_one_or_none()
    return found
