"""The clauses of a note, and places in it made presentable: what evidence is shown with.

A note is split hard at line ends, `. ! ? ;`, and softly at commas, spaced dashes and before words
that open a clause (אבל, כי, ולכן, …): softly means that both sides keep at least two words.
"""

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise

MOST_WORDS = 25
POINTS = "\u0591-\u05bd\u05bf-\u05c7"
LETTER = rf"[\w{POINTS}]"
SPACED = re.compile(r"\S+")
# A word as people see it, with points, inner quotes and dashes: ע"י, ת.ז., בן-גוריון, 49.90%.
WORD = re.compile(
    r"\[[א-ת.\"]{2,8}\]"
    rf"|(?:[א-ת]\.){{1,4}}[א-ת](?!{LETTER})\.?"
    rf"|\d+(?:[.,:/-]\d+)*[%₪]?(?!{LETTER})"
    rf"|{LETTER}+(?:[\"'״׳.@_&+־-]{LETTER}+)*['׳]?"
)
HARD = re.compile(
    r"\n+"
    r"|[!?;…]+(?=\s|\Z|[א-ת])"
    r"|(?<!\.[א-ת])(?<!טל)(?<!מס)(?<!רח)(?<!שד)(?<!גב)(?<!עמ)(?<!דר)\.+(?=\s|\Z|[\")\]])"
    r"|(?<=[א-ת]{2})\.+(?=[א-ת]{2})"
)
OPENERS = (
    "אבל אך אולם ולכן לכן כי בגלל למרות ואז ומאז וגם אלא מאחר משום היות כיוון מכיוון ועכשיו ואם "
    "כדי אחרת לעומת ובנוסף ולמרות ואחרי ולפני ובגלל ורק ועדיין"
)
SOFT = re.compile(
    r"(?<!\d),(?!\Z)|,(?!\d)|\s[-\u2013\u2014\u2012\u2010]+(?=\s)"
    rf"|\s(?=(?:{'|'.join(OPENERS.split())})\s)"
)


def _word_starts(text: str) -> list[int]:
    """Return where the words of a text start; a word has a letter or a digit."""
    return [match.start() for match in SPACED.finditer(text) if re.search(r"\w", match[0])]


def breaks(text: str) -> list[int]:
    """Return the places before which a new clause starts, rising, without 0 and the end."""
    words = _word_starts(text)

    def count(start: int, end: int) -> int:
        return bisect_left(words, end) - bisect_left(words, start)

    found: list[int] = []
    hard = [match.end() for match in HARD.finditer(text)]
    soft = [match.end() for match in SOFT.finditer(text)]
    start = 0
    for end in [*hard, len(text)]:
        for place in soft[bisect_right(soft, start) : bisect_left(soft, end)]:
            if count(start, place) >= 2 and count(place, end) >= 2:
                found.append(place)
                start = place
        found.append(end)
        start = end
    return _cut_long([place for place in found if place < len(text)], words, len(text))


def _cut_long(places: list[int], words: list[int], length: int) -> list[int]:
    """Return the places with more between them, so that no clause has over `MOST_WORDS` words."""
    cut: list[int] = []
    start = 0
    for end in [*places, length]:
        inside = words[bisect_left(words, start) : bisect_left(words, end)]
        cut.extend(inside[MOST_WORDS::MOST_WORDS])
        if end < length:
            cut.append(end)
        start = end
    return cut


def clauses(text: str) -> list[tuple[int, int]]:
    """Return the half-open places of a note's clauses, in order, without outer white space.

    Together they cover all that is no white space; no clause has over 25 words.
    """
    edges = [0, *breaks(text), len(text)]
    trimmed = []
    for start, end in pairwise(edges):
        piece = text[start:end]
        left = len(piece) - len(piece.lstrip())
        if piece.strip():
            trimmed.append((start + left, start + left + len(piece.strip())))
    return trimmed


def snap(text: str, start: int, end: int, max_words: int = 12) -> tuple[int, int]:
    """Return the place grown to whole words, without outer spaces and punctuation.

    At most `max_words` words from the first one on. Where the place touches no word, the nearest
    word is taken; a text without any word gives (0, 0).
    """
    words = [match.span() for match in WORD.finditer(text)]
    if not words:
        return 0, 0
    first = bisect_right([word_end for _, word_end in words], start)
    last = bisect_left([word_start for word_start, _ in words], max(end, start + 1))
    if first >= last:  # between two words
        before, after = max(first - 1, 0), min(first, len(words) - 1)
        nearer_before = start - words[before][1] <= words[after][0] - end
        first = before if nearer_before else after
        last = first + 1
    last = min(last, first + max(max_words, 1))
    return words[first][0], words[last - 1][1]
