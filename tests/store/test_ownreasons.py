"""Reasons of people's own: what is kept of them, and what people confirm."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from labels.ownreasons import OwnFigures
from store.contacts import save_contacts
from store.desk_session import desk_reading, desk_writing, open_desk_store
from store.ownpredictions import (
    Fitted,
    Waiting,
    count_present,
    forget,
    next_to_check,
    random_notes,
    read_figures,
    read_fitted,
    read_own,
    save_checked,
    save_fitted,
    save_own,
    waiting,
)
from store.ownreasons import (
    OwnReasonError,
    add_reason,
    checked_notes,
    count_checks,
    read_reasons,
    remove_reason,
    save_check,
)
from store.predictions import Pending, save_predictions
from store.rows import digest
from store.session import get_meta, transaction
from tests.frames import contact_rows, contacts_of, predictions_of

AT = datetime(2026, 3, 1, tzinfo=UTC)
TEXTS = [f"הטכנאי לא הגיע, פעם {n}" for n in range(20)]
FITTED = Fitted(OwnFigures("own-1", "v1", "טכנאי", "לא הגיע", 20, 17, 400, 3, 0, 0), 0.5, "AAAA")


@pytest.fixture
def desk(store_url: str) -> Iterator[Engine]:
    """An empty desk store, once in each kind of database."""
    opened = open_desk_store(store_url)
    yield opened
    opened.dispose()


@pytest.fixture
def data(engine: Engine) -> Engine:
    """A store of twelve contacts, all classified."""
    rows = sorted(contact_rows(12), key=lambda row: str(row["contact_id"]))
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows), str)
        pending = [Pending(row["contact_id"], row["text"], digest(row["text"])) for row in rows]
        save_predictions(connection, predictions_of([row.contact_id for row in pending]), pending)
    return engine


def add(desk: Engine, name: str = "טכנאי", examples: Sequence[str] = TEXTS) -> str:
    with desk_writing(desk) as connection:
        return add_reason(
            connection,
            name=name,
            description="לא הגיע או איחר",
            examples=examples,
            user_name="dana",
            at=AT,
        )


def test_a_reason_comes_back_with_its_different_examples(desk: Engine) -> None:
    reason_id = add(desk, "  טכנאי   שלא הגיע ", [*TEXTS, f"  {TEXTS[0]} ", "", TEXTS[1]])
    add(desk, "אחרת")
    with desk_reading(desk) as connection:
        found = read_reasons(connection)
    assert [one.name for one in found] == ["אחרת", "טכנאי שלא הגיע"]
    assert (found[1].reason_id, found[1].description) == (reason_id, "לא הגיע או איחר")
    assert set(found[1].examples) == set(TEXTS)
    assert len(found[1].examples) == 20


@pytest.mark.parametrize(
    ("name", "examples", "code"),
    [
        ("", TEXTS, "name"),
        ("א" * 61, TEXTS, "name"),
        ("טכנאי", TEXTS[:19], "few"),
        ("טכנאי", [TEXTS[0]] * 30, "few"),
        ("טכנאי", [f"טקסט {n}" for n in range(501)], "many"),
    ],
)
def test_what_cannot_be_learnt_is_refused(
    desk: Engine, name: str, examples: list[str], code: str
) -> None:
    with pytest.raises(OwnReasonError) as refused:
        add(desk, name, examples)
    assert refused.value.code == code
    with desk_reading(desk) as connection:
        assert not read_reasons(connection)


def test_a_name_is_used_once_until_its_reason_goes(desk: Engine) -> None:
    reason_id = add(desk)
    with pytest.raises(OwnReasonError, match="already"):
        add(desk)
    with desk_writing(desk) as connection:
        assert remove_reason(connection, reason_id)
        assert not remove_reason(connection, reason_id)
    add(desk)


def check(desk: Engine, contact: str, *, present: bool, version: str = "v1") -> None:
    with desk_writing(desk) as connection:
        save_check(
            connection,
            reason_id="own-1",
            contact_id=contact,
            text_digest="1",
            version=version,
            user_name="dana",
            at=AT,
            present=present,
        )


def test_checks_are_counted_of_their_version_the_last_word_of_each_note(desk: Engine) -> None:
    check(desk, "a", present=True)
    check(desk, "b", present=True)
    check(desk, "b", present=False)
    check(desk, "c", present=True, version="v2")
    with desk_reading(desk) as connection:
        assert count_checks(connection, "own-1", "v1") == (2, 1)
        assert count_checks(connection, "own-1", "v2") == (1, 1)
        assert count_checks(connection, "own-2", "v1") == (0, 0)
        assert checked_notes(connection, "own-1", "v1") == {"a", "b"}


def test_each_note_is_asked_once_until_its_text_changes(data: Engine) -> None:
    with transaction(data) as connection:
        save_fitted(connection, FITTED)
        first = waiting(connection, "he-1", "own-1", 5, "")
        save_own(connection, "own-1", "v1", first, [0.9, 0.4, 0.5, 0.1, 0.2], 0.5)
        rest = waiting(connection, "he-1", "own-1", 99, "")
        assert [one.contact_id for one in (*first, *rest)] == sorted(
            row["contact_id"] for row in contact_rows(12)
        )
        assert count_present(connection, "own-1") == (5, 2)
        assert waiting(connection, "he-1", "own-1", 99, rest[-2].contact_id) == rest[-1:]
        assert not waiting(connection, "he-2", "own-1", 99, "")
        found = read_own(connection)
        assert list(found["present"]) == [True, False, True, False, False]
        changed = [row for row in contact_rows(12) if row["contact_id"] == first[0].contact_id]
        save_contacts(connection, contacts_of([{**changed[0], "text": "אחר"}]), str)
        assert len(read_own(connection)) == 4
        assert count_present(connection, "own-1") == (4, 1)  # what is counted is what is read


def test_a_new_model_of_a_reason_forgets_the_old_one_s_notes(data: Engine) -> None:
    with transaction(data) as connection:
        save_fitted(connection, FITTED)
        notes = random_notes(connection, "he-1", 3)
        save_own(connection, "own-1", "v1", notes, [1.0, 1.0, 1.0], 0.5)
        save_checked(connection, "own-1", 10, 8)
        assert [(one.checked, one.confirmed) for one in read_figures(connection)] == [(10, 8)]
        before = get_meta(connection, "revision")
        save_fitted(connection, FITTED)
        assert read_fitted(connection) == [FITTED]
        assert read_own(connection).empty
        assert get_meta(connection, "revision") != before
        forget(connection, "own-1")
        assert not read_figures(connection)


def test_notes_to_check_are_a_random_sample_of_those_given_the_reason(data: Engine) -> None:
    with transaction(data) as connection:
        save_fitted(connection, FITTED)
        drawn: list[Waiting] = random_notes(connection, "he-1", 12)
        p = [1.0 if place % 2 else 0.0 for place in range(12)]
        save_own(connection, "own-1", "v1", drawn, p, 0.5)
        given = [note.contact_id for note, value in zip(drawn, p, strict=True) if value]
        seen: set[str] = set()
        for contact in given:
            assert next_to_check(connection, "own-1", seen) == contact
            seen.add(contact)
        assert next_to_check(connection, "own-1", seen) is None
