"""Contacts that are saved, classified and read again."""

from datetime import timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from nlp.normalize import fingerprint_text
from store.contacts import (
    Saved,
    read_contacts,
    save_contacts,
)
from store.predictions import pending, read_predictions, save_predictions
from store.session import transaction
from tests.frames import (
    contacts_of,
    predictions_of,
)

TICK = timedelta(microseconds=1)
Row = dict[str, Any]


def save(engine: Engine, *rows: Row) -> Saved:
    with transaction(engine) as connection:
        return save_contacts(connection, contacts_of(rows), fingerprint_text)


def stored(engine: Engine) -> pd.DataFrame:
    with transaction(engine) as connection:
        return read_contacts(connection)


def ids(engine: Engine) -> list[str]:
    return list(stored(engine)["contact_id"])


def classify(engine: Engine, model_id: str = "he-1") -> None:
    with transaction(engine) as connection:
        waiting = pending(connection, model_id, 10_000)
        frame = predictions_of([item.contact_id for item in waiting], model_id)
        save_predictions(connection, frame, waiting)


def predicted(engine: Engine, model_id: str = "he-1") -> list[str]:
    with transaction(engine) as connection:
        return list(read_predictions(connection, model_id)["contact_id"])
