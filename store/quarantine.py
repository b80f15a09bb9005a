"""The rows that could not be stored, as the quarantine keeps them: whole, but masked."""

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pandas as pd

from nlp.normalize import clean
from store.cells import identifier_of
from store.contactrows import agent_of
from store.profiles import Profile
from store.rawrows import RAW, Cell, RawRow
from store.rejections import Rejection

Mask = Callable[[Iterable[str]], Iterable[str]]
Pseudonym = Callable[[str], str]
COLUMNS = ("file", "line", "code", "reason_he", "reason_en", "row")
_LONGEST_ID = 64
_IDENTIFIER = re.compile(r"[\w./#-]{1,64}")
_POSSIBLE_ID = re.compile(r"\d{5,}", re.ASCII)
_MISALIGNED = frozenset({Rejection.WRONG_CELL_COUNT, Rejection.BROKEN_JSON})


def rejected_frame(
    path: Path,
    rejected: Sequence[tuple[RawRow, Rejection]],
    profile: Profile,
    mask: Mask,
    pseudonym: Pseudonym | None,
) -> pd.DataFrame:
    """Return one row a rejected record, by line: file, line, code, both reasons, and the record.

    `row` is the record's cells as JSON. Every text is masked; so is a number that masking finds
    to be personal. Ids stay, or become pseudonyms where those are wanted; agents stand as they are
    stored. In a record whose cells stand in the wrong places nobody knows which is the id: there
    each run of five digits that masking left becomes a pseudonym.
    """
    ordered = sorted(rejected, key=lambda one: one[0].line)
    keeper = _Keeper(profile, pseudonym)
    records = [keeper.cells(row) for row, _ in ordered]
    texts = [value for record in records for value in record.values() if isinstance(value, str)]
    masked = dict(zip(texts, mask(texts), strict=True))
    rows = [
        json.dumps({h: keeper.shown(v, masked) for h, v in record.items()}, ensure_ascii=False)
        for record in records
    ]
    codes = [code for _, code in ordered]
    return pd.DataFrame(
        {
            "file": pd.Series([path.name] * len(rows), dtype=object),
            "line": pd.Series([row.line for row, _ in ordered], dtype="int64"),
            "code": pd.Series([str(code) for code in codes], dtype=object),
            "reason_he": pd.Series([code.he for code in codes], dtype=object),
            "reason_en": pd.Series([code.en for code in codes], dtype=object),
            "row": pd.Series(rows, dtype=object),
        },
        columns=list(COLUMNS),
    )


class _Id(str):
    """An id that is not to be masked."""

    __slots__ = ()


class _Unplaced(str):
    """A text that may hold an id anywhere: masked first, then its runs of digits replaced."""

    __slots__ = ()


Kept = str | int | float | bool | None | _Id


class _Keeper:
    """Turns raw cells to what may be kept, before masking."""

    def __init__(self, profile: Profile, pseudonym: Pseudonym | None) -> None:
        self._customer = profile.columns.get("customer_id")
        self._contact = profile.columns.get("contact_id")
        self._agent = profile.columns.get("agent_id")
        self._pseudonym = pseudonym

    def cells(self, row: RawRow) -> dict[str, Kept]:
        misaligned = row.problem in _MISALIGNED
        return {
            clean(header): self._kept(header, cell, misaligned)
            for header, cell in row.cells.items()
        }

    def _kept(self, header: str, cell: Cell, misaligned: bool) -> Kept:
        value = _plain(cell)
        if misaligned:
            return self._with_pseudonyms(value, header)
        if header == self._agent:
            agent = agent_of(cell)
            return value if agent is None else _Id(agent)
        identifier = identifier_of(cell) if header in (self._customer, self._contact) else None
        if identifier is None or len(identifier) > _LONGEST_ID:
            return value
        if header == self._customer and self._pseudonym:
            return _Id(self._pseudonym(identifier))
        return _Id(identifier) if _IDENTIFIER.fullmatch(identifier) else value

    def _with_pseudonyms(self, value: Kept, header: str) -> Kept:
        pseudonym = self._pseudonym
        if pseudonym is None or value is None or isinstance(value, bool):
            return value
        whole = str(value).strip()
        if header == self._customer and header != RAW and _IDENTIFIER.fullmatch(whole):
            return _Id(pseudonym(whole))
        return _Unplaced(value)

    def shown(self, value: Kept, masked: dict[str, str]) -> Kept:
        """Return what is kept of a value, given the masked form of every text."""
        if not isinstance(value, str) or isinstance(value, _Id):
            return value
        text, pseudonym = masked[value], self._pseudonym
        if pseudonym is None or not isinstance(value, _Unplaced):
            return text
        return _POSSIBLE_ID.sub(lambda digits: pseudonym(digits.group()), text)


def _plain(cell: Cell) -> Kept:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, (datetime, date, time)):
        return _Id(cell.isoformat())
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= 10**6:
        return str(cell)  # long enough to be a phone or an identity number: to be masked
    return cell
