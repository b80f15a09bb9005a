"""Contacts, the ledger of files and the quarantine, in both databases."""

import random
from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy import Engine

from labels.frames import Contacts, Customers, empty_frame
from store import tables
from store.contacts import (
    FileCounts,
    Saved,
    read_contacts,
    read_files,
    read_quarantine,
)
from store.customers import read_customers
from store.predictions import pending
from store.readings import Reading, known_reading, record_reading
from store.session import get_meta, transaction
from tests.frames import (
    BEGIN,
    contact,
    contact_rows,
    contacts_of,
    rejected_of,
)
from tests.store.saved import TICK, Row, classify, ids, predicted, save, stored


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
