"""One search: from a query to the places of notes, in order, with what is to be said of them."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from desk.searching.filters import Bools, Filters, Masks, counts_of, left_by, masks_of
from desk.searching.meaning import best, levels, nearest
from desk.searching.notes import Notes
from desk.searching.snapshot import Snapshot
from desk.searching.terms import Term, terms_of
from labels.frames import Calendar

Mode = Literal["both", "words", "meaning"]
DEPTH = 1000  # results that can be paged through
SEEDS = 5  # notes with the words that say what the words mean
FUSION = 60  # k of reciprocal rank fusion: Cormack, Clarke and Büttcher (2009)

Ints = NDArray[np.int32]
Counts = dict[str, dict[str, int]]
Vector = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody asks for: words, or notes like the one with this id, or what filters leave."""

    text: str = ""
    mode: Mode = "both"
    like: str = ""
    filters: Filters = field(default_factory=Filters)
    page: int = 1

    @property
    def by_words(self) -> bool:
        """Whether the words themselves are searched."""
        return self.mode != "meaning" and not self.like

    @property
    def by_meaning(self) -> bool:
        """Whether the meaning is searched."""
        return self.mode != "words" or bool(self.like)


@dataclass(frozen=True)
class Found:
    """What a search found. `places` are at most `DEPTH` notes, best first.

    Attributes:
        places: in the snapshot's notes.
        with_words: how many notes have the words, or are left by the filters when there are none.
        near: how many of `places` were found by their meaning, at most `NEAREST`.
        widened: whether no note had all words, so that some are enough.
        counts: by filter and value, of the notes with the words; empty by meaning alone.
        terms: what was looked for.
    """

    places: Ints
    with_words: int
    near: int
    widened: bool
    counts: Counts
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class _Words:
    """The notes that have the words, before any filter: their places, their scores."""

    places: Ints
    scores: NDArray[np.float64]
    widened: bool


def search(
    snapshot: Snapshot, query: Query, calendar: Calendar, vector: Vector | None = None
) -> Found:
    """Return what a query finds.

    Args:
        snapshot: the notes.
        query: what is asked.
        calendar: says when a day begins.
        vector: of the query's meaning in levels, None where it is not known; then, and where the
            query does not ask for it, only words count.
    """
    notes = snapshot.notes
    masks = masks_of(notes, query.filters, calendar)
    if query.like:
        return _like(snapshot, query, masks, vector)
    terms = terms_of(query.text, snapshot.words.forms)
    left = left_by(masks, notes.count)
    if not terms:
        places = notes.newest[left[notes.newest]]
        counts = counts_of(notes, np.ones(notes.count, dtype=np.bool_), masks)
        return Found(places[:DEPTH], len(places), 0, False, counts, terms)
    free = _without(snapshot, terms)
    said = _with_words(snapshot, terms, free)
    lists: list[Ints] = []
    with_words, counts = 0, Counts()
    if query.by_words:
        kept = left[said.places]
        with_words = int(np.count_nonzero(kept))
        lists.append(best(said.places[kept], said.scores[kept], notes, DEPTH))
        counts = counts_of(notes, _mask(said.places, notes), masks)
    near = np.zeros(0, dtype=np.int32)
    if query.by_meaning and vector is not None:
        near = nearest(notes, _towards(vector, said, notes), left & free)
        lists.append(near)
    widened = query.by_words and said.widened and with_words > 0
    return Found(_fused(lists, notes), with_words, len(near), widened, counts, terms)


def _towards(vector: Vector, said: _Words, notes: Notes) -> Vector:
    """Return the query's vector moved half the way to the notes that have its words best.

    A few words are no note, and lie a little beside the notes that say the same: relevance feedback
    (Rocchio 1971) brings them there.
    """
    seeds = best(said.places, said.scores, notes, SEEDS)
    if not len(seeds):
        return vector
    mean = (notes.issue[seeds] / notes.lengths[seeds, None]).mean(axis=0)
    own = vector.astype(np.float64)
    both = _unit(own) + _unit(mean.astype(np.float64))
    return levels(_unit(both))


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.linalg.norm(vector)
    return vector / length if length else vector


def loosened(
    snapshot: Snapshot, query: Query, calendar: Calendar, vector: Vector | None
) -> dict[str, int]:
    """Return how many notes there would be without each filter; filters that bring none are out."""
    names = query.filters.names()
    counts = {}
    for name in names:
        other = replace(query, filters=query.filters.without(name))
        found = search(snapshot, other, calendar, vector)
        counts[name] = max(found.with_words, len(found.places))
    return {name: count for name, count in counts.items() if count}


def _like(snapshot: Snapshot, query: Query, masks: Masks, vector: Vector | None) -> Found:
    """Return the notes that lie nearest to one, without itself."""
    notes = snapshot.notes
    near = np.zeros(0, dtype=np.int32)
    if vector is not None:
        others = left_by(masks, notes.count) & (notes.ties != snapshot.tie_of(query.like))
        near = nearest(notes, vector, others)
    return Found(near, 0, len(near), False, {}, ())


def _mask(places: Ints, notes: Notes) -> Bools:
    mask = np.zeros(notes.count, dtype=np.bool_)
    mask[places] = True
    return mask


def _without(snapshot: Snapshot, terms: tuple[Term, ...]) -> Bools:
    """Return which notes have none of the excluded terms."""
    free = np.ones(snapshot.notes.count, dtype=np.bool_)
    for term in terms:
        if term.excluded:
            free[snapshot.words.found(term)[0]] = False
    return free


def _with_words(snapshot: Snapshot, terms: tuple[Term, ...], free: Bools) -> _Words:
    """Return the notes that have all terms; where none has, those that have some that tell."""
    index, count = snapshot.words, snapshot.notes.count
    wanted = [term for term in terms if not term.excluded]
    if not wanted:
        places = np.flatnonzero(free).astype(np.int32)
        return _Words(places, np.zeros(len(places)), False)
    scores, having, telling = np.zeros(count), np.zeros(count, np.int8), np.zeros(count, np.bool_)
    weak = all(term.weak for term in wanted)
    for term in wanted:
        places, times = index.found(term)
        scores[places] += index.scores(places, times)
        having[places] += 1
        if weak or not term.weak:
            telling[places] = True
    every = (having == len(wanted)) & free
    widened = len(wanted) > 1 and not every.any()
    places = np.flatnonzero(telling & free if widened else every).astype(np.int32)
    return _Words(places, scores[places], widened and bool(len(places)))


def _fused(lists: list[Ints], notes: Notes) -> Ints:
    """Return the places of several ranked lists as one, by reciprocal rank fusion."""
    if len(lists) == 1:
        return lists[0]
    scores = np.zeros(notes.count)
    for ranked in lists:
        scores[ranked] += 1 / (FUSION + np.arange(1, len(ranked) + 1))
    places = np.flatnonzero(scores).astype(np.int32)
    return best(places, scores[places], notes, DEPTH)
