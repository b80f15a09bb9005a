"""The words of a note as search knows them, and which words are forms of one another.

The index holds words as people wrote them; forms meet when somebody asks. So whole words can be
marked in a note, and better rules of forms need no new index.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nlp.normalize import normalize
from nlp.stems import FINAL_LETTERS, stem
from nlp.words import LEAST_REST, MASK, Lexicon, corpus_counts, key_of

SHORTHAND = Path(__file__).with_name("shorthand.tsv")
# A geresh or gershayim, also as two gereshes, belongs to the word: לק', עו"ד, צ'אט.
WORD = re.compile(r"[א-ת]+(?:(?:''|['\"])[א-ת]+)*'?(?!')|[^\W_]+")
HEBREW = re.compile(r"[א-ת]+")
PLAIN = re.compile(r"[א-ת]{2,}")
VERB_ENDING = re.compile(r"(?:תי|נו|תמ|ו)$")  # ביטלתי, ביטלנו, ביטלתם, ביטלו
RARE = 2  # words that are written so seldom lose what may be a prefix
PREFIX_LETTERS = "והבלמכש"
LONGEST_BEFORE = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A word and where it stands in the text as it was given: [start, end)."""

    word: str
    start: int
    end: int


def places(text: str) -> list[Place]:
    """Return the words of a text in their order, lower case; masks such as [שם] are none."""
    read = normalize(text)
    hidden = MASK.sub(lambda mask: " " * len(mask[0]), read.text)
    return [
        Place(
            match[0].replace("''", '"').lower(),
            read.origin[match.start()],
            read.origin[match.end() - 1] + 1,
        )
        for match in WORD.finditer(hidden)
    ]


def search_words(text: str) -> list[str]:
    """Return the words of a text in their order, as `places` has them."""
    return [place.word for place in places(text)]


@dataclass(frozen=True, slots=True)
class Shorthand:
    """Short forms that say the same, and the words or expressions that each of them stands for."""

    short: tuple[str, ...]
    long: tuple[tuple[str, ...], ...]


@cache
def shorthand() -> tuple[Shorthand, ...]:
    """Return the table: a line has its short forms, then after tabs what they stand for."""
    lines = (line.split("\t") for line in SHORTHAND.read_text(encoding="utf-8").splitlines())
    return tuple(
        Shorthand(tuple(short.split()), tuple(tuple(one.split()) for one in long))
        for short, *long in lines
    )


@cache
def _marked_words() -> frozenset[str]:
    """Return the shorthand that is written with a geresh or gershayim."""
    return frozenset(one for line in shorthand() for one in line.short if not one.isalpha())


class WordForms:
    """Tells which words are forms of one: two words are when they share a key.

    Args:
        counts: how often the notes at hand have each word; they tell prefixes from first letters.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._lexicon = Lexicon([{w: n for w, n in counts.items() if PLAIN.fullmatch(w)}])
        self._meant = self._meanings()

    def keys(self, word: str) -> frozenset[str]:
        """Return a word's keys. Shorthand has those of its long forms too, and a `#` number."""
        own = self._own(word)
        return own.union(*(self._meant.get(key, ()) for key in own))

    def expressions(self, word: str) -> list[tuple[str, ...]]:
        """Return the expressions of several words that a word is shorthand for."""
        numbers = sorted(int(key[1:]) for key in self.keys(word) if key.startswith("#"))
        return [long for number in numbers for long in shorthand()[number].long if len(long) > 1]

    def shortened(self, words: Sequence[str]) -> list[str]:
        """Return the shorthand of an expression of several words."""
        if len(words) < 2:
            return []
        found = (line.short for line in shorthand() if any(map(self._says(words), line.long)))
        return [short for line in found for short in line]

    def _says(self, words: Sequence[str]) -> Callable[[Sequence[str]], bool]:
        """Return whether an expression is this one, forms of its words allowed."""
        said = [self._own(word) for word in words]
        return lambda long: (
            len(long) == len(said)
            and all(own & self._own(word) for own, word in zip(said, long, strict=True))
        )

    def _meanings(self) -> dict[str, set[str]]:
        """Return which further keys a short form's own keys bring."""
        meant: dict[str, set[str]] = defaultdict(set)
        for number, line in enumerate(shorthand()):
            long = {key for words in line.long if len(words) == 1 for key in self._own(words[0])}
            for key in {key for word in line.short for key in self._own(word)}:
                meant[key] |= {f"#{number}", *long}
        return meant

    def _own(self, word: str) -> frozenset[str]:
        if not HEBREW.match(word):
            return frozenset({stem(word)})
        return self._plain(word) if HEBREW.fullmatch(word) else self._marked(word)

    def _plain(self, word: str) -> frozenset[str]:
        bare = self._lexicon.bare(word)
        keys = {bare.translate(FINAL_LETTERS), key_of(bare)}
        keys |= {VERB_ENDING.sub("", key) for key in keys if len(key) > LEAST_REST + 1}
        if bare == word and self._seldom(word):
            keys |= {key_of(rest) for rest in _rests(word) if self._known(rest)}
        return frozenset(keys)

    def _seldom(self, word: str) -> bool:
        return self._counts.get(word, 0) <= RARE and word not in corpus_counts()

    def _known(self, word: str) -> bool:
        return len(word) > LEAST_REST and (word in self._counts or word in corpus_counts())

    def _marked(self, word: str) -> frozenset[str]:
        """Return the keys of a word with a geresh or gershayim."""
        keys = {word, *(rest for rest in _rests(word) if rest in _marked_words())}
        parts = [part for part in re.split("['\"]", word) if part]
        if '"' in word and len(parts[-1]) > 1:  # ב"אין תשובה: no shorthand, but a quotation
            keys |= self._plain(parts[-1])
        elif '"' not in word and len(parts) > 1:  # צ'אט is also written צאט
            keys |= self._plain("".join(parts))
            keys |= {key_of(rest) for rest in _rests("".join(parts)) if len(rest) >= LEAST_REST}
        return frozenset(keys)


def _rests(word: str) -> Iterable[str]:
    """Yield a word without its first letters, one to three, that can all be prefixes."""
    for length in range(1, min(LONGEST_BEFORE + 1, len(word))):
        if word[length - 1] not in PREFIX_LETTERS:
            return
        yield word[length:]
