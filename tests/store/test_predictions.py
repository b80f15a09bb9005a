"""Predictions: what waits for one, and how a stopped classification goes on."""

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, event, text

from store.contacts import read_contacts, save_contacts
from store.predictions import (
    Pending,
    count_pending,
    pending,
    read_predictions,
    save_predictions,
)
from store.session import get_meta, open_store, transaction
from tests.frames import contact, contact_rows, contacts_of, predictions_of

IDS = [f"notes:{100_000 + i}" for i in range(25)]


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A store of 25 contacts without predictions, saved in two loads, the later ids first."""
    rows = contact_rows(25)
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows[12:]), str)
        save_contacts(connection, contacts_of(rows[:12]), str)
    return engine


def classify(engine: Engine, limit: int, model_id: str = "he-1") -> list[str]:
    """Classify one chunk; return its contacts."""
    with transaction(engine) as connection:
        chunk = pending(connection, model_id, limit)
        ids = [item.contact_id for item in chunk]
        save_predictions(connection, predictions_of(ids, model_id), chunk)
    return ids


def waiting(engine: Engine, model_id: str = "he-1") -> int:
    with transaction(engine) as connection:
        count = count_pending(connection, model_id)
        assert count == len(pending(connection, model_id, 1000))
        return count


def read(engine: Engine, model_id: str = "he-1") -> pd.DataFrame:
    with transaction(engine) as connection:
        return read_predictions(connection, model_id)


def test_what_waits_comes_with_its_text_in_the_order_of_ids(store: Engine) -> None:
    """Chunks are the same in every run, whatever the order of the files."""
    with transaction(store) as connection:
        chunk = pending(connection, "he-1", 10)
        texts = read_contacts(connection).set_index("contact_id")["text"]
        assert [item.contact_id for item in chunk] == IDS[:10]
        assert [item.text for item in chunk] == list(texts[IDS[:10]])
        assert [item.contact_id for item in pending(connection, "he-1", 10, IDS[21])] == IDS[22:]
        assert pending(connection, "he-1", 10, IDS[-1]) == []


def test_a_stopped_classification_goes_on_where_it_was(store: Engine, store_url: str) -> None:
    """Another process takes the next chunks; each contact is classified once."""
    assert classify(store, 10) == IDS[:10]
    store.dispose()
    later = open_store(store_url)
    assert waiting(later) == 15
    assert [classify(later, 10), classify(later, 10), classify(later, 10)] == [
        IDS[10:20],
        IDS[20:],
        [],
    ]
    assert list(read(later)["contact_id"]) == IDS
    later.dispose()


def test_a_chunk_that_fails_is_waiting_again(store: Engine) -> None:
    """No half of a chunk stays behind."""
    with transaction(store) as connection:
        chunk = pending(connection, "he-1", 10)
    frame = predictions_of([item.contact_id for item in chunk])
    with pytest.raises(ValueError, match="order"), transaction(store) as connection:
        _save_and_fail(connection, frame, chunk)
    assert waiting(store) == 25


def _save_and_fail(connection: object, frame: pd.DataFrame, chunk: list[Pending]) -> None:
    save_predictions(connection, frame, chunk)
    save_predictions(connection, frame.iloc[::-1], chunk)


def test_predictions_come_back_as_they_were(store: Engine) -> None:
    """Probabilities to the last bit, decisions as booleans, evidence as its JSON."""
    made = predictions_of(IDS)
    with transaction(store) as connection:
        save_predictions(connection, made, pending(connection, "he-1", 100))
    pd.testing.assert_frame_equal(read(store), made)


def test_without_predictions_the_columns_have_their_types(store: Engine) -> None:
    """What reads them need not ask whether there are any."""
    pd.testing.assert_series_equal(read(store).dtypes, predictions_of(IDS[:1]).dtypes)
    assert read(store).empty


def test_another_models_predictions_are_kept(store: Engine) -> None:
    """A new model starts from nothing and takes nothing away; going back costs nothing."""
    classify(store, 100, "he-1")
    before = read(store, "he-1")
    assert waiting(store, "he-2") == 25
    classify(store, 5, "he-2")
    assert list(read(store, "he-2")["contact_id"]) == IDS[:5]
    pd.testing.assert_frame_equal(read(store, "he-1"), before)
    assert waiting(store, "he-1") == 0


def test_a_prediction_made_again_replaces_the_first(store: Engine) -> None:
    """A contact has one prediction of a model."""
    with transaction(store) as connection:
        chunk = pending(connection, "he-1", 3)
        save_predictions(connection, predictions_of(IDS[:3]), chunk)
        again = predictions_of(IDS[:3]).assign(churn_intent="explicit")
        save_predictions(connection, again, chunk)
    pd.testing.assert_frame_equal(read(store), again)


def test_a_prediction_of_an_older_text_does_not_count(store: Engine) -> None:
    """The text was corrected while its old version was being classified."""
    with transaction(store) as connection:
        chunk = pending(connection, "he-1", 1)
        corrected = contact(IDS[0], text="תוקן: הלקוח קיבל זיכוי")
        save_contacts(connection, contacts_of([corrected]), str)
        save_predictions(connection, predictions_of(IDS[:1]), chunk)
        assert pending(connection, "he-1", 1)[0].text == corrected["text"]
    assert read(store).empty
    assert classify(store, 1) == IDS[:1]
    assert list(read(store)["contact_id"]) == IDS[:1]


def test_new_predictions_make_the_figures_stale(store: Engine) -> None:
    """The revision moves with every chunk, and not with an empty one."""
    revisions = []
    for limit in (20, 20, 20):
        classify(store, limit)
        with transaction(store) as connection:
            revisions.append(get_meta(connection, "revision"))
    assert revisions[0] != revisions[1] == revisions[2]


def test_a_chunk_is_found_without_reading_the_table(sqlite_url: str) -> None:
    """From the last id on, by the index and without sorting: a long run stays linear."""
    engine = open_store(sqlite_url)
    plans: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _explain(
        connection: Connection, _cursor: object, statement: str, parameters: object, *_more: object
    ) -> None:
        if statement.startswith("SELECT contacts.contact_id"):
            plan = connection.connection.cursor().execute(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
            plans.extend(row[3] for row in plan)

    with transaction(engine) as connection:
        pending(connection, "he-1", 10, "notes:5")
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
    assert len(plans) == 2
    assert all(plan.startswith("SEARCH") for plan in plans), plans
    assert "contact_id>?" in plans[0]
