"""Engines of the stores: SQLite by default, PostgreSQL by its URL; and who writes."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from keshev.errors import StoreError

PATIENCE = 30  # seconds that a locked SQLite file is waited for
DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
URL_FORMS = "use sqlite:///FILE or postgresql://USER@HOST/DATABASE"
Isolation = Literal["REPEATABLE READ", "READ COMMITTED"]
_writing: ContextVar[bool] = ContextVar("keshev_writing", default=False)


def parsed_url(url: str) -> URL:
    """Return the URL with its driver.

    Raises:
        StoreError: when it is no URL of a database that can be used.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without the cause: a URL can hold a password.
        raise StoreError(f"KESHEV_DATABASE_URL is no database URL; {URL_FORMS}") from None
    backend = parsed.get_backend_name()
    if backend not in DRIVERS:
        raise StoreError(f"KESHEV_DATABASE_URL: {backend} is not supported; {URL_FORMS}")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError(f"KESHEV_DATABASE_URL: SQLite needs a file; {URL_FORMS}")
    return parsed.set(drivername=DRIVERS[backend])


def engine_of(url: URL, isolation: Isolation = "REPEATABLE READ") -> Engine:
    """Return an engine of such a URL; `isolation` is PostgreSQL's, SQLite has one writer."""
    return _sqlite(url) if url.drivername == "sqlite" else _postgresql(url, isolation)


def is_writing() -> bool:
    """Whether this context holds the right to write."""
    return _writing.get()


@contextmanager
def as_writer() -> Iterator[None]:
    """Begin SQLite's transactions as a writer's within."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def _postgresql(url: URL, isolation: Isolation) -> Engine:
    return create_engine(
        url,
        # Statements hold people's words: their values must not reach an error message.
        hide_parameters=True,
        # A transaction sees one state of the store from its first read to its last, as in SQLite.
        isolation_level=isolation,
        pool_pre_ping=True,
        # A database made under LANG=C has no encoding; texts are kept as UTF-8 there too.
        connect_args={"connect_timeout": 10, "client_encoding": "utf8"},
    )


def _sqlite(url: URL) -> Engine:
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot make this folder ({error.strerror})") from error
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # Python's driver would begin transactions too late to hold reads and CREATE TABLE.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={1000 * PATIENCE}")
        _into_wal(cursor)
        cursor.execute("PRAGMA synchronous=FULL")  # keeps a committed chunk after a crash
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock before it reads: what it read cannot change under its hands.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")

    return engine


def _into_wal(cursor: DBAPICursor) -> None:
    """Let people read while a flow writes.

    A new file is changed once, for which SQLite does not wait as it does for other locks: of
    several that open it at once, all but one may be told that it is locked.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # An extended code holds the primary one in its low byte.
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > until:
                raise
            time.sleep(0.02)
