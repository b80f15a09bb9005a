"""What goes wrong with a store is named, without a word of its rows, and loses nothing."""

import resource
import sqlite3
import traceback
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, insert, select, text

from keshev.errors import StoreError
from keshev.settings import ROOT
from store import tables
from store.contacts import save_contacts
from store.session import open_store, transaction, writing
from tests.frames import contact, contact_rows, contacts_of
from tests.store.saved import ids, save

SECRET = "לקוחה בכתה בטלפון"


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


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://keshev:s3cret@127.0.0.1:1/keshev",
        "postgresql://127.0.0.1:1/keshev?user=keshev&password=s3cret",
    ],
)
def test_a_server_that_is_not_there_is_named_without_the_password(url: str) -> None:
    """Nobody waits for long, and the message can be shown to colleagues."""
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
    assert ids(engine) == ["k1"]
    engine.dispose()
    roomy = open_store(sqlite_url)
    save(roomy, *contact_rows(2000))
    assert len(ids(roomy)) == 2001
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
    assert ids(engine) == ["k1"]
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
    assert ids(engine) == ["k1"]
    engine.dispose()
