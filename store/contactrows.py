"""From a raw row to a contact's fields, or the reason why it is none."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TypeVar

from labels.frames import CHANNELS, DIRECTIONS
from store.cells import identifier_of, number_of, score_of, seconds_of, text_of, word_of
from store.dates import DateRules, find_order, moment
from store.encodings import REPLACEMENT
from store.mojibake import restore
from store.profiles import Profile
from store.rawrows import Cell, RawRow
from store.rejections import MAX_TEXT_CHARS, Rejection

T = TypeVar("T")
_NO_TEXT = re.compile(r"[\s\-_.,*]*")
_NOTHING_SAID = frozenset({"null", "none", "nan", "n/a", "#n/a"})
_NOBODY = frozenset({"0", "?", "לא ידוע", "לא מזוהה", "אנונימי", "ללא", "unknown", "anonymous"})
_RESOLVED = {
    **dict.fromkeys(("true", "1", "yes", "resolved", "closed"), True),
    **dict.fromkeys(("false", "0", "no", "open"), False),
}
# Employee numbers and the like: digits, or letters with at least one digit.
_AGENT_CODE = re.compile(r"(?=\D*\d)[0-9A-Za-zא-ת]{1,12}", re.ASCII)
_MIDDAY = time(12)  # a fixed day without a time: the same day in every zone near Israel's


@dataclass(frozen=True, slots=True)
class Contact:
    """A row that can be stored, its text cleaned and not yet masked; times in UTC.

    `place` is the row's place among the file's rows, from 0: several may begin on one line.
    """

    place: int
    given_id: str | None
    customer_id: str | None
    contacted_at: datetime
    channel: str
    queue: str | None
    agent_id: str | None
    direction: str
    text: str
    product: str | None
    team: str | None
    segment: str | None
    handle_seconds: float | None
    crm_resolved: bool | None
    survey_resolved: bool | None
    nps: float | None
    csat: float | None


class _RejectedError(Exception):
    """Leaves a row's conversion at the first reason found."""

    def __init__(self, code: Rejection) -> None:
        super().__init__(code)
        self.code = code


class ContactReader:
    """Converts the rows of one file by its profile; built once a file."""

    def __init__(self, profile: Profile, rows: Sequence[RawRow], now: datetime) -> None:
        self._profile = profile
        self._columns = profile.columns
        self._dates = date_rules(profile, rows, ("contacted_at", "date"), now)
        values = profile.values
        self._channels = known_words({name: name for name in CHANNELS}, values.channel)
        self._directions = known_words({name: name for name in DIRECTIONS}, values.direction)
        self._resolved = {
            "crm_resolved": known_words(_RESOLVED, values.crm_resolved),
            "survey_resolved": known_words(_RESOLVED, values.survey_resolved),
        }
        self._queues = known_words({}, values.queue)

    def read(self, place: int, row: RawRow) -> Contact | Rejection:
        """Return the row's contact, or the first reason why there is none."""
        if row.problem:
            return row.problem
        cells = {field: row.cells.get(header) for field, header in self._columns.items()}
        try:
            return self._contact(place, cells)
        except _RejectedError as rejected:
            return rejected.code

    def _contact(self, place: int, cells: Mapping[str, Cell]) -> Contact:
        text = _text(cells["text"])
        if any(isinstance(cell, str) and REPLACEMENT in cell for cell in cells.values()):
            raise _RejectedError(Rejection.BROKEN_ENCODING)
        defaults = self._profile.defaults
        queue = _category(cells.get("queue")) or defaults.queue
        return Contact(
            place=place,
            given_id=identifier_of(cells.get("contact_id")),
            customer_id=self._customer(cells),
            contacted_at=self._moment(cells),
            channel=_choice(cells.get("channel"), self._channels, defaults.channel),
            queue=self._queues.get((queue or "").casefold(), queue),
            agent_id=agent_of(cells.get("agent_id")),
            direction=_choice(cells.get("direction"), self._directions, defaults.direction),
            text=text,
            product=_category(cells.get("product")) or defaults.product,
            team=_category(cells.get("team")) or defaults.team,
            segment=_category(cells.get("segment")) or defaults.segment,
            handle_seconds=_accepted(seconds_of(cells.get("handle_seconds"))),
            crm_resolved=self._truth("crm_resolved", cells),
            survey_resolved=self._truth("survey_resolved", cells),
            nps=_accepted(score_of(cells.get("nps"), 0, 10)),
            csat=_accepted(score_of(cells.get("csat"), 1, 5)),
        )

    def _customer(self, cells: Mapping[str, Cell]) -> str | None:
        if self._profile.no_customer:
            return None
        # A contact of an unknown customer still happened: it is counted, apart (signals.md).
        found = customer_of(cells["customer_id"])
        return None if isinstance(found, Rejection) else found

    def _truth(self, field: str, cells: Mapping[str, Cell]) -> bool | None:
        return self._resolved[field].get((_category(cells.get(field)) or "").casefold())

    def _moment(self, cells: Mapping[str, Cell]) -> datetime:
        day = cells["contacted_at"] if "contacted_at" in cells else cells.get("date")
        clock = cells.get("time")
        fixed = self._profile.dates.fixed
        if fixed is not None and "contacted_at" not in cells and "date" not in cells:
            day = fixed
            clock = _MIDDAY if clock is None else clock
        return _accepted(moment(day, clock, self._dates))


def date_rules(
    profile: Profile, rows: Sequence[RawRow], fields: Sequence[str], now: datetime
) -> DateRules:
    """Return how a file's dates are read; an `auto` order is found in the dates themselves."""
    headers = [profile.columns[field] for field in fields if field in profile.columns]
    order = profile.dates.order
    if order == "auto":
        order = find_order(row.cells.get(header) for row in rows for header in headers)
    return DateRules(order, profile.zone, now)


def customer_of(cell: Cell) -> str | Rejection:
    """Return a customer's id; a word that stands for nobody is a missing one."""
    customer = identifier_of(cell)
    if customer is None or customer.casefold() in _NOBODY:
        return Rejection.MISSING_CUSTOMER
    return customer


def agent_of(cell: Cell) -> str | None:
    """Return what an agent is stored as: a code as it is, a name or an address as `agent-` and hex.

    The eight hex digits are the start of the SHA-256 of the case-folded words, the same in every
    export. This hides a name from whoever reads the store; it does not protect against guessing,
    for anyone can hash the names of a team and compare.
    """
    agent = identifier_of(cell)
    if agent is None or _AGENT_CODE.fullmatch(agent):
        return agent
    return f"agent-{hashlib.sha256(agent.casefold().encode()).hexdigest()[:8]}"


def known_words(known: Mapping[str, T], mapped: Mapping[str, T]) -> dict[str, T]:
    """Return word -> value for looking up; the profile's own words win, case does not count."""
    return {word.casefold(): value for word, value in known.items()} | {
        " ".join(word.split()).casefold(): value for word, value in mapped.items()
    }


def amount_of(cell: Cell) -> float | Rejection | None:
    """Return an amount in shekels."""
    return number_of(cell, -(10**9), 10**9)


def _text(cell: Cell) -> str:
    text = text_of(cell).strip()
    if _NO_TEXT.fullmatch(text) or text.casefold() in _NOTHING_SAID:
        raise _RejectedError(Rejection.EMPTY_TEXT)
    if len(text) > MAX_TEXT_CHARS:
        raise _RejectedError(Rejection.TEXT_TOO_LONG)
    restored = restore(text)
    if restored is None:
        raise _RejectedError(Rejection.BROKEN_ENCODING)
    return text_of(restored).strip()


def _category(cell: Cell) -> str | None:
    word = word_of(cell)
    if word is None or word.isascii():
        return word
    restored = restore(word)
    if restored is None:
        raise _RejectedError(Rejection.BROKEN_ENCODING)
    return restored


def _choice(cell: Cell, known: Mapping[str, T], default: T) -> T:
    word = _category(cell)
    if word is None:
        return default
    if word.casefold() not in known:
        raise _RejectedError(Rejection.UNKNOWN_VALUE)
    return known[word.casefold()]


def _accepted(value: T | Rejection) -> T:
    if isinstance(value, Rejection):
        raise _RejectedError(value)
    return value
