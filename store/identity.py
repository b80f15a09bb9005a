"""Which rows are one contact, and what a contact is called.

An exact duplicate is the same customer, the same normalised text, within two minutes
(`signals.md`). All is decided on masked texts and stored customer ids: a digest of the raw ones
could be tried out until it gave the personal data back.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import timedelta

from nlp.normalize import fingerprint_text
from store.contactrows import Contact

DUPLICATE_WITHIN = timedelta(minutes=2)


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


def without_duplicates(contacts: Sequence[Contact]) -> list[tuple[Contact, str]]:
    """Return the contacts that are no exact duplicates, with their fingerprints, in file order.

    The first in time (then in the file) stays, and later ones are measured against it. Rows
    of unknown customers are never duplicates: two people may well write the same.
    """
    prints = {text: fingerprint_text(text) for text in {contact.text for contact in contacts}}
    kept: list[tuple[Contact, str]] = []
    last: dict[tuple[str, str], Contact] = {}
    for contact in sorted(contacts, key=lambda one: (one.contacted_at, one.place)):
        fingerprint = prints[contact.text]
        if contact.customer_id is not None:
            key = (contact.customer_id, fingerprint)
            earlier = last.get(key)
            if earlier and contact.contacted_at - earlier.contacted_at <= DUPLICATE_WITHIN:
                continue
            last[key] = contact
        kept.append((contact, fingerprint))
    return sorted(kept, key=lambda one: one[0].place)


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
