"""Slow, obvious searches over a few notes, which the fast ones must equal."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from desk.searching.search import Query, Vector, search
from desk.searching.snapshot import Snapshot
from desk.searching.terms import Term
from desk.searching.wordindex import K1, B
from labels.frames import Calendar
from nlp.searchwords import search_words
from store import notewords
from store.session import transaction

CALENDAR = Calendar()


class Notes(list[dict[str, Any]]):
    """Contacts with their labels, in the order of their ids."""

    def __repr__(self) -> str:
        return f"{len(self)} notes"


def ids_of(
    snapshot: Snapshot, engine: Engine, query: Query, vector: Vector | None = None
) -> list[str]:
    """Return the ids of what a query finds."""
    found = search(snapshot, query, CALENDAR, vector)
    return named(snapshot, engine, found.places)


def named(snapshot: Snapshot, engine: Engine, places: NDArray[np.int32]) -> list[str]:
    numbers = snapshot.notes.numbers[places].tolist()
    with transaction(engine) as connection:
        rows = notewords.shown_notes(connection, numbers)
    return [rows[number].contact_id for number in numbers]


def times(snapshot: Snapshot, words: list[str], way: tuple[str, ...]) -> int:
    """Return how often a note has words side by side, form by form."""
    keys = snapshot.words.forms.keys
    return sum(
        all(keys(words[at + k]) & keys(word) for k, word in enumerate(way))
        for at in range(len(words) - len(way) + 1)
    )


def bm25(snapshot: Snapshot, notes: Notes, terms: tuple[Term, ...]) -> dict[str, float]:
    """Return id -> BM25 of the notes that have every term, as the formula is written."""
    said = {note["contact_id"]: search_words(note["text"]) for note in notes}
    mean = sum(map(len, said.values())) / len(said)
    scores: dict[str, float] = {}
    wanted = [term for term in terms if not term.excluded]
    having = [
        {one: sum(times(snapshot, words, way) for way in term.ways) for one, words in said.items()}
        for term in terms
    ]
    for one, words in said.items():
        score, every = 0.0, True
        for term, found in zip(terms, having, strict=True):
            tf, df = found[one], sum(n > 0 for n in found.values())
            if term.excluded:
                every &= tf == 0
                continue
            every &= tf > 0
            idf = math.log(1 + (len(said) - df + 0.5) / (df + 0.5))
            score += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(words) / mean))
        if every and wanted:
            scores[one] = score
    return scores
