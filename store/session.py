"""Opening the store: SQLite by default, PostgreSQL by its URL."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from keshev.errors import StoreError
from store.tables import SCHEMA_VERSION, meta, metadata

log = logging.getLogger("keshev.store")
# An arbitrary constant: all Keshev processes of one PostgreSQL database agree on it.
ADVISORY_LOCK = 5_311_974_021


def open_store(url: str) -> Engine:
    """Return an engine whose tables exist and are of this program's version.

    Raises:
        StoreError: when the URL is wrong, the database cannot be reached or opened, or was
            written by a newer Keshev.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgres", "postgresql"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise StoreError(
                f"KESHEV_DATABASE_URL: {parsed.drivername} is not supported; "
                "use sqlite:///FILE or postgresql://USER@HOST/DATABASE"
            )
        # Statements hold people's words: their values must not reach an error message.
        engine = create_engine(parsed, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise StoreError(
            "KESHEV_DATABASE_URL is no database URL; "
            "use sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        ) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    with store_errors(engine):
        _ensure_schema(engine)
    return engine


def _prepare_sqlite(engine: Engine) -> None:
    path = Path(engine.url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent}: cannot make this folder ({error.strerror})") from error

    @event.listens_for(engine, "connect")
    def _pragmas(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        # WAL lets people read while a flow writes; FULL keeps a committed chunk after a kill.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _ensure_schema(engine: Engine) -> None:
    with engine.begin() as connection:
        if not inspect(connection).has_table("meta"):
            metadata.create_all(connection)
            connection.execute(insert(meta).values(key="schema", value=str(SCHEMA_VERSION)))
            return
        found = int(get_meta(connection, "schema") or 0)
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"the store at {engine.url.render_as_string()} has schema {found}, this Keshev knows "
            f"{SCHEMA_VERSION}: it was written by a newer version. Update Keshev, or point "
            "KESHEV_DATABASE_URL (or KESHEV_HOME) at another store."
        )


@contextmanager
def store_errors(engine: Engine) -> Iterator[None]:
    """Turn a database's errors into StoreError, without the statement and its values."""
    where = engine.url.render_as_string(hide_password=True)
    try:
        yield
    except DBAPIError as error:
        problem = str(error.orig).splitlines()[0] if error.orig else "no details"
        lowered = problem.lower()
        if "full" in lowered or "no space" in lowered or "i/o error" in lowered:
            raise StoreError(
                f"{where}: the disk is full ({problem}). Nothing of the current step was stored. "
                "Free some space and run the same command again."
            ) from None
        if isinstance(error, OperationalError):
            raise StoreError(f"{where}: cannot be used ({problem})") from None
        if "not a database" in lowered:
            raise StoreError(
                f"{where}: this file is no Keshev store; move it away or set KESHEV_HOME"
            ) from None
        raise


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Yield a connection; commit at the end, roll everything back on an error."""
    with store_errors(engine), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[None]:
    """Hold the right to write: one run at a time. Given back by the system after a kill.

    Raises:
        StoreError: at once, when another run holds it.
    """
    busy = StoreError(
        "another Keshev run is writing to this store; wait until it ends, then run again"
    )
    if engine.dialect.name == "sqlite":
        try:
            with FileLock(f"{engine.url.database}.lock", timeout=0):
                yield
        except Timeout:
            raise busy from None
        return
    with store_errors(engine), engine.connect() as connection:
        held = connection.execute(text("SELECT pg_try_advisory_lock(:k)"), {"k": ADVISORY_LOCK})
        if not held.scalar():
            raise busy
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:k)"), {"k": ADVISORY_LOCK})
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
