"""Opening the store, its locks, its transactions."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, func, inspect, select, text

from keshev.errors import StoreError
from keshev.settings import ROOT
from store import engines, tables
from store.contacts import read_contacts, save_contacts
from store.session import get_meta, open_store, set_meta, transaction, writing
from tests.conftest import connect
from tests.frames import NOTES, contact, contacts_of
from tests.store.saved import ids, save


def python(code: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start another process of this program."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_store_that_may_not_be_written_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting helps against a lock alone."""
    path = tmp_path / "k.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("create table a (b)")
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waits"))
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as read_only,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        engines._into_wal(read_only.cursor())


def test_a_newer_store_is_refused_and_kept(store_url: str) -> None:
    """An old program never writes into what it does not understand."""
    engine = open_store(store_url)
    save(engine, contact("k1"))
    with transaction(engine) as connection:
        set_meta(connection, "schema", str(tables.SCHEMA_VERSION + 1))
    with pytest.raises(StoreError, match="newer version"):
        open_store(store_url)
    with transaction(engine) as connection:
        assert get_meta(connection, "schema") == str(tables.SCHEMA_VERSION + 1)
    assert ids(engine) == ["k1"]
    engine.dispose()


@pytest.mark.parametrize("foreign", ["customers (id INTEGER)", "meta (id INTEGER)"])
def test_another_programs_database_is_refused_and_kept(
    store_url: str, engine: Engine, foreign: str
) -> None:
    """A customers table of somebody else is never taken for ours."""
    with engine.begin() as connection:
        tables.metadata.drop_all(connection)
        connection.execute(text(f"CREATE TABLE {foreign}"))
    with pytest.raises(StoreError, match="another program"):
        open_store(store_url)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == [foreign.split()[0]]


def test_all_who_open_a_new_store_at_once_succeed(store_url: str) -> None:
    """The tables are made once, whoever comes first."""
    start = threading.Barrier(6)

    def open_and_read(_number: int) -> list[str]:
        start.wait()
        engine = open_store(store_url)
        found = ids(engine)
        engine.dispose()
        return found

    with ThreadPoolExecutor(6) as together:
        assert list(together.map(open_and_read, range(6))) == [[]] * 6


HOLDER = """
import sys
from sqlalchemy import text
from store.session import open_store, set_meta, transaction, writing
engine = open_store(sys.argv[1])
with writing(engine):
    with transaction(engine) as connection:
        set_meta(connection, "first", "committed")
    with transaction(engine) as connection:
        set_meta(connection, "second", "never committed")
        print("holding", flush=True)
        sys.stdin.readline()
"""


def test_one_writer_at_a_time_and_a_killed_one_gives_way(store_url: str, engine: Engine) -> None:
    """Two runs never mix; kill -9 frees the lock, keeps what was committed and nothing else."""
    other = python(HOLDER, store_url)
    assert other.stdout is not None
    assert other.stdout.readline() == "holding\n"
    with pytest.raises(StoreError, match="another Keshev run"), writing(engine):
        pytest.fail("two writers at once")
    with transaction(engine) as connection:  # people read on while a flow writes
        assert get_meta(connection, "first") == "committed"
        assert get_meta(connection, "second") is None
    os.kill(other.pid, signal.SIGKILL)
    other.communicate(timeout=60)
    _wait_until_free(engine)
    with writing(engine), transaction(engine) as connection:
        assert get_meta(connection, "first") == "committed"
        assert get_meta(connection, "second") is None
        set_meta(connection, "second", "written")


def _wait_until_free(engine: Engine) -> None:
    """A server needs a moment to see that its client is gone; a file's lock needs none."""
    if engine.dialect.name == "postgresql":
        query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while connection.execute(query).scalar():
                pass


def test_the_right_to_write_comes_back_after_an_error(engine: Engine) -> None:
    """A failed run does not block the next one in the same process."""
    with pytest.raises(ZeroDivisionError), writing(engine):
        _ = 1 / 0
    with writing(engine):
        pass


def test_an_error_undoes_the_whole_transaction(engine: Engine) -> None:
    """A step is stored whole or not at all."""
    save(engine, contact("k1"))
    twice = contacts_of([contact("k2", text="אחר")])
    with pytest.raises(StoreError), transaction(engine) as connection:
        save_contacts(connection, pd.concat([twice, twice]), str)
    assert ids(engine) == ["k1"]


def test_a_reader_sees_one_state_of_the_store(engine: Engine) -> None:
    """A report is not made half of the old figures and half of the new ones."""
    with transaction(engine) as reading:
        assert get_meta(reading, "revision") is None
        save(engine, contact("k1"))
        assert read_contacts(reading).empty
    assert ids(engine) == ["k1"]


def test_a_writer_holds_what_it_read(sqlite_url: str) -> None:
    """Nobody can write between a writer's reads and its writes, which SQLite would refuse."""
    engine = open_store(sqlite_url)
    other = sqlite3.connect(str(engine.url.database), timeout=0)
    with writing(engine), transaction(engine) as connection:
        get_meta(connection, "revision")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO meta VALUES ('desk', 'was here')")
        set_meta(connection, "revision", "1")
    other.close()
    engine.dispose()


@pytest.mark.postgresql
def test_every_text_is_ordered_by_code_points(postgresql_url: str) -> None:
    """A server's language must not change the order of rows, or exports would differ."""
    engine = open_store(postgresql_url)
    query = text(
        "SELECT count(*) FILTER (WHERE collation_name IS DISTINCT FROM 'C'), count(*) "
        "FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type = 'character varying'"
    )
    with engine.begin() as connection:
        others, all_texts = connection.execute(query).one()
    assert others == 0
    assert all_texts > 30
    engine.dispose()


@pytest.mark.postgresql
def test_a_database_without_an_encoding_keeps_hebrew(
    postgresql_server: Path, postgresql_url: str
) -> None:
    """Servers set up under LANG=C have such databases by default."""
    admin = connect(postgresql_server)
    admin.execute("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0")
    engine = open_store(f"postgres://keshev@/plain?host={postgresql_server}")
    save(engine, contact("k1", text=NOTES[0]))
    with transaction(engine) as connection:
        assert list(read_contacts(connection)["text"]) == [NOTES[0]]
    engine.dispose()
    admin.execute("DROP DATABASE plain WITH (FORCE)")
    admin.close()


def test_notes_of_the_store_are_replaced(engine: Engine) -> None:
    """A note stands once; one that was never set is None."""
    with transaction(engine) as connection:
        set_meta(connection, "aggregated", "one")
        set_meta(connection, "aggregated", "two")
        count = select(func.count()).select_from(tables.meta)
        assert connection.execute(count).scalar_one() == 2  # with the schema's
        assert get_meta(connection, "aggregated") == "two"
        assert get_meta(connection, "revision") is None
