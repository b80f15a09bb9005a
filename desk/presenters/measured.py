"""A share that was counted on some notes: with its interval and its n, or not known yet."""

from dataclasses import dataclass

from desk import hebrew
from signals.intervals import wilson

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Measured:
    """A share with its Wilson interval and what it is of; without an `n` it is not known."""

    share: str
    interval: str
    n: int


def measured(part: int, whole: int) -> Measured:
    """Return part / whole with its 95 % Wilson interval; without a whole there is none."""
    if not whole:
        return Measured(NOTHING, "", 0)
    low, high = wilson(part / whole, whole)
    between = hebrew.interval(hebrew.percent(float(low)), hebrew.percent(float(high)))
    return Measured(hebrew.percent(part / whole), between, whole)
