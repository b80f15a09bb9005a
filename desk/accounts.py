"""Making and changing people's accounts, by the command line and by the page alike."""

import re
from datetime import UTC, datetime

from sqlalchemy import Connection

from desk.i18n import language
from desk.passwords import LONGEST, SHORTEST, Passwords
from desk.rights import Role
from keshev.errors import KeshevError
from store import sessions
from store.users import User, add_user, change_user

NAME = re.compile(r"(?!\.{1,2}$)[^\s/\\]{1,100}")


class AccountError(KeshevError):
    """Raised for a name or a password that cannot be; `code` says which rule it breaks."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def new_account(
    connection: Connection,
    passwords: Passwords,
    name: str,
    full_name: str,
    role: Role,
    password: str | None,
) -> None:
    """Add a person; without a password he signs in by OpenID Connect alone.

    Raises:
        AccountError: for a name or a password that cannot be.
        StoreError: when the name is taken.
    """
    if not NAME.fullmatch(name) or not name.isprintable():
        raise AccountError(
            "name", "a user's name is 1 to 100 characters without spaces and slashes"
        )
    digest = None if password is None else _digest(passwords, password)
    user = User(name, full_name or name, role, digest, True, language(), datetime.now(UTC))
    add_user(connection, user)


def new_password(connection: Connection, passwords: Passwords, name: str, password: str) -> None:
    """Give a person another password, and end his sessions.

    Raises:
        AccountError: for a password that cannot be.
        StoreError: when there is nobody of that name.
    """
    change_user(connection, name, {"password": _digest(passwords, password)})
    sessions.close_sessions_of(connection, name)


def let_in(connection: Connection, name: str, *, active: bool) -> None:
    """Let a person sign in, or no more: then his sessions end at once."""
    change_user(connection, name, {"active": active})
    if not active:
        sessions.close_sessions_of(connection, name)


def _digest(passwords: Passwords, password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError("password", f"a password has {SHORTEST} to {LONGEST} characters")
    return passwords.digest(password)
