"""The searchable notes of one state of the store's index, and how the next one is had."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row

from desk.searching.notes import FACETS, Names, Notes, digest_of, joined, kept, no_notes, notes_of
from desk.searching.wordindex import MARK, WordIndex
from store import notewords
from store.owngiven import given_numbers
from store.session import transaction

BATCH = 2000  # rows at a time: others get a turn in between


@dataclass(frozen=True)
class Snapshot:
    """The notes of a model as they were in a `state` of the index."""

    state: int
    model_id: str
    notes: Notes
    words: WordIndex
    numbers: dict[str, int]

    def tie_of(self, contact_id: str) -> int:
        """Return what `Notes.ties` has of a contact."""
        return digest_of(contact_id)


def load(engine: Engine, before: Snapshot | None = None) -> Snapshot:
    """Return the snapshot of the store as it is; of what `before` has, only the rest is read."""
    with transaction(engine) as connection:
        state, model_id = notewords.state(connection), notewords.model_of(connection)
        if before is None or before.model_id != model_id:
            before = _empty(model_id)
        return before if before.state == state else _next(connection, state, before)


def _empty(model_id: str) -> Snapshot:
    nothing = np.zeros(0, dtype=np.int32)
    return Snapshot(-1, model_id, no_notes(), WordIndex({}, nothing), {})


def _next(connection: Connection, state: int, before: Snapshot) -> Snapshot:
    stored = np.array(notewords.numbers(connection), dtype=np.int64)
    stay = np.isin(before.notes.numbers, stored)
    lengths = np.diff(np.flatnonzero(before.words.words == MARK), prepend=-1)
    # The requests still read the old ones.
    names: Names = {name: dict(before.notes.names[name]) for name in FACETS}
    numbers = dict(before.numbers)
    notes = [kept(before.notes, stay, names)]
    words = [before.words.words[np.repeat(stay, lengths)]]
    last = int(before.notes.numbers[-1]) if before.notes.count else 0
    while rows := notewords.indexed_notes(connection, last, BATCH):
        notes.append(notes_of(rows, names))
        words.append(_numbered(rows, numbers))
        last = rows[-1].number
    every = joined(notes, given_numbers(connection))
    return Snapshot(
        state, before.model_id, every, WordIndex(numbers, np.concatenate(words)), numbers
    )


def _numbered(rows: Sequence[Row[Any]], numbers: dict[str, int]) -> NDArray[np.int32]:
    """Return the rows' words by their numbers, a mark after each row; new words get one."""
    found: list[int] = []
    for row in rows:
        found += [numbers.setdefault(word, len(numbers) + 1) for word in row.words.split()]
        found.append(MARK)
    return np.array(found, dtype=np.int32)
