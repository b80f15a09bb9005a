"""Opening the data store, and the right to write to it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, inspect, select, text

from keshev.errors import StoreError
from store.engines import as_writer, engine_of, is_writing, parsed_url
from store.problems import store_errors, where
from store.rows import put_row
from store.tables import SCHEMA_VERSION, contacts, customers, meta, metadata, predictions

# Arbitrary constants: all Keshev processes of one PostgreSQL database agree on them.
WRITER_LOCK = 5_311_974_021
SCHEMA_LOCK = 5_311_974_022


def open_store(url: str) -> Engine:
    """Return an engine whose tables exist and are of this program's version.

    Raises:
        StoreError: when the URL is wrong, the database cannot be reached or opened, belongs to
            another program, or was written by a newer Keshev.
    """
    engine = engine_of(parsed_url(url))
    try:
        with store_errors(engine):
            _ensure_schema(engine)
    except StoreError:
        engine.dispose()
        raise
    return engine


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
        _add_indexes(connection)
        if found in (1, 2):
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


def _add_indexes(connection: Connection) -> None:
    """Add the indexes of a newer schema to tables that were there before."""
    for table in metadata.sorted_tables:
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _enter_customers(connection: Connection) -> None:
    from store.customers import keep_as_told  # it builds upon this file

    keep_as_told(connection)


@contextmanager
def _making(engine: Engine) -> Iterator[Connection]:
    if engine.dialect.name == "sqlite":
        with as_writer(), engine.begin() as connection:
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
    if is_writing():
        yield
        return
    with _writer_lock(engine), as_writer():
        yield


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
    put_row(connection, meta, {"key": key, "value": value})


def touch(connection: Connection) -> None:
    """Record that contacts, customers or predictions changed, so that figures are stale."""
    set_meta(connection, "revision", str(int(get_meta(connection, "revision") or 0) + 1))
