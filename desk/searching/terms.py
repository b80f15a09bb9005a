"""What people typed, as terms: words, "phrases in quotes", and -what to leave out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.normalize import normalize
from nlp.searchwords import WordForms, search_words
from nlp.words import stop_words

MOST_TERMS = 16
LONGEST_EXPRESSION = 3
# A quote within a word is gershayim; a phrase's quotes stand before and after spaces.
PART = re.compile(r'(?<!\S)(-?)(?:"([^"].*?)"(?!\S)|(\S+))')

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """What a note must have (or must not, when `excluded`), in one of several ways.

    Each of `ways` is words that stand side by side in this order; other forms of them count.
    A `weak` term says nothing by itself.
    """

    ways: tuple[Words, ...]
    excluded: bool = False
    weak: bool = False


def terms_of(text: str, forms: WordForms) -> tuple[Term, ...]:
    """Return the terms of a query; of any text, at most `MOST_TERMS`."""
    terms: list[Term] = []
    loose: list[str] = []
    for excluded, phrase, plain in PART.findall(normalize(text).text):
        words = tuple(search_words(phrase or plain))
        if not words:
            continue
        if not phrase and not excluded and len(words) == 1:
            loose += words
            continue
        terms += _loose_terms(loose, forms)
        loose = []
        terms.append(_term(words, forms, bool(excluded)))
    terms += _loose_terms(loose, forms)
    return tuple(dict.fromkeys(terms))[:MOST_TERMS]


def meant(text: str) -> str:
    """Return a query's words as one text, without quotes and what is to be left out."""
    parts = PART.findall(normalize(text).text)
    kept = (phrase or plain for excluded, phrase, plain in parts if not excluded)
    return " ".join(part for part in kept if search_words(part))


def _term(words: Words, forms: WordForms, excluded: bool = False) -> Term:
    if len(words) > 1:
        short = forms.shortened(words)[:1]
        return Term((words, *((one,) for one in short)), excluded)
    weak = words[0] in stop_words()
    return Term((words, *forms.expressions(words[0])), excluded, weak)


def _loose_terms(words: Sequence[str], forms: WordForms) -> list[Term]:
    """Return a term for each word, or for the expression that shorthand stands for."""
    terms: list[Term] = []
    at = 0
    while at < len(words):
        length = next(
            (n for n in range(LONGEST_EXPRESSION, 1, -1) if forms.shortened(words[at : at + n])), 1
        )
        terms.append(_term(tuple(words[at : at + length]), forms))
        at += length
    return terms
