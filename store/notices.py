"""Reads and writes of what was sent, so that nothing is sent twice and nothing is lost.

A notice is claimed before it is sent and settled after. One that was claimed and never settled was
cut off by a kill: after `STALE` it is free again, and its message carries the same id as before, so
that a receiver can tell it from a new one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.sql import ColumnElement

from store.desk_tables_quality import notices
from store.rows import chunks

Kind = Literal["weekly", "at_risk"]
Way = Literal["mail", "webhook"]
STALE = timedelta(minutes=15)
# An arbitrary constant: two programs that claim in PostgreSQL wait for each other.
NOTICES_LOCK = 5_311_974_024


@dataclass(frozen=True)
class Notice:
    """One matter for one receiver, as it stands: sending, sent or failed."""

    kind: str
    subject: str
    episode: int
    way: str
    receiver: str
    state: str
    attempts: int
    tried_at: datetime
    sent_at: datetime | None
    problem: str | None
    over: bool


def claim(
    connection: Connection,
    kind: Kind,
    way: Way,
    receiver: str,
    subjects: Iterable[str],
    now: datetime,
) -> dict[str, int]:
    """Claim what this receiver was not sent yet; return the episode of each such subject.

    What another program claimed within `STALE` is left to it.
    """
    if connection.engine.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": NOTICES_LOCK})
    claimed: dict[str, int] = {}
    wanted = list(dict.fromkeys(subjects))
    for part in chunks(wanted):
        latest = _latest(connection, kind, way, receiver, part)
        for subject in part:
            before = latest.get(subject)
            if before is not None and _is_taken(before, now):
                continue
            episode = 1 if before is None else before.episode + before.over
            claimed[subject] = episode
            _write_claim(connection, kind, way, receiver, subject, episode, now)
    return claimed


def _latest(
    connection: Connection, kind: str, way: str, receiver: str, subjects: Collection[str]
) -> dict[str, Notice]:
    """Return the latest episode of each subject that was claimed for the receiver before."""
    query = (
        select(notices)
        .where(
            notices.c.kind == kind,
            notices.c.way == way,
            notices.c.receiver == receiver,
            notices.c.subject.in_(subjects),
        )
        .order_by(notices.c.episode)
    )
    return {row.subject: Notice(*row) for row in connection.execute(query)}


def _is_taken(notice: Notice, now: datetime) -> bool:
    if notice.over:
        return False
    if notice.state == "sending":
        return now - notice.tried_at < STALE
    return notice.state == "sent"


def _write_claim(
    connection: Connection,
    kind: str,
    way: str,
    receiver: str,
    subject: str,
    episode: int,
    now: datetime,
) -> None:
    own = _own(kind, way, receiver, subject, episode)
    values = {"state": "sending", "tried_at": now, "problem": None}
    tried = update(notices).where(*own).values(attempts=notices.c.attempts + 1, **values)
    if connection.execute(tried).rowcount:
        return
    key = {"kind": kind, "way": way, "receiver": receiver, "subject": subject, "episode": episode}
    connection.execute(insert(notices).values(**key, **values, attempts=1, over=False))


def _own(
    kind: str, way: str, receiver: str, subject: str, episode: int
) -> tuple[ColumnElement[bool], ...]:
    return (
        notices.c.kind == kind,
        notices.c.way == way,
        notices.c.receiver == receiver,
        notices.c.subject == subject,
        notices.c.episode == episode,
    )


def settle(
    connection: Connection,
    kind: Kind,
    way: Way,
    receiver: str,
    claimed: dict[str, int],
    now: datetime,
    problem: str | None = None,
) -> None:
    """Record that what was claimed was sent, or with a problem, that it was not."""
    values = (
        {"state": "failed", "problem": problem} if problem else {"state": "sent", "sent_at": now}
    )
    for subject, episode in claimed.items():
        own = _own(kind, way, receiver, subject, episode)
        connection.execute(update(notices).where(*own).values(**values))


def close_others(connection: Connection, kind: Kind, present: Collection[str]) -> None:
    """Mark what is no longer present as over: when it comes back, it is a new episode.

    What was never sent, and is not present, is nothing to send any more.
    """
    open_ones = select(notices.c.subject).where(notices.c.kind == kind, notices.c.over.is_(False))
    gone = sorted(set(connection.execute(open_ones).scalars()) - set(present))
    for part in chunks(gone):
        of_part = (notices.c.kind == kind, notices.c.subject.in_(part), notices.c.over.is_(False))
        connection.execute(delete(notices).where(*of_part, notices.c.state == "failed"))
        connection.execute(update(notices).where(*of_part).values(over=True))


def unsent(connection: Connection, kind: Kind, receivers: Collection[str]) -> dict[str, set[str]]:
    """Return the subjects that could not be sent, in order, and to which of the receivers."""
    query = (
        select(notices.c.subject, notices.c.receiver)
        .where(
            notices.c.kind == kind,
            notices.c.state != "sent",
            notices.c.receiver.in_(receivers),
        )
        .order_by(notices.c.subject)
    )
    found: dict[str, set[str]] = {}
    for subject, receiver in connection.execute(query):
        found.setdefault(subject, set()).add(receiver)
    return found


def count_notices(connection: Connection) -> int:
    """Return how many notices there are."""
    return int(connection.execute(select(func.count()).select_from(notices)).scalar_one())


def read_notices(connection: Connection, limit: int, offset: int = 0) -> list[Notice]:
    """Return the notices that were tried last, the newest first."""
    query = (
        select(notices)
        .order_by(
            notices.c.tried_at.desc(),
            notices.c.kind,
            notices.c.subject,
            notices.c.receiver,
            notices.c.way,
            notices.c.episode.desc(),
        )
        .limit(limit)
        .offset(offset)
    )
    return [Notice(*row) for row in connection.execute(query)]
