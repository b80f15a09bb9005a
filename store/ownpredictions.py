"""Reads and writes of what runs made of people's own reasons: models and predictions."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from labels.ownreasons import OwnFigures
from store import tables
from store.rows import chunks, insert_rows, read_frame
from store.session import touch

_FIGURES = tuple(OwnFigures.__slots__)


@dataclass(frozen=True)
class Fitted:
    """A reason's figures with what tells its notes: see `nlp.ownreason.OwnModel`."""

    figures: OwnFigures
    threshold: float
    weights: str


@dataclass(frozen=True)
class Waiting:
    """A classified contact; `issue` is its vector as `labels.frames.issue_text` writes it."""

    contact_id: str
    text: str
    text_digest: str
    issue: str


def read_fitted(connection: Connection) -> list[Fitted]:
    """Return what the last run made of each reason, ordered by name."""
    table = tables.own_models.c
    query = select(*(table[name] for name in _FIGURES), table.threshold, table.weights)
    rows = connection.execute(query.order_by(table.name))
    return [Fitted(OwnFigures(*row[:-2]), row[-2], row[-1]) for row in rows]


def read_figures(connection: Connection) -> list[OwnFigures]:
    """Return what was measured of each reason until the last run, ordered by name."""
    table = tables.own_models.c
    query = select(*(table[name] for name in _FIGURES)).order_by(table.name)
    return [OwnFigures(*row) for row in connection.execute(query)]


def save_fitted(connection: Connection, fitted: Fitted) -> None:
    """Write a reason's model in place of an older one, whose predictions go."""
    reason_id = fitted.figures.reason_id
    forget(connection, reason_id)
    values = {**asdict(fitted.figures), "threshold": fitted.threshold, "weights": fitted.weights}
    connection.execute(insert(tables.own_models).values(values))
    touch(connection)


def save_checked(connection: Connection, reason_id: str, checked: int, confirmed: int) -> None:
    """Write what people said of a reason until now."""
    table = tables.own_models
    query = update(table).where(table.c.reason_id == reason_id)
    connection.execute(query.values(checked=checked, confirmed=confirmed))


def forget(connection: Connection, reason_id: str) -> None:
    """Remove a reason's model and predictions."""
    for table in (tables.own_predictions, tables.own_models):
        connection.execute(delete(table).where(table.c.reason_id == reason_id))
    touch(connection)


def random_notes(connection: Connection, model_id: str, count: int) -> list[Waiting]:
    """Return `count` classified contacts, drawn as in store/review_queue.py."""
    query = _classified(model_id).order_by(tables.contacts.c.row_digest).limit(count)
    return [Waiting(*row) for row in connection.execute(query)]


def waiting(
    connection: Connection, model_id: str, reason_id: str, limit: int, after: str
) -> list[Waiting]:
    """Return the next classified contacts of which it is not known whether they have the reason.

    Ordered by id, after the id `after`.
    """
    contact, made = tables.contacts.c, tables.own_predictions.c
    known = select(made.contact_id).where(
        made.reason_id == reason_id,
        made.contact_id == contact.contact_id,
        made.text_digest == contact.text_digest,
    )
    query = _classified(model_id).where(contact.contact_id > after, ~known.exists())
    return [
        Waiting(*row) for row in connection.execute(query.order_by(contact.contact_id).limit(limit))
    ]


def _classified(model_id: str) -> Select[Any]:
    contact, made = tables.contacts.c, tables.predictions.c
    matching = and_(
        made.contact_id == contact.contact_id,
        made.text_digest == contact.text_digest,
        made.model_id == model_id,
    )
    columns = (contact.contact_id, contact.text, contact.text_digest, made.issue)
    return (
        select(*columns)
        .select_from(tables.contacts.join(tables.predictions, matching))
        .where(contact.duplicate.is_(False))
    )


def save_own(
    connection: Connection,
    reason_id: str,
    version: str,
    notes: Sequence[Waiting],
    p: Sequence[float],
    threshold: float,
) -> None:
    """Write the probabilities of notes, in their order, and whether they have the reason."""
    table = tables.own_predictions
    for part in chunks([note.contact_id for note in notes]):
        old = table.c.reason_id == reason_id, table.c.contact_id.in_(part)
        connection.execute(delete(table).where(*old))
    rows = [
        {
            "contact_id": note.contact_id,
            "reason_id": reason_id,
            "version": version,
            "text_digest": note.text_digest,
            "p": float(value),
            "present": bool(value >= threshold),
        }
        for note, value in zip(notes, p, strict=True)
    ]
    insert_rows(connection, table, rows)
    if rows:
        touch(connection)


def read_own(connection: Connection) -> pd.DataFrame:
    """Return `contact_id`, `reason_id` and `present` of all contacts but copies, by their ids."""
    made = tables.own_predictions.c
    query = (
        select(made.contact_id, made.reason_id, made.present)
        .select_from(tables.own_predictions.join(tables.contacts, _present()))
        .order_by(made.reason_id, made.contact_id)
    )
    return read_frame(connection, query, {"present": bool})


def count_present(connection: Connection, reason_id: str) -> tuple[int, int]:
    """Return how many notes were asked for the reason, and how many were given it.

    Of the notes that `read_own` returns: copies and what is no longer there do not count.
    """
    made = tables.own_predictions.c
    query = (
        select(made.present, func.count())
        .select_from(tables.own_predictions.join(tables.contacts, _present()))
        .where(made.reason_id == reason_id)
        .group_by(made.present)
    )
    counts = {bool(row[0]): int(row[1]) for row in connection.execute(query)}
    return sum(counts.values()), counts.get(True, 0)


def next_to_check(connection: Connection, reason_id: str, checked: set[str]) -> str | None:
    """Return the next contact of a random sample of those that were given the reason."""
    made, contact = tables.own_predictions.c, tables.contacts.c
    query = (
        select(made.contact_id)
        .select_from(tables.own_predictions.join(tables.contacts, _present()))
        .where(made.reason_id == reason_id, made.present.is_(True))
        .order_by(contact.row_digest)
    )
    return next((one for one in connection.execute(query).scalars() if one not in checked), None)


def _present() -> ColumnElement[bool]:
    """Return the join of own predictions with the contacts whose text they are of, no copies."""
    made, contact = tables.own_predictions.c, tables.contacts.c
    return and_(
        contact.contact_id == made.contact_id,
        contact.text_digest == made.text_digest,
        contact.duplicate.is_(False),
    )
