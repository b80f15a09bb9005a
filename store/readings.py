"""Which readings of which files count: corrected exports, mended profiles, files put back.

A *reading* is one file's content under one profile and one set of masking rules; a file goes by its
name. The ledger and the quarantine hold the readings that still count, and `contact_readings`
says which contacts each of them brings.

1. Same name, same bytes, other profile or rules: the new reading takes the old one's place. The
   old one leaves the ledger and the quarantine, and contacts that no other reading brings go
   before the new one is saved. So the store is as if the old reading had never been.
2. Same name, other bytes. A contact with an id of its own is updated by it and never removed.
   When the new content has at least half of the contacts of the reading it follows, it is a
   correction: contacts with generated ids that it no longer has go. When it both begins and ends
   later than the old content, the window has moved on, and contacts before its beginning stay.
   With less than half it is another week's file, and all stays.
3. A quarantined row of an older content is settled when the new reading has the same row in
   quarantine, stores a contact of the row's own id, or corrects the whole file without moving on.
   A settled row counts as known. An older content that has neither contacts nor quarantined rows
   of its own left leaves the ledger, and what it stored counts as stored by the new one.
4. A roster is a whole list: the newest content of its name takes the older ones' place in the
   ledger and the quarantine; customers stay.
5. A file is known when it is the latest reading of its name, or a copy, under a new name, of
   another name's latest reading. An older content that is put back is read again. Files of one
   name in several folders of one run stand side by side: none of them follows another.
"""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace

import pandas as pd
from sqlalchemy import Connection, delete, insert, select, update

from nlp.normalize import clean
from store import tables
from store.contacts import (
    FILE_COLUMNS,
    FileCounts,
    drop_contacts,
    drop_stale_predictions,
    save_contacts,
)
from store.corrections import News, Older
from store.customers import save_customers
from store.exports import Export
from store.profiles import Profile
from store.rows import chunks, digest, insert_rows, storable, to_rows

_FILES, _LINKS, _QUARANTINE = tables.files, tables.contact_readings, tables.quarantine


@dataclass(frozen=True)
class Reading:
    """What is read: a file's name, its bytes' digest, and the profile's and the rules' digest."""

    name: str
    content_id: str
    rules_id: str

    def __post_init__(self) -> None:
        """Keep the name as the database does, so that it is found again."""
        object.__setattr__(self, "name", storable(self.name))

    @property
    def file_id(self) -> str:
        """Return what the store calls this reading."""
        return digest(self.name, self.content_id, self.rules_id)


def known_reading(connection: Connection, reading: Reading) -> FileCounts | None:
    """Return the counts of a file that need not be read again, None for one to be read."""
    table = _FILES.c
    columns = [table[name] for name in FILE_COLUMNS]
    mine = select(*columns).where(table.file_id == reading.file_id, table.latest)
    row = connection.execute(mine).mappings().one_or_none()
    named = select(table.file_id).where(table.name == reading.name).limit(1)
    if row is None and connection.execute(named).first() is None:
        copy = select(*columns).where(
            table.content_id == reading.content_id,
            table.rules_id == reading.rules_id,
            table.latest,
        )
        row = connection.execute(copy.order_by(table.name).limit(1)).mappings().one_or_none()
    return FileCounts(**row) if row else None


def save_reading(
    connection: Connection,
    reading: Reading,
    export: Export,
    profile: Profile,
    fingerprint: Callable[[str], str],
    beside: Collection[str] = (),
) -> FileCounts:
    """Save what a file holds, settle it with older readings of its name, and enter the ledger.

    `beside` are the ids of the readings that this run has under the same name. `fingerprint` is
    that of `save_contacts`. All is written within the caller's transaction.

    Returns:
        What became of the rows now. Where an older content left the ledger, the ledger's line
        counts the contacts that it stored as stored, not as known.
    """
    left = _supersede(connection, reading)
    if export.customers is not None:
        saved = save_customers(connection, export.customers, export.told, reading.name)
    else:
        saved = save_contacts(connection, export.contacts, fingerprint)
    drop_stale_predictions(connection, left)
    counts = FileCounts(
        file_id=reading.file_id,
        name=reading.name,
        profile=profile.name,
        encoding=export.encoding,
        read=export.read,
        stored=saved.stored,
        known=saved.known,
        duplicates=export.duplicates + saved.duplicates,
        quarantined=len(export.rejected),
    )
    _link(connection, reading, export)
    news = _news_of(export, profile)
    freed = _settle(connection, reading, news, beside)
    line = _credited(connection, counts, freed & saved.known_ids)
    record_reading(connection, reading, line, export.rejected)
    return counts


def record_reading(
    connection: Connection, reading: Reading, counts: FileCounts, rejected: pd.DataFrame
) -> None:
    """Write a reading's line of the ledger, as its name's latest, and its rejected rows."""
    (line,) = to_rows(pd.DataFrame([asdict(counts)]))
    keys = {"content_id": reading.content_id, "rules_id": reading.rules_id, "latest": True}
    connection.execute(insert(_FILES).values(**line, **keys))
    rows = [
        {"file_id": counts.file_id, "number": number, **row}
        for number, row in enumerate(to_rows(rejected))
    ]
    insert_rows(connection, _QUARANTINE, rows)


def _supersede(connection: Connection, reading: Reading) -> list[str]:
    """Forget earlier readings of these bytes of this name; return the contacts that went."""
    table = _FILES.c
    same = select(table.file_id).where(
        table.name == reading.name, table.content_id == reading.content_id
    )
    gone: list[str] = []
    for file_id in connection.execute(same).scalars().all():
        links = select(_LINKS.c.contact_id).where(_LINKS.c.file_id == file_id)
        brought = connection.execute(links).scalars().all()
        for part in (_LINKS, _QUARANTINE, _FILES):
            connection.execute(delete(part).where(part.c.file_id == file_id))
        alone = sorted(set(brought) - _linked(connection, brought))
        drop_contacts(connection, alone)
        gone += alone
    return gone


def _linked(
    connection: Connection, contact_ids: Collection[str], beside: str | None = None
) -> set[str]:
    """Return those contacts that some reading brings, `beside` this one."""
    found: set[str] = set()
    for part in chunks(sorted(contact_ids)):
        query = select(_LINKS.c.contact_id).where(_LINKS.c.contact_id.in_(part))
        if beside is not None:
            query = query.where(_LINKS.c.file_id != beside)
        found.update(connection.execute(query).scalars())
    return found


def _link(connection: Connection, reading: Reading, export: Export) -> None:
    rows = [
        {
            "contact_id": storable(contact_id),
            "file_id": reading.file_id,
            "generated": contact_id in export.generated_ids,
        }
        for contact_id in export.contacts["contact_id"]
    ]
    insert_rows(connection, _LINKS, rows)


def _news_of(export: Export, profile: Profile) -> News:
    header = profile.columns.get("contact_id")
    rows = to_rows(export.contacts[["contact_id", "contacted_at"]])
    return News(
        moments={row["contact_id"]: row["contacted_at"] for row in rows},
        refused=frozenset(row["row"] for row in to_rows(export.rejected)),
        source=profile.name,
        id_header=clean(header) if header else None,
        roster=export.customers is not None,
    )


def _settle(
    connection: Connection, reading: Reading, news: News, beside: Collection[str]
) -> set[str]:
    """Settle a new reading with older contents; return the contacts of those that left."""
    freed: set[str] = set()
    table = _FILES.c
    query = select(table.file_id, table.latest).where(
        table.name == reading.name, table.file_id.not_in([*beside, reading.file_id])
    )
    for file_id, latest in connection.execute(query.order_by(table.file_id)).all():
        older = _older(connection, file_id, latest)
        rest = _settle_quarantine(connection, news, older)
        withdrawn = news.withdrawn(older)
        shared = older.moments.keys() & news.moments.keys()
        for part in chunks(sorted(withdrawn | shared)):
            connection.execute(
                delete(_LINKS).where(_LINKS.c.file_id == file_id, _LINKS.c.contact_id.in_(part))
            )
        alone = sorted(withdrawn - _linked(connection, withdrawn))
        drop_contacts(connection, alone)
        drop_stale_predictions(connection, alone)
        if rest or older.moments.keys() - withdrawn - shared:
            connection.execute(update(_FILES).where(table.file_id == file_id).values(latest=False))
        else:
            connection.execute(delete(_FILES).where(table.file_id == file_id))
            freed |= shared
    return freed


def _older(connection: Connection, file_id: str, latest: bool) -> Older:
    query = (
        select(_LINKS.c.contact_id, _LINKS.c.generated, tables.contacts.c.contacted_at)
        .join(tables.contacts, tables.contacts.c.contact_id == _LINKS.c.contact_id)
        .where(_LINKS.c.file_id == file_id)
    )
    rows = connection.execute(query).all()
    generated = frozenset(row.contact_id for row in rows if row.generated)
    return Older(file_id, {row.contact_id: row.contacted_at for row in rows}, generated, latest)


def _settle_quarantine(connection: Connection, news: News, older: Older) -> int:
    """Take settled rows from the quarantine, count them as known, return how many are left."""
    table = _QUARANTINE.c
    query = select(table.number, table.row).where(table.file_id == older.file_id)
    rows = connection.execute(query).all()
    mended = news.corrects(older) and not news.moves_on(older)
    settled = [number for number, row in rows if mended or news.settles(row)]
    for part in chunks(settled):
        connection.execute(
            delete(_QUARANTINE).where(table.file_id == older.file_id, table.number.in_(part))
        )
    files = _FILES.c
    connection.execute(
        update(_FILES)
        .where(files.file_id == older.file_id)
        .values(known=files.known + len(settled), quarantined=files.quarantined - len(settled))
    )
    return len(rows) - len(settled)


def _credited(connection: Connection, counts: FileCounts, freed: set[str]) -> FileCounts:
    """Return the ledger's counts: known contacts that an older line stored move to this one."""
    mine = freed - _linked(connection, freed, beside=counts.file_id)
    contact, hidden = tables.contacts.c, 0
    for part in chunks(sorted(mine)):
        query = select(contact.contact_id).where(contact.contact_id.in_(part), contact.duplicate)
        hidden += len(connection.execute(query).all())
    return replace(
        counts,
        stored=counts.stored + len(mine) - hidden,
        known=counts.known - len(mine),
        duplicates=counts.duplicates + hidden,
    )
