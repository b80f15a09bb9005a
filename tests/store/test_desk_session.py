"""The desk store: a store of its own, opened by many, written by one at a time."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect

from keshev.errors import StoreError
from store.desk_session import (
    desk_reading,
    desk_writing,
    get_desk_meta,
    open_desk_store,
    set_desk_meta,
)
from store.session import open_store, transaction, writing
from store.tables import metadata


def test_the_desk_writes_while_a_run_holds_the_data_store(store_url: str) -> None:
    data, desk = open_store(store_url), open_desk_store(store_url)
    with writing(data), transaction(data) as run:
        run.exec_driver_sql("DELETE FROM contacts")  # the run's lock is held from here
        with desk_writing(desk) as connection:
            set_desk_meta(connection, "key", "value")
    with desk_reading(desk) as connection:
        assert get_desk_meta(connection, "key") == "value"
    data.dispose()
    desk.dispose()


def test_what_is_not_finished_is_not_written(store_url: str) -> None:
    desk = open_desk_store(store_url)

    def fails() -> None:
        with desk_writing(desk) as connection:
            set_desk_meta(connection, "key", "value")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with desk_reading(desk) as connection:
        assert get_desk_meta(connection, "key") is None
    desk.dispose()


def test_two_that_read_and_then_write_lose_nothing(sqlite_url: str) -> None:
    desk = open_desk_store(sqlite_url)

    def count() -> None:
        for _ in range(20):
            with desk_writing(desk) as connection:
                known = int(get_desk_meta(connection, "count") or 0)
                set_desk_meta(connection, "count", str(known + 1))

    people = [threading.Thread(target=count) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with desk_reading(desk) as connection:
        assert get_desk_meta(connection, "count") == "80"
    desk.dispose()


def test_sqlite_keeps_people_apart_from_data(sqlite_url: str, tmp_path: Path) -> None:
    open_desk_store(sqlite_url).dispose()
    with sqlite3.connect(tmp_path / "keshev-desk.db") as file:
        found = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
    file.close()
    assert "users" in found
    assert not found & set(metadata.tables)


def test_both_stores_stand_in_one_postgresql_database(postgresql_url: str) -> None:
    desk, data = open_desk_store(postgresql_url), open_store(postgresql_url)
    assert {"users", "contacts"} <= set(inspect(data).get_table_names())
    desk.dispose()
    data.dispose()


def test_a_newer_desk_store_is_refused(store_url: str) -> None:
    desk = open_desk_store(store_url)
    with desk_writing(desk) as connection:
        set_desk_meta(connection, "schema", "99")
    desk.dispose()
    with pytest.raises(StoreError, match="newer version"):
        open_desk_store(store_url)
