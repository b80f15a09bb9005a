"""Where the notes have which words: one array of places, sorted by word.

All notes' words stand in one long array, note after note, with a mark between two notes. `_order`
holds the places of that array by word, so that a word's places are one slice of it, and the
words of a phrase are places that follow one another. 1 million notes of 25 words take about 310 MB.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from desk.searching.terms import Term
from nlp.searchwords import WordForms

K1, B = 1.2, 0.75  # Robertson and Zaragoza (2009), The Probabilistic Relevance Framework
MARK = 0  # the number of what stands after each note

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


class WordIndex:
    """Finds notes by words.

    Args:
        numbers: of each word that a note ever had; those that none has any more do no harm.
        words: the words' numbers, from 1, note after note, each followed by `MARK`.
    """

    def __init__(self, numbers: Mapping[str, int], words: Ints) -> None:
        self.words = words
        self._order: Ints = np.argsort(words, kind="stable").astype(np.int32)
        counts = np.bincount(words, minlength=len(numbers) + 1)
        self._first = np.concatenate([[0], np.cumsum(counts)])
        marks = self._places_of(MARK)
        lengths = np.diff(marks, prepend=-1)
        self.count = len(marks)
        self._note: Ints = np.repeat(np.arange(self.count, dtype=np.int32), lengths)
        self._lengths: Floats = (lengths - 1).astype(np.float64)
        self._average = float(self._lengths.mean()) if self.count else 0.0
        used = {word: int(counts[n]) for word, n in numbers.items() if counts[n]}
        self.forms = WordForms(used)
        self._keyed: dict[str, list[int]] = defaultdict(list)
        for word in used:
            for key in self.forms.keys(word):
                self._keyed[key].append(numbers[word])
        self._spelt = {numbers[word]: word for word in used}

    def spellings(self, word: str) -> frozenset[str]:
        """Return the words of the notes that are forms of a word."""
        return frozenset(self._spelt[number] for number in self._numbers(word))

    def found(self, term: Term) -> tuple[Ints, Floats]:
        """Return the notes that have a term, rising, and how often each has it."""
        found = [self._phrase(way) for way in term.ways]
        places = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        notes, times = np.unique(self._note[places], return_counts=True)
        return notes, times.astype(np.float64)

    def scores(self, notes: Ints, times: Floats) -> Floats:
        """Return a term's part of each note's BM25, with the idf that is never negative."""
        having = len(notes)
        rarity = np.log1p((self.count - having + 0.5) / (having + 0.5))
        length = 1 - B + B * self._lengths[notes] / (self._average or 1.0)
        scores: Floats = rarity * times * (K1 + 1) / (times + K1 * length)
        return scores

    def _phrase(self, words: Sequence[str]) -> Ints:
        """Return the places at which a phrase begins."""
        begins = self._word(words[0])
        for further, word in enumerate(words[1:], start=1):
            follows = self._word(word) - np.int32(further)
            begins = np.intersect1d(begins, follows, assume_unique=True)
        return begins

    def _word(self, word: str) -> Ints:
        parts = [self._places_of(number) for number in self._numbers(word)]
        if not parts:
            return np.zeros(0, dtype=np.int32)
        return parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))

    def _numbers(self, word: str) -> list[int]:
        keys = self.forms.keys(word)
        return sorted({number for key in keys for number in self._keyed.get(key, ())})

    def _places_of(self, number: int) -> Ints:
        return self._order[self._first[number] : self._first[number + 1]]
