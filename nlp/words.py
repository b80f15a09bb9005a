"""The words that tell what a note is about: bare Hebrew words, each with a key of its forms.

Hebrew writes and, that, the, in, to, from and like onto the word that follows. Which letters are
such a prefix is told from how often words are written: לכרטיס is כרטיס because people also write
הכרטיס, and לקוח is whole because nobody writes הקוח. The counts are of the labelled corpus
(`nlp/words.tsv`, written by `python -m nlp.words`) and of the notes at hand, so that a word that
the corpus has not seen loses its prefixes too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from nlp.normalize import normalize
from nlp.stems import FINAL_LETTERS, SHORTEST

COUNTS = Path(__file__).with_name("words.tsv")
STOP = Path(__file__).with_name("stopwords.txt")
SEEN = 2  # a word that the corpus has once tells nothing
PREFIXES = ("ו", "ה", "ב", "ל", "מ", "כ", "ש", "כש")
AND_THAT = ("ו", "ש", "כש", "מ")  # what can stand before ה, the
LEAST_REST = 3  # letters that a word keeps without its prefix
MASK = re.compile(r"\[[^\]]*\]")
# Words of one script: abbreviations such as לק' and ע"ח are none.
WORD = re.compile(r"(?<![\w'\"])[א-ת]{2,}(?![\w'\"])")
INFINITIVE = re.compile(r"ל[^וי][^וי]ו[^וי]")  # לסגור, whose ל is no prefix
ENDING = re.compile(r"(?:ימ|יות|ות|[התי])$")


def hebrew_words(text: str) -> list[str]:
    """Return the Hebrew words of two letters and more, as written; masks such as [שם] are none."""
    return WORD.findall(MASK.sub(" ", normalize(text).text))


@cache
def corpus_counts() -> Mapping[str, int]:
    """Return how often the labelled corpus has each word."""
    lines = COUNTS.read_text(encoding="utf-8").splitlines()
    return {word: int(count) for word, count in (line.split("\t") for line in lines)}


@cache
def stop_words() -> frozenset[str]:
    """Return the words that say nothing about the matter."""
    return frozenset(STOP.read_text(encoding="utf-8").split())


def key_of(word: str) -> str:
    """Return what a bare word shares with its plural and feminine: כרטיס for כרטיסים."""
    plain = word.translate(FINAL_LETTERS)
    return ENDING.sub("", plain) if len(plain) >= SHORTEST else plain


class Lexicon:
    """Tells prefixes from first letters, by the corpus and the notes at hand.

    `notes` are the words of each note, or how often all of them have each word.
    """

    def __init__(self, notes: Iterable[Sequence[str] | Mapping[str, int]] = ()) -> None:
        self._counts = Counter(corpus_counts())
        for words in notes:
            self._counts.update(words)
        self._bare: dict[str, str] = {}

    def keyed(self, words: Sequence[str]) -> list[tuple[str, str]]:
        """Return a note's `hebrew_words` bare, each with its key before it; no stop words."""
        bare = (self.bare(word) for word in words)
        return [(key_of(word), word) for word in bare if word not in stop_words()]

    def bare(self, word: str) -> str:
        """Return a word without the prefixes that are written onto it."""
        if word not in self._bare:
            rest = None if word in stop_words() else self._rest(word)
            self._bare[word] = word if rest is None else self.bare(rest)
        return self._bare[word]

    def _rest(self, word: str) -> str | None:
        """Return a word without its first letter where that is a prefix, None where it is not.

        What is asked is whether more people treat the rest as a noun (write ה, ב, ל before it) than
        the word itself: הבקשה is written, so בקשה is whole; הכרטיס is, and הבכרטיס is not.
        """
        first, rest = (word[:2], word[2:]) if word.startswith("כש") else (word[0], word[1:])
        if first not in PREFIXES or len(rest) < LEAST_REST:
            return None
        if INFINITIVE.fullmatch(word) and self._counts["ה" + rest] < self._counts[word]:
            return None
        if rest[0] == "ו" and rest[1] != "ו":  # הועבר: hardly a word begins so
            return None
        return rest if self._is_prefix(first, rest, word) else None

    def _is_prefix(self, first: str, rest: str, word: str) -> bool:
        count = self._counts
        seen = count[rest]
        if first in AND_THAT:
            definite = rest[0] == "ה" and self._rest(rest) is not None
            if definite or first != "מ":
                return definite or (seen >= 2 * count[word] and not count["ה" + word])
        if not seen:
            return False
        if first == "ה":
            as_noun = sum(count[letter + rest] for letter in "בלמ")
            whole = sum(count[letter + word] for letter in "בלה")
            usual = 2 * seen >= count[word] and not whole
            return usual or (10 * seen >= count[word] and as_noun > 2 * whole)
        as_noun, whole = count["ה" + rest], count["ה" + word]
        doubt = {"ב": 0, "ל": 1, "מ": 4, "כ": 4}[first]
        return as_noun > 2 * whole and seen + as_noun >= doubt * count[word]


def main() -> None:
    """Write the corpus' counts of words."""
    from labels.corpus import read_split

    counts = Counter(word for note in read_split("train") for word in hebrew_words(note.text))
    kept = sorted((word, n) for word, n in counts.items() if n >= SEEN)
    COUNTS.write_text("".join(f"{word}\t{n}\n" for word, n in kept), encoding="utf-8")


if __name__ == "__main__":
    main()
