"""Cases: who works on a customer, how it ended, and all that was done before.

A case is anybody's until somebody takes it, and again when it was held for long without an outcome.
What was done is only added to, never changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Literal, get_args

import pandas as pd
from sqlalchemy import Connection, and_, func, insert, or_, select, update

from labels.frames import UTC
from store.desk_tables_cases import case_events, cases
from store.rows import add_row, read_frame

OutcomeKind = Literal["saved", "lost", "not_at_risk", "later", "wrong_reason"]
Offer = Literal["mended", "plan", "credit", "discount", "talk", "other"]
OUTCOMES: tuple[OutcomeKind, ...] = get_args(OutcomeKind)
OFFERS: tuple[Offer, ...] = get_args(Offer)
TAKE, RELEASE = "take", "release"
# Whether somebody left is told by these alone: a call put off says nothing of it.
_TELLING = ("saved", "lost", "not_at_risk")


@dataclass(frozen=True, slots=True)
class Case:
    """A customer as he stands: whose he is, since when, and the newest outcome, None without."""

    customer_id: str
    holder: str | None = None
    taken_at: datetime | None = None
    outcome: OutcomeKind | None = None
    outcome_at: datetime | None = None
    call_on: date | None = None

    def held_by(self, now: datetime, hours: float) -> str | None:
        """Return who works on him now; None where nobody does, or the case was left for long."""
        if self.taken_at is None or self.taken_at <= now - timedelta(hours=hours):
            return None
        return self.holder


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended. `day`: left on it, or to be called on it; `offer`: what saved him."""

    kind: OutcomeKind
    day: date | None = None
    offer: Offer | None = None
    note: str | None = None
    contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done with a customer: `take`, `release`, or an outcome."""

    number: int
    customer_id: str
    at: datetime
    user_name: str
    action: str
    day: date | None
    offer: str | None
    note: str | None
    contact_id: str | None


_COLUMNS = tuple(cases.c[field.name] for field in fields(Case))
_EVENT_COLUMNS = tuple(case_events.c[field.name] for field in fields(Event))


def take(
    connection: Connection,
    customer_id: str,
    who: str,
    now: datetime,
    *,
    hours: float,
    seen: datetime | None,
) -> bool:
    """Make the customer the case of `who`; return False where somebody was there before.

    Of several who take a customer at once one succeeds. `seen` is the newest outcome that the
    person knew of: with a newer one the customer may have been called in the meantime, so that
    nobody takes him unaware of it. Who holds him already keeps him as he is.

    Args:
        connection: to write to the desk store with.
        customer_id: whom.
        who: the person's name.
        now: the present moment.
        hours: after how many a case that was left is anybody's again.
        seen: when the newest known outcome was written, None where none was known.
    """
    free = or_(cases.c.holder.is_(None), cases.c.taken_at <= now - timedelta(hours=hours))
    known = cases.c.outcome_at.is_(None) if seen is None else cases.c.outcome_at == seen
    changed = connection.execute(
        update(cases)
        .where(cases.c.customer_id == customer_id, free, known)
        .values(holder=who, taken_at=now)
    )
    case = {"customer_id": customer_id, "holder": who, "taken_at": now}
    taken = changed.rowcount == 1 or add_row(connection, cases, case)
    if taken:
        _write(connection, customer_id, who, now, TAKE)
        return True
    return read_case(connection, customer_id).held_by(now, hours) == who


def release(connection: Connection, customer_id: str, who: str, now: datetime) -> bool:
    """Give a case back to the queue; return False where it is not this person's."""
    if not _end(connection, customer_id, who):
        return False
    _write(connection, customer_id, who, now, RELEASE)
    return True


def close(
    connection: Connection, customer_id: str, who: str, now: datetime, outcome: Outcome
) -> bool:
    """Write how a case ended; return False, and write nothing, where it is not this person's."""
    later = outcome.day if outcome.kind == "later" else None
    if not _end(connection, customer_id, who, outcome=outcome.kind, outcome_at=now, call_on=later):
        return False
    _write(
        connection,
        customer_id,
        who,
        now,
        outcome.kind,
        day=outcome.day,
        offer=outcome.offer,
        note=outcome.note,
        contact_id=outcome.contact_id,
    )
    return True


def _end(connection: Connection, customer_id: str, who: str, **values: object) -> bool:
    own = and_(cases.c.customer_id == customer_id, cases.c.holder == who)
    ended = update(cases).where(own).values(holder=None, taken_at=None, **values)
    return connection.execute(ended).rowcount == 1


def _write(
    connection: Connection, customer_id: str, who: str, at: datetime, action: str, **told: object
) -> None:
    event = {"customer_id": customer_id, "user_name": who, "at": at, "action": action, **told}
    connection.execute(insert(case_events).values(**event))


def read_case(connection: Connection, customer_id: str) -> Case:
    """Return a customer as he stands; nobody's and without an outcome where nothing was done."""
    query = select(*_COLUMNS).where(cases.c.customer_id == customer_id)
    row = connection.execute(query).one_or_none()
    return Case(customer_id) if row is None else Case(*row)


def read_cases(connection: Connection, since: datetime) -> dict[str, Case]:
    """Return the cases that are held, to be called later, or have an outcome since a moment."""
    open_ = or_(cases.c.holder.is_not(None), cases.c.outcome == "later")
    query = select(*_COLUMNS).where(or_(open_, cases.c.outcome_at >= since))
    return {row.customer_id: Case(*row) for row in connection.execute(query)}


def read_closed(
    connection: Connection,
    *,
    limit: int,
    offset: int = 0,
    like: str = "",
    among: Iterable[str] | None = None,
) -> list[Case]:
    """Return the customers with an outcome but `later` whom nobody holds, the newest first.

    `like` is a part of their ids; of `among` only, where that is given.
    """
    ended = and_(cases.c.outcome.is_not(None), cases.c.outcome != "later")
    query = select(*_COLUMNS).where(ended, cases.c.holder.is_(None))
    if like:
        query = query.where(cases.c.customer_id.icontains(like, autoescape=True))
    if among is not None:
        query = query.where(cases.c.customer_id.in_([*among]))
    newest = query.order_by(cases.c.outcome_at.desc(), cases.c.customer_id)
    return [Case(*row) for row in connection.execute(newest.limit(limit).offset(offset))]


def read_history(connection: Connection, customer_id: str, limit: int) -> list[Event]:
    """Return what was done with a customer, the newest first."""
    query = select(*_EVENT_COLUMNS).where(case_events.c.customer_id == customer_id)
    newest = query.order_by(case_events.c.number.desc()).limit(limit)
    return [Event(*row) for row in connection.execute(newest)]


def count_done(connection: Connection, since: datetime) -> dict[str, int]:
    """Return with how many customers each thing was done since a moment."""
    customers = func.count(case_events.c.customer_id.distinct())
    query = select(case_events.c.action, customers).where(case_events.c.at >= since)
    return {action: n for action, n in connection.execute(query.group_by(case_events.c.action))}


def read_lost(connection: Connection) -> dict[str, date]:
    """Return the day on which each customer left who is lost by the newest outcome that tells."""
    told = case_events.c
    query = (
        select(told.customer_id, told.action, told.day)
        .where(told.action.in_(_TELLING))
        .order_by(told.number)
    )
    newest = {row.customer_id: row for row in connection.execute(query)}
    return {name: row.day for name, row in sorted(newest.items()) if row.action == "lost"}


def read_outcomes(connection: Connection) -> pd.DataFrame:
    """Return every outcome in the order in which it was written, without any text.

    Columns: `customer_id`, `recorded_at` (UTC), `outcome`, `day` (of leaving, or to call on; None
    for the others) and `offer` (what saved him, None for the others).
    """
    told = case_events.c
    query = (
        select(
            told.customer_id,
            told.at.label("recorded_at"),
            told.action.label("outcome"),
            told.day,
            told.offer,
        )
        .where(told.action.in_(OUTCOMES))
        .order_by(told.number)
    )
    return read_frame(connection, query, {"recorded_at": UTC})
