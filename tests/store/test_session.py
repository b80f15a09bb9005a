"""Opening the store, its locks, its errors."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, event, func, insert, inspect, select, text

from keshev.errors import StoreError
from keshev.settings import ROOT
from store import tables
from store.contacts import read_contacts, save_contacts
from store.session import get_meta, open_store, set_meta, transaction, writing
from tests.conftest import connect
from tests.frames import contact, contact_rows, contacts_of

SECRET = "לקוחה בכתה בטלפון"


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


def save(engine: Engine, *rows: dict[str, object]) -> None:
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows), str)


def stored_ids(engine: Engine) -> list[str]:
    with transaction(engine) as connection:
        return list(read_contacts(connection)["contact_id"])


@pytest.mark.parametrize(
    "url",
    [
        "keshev.db",
        "",
        "mysql://keshev:s3cret@db/keshev",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://keshev:s3cret@db:port/keshev",
    ],
)
def test_a_wrong_url_is_named_without_its_password(url: str) -> None:
    """A typing error in the setting is said in the setting's words."""
    with pytest.raises(StoreError, match="KESHEV_DATABASE_URL") as caught:
        open_store(url)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    """Nobody waits for long, and the message can be shown to colleagues."""
    url = "postgresql://keshev:s3cret@127.0.0.1:1/keshev"
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        open_store(url)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """A wrong path never damages a file."""
    path = tmp_path / "פניות.csv"
    path.write_text("מספר פנייה,תיאור\n1,הלקוח ניתק\n" * 100, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="no Keshev store"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A path through a file is a user's error, not a traceback."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot make this folder"):
        open_store(f"sqlite:///{tmp_path}/file/keshev.db")


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
    assert stored_ids(engine) == ["k1"]
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
        found = stored_ids(engine)
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
    assert stored_ids(engine) == ["k1"]


def test_a_reader_sees_one_state_of_the_store(engine: Engine) -> None:
    """A report is not made half of the old figures and half of the new ones."""
    with transaction(engine) as reading:
        assert get_meta(reading, "revision") is None
        save(engine, contact("k1"))
        assert read_contacts(reading).empty
    assert stored_ids(engine) == ["k1"]


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


def test_messages_never_hold_what_was_in_a_row(engine: Engine) -> None:
    """Drivers like to show the row that they refuse; its words must not reach a log."""
    save(engine, contact("k1", text=SECRET))
    with transaction(engine) as connection:
        row = dict(connection.execute(select(tables.contacts)).mappings().one())
    wrong = [row, {**row, "contact_id": "k2", "source": None}]
    if engine.dialect.name == "postgresql":
        wrong.append({**row, "contact_id": "k2", "handle_seconds": SECRET})
    for values in wrong:
        with (
            pytest.raises(StoreError, match="refused") as caught,
            transaction(engine) as connection,
        ):
            connection.execute(insert(tables.contacts).values(values))
        shown = "".join(traceback.format_exception(caught.value)).replace(str(ROOT), "")
        assert not any(word in shown for word in (*SECRET.split(), "פניות מוקד"))


def test_a_full_disk_is_named_and_loses_nothing(sqlite_url: str) -> None:
    """SQLite may take no more pages: the step fails as a whole, the store stays good."""
    engine = open_store(sqlite_url)
    save(engine, contact("k1"))
    engine.dispose()

    @event.listens_for(engine, "connect")
    def _small(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute("PRAGMA max_page_count=40").close()

    with pytest.raises(StoreError, match="disk is full"), writing(engine):
        save(engine, *contact_rows(2000))
    assert stored_ids(engine) == ["k1"]
    engine.dispose()
    roomy = open_store(sqlite_url)
    save(roomy, *contact_rows(2000))
    assert len(stored_ids(roomy)) == 2001
    roomy.dispose()


def test_a_file_that_may_not_grow_is_named_and_loses_nothing(sqlite_url: str) -> None:
    """The same with the system's own refusal in the middle of a write."""
    engine = open_store(sqlite_url)
    save(engine, contact("k1"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    rows = contacts_of(contact_rows(2000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        with pytest.raises(StoreError, match="disk is full or failing"), transaction(engine) as it:
            save_contacts(it, rows, str)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert stored_ids(engine) == ["k1"]
    save(engine, *contact_rows(2000))
    engine.dispose()


@pytest.mark.postgresql
def test_a_servers_full_disk_is_named_and_loses_nothing(postgresql_url: str) -> None:
    """The server's own error for it, raised by the server in the middle of a step."""
    engine = open_store(postgresql_url)
    save(engine, contact("k1"))
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION fill_up() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER fill_up BEFORE INSERT ON contacts FOR EACH ROW "
                "WHEN (NEW.contact_id = 'notes:100600') EXECUTE FUNCTION fill_up()"
            )
        )
    with pytest.raises(StoreError, match="disk is full"):
        save(engine, *contact_rows(700))
    assert stored_ids(engine) == ["k1"]
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
    save(engine, contact("k1", text=SECRET))
    with transaction(engine) as connection:
        assert list(read_contacts(connection)["text"]) == [SECRET]
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
