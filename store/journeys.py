"""A customer's contacts with what is known of each, page by page; and what the rosters tell."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select
from sqlalchemy.sql import ColumnElement

from labels.codebook import REASONS
from store import tables
from store.predictions import matching

_CONTACT, _MADE = tables.contacts.c, tables.predictions.c


@dataclass(frozen=True, slots=True)
class Visit:
    """One contact. What the model says is None, and `reasons` empty, where there is none.

    `evidence` is JSON text: reason to [start, end) in `text`.
    """

    contact_id: str
    customer_id: str | None
    contacted_at: datetime
    channel: str
    queue: str | None
    direction: str
    product: str | None
    text: str
    text_digest: str
    nps: float | None
    csat: float | None
    crm_resolved: bool | None
    churn_intent: str | None
    resolution: str | None
    repeat: bool | None
    evidence: str | None
    thread_id: str | None
    position: int | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """One of a customer's threads; `number` counts them from 1, the oldest first."""

    number: int
    contacts: int


@dataclass(frozen=True)
class Journey:
    """How many contacts a customer has, the first and the last, and the threads by their id."""

    contacts: int
    first: datetime | None
    last: datetime | None
    threads: dict[str, Thread]


@dataclass(frozen=True, slots=True)
class Customer:
    """What the rosters tell of a customer."""

    customer_id: str
    customer_since: date | None = None
    contract_end: date | None = None
    churned_at: date | None = None
    monthly_value: float | None = None
    segment: str | None = None
    company: str | None = None


def read_customer(connection: Connection, customer_id: str) -> Customer | None:
    """Return what the rosters tell, None where they know nobody of this id."""
    table = tables.customers.c
    columns = (table[field.name] for field in fields(Customer))
    row = connection.execute(select(*columns).where(table.customer_id == customer_id)).one_or_none()
    return None if row is None else Customer(*row)


def is_known(connection: Connection, customer_id: str) -> bool:
    """Return whether a roster or any contact names a customer."""
    own = select(_CONTACT.contact_id).where(_CONTACT.customer_id == customer_id).limit(1)
    if connection.execute(own).first() is not None:
        return True
    return read_customer(connection, customer_id) is not None


def read_journey(connection: Connection, definition: str, customer_id: str) -> Journey:
    """Return a customer's contacts in numbers; copies do not count."""
    own = _of(customer_id)
    counts = select(
        func.count(), func.min(_CONTACT.contacted_at), func.max(_CONTACT.contacted_at)
    ).where(own)
    n, first, last = connection.execute(counts).one()
    thread = tables.threads.c
    begun = func.min(_CONTACT.contacted_at)
    query = (
        select(thread.thread_id, func.count(), begun)
        .select_from(tables.contacts.join(tables.threads, _in_thread(definition)))
        .where(own)
        .group_by(thread.thread_id)
        .order_by(begun, thread.thread_id)
    )
    found = [(name, count) for name, count, _ in connection.execute(query)]
    numbered = {name: Thread(number, count) for number, (name, count) in enumerate(found, start=1)}
    return Journey(n, first, last, numbered)


def read_visits(
    connection: Connection,
    model_id: str,
    definition: str,
    customer_id: str,
    *,
    limit: int,
    offset: int = 0,
) -> list[Visit]:
    """Return a customer's contacts without copies, the newest first."""
    newest = (_CONTACT.contacted_at.desc(), _CONTACT.contact_id.desc())
    query = _visits(model_id, definition).where(_of(customer_id)).order_by(*newest)
    return _made(connection, query.limit(limit).offset(offset))


def read_notes(
    connection: Connection, model_id: str, definition: str, contact_ids: Iterable[str]
) -> dict[str, Visit]:
    """Return these contacts by their id; one that is gone is left out."""
    query = _visits(model_id, definition).where(_CONTACT.contact_id.in_([*contact_ids]))
    return {visit.contact_id: visit for visit in _made(connection, query)}


def _of(customer_id: str) -> ColumnElement[bool]:
    return and_(_CONTACT.customer_id == customer_id, _CONTACT.duplicate.is_(False))


def _in_thread(definition: str) -> ColumnElement[bool]:
    thread = tables.threads.c
    return and_(thread.contact_id == _CONTACT.contact_id, thread.definition == definition)


@lru_cache(maxsize=8)  # to put the statement together takes as long as to run it
def _visits(model_id: str, definition: str) -> Select[Any]:
    columns = {column.name: column for column in (*_CONTACT, *_MADE, *tables.threads.c)}
    # Of columns that stand in several tables the contact's own counts.
    columns |= {column.name: column for column in _CONTACT}
    own = (columns[field.name] for field in fields(Visit) if field.name != "reasons")
    known = tables.contacts.outerjoin(tables.predictions, matching(model_id))
    flags = (_MADE[str(reason)].label(f"is_{reason}") for reason in REASONS)
    joined = known.outerjoin(tables.threads, _in_thread(definition))
    return select(*own, *flags).select_from(joined)


def _made(connection: Connection, query: Select[Any]) -> list[Visit]:
    names = [field.name for field in fields(Visit) if field.name != "reasons"]
    visits = []
    for row in connection.execute(query):
        flags = zip(REASONS, row[len(names) :], strict=True)
        said = tuple(str(reason) for reason, flag in flags if flag)
        visits.append(Visit(**dict(zip(names, row, strict=False)), reasons=said))
    return visits
