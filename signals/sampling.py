"""The order in which a week's contacts are drawn for an audit, and which labels of it count."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import date


def random_order(week: date, contact_ids: Iterable[str]) -> list[str]:
    """Return the contacts in the week's random order.

    Each contact has a number of its own for life, a digest of the week and its id, and the order
    is that of the numbers (permanent random numbers: Ohlsson, 1995, in Business Survey Methods).
    So the first n are a simple random sample for every n: a larger sample extends a smaller one,
    contacts that come later fall in their own places, and nobody can draw again until a
    convenient sample comes.
    """
    return sorted(contact_ids, key=lambda contact_id: (_number(week, contact_id), contact_id))


def _number(week: date, contact_id: str) -> bytes:
    text = f"{week.isoformat()}/{contact_id}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def that_count(order: Iterable[str], labelled: Collection[str]) -> list[str]:
    """Return the labelled contacts that stand in the order before the first one without a label.

    These are a random sample. What is labelled after a gap is not counted: whoever leaves out the
    notes that are hard to label would choose the sample.
    """
    counted = []
    for contact_id in order:
        if contact_id not in labelled:
            break
        counted.append(contact_id)
    return counted
