"""Reads and writes of the audit log: who saw and did what, from where. Rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from store.desk_tables import audit_log


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody saw or did. `object` is an id, never a customer's word."""

    at: datetime
    user_name: str
    action: str
    object: str
    address: str


def record(connection: Connection, entry: Entry) -> None:
    """Add an entry."""
    values = {name: getattr(entry, name) for name in Entry.__slots__}
    connection.execute(insert(audit_log).values(values))


def read_log(
    connection: Connection, *, user_name: str = "", action: str = "", skip: int = 0, most: int = 50
) -> list[Entry]:
    """Return entries, the newest first, of one person or action where one is named."""
    table = audit_log.c
    query = select(*(table[name] for name in Entry.__slots__)).order_by(table.number.desc())
    if user_name:
        query = query.where(table.user_name == user_name)
    if action:
        query = query.where(table.action == action)
    return [Entry(*row) for row in connection.execute(query.offset(skip).limit(most))]
