"""Which notes and customers were given own reasons: as a slow count says, in both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from flows.indexing import index_notes
from labels.ownreasons import OwnFigures
from store import tables
from store.contacts import save_contacts
from store.owngiven import given_numbers, given_to_contacts, given_to_customers
from store.ownpredictions import Fitted, forget, save_fitted, save_own, waiting
from store.session import transaction
from tests.frames import contact_rows, contacts_of
from tests.store.test_notewords import MODEL, stored

NAMES = {"own-1": "ת", "own-2": "א"}  # the second by id is the first by name


def has(place: int, reason: str) -> bool:
    return place % (2 if reason == "own-1" else 3) == 0


@pytest.fixture
def rows(engine: Engine) -> list[dict[str, Any]]:
    """Eighty classified contacts by their ids, with the own reasons that they were given."""
    rows = sorted(contact_rows(80), key=lambda row: str(row["contact_id"]))
    with transaction(engine) as connection:
        stored(connection, rows)
        for reason, name in NAMES.items():
            figures = OwnFigures(reason, "v", name, "", 20, 1, 1, 1, 4, 3)
            save_fitted(connection, Fitted(figures, 0.5, ""))
            asked = waiting(connection, MODEL, reason, 80, "")
            assert [note.contact_id for note in asked] == [row["contact_id"] for row in rows]
            p = [float(has(place, reason)) for place in range(80)]
            save_own(connection, reason, "v", asked, p, 0.5)
    return [
        {**row, "own": {reason for reason in NAMES if has(place, reason)}}
        for place, row in enumerate(rows)
    ]


def test_a_note_s_reasons_stand_in_the_order_of_their_names(
    engine: Engine, rows: list[dict[str, Any]]
) -> None:
    asked = [row["contact_id"] for row in rows[:20]]
    with transaction(engine) as connection:
        found = given_to_contacts(connection, [*asked, "nobody"])
        none = given_to_contacts(connection, [])
    assert {one: {own.reason_id for own in given} for one, given in found.items()} == {
        row["contact_id"]: row["own"] for row in rows[:20] if row["own"]
    }
    assert [own.name for own in found[asked[0]]] == ["א", "ת"]
    assert found[asked[0]][0].checked == 4
    assert not none


def test_a_customer_has_the_reasons_of_his_notes_in_a_time_the_latest_first(
    engine: Engine, rows: list[dict[str, Any]]
) -> None:
    moments = sorted(row["contacted_at"] for row in rows)
    since, until = moments[10], moments[70]
    customers = sorted({row["customer_id"] for row in rows if row["customer_id"]})
    last: dict[str, dict[str, Any]] = {}
    for row in rows:
        noted = row["direction"] == "in" or row["channel"] == "survey"
        if row["customer_id"] and noted and since < row["contacted_at"] <= until:
            for reason in row["own"]:
                known = last.setdefault(row["customer_id"], {})
                known[reason] = max(known.get(reason, since), row["contacted_at"])
    with transaction(engine) as connection:
        found = given_to_customers(connection, customers, since, until)
        later = given_to_customers(connection, customers, until + timedelta(days=99), until)
    assert {who: {one.reason_id for one in given} for who, given in found.items()} == {
        who: set(reasons) for who, reasons in last.items()
    }
    assert any(len(given) == 2 for given in found.values())
    for who, given in found.items():
        times = [last[who][one.reason_id] for one in given]
        assert times == sorted(times, reverse=True)
    assert not later


def test_what_was_given_to_another_text_or_by_a_removed_reason_is_not_shown(
    engine: Engine, rows: list[dict[str, Any]]
) -> None:
    both = rows[0]
    changed = next(row for row in contact_rows(80) if row["contact_id"] == both["contact_id"])
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of([{**changed, "text": "טקסט אחר"}]), str)
        assert not given_to_contacts(connection, [both["contact_id"]])
        forget(connection, "own-1")
        found = given_to_contacts(connection, [row["contact_id"] for row in rows])
    assert {one.reason_id for given in found.values() for one in given} == {"own-2"}


def test_the_index_numbers_of_each_reason_are_those_of_its_notes(
    engine: Engine, rows: list[dict[str, Any]]
) -> None:
    index_notes(engine, MODEL)
    words = tables.note_words.c
    with transaction(engine) as connection:
        numbers = {one: n for one, n in connection.execute(select(words.contact_id, words.number))}
        found = given_numbers(connection)
    assert {reason: set(given) for reason, given in found.items()} == {
        reason: {numbers[row["contact_id"]] for row in rows if reason in row["own"]}
        for reason in NAMES
    }
