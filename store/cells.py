"""From a raw cell to the value of a field: words, ids, numbers, durations."""

import math
import re
from datetime import date, datetime, time, timedelta

from nlp.normalize import clean
from store.rawrows import Cell
from store.rejections import Rejection

_NOTHING = frozenset(
    {"", "-", "--", "---", ".", "null", "none", "nan", "n/a", "#n/a", "nat", "(null)"}
)
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+", re.ASCII)
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
_CURRENCY = re.compile(r"₪|ש\"ח|ש״ח|שח|nis|ils", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})", re.ASCII)


def text_of(cell: Cell) -> str:
    """Return a cell as text, as it would be typed; nothing becomes the empty text."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return str(cell)


def word_of(cell: Cell) -> str | None:
    """Return a cell as one line of text, or None when it is empty or says that it is."""
    text = " ".join(text_of(cell).split())
    return None if text.casefold() in _NOTHING else text


def identifier_of(cell: Cell) -> str | None:
    """Return a cell as an id; spreadsheets turn ids to floats, so `12345.0` is `12345`."""
    word = word_of(cell)
    whole = _WHOLE_FLOAT.fullmatch(word) if word else None
    return whole[1] if whole else word


def number_of(cell: Cell, low: float, high: float) -> float | Rejection | None:
    """Return a cell's number within [low, high]; None when empty. `1,250 ₪` and `4,5` are read."""
    number: float | None
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = None if cell != cell else _as_float(cell)  # NaN alone differs from itself
    else:
        word = word_of(cell)
        number = None if word is None else _number_of_text(word)
        if word is not None and number is None:
            return Rejection.BAD_NUMBER
    if number is None:
        return None
    return number if low <= number <= high else Rejection.BAD_NUMBER


def score_of(cell: Cell, low: int, high: int) -> float | Rejection | None:
    """Return a survey score; `9/10` counts as 9 where the scale ends at 10."""
    if isinstance(cell, str):
        cell = text_of(cell).strip().removesuffix(f"/{high}")
    return number_of(cell, low, high)


def seconds_of(cell: Cell) -> float | Rejection | None:
    """Return a duration in seconds, of a number of seconds, `mm:ss` or `hh:mm:ss`."""
    if isinstance(cell, timedelta):
        return number_of(cell.total_seconds(), 0, math.inf)
    if isinstance(cell, time):
        return cell.hour * 3600.0 + cell.minute * 60 + cell.second
    clock = _CLOCK.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if clock:
        return int(clock[1] or 0) * 3600.0 + int(clock[2]) * 60 + int(clock[3])
    return number_of(cell, 0, 10**9)


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer of hundreds of digits
        return math.inf


def _number_of_text(word: str) -> float | None:
    bare = _CURRENCY.sub("", word).replace("\u200f", "").strip()
    if _THOUSANDS.fullmatch(bare):
        return float(bare.replace(",", ""))
    if _DECIMAL.fullmatch(bare) and len(bare) < 40:
        return float(bare.replace(",", "."))
    return None
