"""The notes that searches are tried on."""

import pytest
from sqlalchemy import Engine

from flows.indexing import index_notes
from store.session import transaction
from tests.desk.searching.twins import Notes
from tests.frames import contact_rows, predictions_of
from tests.store.test_notewords import MODEL, stored

COUNT = 60


@pytest.fixture
def notes(engine: Engine) -> Notes:
    """Sixty classified and indexed contacts with their labels, in the order of their ids."""
    rows = contact_rows(COUNT)
    with transaction(engine) as connection:
        stored(connection, rows)
    index_notes(engine, MODEL)
    ids = sorted(row["contact_id"] for row in rows)
    labels = predictions_of(ids, MODEL).to_dict("records")
    by_id = {row["contact_id"]: row for row in rows}
    return Notes({**by_id[made["contact_id"]], **made} for made in labels)
