"""Which rows are one contact, and what a contact is called.

An exact duplicate, the same customer with the same normalised text within two minutes
(`signals.md`), is a contact of its own that is not counted: store/copies.py. Here only those rows
fall away that nothing tells apart from another. All is decided on masked texts and stored customer
ids: a digest of the raw ones could be tried out until it gave the personal data back.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import datetime

from nlp.normalize import fingerprint_text
from store.contactrows import Contact


def split_by_id(contacts: Sequence[Contact]) -> tuple[list[Contact], int, list[Contact]]:
    """Return the contacts whose given id is new, how many only repeat one, and those in conflict.

    A later line with a known id is a duplicate when everything in it is the same, else a conflict.
    """
    first: dict[str, tuple[object, ...]] = {}
    kept: list[Contact] = []
    conflicts: list[Contact] = []
    for contact in contacts:
        if contact.given_id is None:
            kept.append(contact)
            continue
        content = astuple(replace(contact, place=0))
        known = first.setdefault(contact.given_id, content)
        if known is content:
            kept.append(contact)
        elif known != content:
            conflicts.append(contact)
    return kept, len(contacts) - len(kept) - len(conflicts), conflicts


def without_repeats(contacts: Sequence[Contact]) -> list[tuple[Contact, str]]:
    """Return the contacts but for repeated rows, with their fingerprints, in file order.

    A row without an id of its own repeats an earlier one without when it is of the same customer,
    moment and normalised text: in another file they would be one contact. Rows of unknown
    customers never repeat one: two people may well write the same.
    """
    prints = {text: fingerprint_text(text) for text in {contact.text for contact in contacts}}
    kept: list[tuple[Contact, str]] = []
    seen: set[tuple[str, datetime, str]] = set()
    for contact in contacts:
        fingerprint = prints[contact.text]
        if contact.given_id is None and contact.customer_id is not None:
            what = (contact.customer_id, contact.contacted_at, fingerprint)
            if what in seen:
                continue
            seen.add(what)
        kept.append((contact, fingerprint))
    return kept


def contact_ids(source: str, contacts: Sequence[tuple[Contact, str]]) -> list[str]:
    """Return an id for each contact: its own within the source, or a digest of what it is.

    Rows that are alike in customer, moment and text are numbered in the order of their lines.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    ids: list[str] = []
    for contact, fingerprint in contacts:
        if contact.given_id is not None:
            ids.append(f"{source}:{contact.given_id}")
            continue
        moment = contact.contacted_at.isoformat(timespec="microseconds")
        what = (source, contact.customer_id or "", moment, fingerprint)
        ids.append(_digest((*what, str(seen[what]))))
        seen[what] += 1
    return ids


def _digest(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()[:20]
