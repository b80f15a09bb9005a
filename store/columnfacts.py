"""What the values of a column tell about it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.privacy_numbers import identity_is_valid
from store.cells import identifier_of, number_of, text_of, word_of
from store.contactrows import agent_of
from store.dates import parse_date
from store.headerwords import VALUE_WORDS, meaning_of
from store.rawrows import Cell

_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?", re.IGNORECASE)
_IDENTITY = re.compile(r"\d{7,9}|\d{7,8}-\d", re.ASCII)  # sheets drop leading zeros
MOST_CATEGORIES = 40
_FEWEST_IDENTITIES = 3  # one number in ten passes by chance
_MOST = 0.9  # exports hold doubled rows and typing errors


@dataclass(frozen=True, slots=True)
class Facts:
    """Shares are of the filled cells, from 0 to 1; `length` is the mean number of characters.

    `identities` is the share of the distinct values that pass as Israeli identity numbers by
    their check digit, and `names` the share that would be stored under a pseudonym in agent_id.
    """

    filled: int
    length: float
    spaced: float
    dates: float
    clocks: float
    numbers: float
    values: tuple[float, ...]
    distinct: float
    ids: float
    identities: float
    names: float
    words: tuple[str, ...]

    @property
    def categorical(self) -> bool:
        """Whether few short values stand again and again."""
        return 0 < len(self.words) <= MOST_CATEGORIES and self.length <= 40

    def in_scale(self, low: float, high: float) -> float:
        """Return the share of the filled cells that are numbers from low to high."""
        return _share(sum(low <= value <= high for value in self.values), self.filled)

    def meanings(self, field: str) -> float:
        """Return the share of the distinct values that stand for something in the field."""
        known = sum(meaning_of(field, word) is not None for word in self.words)
        return known / len(self.words) if self.words else 0.0


def facts_of(cells: Sequence[Cell]) -> Facts:
    """Return the facts of one column's cells."""
    found = [(cell, word) for cell in cells if (word := word_of(cell)) is not None]
    count = len(found)
    words = [word for _, word in found]
    numbers = [
        number for cell, _ in found if isinstance(number := number_of(cell, -1e12, 1e12), float)
    ]
    kinds = Counter(words)
    return Facts(
        filled=count,
        length=_share(sum(map(len, words)), count),
        spaced=_share(sum(" " in word for word in words), count),
        dates=_share(sum(_is_date(cell) for cell, _ in found), count),
        clocks=_share(sum(_CLOCK.fullmatch(text_of(cell)) is not None for cell, _ in found), count),
        numbers=_share(len(numbers), count),
        values=tuple(numbers),
        distinct=_share(len(kinds), count),
        ids=_share(sum(_is_id(cell) for cell, _ in found), count),
        identities=_identities(list(kinds)),
        names=_share(sum(agent_of(word) != word for word in kinds), len(kinds)),
        words=tuple(word for word, _ in kinds.most_common(MOST_CATEGORIES + 1)),
    )


def fit(field: str, facts: Facts) -> float:
    """Return from 0 (cannot be) to 1 how well a column's values suit a field."""
    if facts.filled == 0:
        return 0.2
    if field == "text":
        return _text_fit(facts)
    if field in ("contacted_at", "customer_since", "contract_end", "churned_at"):
        return facts.dates if facts.dates >= 0.5 else 0.0
    if field == "time":
        return facts.clocks if facts.clocks >= 0.5 else 0.0
    if field in ("nps", "csat"):
        low, high = (0, 10) if field == "nps" else (1, 5)
        return 1.0 if facts.in_scale(low, high) > _MOST else 0.0
    if field in ("handle_seconds", "monthly_value"):
        return max(facts.numbers, facts.clocks if field == "handle_seconds" else 0.0)
    if field in VALUE_WORDS:
        return max(facts.meanings(field), 0.3) if facts.categorical else 0.0
    if field in ("contact_id", "customer_id"):
        return _id_fit(field, facts)
    return 0.0 if facts.length > 40 else 0.6


def _text_fit(facts: Facts) -> float:
    if facts.dates > 0.5 or (facts.ids > 0.9 and facts.spaced < 0.1):
        return 0.0
    return min(1.0, 0.2 + facts.length / 60) * (0.4 + 0.6 * facts.spaced)


def _id_fit(field: str, facts: Facts) -> float:
    if facts.ids < 0.7 or facts.dates > 0.9:
        return 0.0
    if field == "contact_id":
        return facts.distinct if facts.distinct > _MOST else 0.0
    return 0.7 if facts.distinct > 0.98 else 1.0


def _is_date(cell: Cell) -> bool:
    if isinstance(cell, (int, float)):
        return False
    return parse_date(cell, "dmy") is not None or parse_date(cell, "mdy") is not None


def _is_id(cell: Cell) -> bool:
    word = identifier_of(cell) or ""
    return len(word) <= 40 and " " not in word and any(map(str.isdigit, word))


def _identities(words: Sequence[str]) -> float:
    if len(words) < _FEWEST_IDENTITIES:
        return 0.0
    numbers = [identifier_of(word) or "" for word in words]
    valid = sum(
        _IDENTITY.fullmatch(number) is not None and identity_is_valid(number.replace("-", ""))
        for number in numbers
    )
    return _share(valid, len(words))


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0
