"""Which readings of which files count: corrected exports, mended profiles, files put back.

A *reading* is one file's content under one profile and one set of masking rules; a file goes by its
name. The ledger and the quarantine hold the readings that still count, and `contact_readings`
says which contacts each of them brings.

1. Same name, same bytes, other profile or rules: the new reading takes the old one's place. The
   old one leaves the ledger and the quarantine, and contacts that no other reading brings go
   before the new one is saved. So the store is as if the old reading had never been.
2. Same name, other bytes. A contact with an id of its own is updated by it and never removed.
   When the new content has at least half of the contacts of the reading it follows, it is a
   correction: contacts with generated ids that it no longer has go. When it reaches beyond the old
   content's last moment, the window has moved on, and contacts before its first moment stay.
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

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, delete, func, select, update

from nlp.normalize import clean
from store import tables
from store.contacts import (
    FILE_COLUMNS,
    FileCounts,
    Saved,
    drop_contacts,
    drop_stale_predictions,
    save_contacts,
    save_customers,
)
from store.copies import Fingerprint
from store.exports import Export
from store.profiles import Profile
from store.rows import chunks, digest, insert_rows, storable, to_rows

_FILES, _LINKS, _QUARANTINE = tables.files, tables.contact_readings, tables.quarantine
