"""Reads and writes of sessions: who is signed in, until when. Tokens are kept as digests alone."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from store.desk_tables import sessions, users
from store.users import User, find_user

TOUCHED_AFTER = timedelta(minutes=1)  # a page does not write because it was looked at


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: its person, and the token that forms must carry."""

    user: User
    csrf: str
    digest: str


@dataclass(frozen=True, slots=True)
class Limits:
    """When sessions end: after `idle` without a request, and `longest` after they began."""

    idle: timedelta
    longest: timedelta


def open_session(connection: Connection, user_name: str, now: datetime) -> str:
    """Begin a session and return its secret token, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    row = {
        "token_digest": _digest(token),
        "user_name": user_name,
        "csrf": secrets.token_urlsafe(24),
    }
    connection.execute(insert(sessions).values(**row, created_at=now, seen_at=now))
    return token


def find_session(
    connection: Connection, token: str, now: datetime, limits: Limits
) -> Session | None:
    """Return the session of a token; None when it ended or its person may sign in no more."""
    table = sessions.c
    query = (
        select(table.token_digest, table.csrf, table.user_name)
        .join(users, users.c.name == table.user_name)
        .where(
            table.token_digest == _digest(token),
            table.seen_at > now - limits.idle,
            table.created_at > now - limits.longest,
            users.c.active,
        )
    )
    row = connection.execute(query).one_or_none()
    user = None if row is None else find_user(connection, row.user_name)
    return None if row is None or user is None else Session(user, row.csrf, row.token_digest)


def touch_session(connection: Connection, digest: str, now: datetime) -> None:
    """Record that a session is in use."""
    this = sessions.c.token_digest == digest
    connection.execute(update(sessions).where(this).values(seen_at=now))


def needs_touch(connection: Connection, digest: str, now: datetime) -> bool:
    """Return whether the session's last recorded use is long enough ago to be written again."""
    seen = connection.execute(
        select(sessions.c.seen_at).where(sessions.c.token_digest == digest)
    ).scalar_one_or_none()
    return seen is not None and now - seen > TOUCHED_AFTER


def close_session(connection: Connection, digest: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.token_digest == digest))


def close_sessions_of(connection: Connection, user_name: str) -> None:
    """End all sessions of a person."""
    connection.execute(delete(sessions).where(sessions.c.user_name == user_name))


def close_ended(connection: Connection, now: datetime, limits: Limits) -> None:
    """Forget the sessions that ended."""
    table = sessions.c
    ended = (table.seen_at <= now - limits.idle) | (table.created_at <= now - limits.longest)
    connection.execute(delete(sessions).where(ended))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
