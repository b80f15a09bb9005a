"""Contacts, the roster, the ledger of files and the quarantine, in both databases."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from labels.frames import Contacts, Customers, empty_frame
from nlp.normalize import fingerprint_text
from store import tables
from store.contacts import (
    FileCounts,
    Saved,
    read_contacts,
    read_files,
    read_quarantine,
    save_contacts,
)
from store.customers import read_customers
from store.predictions import pending, read_predictions, save_predictions
from store.readings import Reading, known_reading, record_reading
from store.session import get_meta, transaction
from tests.frames import (
    BEGIN,
    contact,
    contact_rows,
    contacts_of,
    predictions_of,
    rejected_of,
)

TWO_MINUTES = timedelta(minutes=2)
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


def revision(engine: Engine) -> str | None:
    with transaction(engine) as connection:
        return get_meta(connection, "revision")


def test_contacts_come_back_as_they_were(engine: Engine) -> None:
    """Every column, to the microsecond, with what is missing missing; ordered by time and id."""
    rows = contact_rows(120)
    random.Random(3).shuffle(rows)
    save(engine, *rows)
    expected = contacts_of(rows).sort_values(["contacted_at", "contact_id"], ignore_index=True)
    read = stored(engine)
    pd.testing.assert_frame_equal(read, expected)
    Contacts.validate(read)
    assert read["contacted_at"].dt.microsecond.nunique() > 100


def test_an_empty_store_has_frames_with_columns_and_types(engine: Engine) -> None:
    """What reads a store need not ask whether it is empty."""
    assert save(engine) == Saved(0, 0, 0)
    with transaction(engine) as connection:
        contacts, customers = read_contacts(connection), read_customers(connection)
        assert list(read_quarantine(connection).columns) == list(rejected_of(1).columns)
        assert read_files(connection).empty
    for read, model in ((contacts, Contacts), (customers, Customers)):
        assert read.empty
        pd.testing.assert_series_equal(read.dtypes, empty_frame(model).dtypes)


def test_ids_are_ordered_alike_in_every_database(engine: Engine) -> None:
    """By code points: letters, signs and scripts mixed."""
    names = ["ב:1", "א:10", "א:2", "B", "a", "_", "a-1", "a1", "Z", "ﬀ", "\U0001f600", "א"]
    save(engine, *(contact(name, text=f"פנייה {i}") for i, name in enumerate(names)))
    assert ids(engine) == sorted(names)


def test_the_same_rows_again_are_known(engine: Engine) -> None:
    """A file under a new name adds nothing, and leaves the figures current."""
    rows = contact_rows(30)
    assert save(engine, *rows) == Saved(30, 0, 0)
    before = revision(engine)
    assert save(engine, *rows[10:]) == Saved(0, 20, 0)
    assert revision(engine) == before
    assert save(engine, *rows[20:], contact("new")) == Saved(1, 10, 0)
    assert revision(engine) != before


@pytest.mark.parametrize(
    "correction",
    [
        {"text": "הלקוח ביקש ניתוק"},
        {"customer_id": None},
        {"contacted_at": BEGIN + TICK},
        {"queue": None},
        {"handle_seconds": 62.0},
        {"crm_resolved": False},
        {"nps": 0.0},
    ],
    ids=lambda correction: next(iter(correction)),
)
def test_a_corrected_row_replaces_its_contact(engine: Engine, correction: Row) -> None:
    """Any column counts, the smallest step in time too."""
    rows = contact_rows(3)
    save(engine, *rows)
    rows[0] |= correction
    assert save(engine, *rows) == Saved(1, 2, 0)
    expected = contacts_of(rows).sort_values(["contacted_at", "contact_id"], ignore_index=True)
    pd.testing.assert_frame_equal(stored(engine), expected)


def test_only_a_corrected_text_loses_its_predictions(engine: Engine) -> None:
    """Of every model, and of nobody else; other corrections cost no classification."""
    rows = contact_rows(4)
    save(engine, *rows)
    for model_id in ("he-1", "he-2"):
        classify(engine, model_id)
    save(engine, {**rows[0], "text": "תיקון: חויב פעמיים"}, {**rows[1], "queue": "שימור", "nps": 3})
    left = [row["contact_id"] for row in rows[1:]]
    assert predicted(engine, "he-1") == predicted(engine, "he-2") == left
    with transaction(engine) as connection:
        query = tables.predictions.select().where(
            tables.predictions.c.contact_id == rows[0]["contact_id"]
        )
        assert connection.execute(query).all() == []
        assert [item.text for item in pending(connection, "he-1", 9)] == ["תיקון: חויב פעמיים"]


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


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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


def test_what_no_database_holds_is_replaced_once(engine: Engine) -> None:
    """Lone surrogates and NUL become U+FFFD, also in ids; the same row again is known."""
    row = contact("k\ud800", text="הלקוח \udcff ניתק\x00", queue="תמיכה\udc80", agent_id="\x00")
    assert save(engine, row) == Saved(1, 0, 0)
    assert save(engine, row) == Saved(0, 1, 0)
    read = stored(engine).iloc[0]
    assert read["contact_id"] == "k\ufffd"
    assert read["text"] == "הלקוח \ufffd ניתק\ufffd"
    assert read["queue"] == "תמיכה\ufffd"


def test_more_rows_than_one_statement_takes(engine: Engine) -> None:
    """Saving, finding again and correcting cross the edges of statements."""
    rows = contact_rows(1203)
    assert save(engine, *rows) == Saved(1203, 0, 0)
    fixed = [{**row, "text": row["text"] + " תוקן", "product": "x"} for row in rows]
    assert save(engine, *fixed[:1001], *rows[1001:]) == Saved(1001, 202, 0)
    assert (stored(engine)["product"] == "x").sum() == 1001


def test_a_files_counts_and_rejected_rows_are_kept(engine: Engine) -> None:
    """The ledger says what became of each row; a name that is no text is kept readable."""
    name = "פניות \udcff.csv"
    first, other = Reading(name, "c1", "r1"), Reading("א.csv", "c2", "r1")
    counts = FileCounts(first.file_id, name, "crm", "windows-1255", 10, 5, 2, 1, 2)
    with transaction(engine) as connection:
        assert known_reading(connection, first) is None
        record_reading(connection, first, counts, rejected_of(2))
        rest = replace(counts, file_id=other.file_id, name="א.csv")
        record_reading(connection, other, rest, rejected_of(0))
    kept = replace(counts, name="פניות \ufffd.csv")
    with transaction(engine) as connection:
        assert known_reading(connection, first) == kept
        assert known_reading(connection, Reading(name, "c1", "r2")) is None
        assert known_reading(connection, Reading("עותק.csv", "c1", "r1")) == kept
        pd.testing.assert_frame_equal(
            read_quarantine(connection), rejected_of(2), check_dtype=False
        )
        assert list(read_files(connection)["name"]) == ["א.csv", "פניות \ufffd.csv"]
