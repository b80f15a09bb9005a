"""The notes that searches are tried on."""

import pytest
from sqlalchemy import Connection, Engine

from flows.indexing import index_notes
from labels.ownreasons import OwnFigures
from store.ownpredictions import Fitted, save_fitted, save_own, waiting
from store.session import transaction
from tests.desk.searching.twins import Notes
from tests.frames import contact_rows, predictions_of
from tests.store.test_notewords import MODEL, stored

COUNT = 60
OWN = {"own-1": 3, "own-2": 4}


def own_of(place: int) -> frozenset[str]:
    """Return the own reasons of a note by its place among the ids."""
    return frozenset(name for name, every in OWN.items() if place % every == 0)


def given(connection: Connection) -> None:
    """Give every third note one reason, every fourth another, and to the others neither."""
    for name, every in OWN.items():
        save_fitted(connection, Fitted(OwnFigures(name, "v", name, "", 20, 1, 1, 1, 0, 0), 0.5, ""))
        asked = waiting(connection, MODEL, name, COUNT, "")
        p = [float(place % every == 0) for place in range(len(asked))]
        save_own(connection, name, "v", asked, p, 0.5)


@pytest.fixture
def notes(engine: Engine) -> Notes:
    """Sixty classified and indexed contacts with their labels, in the order of their ids."""
    rows = contact_rows(COUNT)
    with transaction(engine) as connection:
        stored(connection, rows)
        given(connection)
    index_notes(engine, MODEL)
    ids = sorted(row["contact_id"] for row in rows)
    labels = predictions_of(ids, MODEL).to_dict("records")
    by_id = {row["contact_id"]: row for row in rows}
    return Notes(
        {**by_id[made["contact_id"]], **made, "own": own_of(place)}
        for place, made in enumerate(labels)
    )
