"""What is kept up to date equals what is made anew."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from desk.searching import snapshot as module
from desk.searching.filters import Filters
from desk.searching.meaning import levels
from desk.searching.search import Query, search
from desk.searching.snapshot import load
from flows.indexing import index_notes
from store.contacts import drop_contacts
from store.session import open_store, transaction
from tests.desk.searching.twins import CALENDAR, ids_of
from tests.frames import contact, contact_rows
from tests.store.test_notewords import MODEL, stored

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("save", "save", "drop", "load")),
        st.integers(0, 7),
        st.sampled_from(("לא עובד", "חויב פעמיים", "ביקש זיכוי על הכרטיס", "הכרטיסים לא הגיעו")),
        st.sampled_from(("גבייה", "שימור", None)),
    ),
    min_size=1,
    max_size=12,
)
ASKED = ("", "כרטיס", "לא", "פעמיים -זיכוי", '"לא הגיעו"')


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Engine]:
    made = iter(range(10_000))
    return lambda: open_store(f"sqlite:///{tmp_path / f'{next(made)}.db'}")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_a_snapshot_kept_up_to_date_equals_one_made_anew(
    fresh: Callable[[], Engine], changes: list[tuple[str, int, str, str | None]]
) -> None:
    """The same notes in the same order for every question, whatever came in between."""
    engine, kept_snapshot = fresh(), None
    for what, number, text, queue in changes:
        with transaction(engine) as connection:
            if what == "save":
                moment = datetime(2026, 9, 6, tzinfo=UTC) + timedelta(hours=number // 2)
                row = contact(f"c{number}", text=text, queue=queue, contacted_at=moment)
                stored(connection, [row])
            elif what == "drop":
                drop_contacts(connection, [f"c{number}"])
        index_notes(engine, MODEL)
        if what == "load":
            kept_snapshot = load(engine, kept_snapshot)
    kept_snapshot, anew = load(engine, kept_snapshot), load(engine)
    vector = levels(np.ones(64, dtype=np.float32) / 8)
    for text in ASKED:
        for queue in (None, "גבייה"):
            query = Query(text, "both", filters=Filters(queue=queue))
            assert ids_of(kept_snapshot, engine, query, vector) == ids_of(
                anew, engine, query, vector
            )
            one, other = (search(s, query, CALENDAR, vector) for s in (kept_snapshot, anew))
            assert one.counts == other.counts
    engine.dispose()


def test_only_what_is_new_is_read(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing at all where the index is as it was."""
    with transaction(engine) as connection:
        stored(connection, contact_rows(20))
    index_notes(engine, MODEL)
    first = load(engine)
    assert load(engine, first) is first
    with transaction(engine) as connection:
        stored(connection, [contact("new", text="חדש לגמרי")])
    index_notes(engine, MODEL)
    read: list[int] = []
    made = module.notes_of
    monkeypatch.setattr(
        module, "notes_of", lambda rows, names: read.append(len(rows)) or made(rows, names)
    )
    second = load(engine, first)
    assert read == [1]
    assert (first.notes.count, second.notes.count) == (20, 21)
