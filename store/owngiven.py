"""Which notes and customers were given people's own reasons, as pages and the search ask for it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from labels.ownreasons import OwnFigures
from store import tables
from store.ownpredictions import read_figures
from store.rows import chunks

Given = dict[str, tuple[OwnFigures, ...]]
_contact, _made = tables.contacts.c, tables.own_predictions.c


def given_to_contacts(connection: Connection, contact_ids: Iterable[str]) -> Given:
    """Return the reasons that these contacts were given, by contact and in the names' order.

    A contact without any is left out.
    """
    figures = {one.reason_id: one for one in read_figures(connection)}
    found: dict[str, set[str]] = {}
    for part in chunks([*contact_ids]) if figures else ():
        query = _present(select(_made.contact_id, _made.reason_id))
        for contact_id, reason_id in connection.execute(query.where(_made.contact_id.in_(part))):
            found.setdefault(contact_id, set()).add(reason_id)
    return {
        contact_id: tuple(one for reason_id, one in figures.items() if reason_id in reasons)
        for contact_id, reasons in found.items()
    }


def given_to_customers(
    connection: Connection, customer_ids: Iterable[str], since: datetime, until: datetime
) -> Given:
    """Return the reasons of these customers' notes after `since` until `until`, by customer.

    Notes are inbound contacts and survey answers, as in `signals.risk`. The reason that was given
    last stands first; a customer without any is left out.
    """
    figures = {one.reason_id: one for one in read_figures(connection)}
    last = func.max(_contact.contacted_at)
    noted = or_(_contact.direction == "in", _contact.channel == "survey")
    found: Given = {}
    for part in chunks([*customer_ids]) if figures else ():
        query = (
            _present(select(_contact.customer_id, _made.reason_id))
            .where(_contact.customer_id.in_(part), _contact.duplicate.is_(False), noted)
            .where(_contact.contacted_at > since, _contact.contacted_at <= until)
            .group_by(_contact.customer_id, _made.reason_id)
            .order_by(_contact.customer_id, last.desc(), _made.reason_id)
        )
        for customer_id, reason_id in connection.execute(query):
            if reason_id in figures:
                found[customer_id] = (*found.get(customer_id, ()), figures[reason_id])
    return found


def given_numbers(connection: Connection) -> dict[str, list[int]]:
    """Return the numbers of the search index' notes that were given each reason, by its id."""
    words = tables.note_words.c
    query = _present(select(_made.reason_id, words.number)).join(
        tables.note_words, words.contact_id == _made.contact_id
    )
    found: dict[str, list[int]] = {}
    for reason_id, number in connection.execute(query):
        found.setdefault(reason_id, []).append(number)
    return found


def _present(query: Select[Any]) -> Select[Any]:
    """Return the query of what was given to contacts as they are stored."""
    same = and_(_made.contact_id == _contact.contact_id, _made.text_digest == _contact.text_digest)
    joined = query.select_from(tables.own_predictions.join(tables.contacts, same))
    return joined.where(_made.present.is_(True))
