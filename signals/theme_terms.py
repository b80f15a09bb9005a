"""Which words tell a theme from the other notes."""

from collections import Counter
from collections.abc import Collection, Sequence
from math import log

TERMS = 10
LEAST_NOTES = 3  # of a theme that have a term, or
LEAST_PART = 0.05  # this part of them
Words = Sequence[tuple[str, str]]  # of one note: the key that a word's forms share, and the word


def terms_of(theme: Sequence[Words], others: Sequence[Words]) -> list[str]:
    """Return up to ten terms of a theme, the most telling first; none where nothing is shared.

    A term is scored by class-based TF-IDF, tf * log(1 + A / f) (Grootendorst 2022): tf is the share
    of the theme's notes that have it, f the share of all notes that do, A the mean number of
    different words of a note. Each note counts a word once, so that a note which repeats itself
    names nothing. A word that is as frequent among the others tells nothing. The word that is
    shown is the one most often written of those that share the key.
    """
    own, rest = _notes_with(theme), _notes_with(others)
    least = max(LEAST_NOTES, LEAST_PART * len(theme))
    many = len(theme) + len(others)
    average = (own.total() + rest.total()) / max(many, 1)
    scores = {
        key: count / len(theme) * log(1 + average * many / (count + rest[key]))
        for key, count in own.items()
        if count >= least and count * len(others) > rest[key] * len(theme)
    }
    forms = _forms([*theme, *others], scores.keys())
    return [forms[key] for key in sorted(scores, key=lambda key: (-scores[key], key))[:TERMS]]


def _notes_with(notes: Sequence[Words]) -> Counter[str]:
    return Counter(key for note in notes for key in {key for key, _ in note})


def _forms(notes: Sequence[Words], keys: Collection[str]) -> dict[str, str]:
    """Return the word most often written of each key; of equals the shortest, then the first."""
    counts: dict[str, Counter[str]] = {key: Counter() for key in keys}
    for note in notes:
        for key, word in note:
            if key in counts:
                counts[key][word] += 1
    return {
        key: min(words, key=lambda word: (-words[word], len(word), word))
        for key, words in counts.items()
    }
