"""Reads and writes of reviews: what people said of notes, one row a contact and person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Connection, func, select

from labels.codebook import REASONS, ChurnIntent, Resolution
from store.audits import LABELS
from store.desk_tables_review import reviews, settlements
from store.rows import put_row, read_frame

Source = Literal["review", "case"]
COLUMNS = ("contact_id", "user_name", "text_digest", "at", "source", "blind", *LABELS)
BOOLS = (*map(str, REASONS), "repeat")


def save_review(
    connection: Connection,
    *,
    contact_id: str,
    text_digest: str,
    user_name: str,
    at: datetime,
    source: Source,
    labels: Mapping[str, Any],
    blind: bool = False,
) -> None:
    """Write what a person said of a note, in place of what the same person said of it before.

    Args:
        connection: to write to the desk store with.
        contact_id: the note's contact.
        text_digest: of the text that the person saw.
        user_name: who said it.
        at: when, with its time zone.
        source: `review`, or `case` where it was corrected while working a case.
        labels: all of `LABELS`: a boolean each reason, `churn_intent`, `resolution`, `repeat`.
        blind: whether the person had not seen what the model said of the note.

    Raises:
        ValueError: when a label is missing, unknown, or has a value that the codebook lacks.
    """
    row = {
        "contact_id": contact_id,
        "user_name": user_name,
        "text_digest": text_digest,
        "at": at,
        "source": source,
        "blind": blind,
        **checked_labels(labels),
    }
    put_row(connection, reviews, row)


def checked_labels(labels: Mapping[str, Any]) -> dict[str, bool | str]:
    """Return the labels as the store keeps them.

    Raises:
        ValueError: when a label is missing, unknown, or has a value that the codebook lacks.
    """
    if set(labels) != set(LABELS):
        raise ValueError(f"missing or unknown labels: {sorted(set(labels) ^ set(LABELS))}")
    values: dict[str, bool | str] = {name: bool(labels[name]) for name in BOOLS}
    values["churn_intent"] = str(ChurnIntent(labels["churn_intent"]))
    values["resolution"] = str(Resolution(labels["resolution"]))
    return values


def read_reviews(connection: Connection) -> pd.DataFrame:
    """Return all reviews with `COLUMNS`, ordered by contact and person."""
    table = reviews.c
    query = select(*(table[name] for name in COLUMNS)).order_by(table.contact_id, table.user_name)
    return read_frame(connection, query, dict.fromkeys((*BOOLS, "blind"), bool))


@dataclass(frozen=True)
class Done:
    """How many notes a person reviewed: since a moment, and in all."""

    since: int
    total: int


def count_done(connection: Connection, user_name: str, since: datetime) -> Done:
    """Return how many notes a person reviewed, outside of cases."""
    own = reviews.c.user_name == user_name, reviews.c.source == "review"
    query = select(func.count()).select_from(reviews).where(*own)
    recent = connection.execute(query.where(reviews.c.at >= since)).scalar_one()
    return Done(recent, connection.execute(query).scalar_one())


def save_settlement(
    connection: Connection,
    *,
    contact_id: str,
    text_digest: str,
    user_name: str,
    at: datetime,
    labels: Mapping[str, Any],
) -> None:
    """Write the labels that stand for a text on which people disagreed, and who settled it.

    Raises:
        ValueError: when a label is missing, unknown, or has a value that the codebook lacks.
    """
    row = {
        "contact_id": contact_id,
        "text_digest": text_digest,
        "user_name": user_name,
        "at": at,
        **checked_labels(labels),
    }
    put_row(connection, settlements, row)


def read_settlements(connection: Connection) -> pd.DataFrame:
    """Return all settlements: `contact_id`, `text_digest`, `user_name`, `at`, the labels."""
    query = select(settlements).order_by(settlements.c.contact_id)
    return read_frame(connection, query, dict.fromkeys(BOOLS, bool))


def state_of(connection: Connection) -> tuple[object, ...]:
    """Return what changes whenever a review or a settlement is written or taken back."""
    parts = (
        select(func.count(), func.max(table.c.at)).select_from(table)
        for table in (reviews, settlements)
    )
    return tuple(value for part in parts for value in connection.execute(part).one())
