"""Words cut to their stems, so that לעמלה, העמלה and עמלות count as one word.

Light stemming, as Larkey et al. (2002) do it for Arabic: the letters that Hebrew and Arabic write
onto a word (and, the, in, to, from, that, when) and the commonest endings go, by rule and without a
dictionary. It errs often and never mind: it only has to bring forms of a word together more often
than it confuses words.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"[א-ת]+(?:['\"][א-ת]+)*'?|\w+|[^\s\w]")  # ע"ח and לק' are one word each
FINAL_LETTERS = str.maketrans("ךםןףץ", "כמנפצ")
SHORTEST = 4  # letters of a Hebrew word that loses any
HEBREW_BEFORE = re.compile(r"^(?:ו[שהלבמכ]?|כש|שה|מה|לה|בה|[הבלמשכ])(?=[א-ת]{3})")
HEBREW_AFTER = re.compile(r"(?:ימ|ות|יות|נו|תי|ית|[התיוכ])$")
ARABIC_BEFORE = re.compile(r"^[وبلفع]?(?:ال)?(?=\w{3})")
RUSSIAN_LETTERS = 5  # of a word are kept: what follows is mostly ending


def _hebrew(word: str) -> str:
    plain = word.translate(FINAL_LETTERS)
    if len(plain) < SHORTEST:
        return plain
    return HEBREW_AFTER.sub("", HEBREW_BEFORE.sub("", plain))


def _arabic(word: str) -> str:
    return ARABIC_BEFORE.sub("", word).rstrip("ةهي")


def _russian(word: str) -> str:
    return word[:RUSSIAN_LETTERS]


SCRIPTS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("א", "ת", _hebrew),
    ("\u0600", "\u06ff", _arabic),
    ("\u0400", "\u04ff", _russian),
)


def stem(word: str) -> str:
    """Return the stem of one word in lower case; of a word in another script, the word."""
    for first, last, cut in SCRIPTS:
        if first <= word[0] <= last:
            return cut(word) or word
    return word


def stems(text: str) -> list[str]:
    """Return the stems of a text's words, numbers and marks, in their order."""
    return [stem(word) for word in WORD.findall(text.lower())]


@lru_cache(maxsize=2**16)
def _number(word: str) -> int:
    return crc32(stem(word).encode())


def stem_numbers(text: str) -> NDArray[np.int64]:
    """Return a 32-bit number for each stem of `stems(text)`, equal stems the same."""
    return np.array([_number(word) for word in WORD.findall(text.lower())], dtype=np.int64)
