"""Opening the desk store, beside the data store, and its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text

from keshev.errors import StoreError
from store import (  # noqa: F401 (their tables are made with the others)
    desk_tables_cases,
    desk_tables_quality,
    desk_tables_review,
)
from store.desk_tables import DESK_SCHEMA_VERSION, desk_meta, desk_metadata
from store.engines import as_writer, engine_of, parsed_url
from store.problems import store_errors, where
from store.rows import put_row

# An arbitrary constant: all Keshev processes of one PostgreSQL database agree on it.
DESK_SCHEMA_LOCK = 5_311_974_023


def open_desk_store(url: str) -> Engine:
    """Return an engine of the desk store that belongs to the data store of `url`.

    In PostgreSQL it is the same database; in SQLite a file beside it (`keshev.db`,
    `keshev-desk.db`).

    Raises:
        StoreError: when it cannot be opened, or was written by a newer Keshev.
    """
    parsed = parsed_url(url)
    if parsed.drivername == "sqlite":
        data = Path(parsed.database or "")
        parsed = parsed.set(database=str(data.with_name(f"{data.stem}-desk{data.suffix}")))
    # Two people may change a row at once: the second sees what the first wrote.
    engine = engine_of(parsed, "READ COMMITTED")
    try:
        _ensure_schema(engine)
    except StoreError:
        engine.dispose()
        raise
    return engine


def desk_store_of(engine: Engine) -> Engine:
    """Return an engine of the desk store that belongs to the data store of `engine`.

    Raises:
        StoreError: as `open_desk_store` does.
    """
    return open_desk_store(engine.url.render_as_string(hide_password=False))


@contextmanager
def desk_reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection to read with; it sees one state, and waits for nobody in SQLite."""
    with store_errors(engine), engine.begin() as connection:
        yield connection


@contextmanager
def desk_writing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection to write with; commit at the end, roll everything back on an error."""
    with as_writer(), store_errors(engine), engine.begin() as connection:
        yield connection


def get_desk_meta(connection: Connection, key: str) -> str | None:
    """Return one of the desk store's own notes, None when it was never set."""
    value: str | None = connection.execute(
        select(desk_meta.c.value).where(desk_meta.c.key == key)
    ).scalar_one_or_none()
    return value


def set_desk_meta(connection: Connection, key: str, value: str) -> None:
    """Set one of the desk store's own notes."""
    put_row(connection, desk_meta, {"key": key, "value": value})


def _ensure_schema(engine: Engine) -> None:
    with desk_reading(engine) as connection:
        if _schema(connection) == DESK_SCHEMA_VERSION:
            return
    with desk_writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": DESK_SCHEMA_LOCK})
        found = _schema(connection)
        if found > DESK_SCHEMA_VERSION:
            raise StoreError(
                f"{where(engine)}: this desk store has schema {found}, this Keshev knows "
                f"{DESK_SCHEMA_VERSION}: it was written by a newer version. Update Keshev."
            )
        desk_metadata.create_all(connection)
        set_desk_meta(connection, "schema", str(DESK_SCHEMA_VERSION))


def _schema(connection: Connection) -> int:
    """Return the version of the desk's tables, 0 when there are none yet."""
    if not inspect(connection).has_table(desk_meta.name):
        return 0
    return int(get_desk_meta(connection, "schema") or 0)
