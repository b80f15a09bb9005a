"""Which stored contacts are exact duplicates.

A copy is kept and hidden, not thrown away: a contact that comes later, or is corrected, can change
which ones are copies. So the same rows give the same contacts in whatever pieces they were saved.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from store import tables
from store.rows import chunks

SAME_CONTACT = timedelta(minutes=2)


def mark_copies(connection: Connection, keys: Iterable[str | None]) -> int:
    """Mark anew which contacts of these copy keys are duplicates.

    Of the same customer's contacts with the same normalised text, the first stays, and so does
    each that is more than two minutes after the last one that stayed.

    Returns how many more contacts are hidden than before; below 0 when some came to light.
    """
    table = tables.contacts.c
    hide: list[str] = []
    show: list[str] = []
    for part in chunks(sorted({key for key in keys if key is not None})):
        query = (
            select(table.copy_key, table.contacted_at, table.contact_id, table.duplicate)
            .where(table.copy_key.in_(part))
            .order_by(table.copy_key, table.contacted_at, table.contact_id)
        )
        stayed: tuple[str, datetime] | None = None
        for key, moment, contact_id, marked in connection.execute(query):
            same = stayed is not None and key == stayed[0] and moment - stayed[1] <= SAME_CONTACT
            if not same:
                stayed = (key, moment)
            if same != marked:
                (hide if same else show).append(contact_id)
    for ids, duplicate in ((hide, True), (show, False)):
        for part in chunks(ids):
            change = update(tables.contacts).where(table.contact_id.in_(part))
            connection.execute(change.values(duplicate=duplicate))
    return len(hide) - len(show)
