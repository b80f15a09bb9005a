"""Reads and writes of the people who may sign in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from keshev.errors import StoreError
from store.desk_tables import users
from store.rows import add_row


@dataclass(frozen=True, slots=True)
class User:
    """One person. `password` is argon2's digest, None for who signs in by OpenID Connect alone."""

    name: str
    full_name: str
    role: str
    password: str | None
    active: bool
    language: str
    created_at: datetime


def add_user(connection: Connection, user: User) -> None:
    """Add a person.

    Raises:
        StoreError: when there is one of that name.
    """
    row = {column.name: getattr(user, column.name) for column in users.columns}
    if not add_row(connection, users, row):
        raise StoreError(f"there is a user {user.name} already; `keshev user password` changes it")


def find_user(connection: Connection, name: str) -> User | None:
    """Return the person of that name, None when there is none."""
    row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    return None if row is None else _user(row)


def list_users(connection: Connection) -> list[User]:
    """Return all people by name."""
    return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]


def count_users(connection: Connection) -> int:
    """Return how many people there are, those who may no more sign in included."""
    counted: int = connection.execute(select(func.count()).select_from(users)).scalar_one()
    return counted


def change_user(connection: Connection, name: str, values: Mapping[str, Any]) -> None:
    """Change columns of a person.

    Raises:
        StoreError: when there is nobody of that name.
    """
    changed = connection.execute(update(users).where(users.c.name == name).values(**values))
    if not changed.rowcount:
        raise StoreError(f"there is no user {name}; `keshev user list` shows who there is")


def _user(row: "Row[Any]") -> User:
    return User(**row._mapping)
