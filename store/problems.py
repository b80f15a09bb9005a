"""What went wrong in the database, in words for people and without anything of a row.

A driver's message can hold the values of the row that it refused, and those are people's words.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from keshev.errors import StoreError

_NOTHING_STORED = "Nothing of the current step was stored."
_FULL = (
    f"the disk is full. {_NOTHING_STORED} Free some space and run the same command again; "
    "what was stored before is safe"
)
_FAILING = (
    f"the disk is full or failing. {_NOTHING_STORED} Free some space and run the same command again"
)
_BUSY = "another program holds it; wait until it ends, then run again"
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _FAILING,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: "it cannot be written; change its permissions or set KESHEV_HOME",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check the path and its permissions",
    sqlite3.SQLITE_NOTADB: "this file is no Keshev store; move it away or set KESHEV_HOME",
    sqlite3.SQLITE_CORRUPT: "this file is damaged; bring it back from a backup, or move it away "
    "and read the exports again",
}
# Classes of SQLSTATE whose messages are about the server and the statement, never about a value.
_SPEAKING = ("08", "28", "3D", "42", "53", "55", "57", "58")


@contextmanager
def store_errors(engine: Engine) -> Iterator[None]:
    """Turn a database's errors into StoreError, without the statement and its values."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"{where(engine)}: {_problem(error)}") from None


def where(engine: Engine) -> str:
    """Return the store's URL as people may see it: without what follows `?`, secrets among it."""
    return engine.url.set(query={}).render_as_string(hide_password=True)


def _problem(error: DBAPIError) -> str:
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(error.orig)
    if isinstance(error.orig, psycopg.Error):
        return _of_postgresql(error.orig)
    return _refused(type(error.orig).__name__)


def _of_sqlite(error: sqlite3.Error) -> str:
    # An extended code holds the primary one in its low byte.
    known = _OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return known or _refused(str(error))  # SQLite names tables and columns, never values


def _of_postgresql(error: psycopg.Error) -> str:
    state = error.sqlstate or ""
    if state == "53100":
        return _FULL
    if state == "58030":
        return _FAILING
    if state.startswith(_SPEAKING) and error.diag.message_primary:
        return f"it cannot be used ({error.diag.message_primary})"
    if not state and isinstance(error, psycopg.OperationalError):
        return f"it cannot be reached ({str(error).partition(chr(10))[0]})"
    place = ".".join(filter(None, (error.diag.table_name, error.diag.column_name)))
    return _refused(f"{type(error).__name__} {place}".strip())


def _refused(what: str) -> str:
    return f"the database refused a statement: {what}. {_NOTHING_STORED} This is a fault of Keshev"
