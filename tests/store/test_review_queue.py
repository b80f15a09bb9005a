"""The review queue: unclear notes and a random sample, each to one person, some to two."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, select

from store import tables
from store.audits import LABELS
from store.contacts import save_contacts
from store.desk_session import desk_reading, desk_writing, open_desk_store
from store.predictions import Pending, save_predictions
from store.review_queue import (
    AT_WORK,
    LATER,
    STEP,
    Candidate,
    Part,
    Undone,
    candidates,
    first_free,
    for_two,
    note_turn,
    taken_of,
    undo_last,
)
from store.reviews import read_reviews, save_review
from store.session import transaction
from tests.frames import contact_rows, contacts_of, predictions_of

COUNT = STEP + 60  # more than one query brings
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
NOTHING = {**dict.fromkeys(LABELS, False), "churn_intent": "none", "resolution": "open"}


@pytest.fixture
def data(engine: Engine) -> Engine:
    """A store of contacts, all classified; every ninth is unclear."""
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(contact_rows(COUNT)), str)
        contact = tables.contacts.c
        rows = connection.execute(
            select(contact.contact_id, contact.text, contact.text_digest).order_by(
                contact.contact_id
            )
        )
        waiting = [Pending(*row) for row in rows]
        made = predictions_of([one.contact_id for one in waiting])
        save_predictions(connection, made, waiting)
    return engine


@pytest.fixture
def desk(store_url: str) -> Iterator[Engine]:
    """An empty desk store."""
    opened = open_desk_store(store_url)
    yield opened
    opened.dispose()


def order(data: Engine, part: Part) -> list[Candidate]:
    with transaction(data) as connection:
        return list(candidates(connection, part, "he-1"))


def given(data: Engine, desk: Engine, user: str, share: float = 0.0, now: datetime = NOW) -> str:
    """Return the contact that a person is given next, of the random part."""
    with transaction(data) as reads, desk_reading(desk) as connection:
        taken = taken_of(connection, user, now)
        found = first_free(candidates(reads, Part.RANDOM, "he-1"), taken, share)
    assert found is not None
    return found.contact_id


def review(desk: Engine, user: str, one: Candidate, at: datetime = NOW) -> None:
    with desk_writing(desk) as connection:
        save_review(
            connection,
            contact_id=one.contact_id,
            text_digest=one.text_digest,
            user_name=user,
            at=at,
            source="review",
            labels=NOTHING,
        )


def test_the_sample_is_every_contact_once_by_its_digest(data: Engine) -> None:
    """Twin: all rows of the table, sorted in Python."""
    with transaction(data) as connection:
        rows = connection.execute(select(tables.contacts)).mappings().all()
    expected = sorted(
        (row["row_digest"], row["contact_id"]) for row in rows if not row["duplicate"]
    )
    assert [one.contact_id for one in order(data, Part.RANDOM)] == [name for _, name in expected]
    assert len(expected) == COUNT


def test_unclear_notes_come_from_the_other_end(data: Engine) -> None:
    with transaction(data) as connection:
        query = select(tables.predictions.c.contact_id).where(tables.predictions.c.unclear)
        unclear = set(connection.execute(query).scalars())
        assert len(unclear) > 10
        assert not list(candidates(connection, Part.UNCLEAR, "he-2"))
    expected = [one for one in reversed(order(data, Part.RANDOM)) if one.contact_id in unclear]
    assert order(data, Part.UNCLEAR) == expected


def test_an_unclear_note_whose_text_changed_waits_for_its_prediction(data: Engine) -> None:
    first = order(data, Part.UNCLEAR)[0]
    rows = [row for row in contact_rows(COUNT) if row["contact_id"] == first.contact_id]
    with transaction(data) as connection:
        save_contacts(connection, contacts_of([{**rows[0], "text": "טקסט אחר"}]), str)
    assert first.contact_id not in {one.contact_id for one in order(data, Part.UNCLEAR)}


def test_a_note_goes_to_one_person_and_its_new_text_to_anyone(data: Engine, desk: Engine) -> None:
    one, two, three = order(data, Part.RANDOM)[:3]
    review(desk, "dana", one)
    assert given(data, desk, "dana") == given(data, desk, "noa") == two.contact_id
    review(desk, "noa", two)
    assert given(data, desk, "dana") == three.contact_id
    with desk_writing(desk) as connection:  # as if the first one's text were another now
        save_review(
            connection,
            contact_id=one.contact_id,
            text_digest="of another text",
            user_name="dana",
            at=NOW,
            source="review",
            labels=NOTHING,
        )
    assert given(data, desk, "noa") == one.contact_id


def test_a_share_goes_to_two_and_to_no_third(data: Engine, desk: Engine) -> None:
    one, two = order(data, Part.RANDOM)[:2]
    review(desk, "dana", one)
    assert given(data, desk, "noa", share=1.0) == one.contact_id
    review(desk, "noa", one)
    assert given(data, desk, "gil", share=1.0) == two.contact_id


def test_the_share_for_two_is_about_what_is_asked() -> None:
    names = [f"notes:{number}" for number in range(5000)]
    found = pd.Series([for_two(name, 0.2) for name in names])
    assert 0.17 < found.mean() < 0.23
    assert not any(for_two(name, 0.0) for name in names)
    assert all(for_two(name, 1.0) for name in names)


def test_what_lies_before_one_is_not_given_to_another(data: Engine, desk: Engine) -> None:
    """Until the person moves on, or is gone for a while."""
    one, two = order(data, Part.RANDOM)[:2]
    with desk_writing(desk) as connection:
        note_turn(connection, "dana", one.contact_id, NOW)
    assert given(data, desk, "dana") == one.contact_id
    assert given(data, desk, "noa") == two.contact_id
    assert given(data, desk, "noa", now=NOW + AT_WORK) == one.contact_id
    with desk_writing(desk) as connection:
        note_turn(connection, "dana", two.contact_id, NOW)
    assert given(data, desk, "noa") == one.contact_id


def test_a_skipped_note_comes_again_after_a_day_and_to_others_at_once(
    data: Engine, desk: Engine
) -> None:
    one, two = order(data, Part.RANDOM)[:2]
    with desk_writing(desk) as connection:
        note_turn(connection, "dana", one.contact_id, NOW, skipped=True)
    assert given(data, desk, "dana") == two.contact_id
    assert given(data, desk, "noa") == one.contact_id
    assert given(data, desk, "dana", now=NOW + LATER + timedelta(seconds=1)) == one.contact_id


def test_undo_takes_the_last_review_back_and_nobody_elses(data: Engine, desk: Engine) -> None:
    one, two = order(data, Part.RANDOM)[:2]
    review(desk, "dana", one)
    review(desk, "dana", two, NOW + timedelta(seconds=5))
    review(desk, "noa", one, NOW + timedelta(seconds=9))
    with desk_writing(desk) as connection:
        assert undo_last(connection, "dana") == Undone(two.contact_id, False)
        assert undo_last(connection, "dana") == Undone(one.contact_id, False)
        assert undo_last(connection, "dana") is None
    with desk_reading(desk) as connection:
        assert list(read_reviews(connection)["user_name"]) == ["noa"]
