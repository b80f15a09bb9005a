"""Reads of the ledger of files and of the quarantine, a page at a time.

Of quarantined rows only where they stand and why they are there: the rows themselves are people's
words, and leave the store by `keshev export quarantine` alone.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from store.contacts import FILE_COLUMNS, FileCounts
from store.tables import files, quarantine

COUNTS = ("read", "stored", "known", "duplicates", "quarantined")


@dataclass(frozen=True)
class Rejected:
    """Where a quarantined row stands, and why it is there."""

    file: str
    line: int
    code: str
    reason_he: str
    reason_en: str


@dataclass(frozen=True)
class RejectedCount:
    """How many rows are in quarantine for one reason, of how many files."""

    code: str
    reason_he: str
    reason_en: str
    rows: int
    files: int


def file_totals(connection: Connection) -> tuple[int, dict[str, int]]:
    """Return how many readings of files count, and the sums of what became of their rows."""
    sums = (func.coalesce(func.sum(files.c[name]), 0) for name in COUNTS)
    count, *totals = connection.execute(select(func.count(), *sums).select_from(files)).one()
    return int(count), {name: int(total) for name, total in zip(COUNTS, totals, strict=True)}


def read_file_page(connection: Connection, limit: int, offset: int = 0) -> list[FileCounts]:
    """Return readings of files, ordered by name."""
    columns = (files.c[name] for name in FILE_COLUMNS)
    query = select(*columns).order_by(files.c.name, files.c.file_id)
    return [FileCounts(*row) for row in connection.execute(query.limit(limit).offset(offset))]


def count_rejected(connection: Connection) -> list[RejectedCount]:
    """Return how many rows are in quarantine for each reason, the most first."""
    table = quarantine.c
    rows = func.count()
    query = (
        select(
            table.code,
            func.min(table.reason_he),
            func.min(table.reason_en),
            rows,
            func.count(table.file.distinct()),
        )
        .group_by(table.code)
        .order_by(rows.desc(), table.code)
    )
    return [RejectedCount(*row) for row in connection.execute(query)]


def read_rejected(
    connection: Connection, code: str = "", limit: int | None = None, offset: int = 0
) -> list[Rejected]:
    """Return quarantined rows by file and line, of one reason where its code is given."""
    table = quarantine.c
    query = (
        select(table.file, table.line, table.code, table.reason_he, table.reason_en)
        .order_by(table.file, table.line, table.number, table.file_id)
        .limit(limit)
        .offset(offset)
    )
    if code:
        query = query.where(table.code == code)
    return [Rejected(*row) for row in connection.execute(query)]
