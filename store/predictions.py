"""Reads and writes of predictions. The store is the cache: what has one is not classified again."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, and_, delete, func, select
from sqlalchemy.sql import ColumnElement

from labels.codebook import REASONS
from labels.frames import P_CHURN, P_REASONS, P_RESOLUTION, prediction_columns
from store import tables
from store.rows import insert_rows, read_frame, to_rows
from store.session import touch


@dataclass(frozen=True)
class Pending:
    """A contact whose text has no prediction of the model."""

    contact_id: str
    text: str
    text_digest: str


def _missing(model_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    contact, made = tables.contacts.c, tables.predictions.c
    joined = and_(
        made.contact_id == contact.contact_id,
        made.model_id == model_id,
        made.text_digest == contact.text_digest,
    )
    return joined, made.contact_id.is_(None)


def count_pending(connection: Connection, model_id: str) -> int:
    """Return how many contacts have no prediction of this model."""
    joined, missing = _missing(model_id)
    source = tables.contacts.outerjoin(tables.predictions, joined)
    return int(
        connection.execute(select(func.count()).select_from(source).where(missing)).scalar_one()
    )


def pending(connection: Connection, model_id: str, limit: int) -> list[Pending]:
    """Return the next contacts without a prediction, ordered by id."""
    joined, missing = _missing(model_id)
    contact = tables.contacts.c
    query = (
        select(contact.contact_id, contact.text, contact.text_digest)
        .select_from(tables.contacts.outerjoin(tables.predictions, joined))
        .where(missing)
        .order_by(contact.contact_id)
        .limit(limit)
    )
    return [Pending(*row) for row in connection.execute(query)]


def save_predictions(connection: Connection, frame: pd.DataFrame, contacts: list[Pending]) -> None:
    """Insert the predictions of these contacts (rows in the same order)."""
    rows = to_rows(frame[list(prediction_columns())])
    for row, contact in zip(rows, contacts, strict=True):
        row["text_digest"] = contact.text_digest
    table = tables.predictions
    ids = [contact.contact_id for contact in contacts]
    models = sorted({row["model_id"] for row in rows})
    connection.execute(
        delete(table).where(table.c.contact_id.in_(ids), table.c.model_id.in_(models))
    )
    insert_rows(connection, table, rows)
    if rows:
        touch(connection)


def read_predictions(connection: Connection, model_id: str) -> pd.DataFrame:
    """Return one model's predictions of the stored contacts, ordered by contact id."""
    table = tables.predictions.c
    query = (
        select(*(table[name] for name in prediction_columns()))
        .where(table.model_id == model_id)
        .order_by(table.contact_id)
    )
    floats = {name: float for name in (*P_REASONS, *P_CHURN, *P_RESOLUTION, "p_repeat")}
    bools = {name: bool for name in (*map(str, REASONS), "repeat", "unclear")}
    return read_frame(connection, query, {**floats, **bools})
