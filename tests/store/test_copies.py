"""Exact duplicates: one of them counts, in both databases."""

import random
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from nlp.normalize import fingerprint_text
from store import tables
from store.contacts import (
    Saved,
)
from store.session import transaction
from tests.frames import (
    BEGIN,
    contact,
)
from tests.store.saved import TICK, Row, classify, ids, predicted, save, stored

TWO_MINUTES = timedelta(minutes=2)


@pytest.mark.parametrize(
    ("gap", "copy"),
    [
        (timedelta(0), True),
        (TWO_MINUTES - TICK, True),
        (TWO_MINUTES, True),
        (TWO_MINUTES + TICK, False),
    ],
)
def test_a_copy_in_another_file_counts_once(engine: Engine, gap: timedelta, copy: bool) -> None:
    """Same customer, same words, at most two minutes: exactly."""
    first = contact("crm:1", text="הלקוח כועס על החיוב")
    second = contact("chat:9", text="הלקוח  כועס על החיוב ", contacted_at=BEGIN + gap, queue=None)
    assert save(engine, first) == Saved(1, 0, 0)
    assert save(engine, second) == Saved(1 - copy, 0, copy)
    assert len(ids(engine)) == 2 - copy
    assert save(engine, first, second) == Saved(0, 2, 0)


@pytest.mark.parametrize(
    "other", [{"customer_id": "לק-7"}, {"customer_id": None}, {"text": "תודה"}]
)
def test_another_customer_or_text_is_no_copy(engine: Engine, other: Row) -> None:
    """Two people may write the same at once; one may write two things."""
    save(engine, contact("k1"), contact("k2", **other))
    assert ids(engine) == ["k1", "k2"]


def test_nobodys_contacts_are_never_copies(engine: Engine) -> None:
    """Comments without a customer all count, whatever they say."""
    rows = [contact(f"k{i}", customer_id=None, text="תודה רבה") for i in range(5)]
    assert save(engine, *rows) == Saved(5, 0, 0)
    assert len(ids(engine)) == 5


def test_a_copy_comes_to_light_when_the_first_is_corrected(engine: Engine) -> None:
    """A hidden contact is not lost; a copy waits for no prediction and shows none."""
    first, second = contact("k1"), contact("k2", contacted_at=BEGIN + TWO_MINUTES)
    save(engine, first, second)
    classify(engine)
    assert predicted(engine) == ids(engine) == ["k1"]
    save(engine, {**first, "text": "בעצם שאלה על חשבונית"})
    assert ids(engine) == ["k1", "k2"]
    classify(engine)
    assert predicted(engine) == ["k1", "k2"]
    save(engine, first)
    assert ids(engine) == ["k1"]
    classify(engine)
    assert predicted(engine) == ["k1"]


def test_a_copy_saved_with_its_first_comes_to_light_too(engine: Engine) -> None:
    """Contacts of one file hide each other as those of two files do."""
    first, second = contact("k1"), contact("k2", contacted_at=BEGIN + TWO_MINUTES)
    assert save(engine, first, second) == Saved(1, 0, 1)
    save(engine, {**first, "contacted_at": BEGIN - timedelta(hours=1)})
    assert ids(engine) == ["k1", "k2"]


def counted(rows: dict[str, Row]) -> list[str]:
    """The slow, obvious twin: which of these contacts count, in order of time and id."""
    kept: list[Row] = []
    for row in sorted(rows.values(), key=lambda row: (row["contacted_at"], row["contact_id"])):
        is_copy = any(
            row["customer_id"] is not None
            and row["customer_id"] == earlier["customer_id"]
            and fingerprint_text(row["text"]) == fingerprint_text(earlier["text"])
            and row["contacted_at"] - earlier["contacted_at"] <= TWO_MINUTES
            for earlier in kept
        )
        if not is_copy:
            kept.append(row)
    return [row["contact_id"] for row in kept]


VERSIONS = st.builds(
    lambda number, customer, text, seconds: contact(
        f"k{number}",
        customer_id=customer,
        text=text,
        contacted_at=BEGIN + timedelta(seconds=seconds),
    ),
    st.integers(0, 9),
    st.sampled_from(["לק-1", "לק-2", None]),
    st.sampled_from(["אין אינטרנט", " אין  אינטרנט", "חיוב כפול"]),
    st.integers(0, 12).map(lambda halves: 30 * halves),
)
LOADS = st.lists(
    st.lists(VERSIONS, max_size=8, unique_by=lambda row: row["contact_id"]), max_size=5
)


def emptied(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(delete(tables.contacts))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LOADS)
def test_the_contacts_follow_from_the_last_version_of_each_row(
    engine: Engine, loads: list[list[Row]]
) -> None:
    """Whatever was saved before: new rows, corrections, copies of copies; the counts add up."""
    emptied(engine)
    last: dict[str, Row] = {}
    for load in loads:
        before, was_known = counted(last), set(last)
        changed = sum(last.get(row["contact_id"]) not in (None, row) for row in load)
        saved = save(engine, *load)
        last |= {row["contact_id"]: row for row in load}
        assert saved.stored + saved.known + saved.duplicates == len(load)
        assert saved.known == sum(row["contact_id"] in was_known for row in load) - changed
        assert ids(engine) == counted(last)
        if not changed:
            assert saved.stored == len(counted(last)) - len(before)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(VERSIONS, unique_by=lambda row: row["contact_id"]), st.randoms(use_true_random=False)
)
def test_pieces_and_order_do_not_matter(
    engine: Engine, rows: list[Row], chance: random.Random
) -> None:
    """The same rows give the same contacts however the files were cut and in whatever order."""
    emptied(engine)
    save(engine, *rows)
    at_once = stored(engine)
    emptied(engine)
    chance.shuffle(rows)
    while rows:
        size = chance.randint(1, len(rows))
        save(engine, *rows[:size])
        rows = rows[size:]
    pd.testing.assert_frame_equal(stored(engine), at_once)
