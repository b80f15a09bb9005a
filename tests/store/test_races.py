"""People who write in the same moment: of a row the last one's stays, of a new name the first's."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, select

from keshev.errors import KeshevError
from labels.ownreasons import LEAST_EXAMPLES
from store.audits import LABELS
from store.desk_session import desk_reading, desk_writing, open_desk_store, set_desk_meta
from store.desk_tables import desk_meta, users
from store.desk_tables_review import own_checks, own_reasons, review_turns, reviews, settlements
from store.ownreasons import add_reason, save_check
from store.review_queue import note_turn
from store.reviews import save_review, save_settlement
from store.rows import put_row
from store.users import User, add_user

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PEOPLE, ROWS = 8, 12
NOTHING = {**dict.fromkeys(LABELS, False), "churn_intent": "none", "resolution": "open"}
Write = Callable[[Connection, str, int], None]


@pytest.fixture
def desk(store_url: str) -> Iterator[Engine]:
    """An empty desk store, once in each kind of database."""
    opened = open_desk_store(store_url)
    yield opened
    opened.dispose()


def moment(who: int) -> datetime:
    return AT + timedelta(minutes=who)


def review(connection: Connection, row: str, who: int) -> None:
    """One person in several windows: the row is his own."""
    save_review(
        connection,
        contact_id=row,
        text_digest="digest",
        user_name="dana",
        at=moment(who),
        source="review",
        labels=NOTHING,
    )


def settlement(connection: Connection, row: str, who: int) -> None:
    save_settlement(
        connection,
        contact_id=row,
        text_digest="digest",
        user_name=f"p{who}",
        at=moment(who),
        labels=NOTHING,
    )


def check(connection: Connection, row: str, who: int) -> None:
    save_check(
        connection,
        reason_id="own-1",
        contact_id=row,
        text_digest="digest",
        version="v",
        user_name=f"p{who}",
        at=moment(who),
        present=True,
    )


def skip(connection: Connection, row: str, who: int) -> None:
    note_turn(connection, "dana", row, moment(who), skipped=True)


def together(work: Callable[[int], None]) -> None:
    """Let all people work at once; raise what any of them met."""
    start = threading.Barrier(PEOPLE)

    def begin(who: int) -> None:
        start.wait()
        work(who)

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(begin, range(PEOPLE)))


def written(desk: Engine, table: Table, key: str, value: str) -> dict[str, Any]:
    with desk_reading(desk) as connection:
        rows = connection.execute(select(table.c[key], table.c[value])).all()
    assert len(rows) == len({row[0] for row in rows})
    return {row[0]: row[1] for row in rows}


@pytest.mark.parametrize(
    ("write", "table"),
    [(review, reviews), (settlement, settlements), (check, own_checks), (skip, review_turns)],
)
def test_of_all_who_write_a_row_at_once_the_last_ones_words_stay(
    desk: Engine, write: Write, table: Table
) -> None:
    """Who wrote holds the row until he commits, so that the lists are in the commits' order."""
    order: dict[str, list[int]] = {f"c{number}": [] for number in range(ROWS)}

    def work(who: int) -> None:
        for row, writers in order.items():
            with desk_writing(desk) as connection:
                write(connection, row, who)
                writers.append(who)

    together(work)
    assert all(len(writers) == PEOPLE for writers in order.values())
    expected = {row: moment(writers[-1]) for row, writers in order.items()}
    assert written(desk, table, "contact_id", "at") == expected


def test_the_desks_own_notes_bear_many_writers(desk: Engine) -> None:
    order: list[int] = []

    def work(who: int) -> None:
        for _ in range(ROWS):
            with desk_writing(desk) as connection:
                set_desk_meta(connection, "key", str(who))
                order.append(who)

    together(work)
    assert written(desk, desk_meta, "key", "value")["key"] == str(order[-1])


def test_a_person_with_many_windows_goes_from_note_to_note(desk: Engine) -> None:
    """Each window frees what lies in the others; nobody waits in a ring, and no note is lost."""

    def work(who: int) -> None:
        for step in range(ROWS):
            with desk_writing(desk) as connection:
                note_turn(connection, "dana", f"c{(who + step * (1 + who % 3)) % 5}", AT)

    together(work)
    with desk_writing(desk) as connection:
        note_turn(connection, "dana", "last", AT)
    assert written(desk, review_turns, "contact_id", "skipped") == {"last": False}


def person(connection: Connection, who: int) -> None:
    add_user(connection, User("dana", f"p{who}", "desk", None, True, "he", AT))


def reason(connection: Connection, who: int) -> None:
    add_reason(
        connection,
        name="חניה",
        description="",
        examples=[f"אין איפה לחנות {number}" for number in range(LEAST_EXAMPLES)],
        user_name=f"p{who}",
        at=moment(who),
    )


@pytest.mark.parametrize(
    ("add", "table", "of"),
    [(person, users, "full_name"), (reason, own_reasons, "user_name")],
)
def test_of_all_who_add_one_name_at_once_one_succeeds_and_the_others_are_told(
    desk: Engine, add: Callable[[Connection, int], None], table: Table, of: str
) -> None:
    added: list[int] = []
    told: list[str] = []

    def work(who: int) -> None:
        try:
            with desk_writing(desk) as connection:
                add(connection, who)
        except KeshevError as error:
            told.append(str(error))
        else:
            added.append(who)

    together(work)
    assert list(written(desk, table, "name", of).values()) == [f"p{who}" for who in added]
    assert (len(added), len(told)) == (1, PEOPLE - 1)
    assert all("already" in text for text in told)


def test_a_row_that_is_put_again_keeps_nothing_of_the_old_one(desk: Engine) -> None:
    with desk_writing(desk) as connection:
        put_row(connection, desk_meta, {"key": "one", "value": "old"})
        put_row(connection, desk_meta, {"key": "two", "value": "old"})
        put_row(connection, desk_meta, {"key": "one"})
    found = written(desk, desk_meta, "key", "value")
    assert (found["one"], found["two"]) == (None, "old")
