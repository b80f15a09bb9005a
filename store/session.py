"""Opening the store, SQLite by default and PostgreSQL by its URL, and the right to write to it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from keshev.errors import StoreError
from store.problems import store_errors, where
from store.tables import SCHEMA_VERSION, contacts, customers, meta, metadata, predictions

# Arbitrary constants: all Keshev processes of one PostgreSQL database agree on them.
WRITER_LOCK = 5_311_974_021
SCHEMA_LOCK = 5_311_974_022
PATIENCE = 30  # seconds that a locked SQLite file is waited for
DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
URL_FORMS = "use sqlite:///FILE or postgresql://USER@HOST/DATABASE"
_writing: ContextVar[bool] = ContextVar("keshev_writing", default=False)


def open_store(url: str) -> Engine:
    """Return an engine whose tables exist and are of this program's version.

    Raises:
        StoreError: when the URL is wrong, the database cannot be reached or opened, belongs to
            another program, or was written by a newer Keshev.
    """
    parsed = _parsed(url)
    engine = _sqlite(parsed) if parsed.drivername == "sqlite" else _postgresql(parsed)
    try:
        with store_errors(engine):
            _ensure_schema(engine)
    except StoreError:
        engine.dispose()
        raise
    return engine


def _parsed(url: str) -> URL:
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


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        # Statements hold people's words: their values must not reach an error message.
        hide_parameters=True,
        # A transaction sees one state of the store from its first read to its last, as in SQLite.
        isolation_level="REPEATABLE READ",
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
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def _ensure_schema(engine: Engine) -> None:
    with engine.begin() as connection:
        found = _schema(connection)
    if found == SCHEMA_VERSION:
        return
    # Two programs may open a new store at once: the second waits, and looks again.
    with _writer_lock(engine) if found else nullcontext(), _making(engine) as connection:
        found = _schema(connection)
        if found == SCHEMA_VERSION:
            return
        if found == 1:  # more is known of each note since: all are classified again
            predictions.drop(connection)
        metadata.create_all(connection)
        _add_columns(connection)
        if found is not None:
            _enter_customers(connection)
        set_meta(connection, "schema", str(SCHEMA_VERSION))


def _add_columns(connection: Connection) -> None:
    """Add the columns of a newer schema, empty: they are filled when a profile names them."""
    for table in (contacts, customers):
        known = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                kind = column.type.compile(connection.dialect)
                added = f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"
                connection.execute(text(added))


def _enter_customers(connection: Connection) -> None:
    from store.customers import keep_as_told  # it builds upon this file

    keep_as_told(connection)


@contextmanager
def _making(engine: Engine) -> Iterator[Connection]:
    if engine.dialect.name == "sqlite":
        with _as_writer(), engine.begin() as connection:
            yield connection
        return
    # Not REPEATABLE READ: what the lock was waited for must be seen.
    with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": SCHEMA_LOCK})
        yield connection


def _schema(connection: Connection) -> int | None:
    """Return the version of the store's tables, None when there are none yet."""
    inspector = inspect(connection)
    ours = set(inspector.get_table_names()) & set(metadata.tables)
    if not ours:
        return None
    found = None
    if meta.name in ours and {"key", "value"} <= {
        column["name"] for column in inspector.get_columns(meta.name)
    }:
        found = get_meta(connection, "schema")
    if found is None or not found.isdecimal():
        raise StoreError(
            f"{where(connection.engine)}: this database is another program's "
            f"(it has tables named {', '.join(sorted(ours))}); "
            "point KESHEV_DATABASE_URL (or KESHEV_HOME) at another store"
        )
    if int(found) > SCHEMA_VERSION:
        raise StoreError(
            f"{where(connection.engine)}: this store has schema {found}, this Keshev knows "
            f"{SCHEMA_VERSION}: it was written by a newer version. Update Keshev, or point "
            "KESHEV_DATABASE_URL (or KESHEV_HOME) at another store."
        )
    return int(found)


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Yield a connection; commit at the end, roll everything back on an error."""
    with store_errors(engine), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[None]:
    """Hold the right to write: one run at a time. Given back by the system after a kill.

    Inside a run that holds it already, this changes nothing.

    Raises:
        StoreError: at once, when another run holds it.
    """
    if _writing.get():
        yield
        return
    with _writer_lock(engine), _as_writer():
        yield


@contextmanager
def _as_writer() -> Iterator[None]:
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def _writer_lock(engine: Engine) -> AbstractContextManager[None]:
    if engine.dialect.name == "sqlite":
        return _file_lock(Path(f"{engine.url.database}.lock"))
    return _advisory_lock(engine)


def _busy() -> StoreError:
    return StoreError(
        "another Keshev run is writing to this store; wait until it ends, then run again"
    )


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise _busy() from None
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror or error}); "
            "change the folder's permissions or set KESHEV_HOME"
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[None]:
    key = {"k": WRITER_LOCK}
    with store_errors(engine), engine.connect() as connection:
        held = connection.execute(text("SELECT pg_try_advisory_lock(:k)"), key).scalar()
        connection.commit()  # the lock is the session's; an open transaction would hold back VACUUM
        if not held:
            raise _busy()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:k)"), key)
            connection.commit()


def get_meta(connection: Connection, key: str) -> str | None:
    """Return one of the store's own notes, None when it was never set."""
    value: str | None = connection.execute(
        select(meta.c.value).where(meta.c.key == key)
    ).scalar_one_or_none()
    return value


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Set one of the store's own notes."""
    connection.execute(meta.delete().where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=value))


def touch(connection: Connection) -> None:
    """Record that contacts, customers or predictions changed, so that figures are stale."""
    set_meta(connection, "revision", str(int(get_meta(connection, "revision") or 0) + 1))
