"""The index of notes follows the contacts: corrected, removed and hidden rows leave it."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from flows.indexing import index_notes
from store import notewords
from store.contacts import drop_contacts, save_contacts
from store.predictions import pending, save_predictions
from store.session import open_store, transaction
from tests.frames import contact, contact_rows, contacts_of, predictions_of

MODEL = "he-1"


def stored(connection: Connection, rows: list[dict[str, Any]], model_id: str = MODEL) -> None:
    """Save contacts and give those that have none a prediction."""
    save_contacts(connection, contacts_of(rows), str)
    waiting = pending(connection, model_id, 10_000)
    made = predictions_of([one.contact_id for one in waiting], model_id)
    save_predictions(connection, made, waiting)


def index_of(engine: Engine) -> dict[str, tuple[object, ...]]:
    """Return what search reads of each contact, without its number."""
    with transaction(engine) as connection:
        rows = notewords.indexed_notes(connection, 0, 10_000)
        assert notewords.numbers(connection) == [row.number for row in rows]
    return {row.contact_id: tuple(row)[1:] for row in rows}


def test_words_are_indexed_once(engine: Engine) -> None:
    """Prefixes, shorthand and numbers stay as they are written; a second time there is no work."""
    note = contact("a", text='לק׳ שילם 240 ש״ח בהו"ק, ביקש [שם]')
    with transaction(engine) as connection:
        stored(connection, [note])
    assert index_notes(engine, MODEL) == 1
    assert index_of(engine)["a"][-2] == 'לק\' שילם 240 ש"ח בהו"ק ביקש'
    with transaction(engine) as connection:
        state = notewords.state(connection)
    assert index_notes(engine, MODEL) == 0
    with transaction(engine) as connection:
        assert notewords.state(connection) == state


def test_a_number_is_never_given_twice(engine: Engine) -> None:
    """Who has read up to a number would miss a row that came back under it."""
    with transaction(engine) as connection:
        stored(connection, [contact("a"), contact("b", text="אחר")])
    index_notes(engine, MODEL)
    with transaction(engine) as connection:
        last = notewords.number_of(connection, "b")
        stored(connection, [contact("b", text="טקסט מתוקן")])
    assert index_notes(engine, MODEL) == 1
    with transaction(engine) as connection:
        now = notewords.number_of(connection, "b")
    assert last is not None
    assert now is not None
    assert now > last


def test_the_index_is_of_one_model(engine: Engine) -> None:
    """Vectors of two models cannot be compared."""
    with transaction(engine) as connection:
        stored(connection, contact_rows(4))
    index_notes(engine, MODEL)
    with transaction(engine) as connection:
        stored(connection, [], "he-2")
    assert index_notes(engine, "he-2") == 4
    assert len(index_of(engine)) == 4
    with transaction(engine) as connection:
        assert notewords.model_of(connection) == "he-2"


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("save", "drop", "index")),
        st.integers(0, 5),
        st.sampled_from(("לא עובד", "חויב פעמיים", "ביקש זיכוי", "לא עובד ")),
        st.sampled_from(("גבייה", "שימור")),
    ),
    max_size=14,
)


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Engine]:
    made = iter(range(10_000))

    return lambda: open_store(f"sqlite:///{tmp_path / f'{next(made)}.db'}")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_kept_up_to_date_equals_made_anew(
    fresh: Callable[[], Engine], changes: list[tuple[str, int, str, str]]
) -> None:
    """Whatever was saved, corrected, dropped and indexed in between."""
    kept, anew = fresh(), fresh()
    for engine in (kept, anew):
        for what, number, text, queue in changes:
            with transaction(engine) as connection:
                if what == "save":
                    stored(connection, [contact(f"c{number}", text=text, queue=queue)])
                elif what == "drop":
                    drop_contacts(connection, [f"c{number}"])
            if what == "index" and engine is kept:
                index_notes(engine, MODEL)
        index_notes(engine, MODEL)
    assert index_of(kept) == index_of(anew)
    for engine in (kept, anew):
        engine.dispose()


def test_an_unclassified_contact_waits(engine: Engine) -> None:
    """What search filters by is the model's."""
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of([contact("a")]), str)
        waiting = notewords.unindexed(connection, MODEL, 10)
    assert [asdict(one) for one in waiting] == []
