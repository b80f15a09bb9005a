"""Reads and writes of pairs: how likely two contacts of a customer are about the same matter.

The store is their cache, as it is for predictions. A pair is of two rows as they were; when either
is corrected, the pair counts no longer and is made again.
"""

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection, delete, exists, select, tuple_

from store import tables
from store.rows import chunks, insert_rows, read_frame, to_rows


def read_pairs(connection: Connection, model_id: str) -> pd.DataFrame:
    """Return one model's pairs as a Pairs frame, ordered by both ids.

    `drop_stale_pairs` goes before it where contacts may have changed.
    """
    pair = tables.pairs.c
    query = (
        select(pair.contact_id, pair.earlier_id, pair.p_same)
        .where(pair.model_id == model_id)
        .order_by(pair.contact_id, pair.earlier_id)
    )
    return read_frame(connection, query, {"p_same": float})


def drop_stale_pairs(connection: Connection) -> None:
    """Remove the pairs of contacts that are gone or were corrected since, of every model."""
    pair, contact = tables.pairs.c, tables.contacts.c
    of_later = exists().where(
        contact.contact_id == pair.contact_id, contact.row_digest == pair.row_digest
    )
    of_earlier = exists().where(
        contact.contact_id == pair.earlier_id, contact.row_digest == pair.earlier_digest
    )
    connection.execute(delete(tables.pairs).where(~of_later | ~of_earlier))


def save_pairs(connection: Connection, frame: pd.DataFrame, model_id: str) -> None:
    """Insert a Pairs frame of one model, in place of what was stored of the same pairs."""
    rows = to_rows(frame[["contact_id", "earlier_id", "p_same"]])
    ids = sorted({row["contact_id"] for row in rows} | {row["earlier_id"] for row in rows})
    digests = _digests(connection, ids)
    for row in rows:
        row["model_id"] = model_id
        row["row_digest"] = digests[row["contact_id"]]
        row["earlier_digest"] = digests[row["earlier_id"]]
    pair = tables.pairs.c
    for part in chunks([(row["contact_id"], row["earlier_id"]) for row in rows]):
        mine = tuple_(pair.contact_id, pair.earlier_id).in_(part)
        connection.execute(delete(tables.pairs).where(mine, pair.model_id == model_id))
    insert_rows(connection, tables.pairs, rows)


def _digests(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    contact = tables.contacts.c
    found: dict[str, str] = {}
    for part in chunks(ids):
        query = select(contact.contact_id, contact.row_digest).where(contact.contact_id.in_(part))
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found
