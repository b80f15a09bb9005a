"""Reads and writes of the reasons that people added, and of what they confirmed (desk store)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from keshev.errors import KeshevError
from labels.ownreasons import LEAST_EXAMPLES, LONGEST_NAME, MOST_EXAMPLES, OwnReason
from store.desk_tables_review import own_checks, own_examples, own_reasons
from store.rows import add_row, digest, put_row


class OwnReasonError(KeshevError):
    """A reason of one's own that cannot be added. `code` says why, for a page of any language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def add_reason(
    connection: Connection,
    *,
    name: str,
    description: str,
    examples: Sequence[str],
    user_name: str,
    at: datetime,
) -> str:
    """Add a reason and return its id. Equal examples count once.

    Raises:
        OwnReasonError: `name` when it is empty or too long, `known` when there is such a reason,
            `few` or `many` for fewer than `LEAST_EXAMPLES` or more than `MOST_EXAMPLES` examples.
    """
    name = " ".join(name.split())
    texts = {digest(" ".join(text.split())): text.strip() for text in examples if text.strip()}
    if not 0 < len(name) <= LONGEST_NAME:
        raise OwnReasonError("name", f"a reason's name has 1 to {LONGEST_NAME} characters")
    if len(texts) < LEAST_EXAMPLES:
        raise OwnReasonError(
            "few", f"{len(texts)} different examples; a reason needs {LEAST_EXAMPLES} or more"
        )
    if len(texts) > MOST_EXAMPLES:
        raise OwnReasonError("many", f"{len(texts)} examples; at most {MOST_EXAMPLES} are taken")
    reason_id = f"own-{digest(name, at)[:8]}"
    row = {
        "reason_id": reason_id,
        "name": name,
        "description": description,
        "user_name": user_name,
        "at": at,
    }
    if not add_row(connection, own_reasons, row):
        raise OwnReasonError("known", f"there is a reason named {name} already; remove it first")
    rows = [
        {"reason_id": reason_id, "text_digest": key, "text": text} for key, text in texts.items()
    ]
    connection.execute(insert(own_examples), rows)
    return reason_id


def remove_reason(connection: Connection, reason_id: str) -> bool:
    """Remove a reason and all that people said of it; return whether there was one."""
    for table in (own_examples, own_checks):
        connection.execute(delete(table).where(table.c.reason_id == reason_id))
    gone = connection.execute(delete(own_reasons).where(own_reasons.c.reason_id == reason_id))
    return bool(gone.rowcount)


def read_reasons(connection: Connection) -> list[OwnReason]:
    """Return all reasons, ordered by name; their examples by their digests."""
    texts: dict[str, list[str]] = {}
    query = select(own_examples.c.reason_id, own_examples.c.text)
    for reason_id, text in connection.execute(query.order_by(own_examples.c.text_digest)):
        texts.setdefault(reason_id, []).append(text)
    table = own_reasons.c
    found = select(table.reason_id, table.name, table.description).order_by(table.name)
    return [OwnReason(*row, tuple(texts.get(row[0], ()))) for row in connection.execute(found)]


def save_check(
    connection: Connection,
    *,
    reason_id: str,
    contact_id: str,
    text_digest: str,
    version: str,
    user_name: str,
    at: datetime,
    present: bool,
) -> None:
    """Write whether a note that was given the reason has it, in place of what was said before."""
    row = {
        "reason_id": reason_id,
        "contact_id": contact_id,
        "text_digest": text_digest,
        "version": version,
        "user_name": user_name,
        "at": at,
        "present": present,
    }
    put_row(connection, own_checks, row)


def count_checks(connection: Connection, reason_id: str, version: str) -> tuple[int, int]:
    """Return how many notes of a version of the reason people saw, and how many they confirmed."""
    table = own_checks.c
    query = (
        select(table.present, func.count())
        .where(table.reason_id == reason_id, table.version == version)
        .group_by(table.present)
    )
    counts = {bool(present): int(count) for present, count in connection.execute(query)}
    return sum(counts.values()), counts.get(True, 0)


def checked_notes(connection: Connection, reason_id: str, version: str) -> set[str]:
    """Return the contacts of which people said whether they have this version of the reason."""
    table = own_checks.c
    query = select(table.contact_id).where(table.reason_id == reason_id, table.version == version)
    return set(connection.execute(query).scalars())
