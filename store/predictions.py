"""Reads and writes of predictions. The store is the cache: what has one is not classified again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, and_, delete, func, select, true
from sqlalchemy.sql import ColumnElement, FromClause

from labels.codebook import REASONS
from labels.frames import P_CHURN, P_REASONS, P_RESOLUTION, prediction_columns
from store import tables
from store.rows import chunks, insert_rows, parts_of, read_together, to_rows
from store.session import touch

SHOWN = ("contact_id", *P_REASONS, *map(str, REASONS), "evidence")


@dataclass(frozen=True)
class Pending:
    """A contact whose text has no prediction of the model."""

    contact_id: str
    text: str
    text_digest: str


def matching(model_id: str) -> ColumnElement[bool]:
    """Return when a prediction is this model's and of the contact's present text."""
    contact, made = tables.contacts.c, tables.predictions.c
    return and_(
        made.contact_id == contact.contact_id,
        made.model_id == model_id,
        made.text_digest == contact.text_digest,
    )


def _waiting(model_id: str, after: str | None = None) -> tuple[FromClause, ColumnElement[bool]]:
    """Return contacts with their predictions, and which of them count and have none."""
    contact, made = tables.contacts.c, tables.predictions.c
    of_model = matching(model_id)
    waits = and_(contact.duplicate.is_(False), made.contact_id.is_(None))
    if after is not None:
        # Said of both tables: PostgreSQL would read all predictions up to there otherwise.
        of_model = and_(of_model, made.contact_id > after)
        waits = and_(waits, contact.contact_id > after)
    return tables.contacts.outerjoin(tables.predictions, of_model), waits


def count_pending(connection: Connection, model_id: str) -> int:
    """Return how many contacts have no prediction of this model."""
    source, waits = _waiting(model_id)
    return int(
        connection.execute(select(func.count()).select_from(source).where(waits)).scalar_one()
    )


def pending(
    connection: Connection, model_id: str, limit: int, after: str | None = None
) -> list[Pending]:
    """Return the next contacts without a prediction, ordered by id.

    `after` is the id of the last one that was had: what lies before it is not searched again,
    which makes a long classification linear.
    """
    source, waits = _waiting(model_id, after)
    contact = tables.contacts.c
    query = (
        select(contact.contact_id, contact.text, contact.text_digest)
        .select_from(source)
        .where(waits)
        .order_by(contact.contact_id)
        .limit(limit)
    )
    return [Pending(*row) for row in connection.execute(query)]


def save_predictions(connection: Connection, frame: pd.DataFrame, contacts: list[Pending]) -> None:
    """Insert the predictions of these contacts (rows in the same order).

    Raises:
        ValueError: when the rows are not of these contacts in their order.
    """
    rows = to_rows(frame[list(prediction_columns())])
    ids = [contact.contact_id for contact in contacts]
    if [row["contact_id"] for row in rows] != ids:
        raise ValueError("the predictions are not of these contacts in their order")
    for row, contact in zip(rows, contacts, strict=True):
        row["text_digest"] = contact.text_digest
    table = tables.predictions
    models = sorted({row["model_id"] for row in rows})
    for part in chunks(ids):
        connection.execute(
            delete(table).where(table.c.contact_id.in_(part), table.c.model_id.in_(models))
        )
    insert_rows(connection, table, rows)
    if rows:
        touch(connection)


def read_predictions(connection: Connection, model_id: str) -> pd.DataFrame:
    """Return one model's predictions of all contacts but copies, ordered by contact id."""
    return _predictions(connection, model_id, [true()])


def read_some_predictions(
    connection: Connection,
    model_id: str,
    begin: datetime,
    end: datetime,
    beside: Collection[str] = (),
    columns: Sequence[str] = SHOWN,
) -> pd.DataFrame:
    """Return the predictions of the contacts from `begin` to before `end`, and of those `beside`.

    Ordered as `read_predictions` has them; of its columns those that notes are shown by, or others.
    """
    contact = tables.contacts.c
    within = and_(contact.contacted_at >= begin, contact.contacted_at < end)
    wanted = [within, *(and_(contact.contact_id.in_(part), ~within) for part in parts_of(beside))]
    return _predictions(connection, model_id, wanted, columns)


def _predictions(
    connection: Connection,
    model_id: str,
    wanted: Sequence[ColumnElement[bool]],
    columns: Sequence[str] = prediction_columns(),
) -> pd.DataFrame:
    """Return the predictions of contacts of conditions that exclude each other."""
    table = tables.predictions.c
    query = (
        select(*(table[name] for name in columns))
        .select_from(tables.contacts.join(tables.predictions, matching(model_id)))
        .where(tables.contacts.c.duplicate.is_(False))
        .order_by(table.contact_id)
    )
    floats = {name: float for name in (*P_REASONS, *P_CHURN, *P_RESOLUTION, "p_repeat")}
    bools = {name: bool for name in (*map(str, REASONS), "repeat", "unclear", "at_risk")}
    queries = [query.where(one) for one in wanted]
    types = {name: kind for name, kind in {**floats, **bools}.items() if name in columns}
    frame = read_together(connection, queries, types)
    return frame if len(queries) == 1 else frame.sort_values("contact_id", ignore_index=True)
